"""The command line, as a person or a script uses it: outputs, one clear line per trouble, exit codes."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from cleaner.catalogue import entry
from cleaner.cli import cli
from cleaner.rules import load_rules
from cleaner.version import VERSION

ROOT = Path(__file__).parent.parent
needs_posix = pytest.mark.skipif(os.name != "posix", reason="signals and pipes as POSIX has them")

PROSE = (
    "The last ferry of the evening left the harbour twenty minutes late, and most of those who had waited for it "
    "on the windy quay had already gone home to their families by the time its lights came round the mole."
)
SECOND = (
    "Nobody on board could say what had held it up, though the captain, who has run the line for thirty years, "
    "blamed the new ticket machines and the tourists who had never seen one like them before."
)
TEXT = f"1,234 Shares\n\n{PROSE}\n\n{SECOND}\n"
BODY = f"{PROSE}\n\n{SECOND}\n"
HTML = (
    "<!doctype html><html lang=en><head><title>Late again</title></head><body><main><h1>Late again</h1>"
    f"<p>{PROSE}</p><p>{SECOND} Ask <a href='/line'>the line</a>.</p></main></body></html>"
)


def clean(*args: str | Path, stdin: str | bytes | None = None) -> Result:
    """Run `clean` in this process; its standard input is a pipe, never a terminal."""
    return CliRunner().invoke(cli, [str(arg) for arg in args], input=stdin)


def started(*args: str | Path, **more: Any) -> subprocess.Popen[bytes]:
    """Start `python -m cleaner` as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "cleaner", *map(str, args)]
    more.setdefault("preexec_fn", _listen_to_interrupts)
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, **more)


