"""Linting rule files: all problems at once, and what could be loaded but should be asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner import lint as lint_module
from cleaner import rules
from cleaner.errors import UsageError
from cleaner.lint import lint

RULE = """\
[[rule]]
code = "{code}"
name = "related-{number}"
kind = "related"
summary = "Heading of a list of other articles"
scope = "line"
match = "{match}"
decisive = true
{more}
[rule.phrases]
en = [{phrases}]
[[rule.example]]
drop = ["{drop}"]
[[rule.example]]
keep = ["{keep}"]
why = "a test"
"""


def text(
    code: str = "REL001",
    *phrases: str,
    match: str = "whole",
    more: str = "",
    drop: str = "Related",
    keep: str = "A ferry",
) -> str:
    listed = ", ".join(f'"{phrase}"' for phrase in phrases or ("related",))
    return RULE.format(code=code, number=code[3:], match=match, more=more, phrases=listed, drop=drop, keep=keep)


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a small folder in the place of the shipped rules."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "related.toml").write_text(text(), encoding="utf-8")
    monkeypatch.setattr(rules, "shipped", lambda: folder)
    monkeypatch.setattr(lint_module, "shipped", lambda: folder)
    return folder


def problems(tmp_path: Path, content: str) -> list[str]:
    """Lint one file of the user's, and give the problems without its name."""
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")
    return [problem.removeprefix(f"{path}:") for problem in lint([path])[1]]


def test_sound_rules_have_no_problems(tmp_path: Path) -> None:
    assert lint() == (1, [])
    assert problems(tmp_path, text("REL002", "see also", drop="See also")) == []


def test_all_problems_are_told_and_not_only_the_first(tmp_path: Path) -> None:
    broken = text("REL002").replace('"whole"', '"exact"') + text("REL003").replace("decisive = true", "")
    assert problems(tmp_path, broken) == [
        "7: REL002: match is wrong, write one of whole, prefix, contains",
        "18: REL003: no verdict, write one of decisive = true, points = <decibans>, keeps = true",
    ]


def test_one_broken_file_does_not_hide_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "a.toml").write_text("code =", encoding="utf-8")
    (folder / "b.toml").write_text(text("REL002", "see also", drop="x"), encoding="utf-8")
    count, found = lint([folder])
    assert count == 1
    assert [problem.split(": ")[1] for problem in found] == ["TOML", "REL002"]


def test_failing_examples_are_problems(tmp_path: Path) -> None:
    found = problems(tmp_path, text("REL002", "see also", drop="Seen", keep="See also"))
    assert found == [
        '12: REL002: drop "Seen": block "Seen" is not matched',
        '12: REL002: keep "See also": block "See also" is matched: whole line reads "see also"',
    ]


@pytest.mark.parametrize(
    ("match", "phrases", "message"),
    [
        ("whole", ("more", "see also", "MORE!"), '"MORE!" says the same as "more"'),
        ("prefix", ("see also this", "see also"), '"see also this" matches only where "see also" does'),
        ("contains", ("please see also", "see also"), '"please see also" matches only where "see also" does'),
    ],
)
def test_useless_phrases_are_problems(tmp_path: Path, match: str, phrases: tuple[str, ...], message: str) -> None:
    (problem,) = problems(tmp_path, text("REL002", *phrases, match=match, drop="See also"))
    assert message in problem
    assert problem.startswith("11: REL002:")


def test_whole_lines_do_not_stand_in_for_longer_ones(tmp_path: Path) -> None:
    assert problems(tmp_path, text("REL002", "see", "see also", drop="See")) == []


def test_a_phrase_of_two_rules_is_a_problem_unless_they_differ(tmp_path: Path) -> None:
    twice = text("REL002", "see also", drop="See also") + text("REL003", "See also:", drop="See also")
    assert problems(tmp_path, twice) == ['27: REL003: phrase "See also:" stands in REL002 as well, remove one']
    other = text("REL003", "see also", drop="x\\nSee also", more='after = "related"')
    assert problems(tmp_path, text("REL002", "see also", drop="See also") + other) == []


def test_an_expression_for_any_line_is_a_problem_unless_it_waits(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, text("REL002", "see also", drop="See also", more="regex = '.* more'"))
    assert problem.startswith("9: REL002: begins with anything")
    waiting = text("REL002", "see also", drop="x\\nSee also", more="regex = '.* more'\nafter = \"related\"")
    assert problems(tmp_path, waiting) == []


def test_a_shipped_file_is_not_laid_over_itself(shipped: Path) -> None:
    (shipped / "other.toml").write_text(text(), encoding="utf-8")
    count, found = lint([shipped])
    assert count == 1
    assert "REL001 stands already in" in found[0]


def test_a_users_rule_lies_over_the_shipped_one(tmp_path: Path) -> None:
    assert problems(tmp_path, '[[rule]]\ncode = "REL001"\n[rule.phrases]\nen = ["see also"]\n') == []


def test_a_path_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such rule file"):
        lint([tmp_path / "none"])
