"""The fitted points of measures: one number in decibans for every level, read from `points.toml` beside this module."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import chain
from typing import Any, Final, TypeAlias, TypeVar

import tomli

from cleaner.model import Evidence

FILE: Final = "points.toml"
PRIOR: Final = "prior"
_SECTION: Final = re.compile(r"^(?=\[)", re.MULTILINE)
#: So many keys have a place in a table; class names are a page's own.
REMEMBERED: Final = 20_000


K = TypeVar("K", bound=Hashable)


class Table:
    """Points for the levels of one pass, in decibans; a level without a number says nothing."""

    def __init__(self, points: Mapping[str, int]) -> None:
        self.prior = Evidence(PRIOR, points.get(PRIOR, 0), "before anything is known")
        self._points = {level: number for level, number in points.items() if level != PRIOR}
        self._sums: dict[Callable[[Any], Iterable[str]], _Sums[Any]] = {}
        self._measures: dict[str, Mapping[str, int]] = {}

    def totals(self, levels_of: Callable[[K], Iterable[str]], keys: Iterable[K]) -> list[int]:
        """The sum of the points of the levels that each key stands for, by `levels_of`."""
        sums = self._sums.get(levels_of)
        if sums is None:
            sums = self._sums[levels_of] = _Sums(self._points, levels_of)
        return list(map(sums.__getitem__, keys))

    def totals_of(self, measure: str, values: Iterable[Iterable[str]]) -> list[int]:
        """The sum of the points of the levels of one measure that several values stand for, each value once."""
        points = self._of_measure(measure)
        known = points.keys()
        return [sum([points[value] for value in known & some]) for some in values]

    def _of_measure(self, measure: str) -> Mapping[str, int]:
        """The points of a measure's levels, by their values."""
        points = self._measures.get(measure)
        if points is None:
            start = f"{measure}: "
            own = {
                level.removeprefix(start): number for level, number in self._points.items() if level.startswith(start)
            }
            points = self._measures[measure] = own
        return points

    def look_up(self, levels: Iterable[str]) -> Iterator[Evidence]:
        """The evidence for those levels that have a number."""
        points = self._points
        return (_evidence(level, points[level]) for level in levels if points.get(level))


#: Groups of measures: what puts a key of each into words, and the keys of some blocks.
Columns: TypeAlias = Sequence[tuple[Callable[[Any], Iterable[str]], Sequence[Any]]]


class LevelEvidence:
    """The evidence that levels are by a table, put into words when somebody asks for it: most never is."""

    __slots__ = ("_at", "_columns", "_table")

    def __init__(self, table: Table, columns: Columns, at: int) -> None:
        self._table = table
        self._columns = columns
        self._at = at

    def __iter__(self) -> Iterator[Evidence]:
        at = self._at
        return self._table.look_up(chain.from_iterable([levels_of(keys[at]) for levels_of, keys in self._columns]))


class _Sums(dict[K, int]):
    """The sum of the points of the levels that a key stands for, reckoned once; so many are remembered."""

    def __init__(self, points: Mapping[str, int], levels_of: Callable[[K], Iterable[str]]) -> None:
        super().__init__()
        self._points = points
        self._levels_of = levels_of

    def __missing__(self, key: K) -> int:
        if len(self) >= REMEMBERED:
            self.clear()
        number = self[key] = sum([self._points.get(level, 0) for level in self._levels_of(key)])
        return number


def as_they_are(levels: tuple[str, ...]) -> tuple[str, ...]:
    """Levels that are a key themselves."""
    return levels


@dataclass(frozen=True, slots=True)
class Points:
    """The tables of the two passes: `first` each block by itself, `second` in the light of its neighbours."""

    first: Table
    second: Table


class _Shipped(dict[str, Points]):
    """The shipped points by kind, each read when it is first asked for: flat text never waits for those of HTML."""

    def __missing__(self, kind: str) -> Points:
        text = (resources.files("cleaner") / FILE).read_text(encoding="utf-8")
        own = [part for part in _SECTION.split(text) if part.startswith(f"[{kind}.")]
        passes = tomli.loads("".join(own))[kind]
        points = self[kind] = Points(first=Table(passes["first"]), second=Table(passes["second"]))
        return points


@cache
def load_points() -> Mapping[str, Points]:
    """The shipped points: for `text`, for `html`, and for HTML with a witness's votes (`voted`)."""
    return _Shipped()


@lru_cache(maxsize=REMEMBERED)
def _evidence(level: str, points: int) -> Evidence:
    measure, _, value = level.partition(": ")
    return Evidence(measure, points, value)