def _listen_to_interrupts() -> None:
    """Undo what a shell does to commands in the background, whose children would never hear of Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def records(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def messages(result: Result) -> list[str]:
    return result.stderr.splitlines()


@pytest.fixture
def scrapes(tmp_path: Path) -> Path:
    """A folder of two pages, one of them in a folder of its own."""
    folder = tmp_path / "scrapes"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "sub" / "b.html").write_text(HTML, encoding="utf-8")
    return folder


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


class TestOutput:
    def test_one_document_is_text_on_stdout(self, page: Path) -> None:
        result = clean(page)
        assert result.stdout == BODY
        assert messages(result) == ["1 read = 1 cleaned + 0 empty + 0 failed"]
        assert result.exit_code == 0

    def test_run_is_the_default_command(self, page: Path) -> None:
        assert clean("run", page).stdout == clean(page).stdout
        assert clean("-q", page).stdout == BODY

    def test_stdin(self) -> None:
        assert clean(stdin=TEXT).stdout == BODY
        assert clean("-", stdin=TEXT).stdout == BODY
        assert clean("--to", "jsonl", stdin=TEXT).exit_code == 0

    def test_several_documents_are_json_lines_on_stdout(self, scrapes: Path) -> None:
        result = clean(scrapes)
        assert [record["id"] for record in records(result.stdout)] == ["a.txt", "sub/b.html"]
        assert records(result.stdout)[0]["text"] == BODY

    def test_quiet_leaves_out_the_sum_only(self, page: Path, tmp_path: Path) -> None:
        result = clean("--quiet", page, tmp_path / "none.txt")
        assert len(messages(result)) == 1
        assert "none.txt" in result.stderr

    def test_a_tree(self, scrapes: Path, tmp_path: Path) -> None:
        result = clean(scrapes, "-o", f"{tmp_path}/out/")
        assert result.stdout == ""
        assert (tmp_path / "out/a.txt.txt").read_text(encoding="utf-8") == BODY
        assert (tmp_path / "out/sub/b.html.txt").is_file()
        assert messages(result) == ["2 read = 2 cleaned + 0 empty + 0 failed"]

    @pytest.mark.parametrize("name", ["out", "out.d/"])
    def test_what_is_a_tree(self, page: Path, tmp_path: Path, name: str) -> None:
        assert clean(page, "-o", f"{tmp_path}/{name}").exit_code == 0
        assert (tmp_path / name / "page.txt.txt").is_file()

    def test_an_existing_folder_is_a_tree(self, page: Path, tmp_path: Path) -> None:
        (tmp_path / "x.jsonl").mkdir()
        assert clean(page, "-o", tmp_path / "x.jsonl", "--to", "jsonl").exit_code == 0
        assert json.loads((tmp_path / "x.jsonl" / "page.txt.json").read_text())["id"] == "page.txt"

    def test_json_lines_in_a_packed_file(self, scrapes: Path, tmp_path: Path) -> None:
        assert clean(scrapes, "-o", tmp_path / "out.jsonl.gz").exit_code == 0
        assert len(records(gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()).decode())) == 2

    def test_markdown_by_suffix_with_title_and_links(self, scrapes: Path, tmp_path: Path) -> None:
        source = scrapes / "sub" / "b.html"
        assert clean(source, "-o", tmp_path / "b.md", "--title", "--url", "https://example.org/news/").exit_code == 0
        written = (tmp_path / "b.md").read_text(encoding="utf-8")
        assert written.startswith(f"# Late again\n\n{PROSE}\n\n")
        assert written.endswith("Ask [the line](https://example.org/line).\n")

    def test_title_in_text(self, scrapes: Path) -> None:
        assert clean(scrapes / "sub" / "b.html", "--title").stdout.startswith(f"Late again\n\n{PROSE}\n")

    def test_records_may_hold_markdown_and_keep_their_title_apart(self, scrapes: Path) -> None:
        found = records(clean(scrapes, "--to", "markdown", "--title").stdout)
        assert "Ask the line." in found[1]["text"]
        assert not found[1]["text"].startswith("# ")

    def test_several_jobs_give_the_same_bytes(self, scrapes: Path) -> None:
        for number in range(40):
            (scrapes / f"{number}.txt").write_text(TEXT.replace("ferry", f"ferry {number}"), encoding="utf-8")
        one, two = clean(scrapes), clean(scrapes, "-j", "2")
        assert one.stdout == two.stdout
        assert len(records(one.stdout)) == 42

    def test_dash_is_standard_output(self, page: Path) -> None:
        assert clean(page, "-o", "-").stdout == BODY


class TestOptions:
    def test_field_names(self) -> None:
        rows = "".join(json.dumps({"key": f"k{n}", "raw": TEXT, "at": "https://example.org/"}) + "\n" for n in (1, 2))
        args = ("--from", "jsonl", "--text-field", "raw", "--id-field", "key", "--url-field", "at")
        found = records(clean(*args, stdin=rows).stdout)
        assert [(record["id"], record["url"], record["text"]) for record in found] == [
            ("k1", "https://example.org/", BODY),
            ("k2", "https://example.org/", BODY),
        ]

    def test_url_is_for_one_page(self, scrapes: Path) -> None:
        assert json.loads(clean(scrapes / "a.txt", "--to", "jsonl", "--url", "https://x.example/").stdout)["url"]
        result = clean(scrapes, "--url", "https://x.example/")
        assert result.exit_code == 2
        assert messages(result)[0].startswith("clean: --url is the address of one page")

    def test_precision_and_recall_shift_the_threshold(self, page: Path) -> None:
        totals = {}
        for flag in ((), ("--precision",), ("--recall",)):
            shown = json.loads(clean("explain", page, "--json", *flag).stdout)
            totals[flag] = [block["keep"] for block in shown["blocks"]]
        assert sum(totals[("--precision",)]) <= sum(totals[()]) <= sum(totals[("--recall",)])

    def test_precision_and_recall_exclude_each_other(self, page: Path) -> None:
        result = clean(page, "--precision", "--recall")
        assert messages(result) == ["clean: --precision and --recall exclude each other, give one of them"]
        assert result.exit_code == 2

    def test_a_kind_may_stay(self, page: Path) -> None:
        assert "1,234 Shares" not in clean(page).stdout
        kinds = [code for code in records(clean("rules", "list", "--json").stdout) if code["kind"] == "counter"]
        assert kinds

    def test_user_rules(self, page: Path, tmp_path: Path) -> None:
        rule = tmp_path / "mine.toml"
        rule.write_text(RULE, encoding="utf-8")
        page.write_text(f"{TEXT}\nHarbour Gazette of Port Example\n", encoding="utf-8")
        shown = json.loads(clean("explain", page, "--json", "--rules", rule).stdout)
        assert [block["kind"] for block in shown["blocks"]][-1] == "masthead"
        assert "MST487" in [evidence["source"] for evidence in shown["blocks"][-1]["evidence"]]


RULE = """
[[rule]]
code = "MST487"
name = "harbour-gazette"
kind = "masthead"
summary = "The Harbour Gazette's name"
scope = "line"
match = "whole"
decisive = true
[rule.phrases]
en = ["harbour gazette of port example"]
[[rule.example]]
drop = ["Harbour Gazette of Port Example"]
keep = ["He reads the Harbour Gazette of Port Example every morning."]
why = "prose about it"
"""


class TestBadInput:
    """One clear line, the right exit code, and the rest done."""

    def refused(self, result: Result, pattern: str) -> None:
        """The run stopped before it began, with one line."""
        assert result.exit_code == 2
        assert result.stdout == ""
        assert len(messages(result)) == 1, result.stderr
        assert re.search(pattern, result.stderr), result.stderr

    def one_failed(self, result: Result, pattern: str, cleaned: int = 1) -> None:
        """One input failed, with one line, and the others were cleaned."""
        assert result.exit_code == 1
        *lines, total = messages(result)
        assert len(lines) == 1, result.stderr
        assert re.search(pattern, lines[0]), result.stderr
        assert total == f"{cleaned + 1} read = {cleaned} cleaned + 0 empty + 1 failed"

    def test_an_empty_file(self, page: Path, tmp_path: Path) -> None:
        (tmp_path / "empty.html").touch()
        result = clean(page, tmp_path / "empty.html")
        assert messages(result) == ["2 read = 1 cleaned + 1 empty + 0 failed"]
        assert [record["status"] for record in records(result.stdout)] == ["ok", "empty"]
        assert result.exit_code == 0

    def test_a_binary_file(self, page: Path, tmp_path: Path) -> None:
        (tmp_path / "binary.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50)
        self.one_failed(clean(page, tmp_path / "binary.html"), r"^clean: binary\.html: .*PNG")

    def test_a_wrong_extension(self, page: Path, tmp_path: Path) -> None:
        (tmp_path / "page.pdf").write_text(TEXT, encoding="utf-8")
        assert records(clean(page, tmp_path / "page.pdf").stdout)[1]["text"] == BODY
        (tmp_path / "not.jsonl").write_text(TEXT, encoding="utf-8")
        result = clean(page, tmp_path / "not.jsonl")
        assert result.exit_code == 1
        assert "not.jsonl" in messages(result)[0]
        assert records(result.stdout)[0]["text"] == BODY

    def test_a_missing_file(self, page: Path, tmp_path: Path) -> None:
        self.one_failed(clean(page, tmp_path / "none.html"), r"^clean: none\.html: no such file")

    @needs_posix
    def test_an_unreadable_file(self, page: Path, tmp_path: Path) -> None:
        locked = tmp_path / "locked.txt"
        locked.write_text(TEXT, encoding="utf-8")
        locked.chmod(0)
        if os.access(locked, os.R_OK):
            pytest.skip("root reads everything")
        self.one_failed(clean(page, locked), r"^clean: locked\.txt: no permission")

    @needs_posix
    def test_a_path_that_cannot_be_opened(self, page: Path) -> None:
        self.one_failed(clean(page, page / "below.txt"), r"^clean: page\.txt/below\.txt: ")
        self.one_failed(clean(page, page.parent / ("x" * 300)), r"^clean: x{300}: ")

    def test_a_broken_line_between_good_ones(self, tmp_path: Path) -> None:
        good = json.dumps({"text": TEXT})
        (tmp_path / "in.jsonl").write_text(f"{good}\n{{broken\n{good}\n", encoding="utf-8")
        result = clean(tmp_path / "in.jsonl")
        self.one_failed(result, r"^clean: in\.jsonl#2: .*not JSON", cleaned=2)
        assert [record["id"] for record in records(result.stdout)] == ["in.jsonl#1", "in.jsonl#3"]

    def test_an_unknown_field_name(self, tmp_path: Path) -> None:
        rows = [{"body": TEXT}, {"text": TEXT}]
        (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        result = clean(tmp_path / "in.jsonl")
        self.one_failed(result, r'^clean: in\.jsonl#1: .*"body".*--text-field')
        result = clean(tmp_path / "in.jsonl", "--from", "jsonl", "--text-field", "nonsense")
        assert '"nonsense"' in messages(result)[0]
        assert result.exit_code == 1

    def test_an_invalid_rule_file(self, page: Path, tmp_path: Path) -> None:
        (tmp_path / "bad.toml").write_text("[[rule]]\ncode = SHR001\n", encoding="utf-8")
        self.refused(clean(page, "--rules", tmp_path / "bad.toml"), r"^clean: .*bad\.toml:2: TOML: ")

    def test_a_rule_without_examples(self, page: Path, tmp_path: Path) -> None:
        (tmp_path / "bare.toml").write_text(RULE[: RULE.index("[[rule.example]]")], encoding="utf-8")
        self.refused(clean(page, "--rules", tmp_path / "bare.toml"), r"^clean: .*bare\.toml:\d+: MST487: .*example")

    def test_a_missing_rule_file(self, page: Path, tmp_path: Path) -> None:
        self.refused(clean(page, "--rules", tmp_path / "none.toml"), r"none\.toml: no such rule file")

    def test_an_unknown_code(self, page: Path) -> None:
        self.refused(clean(page, "--disable", "SHR0O1"), r"^clean: unknown rule SHR0O1, did you mean SHR\d01\?$")

    def test_an_unknown_kind(self, page: Path) -> None:
        self.refused(clean(page, "--keep", "credits"), r"^clean: unknown kind credits, did you mean credit\?$")

    def test_an_unwritable_output(self, page: Path, tmp_path: Path) -> None:
        self.refused(clean(page, "-o", tmp_path / "none" / "out.txt"), r"^clean: cannot write to .*out\.txt: No such")
        self.refused(clean(page, "-o", f"{page}/out/"), r"^clean: cannot write to .*out: Not a directory$")
        self.refused(clean(page, "--errors", tmp_path / "none" / "e"), r"^clean: cannot write to .*e: No such")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    def test_a_full_disk(self, page: Path) -> None:
        self.refused(
            clean(page, "-o", "/dev/full", "--to", "jsonl"), "^clean: cannot write to /dev/full: No space left"
        )
        with Path("/dev/full").open("wb") as full:
            process = subprocess.run(
                [sys.executable, "-m", "cleaner", str(page)], stdout=full, stderr=subprocess.PIPE, cwd=ROOT, check=False
            )
        assert process.stderr.decode() == "clean: cannot write to standard output: No space left on device\n"
        assert process.returncode == 2

    @needs_posix
    def test_a_closed_standard_output(self, page: Path) -> None:
        command = f"{sys.executable} -m cleaner {page} >&-"
        done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, check=False)
        assert done.stderr == b"clean: cannot write to standard output: it is closed\n"
        assert done.returncode == 2

    def test_several_documents_for_one_file(self, scrapes: Path, tmp_path: Path) -> None:
        result = clean(scrapes, "-o", tmp_path / "out.txt")
        self.refused(result, r"out\.txt holds one document, but there are several: use -o out/ or -o out\.jsonl$")
        assert not (tmp_path / "out.txt").exists()

    def test_an_unknown_output_suffix(self, page: Path, tmp_path: Path) -> None:
        self.refused(
            clean(page, "-o", tmp_path / "out.docx"), r"unknown suffix \.docx, use \.txt, \.md, \.jsonl or \.parquet"
        )

    def test_an_unknown_option(self, page: Path) -> None:
        self.refused(clean(page, "--nonsense"), r"^clean: No such option.*--nonsense.*; see clean run --help$")

    def test_a_failed_document_leaves_its_file_as_it_was(self, tmp_path: Path) -> None:
        (tmp_path / "out.txt").write_text("before\n")
        assert clean(tmp_path / "none.html", "-o", tmp_path / "out.txt").exit_code == 1
        assert (tmp_path / "out.txt").read_text() == "before\n"
        assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]

    def test_the_error_report_has_a_row_per_failure(self, page: Path, tmp_path: Path) -> None:
        (tmp_path / "binary.html").write_bytes(b"%PDF-1.7\n" + bytes(range(256)))
        clean(page, tmp_path / "none.html", tmp_path / "binary.html", "--errors", tmp_path / "e.jsonl")
        rows = records((tmp_path / "e.jsonl").read_text(encoding="utf-8"))
        assert [(row["id"], row["stage"]) for row in rows] == [("none.html", "read"), ("binary.html", "decode")]
        assert all(list(row) == ["id", "stage", "reason"] for row in rows)

    @needs_posix
    def test_a_file_name_cannot_drive_the_terminal(self, tmp_path: Path) -> None:
        result = clean(tmp_path / "a\x1b[2J\n.txt")
        assert "a\\x1b[2J\\n.txt" in messages(result)[0]
        assert "\x1b" not in result.stderr


class TestRun:
    """How a run goes: what is asked of it, and what it tells."""

    def test_dry_run_writes_nothing(self, scrapes: Path, tmp_path: Path) -> None:
        before = sorted(tmp_path.rglob("*"))
        options = ("--dry-run", "--report", tmp_path / "r.json", "--errors", tmp_path / "e.jsonl")
        result = clean(scrapes, "-o", f"{tmp_path}/out/", *options)
        sizes = [f"{len(text.encode()):,}" for text in (TEXT, HTML)]
        assert result.stdout.splitlines() == [
            f"a.txt ({sizes[0]} bytes) -> {tmp_path}/out/a.txt.txt",
            f"sub/b.html ({sizes[1]} bytes) -> {tmp_path}/out/sub/b.html.txt",
        ]
        assert messages(result) == ["2 read = 2 to clean + 0 failed; nothing was written"]
        assert sorted(tmp_path.rglob("*")) == before

    def test_dry_run_tells_what_cannot_be_read(self, page: Path, tmp_path: Path) -> None:
        result = clean(page, tmp_path / "none.txt", "--dry-run")
        assert result.stdout.endswith("bytes) -> standard output\n")
        assert messages(result)[0].startswith("clean: none.txt: no such file")
        assert messages(result)[1] == "2 read = 1 to clean + 1 failed; nothing was written"
        assert result.exit_code == 1

    def test_report(self, scrapes: Path, tmp_path: Path) -> None:
        result = clean(scrapes, scrapes / "none.txt", "-o", tmp_path / "o.jsonl", "--report", tmp_path / "r.json")
        assert result.exit_code == 1
        report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
        assert report["finished"] is True
        assert report["counts"] == {"read": 3, "cleaned": 2, "empty": 0, "failed": 1}
        assert report["removed"]["counter"] == 1
        assert report["rules"] == {"CNT001": 1}
        assert report["languages"] == {"en": 2}
        assert report["failures"][0]["reason"].startswith("no such file")
        assert report["run"]["ruleset"].startswith(f"{VERSION}+")
        assert report["run"]["python"]
        assert {page["id"] for page in report["slowest"]} == {"scrapes/a.txt", "scrapes/sub/b.html", "scrapes/none.txt"}

    def test_report_of_one_document(self, page: Path, tmp_path: Path) -> None:
        assert clean(page, "--report", tmp_path / "r.json").stdout == BODY
        assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["counts"]["cleaned"] == 1

    @pytest.mark.parametrize(
        ("options", "why"),
        [
            (("--resume",), "--resume needs an output that stays: -o PATH"),
            (("--resume", "-o", "-"), "--resume needs an output that stays: -o PATH"),
            (("--resume", "--restart", "-o", "x.jsonl"), "--resume and --restart exclude each other"),
            (("--resume", "-o", "x.jsonl", "-"), "standard input is gone then"),
            (("--page-memory", "lots"), "'lots' is no size, write it like 512M or 2G"),
            (("--page-memory", "1K"), "1K is too little for any page, give 128M or more"),
            (("--page-timeout", "0"), "--page-timeout"),
        ],
    )
    def test_options_that_make_no_sense(self, page: Path, options: tuple[str, ...], why: str) -> None:
        result = clean(page, *options)
        assert why in result.stderr
        assert len(messages(result)) == 1
        assert result.exit_code == 2

    @pytest.mark.parametrize("jobs", ["1", "3"])
    def test_records_that_trickle_in_come_out_at_once(self, jobs: str) -> None:
        """A record never waits for the one after the next; the second settles that there are several."""
        row = json.dumps({"text": TEXT}).encode() + b"\n"
        with started("-", "--from", "jsonl", "-j", jobs, stdin=subprocess.PIPE) as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write(row)
            for number in range(2, 5):
                process.stdin.write(row * number)
                process.stdin.flush()
                for _ in range(number + (number == 2)):
                    assert json.loads(process.stdout.readline())["text"] == BODY
            process.stdin.close()
            assert process.stdout.read() == b""


class TestExplain:
    def test_every_block_with_its_decision(self, page: Path) -> None:
        result = clean("explain", page)
        rows = [line for line in result.stdout.splitlines() if PROSE[:20] in line or "1,234 Shares" in line]
        assert [row[0] for row in rows] == ["-", " "]
        assert result.stdout.splitlines()[-1].startswith("3 blocks = 2 kept + 1 dropped")
        assert "\x1b" not in result.stdout
        assert result.exit_code == 0

    def test_json(self, page: Path) -> None:
        shown = json.loads(clean("explain", page, "--json").stdout)
        assert [block["keep"] for block in shown["blocks"]] == [False, True, True]
        assert all(block["evidence"] for block in shown["blocks"])

    def test_several_documents(self, scrapes: Path) -> None:
        assert len(records(clean("explain", scrapes, "--json").stdout)) == 2

    def test_a_missing_file(self, tmp_path: Path) -> None:
        result = clean("explain", tmp_path / "none.txt")
        assert messages(result)[0].startswith("clean: none.txt: no such file")
        assert result.exit_code == 1

    def test_why_of_one_block(self, page: Path) -> None:
        result = clean("explain", page, "--why", "1,234")
        assert result.stdout.startswith("page.txt, block 1: dropped as ")
        assert result.stdout.splitlines()[-1].endswith("in all; blocks go from +0 on")
        assert clean("explain", page, "--why", "1").stdout == result.stdout

    def test_why_of_several_blocks(self, tmp_path: Path) -> None:
        text = tmp_path / "many.txt"
        text.write_text("\n\n".join([f"{number}. {PROSE}" for number in range(14)]), encoding="utf-8")
        shown = clean("explain", text, "--why", "windy quay").stdout
        assert shown.count("in all; blocks go from") == 10
        assert shown.splitlines()[-1].startswith("4 more blocks contain it")

    def test_why_of_blocks_on_several_pages(self, scrapes: Path) -> None:
        shown = clean("explain", scrapes, "--why", "windy quay").stdout.split("\n\n")
        assert [part.split(",")[0] for part in shown if ", block" in part] == ["a.txt", "sub/b.html"]
        assert clean("explain", scrapes, "--why", "1,234").exit_code == 0

    def test_why_of_one_block_as_json(self, page: Path) -> None:
        [shown] = records(clean("explain", page, "--why", "1,234", "--json").stdout)
        assert (shown["number"], shown["keep"]) == (1, False)

    def test_why_of_no_block(self, page: Path) -> None:
        result = clean("explain", page, "--why", "nowhere\x1b")
        assert messages(result)[0].startswith("clean: no block contains 'nowhere\\x1b'; without --why")
        assert result.exit_code == 2

    def test_a_page_for_a_browser(self, scrapes: Path, tmp_path: Path) -> None:
        report = tmp_path / "report.html"
        result = clean("explain", scrapes, tmp_path / "none.txt", "--html", report)
        assert result.stdout == ""
        assert messages(result)[0].startswith("clean: none.txt: no such file")
        assert messages(result)[-1] == f"{report}: 3 read = 2 cleaned + 0 empty + 1 failed"
        assert result.exit_code == 1
        assert report.read_text(encoding="utf-8").startswith("<!doctype html>")

    def test_several_jobs_explain_alike(self, scrapes: Path, tmp_path: Path) -> None:
        assert clean("explain", scrapes, "--json", "-j", "2").stdout == clean("explain", scrapes, "--json").stdout
        one, two = tmp_path / "1.html", tmp_path / "2.html"
        clean("explain", scrapes, "--html", one)
        clean("explain", scrapes, "--html", two, "-j", "2")
        assert one.read_bytes() == two.read_bytes()

    def test_a_page_has_all_blocks(self, page: Path, tmp_path: Path) -> None:
        result = clean("explain", page, "--html", tmp_path / "report.html", "--why", "1")
        assert messages(result) == ["clean: --html writes a page about all blocks, give it without --why and --json"]
        assert result.exit_code == 2

    def test_a_page_that_cannot_be_written(self, page: Path, tmp_path: Path) -> None:
        result = clean("explain", page, "--html", tmp_path / "none" / "report.html")
        assert messages(result)[0].startswith("clean: cannot write to ")
        assert result.exit_code == 2

    @needs_posix
    def test_colour_on_a_terminal_only(self, page: Path) -> None:
        import pty

        for environment, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
            main, other = pty.openpty()
            command = [sys.executable, "-m", "cleaner", "explain", str(page)]
            subprocess.run(command, stdout=other, cwd=ROOT, env={**os.environ, **environment}, check=True)
            os.close(other)
            assert (b"\x1b[" in os.read(main, 100_000)) is coloured
            os.close(main)


class TestRules:
    def test_list(self) -> None:
        head, *rows = clean("rules", "list").stdout.splitlines()
        assert head.split() == ["code", "kind", "scope", "languages", "summary"]
        assert any(re.match(r"SHR\d{3}  share +\w+ ", row) for row in rows)

    def test_list_as_json(self) -> None:
        found = records(clean("rules", "list", "--json").stdout)
        assert {"code", "name", "kind", "scope", "languages", "summary", "verdict", "file"} == set(found[0])
        assert [rule["code"] for rule in found] == sorted(rule["code"] for rule in found)

    def test_show(self, tmp_path: Path) -> None:
        (tmp_path / "mine.toml").write_text(RULE, encoding="utf-8")
        shown = clean("rules", "show", "MST487", "--rules", tmp_path / "mine.toml").stdout
        assert shown.startswith("MST487 harbour-gazette (masthead)\n")
        assert 'phrases   en: "harbour gazette of port example"\n' in shown
        assert "drop      'Harbour Gazette of Port Example'\n" in shown
        assert "every morning.' (prose about it)\n" in shown

    def test_every_rule_can_be_shown(self) -> None:
        for rule in load_rules().rules:
            shown = list(entry(rule))
            assert shown[0] == f"{rule.code} {rule.name} ({rule.kind})"
            assert sum(line.startswith("drop ") for line in shown) >= 1
            assert sum(line.startswith("keep ") for line in shown) >= 1

    def test_show_an_unknown_code(self) -> None:
        result = clean("rules", "show", "SHR0O1")
        assert re.fullmatch(r"clean: unknown rule SHR0O1, did you mean SHR\d01\?\n", result.stderr)
        assert result.exit_code == 2

    def test_lint(self, tmp_path: Path) -> None:
        good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
        good.write_text(RULE, encoding="utf-8")
        result = clean("rules", "lint", good)
        assert result.stdout == "1 rule, no problems\n"
        assert result.exit_code == 0
        other = RULE.replace("MST487", "MST488").replace('match = "whole"', 'match = "prefix"')
        bad.write_text(re.sub("keep = .*", 'keep = ["HARBOUR GAZETTE of Port Example!"]', other), encoding="utf-8")
        result = clean("rules", "lint", good, bad)
        assert re.match(r'.*bad\.toml:\d+: MST488: keep "HARBOUR GAZETTE', result.stdout)
        assert len(result.stdout.splitlines()) == 1
        assert result.exit_code == 2

    def test_lint_goes_on_after_a_file_that_is_no_toml(self, tmp_path: Path) -> None:
        (tmp_path / "a.toml").write_text("not toml", encoding="utf-8")
        (tmp_path / "b.toml").write_text(RULE.replace("masthead", "mastheads"), encoding="utf-8")
        result = clean("rules", "lint", tmp_path / "a.toml", tmp_path / "b.toml")
        assert [row.split(":")[2].strip() for row in result.stdout.splitlines()] == ["TOML", "MST487"]
        assert result.exit_code == 2


class TestHelp:
    def commands(self) -> list[list[str]]:
        """All commands there are, found by walking, so that a new one can't be forgotten."""
        found: list[list[str]] = []

        def walk(command: click.Command, path: list[str]) -> None:
            found.append(path)
            if isinstance(command, click.Group):
                for name, one in command.commands.items():
                    walk(one, [*path, name])

        walk(cli, [])
        return found

    def test_every_help_has_an_example(self) -> None:
        for path in self.commands():
            result = clean(*path, "--help")
            assert result.exit_code == 0
            assert re.search(r"Examples?:\n +clean ", result.stdout), path

    def test_help_of_the_group_has_the_options_of_run(self) -> None:
        shown = clean("--help").stdout
        assert "--output" in shown
        assert "--version" in shown
        assert "explain" in shown

    def test_version(self) -> None:
        assert clean("--version").stdout == f"clean {VERSION}\n"

    @needs_posix
    def test_help_is_shown_where_nothing_can_be_read(self) -> None:
        import pty

        main, other = pty.openpty()
        with started(stdin=other) as process:
            assert process.communicate()[0].startswith(b"Usage: clean ")
        with started("--to", "text", stdin=other) as process:
            assert process.communicate()[1].startswith(b"clean: nothing to clean")
        assert process.returncode == 2
        os.close(main)
        os.close(other)


