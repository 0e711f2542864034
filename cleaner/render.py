"""Render a page's kept blocks as text, and an article as the record that JSON Lines output holds."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal, TypeAlias

import regex

from cleaner.errors import InputError
from cleaner.model import Article, Block

Form: TypeAlias = Literal["text", "markdown"]

#: Metadata of an input record may nest this deep; beyond it, writing it would overflow Python's stack.
MAX_NESTING: Final = 100

# Joiners are letters' shapes in Persian and Indic scripts and in emoji, not a means to drive a terminal.
_UNSAFE = regex.compile(r"(?V1)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}--[\u200c\u200d]]")
_encoded: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_BLANK_LINES = re.compile(r"\n{3,}")


def text(blocks: Sequence[Block], keep: Sequence[bool]) -> str:
    """The body as text: NFC, one `\\n` at its end, a blank line between kept blocks that stood apart.

    `blocks` are all blocks of a page and `keep` says which of them stay: where a dropped block stood apart,
    so do its kept neighbours. An empty body is the empty string.
    """
    parts: list[str] = []
    apart = False
    for block, kept in zip(blocks, keep, strict=True):
        apart = apart or block.gap
        if kept and block.text.strip():
            parts.append(("\n\n" if apart else "\n") + block.lead + block.text)
            apart = False
    return _settle("".join(parts))


def _settle(body: str) -> str:
    """Bring joined blocks to the text form: no trailing spaces, single blank lines, one line end at the end."""
    lines = [line.rstrip() for line in body.split("\n")]
    settled = "\n".join([line if line.isascii() else unicodedata.normalize("NFC", line) for line in lines])
    if "\n\n\n" in settled:
        settled = _BLANK_LINES.sub("\n\n", settled)
    settled = settled.strip("\n")
    return f"{settled}\n" if settled else ""


def headed(body: str, title: str | None, form: Form) -> str:
    """A body with its title before it, as a line of its own or as a Markdown heading."""
    if not title:
        return body
    if form == "markdown":
        from cleaner.markdown import heading  # not needed for text

        title = heading(title, 1)
    return f"{title}\n\n{body}" if body else f"{title}\n"


def present(article: Article, form: Form = "text", *, title: bool = False) -> Article:
    """The article as it is to be written: its text in the form asked for, without the judgement behind it.

    With `title`, the text begins with the headline, if one is known. Markdown needs the judgement.
    """
    body = article.text
    if form == "markdown" and article.judgement is not None:
        from cleaner.markdown import markdown  # not needed for text

        judgement = article.judgement
        body = markdown(judgement.page, [d.keep for d in judgement.decisions], url=article.url)
    return replace(article, text=headed(body, article.title if title else None, form), judgement=None)


def record(article: Article) -> dict[str, Any]:
    """An article as a JSON object in the order of `Article`, without its judgement; unknown values are None.

    Raises `InputError` when an input record's own fields nest too deep.
    """
    fields = {
        "id": article.id,
        "text": article.text,
        "title": article.title,
        "url": article.url,
        "author": article.author,
        "date": article.date,
        "language": article.language,
        "status": article.status,
        "removed": article.removed,
        "ruleset": article.ruleset,
        "notes": article.notes,
        "metadata": article.metadata,
    }
    return {name: plain(value) for name, value in fields.items()}


def json_line(value: Mapping[str, Any]) -> str:
    """A JSON-safe object on one line, every letter as itself, with its line end."""
    return _encoded(value) + "\n"


def line_of(article: Article) -> bytes:
    """An article as a line of JSON. Raises `InputError` as `record` does."""
    return article.line or json_line(record(article)).encode("utf-8", "replace")


def made_a_line(article: Article) -> Article:
    """An article made ready where it was cleaned: all that is to be written of it is its `line`."""
    return replace(article, text="", metadata={}, line=line_of(article))


def plain(value: Any, depth: int = 0) -> Any:
    """A value as JSON can hold it: lone surrogates escaped, NaN and the infinities null, other types as text.

    Raises `InputError` when it nests deeper than `MAX_NESTING`.
    """
    if depth > MAX_NESTING:
        raise InputError(f"the record's fields nest deeper than {MAX_NESTING} levels", stage="render")
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value]
    return plain(str(value))


def counted(number: int, what: str) -> str:
    """A number of things, as in "1 block" and "2,000 blocks"."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def visible(message: str) -> str:
    """A text fit for a terminal: whatever could drive one is shown as its escape, on one line."""
    return _UNSAFE.sub(lambda match: repr(match[0])[1:-1], message)
