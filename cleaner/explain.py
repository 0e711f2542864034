"""Show why each block of a page was kept or dropped: as lines like a diff's, as a sum for one block, as JSON.

Nothing is decided here: what is shown is the judgement by which the article was made.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import click

from cleaner.model import KINDS, Article, Block, Decision, Evidence, Rule
from cleaner.render import plain, visible

#: A total so close to the threshold, in decibans, might as well have fallen on its other side: odds of two to one.
NEAR: Final = 3
#: Measures shown beside a block's rules, the strongest first; `--why` and the JSON object have all.
MEASURES_SHOWN: Final = 3
#: Rows that a block's text may take on a terminal.
ROWS_SHOWN: Final = 3
#: Blocks told one by one when several contain the text that was asked for.
MOST_TOLD: Final = 10

#: Colours of the terminal's palette of 256, each to be read on light and on dark.
_COLOURS: Final[Mapping[str, int]] = {
    "cookie": 136, "navigation": 67, "masthead": 97, "share": 33, "counter": 37, "metadata-label": 102,
    "author-box": 133, "credit": 139, "related": 166, "comments": 71, "newsletter": 169, "advertisement": 160,
    "paywall": 172, "legal": 101, "title": 30, "boilerplate": 243,
}  # fmt: skip
_WHO_COLOUR: Final = 66

_WHO_WIDTH: Final = 40
_CODE_WIDTH: Final = 6
_LEAST_TEXT: Final = 16
#: From so many columns on there is room for the kinds' names and for more than one rule's code.
_ROOMY: Final = 72
_RULES_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Explained:
    """A block with its decision, all evidence for it, and whether it was a near miss."""

    block: Block
    decision: Decision
    evidence: tuple[Evidence, ...]
    near: bool

    @property
    def number(self) -> int:
        """The block's number on its page, from 1."""
        return self.block.index + 1

    @property
    def rules(self) -> list[Evidence]:
        """What rules say; they alone name a kind or a veto."""
        return [evidence for evidence in self.evidence if is_rule(evidence)]


def is_rule(evidence: Evidence) -> bool:
    """Whether a rule says this, not a measure."""
    return evidence.veto or evidence.kind is not None


def explained(article: Article, threshold: int = 0) -> Iterator[Explained]:
    """Each block of an article's page with its decision. `threshold` is the one that the article was cleaned with."""
    for block, decision in article.judged.decided:
        evidence = decision.evidence
        settled = any([said.decisive or said.veto for said in evidence])
        yield Explained(block, decision, evidence, not settled and abs(decision.total - threshold) <= NEAR)


def find_blocks(article: Article, wanted: str, threshold: int = 0) -> list[Explained]:
    """The blocks that are meant by a number (from 1), or that contain a text, whatever its case; there may be none.

    Digits are a number if the page has a block of that number, and else a text.
    """
    every = list(explained(article, threshold))
    if wanted.isdecimal() and 0 < int(wanted) <= len(every):
        return [every[int(wanted) - 1]]
    return [one for one in every if wanted.casefold() in one.block.text.casefold()]


def portable(article: Article) -> Article:
    """An article that can go from one process to another: all evidence is put into words, its raw page left behind."""
    judgement = article.judged
    page = judgement.page
    source = replace(page.document.source, data=b"")
    page = replace(page, document=replace(page.document, source=source, text=""), folded=(), containers=())
    decisions = tuple([decision._replace(said=(decision.evidence,)) for decision in judgement.decisions])
    return replace(article, judgement=replace(judgement, page=page, decisions=decisions))


# --- As JSON ---------------------------------------------------------------------------------------------------------


def view(article: Article, threshold: int = 0) -> dict[str, Any]:
    """An article's judgement as a JSON-safe object: every block with its decision and all evidence for it."""
    document = article.judged.page.document
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
            "threshold": threshold,
            "blocks": [block_view(one) for one in explained(article, threshold)],
        }
    )
    return shown