@needs_posix
class TestProcess:
    def many(self, folder: Path, count: int) -> Path:
        folder.mkdir()
        for number in range(count):
            (folder / f"{number:05}.txt").write_text(TEXT * 3, encoding="utf-8")
        return folder

    def test_a_closed_pipe_is_no_error(self, tmp_path: Path) -> None:
        with started(self.many(tmp_path / "in", 400)) as process:
            assert process.stdout
            assert process.stderr
            assert process.stdout.readline().startswith(b'{"id": "00000.txt"')
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 0

    @pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    @pytest.mark.parametrize("jobs", ["1", "2"])
    def test_signals_leave_nothing_half_done(self, tmp_path: Path, signum: int, code: int, jobs: str) -> None:
        (tmp_path / "out").mkdir()
        with started(
            "-", "--from", "jsonl", "-j", jobs, "-o", tmp_path / "out/x.jsonl", stdin=subprocess.PIPE
        ) as process:
            assert process.stdin
            row = json.dumps({"text": TEXT}).encode() + b"\n"
            process.stdin.write(row * ((1 << 20) // len(row) + 20))  # standard input is read a mebibyte at a time
            process.stdin.flush()
            wait_until(lambda: any((tmp_path / "out").iterdir()))
            process.send_signal(signum)
            process.stdin.close()
            # Python may end by the signal itself, when it came in the middle of an import: a shell shows the same code.
            assert process.wait(timeout=30) in (code, -signum)
            assert process.stderr
            assert b"Traceback" not in process.stderr.read()
        assert list((tmp_path / "out").iterdir()) == []

    def test_flat_text_imports_nothing_heavy(self, page: Path) -> None:
        program = (
            "import sys; from cleaner.cli import cli\n"
            "try: cli(sys.argv[1:])\n"
            "except SystemExit: pass\n"
            "print(*sys.modules, file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(page)], cwd=ROOT, capture_output=True, check=True, text=True
        )
        assert done.stdout == BODY
        loaded = set(done.stderr.split())
        assert "cleaner.pipeline" in loaded
        assert loaded & {"lxml", "trafilatura", "selectolax", "numpy", "ftfy", "rich", "multiprocessing"} == set()


def wait_until(done: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
