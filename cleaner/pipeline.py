"""The whole way of one document, from raw bytes to an article: the stages in their order, and nothing else."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from cleaner.decide import decide, keep_all
from cleaner.decode import decode
from cleaner.extract import extract
from cleaner.facts import read_facts
from cleaner.language import detect_language
from cleaner.limits import MAX_ATTRIBUTES, MAX_DEPTH
from cleaner.match import Matcher
from cleaner.measure import measure, measure_votes
from cleaner.model import Article, Earlier, Evidence, Facts, Judgement, Options, Page, Source, SourceKind, Witness
from cleaner.points import Points, load_points
from cleaner.render import text as render_text
from cleaner.repair import MOST_MARKS, repair
from cleaner.segment import segment
from cleaner.shape import Shape
from cleaner.store import ready_rules

DEFAULTS: Final = Options()
#: From this confidence on, a page's own evidence is enough, and the outside witness is not asked.
SURE: Final = 0.7

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
            gc.freeze()  # this lives as long as the process: the collector need not walk it for every page

    def clean(self, source: Source) -> Article:
        """The article in a source. Raises `InputError` when the bytes can't be understood."""
        with _uncollected():
            return self._clean(source)

    def _clean(self, source: Source) -> Article:
        page = segment(repair(decode(source)))
        if source.earlier and source.earlier.ruleset == self.ruleset and not self.options.threshold:
            # A body is no scrape: cleaned again without the chrome that was around it, it would only be worn down.
            return _article(keep_all(page, "these very rules have made this body"), self.ruleset, ())
        matches = self.matcher.match(page)
        matched, shapes = self._with_captions(page, matches.evidence), measure(page)
        judgement, note = judge(page, matched, shapes, self.options.threshold, extract, load_points())
        judgement = self._articles_alone(judgement, shapes)
        notes = (*_cuts(page), *judgement.notes, *matches.notes, note)
        return _article(judgement, self.ruleset, tuple(filter(None, notes)))

    def _with_captions(self, page: Page, matched: Sequence[tuple[Evidence, ...]]) -> Sequence[tuple[Evidence, ...]]:
        if not self.options.captions:
            return matched
        from cleaner.captions import with_captions  # only for those who ask

        return with_captions(page, matched)

    def _articles_alone(self, judgement: Judgement, shapes: Sequence[Shape]) -> Judgement:
        if not self.options.as_article or judgement.page.document.kind != "html":
            return judgement
        from cleaner.article import why_no_article, without_body  # only for those who ask

        why = why_no_article(judgement, shapes)
        return without_body(judgement, why) if why else judgement


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
    """Hold off the collector: it would walk many objects many times, and find no cycle but those of the witness."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
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
    source, facts = page.document.source, judgement.facts
    earlier = source.earlier or Earlier(ruleset)
    body = render_text(page.blocks, [decision.keep for decision in judgement.decisions])
    language = earlier.language or (detect_language(body) if body else None) or facts.language
    author, day = facts.author or earlier.author, facts.date or earlier.date
    if not (author and day):
        bylined, dated = _read_dateline(judgement, language)
        author, day = author or bylined, day or dated
    removed = Counter(earlier.removed) + Counter([d.kind for d in judgement.decisions if d.kind])
    return Article(
        id=source.id,
        text=body,
        title=facts.title,
        url=source.url,
        author=author,
        date=day,
        language=language,
        status="ok" if body else "empty",
        removed=dict(sorted(removed.items())),
        ruleset=ruleset,
        notes=tuple(dict.fromkeys((*earlier.notes, *notes))),
        metadata={**_stated(facts), **source.metadata},
        judgement=judgement,
    )


def _read_dateline(judgement: Judgement, language: str | None) -> tuple[str | None, str | None]:
    from cleaner.dateline import read_dateline  # only for pages that do not state both

    return read_dateline(judgement, language)


def _stated(facts: Facts) -> dict[str, Any]:
    """What a page states beyond the fields of an article; an input record's own fields of these names stand."""
    stated = {"site": facts.site, "description": facts.description, "canonical": facts.canonical, "tags": facts.tags}
    return {name: value for name, value in stated.items() if value}
