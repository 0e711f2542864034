"""Measuring facts: what counts as the true title, author and date."""

from __future__ import annotations

import pytest

from bench.corpus import Truth
from bench.facts import Share, count_right, is_near, names_in
from cleaner.model import Facts


@pytest.mark.parametrize(
    ("true", "given", "near"),
    [
        ("Old mill reopens", "Old mill reopens!", True),
        ("Old mill reopens", "Old Mill Reopens | Valley Times", True),
        ("Old mill reopens", "Valley: Old mill reopens", True),
        ("The old mill in the valley", "An old mill in the valley", True),
        ("Old mill reopens", "New mill closes", False),
        ("Old mill reopens", "", False),
    ],
)
def test_titles_that_are_near(true: str, given: str, near: bool) -> None:
    assert is_near(true, given) is near


def test_names() -> None:
    assert names_in("By Ann Lee and Bo Ek") == names_in("bo ek, Ann LEE") == {("ann", "lee"), ("bo", "ek")}


def test_counts() -> None:
    truths = [
        Truth("1", "all", None, (), (), title="A b", date="2024-03-05"),
        Truth("2", "all", None, (), (), title="C"),
    ]
    found = [Facts("a B", "Ann", "2024-03-05"), Facts(None, None, "2024-01-01")]
    assert count_right(truths, found) == {
        "title": Share(1, 2, 0),
        "title, near": Share(1, 2, 0),
        "date": Share(1, 1, 1),
        "author": Share(0, 0, 1),
    }
