"""Linting rules: what is idle, too wide, slow or untested is found, with its place; our own rules have none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner.lint import hints, problems, read_rules

RULE = """\
[[rule]]
code = "REL401"
name = "also"
kind = "related"
summary = "A list of other stories"
scope = "line"
match = "prefix"
points = 9
[rule.phrases]
en = ["Also on the quay", "Read more"]
[[rule.example]]
drop = ["Also on the quay", "Read more today"]
[[rule.example]]
keep = ["Weather on the quay"]
why = "prose"
"""


def found(tmp_path: Path, *texts: str) -> list[str]:
    """The problems of rule files, without the folder that they are in."""
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.toml").write_text(text, encoding="utf-8")
    return [line.removeprefix(f"{tmp_path}/") for line in problems(read_rules([str(tmp_path)]))]


def hinted(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "0.toml").write_text(text, encoding="utf-8")
    checked = read_rules([str(tmp_path)])
    assert problems(checked) == []
    return [line.removeprefix(f"{tmp_path}/") for line in hints(checked)]


def changed(old: str, new: str, text: str = RULE) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_a_good_rule_has_no_problem_and_no_hint(tmp_path: Path) -> None:
    assert found(tmp_path, RULE) == []
    assert hinted(tmp_path, RULE) == []


def test_the_shipped_rules_have_no_problem() -> None:
    assert problems(read_rules(())) == []


@pytest.mark.parametrize(
    ("phrases", "message"),
    [
        ('["Read more", "READ MORE!"]', 'phrase "READ MORE!" says the same as "Read more", remove one'),
        ('["Read more", "Read more today"]', 'phrase "Read more today" matches only where "Read more" does, remove it'),
    ],
)
def test_a_phrase_that_adds_nothing(tmp_path: Path, phrases: str, message: str) -> None:
    text = changed('drop = ["Also on the quay", ', "drop = [", changed('["Also on the quay", "Read more"]', phrases))
    assert found(tmp_path, text) == [f"0.toml:10: REL401: {message}"]


def test_how_phrases_are_compared_tells_which_are_covered(tmp_path: Path) -> None:
    phrases = changed('"Read more"]', '"Read more", "Please read more", "Read more today"]')
    assert [line.split('"')[1] for line in found(tmp_path, phrases)] == ["Read more today"]
    inside = changed('"prefix"', '"contains"', phrases)
    assert sorted(line.split('"')[1] for line in found(tmp_path, inside)) == ["Please read more", "Read more today"]
    assert found(tmp_path, changed('"prefix"', '"whole"', phrases)) == []


def test_a_phrase_of_two_rules_of_a_kind_stays_in_the_one_that_weighs_more(tmp_path: Path) -> None:
    strong = changed("points = 9", "points = 12", changed("REL401", "REL402"))
    assert [line.split(": ", 1)[1] for line in found(tmp_path, RULE, strong)] == [
        'REL401: phrase "Also on the quay" stands in REL402, too, and weighs no less there: remove it here',
        'REL401: phrase "Read more" stands in REL402, too, and weighs no less there: remove it here',
    ]
    other = changed('"related"', '"newsletter"', changed("REL401", "NEW401"))
    assert found(tmp_path, RULE, other) == [], "for another kind it is another fact"
    site = changed("points = 9", 'points = 12\nsites = ["gazette.example"]', changed("REL401", "REL402"))
    assert found(tmp_path, RULE, site) == [], "elsewhere, only the first counts"


def test_a_phrase_that_every_line_of_prose_has(tmp_path: Path) -> None:
    text = changed('"prefix"', '"contains"', changed('"Read more"]', '"Read more", "of the"]'))
    (line,) = found(tmp_path, text)
    assert line == (
        '0.toml:10: REL401: phrase "of the" is in nearly any line of prose, add the words that stand with it'
    )
    assert found(tmp_path, changed("points = 9", "points = 9\nmax_words = 12", text)) == []


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (".+", "fits nearly any line, begin with words: .+"),
        (r"[\w .-]*", r"fits nearly any line, begin with words: [\w .-]*"),
        (r"tide \w[\w ]+", None),
        (r"tide (\w+ ?)+", r"slow on a long line, say + or {1,80} for one thing only once: tide (\w+ ?)+"),
        (r"(\w+\s?)+:", r"slow on a long line, say + or {1,80} for one thing only once: (\w+\s?)+:"),
    ],
)
def test_expressions(tmp_path: Path, expression: str, message: str | None) -> None:
    text = changed("points = 9", f"points = 9\nregex = '{expression}'")
    told = [line.split(": ", 2)[2] for line in found(tmp_path, text) if "is matched" not in line]
    assert told == ([message] if message else [])


def test_an_element_that_every_page_has(tmp_path: Path) -> None:
    text = """\
[[rule]]
code = "REL901"
name = "asides"
kind = "related"
summary = "Asides"
scope = "dom"
points = 9
[rule.dom]
tag = ["aside", "div"]
[[rule.example]]
drop = ["<aside>Weather</aside>"]
[[rule.example]]
keep = ["<p>Weather</p>"]
why = "prose"
"""
    assert found(tmp_path, text) == [
        "0.toml:9: REL901: nearly every page has <div> around its body, name a class or an id"
    ]


GUARDED = changed("points = 9", 'points = 9\nmax_words = 5\nexcept = [{ contains = "tariff", reason = "prose" }]')


@pytest.mark.parametrize(
    ("keep", "hints"),
    [
        ('"Weather"', ["max_words", '"tariff"']),
        ('"Read more than they could print"', ['"tariff"']),
        ('"Read more than they could print", "Read more tariff tables"', []),
    ],
)
def test_a_condition_that_no_near_miss_needs(tmp_path: Path, keep: str, hints: list[str]) -> None:
    told = hinted(tmp_path, changed('"Weather on the quay"', keep, GUARDED))
    assert len(told) == len(hints)
    assert all(hint in line for hint, line in zip(hints, told, strict=True))
    assert all("no keep example needs" in line for line in told)


def test_an_expression_that_no_example_needs(tmp_path: Path) -> None:
    text = changed("points = 9", "points = 9\nregex = ['tides? \\d+', 'read more.*']")
    assert hinted(tmp_path, text) == [
        "0.toml:9: REL401: no drop example needs it, add a line that only it fits: tides? \\d+",
        "0.toml:9: REL401: no drop example needs it, add a line that only it fits: read more.*",
    ]
    assert "tides" not in "".join(hinted(tmp_path, changed('drop = ["Also', 'drop = ["Tide 7", "Also', text)))


def test_files_that_are_wrong_do_not_hide_each_other(tmp_path: Path) -> None:
    told = found(tmp_path, "not toml", changed("related", "relatde"), RULE)
    assert [line.split(":")[0] for line in told] == ["0.toml"], "a folder is read up to the file that is no TOML"
    paths = []
    for number in range(2):
        paths.append(str(tmp_path / f"{number}.toml"))
    assert len(problems(read_rules(paths))) == 2
