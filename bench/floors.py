"""Floors: the figures below which our quality must not fall, pinned per corpus and set in `floors.toml`.

The figures do not depend on the machine, so a floor stands only a little below what was measured; timings are
never floors.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.corpus import SETS
from bench.run import SetResult
from bench.score import FIGURES
from bench.tools import OURS

FLOORS_FILE: Final = Path(__file__).with_name("floors.toml")
#: What newer versions of the libraries below us may change without being a decline.
MARGIN: Final = 0.003
DEFAULT_SAMPLE: Final = 150
#: The figures that are pinned: those that sum up. Precision and recall alone could each rise for nothing.
PINNED: Final = ("f1", "shingle", "segF1")

_HEADER: Final = """\
# Written by `python -m bench update`, which raises floors and lowers none unless told to with --lower.
# Per corpus the size of its fixed sample, then per set the lowest figure that `python -m bench check` accepts.
"""


class FloorsError(Exception):
    """The floors file is wrong; the message is one line."""


@dataclass(frozen=True, slots=True)
class CorpusFloors:
    """The floors of one corpus: figures by set, and the size of the sample they were measured on."""

    sample: int = DEFAULT_SAMPLE
    sets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


Floors = dict[str, CorpusFloors]


def load_floors(path: Path = FLOORS_FILE) -> Floors:
    """Read a floors file; one that does not exist holds none. Raises FloorsError."""
    if not path.exists():
        return {}
    try:
        return {name: _corpus_floors(name, table) for name, table in tomllib.loads(path.read_text("utf-8")).items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FloorsError(f"{path.name}: {error}") from error


def broken_floors(floors: CorpusFloors, result: SetResult) -> list[str]:
    """One line per floor of a set that our figures miss; a figure that could not be measured misses its floor."""
    figures = our_figures(result)
    return [
        f"{result.corpus} {result.set}: {figure} {figures.get(figure, 0.0):.4f} is below its floor {floor:.4f}"
        for figure, floor in floors.sets.get(result.set, {}).items()
        if figures.get(figure, 0.0) < floor
    ]


def updated(floors: CorpusFloors, results: Iterable[SetResult], *, lower: bool = False) -> CorpusFloors:
    """The floors a little below what was measured; those that would sink stay, unless `lower` is given."""
    sets = dict(floors.sets)
    for result in results:
        old, new = sets.get(result.set, {}), _floors_of(our_figures(result))
        risen = {figure: max(floor, old.get(figure, 0.0)) for figure, floor in new.items()}
        sets[result.set] = new if lower else {**old, **risen}
    return CorpusFloors(floors.sample, sets)


def render_floors(floors: Floors) -> str:
    """The floors file: corpora and sets in a fixed order, so that a change is a readable diff."""
    parts = [_HEADER]
    for name, corpus in sorted(floors.items()):
        parts.append(f"[{name}]\nsample = {corpus.sample}\n")
        for set_name in sorted(corpus.sets, key=SETS.index):
            figures = "".join(f"{figure} = {floor:.4f}\n" for figure, floor in corpus.sets[set_name].items())
            parts.append(f"[{name}.{set_name}]\n{figures}")
    return "\n".join(parts)


def our_figures(result: SetResult) -> Mapping[str, float]:
    """Our own figures on a set."""
    return next(tool.figures for tool in result.tools if tool.tool == OURS)


def _floors_of(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: max(0.0, round(figures[name] - MARGIN, 4)) for name in PINNED if name in figures}


def _corpus_floors(name: str, table: Any) -> CorpusFloors:
    """One corpus's table, checked: a floor that is misspelt would never be missed."""
    if not isinstance(table, dict) or not isinstance(table.get("sample"), int) or table["sample"] < 1:
        raise FloorsError(f"floors of {name}: `sample` must be a number of pages, such as {DEFAULT_SAMPLE}")
    sets = {key: value for key, value in table.items() if key != "sample"}
    for set_name, figures in sets.items():
        if set_name not in SETS or not isinstance(figures, dict):
            raise FloorsError(f"floors of {name}: unknown set {set_name!r}, known are {', '.join(SETS)}")
        for figure, floor in figures.items():
            if figure not in FIGURES or figure == "without" or not isinstance(floor, float):
                raise FloorsError(f"floors of {name} {set_name}: {figure} = {floor!r} is no floor for a known figure")
    return CorpusFloors(table["sample"], sets)
