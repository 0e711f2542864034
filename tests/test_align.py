"""Blocks are found in a text in their order, and short ones only where they belong."""

from __future__ import annotations

from cleaner.align import align
from cleaner.fold import fold

LONG = "The old mill by the river opened again on Tuesday"
OTHER = "Flour will be ready by Friday, says the miller's wife"


def aligned(blocks: list[str], text: str) -> list[bool]:
    return align([fold(block) for block in blocks], text)


def test_long_blocks_are_found_and_foreign_ones_are_not() -> None:
    assert aligned([LONG, "Nothing that anybody ever wrote about a mill here", OTHER], f"{LONG}\n\n{OTHER}") == [
        True,
        False,
        True,
    ]


def test_a_short_block_counts_only_between_the_blocks_around_it() -> None:
    text = f"{LONG}\n\nWhat it cost\n\n{OTHER}"
    assert aligned([LONG, "What it cost", OTHER], text) == [True, True, True]
    assert aligned([LONG, OTHER, "What it cost"], text) == [True, True, False]


def test_a_block_cut_differently_is_found_by_most_of_its_words() -> None:
    assert aligned([f"{LONG} {OTHER} Photo"], f"{LONG} {OTHER}") == [True]


def test_nothing_is_found_in_nothing() -> None:
    assert aligned([LONG, "", "x"], "") == [False, False, False]
    assert aligned([], LONG) == []
