"""`clean rules`: searching, trying on pages, beginning, counting, and what editors are told."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from cleaner import schema
from cleaner.cli import cli
from cleaner.editors import rule_schema
from cleaner.lint import hints, problems, read_rules
from cleaner.packs import shipped_paths
from cleaner.schema import RULE as KEYS
from cleaner.schema import SCOPES
from tests.test_config import PAGE, PROSE, RULE

VALIDATOR = jsonschema.Draft7Validator(rule_schema())


def clean(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args])


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a rule and a page that it would change."""
    (tmp_path / "mine.toml").write_text(RULE, encoding="utf-8")
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestList:
    def codes(self, *args: str | Path) -> list[str]:
        result = clean("rules", "list", "--json", *args)
        return [json.loads(line)["code"] for line in result.stdout.splitlines()]

    def test_words_are_looked_for_in_all_that_a_rule_says_however_they_are_written(self, room: Path) -> None:
        assert self.codes("MILLER", "tell", "--rules", "mine.toml") == ["SHR401"]
        assert self.codes("shr401", "--rules", "mine.toml") == ["SHR401"]
        assert set(self.codes("partager")) < set(self.codes())

    def test_kinds_and_languages(self, room: Path) -> None:
        shares = self.codes("--kind", "share")
        assert shares
        assert all(code.startswith("SHR") for code in shares)
        assert set(self.codes("--kind", "share", "--language", "de")) <= set(shares)

    @pytest.mark.parametrize(
        ("args", "message", "code"),
        [
            (["--kind", "shares"], "unknown kind shares, did you mean share?", 2),
            (["--language", "xx"], "unknown language xx, use one of ar, cs", 2),
            (["no-such-word"], "no rule has all that; leave out a word, or see all of them with: clean rules list", 0),
        ],
    )
    def test_what_is_not_there(self, room: Path, args: list[str], message: str, code: int) -> None:
        result = clean("rules", "list", *args)
        assert result.stderr.startswith(f"clean: {message}")
        assert (result.stdout, result.exit_code) == ("", code)


class TestTest:
    def test_blocks_that_would_go(self, room: Path) -> None:
        result = clean("rules", "test", "mine.toml", "page.txt")
        head, *rows, foot = [line for line in result.stdout.splitlines() if line]
        assert head == "1 rule, 2 examples as they should be"
        assert rows[0] == "page.txt"
        assert re.fullmatch(r"- +[+-]\d+  share SHR401  Tell the miller", rows[1])
        assert foot == "1 page, 1 would change: 1 block would go, 0 would stay"
        assert result.exit_code == 0

    def test_blocks_that_would_stay(self, room: Path) -> None:
        keeps = RULE.replace("decisive = true", "keeps = true").replace("Tell the miller", "Share this")
        keeps = keeps.replace("drop = ", "held = ").replace("keep = ", "drop = ").replace("held = ", "keep = ")
        keeps = (
            keeps.replace("TELL THE MILLER!", "Share this")
            .replace('why = "prose"', "")
            .replace('keep = ["Share this"]', 'keep = ["Share this"]\nwhy = "ours"')
        )
        (room / "mine.toml").write_text(keeps)
        result = clean("rules", "test", "mine.toml", "page.txt")
        assert re.search(r"^\+ +-\d+  kept by SHR401  Share this:$", result.stdout, re.M)
        assert result.stdout.endswith("1 page, 1 would change: 0 blocks would go, 1 would stay\n")

    def test_rules_in_use_already_are_left_out_of_what_they_are_compared_with(self, room: Path) -> None:
        (room / "clean.toml").write_text('rules = ["mine.toml"]\n')
        assert "1 block would go" in clean("rules", "test", "mine.toml", "page.txt").stdout

    def test_without_pages_only_examples_run(self, room: Path) -> None:
        assert clean("rules", "test", "mine.toml").stdout == "1 rule, 2 examples as they should be\n"

    def test_failing_examples_and_pages_are_named(self, room: Path) -> None:
        result = clean("rules", "test", "mine.toml", "none.txt", "page.txt")
        assert result.stderr.startswith("clean: none.txt: no such file")
        assert (result.exit_code, "1 page, 1 would change" in result.stdout) == (1, True)
        (room / "mine.toml").write_text(RULE.replace("TELL THE MILLER!", "Tell her"))
        result = clean("rules", "test", "mine.toml", "page.txt")
        assert result.stdout == 'mine.toml:11: SHR401: drop "Tell her": block "Tell her" is not matched\n'
        assert result.exit_code == 2


