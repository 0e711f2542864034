"""The fitted points of measures: one number in decibans for every level, read from `points.toml` beside this module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import tomli

from cleaner.model import Evidence

FILE: Final = "points.toml"
PRIOR: Final = "prior"
_SECTION: Final = re.compile(r"^(?=\[)", re.MULTILINE)
#: How many combinations of levels a table keeps in mind.
REMEMBERED: Final = 20_000


class Table:
    """Points for the levels of one pass. Menus are alike: what many blocks share is added up only once."""

    def __init__(self, points: Mapping[str, int]) -> None:
        self.prior = Evidence(PRIOR, points.get(PRIOR, 0), "before anything is known")
        self.points = {level: number for level, number in points.items() if level != PRIOR}
        self.evidence = {level: _evidence(level, number) for level, number in self.points.items()}
        self.total = lru_cache(REMEMBERED)(self._total)
        self.look_up = lru_cache(REMEMBERED)(self._look_up)

    def _total(self, levels: tuple[str, ...]) -> int:
        """The sum of the levels' points, in decibans; a level without a number says nothing."""
        points = self.points
        return sum([points[level] for level in levels if level in points])

    def _look_up(self, levels: tuple[str, ...]) -> tuple[Evidence, ...]:
        """The evidence for those levels that have a number."""
        evidence = self.evidence
        return tuple([evidence[level] for level in levels if level in evidence])


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


def _evidence(level: str, points: int) -> Evidence:
    measure, _, value = level.partition(": ")
    return Evidence(measure, points, value)
