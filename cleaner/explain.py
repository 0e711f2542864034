"""Show why each block of a page was kept or dropped, as lines for a terminal or as a JSON object.

Nothing is decided here: what is shown is the judgement by which the article was made.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import click

from cleaner.model import Article, Block, Decision, Evidence, Judgement
from cleaner.render import plain, visible

#: Measures shown beside a block's rules, the strongest first; the JSON object has all.
MEASURES_SHOWN: Final = 3

_WHO_WIDTH: Final = 40
_LEAST_WIDTH: Final = 20


def view(article: Article) -> dict[str, Any]:
    """An article's judgement as a JSON-safe object: every block with its decision and all evidence for it."""
    judgement = _judgement(article)
    document = judgement.page.document
    shown: dict[str, Any] = plain(
        {
            "id": article.id,
            "title": article.title,
            "url": article.url,
            "language": article.language,
            "status": article.status,
            "ruleset": article.ruleset,
            "form": document.kind,
            "encoding": {"name": document.encoding.name, "why": document.encoding.why},
            "repairs": document.repairs,
            "notes": article.notes,
            "removed": article.removed,
            "blocks": [_block_view(block, decision) for block, decision in _decided(judgement)],
        }
    )
    return shown


def lines(article: Article, *, width: int | None = None, colour: bool = False) -> Iterator[str]:
    """A page's blocks as lines like a diff's: `-` for a dropped one, points, kind, who says so, the text.

    `width` is the terminal's, in columns; without it nothing is cut. Whatever stands on the page, no control
    character of it reaches the terminal.
    """
    judgement = _judgement(article)
    yield from _head(article, judgement)
    yield ""
    kinds = max([len(decision.kind or "") for decision in judgement.decisions], default=0)
    for block, decision in _decided(judgement):
        yield _row(block, decision, kinds, width, colour)
    yield ""
    yield _sum(article, judgement)


def _block_view(block: Block, decision: Decision) -> dict[str, Any]:
    return {
        "index": block.index,
        "keep": decision.keep,
        "kind": decision.kind,
        "total": decision.total,
        "tag": block.tag,
        "text": block.text,
        "evidence": [_evidence_view(evidence) for evidence in decision.evidence],
    }


def _evidence_view(evidence: Evidence) -> dict[str, Any]:
    return {
        "source": evidence.source,
        "points": evidence.points,
        "why": evidence.why,
        "kind": evidence.kind,
        "decisive": evidence.decisive,
        "veto": evidence.veto,
    }


def _judgement(article: Article) -> Judgement:
    if article.judgement is None:
        raise ValueError("this article was parted from its judgement; clean it again to explain it")
    return article.judgement


def _decided(judgement: Judgement) -> Iterator[tuple[Block, Decision]]:
    return zip(judgement.page.blocks, judgement.decisions, strict=True)


def _head(article: Article, judgement: Judgement) -> Iterator[str]:
    document = judgement.page.document
    yield visible(f"{article.id}: {document.kind}, {document.encoding.name} ({document.encoding.why})")
    yield visible(f"rules {article.ruleset}")
    if document.repairs:
        yield visible(f"repaired: {', '.join(document.repairs)}")
    if article.title:
        yield visible(f"title: {article.title}")
    for note in article.notes:
        yield visible(f"note: {note}")


def _row(block: Block, decision: Decision, kinds: int, width: int | None, colour: bool) -> str:
    mark = f"{' ' if decision.keep else '-'} {decision.total:+4d}  {decision.kind or '':{kinds}}  "
    who, text = _who(decision), visible(block.text)
    room = _WHO_WIDTH
    if width is not None:
        room = min(_WHO_WIDTH, max(_LEAST_WIDTH, width // 3))
        who = _cut(who, room)
        text = _cut(text, max(_LEAST_WIDTH, width - len(mark) - room - 2))
    who = f"{who:{room}}  "
    if not colour:
        return (mark + who + text).rstrip()
    painted = click.style(mark, fg=None if decision.keep else "red") + click.style(who, fg="cyan")
    return painted + click.style(text, dim=not decision.keep)


def _who(decision: Decision) -> str:
    """Who spoke on a block: all rules, which alone name a kind or a veto, then the strongest measures."""
    rules = [evidence for evidence in decision.evidence if evidence.kind or evidence.veto]
    measures = [evidence for evidence in decision.evidence if not (evidence.kind or evidence.veto)]
    strongest = sorted(measures, key=lambda evidence: -abs(evidence.points))[:MEASURES_SHOWN]
    said = [f"{evidence.source} {_points(evidence)}" for evidence in (*rules, *strongest) if _says(evidence)]
    return visible(", ".join(said))


def _says(evidence: Evidence) -> bool:
    return bool(evidence.points or evidence.decisive or evidence.veto)


def _points(evidence: Evidence) -> str:
    return "keeps" if evidence.veto else f"{evidence.points:+d}"


def _sum(article: Article, judgement: Judgement) -> str:
    """The line that adds up: blocks kept, and blocks dropped of each kind."""
    kept = len(judgement.kept)
    total = len(judgement.decisions)
    kinds = ", ".join([f"{count:,} {kind}" for kind, count in article.removed.items()])
    return f"{total:,} blocks = {kept:,} kept + {total - kept:,} dropped" + (f" ({kinds})" if kinds else "")


def _cut(text: str, width: int) -> str:
    """The start of a text that fits into so many columns; letters of East Asia take two."""
    columns = 0
    for at, character in enumerate(text):
        columns += _columns(character)
        if columns > width or (columns == width and at + 1 < len(text)):
            return text[:at] + "…"
    return text


def _columns(character: str) -> int:
    if unicodedata.combining(character) or character in "\u200c\u200d":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
