"""Measure blocks in the light of their neighbours: chrome comes in runs, and a body is contiguous.

Takes the first impression of every block (decibans, see `decide`) and gives further levels, of the same form
as those of `measure`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise, product
from math import sqrt
from typing import Final

from cleaner.shape import SIZES, Shape

#: Impressions beyond this many decibans, either way, are as good as certain.
_CERTAIN: Final = 16


def _classes(bounds: Sequence[int], names: Sequence[str]) -> dict[int, str]:
    """The name of the class every impression falls into, `bounds` being the first number of each but the first."""
    return {total: names[bisect_right(bounds, total)] for total in range(-_CERTAIN, _CERTAIN + 1)}


def _by_size(measure: str, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The levels of a measure: for each of its names, one per size of block."""
    return {name: tuple(f"{measure}: {name}, {size}" for size in SIZES) for name in names}


_IMPRESSIONS: Final = _classes(
    (-15, -8, -3, 0, 3, 8, 15),
    (
        "impression: body beyond doubt",
        "impression: clearly body",
        "impression: likely body",
        "impression: perhaps body",
        "impression: perhaps chrome",
        "impression: likely chrome",
        "impression: clearly chrome",
        "impression: chrome beyond doubt",
    ),
)
_NEIGHBOUR: Final = ("body", "body-like", "chrome-like", "chrome")
_NEIGHBOURS: Final = _classes((-8, 0, 8), _NEIGHBOUR)
_EDGE: Final = "nothing"
_BESIDE: Final = {
    (before, after): tuple(f"neighbours: {before} before, {after} after, {size}" for size in SIZES)
    for before, after in product((*_NEIGHBOUR, _EDGE), repeat=2)
}
#: How many blocks on each side count as surroundings, and what their impressions add up to.
_REACH: Final = 6
_SURROUNDING_BOUNDS: Final = (-108, -60, -24, 12, 48, 96)
_SURROUNDINGS: Final = tuple(
    _by_size(
        "surroundings",
        ("all body", "mostly body", "rather body", "mixed", "rather chrome", "mostly chrome", "all chrome"),
    ).values()
)
_PLACES: Final = _by_size(
    "place",
    (
        "inside the body",
        "just before the body",
        "before the body",
        "far before the body",
        "just after the body",
        "after the body",
        "far after the body",
    ),
)
#: Up to so many blocks from the body is just before or after it; up to so many more is before or after it.
_NEAR: Final = 3
_OFF: Final = 9
#: Bounds of the parts of a page, as shares of its blocks.
_PART_BOUNDS: Final = (0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95)
_PART: Final = [f"{low:g}-{high:g} %" for low, high in pairwise((0, *[round(100 * b) for b in _PART_BOUNDS], 100))]
_PART_PLACES: Final = {place: tuple(f"part: {part} of the page, {place}" for part in _PART) for place in _PLACES}
_PART_IMPRESSIONS: Final = {
    total: tuple(f"part: {part} of the page, {name.removeprefix('impression: ')}" for part in _PART)
    for total, name in _IMPRESSIONS.items()
}
#: How many blocks away the nearest prose is that looks like body.
_DISTANCE_BOUNDS: Final = (2, 4, 8, 20, 59)
_DISTANCE: Final = ("next", "2-3 away", "4-7 away", "8-19 away", "20-58 away", "none")
_DISTANCES: Final = {
    (before, after): tuple(f"prose: {_DISTANCE[before]} before, {_DISTANCE[after]} after, {size}" for size in SIZES)
    for before, after in product(range(len(_DISTANCE)), repeat=2)
}
_RUN_BOUNDS: Final = (1, 2, 4, 9, 21)
_RUNS: Final = tuple(
    tuple(f"short blocks: {n}, {where}" for where in ("inside the body", "outside the body"))
    for n in ("not one", "alone", "2-3 in a row", "4-8 in a row", "9-20 in a row", "over 20 in a row")
)
#: From this impression down, in decibans, words count as a page's prose.
_CLEAR: Final = -8
_PROSE_BOUNDS: Final = (0.2, 0.5, 0.8)
_PROSE: Final = ("hardly any prose", "some prose", "much prose", "mostly prose")
_CHROME_BOUNDS: Final = (0.15, 0.35, 0.6, 0.8)
_CHROME: Final = ("hardly any chrome", "little chrome", "much chrome", "mostly chrome", "nearly all chrome")
_PAGE: Final = _by_size("page", [f"{prose}, {chrome}" for prose, chrome in product(_PROSE, _CHROME)])
_KIND_BOUNDS: Final = (1, 2, 3, 5)
_RULES: Final = tuple(
    _by_size(
        "rules on the page",
        ("none", "of one kind", "of two kinds", "of three or four kinds", "of five or more kinds"),
    ).values()
)
_SPACING: Final = tuple(
    _by_size("spacing", ("joined to the lines around", "before a gap", "after a gap", "apart")).values()
)
_TIMES: Final = tuple(_by_size("repetition", ("once on the page", "twice on the page", "often on the page")).values())
_LINES: Final = tuple(
    tuple(tuple(levels) for levels in (zip(spacing, times, strict=True) for times in _TIMES)) for spacing in _SPACING
)


def line_up(groups: Sequence[int], folded: Sequence[str], shapes: Sequence[Shape]) -> list[tuple[str, ...]]:
    """Levels of every block that depend only on how it stands in line: its spacing, and how often it is there.

    Blocks of one of the `groups` stand without a gap between them.
    """
    gaps = [True, *[one != other for one, other in pairwise(groups)], True]
    times = Counter(folded)
    return [
        _LINES[2 * before + after][min(times[line], 3) - 1][shape.size]
        for (before, after), line, shape in zip(pairwise(gaps), folded, shapes, strict=False)
    ]


