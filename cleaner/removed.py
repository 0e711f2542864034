"""Say which spans of a document went, and put them back: in the attributes format of dolma, with the texts beside it.

Spans are offsets, in characters, into the *repaired source*: for flat text the decoded and repaired text, for HTML the
text of all blocks as it would be written if none had gone. Body and spans make up the whole of it, to the character.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from cleaner.blame import decider
from cleaner.errors import InputError
from cleaner.model import Article, Decision, Judgement, Page, Removal, Span
from cleaner.render import Form, present, text

#: The attribute that holds all spans, and that of white space, which goes with no rule.
ALL: Final = "clean__removed"
SPACE: Final = "clean__space"
#: Stands for a rule's code where none spoke, and shape alone convicted.
NO_RULE: Final = "shape"


def present_with_removal(article: Article, form: Form = "text", *, title: bool = False) -> Article:
    """The article as `present` gives it, with the spans that went."""
    removal = find_removal(article.judged, article.text)
    return replace(present(article, form, title=title), removal=removal)


def source_text(page: Page) -> str:
    """A page's repaired source, which is what spans are offsets into."""
    if page.document.kind == "text":
        return page.document.text
    return text(page.blocks, [True] * len(page.blocks))


def find_removal(judgement: Judgement, body: str) -> Removal:
    """The spans of the repaired source that `body`, the text of what was kept, doesn't hold."""
    source = source_text(judgement.page)
    kept, dropped = _places(source, judgement)
    spans = tuple(_spans(_complement(_with_line_ends(kept, source, body), len(source)), dropped))
    texts = tuple([source[span.start : span.end] for span in spans])
    return Removal(len(source), _digest(source), spans, texts)


_Place = tuple[int, int]


def _places(source: str, judgement: Judgement) -> tuple[list[_Place], list[tuple[_Place, Decision]]]:
    """Where the lines of the kept blocks are, with their indentation, and where the dropped blocks are, without."""
    kept: list[_Place] = []
    dropped: list[tuple[_Place, Decision]] = []
    lines = _lines(source)
    for block, decision in judgement.decided:
        count = sum([not line.isspace() for line in (block.lead + block.text).split("\n") if line])
        own = [next(lines) for _ in range(count)]
        if decision.keep:
            kept += [(start, end) for start, _, end in own]
        elif own:
            dropped.append(((own[0][1], own[-1][2]), decision))
    return kept, dropped


def _lines(source: str) -> Iterator[tuple[int, int, int]]:
    """The lines that aren't blank: where each starts, where its first character and its last one stand."""
    at = 0
    for line in source.split("\n"):
        end = at + len(line.rstrip())
        if end > at:
            yield at, end - len(line.strip()), end
        at += len(line) + 1


def _with_line_ends(kept: Iterable[_Place], source: str, body: str) -> Iterator[_Place]:
    """The kept lines, and of the line ends between them as many as the body has: the first, and if apart the last."""
    apart = [not before for before, line in zip(["x", *body.split("\n")], body.split("\n"), strict=False) if line]
    before: int | None = None
    for (start, end), stands_apart in zip(kept, apart, strict=True):
        if before is not None:
            first = source.index("\n", before)
            yield first, first + 1
            if stands_apart:
                last = source.rindex("\n", first + 1, start)
                yield last, last + 1
        yield start, end
        before = end
    if before is not None and (last := source.find("\n", before)) >= 0:
        yield last, last + 1


def _complement(kept: Iterable[_Place], length: int) -> Iterator[_Place]:
    at = 0
    for start, end in (*kept, (length, length)):
        if start > at:
            yield at, start
        at = end


def _spans(removed: Iterable[_Place], dropped: Sequence[tuple[_Place, Decision]]) -> Iterator[Span]:
    """Cut what was removed into the dropped blocks and the white space around them."""
    blocks = iter(dropped)
    block = next(blocks, None)
    for at, end in removed:
        while block and block[0][0] < end:
            (start, stop), decision = block
            if start > at:
                yield Span(at, start)
            yield Span(start, stop, decision.kind, decider(decision), decision.total)
            at, block = stop, next(blocks, None)
        if end > at:
            yield Span(at, end)


# --- Rows ------------------------------------------------------------------------------------------------------------


def removal_row(article: Article) -> dict[str, Any]:
    """An article's removal as a row of dolma's attributes, with what else it takes to put the spans back."""
    removal = article.removal or Removal(0, _digest(""), (), ())
    attributes: dict[str, list[list[int]]] = {ALL: []}
    for span in removal.spans:
        place = [span.start, span.end, span.points]
        attributes[ALL].append(place)
        attributes.setdefault(_attribute(span), []).append(place)
    return {
        "id": article.id,
        "attributes": attributes,
        "texts": removal.texts,
        "length": removal.length,
        "sha256": removal.digest,
    }


def _attribute(span: Span) -> str:
    """The name of the attribute that a span stands under: `clean__author_box__AUT001`."""
    return f"clean__{span.kind.replace('-', '_')}__{span.code or NO_RULE}" if span.kind else SPACE


def restore(body: str, row: Mapping[str, Any]) -> str:
    """Put what was removed back into a body; the result is the repaired source, to the character.

    `row` is the body's line of a file that `--removed` wrote. Raises InputError (stage `restore`) when they don't fit:
    it takes the body as plain text, without a title, as it was written.
    """
    try:
        spans, texts, length = row["attributes"][ALL], row["texts"], row["length"]
        source = "".join(_pieces(body, zip(spans, texts, strict=True), length))
        # A body ends with a line end, whether its source does or not.
        over = body[length - sum([end - start for start, end, _ in spans]) :]
        fits = row["sha256"] == _digest(source) and over in ("", "\n")
    except (KeyError, TypeError, ValueError):
        raise InputError("not a row that --removed has written; give that file", stage="restore") from None
    if not fits:
        raise InputError("this body is not what was left; give it as text, just as it was written", stage="restore")
    return source


def _pieces(body: str, removed: Iterable[tuple[Sequence[int], str]], length: int) -> Iterator[str]:
    at = place = 0
    for (start, end, _), words in removed:
        yield body[at : at + start - place]
        yield words
        at, place = at + start - place, end
    yield body[at : at + length - place]


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
