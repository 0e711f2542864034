"""The whole way of one document, from raw bytes to an article: the stages in their order, and nothing else."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from cleaner.decide import decide, keep_all
from cleaner.decode import decode
from cleaner.extract import extract
from cleaner.language import detect_language
from cleaner.limits import MAX_ATTRIBUTES, MAX_DEPTH
from cleaner.match import Matcher
from cleaner.measure import measure, measure_votes
from cleaner.metadata import read_facts
from cleaner.model import Article, Earlier, Evidence, Judgement, Options, Page, Source, SourceKind, Witness
from cleaner.points import Points, load_points
from cleaner.render import text as render_text
from cleaner.repair import MOST_MARKS, repair
from cleaner.segment import segment
from cleaner.shape import Shape
from cleaner.store import ready_rules

DEFAULTS: Final = Options()
#: From this confidence on, a page's own evidence is enough, and the outside witness is not asked.
SURE: Final = 0.75

#: Repairs that leave something out which may have been meant, and what to say of it.
_CUTS: Final = {
    "mark-runs": f"runs of more than {MOST_MARKS} combining marks were cut to that number",
    "limits": f"elements deeper than {MAX_DEPTH}, or attributes beyond a tag's {MAX_ATTRIBUTES}th, were left out; "
    "their text was not",
}


@dataclass(frozen=True, slots=True)
class Cleaner:
    """Cleans documents under one set of options. Rules are loaded once, when it is made; `ruleset` names them.

    Raises `RuleError` or `UsageError` when the options' rules can't be used.
    """

    options: Options = DEFAULTS
    ruleset: str = field(init=False)
    matcher: Matcher = field(init=False, repr=False)

    def __post_init__(self) -> None:
        with _uncollected():
            ready = ready_rules(self.options)
            object.__setattr__(self, "ruleset", ready.id)
            object.__setattr__(self, "matcher", Matcher(ready))

    def clean(self, source: Source) -> Article:
        """The article in a source. Raises `InputError` when the bytes can't be understood."""
        page = segment(repair(decode(source)))
        if source.earlier and source.earlier.ruleset == self.ruleset and not self.options.threshold:
            # A body is no scrape: cleaned again without the chrome that was around it, it would only be worn down.
            return _article(keep_all(page, "these very rules have made this body"), self.ruleset, ())
        matches = self.matcher.match(page)
        judgement, note = judge(page, matches.evidence, measure(page), self.options.threshold, extract, load_points())
        return _article(
            judgement, self.ruleset, tuple(filter(None, (*_cuts(page), *judgement.notes, *matches.notes, note)))
        )


def judge(
    page: Page,
    matched: Sequence[tuple[Evidence, ...]],
    shapes: Sequence[Shape],
    threshold: int,
    ask: Callable[[Page], Witness],
    points: Mapping[str, Points],
) -> tuple[Judgement, str | None]:
    """Decide by the page's own evidence, and with a witness's votes where that leaves an HTML page in doubt.

    The second value is the witness's note, if it was asked and has one.
    """
    facts, kind = read_facts(page), page.document.kind
    judgement = decide(page, matched, shapes, facts, points[kind], threshold)
    if kind == "text" or judgement.confidence >= SURE:
        return judgement, None
    witness = ask(page)
    if not witness.votes:
        return judgement, witness.note
    voted = measure_votes(shapes, witness.votes)
    return decide(page, matched, voted, facts, points["voted"], threshold), witness.note


def clean(
    data: bytes | str,
    *,
    url: str | None = None,
    kind: SourceKind = "auto",
    title: str | None = None,
    options: Options = DEFAULTS,
) -> Article:
    """Clean one raw scrape.

    `data` is a page's bytes in any encoding, or text already decoded; `kind` says whether it is HTML or flat
    text, `auto` tells by content; `url` lets rules for single sites apply and makes links absolute; `title`
    is the headline if it is known already. Raises `InputError` when the data can't be understood, `RuleError`
    or `UsageError` when the options can't be used.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return _cleaner(options).clean(Source(raw, url=url, kind=kind, title=title))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Make what lives as long as the process: the collector need not walk it, neither now nor for every page."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


@cache
def _cleaner(options: Options) -> Cleaner:
    return Cleaner(options)


def _cuts(page: Page) -> Iterator[str]:
    """What of a page was too much for its caps, in words."""
    return (_CUTS[name] for name in page.document.repairs if name in _CUTS)


def _article(judgement: Judgement, ruleset: str, notes: tuple[str, ...]) -> Article:
    page = judgement.page
    source = page.document.source
    earlier = source.earlier or Earlier(ruleset)
    body = render_text(page.blocks, [decision.keep for decision in judgement.decisions])
    removed = Counter(earlier.removed) + Counter([d.kind for d in judgement.decisions if d.kind])
    return Article(
        id=source.id,
        text=body,
        title=judgement.facts.title,
        url=source.url,
        author=judgement.facts.author or earlier.author,
        date=judgement.facts.date or earlier.date,
        language=earlier.language or (detect_language(body) if body else None) or page.head.get("lang"),
        status="ok" if body else "empty",
        removed=dict(sorted(removed.items())),
        ruleset=ruleset,
        notes=tuple(dict.fromkeys((*earlier.notes, *notes))),
        metadata=source.metadata,
        judgement=judgement,
    )