def surround(impressions: Sequence[int], shapes: Sequence[Shape], kinds: int) -> list[tuple[str, ...]]:
    """Levels of every block that depend on what its neighbours look like.

    `impressions` are totals in decibans of each block by itself, negative for content; `kinds` is how many kinds
    of chrome rules speak of among these blocks.
    """
    certain = [max(-_CERTAIN, min(_CERTAIN, total)) for total in impressions]
    sizes = [shape.size for shape in shapes]
    near = [_EDGE, *[_NEIGHBOURS[total] for total in certain], _EDGE]
    places = _places(len(shapes), *body_region(certain, shapes))
    parts = [bisect_right(_PART_BOUNDS, index / len(shapes)) for index in range(len(shapes))]
    page = _PAGE[_page_class(certain, shapes)]
    rules = _RULES[bisect_right(_KIND_BOUNDS, kinds)]
    columns = (
        [_IMPRESSIONS[total] for total in certain],
        [_BESIDE[sides][size] for sides, size in zip(zip(near, near[2:], strict=False), sizes, strict=True)],
        [_SURROUNDINGS[around][size] for around, size in zip(_surroundings(certain), sizes, strict=True)],
        [_PLACES[place][size] for place, size in zip(places, sizes, strict=True)],
        [_RUNS[run][place != "inside the body"] for run, place in zip(_runs(sizes), places, strict=True)],
        [page[size] for size in sizes],
        [rules[size] for size in sizes],
        [_PART_PLACES[place][part] for place, part in zip(places, parts, strict=True)],
        [_PART_IMPRESSIONS[total][part] for total, part in zip(certain, parts, strict=True)],
        [_DISTANCES[sides][size] for sides, size in zip(_distances(certain, shapes), sizes, strict=True)],
    )
    return list(zip(*columns, strict=True))


def body_region(impressions: Sequence[int], shapes: Sequence[Shape]) -> tuple[int, int]:
    """The run of blocks, as a half-open range, that holds the most content for the least chrome.

    `impressions` are clipped to what is as good as certain, lest one block outweighs a page. The run is the
    maximum-sum subsequence over blocks weighed by their length (Pasternack and Roth, "Extracting article text from
    the web with maximum subsequence segmentation", 2009).
    """
    best = total = 0.0
    best_range, start = (0, 0), 0
    for index, (impression, shape) in enumerate(zip(impressions, shapes, strict=True)):
        total -= impression * sqrt(shape.words + 1)
        if total > best:
            best, best_range = total, (start, index + 1)
        elif total < 0:
            total, start = 0.0, index + 1
    return best_range


def _places(count: int, start: int, end: int) -> list[str]:
    """Where each of `count` blocks stands to the body, a half-open range."""
    return [
        *_at_distance("before", start)[::-1],
        *["inside the body"] * (end - start),
        *_at_distance("after", count - end),
    ]


def _at_distance(side: str, count: int) -> list[str]:
    """The places of `count` blocks on one side of the body, going away from it."""
    near, off = min(count, _NEAR), min(max(count - _NEAR, 0), _OFF)
    return [
        *[f"just {side} the body"] * near,
        *[f"{side} the body"] * off,
        *[f"far {side} the body"] * (count - near - off),
    ]


def _page_class(impressions: Sequence[int], shapes: Sequence[Shape]) -> str:
    """What sort of page it is: the share of its words that look like body, of its blocks that look like chrome."""
    words = sum([shape.words for shape in shapes]) or 1
    prose = sum([shape.words for total, shape in zip(impressions, shapes, strict=True) if total < _CLEAR])
    chrome = sum([total >= 0 for total in impressions]) / (len(impressions) or 1)
    return f"{_PROSE[bisect_right(_PROSE_BOUNDS, prose / words)]}, {_CHROME[bisect_right(_CHROME_BOUNDS, chrome)]}"


def _distances(impressions: Sequence[int], shapes: Sequence[Shape]) -> Iterator[tuple[int, int]]:
    """The classes of every block's distances to the nearest prose before and after it that looks like body."""
    prose = [shape.prose and total < 0 for total, shape in zip(impressions, shapes, strict=True)]
    return zip(_distances_behind(prose), reversed(_distances_behind(prose[::-1])), strict=True)


def _distances_behind(prose: Sequence[bool]) -> list[int]:
    distances, last = [], -_DISTANCE_BOUNDS[-1]
    for index, found in enumerate(prose):
        distances.append(bisect_right(_DISTANCE_BOUNDS, index - last))
        if found:
            last = index
    return distances


def _runs(sizes: Sequence[int]) -> list[int]:
    """For each short block the class of the run of short blocks it stands in; 0 for others."""
    runs, start = [0] * len(sizes), 0
    for index in [*[index for index, size in enumerate(sizes) if size > 1], len(sizes)]:
        if index > start:
            runs[start:index] = [bisect_right(_RUN_BOUNDS, index - start)] * (index - start)
        start = index + 1
    return runs


def _surroundings(impressions: Sequence[int]) -> list[int]:
    """The class of what the blocks within reach on both sides add up to, the block itself left out."""
    ringed = [*[0] * _REACH, *impressions, *[0] * _REACH]
    sums = list(accumulate(ringed, initial=0))
    around = zip(sums, sums[2 * _REACH + 1 :], impressions, strict=False)
    return [bisect_right(_SURROUNDING_BOUNDS, high - low - own) for low, high, own in around]
