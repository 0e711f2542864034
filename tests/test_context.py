"""How blocks stand to each other, against what the words of the levels say."""

from __future__ import annotations

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.context import (
    AROUND_LEVELS,
    body_region,
    line_levels,
    line_up,
    place_levels,
    side_levels,
    surround,
)
from cleaner.shape import SIZES, Shape

SMALLEST_OF_SIZE = (1, 4, 9, 21)
DISTANCES = ("next", "2-3 away", "4-7 away", "8-19 away", "20-58 away", "none")
PARTS = ("0-5", "5-10", "10-20", "20-35", "35-50", "50-65", "65-80", "80-90", "90-95", "95-100")


def block(size: int, prose: bool = False) -> Shape:
    return Shape((), SMALLEST_OF_SIZE[size], size, prose)


BLOCKS = st.lists(st.tuples(st.integers(-60, 60), st.integers(0, 3), st.booleans()), max_size=150)


def place_of(impressions: list[int], shapes: list[Shape]) -> list[dict[str, str]]:
    """The levels by place, by the name of their measure; of two of the same name the last."""
    keys = surround(impressions, shapes, 0).places
    return [dict(level.split(": ", 1) for level in place_levels(key)) for key in keys]


@given(BLOCKS)
def test_every_block_has_every_level(blocks: list[tuple[int, int, bool]]) -> None:
    shapes = [block(size, prose) for _, size, prose in blocks]
    around = surround([total for total, _, _ in blocks], shapes, 2)
    columns = [list(map(levels_of, keys)) for levels_of, keys in zip(AROUND_LEVELS, around, strict=True)]
    assert [len(column) for column in columns] == [len(blocks)] * 3
    for levels in zip(*columns, strict=True):
        assert len(set(sum(levels, ()))) == 10


@given(BLOCKS)
def test_distances_are_those_to_the_nearest_prose_that_looks_like_body(blocks: list[tuple[int, int, bool]]) -> None:
    shapes = [block(size, prose) for _, size, prose in blocks]
    keys = surround([total for total, _, _ in blocks], shapes, 0).sides
    solid = [index for index, (total, _, prose) in enumerate(blocks) if prose and total < 0]
    for index, key in enumerate(keys):
        before = min([index - other for other in solid if other < index], default=99)
        after = min([other - index for other in solid if other > index], default=99)
        names = [DISTANCES[bisect_right((2, 4, 8, 20, 59), distance)] for distance in (before, after)]
        assert side_levels(key)[-1] == f"prose: {names[0]} before, {names[1]} after, {SIZES[shapes[index].size]}"


@pytest.mark.parametrize("count", [1, 2, 7, 19, 20, 100, 269])
def test_parts_of_a_page(count: int) -> None:
    bounds = [int(part.split("-")[1]) for part in PARTS[:-1]]
    keys = surround([0] * count, [block(0)] * count, 0).places
    parts = [place_levels(key)[1].split(": ")[1].split(" %")[0] for key in keys]
    assert parts == [PARTS[bisect_right(bounds, round(100 * index / count, 9))] for index in range(count)]


def test_impressions_beyond_certainty_are_all_the_same() -> None:
    assert place_of([-500, 500], [block(3), block(0)]) == place_of([-16, 16], [block(3), block(0)])


def test_places_go_by_the_distance_from_the_body() -> None:
    places = [level["place"].split(",")[0] for level in place_of([9] * 14 + [-16] + [9] * 4, [block(2)] * 19)]
    assert places == [
        *["far before the body"] * 2,
        *["before the body"] * 9,
        *["just before the body"] * 3,
        "inside the body",
        *["just after the body"] * 3,
        "after the body",
    ]


def test_runs_of_short_blocks() -> None:
    sizes = [0, 2, 1, 0, 3, *[1] * 9, 2]
    runs = [level["short blocks"].split(",")[0] for level in place_of([5] * len(sizes), list(map(block, sizes)))]
    assert runs == ["alone", "not one", *["2-3 in a row"] * 2, "not one", *["9-20 in a row"] * 9, "not one"]


def test_surroundings_leave_the_block_itself_out() -> None:
    impressions = [0, 0, 0, 0, 0, 16, -16, 16, 0, 0, 0, 0, 0]
    keys = surround(impressions, [block(0)] * len(impressions), 0).sides
    around = [side_levels(key)[1].split(": ")[1].split(",")[0] for key in keys]
    assert around[6] == "rather chrome"
    assert around[5] == around[7] == "mixed"
    assert around[0] == "mixed"


def test_the_edges_of_a_page_are_nothing() -> None:
    (key,) = surround([-9], [block(1)], 0).sides
    assert side_levels(key)[0] == "neighbours: nothing before, nothing after, 4-8 words"


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
