"""How often title, author and date are what is true of a page: ours beside trafilatura's, on the same pages.

One normalisation for all: words are compared folded (case, accents and punctuation off). A title is *equal* if all its
words are the true ones, in their order, and *near* if it also may have the site's name or a subtitle more or less
(one begins or ends with the other) or shares four fifths of its words with the true one. Authors are compared as a set
of names, dates as days. `more` counts values given where the truth has none: most of those pages state one, so that
this is no measure of error, but says how much a tool ventures.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from bench.corpus import Corpus, Truth
from bench.report import Table
from bench.run import WARM_UP_PAGES
from bench.score import compare
from cleaner.model import Facts, Source

Read: TypeAlias = Callable[[Source], Facts]

#: What share of its words, as F1, a title that is near the true one has in common with it.
_NEAR: Final = 0.8
_WORD: Final = re.compile(r"\w+")
_BETWEEN_NAMES: Final = re.compile(r"[,;&|]|\s(?:and|und|et|y|e)\s")
_BY: Final = re.compile(r"^\s*by\s+", re.IGNORECASE)
_DAY_LENGTH: Final = 10


class Share(NamedTuple):
    """How many pages have a value that is right, of those whose truth has one; and how many have one beyond these."""

    right: int
    of: int
    more: int


@dataclass(frozen=True, slots=True)
class FactsResult:
    """One tool's facts on the pages of one corpus: its shares by name, and CPU milliseconds per page."""

    tool: str
    shares: dict[str, Share]
    milliseconds: float


def measure_facts(corpus: Corpus, sample: int | None) -> list[FactsResult]:
    """Read the facts of a corpus's HTML pages with each tool."""
    pages = corpus.pages("html", sample)
    truths = [corpus.truths[page.id] for page in pages]
    results = []
    for tool, load in (("cleaner", _load_cleaner), ("trafilatura", _load_trafilatura)):
        read = load()
        for page in pages[:WARM_UP_PAGES]:
            read(page.source())
        start = time.process_time()
        facts = [read(page.source()) for page in pages]
        seconds = time.process_time() - start
        results.append(FactsResult(tool, count_right(truths, facts), 1000 * seconds / max(1, len(pages))))
    return results


def count_right(truths: Sequence[Truth], facts: Sequence[Facts]) -> dict[str, Share]:
    """How many of the facts are right, page by page."""
    titles = [(truth.title, fact.title) for truth, fact in zip(truths, facts, strict=True)]
    dates = [(truth.date, fact.date) for truth, fact in zip(truths, facts, strict=True)]
    authors = [(truth.author, fact.author) for truth, fact in zip(truths, facts, strict=True)]
    return {
        "title": _share(titles, lambda true, given: _words(true) == _words(given)),
        "title, near": _share(titles, is_near),
        "date": _share(dates, lambda true, given: true[:_DAY_LENGTH] == given[:_DAY_LENGTH]),
        "author": _share(authors, lambda true, given: names_in(true) == names_in(given)),
    }


def is_near(true: str, given: str) -> bool:
    """Whether a title is the true one, give or take the site's name, a subtitle or a fifth of its words."""
    words, others = _words(true), _words(given)
    if not words or not others:
        return words == others
    short, long = sorted((words, others), key=len)
    return long[: len(short)] == short or long[-len(short) :] == short or compare(words, others).f1 >= _NEAR


def names_in(field: str) -> set[tuple[str, ...]]:
    """The names in an author field, without "by" before them."""
    return {tuple(_words(name)) for name in _BETWEEN_NAMES.split(_BY.sub("", field))} - {()}


def facts_table(corpus: Corpus, results: Sequence[FactsResult]) -> Table:
    """The shares of all tools, a row for each."""
    columns = [column for name in results[0].shares for column in (name, "more")]
    rows = tuple(
        (
            result.tool,
            *[
                cell
                for share in result.shares.values()
                for cell in (f"{share.right / max(1, share.of):.4f}", str(share.more))
            ],
            f"{result.milliseconds:.2f}",
        )
        for result in results
    )
    counts = ", ".join(f"{share.of} with {name}" for name, share in results[0].shares.items() if name != "title, near")
    return Table(f"{corpus.name}, metadata of HTML pages: {counts}", ("tool", *columns, "ms"), rows)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _share(pairs: Sequence[tuple[str | None, str | None]], agrees: Callable[[str, str], bool]) -> Share:
    stated = [(true, given) for true, given in pairs if true]
    right = sum(given is not None and agrees(true, given) for true, given in stated)
    return Share(right, len(stated), sum(1 for true, given in pairs if not true and given))


def _load_cleaner() -> Read:
    from cleaner.decode import decode
    from cleaner.facts import read_facts
    from cleaner.repair import repair
    from cleaner.segment import segment

    return lambda source: read_facts(segment(repair(decode(source))))


def _load_trafilatura() -> Read:
    from trafilatura.metadata import extract_metadata
    from trafilatura.utils import load_html

    def read(source: Source) -> Facts:
        tree = load_html(source.data)
        found = extract_metadata(tree) if tree is not None else None
        return Facts(found.title, found.author, found.date) if found else Facts()

    return read
