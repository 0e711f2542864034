"""How often each shipped rule was right on the labelled corpora: read from `figures.toml` beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

import tomli

FILE: Final = "figures.toml"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a rule matched: different lines of pages, those of them that are chrome, and the pages and sites."""

    lines: int
    chrome: int
    pages: int
    sites: int

    @property
    def precision(self) -> float | None:
        """The share of the lines that are chrome, from 0 to 1; None for a rule that matched no line."""
        return self.chrome / self.lines if self.lines else None

    def __str__(self) -> str:
        if self.precision is None:
            return "no line of the corpora"
        return f"{self.chrome:,} of {self.lines:,} lines were chrome, on {self.pages:,} pages of {self.sites:,} sites"


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """The figures of all rules by code, and the digest of the rule set (`RuleSet.digest`) that they are of."""

    ruleset: str
    rules: Mapping[str, Figures]


def load_figures() -> RuleFigures:
    """Read the shipped figures."""
    content = tomli.loads((resources.files("cleaner") / FILE).read_text(encoding="utf-8"))
    return RuleFigures(content["ruleset"], {code: Figures(**row) for code, row in content["rules"].items()})
