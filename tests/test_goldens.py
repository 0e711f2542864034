"""The goldens: every recorded source gives the body, title, language and kinds of chrome written down for it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from cleaner.golden import Case, Cleaners, check, load_cases
from cleaner.model import KINDS, Options

FOLDER = Path(__file__).parent.parent / "golden"
CASES = load_cases(FOLDER)
#: Kinds that no family is about: the headline is in nearly every case, and shape alone is no chrome of its own.
WITHOUT_FAMILY = {"title", "boilerplate"}
FAMILIES = {*KINDS} - WITHOUT_FAMILY | {"flat", "page", "html", "encoding", "negative"}


@pytest.fixture(scope="module")
def cleaners() -> Cleaners:
    return Cleaners(Options())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, cleaners: Cleaners) -> None:
    outcome = check(case, cleaners.clean)
    if not outcome.passed:
        pytest.fail(outcome.report, pytrace=False)


def test_the_set_covers_every_family_and_ten_languages() -> None:
    families = Counter(case.name.partition("--")[0] for case in CASES)
    assert families.keys() == FAMILIES
    assert families["negative"] >= 12
    assert len({case.lang for case in CASES if case.lang}) >= 10


def test_every_kind_of_chrome_is_asserted_on_some_block() -> None:
    asserted = {drop.kind for case in CASES for drop in case.drops}
    assert {*KINDS} - WITHOUT_FAMILY <= asserted


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_expected_bodies_have_the_text_form(case: Case) -> None:
    body = case.expected.decode("utf-8")
    assert body.endswith("\n")
    assert not body.endswith("\n\n")
    assert "\n\n\n" not in body
    assert not re.search(r"[ \t]+$|[\x00-\x09\x0b-\x1f\x7f-\x9f\u00a0\u200b\u2060\ufeff\u202a-\u202e]", body, re.M)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name.startswith("negative--")], ids=lambda case: case.name
)
def test_negative_cases_lose_nothing_but_their_headline(case: Case) -> None:
    lines = [line.rstrip() for line in case.source.data.decode("utf-8").split("\n")]
    body = case.expected.decode("utf-8").split("\n")
    assert [line for line in lines if line and line != case.title] == [line for line in body if line]