class TestNew:
    @pytest.mark.parametrize("scope", SCOPES)
    @pytest.mark.parametrize("verdict", [[], ["--keeps"], ["--points", "-4"]])
    def test_what_is_written_lints_in_every_scope(self, room: Path, scope: str, verdict: list[str]) -> None:
        phrase = "tide-box" if scope == "dom" else 'Say "{n} tides" \\ Ebbe & Flut für 水'
        args = ["--scope", scope, "--phrase", phrase, "--language", "de", "--site", "mill.example", *verdict]
        result = clean("rules", "new", "new/own.toml", "--kind", "related", *args)
        assert result.exit_code == 0, result.stderr
        checked = read_rules(["new/own.toml"])
        assert problems(checked) == hints(checked) == []
        (rule,) = checked.rules
        assert (rule.scope, rule.kind, rule.sites) == (scope, "related", ("mill.example",))
        assert rule.code == ("REL901" if scope == "dom" else "REL401")
        assert VALIDATOR.is_valid(tomllib.loads((room / "new" / "own.toml").read_text(encoding="utf-8")))

    def test_rules_are_added_under_free_codes(self, room: Path) -> None:
        for code in ("SHR402", "SHR403"):
            assert clean("rules", "new", "mine.toml", "--kind", "share").stdout == f"mine.toml: {code}\n"
        assert (room / "mine.toml").read_text().startswith(RULE)
        assert clean("rules", "new", "other.toml", "--kind", "share").stdout == "other.toml: SHR404\n"
        assert len(read_rules(["."]).rules) == 4

    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (["--kind", "shares"], "no rule can be of kind shares, did you mean share?"),
            (["--kind", "share", "--phrase", " "], "no such rule can be written: phrases are wrong here"),
            (["--kind", "share", "--keeps", "--points", "3"], "--keeps and --points exclude each other"),
            (
                ["--kind", "share", "--scope", "section", "--match", "contains"],
                "no such rule can be written: a section",
            ),
            (["--kind", "share", "--language", "deutsch"], "no such rule can be written: deutsch is no language"),
            (["--kind", "share", "--points", "99"], "Invalid value for '--points'"),
            ([], "Missing option '--kind'"),
        ],
    )
    def test_a_mistake_is_one_line_and_writes_nothing(self, room: Path, args: list[str], message: str) -> None:
        result = clean("rules", "new", "fresh/own.toml", *args)
        assert result.stderr.startswith(f"clean: {message}")
        assert (len(result.stderr.splitlines()), result.exit_code) == (1, 2)
        assert not (room / "fresh").exists()

    def test_a_file_that_is_wrong_is_left_as_it_is(self, room: Path) -> None:
        (room / "mine.toml").write_text("broken")
        result = clean("rules", "new", "mine.toml", "--kind", "share")
        assert result.stderr.startswith("clean: mine.toml:1: TOML: ")
        assert (room / "mine.toml").read_text() == "broken"
        assert clean("rules", "new", "page.txt/own.toml", "--kind", "share").stderr.startswith("clean: cannot write to")


class TestStats:
    def test_counts_add_up_to_what_was_removed(self, room: Path) -> None:
        (room / "two.txt").write_text(f"Share this:\n\n{PROSE}", encoding="utf-8")
        result = clean("rules", "stats", "page.txt", "two.txt", "none.txt", "--rules", "mine.toml", "--json")
        rows = {row["rule"]: row for row in map(json.loads, result.stdout.splitlines())}
        assert [rows["SHR001"][name] for name in ("kind", "removed", "words", "pages")] == ["share", 2, 4, 2]
        assert [rows["SHR401"][name] for name in ("removed", "words", "pages")] == [1, 3, 1]
        total = sum(row["removed"] for row in rows.values())
        assert result.stderr.endswith(f"clean: 3 read = 2 counted + 1 failed; {total} blocks removed\n")
        assert result.exit_code == 1

    def test_a_rule_that_is_overruled_is_counted_too(self, room: Path) -> None:
        rows = [
            json.loads(line)
            for line in clean("rules", "stats", "page.txt", "--keep", "share", "--json").stdout.splitlines()
        ]
        assert all(row["removed"] == 0 for row in rows if row["kind"] == "share")

    def test_a_table(self, room: Path) -> None:
        head, *rows = clean("rules", "stats", "page.txt", "--rules", "mine.toml").stdout.splitlines()
        assert head.split() == ["rule", "kind", "removed", "words", "pages", "agreed", "overruled", "summary"]
        assert any(re.match(r"SHR401 +share +1 +3 +1 +0 +0  Call to tell the miller$", row) for row in rows)


