"""Measure blocks in the light of their neighbours: chrome comes in runs, and a body is contiguous.

Takes the first impression of every block (decibans, see `decide`) and tells how each stands to the others: as keys,
one for each group of measures. What levels a key stands for is put into words by the function of that group; the
points table adds them up once for each key, and a page needs few.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from math import sqrt
from operator import mul, ne, sub
from typing import Final, TypeAlias

from cleaner.shape import SIZES, Shape

#: Where a block falls within each measure of a group.
Key: TypeAlias = tuple[int, ...]

#: Impressions beyond this many decibans, either way, are as good as certain.
_CERTAIN: Final = 16


class _Clipped(dict[int, int]):
    """Impressions, none beyond what is certain."""

    def __missing__(self, total: int) -> int:
        return max(-_CERTAIN, min(_CERTAIN, total))


_CLIPPED: Final = _Clipped({total: total for total in range(-_CERTAIN, _CERTAIN + 1)})


def _classes(bounds: Sequence[int], most: int) -> list[int]:
    """The class of every sum from -most to most, negative ones at the end; `bounds` begin each class but the first."""
    sums = [*range(most + 1), *range(-most, 0)]
    return [bisect_right(bounds, total) for total in sums]


_IMPRESSIONS: Final = (
    "body beyond doubt",
    "clearly body",
    "likely body",
    "perhaps body",
    "perhaps chrome",
    "likely chrome",
    "clearly chrome",
    "chrome beyond doubt",
)
_IMPRESSION_CLASS: Final = _classes((-15, -8, -3, 0, 3, 8, 15), _CERTAIN)
_NEIGHBOUR: Final = ("body", "body-like", "chrome-like", "chrome", "nothing")
_NEIGHBOUR_CLASS: Final = _classes((-8, 0, 8), _CERTAIN)
_EDGE: Final = 4
#: How many blocks on each side count as surroundings, and what their impressions add up to.
_REACH: Final = 6
_SURROUNDINGS: Final = (
    "all body",
    "mostly body",
    "rather body",
    "mixed",
    "rather chrome",
    "mostly chrome",
    "all chrome",
)
_SURROUNDING_CLASS: Final = _classes((-108, -60, -24, 12, 48, 96), 2 * _REACH * _CERTAIN)
_PLACES: Final = (
    "inside the body",
    "just before the body",
    "before the body",
    "far before the body",
    "just after the body",
    "after the body",
    "far after the body",
)
_INSIDE: Final = 0
#: The first of the three places before the body, and of those after it.
_BEFORE: Final = 1
_AFTER: Final = 4
#: Up to so many blocks from the body is just before or after it; up to so many more is before or after it.
_NEAR: Final = 3
_OFF: Final = 9
#: Bounds of the parts of a page, as shares of its blocks.
_PART_BOUNDS: Final = (0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95)
_PARTS: Final = [f"{low:g}-{high:g} %" for low, high in pairwise((0, *[round(100 * b) for b in _PART_BOUNDS], 100))]
#: How many blocks away the nearest prose is that looks like body.
_DISTANCE_BOUNDS: Final = (2, 4, 8, 20, 59)
_DISTANCES: Final = ("next", "2-3 away", "4-7 away", "8-19 away", "20-58 away", "none")
_TOO_FAR: Final = len(_DISTANCE_BOUNDS)
#: The classes of the distances from 1 on, as far as they are told apart.
_GOING_AWAY: Final = [bisect_right(_DISTANCE_BOUNDS, distance) for distance in range(1, _DISTANCE_BOUNDS[-1])]
_RUN_BOUNDS: Final = (1, 2, 4, 9, 21)
_RUNS: Final = ("not one", "alone", "2-3 in a row", "4-8 in a row", "9-20 in a row", "over 20 in a row")
#: From this impression down, in decibans, words count as a page's prose.
_CLEAR: Final = -8
_PROSE_BOUNDS: Final = (0.2, 0.5, 0.8)
_PROSE: Final = ("hardly any prose", "some prose", "much prose", "mostly prose")
_CHROME_BOUNDS: Final = (0.15, 0.35, 0.6, 0.8)
_CHROME: Final = ("hardly any chrome", "little chrome", "much chrome", "mostly chrome", "nearly all chrome")
_KIND_BOUNDS: Final = (1, 2, 3, 5)
_RULES: Final = ("none", "of one kind", "of two kinds", "of three or four kinds", "of five or more kinds")
_SPACING: Final = ("joined to the lines around", "before a gap", "after a gap", "apart")
_TIMES: Final = ("never on the page", "once on the page", "twice on the page", "often on the page")
_OFTEN: Final = 3


def line_up(groups: Sequence[int], folded: Sequence[str], shapes: Sequence[Shape]) -> list[Key]:
    """How every block stands in line: its spacing, and how often it is there; see `line_levels`.

    Blocks of one of the `groups` stand without a gap between them.
    """
    gaps = [True, *map(ne, groups, groups[1:]), True]
    counts = Counter(folded)
    times = [min(counts[line], _OFTEN) for line in folded]
    return list(zip(gaps, gaps[1:], times, _sizes(shapes), strict=False))


def line_levels(key: Key) -> tuple[str, ...]:
    """The levels of a block by how it stands in line."""
    before, after, times, size = key
    return f"spacing: {_SPACING[2 * before + after]}, {SIZES[size]}", f"repetition: {_TIMES[times]}, {SIZES[size]}"


def surround(impressions: Sequence[int], shapes: Sequence[Shape], kinds: int) -> tuple[list[Key], ...]:
    """What the neighbours of every block look like, a list of keys for each group of `AROUND`.

    `impressions` are totals in decibans of each block by itself, negative for content; `kinds` is how many kinds
    of chrome rules speak of among these blocks.
    """
    certain = list(map(_CLIPPED.__getitem__, impressions))
    sizes = _sizes(shapes)
    near = [_EDGE, *map(_NEIGHBOUR_CLASS.__getitem__, certain), _EDGE]
    places = _places(len(sizes), *body_region(certain, shapes))
    parts = _parts(len(sizes))
    prose = [shape.prose and total < 0 for total, shape in zip(certain, shapes, strict=True)]
    page = _page_class(certain, shapes)
    pages = [(*page, bisect_right(_KIND_BOUNDS, kinds), size) for size in range(len(SIZES))]
    return (
        list(zip(certain, parts, places, _runs(sizes), sizes, strict=True)),
        list(zip(near, near[2:], _surroundings(certain), *_distances(prose), sizes, strict=False)),
        list(map(pages.__getitem__, sizes)),
    )


def _place_levels(key: Key) -> tuple[str, ...]:
    """The levels of a block by its impression and by where it stands on the page and to the body."""
    impression, part, place, run, size = key
    looks = _IMPRESSIONS[_IMPRESSION_CLASS[impression]]
    of_page = f"part: {_PARTS[part]} of the page"
    return (
        f"impression: {looks}",
        f"{of_page}, {looks}",
        f"place: {_PLACES[place]}, {SIZES[size]}",
        f"{of_page}, {_PLACES[place]}",
        f"short blocks: {_RUNS[run]}, {'outside' if place != _INSIDE else 'inside'} the body",
    )


def _side_levels(key: Key) -> tuple[str, ...]:
    """The levels of a block by what is beside it."""
    before, after, around, prose_before, prose_after, size = key
    return (
        f"neighbours: {_NEIGHBOUR[before]} before, {_NEIGHBOUR[after]} after, {SIZES[size]}",
        f"surroundings: {_SURROUNDINGS[around]}, {SIZES[size]}",
        f"prose: {_DISTANCES[prose_before]} before, {_DISTANCES[prose_after]} after, {SIZES[size]}",
    )


def _page_levels(key: Key) -> tuple[str, ...]:
    """The levels of a block by what sort of page it is on."""
    prose, chrome, rules, size = key
    return (
        f"page: {_PROSE[prose]}, {_CHROME[chrome]}, {SIZES[size]}",
        f"rules on the page: {_RULES[rules]}, {SIZES[size]}",
    )


#: The groups of measures that `surround` takes, each as what puts its keys into words.
AROUND: Final[tuple[Callable[[Key], tuple[str, ...]], ...]] = (_place_levels, _side_levels, _page_levels)


def body_region(impressions: Sequence[int], shapes: Sequence[Shape]) -> tuple[int, int]:
    """The run of blocks, as a half-open range, that holds the most content for the least chrome.

    `impressions` are clipped to what is as good as certain, lest one block outweighs a page. The run is the
    maximum-sum subsequence over blocks weighed by their length (Pasternack and Roth, "Extracting article text from
    the web with maximum subsequence segmentation", 2009).
    """
    best = total = 0.0
    best_range, start = (0, 0), 0
    weights = [sqrt(shape.words + 1) for shape in shapes]
    for index, cost in enumerate(map(mul, impressions, weights)):
        total -= cost
        if total > best:
            best, best_range = total, (start, index + 1)
        elif total < 0:
            total, start = 0.0, index + 1
    return best_range


def _sizes(shapes: Iterable[Shape]) -> list[int]:
    return [shape.size for shape in shapes]


def _parts(count: int) -> list[int]:
    """The part of the page that each of `count` blocks stands in."""
    starts = [bisect_left(range(count), bound, key=lambda index: index / count) for bound in _PART_BOUNDS]
    parts: list[int] = []
    for part, (start, end) in enumerate(pairwise((0, *starts, count))):
        parts += [part] * (end - start)
    return parts


def _places(count: int, start: int, end: int) -> list[int]:
    """Where each of `count` blocks stands to the body, a half-open range."""
    return [*_at_distance(_BEFORE, start)[::-1], *[_INSIDE] * (end - start), *_at_distance(_AFTER, count - end)]


def _at_distance(nearest: int, count: int) -> list[int]:
    """The places of `count` blocks on one side of the body, going away from it."""
    near, off = min(count, _NEAR), min(max(count - _NEAR, 0), _OFF)
    return [*[nearest] * near, *[nearest + 1] * off, *[nearest + 2] * (count - near - off)]


def _page_class(impressions: Sequence[int], shapes: Sequence[Shape]) -> tuple[int, int]:
    """What sort of page it is: the share of its words that look like body, of its blocks that look like chrome."""
    words = sum([shape.words for shape in shapes]) or 1
    prose = sum([shape.words for total, shape in zip(impressions, shapes, strict=True) if total < _CLEAR])
    chrome = len([total for total in impressions if total >= 0]) / (len(impressions) or 1)
    return bisect_right(_PROSE_BOUNDS, prose / words), bisect_right(_CHROME_BOUNDS, chrome)


def _distances(prose: Sequence[bool]) -> tuple[list[int], list[int]]:
    """The classes of every block's distances to the nearest prose before and after it; `prose` says what is prose."""
    return _distances_behind(prose), _distances_behind(prose[::-1])[::-1]


def _distances_behind(prose: Sequence[bool]) -> list[int]:
    at = [index for index, found in enumerate(prose) if found]
    distances = [_TOO_FAR] * (at[0] + 1 if at else len(prose))
    for start, end in pairwise((*at, len(prose) - 1)) if at else ():
        distances += _GOING_AWAY[: end - start]
        distances += [_TOO_FAR] * (end - start - len(_GOING_AWAY))
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
    around = map(sub, map(sub, sums[2 * _REACH + 1 :], sums), impressions)
    return list(map(_SURROUNDING_CLASS.__getitem__, around))
