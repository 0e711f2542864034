"""How blocks stand to each other, against what the words of the levels say."""

from __future__ import annotations

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.context import AROUND, body_region, line_levels, line_up, surround
from cleaner.shape import SIZES, Shape

SMALLEST_OF_SIZE = (1, 4, 9, 21)
DISTANCES = ("next", "2-3 away", "4-7 away", "8-19 away", "20-58 away", "none")
PARTS = ("0-5", "5-10", "10-20", "20-35", "35-50", "50-65", "65-80", "80-90", "90-95", "95-100")


def block(size: int, prose: bool = False) -> Shape:
    return Shape((), SMALLEST_OF_SIZE[size], size, prose)


BLOCKS = st.lists(st.tuples(st.integers(-60, 60), st.integers(0, 3), st.booleans()), max_size=150)


def around(impressions: list[int], shapes: list[Shape], kinds: int = 0) -> list[list[str]]:
    """The levels of every block by what surrounds it."""
    columns = surround(impressions, shapes, kinds)
    rows = [map(levels_of, keys) for levels_of, keys in zip(AROUND, columns, strict=True)]
    return [[level for levels in row for level in levels] for row in zip(*rows, strict=True)]


def level(levels: list[str], start: str) -> str:
    """What a measure says, up to the size of the block; the last of the level's that start so."""
    return [level for level in levels if level.startswith(start)][-1].removeprefix(start).split(",")[0]


@given(BLOCKS)
def test_every_block_has_every_level(blocks: list[tuple[int, int, bool]]) -> None:
    rows = around([total for total, _, _ in blocks], [block(size, prose) for _, size, prose in blocks], 2)
    assert [len(set(levels)) for levels in rows] == [10] * len(blocks)


@given(BLOCKS)
def test_distances_are_those_to_the_nearest_prose_that_looks_like_body(blocks: list[tuple[int, int, bool]]) -> None:
    rows = around([total for total, _, _ in blocks], [block(size, prose) for _, size, prose in blocks])
    solid = [index for index, (total, _, prose) in enumerate(blocks) if prose and total < 0]
    for index, levels in enumerate(rows):
        before = min([index - other for other in solid if other < index], default=99)
        after = min([other - index for other in solid if other > index], default=99)
        names = [DISTANCES[bisect_right((2, 4, 8, 20, 59), distance)] for distance in (before, after)]
        assert f"prose: {names[0]} before, {names[1]} after, {SIZES[blocks[index][1]]}" in levels


@pytest.mark.parametrize("count", [1, 2, 7, 19, 20, 100, 269])
def test_parts_of_a_page(count: int) -> None:
    bounds = [int(part.split("-")[1]) for part in PARTS[:-1]]
    parts = [level(levels, "part: ").split(" %")[0] for levels in around([0] * count, [block(0)] * count)]
    assert parts == [PARTS[bisect_right(bounds, round(100 * index / count, 9))] for index in range(count)]


def test_impressions_beyond_certainty_are_all_the_same() -> None:
    assert around([-500, 500], [block(3), block(0)]) == around([-16, 16], [block(3), block(0)])


def test_places_go_by_the_distance_from_the_body() -> None:
    rows = around([9] * 14 + [-16] + [9] * 4, [block(2)] * 19)
    assert [level(levels, "place: ") for levels in rows] == [
        *["far before the body"] * 2,
        *["before the body"] * 9,
        *["just before the body"] * 3,
        "inside the body",
        *["just after the body"] * 3,
        "after the body",
    ]


def test_runs_of_short_blocks() -> None:
    sizes = [0, 2, 1, 0, 3, *[1] * 9, 2]
    rows = around([5] * len(sizes), list(map(block, sizes)))
    runs = [level(levels, "short blocks: ") for levels in rows]
    assert runs == ["alone", "not one", *["2-3 in a row"] * 2, "not one", *["9-20 in a row"] * 9, "not one"]


def test_surroundings_leave_the_block_itself_out() -> None:
    impressions = [0, 0, 0, 0, 0, 16, -16, 16, 0, 0, 0, 0, 0]
    rows = around(impressions, [block(0)] * len(impressions))
    surroundings = [level(levels, "surroundings: ") for levels in rows]
    assert surroundings[6] == "rather chrome"
    assert surroundings[5] == surroundings[7] == surroundings[0] == "mixed"


def test_the_edges_of_a_page_are_nothing() -> None:
    (levels,) = around([-9], [block(1)])
    assert "neighbours: nothing before, nothing after, 4-8 words" in levels


def test_a_body_goes_over_little_chrome_but_not_over_much() -> None:
    shapes = [block(3), block(0), block(3), *[block(2)] * 9, block(3)]
    assert body_region([-10, 5, -10, *[12] * 9, -10], shapes) == (0, 3)
    assert body_region([5, 5], [block(0)] * 2) == (0, 0)


def test_spacing_and_repetition() -> None:
    shapes = [block(0)] * 5
    keys = line_up([0, 0, 1, 2, 2], ["more", "more", "more", "once", "twice"], shapes)
    assert [line_levels(key) for key in keys] == [
        ("spacing: after a gap, 1-3 words", "repetition: often on the page, 1-3 words"),
        ("spacing: before a gap, 1-3 words", "repetition: often on the page, 1-3 words"),
        ("spacing: apart, 1-3 words", "repetition: often on the page, 1-3 words"),
        ("spacing: after a gap, 1-3 words", "repetition: once on the page, 1-3 words"),
        ("spacing: before a gap, 1-3 words", "repetition: once on the page, 1-3 words"),
    ]
