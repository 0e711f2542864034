"""Tell whether an HTML page is an article, by what it says of itself, its address, and how its body is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from cleaner.linked import LinkedData
from cleaner.model import Decision, Evidence, Facts, Judgement, Page
from cleaner.shape import Shape

#: Types (schema.org) of articles, and of pages that are none; a page that says to be both is an article.
_ARTICLE: Final = re.compile(r"article$|blogposting|report|recipe$|^review$|essay", re.IGNORECASE)
_NO_ARTICLE: Final = {
    **dict.fromkeys(("discussionforumposting", "qapage"), "a forum"),
    **dict.fromkeys(("product", "productgroup", "itempage", "videogame", "softwareapplication", "course"), "a product"),
    **dict.fromkeys(("collectionpage", "searchresultspage", "itemlist", "offercatalog"), "a list"),
    **dict.fromkeys(("service", "aboutpage", "contactpage", "jobposting", "profilepage"), "a page about somebody"),
    "apireference": "documentation",
}
#: Types that count as roles too; others mark parts of articles.
_ROLES: Final = ("discussionforumposting", "qapage", "product", "productgroup", "collectionpage", "searchresultspage")
#: The types of Open Graph that are of no article begin so.
_OPEN_GRAPH: Final = {"product": "a product", "profile": "a page about somebody", "video": "a video", "music": "music"}
#: Parts of addresses by which forums, shops, lists and manuals are known.
_ADDRESSES: Final = {
    "a forum": r"forums?|threads?|topics?|viewtopic\S*|showthread\S*|discussions?|questions|community|t",
    "a product": r"products?|shop|store|dp|p",
    "a list": r"collections?|categor(?:y|ies)|tags?|c",
    "a service": r"services?|support",
    "documentation": r"docs?|documentation",
}
_IN_ADDRESS: Final = {
    what: re.compile(rf"^https?://(?:{parts})\.|/(?:{parts})(?:[/.?]|$)", re.IGNORECASE)
    for what, parts in _ADDRESSES.items()
}
#: Of an article's words more than half are prose and of its characters few are links; and there are some.
_MIN_PROSE: Final = 0.5
_MAX_LINKS: Final = 0.3
_MIN_WORDS: Final = 60


def why_no_article(judgement: Judgement, shapes: Sequence[Shape]) -> str | None:
    """Why a page is no article, in words; None if it is one. `shapes` are those of all its blocks."""
    page = judgement.page
    types = {kind.lower() for kind in LinkedData(page.head.get("jsonld", "")).types()}
    if any(_ARTICLE.search(kind) for kind in types):
        return None
    stated = _stated(page, types)
    if stated:
        return f"it says to be {stated}"
    address = page.document.source.url or judgement.facts.canonical or ""
    for what, parts in _IN_ADDRESS.items():
        if parts.search(address):
            return f"its address is that of {what}"
    return _lacking(judgement, shapes)


def without_body(judgement: Judgement, why: str) -> Judgement:
    """The judgement on a page that is no article: nothing stays, and a note says why."""
    evidence = Evidence("no-article", 30, why, kind="boilerplate", decisive=True)
    decisions = [
        Decision(False, d.total + evidence.points, "boilerplate", (*d.said, (evidence,))) if d.keep else d
        for d in judgement.decisions
    ]
    return replace(judgement, decisions=tuple(decisions), notes=(f"no article: {why}",))


def _stated(page: Page, types: Iterable[str]) -> str | None:
    """What a page says to be, if that is no article."""
    roles = {container.role for container in page.containers}.intersection(_ROLES)
    found = next((_NO_ARTICLE[kind] for kind in sorted({*types, *roles}) if kind in _NO_ARTICLE), None)
    stated = page.head.get("og:type", "").lower()
    return found or next((what for kind, what in _OPEN_GRAPH.items() if stated.startswith(kind)), None)


def _lacking(judgement: Judgement, shapes: Sequence[Shape]) -> str | None:
    """What the body of a page lacks to be an article's."""
    kept = judgement.kept
    words = sum([shapes[block.index].words for block in kept])
    prose = sum([shapes[block.index].words for block in kept if shapes[block.index].prose])
    links = sum([block.link_chars for block in kept])
    if prose < _MIN_PROSE * words or links > _MAX_LINKS * sum([len(block.text) for block in kept]):
        return "it is hardly prose"
    if prose < _MIN_WORDS:
        return "it is too short"
    return None if _is_signed(judgement.facts) else "it has neither author nor date"


def _is_signed(facts: Facts) -> bool:
    return facts.author is not None or facts.date is not None