def block_view(one: Explained) -> dict[str, Any]:
    """A block's decision with all its evidence, as an object for JSON."""
    return {
        "number": one.number,
        "index": one.block.index,
        "keep": one.decision.keep,
        "kind": one.decision.kind,
        "total": one.decision.total,
        "near": one.near,
        "tag": one.block.tag,
        "text": one.block.text,
        "evidence": [_evidence_view(evidence) for evidence in one.evidence],
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


# --- As a diff -------------------------------------------------------------------------------------------------------


def lines(article: Article, *, threshold: int = 0, width: int | None = None, colour: bool = False) -> Iterator[str]:
    """A page's blocks as lines like a diff's: `-` for a dropped one, number, points, kind, who says so, the text.

    `width` is the terminal's, in columns; without it each block is one line, and nothing is cut. Whatever stands on
    the page, no control character of it reaches the terminal.
    """
    every = list(explained(article, threshold))
    yield from _head(article)
    yield ""
    layout = _layout(every, width, colour)
    for one in every:
        yield from layout.rows(one)
    yield ""
    if any(not one.decision.keep for one in every):
        yield from _summary(every, width, colour)
        yield ""
    yield _sum(article, every)


def _head(article: Article) -> Iterator[str]:
    document = article.judged.page.document
    yield visible(f"{article.id}: {document.kind}, {document.encoding.name} ({document.encoding.why})")
    yield visible(f"rules {article.ruleset}")
    if document.repairs:
        yield visible(f"repaired: {', '.join(document.repairs)}")
    if article.title:
        yield visible(f"title: {article.title}")
    for note in article.notes:
        yield visible(f"note: {note}")


@dataclass(frozen=True, slots=True)
class _Layout:
    """How wide each column is, in columns of the terminal; a `text` of None takes a line of any length."""

    digits: int
    kinds: int
    who: int
    text: int | None
    colour: bool

    def rows(self, one: Explained) -> Iterator[str]:
        """The rows of one block; the margin stands before the first."""
        decision = one.decision
        change, near = " " if decision.keep else "-", "~" if one.near else " "
        mark = f"{change} {one.number:{self.digits}} {decision.total:+4d}{near} "
        kind = f"{decision.kind or '':{self.kinds}}  " if self.kinds else ""
        who = f"{self._who(one)}  "
        first, *more = _wrapped(visible(one.block.text), self.text)
        if not self.colour:
            yield (mark + kind + who + first).rstrip()
        else:
            yield (
                click.style(mark + kind, fg=_colour(decision))
                + click.style(who, fg=_WHO_COLOUR)
                + _paint(first, decision)
            )
        indent = " " * len(mark + kind + who)
        yield from [indent + (_paint(row, decision) if self.colour else row) for row in more]

    def _who(self, one: Explained) -> str:
        said = _who(one)
        if self.who == _CODE_WIDTH:
            said = one.rules[0].source if one.rules else ""
        return f"{said if self.text is None else _cut(said, self.who):{self.who}}"


def _layout(every: Sequence[Explained], width: int | None, colour: bool) -> _Layout:
    digits = len(str(len(every)))
    kinds = max([len(one.decision.kind or "") for one in every], default=0)
    if width is None:
        return _Layout(digits, kinds, _WHO_WIDTH, None, colour)
    roomy = width >= _ROOMY
    kinds, who = (kinds, min(_WHO_WIDTH, width // 3)) if roomy else (0, _CODE_WIDTH)
    margin = len(f"- {'':{digits}} +000~ ") + (kinds + 2 if kinds else 0) + who + 2
    return _Layout(digits, kinds, who, max(_LEAST_TEXT, width - margin), colour)


def _colour(decision: Decision) -> int | None:
    return None if decision.keep else _COLOURS.get(decision.kind or "", _COLOURS["boilerplate"])


def _paint(text: str, decision: Decision) -> str:
    """Kept text stays as it is; dropped text is struck, in the colour of its kind."""
    return text if decision.keep else click.style(text, fg=_colour(decision), strikethrough=True)


def _who(one: Explained) -> str:
    """Who spoke on a block: all rules, then the strongest measures."""
    measures = sorted([said for said in one.evidence if not is_rule(said)], key=lambda said: -abs(said.points))
    said = [f"{said.source} {_points(said)}" for said in (*one.rules, *measures[:MEASURES_SHOWN]) if _says(said)]
    return visible(", ".join(said))


def _says(evidence: Evidence) -> bool:
    return bool(evidence.points or evidence.decisive or evidence.veto)


def _points(evidence: Evidence) -> str:
    return "keeps" if evidence.veto else f"{evidence.points:+d}"


def _summary(every: Iterable[Explained], width: int | None, colour: bool) -> Iterator[str]:
    """A row for each kind that went: blocks, their share of the page's text, the rules that took most of them."""
    blocks: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    rules: defaultdict[str, Counter[str]] = defaultdict(Counter)
    every = list(every)
    for one in every:
        kind = one.decision.kind or ""
        blocks[kind] += 1
        characters[kind] += len(one.block.text)
        rules[kind].update([said.source for said in one.rules if said.kind == kind])
    whole = max(1, characters.total())
    for kind in [kind for kind in KINDS if blocks[kind]]:
        name, codes = f"{kind:14}", ", ".join([code for code, _ in rules[kind].most_common(_RULES_SHOWN)])
        row = f"{blocks[kind]:6,} {100 * characters[kind] / whole:5.1f} %  {visible(codes)}".rstrip()
        row = row if width is None else _cut(row, max(_LEAST_TEXT, width - len(name)))
        yield (click.style(name, fg=_COLOURS[kind]) if colour else name) + row


def _sum(article: Article, every: Sequence[Explained]) -> str:
    """The line that adds up: blocks kept, blocks dropped of each kind, and near misses."""
    kept = sum([one.decision.keep for one in every])
    near = sum([one.near for one in every])
    kinds = ", ".join([f"{count:,} {kind}" for kind, count in article.removed.items()])
    total = f"{len(every):,} blocks = {kept:,} kept + {len(every) - kept:,} dropped" + (f" ({kinds})" if kinds else "")
    return total + (f"; ~ {near:,} near the threshold" if near else "")


# --- As a sum --------------------------------------------------------------------------------------------------------


def why(one: Explained, article: Article, rules: Mapping[str, Rule], threshold: int = 0) -> Iterator[str]:
    """One block's evidence as a sum, strongest words first, and what came of it.

    `rules` are all that were at work, by their codes: they tell where a rule stands.
    """
    yield visible(f"{article.id}, block {one.number}: {_verdict(one, threshold)}")
    yield f"  {visible(one.block.text)}"
    yield ""
    telling = sorted(
        [said for said in one.evidence if _says(said)], key=lambda said: (not is_rule(said), -abs(said.points))
    )
    width = max([len(visible(said.source)) for said in telling], default=0)
    for said in telling:
        yield f"  {said.points:+4d}  {visible(said.source):{width}}  {visible(_reason(said, rules))}".rstrip()
    over = one.decision.total - sum([said.points for said in one.evidence])
    if over:
        yield f"  {over:+4d}  {'cap':{width}}  rules of which none is decisive say only so much together"
    yield f"  {one.decision.total:+4d}  in all; blocks go from {threshold:+d} on" + (
        "; a near miss" if one.near else ""
    )


def _reason(said: Evidence, rules: Mapping[str, Rule]) -> str:
    rule = rules.get(said.source)
    return f"{said.why} ({rule.summary}; {rule.file})" if rule else said.why


def _verdict(one: Explained, threshold: int) -> str:
    """What became of a block, and what settled it."""
    decision = one.decision
    if decision.kind == "title":
        return "dropped as title, because it is the headline; --title puts it first"
    veto = next((said.source for said in one.rules if said.veto), None)
    if veto:
        return f"kept, because {veto} keeps what it matches"
    decisive = next((said.source for said in one.rules if said.decisive and said.kind == decision.kind), None)
    if decisive:
        return f"dropped as {decision.kind}, because {decisive} is decisive"
    if decision.keep and decision.total >= threshold:
        return "kept, because in a flat text with hardly any chrome only a decisive rule drops"
    return f"{'kept' if decision.keep else f'dropped as {decision.kind}'} by its total"


# --- Columns ---------------------------------------------------------------------------------------------------------


def _wrapped(text: str, width: int | None) -> list[str]:
    """A text as rows of so many columns, broken at spaces where there are any; what is too much is cut."""
    if width is None:
        return [text]
    rows: list[str] = []
    while len(rows) < ROWS_SHOWN - 1 and (end := _fitting(text, width)) < len(text):
        at = text.rfind(" ", 1, end + 1)
        at = at if at > 0 else max(1, end)
        rows.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*rows, _cut(text, width)]


def _cut(text: str, width: int) -> str:
    """The start of a text that fits into so many columns, with `…` where that is not all."""
    return text if _fitting(text, width) == len(text) else text[: _fitting(text, width - 1)] + "…"


def _fitting(text: str, width: int) -> int:
    """How many characters fit into so many columns; letters of East Asia take two."""
    columns = 0
    for at, character in enumerate(text):
        columns += _columns(character)
        if columns > width:
            return at
    return len(text)


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me") or character in "\u200c\u200d":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
