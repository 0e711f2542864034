"""The fitted points of measures: one number in decibans for every level, read from `points.toml` beside this module."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import chain
from typing import Final

import tomli

from cleaner.model import Evidence

FILE: Final = "points.toml"
PRIOR: Final = "prior"
_SECTION: Final = re.compile(r"^(?=\[)", re.MULTILINE)
#: So many levels have a place in a table; class names are a page's own.
REMEMBERED: Final = 50_000


class Table:
    """Points for the levels of one pass, in decibans; a level without a number says nothing."""

    def __init__(self, points: Mapping[str, int]) -> None:
        self.prior = Evidence(PRIOR, points.get(PRIOR, 0), "before anything is known")
        self._points = _Numbers({level: number for level, number in points.items() if level != PRIOR})

    def totals(self, rows: Iterable[Iterable[str]]) -> list[int]:
        """The sum of the points of each row's levels."""
        points = self._points.__getitem__
        return [sum(map(points, row)) for row in rows]

    def look_up(self, levels: Iterable[str]) -> Iterator[Evidence]:
        """The evidence for those levels that have a number."""
        return (_evidence(level, self._points[level]) for level in levels if self._points[level])


class LevelEvidence:
    """The evidence that levels are by a table, put into words when somebody asks for it: most never is."""

    __slots__ = ("_levels", "_table")

    def __init__(self, table: Table, *levels: Sequence[str]) -> None:
        self._table = table
        self._levels = levels

    def __iter__(self) -> Iterator[Evidence]:
        return self._table.look_up(chain(*self._levels))


class _Numbers(dict[str, int]):
    """Points by level, and 0 for all others; of those, too, so many are remembered."""

    def __missing__(self, level: str) -> int:
        if len(self) < REMEMBERED:
            self[level] = 0
        return 0


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
