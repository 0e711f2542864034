"""Faults, with real processes, signals and limits: nothing is lost, nothing hangs, nothing half done stays."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cleaner import pool
from cleaner.batch import clean_batch
from cleaner.errors import ChildError, RuleError
from cleaner.journal import _entries
from cleaner.model import Article, Limits, Options, Source

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits as POSIX has them")
needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc")

#: Nothing here takes as long as this, on the busiest machine; whatever does, hangs.
FOREVER = 120
#: A run is killed after so many at the latest, so that thirty kills take no longer on a busy machine.
MOST_SECONDS = 3.0
#: Lets a page hang until it is killed by somebody else.
PATIENCE = ("--page-timeout", "300")

PROSE = (
    "The ferry of {n} o’clock left the harbour late again, and most of those who had waited for it on the windy quay "
    "had already gone home to their families by the time its lights came round the mole.\n\nShare this:\n\n"
    "Nobody on board could say what had held it up, though captain {n} blamed the new ticket machines.\n"
)


# --- A command that does what pages tell it --------------------------------------------------------------------------

#: Runs `clean`, but each page that holds one of these words does its deed once it is cleaned.
HOSTILE = r"""
    import os, time
    import cleaner.render
    from cleaner.cli import main

    honest = cleaner.render.present
    DEEDS = {
        "HANG": lambda: time.sleep(600),
        "SLOW": lambda: time.sleep(0.1),
        "CRASH": lambda: os.abort(),
        "GORGE": lambda: [bytearray(1 << 28) for _ in range(1 << 10)],
    }

    def present(article, *args, **more):
        with open(__file__.replace("hostile.py", "done.log"), "a") as log:
            log.write(article.id + "\n")
        for word, deed in DEEDS.items():
            if word in article.text:
                deed()
        return honest(article, *args, **more)

    if __name__ == "__main__":
        cleaner.render.present = present
        main()
