"""How good a cleaned text is against what is true of its page.

Per page: F1, precision and recall over the bag of words of the true body; the same F1 over runs of four words
(`shingle`), in which order counts; and the shares of must-have (`with`) and must-not-have (`without`) snippets
that the text holds. Over many pages each figure is a mean, but segF1 is one F1 over all snippets together:
a must-have that is there is right, one that is missing and a must-not-have that is there are wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bench.corpus import Truth

#: The figures in the order of reports; `without` alone is better when lower.
FIGURES: Final = ("f1", "p", "r", "shingle", "with", "without", "segF1")

_WORD: Final = re.compile(r"\w+")
_RUN: Final = 4


@dataclass(frozen=True, slots=True)
class Overlap:
    """Agreement of two bags: F1, precision and recall, each from 0 to 1."""

    f1: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Found:
    """How many of a page's snippets the text holds."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.count / self.of


@dataclass(frozen=True, slots=True)
class PageFigures:
    """The figures of one page; None where the page's truth has nothing to measure them by."""

    words: Overlap | None
    shingle: float | None
    must_have: Found | None
    must_not_have: Found | None


def score_page(text: str, truth: Truth) -> PageFigures:
    """Measure one cleaned text; an empty text is a text."""
    words = shingle = None
    if truth.body is not None:
        given, true = _WORD.findall(text.lower()), _WORD.findall(truth.body.lower())
        words, shingle = compare(given, true), compare(_runs(given), _runs(true)).f1
    return PageFigures(words, shingle, _found(truth.must_have, text), _found(truth.must_not_have, text))


def compare(given: Iterable[Hashable], true: Iterable[Hashable]) -> Overlap:
    """Compare two bags of anything; two empty ones agree."""
    bag, wanted = Counter(given), Counter(true)
    if not bag or not wanted:
        same = float(bag == wanted)
        return Overlap(same, same, same)
    shared = (bag & wanted).total()
    precision, recall = shared / bag.total(), shared / wanted.total()
    return Overlap(_harmonic(precision, recall), precision, recall)


def summarise(pages: Sequence[PageFigures]) -> dict[str, float]:
    """The figures of many pages, to four places; a figure that no page has is left out."""
    words = [page.words for page in pages if page.words]
    means = {
        "f1": _mean([overlap.f1 for overlap in words]),
        "p": _mean([overlap.precision for overlap in words]),
        "r": _mean([overlap.recall for overlap in words]),
        "shingle": _mean([page.shingle for page in pages if page.shingle is not None]),
        "with": _mean([page.must_have.share for page in pages if page.must_have]),
        "without": _mean([page.must_not_have.share for page in pages if page.must_not_have]),
        "segF1": _snippet_f1(pages),
    }
    return {figure: round(value, 4) for figure, value in means.items() if value is not None}


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    """All runs of four words; a shorter text is one run."""
    if not words:
        return []
    return [tuple(words[start : start + _RUN]) for start in range(max(1, len(words) - _RUN + 1))]


def _found(snippets: Sequence[str], text: str) -> Found | None:
    return Found(sum(snippet in text for snippet in snippets), len(snippets)) if snippets else None


def _snippet_f1(pages: Iterable[PageFigures]) -> float | None:
    """One F1 over the snippets of all pages; None where not one must-have was found."""
    right = missing = wrong = 0
    for page in pages:
        if page.must_have:
            right += page.must_have.count
            missing += page.must_have.of - page.must_have.count
        if page.must_not_have:
            wrong += page.must_not_have.count
    return _harmonic(right / (right + wrong), right / (right + missing)) if right else None


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