class TestSchema:
    def test_the_command_prints_it(self) -> None:
        assert json.loads(clean("rules", "schema").stdout) == rule_schema()
        jsonschema.Draft7Validator.check_schema(rule_schema())

    @pytest.mark.parametrize("path", shipped_paths(), ids=lambda path: path.name)
    def test_every_shipped_rule_passes(self, path: Path) -> None:
        errors = VALIDATOR.iter_errors(tomllib.loads(path.read_text(encoding="utf-8")))
        assert [f"{list(error.path)}: {error.message[:200]}" for error in errors] == []

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('code = "SHR401"', ""),
            ('code = "SHR401"', 'code = "SHARE1"'),
            ('code = "SHR401"', 'code = "XYZ401"'),
            ('code = "SHR401"', 'code = "REL401"'),
            ('code = "SHR401"', 'code = "SHR901"'),
            ('name = "tell-the-miller"', ""),
            ('name = "tell-the-miller"', 'name = "Tell"'),
            ('kind = "share"', 'kind = "shares"'),
            ("Call to tell the miller", "Call to tell the miller."),
            ("Call to tell the miller", "x" * 73),
            ('scope = "line"', 'scope = "page"'),
            ('scope = "line"', 'scope = "section"'),
            ('scope = "line"', 'scope = "between"'),
            ('scope = "line"', 'scope = "dom"'),
            ('match = "whole"', ""),
            ('match = "whole"', 'match = "all"'),
            ("decisive = true", ""),
            ("decisive = true", "decisive = false"),
            ("decisive = true", "decisive = true\npoints = 3"),
            ("decisive = true", "points = 0"),
            ("decisive = true", "points = 31"),
            ("decisive = true", "points = 1.5"),
            ("decisive = true", "decisive = true\nmax_words = 0"),
            ("decisive = true", "decisive = true\nmax_blocks = 3"),
            ("decisive = true", "decisive = true\nlinks = false"),
            ("decisive = true", 'decisive = true\nsites = ["https://mill.example"]'),
            ("decisive = true", 'decisive = true\nexcept = [{ contains = "x" }]'),
            ("decisive = true", "decisive = true\nexcept = [{ contains = 'x', regex = 'x', reason = 'x' }]"),
            ("decisive = true", 'decisive = true\ncolour = "red"'),
            ('en = ["Tell the miller"]', 'english = ["Tell the miller"]'),
            ('en = ["Tell the miller"]', 'en = "Tell the miller"'),
            ('en = ["Tell the miller"]', "en = []"),
            ('why = "prose"', ""),
            ('why = "prose"', 'because = "prose"'),
        ],
    )
    def test_what_the_linter_refuses_an_editor_marks_too(self, room: Path, old: str, new: str) -> None:
        assert old in RULE
        (room / "mine.toml").write_text(RULE.replace(old, new, 1))
        assert problems(read_rules(["mine.toml"]))
        assert not VALIDATOR.is_valid(tomllib.loads((room / "mine.toml").read_text()))

    def test_a_change_of_one_of_ours_need_not_say_everything(self, room: Path) -> None:
        change = RULE.replace("SHR401", "SHR001")
        change = re.sub(r"^(?:name|kind|summary|scope|match|decisive) = .*\n", "", change, flags=re.M)
        (room / "mine.toml").write_text(change)
        assert problems(read_rules(["mine.toml"])) == []
        assert VALIDATOR.is_valid(tomllib.loads(change))

    @pytest.mark.parametrize("key", KEYS)
    def test_check_and_schema_of_a_key_agree(self, key: str) -> None:
        values: list[Any] = [
            *("", " ", "x", "share", "line", "whole", "SHR001", "a-b", "A b.", "x" * 73, "x\ny"),
            *(0, 1, -1, 30, 31, -30, 1.5, True, False),
            *([], [""], ["x"], ["X"], ["mill.example"], ["a b"], [1], [True], [{}]),
        ]
        value = KEYS[key]
        said = jsonschema.Draft7Validator(value.schema)
        wrong = [given for given in values if value.check(given) is not said.is_valid(given)]
        deeper = [[{}]] if key in ("except", "example") else []  # what stands in a table is checked apart
        assert [given for given in wrong if given not in deeper] == []

    def test_every_key_says_in_words_what_it_must_be(self) -> None:
        properties = rule_schema()["properties"]["rule"]["items"]["properties"]
        assert {key: told["description"] for key, told in properties.items()} == {
            key: value.words for key, value in schema.RULE.items()
        }