"""


@pytest.fixture
def hostile(tmp_path: Path) -> list[str]:
    """The command line of `clean` with pages that do harm."""
    script = tmp_path / "hostile.py"
    script.write_text(textwrap.dedent(HOSTILE), encoding="utf-8")
    return [sys.executable, str(script)]


CLEAN = [sys.executable, "-m", "cleaner"]


def start(command: list[str], *args: str | Path, **more: Any) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*command, *map(str, args)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more
    )


def run(command: list[str], *args: str | Path, **more: Any) -> tuple[int, str]:
    """Run a command to its end; its exit code, and what it said."""
    with start(command, *args, **more) as process:
        said = all_said(process)
    return process.returncode, said


def all_said(process: subprocess.Popen[bytes]) -> str:
    """What a process said until its end, without the lines that tell how it got on: a busy machine sees some."""
    said = process.communicate(timeout=FOREVER)[1].decode()
    assert "Traceback" not in said
    return re.sub(r"clean: [\d,]+ read, .* a second, .*\n", "", said)


def wait_until(done: Callable[[], object]) -> None:
    end = time.monotonic() + FOREVER
    while not done():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def children_of(pid: int) -> list[int]:
    """The processes that have this one as their parent."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def kill_with_children(process: subprocess.Popen[bytes]) -> None:
    """Kill a run of which a child hangs: that child would go only when its page's time is up."""
    children = children_of(process.pid)
    process.kill()
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has asked for its exit code yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def write_pages(folder: Path, count: int, words: dict[int, str] | None = None) -> Path:
    folder.mkdir()
    for number in range(count):
        text = PROSE.format(n=f"{number} {(words or {}).get(number, '')}")
        (folder / f"{number:04}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder of 150 pages."""
    return write_pages(tmp_path / "in", 150)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- The parent is killed --------------------------------------------------------------------------------------------


@needs_proc
@pytest.mark.parametrize(("name", "kills"), [("out.jsonl", 15), ("out.jsonl.zst", 5), ("tree/", 10)])
def test_kill_minus_nine_at_any_moment(tmp_path: Path, pages: Path, name: str, kills: int) -> None:
    """Whenever a run is killed, nothing partial stands under a final name, and what is taken up ends the same."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    cut.mkdir()
    began = time.monotonic()
    assert run(CLEAN, pages, "-o", f"{whole}/{name}")[0] == 0
    seconds = time.monotonic() - began
    moments = random.Random(name)
    children: set[int] = set()
    for _ in range(kills):
        with start(CLEAN, pages, "-o", f"{cut}/{name}", "-j", "2", "--resume") as process:
            time.sleep(moments.uniform(0, min(seconds, MOST_SECONDS)))
            children.update(children_of(process.pid))
            process.kill()
        final = {path: data for path, data in contents(cut).items() if ".clean-" not in path}
        assert final.items() <= contents(whole).items(), "something partial stands under a final name"
        if process.returncode == 0:  # it was faster
            shutil.rmtree(cut)
            cut.mkdir()
    code, said = run(CLEAN, pages, "-o", f"{cut}/{name}", "--resume")
    assert (code, said) == (0, "150 read = 150 cleaned + 0 empty + 0 failed\n")
    assert contents(cut) == contents(whole)
    wait_until(lambda: all(map(is_gone, children)))


def test_finished_work_is_not_done_again(tmp_path: Path, hostile: list[str]) -> None:
    folder = write_pages(tmp_path / "in", 30, {20: "HANG"})
    args = (folder, "-o", tmp_path / "out.jsonl", *PATIENCE)
    with start(hostile, *args) as process:
        wait_until(lambda: count_done(tmp_path / ".out.jsonl.clean-run") == 20)
        kill_with_children(process)
    (folder / "0020.txt").write_text("This one was not done, so it may be another by now.\n", encoding="utf-8")
    code, said = run(hostile, *args, "--resume", "--report", tmp_path / "report.json")
    assert (code, said) == (0, "30 read = 30 cleaned + 0 empty + 0 failed\n")
    done = (tmp_path / "done.log").read_text(encoding="utf-8").split()
    assert sorted(done) == sorted([*names(folder), "0020.txt"]), "only the page that hung comes up twice"
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["counts"]["cleaned"] == 30
    assert [name for name in names(tmp_path) if "clean" in name] == []


def count_done(state: Path) -> int:
    """How many inputs a run that is going on, or was cut short, has kept."""
    return len(list(_entries(state)))


# --- Children are killed, stopped, or never get going ----------------------------------------------------------------


def sources(count: int) -> list[Source]:
    return [Source(PROSE.format(n=number).encode(), id=f"page-{number}") for number in range(count)]


def test_killed_and_stopped_children_are_replaced() -> None:
    expected = list(clean_batch(sources(200)))
    results = clean_batch(sources(200), jobs=2, limits=Limits(seconds=8))
    found = [next(results) for _ in range(20)]
    killed, stopped = multiprocessing.active_children()
    assert killed.pid
    assert stopped.pid
    os.kill(killed.pid, signal.SIGKILL)
    os.kill(stopped.pid, signal.SIGSTOP)
    found += results
    assert found == expected
    assert multiprocessing.active_children() == []


def test_a_child_is_stopped_in_the_middle_of_a_long_message() -> None:
    """Neither reading half an answer nor sending half a page waits for ever."""
    long = [Source(PROSE.format(n=number).encode() * 1_500, id=f"long-{number}") for number in range(3)]
    results = clean_batch([*sources(20), *long], jobs=1, limits=Limits(seconds=8))
    found = [next(results) for _ in range(3)]
    (child,) = multiprocessing.active_children()
    assert child.pid
    os.kill(child.pid, signal.SIGSTOP)
    found += results
    assert [result.id for result in found] == [source.id for source in [*sources(20), *long]]
    assert all(isinstance(result, Article) for result in found)


@needs_proc
def test_poison_among_good_pages(tmp_path: Path, hostile: list[str]) -> None:
    """A page that hangs, one that crashes and one that takes all memory: 497 others are as if they weren't there."""
    poison = {77: "HANG", 78: "CRASH", 400: "GORGE"}
    folder = write_pages(tmp_path / "in", 500, poison)
    limits = ("--page-timeout", "5", "--page-memory", "256M", "--errors", tmp_path / "errors.jsonl")
    code, said = run(hostile, folder, "-o", tmp_path / "with.jsonl", "-j", "2", *limits)
    assert code == 1
    assert said.splitlines()[-1] == "500 read = 497 cleaned + 0 empty + 3 failed"
    errors = [json.loads(line) for line in (tmp_path / "errors.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {error["id"]: error["reason"] for error in errors} == {
        "0077.txt": "took longer than 5 s; --page-timeout allows more",
        "0078.txt": "its process died (SIGABRT)",
        "0400.txt": "took more than 256 MiB of memory; --page-memory allows more",
    }
    for number in poison:
        (folder / f"{number:04}.txt").unlink()
    assert run(CLEAN, folder, "-o", tmp_path / "without.jsonl", "-j", "2")[0] == 0
    assert (tmp_path / "with.jsonl").read_bytes() == (tmp_path / "without.jsonl").read_bytes()
    tries = (tmp_path / "done.log").read_text(encoding="utf-8").split()
    assert [tries.count(f"{number:04}.txt") for number in poison] == [2, 2, 2]


@pytest.fixture
def other_python() -> Iterator[Callable[[Path, str], None]]:
    """Have child processes begin as another program."""
    context = multiprocessing.get_context("spawn")

    def use(script: Path, does: str) -> None:
        script.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        script.chmod(0o755)
        context.set_executable(str(script))

    yield use
    context.set_executable(sys.executable)


@pytest.mark.parametrize("does", ["exit 1", "kill -9 $$", "exec sleep 600"])
def test_children_that_never_get_going(
    tmp_path: Path, other_python: Callable[[Path, str], None], does: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where `cleaner` cannot be imported in a child: the run ends, it does not hang."""
    if "sleep" in does:
        monkeypatch.setattr(pool, "START_LIMIT", 0.5)
    other_python(tmp_path / "python", does)
    with pytest.raises(ChildError, match="end before they begin"):
        list(clean_batch(sources(5), jobs=2))


def test_children_that_cannot_be_started(tmp_path: Path, other_python: Callable[[Path, str], None]) -> None:
    other_python(tmp_path / "python", "")
    (tmp_path / "python").unlink()
    with pytest.raises(ChildError):
        list(clean_batch(sources(5), jobs=1))


def test_rules_that_change_in_the_middle_of_a_run(tmp_path: Path) -> None:
    """A child that is started later would have other rules than the ones before it."""
    rule = tmp_path / "mine.toml"
    rule.write_text(RULE, encoding="utf-8")
    results = clean_batch(sources(100), Options(rules=(str(rule),)), jobs=1)
    next(results)
    rule.write_text(RULE.replace("gazette of", "gazette from"), encoding="utf-8")
    (child,) = multiprocessing.active_children()
    child.kill()
    with pytest.raises(RuleError, match="the rules were changed while they were in use"):
        list(results)


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
drop = ["Harbour Gazette of Port Example", "Harbour Gazette from Port Example"]
keep = ["He reads the Harbour Gazette of Port Example every morning."]
why = "prose about it"
"""


# --- The disk --------------------------------------------------------------------------------------------------------


def no_file_beyond(size: int) -> Callable[[], None]:
    """What a full disk looks like to a process: at some point nothing more can be written."""

    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("size", [0, 9_000, 40_000])
def test_a_full_disk(tmp_path: Path, pages: Path, size: int) -> None:
    assert run(CLEAN, pages, "-o", tmp_path / "whole.jsonl")[0] == 0
    code, said = run(CLEAN, pages, "-o", tmp_path / "cut.jsonl", preexec_fn=no_file_beyond(size))
    assert code == 2
    assert said.startswith("clean: cannot write to "), said
    assert said.count("\n") == 1
    assert [name for name in names(tmp_path) if ".tmp" in name or name == "cut.jsonl"] == []
    assert run(CLEAN, pages, "-o", tmp_path / "cut.jsonl", "--resume")[0] == 0
    assert (tmp_path / "cut.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


@pytest.mark.parametrize("name", ["out.jsonl", "tree/"])
def test_an_output_that_is_read_only(tmp_path: Path, pages: Path, name: str) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    if os.access(folder, os.W_OK):  # root writes everywhere but here
        folder = Path("/proc")
    code, said = run(CLEAN, pages, "-o", f"{folder}/{name}", "-j", "2")
    assert code == 2
    assert said.startswith(f"clean: cannot write to {folder}/")
    assert said.count("\n") == 1


def test_a_closed_pipe(pages: Path) -> None:
    with start(CLEAN, pages, "-j", "2") as process:
        assert process.stdout
        assert process.stderr
        assert json.loads(process.stdout.readline())["id"] == "0000.txt"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(FOREVER) == 0


# --- Inputs that change, runs that meet ------------------------------------------------------------------------------


@pytest.fixture
def cut_short(tmp_path: Path, hostile: list[str]) -> Path:
    """A folder of 30 pages; a run on it to `out.jsonl` was killed after 20, and the 21st, which hung, is mended."""
    folder = write_pages(tmp_path / "in", 30, {20: "HANG"})
    with start(hostile, folder, "-o", tmp_path / "out.jsonl", *PATIENCE) as process:
        wait_until(lambda: count_done(tmp_path / ".out.jsonl.clean-run") == 20)
        kill_with_children(process)
    (folder / "0020.txt").write_text(PROSE.format(n=20), encoding="utf-8")
    return folder


def test_a_run_that_was_cut_short_is_not_begun_anew_unasked(tmp_path: Path, cut_short: Path) -> None:
    code, said = run(CLEAN, cut_short, "-o", tmp_path / "out.jsonl")
    assert code == 2
    assert said.endswith("was cut short: take it up with --resume, or begin anew with --restart\n")
    assert run(CLEAN, cut_short, "-o", tmp_path / "out.jsonl", "--restart")[0] == 0
    assert run(CLEAN, cut_short, "-o", tmp_path / "whole.jsonl")[0] == 0
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert list(tmp_path.glob(".*")) == []


def test_inputs_that_change_under_a_run_that_was_cut_short(tmp_path: Path, cut_short: Path) -> None:
    def refused(why: str) -> None:
        code, said = run(CLEAN, cut_short, "-o", tmp_path / "out.jsonl", "--resume", *PATIENCE)
        assert code == 2
        assert said == f"clean: inputs that were done have changed since: {why}; put them back, or {ANEW}\n"

    page = cut_short / "0007.txt"
    before = page.read_bytes()
    page.write_bytes(before.replace(b"ferry", b"barge"))
    refused("0007.txt is not what it was")
    page.unlink()
    refused("0008.txt comes where 0007.txt came before")
    page.symlink_to("nowhere")
    refused("0007.txt can't be read any more: a symbolic link to nothing; mend or remove it")
    page.unlink()
    page.write_bytes(before)
    (cut_short / "0003a.txt").write_text("A page that nobody expected.\n", encoding="utf-8")
    refused("0003a.txt comes where 0004.txt came before")
    (cut_short / "0003a.txt").unlink()
    (cut_short / "0029a.txt").write_text("A page that comes after all that is done.\n", encoding="utf-8")
    code, said = run(CLEAN, cut_short, "-o", tmp_path / "out.jsonl", "--resume", *PATIENCE)
    assert (code, said) == (0, "31 read = 31 cleaned + 0 empty + 0 failed\n")


ANEW = "begin anew with --restart"


def test_options_that_change(tmp_path: Path, cut_short: Path) -> None:
    changes = {
        (*PATIENCE, "--title", "--precision"): "precision was false and is true, title was false and is true",
        (*PATIENCE, "--keep", "credit"): 'keep was [] and is ["credit"], ruleset was ',
        (): "page-timeout was 300.0 and is 20.0",
    }
    for options, change in changes.items():
        code, said = run(CLEAN, cut_short, "-o", tmp_path / "out.jsonl", "--resume", *options)
        assert code == 2
        assert said.startswith(f"clean: this is not the run that was cut short: {change}"), said
        assert said.endswith(f"; {ANEW}\n")


def test_inputs_that_go_away_during_a_run(tmp_path: Path, hostile: list[str]) -> None:
    """What can't be read any more when its turn comes has failed, and the rest of the run goes on."""
    folder = write_pages(tmp_path / "in", 600, {0: "SLOW"})
    with start(hostile, folder, "-o", tmp_path / "out.jsonl") as process:
        wait_until(lambda: count_done(tmp_path / ".out.jsonl.clean-run") > 0)
        (folder / "0599.txt").unlink()
        (folder / "0598.txt").write_bytes(b"")
        said = all_said(process)
    assert process.returncode == 1
    assert said.splitlines() == [
        "clean: 0599.txt: no such file or folder; check the path",
        "600 read = 598 cleaned + 1 empty + 1 failed",
    ]


def test_two_runs_on_one_output(tmp_path: Path, pages: Path) -> None:
    output = tmp_path / "out.jsonl"
    row = json.dumps({"text": PROSE.format(n=1)}).encode() + b"\n"
    with start(CLEAN, "-", "--from", "jsonl", "-o", output, stdin=subprocess.PIPE) as first:
        assert first.stdin
        first.stdin.write(row * 3)
        first.stdin.flush()
        wait_until(lambda: (tmp_path / ".out.jsonl.clean-run" / "lock").exists())
        wait_until(lambda: list(tmp_path.glob(".clean-*.tmp")))
        code, said = run(CLEAN, pages, "-o", output)
        assert code == 2
        assert said == f"clean: another run is writing to {output}; wait for it, or write elsewhere\n"
        first.stdin.close()
        assert first.wait(FOREVER) == 0
    assert len(output.read_bytes().splitlines()) == 3
    assert run(CLEAN, pages, "-o", output)[0] == 0
    assert names(tmp_path) == sorted(["out.jsonl", "in", *[f"in/{name}" for name in names(pages)]])


# --- Requests to stop ------------------------------------------------------------------------------------------------


def _hear_interrupts() -> None:
    """Undo what a shell does to commands in the background, whose children would never hear of Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("whole_group", [False, True])
def test_a_run_that_is_stopped_can_be_taken_up(
    tmp_path: Path, hostile: list[str], number: int, code: int, whole_group: bool
) -> None:
    """Pages under way are finished; a terminal's Ctrl-C reaches the children, too, and they don't mind."""
    folder = write_pages(tmp_path / "in", 120, dict.fromkeys(range(120), "SLOW"))
    output, state = tmp_path / "out.jsonl", tmp_path / ".out.jsonl.clean-run"
    more = {"start_new_session": True, "preexec_fn": _hear_interrupts}
    with start(hostile, folder, "-o", output, "-j", "2", "--report", tmp_path / "report.json", **more) as process:
        wait_until(lambda: count_done(state) > 2)
        (os.killpg if whole_group else os.kill)(process.pid, number)
        said = all_said(process)
    assert process.returncode == code
    lines = said.splitlines()
    assert lines[0] == "clean: stopping when the pages under way are done; once more stops at once"
    count = count_done(state)
    assert lines[1:] == [
        f"clean: stopped, and {count} inputs are done: go on with --resume",
        f"{count} read = {count} cleaned + 0 empty + 0 failed",
    ]
    assert 2 < count < 120
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["finished"] is False
    assert not output.exists()
    assert run(CLEAN, folder, "-o", output, "--resume")[0] == 0
    assert run(CLEAN, folder, "-o", tmp_path / "whole.jsonl")[0] == 0
    assert output.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


@needs_proc
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_second_request_stops_at_once(tmp_path: Path, hostile: list[str], number: int, code: int) -> None:
    folder = write_pages(tmp_path / "in", 30, {20: "HANG"})
    args = (folder, "-o", tmp_path / "out.jsonl", *PATIENCE)
    with start(hostile, *args, preexec_fn=_hear_interrupts) as process:
        wait_until(lambda: count_done(tmp_path / ".out.jsonl.clean-run") == 20)
        children = children_of(process.pid)
        process.send_signal(number)
        assert process.stderr
        assert process.stderr.readline().startswith(b"clean: stopping when")
        process.send_signal(number)
        all_said(process)
    assert process.returncode == code
    assert not (tmp_path / "out.jsonl").exists()
    assert list(tmp_path.glob(".*.tmp")) == []
    wait_until(lambda: all(map(is_gone, children)))
    assert count_done(tmp_path / ".out.jsonl.clean-run") == 20
