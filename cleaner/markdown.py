"""Render a page's kept blocks as CommonMark that shows the blocks' text again, character for character."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

import regex

from cleaner.model import Block

#: Only these addresses become links; `javascript:`, `data:` and the like are left as plain text.
SCHEMES: Final = frozenset({"http", "https", "mailto"})

_CELL_BORDER: Final = " | "
_HARD_BREAK: Final = "\\\n"

# Each alternative is a place where CommonMark (or strikethrough) would read a plain character as markup.
# An underscore inside a word is not one, nor is "<" before a space or a backslash before a letter.
_INLINE = regex.compile(
    r"""[`*\[\]~]
    | \\(?=[!-/:-@\[-`{-~]|[^\S\n]*$)
    | (?<![\p{L}\p{M}\p{N}_])_++
    | (?<!_)_++(?![\p{L}\p{M}\p{N}])
    | <(?=[A-Za-z/!?])
    | &(?=\#?[0-9A-Za-z]+;)""",
    regex.VERBOSE | regex.MULTILINE,
)
# What would begin a heading, quote, list, rule, underline or table border at the start of a line.
_LINE_START = regex.compile(r"#{1,6}(?=\s|$)|[-+](?=\s|$)|>|=+\s*$|[-:|](?=[-\s|:]*$)")
_NUMBER = regex.compile(r"([0-9]{1,9})([.)])(?=\s|$)")
_CLOSING_HASHES = regex.compile(r"(?:(?<=\s)|^)#+$")
# Brackets and quotes would end the address; a backtick could pair with one in another address.
_NOT_IN_ADDRESS = regex.compile(r"[\x00-\x20\x7f<>()\[\]\\`|\"]")
_ENTITY = regex.compile(r"&(?=#?[0-9A-Za-z]+;)")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block that stays: the base address of its links, and whether it stands apart from the one before."""

    block: Block
    url: str | None
    apart: bool


@dataclass(frozen=True, slots=True)
class _Item:
    """A list item as written: its nesting, the columns of its bullet and of its words, its bullet and number."""

    level: int
    indent: int
    bullet: str
    number: int | None = None

    @property
    def column(self) -> int:
        return self.indent + len(self.bullet) + 1


def markdown(blocks: Sequence[Block], keep: Sequence[bool], *, url: str | None = None, title: str | None = None) -> str:
    """The body as Markdown. `url` is the page's address, the base of its links; `title` goes first as a heading.

    `blocks` are all blocks of a page, `keep` says which of them stay. An empty body is the empty string.
    """
    runs = groupby(_pieces(blocks, keep, url), key=lambda piece: _family(piece.block))
    parts = [heading(title, 1)] if title else []
    parts += [_FAMILIES[family](list(run)) for family, run in runs]
    return unicodedata.normalize("NFC", "\n\n".join(parts)) + "\n" if parts else ""


def heading(title: str, level: int) -> str:
    """A plain title as a heading of a level from 1 to 6."""
    return _heading(escape(title), level)


def escape(words: str) -> str:
    """Plain text with every character escaped that Markdown would read as inline markup."""
    return _INLINE.sub(lambda match: "".join(["\\" + character for character in match[0]]), words)


def _pieces(blocks: Sequence[Block], keep: Sequence[bool], url: str | None) -> Iterator[_Piece]:
    apart = False
    for block, kept in zip(blocks, keep, strict=True):
        apart = apart or block.gap
        if kept and block.text.strip():
            yield _Piece(block, url, apart)
            apart = False


def _family(block: Block) -> str:
    """Which blocks are written as one run: all flowing text counts as lines."""
    return block.tag if block.tag in _FAMILIES else "line"


def _join(pieces: Sequence[_Piece], written: Iterable[str], tight: str) -> str:
    """Put a blank line between what stood apart, and `tight` between what did not."""
    gaps = ["", *["\n\n" if piece.apart else tight for piece in pieces[1:]]]
    return "".join([gap + part for gap, part in zip(gaps, written, strict=True)])


def _lines(pieces: Sequence[_Piece]) -> str:
    """Paragraphs; adjacent lines stay lines of their own by a hard break."""
    return _join(pieces, [_flow(escape(piece.block.lead) + _inline(piece)) for piece in pieces], _HARD_BREAK)


def _flow(markup: str) -> str:
    """Flowing text: line ends become hard breaks, and no line begins with what Markdown takes for a block."""
    paragraphs = regex.split(r"\n\s*\n", markup.strip())
    return "\n\n".join([_HARD_BREAK.join([_guard(line.strip()) for line in part.split("\n")]) for part in paragraphs])


def _guard(line: str) -> str:
    if _LINE_START.match(line):
        return "\\" + line
    return _NUMBER.sub(r"\1\\\2", line, count=1) if _NUMBER.match(line) else line


def _headings(pieces: Sequence[_Piece]) -> str:
    return "\n\n".join([_heading(_inline(piece), piece.block.level) for piece in pieces])


def _heading(markup: str, level: int) -> str:
    """A heading can't span lines, and hashes at its end would be taken for its closing mark."""
    line = _CLOSING_HASHES.sub(r"\\\g<0>", " ".join(markup.split()))
    return f"{'#' * min(max(level, 1), 6)} {line}"


def _quotes(pieces: Sequence[_Piece]) -> str:
    return "\n".join([f"> {line}".rstrip() for line in _lines(pieces).split("\n")])


def _codes(pieces: Sequence[_Piece]) -> str:
    return "\n\n".join([_fenced(piece.block.text) for piece in pieces])


def _fenced(code: str) -> str:
    longest = max([len(run) for run in regex.findall("`+", code)], default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{code.strip(chr(10))}\n{fence}"


def _items(pieces: Sequence[_Piece]) -> str:
    """A list, nested by level. Numbers are kept: where they do not count on, a new list begins."""
    open_items: list[_Item] = []
    out: list[str] = []
    for piece in pieces:
        sibling = None
        while open_items and open_items[-1].level >= piece.block.level:
            sibling = open_items.pop()
        if sibling and sibling.level != piece.block.level:
            sibling = None
        indent = open_items[-1].column if open_items else 0
        item = _item(piece.block, indent, sibling)
        apart = piece.apart or _must_stand_apart(item, sibling)
        out.append(("\n\n" if apart else "\n") + _indented(item, _flow(_told(piece.block) + _inline(piece))))
        open_items.append(item)
    return "".join(out).lstrip("\n")


def _item(block: Block, indent: int, sibling: _Item | None) -> _Item:
    number = _NUMBER.fullmatch(block.lead.strip())
    if not number:
        return _Item(block.level, indent, "-")
    sign = _sign(int(number[1]), number[2], sibling)
    return _Item(block.level, indent, number[1] + sign, int(number[1]))


def _sign(number: int, sign: str, sibling: _Item | None) -> str:
    """The sign after a number: the list's own while it counts on, the other one to begin a new list."""
    if sibling is None or sibling.number is None:
        return sign
    own = sibling.bullet[-1]
    other = ")" if own == "." else "."
    return own if number == sibling.number + 1 else other


def _must_stand_apart(item: _Item, sibling: _Item | None) -> bool:
    """Only a list that begins with 1 may follow a line of text directly."""
    begins = sibling is None or sibling.bullet[-1] != item.bullet[-1]
    return begins and item.number not in (None, 1)


def _told(block: Block) -> str:
    """A marker that Markdown does not know but that says something, such as "a.", goes before the words."""
    lead = block.lead.strip()
    says = any(character.isalnum() for character in lead) and not _NUMBER.fullmatch(lead)
    return f"{escape(lead)} " if says else ""


def _indented(item: _Item, words: str) -> str:
    first, *rest = words.split("\n")
    further = [" " * item.column + line if line else "" for line in rest]
    return "\n".join([f"{' ' * item.indent}{item.bullet} {first}", *further])


def _rows(pieces: Sequence[_Piece]) -> str:
    """Tables; rows that stand apart belong to another one."""
    tables: list[list[_Piece]] = []
    for piece in pieces:
        if piece.apart or not tables:
            tables.append([])
        tables[-1].append(piece)
    return "\n\n".join([_table(table) for table in tables])


def _table(pieces: Sequence[_Piece]) -> str:
    """A table whose first row is its head; rows of one cell each are no table but lines."""
    rows = [_cells(piece) for piece in pieces]
    width = max(len(row) for row in rows)
    if width == 1:
        return _lines(pieces)
    head, *rest = [[*row, *[""] * (width - len(row))] for row in rows]
    return "\n".join([f"| {' | '.join(row)} |" for row in (head, ["---"] * width, *rest)])


def _cells(piece: _Piece) -> list[str]:
    cells, start = [], 0
    for words in piece.block.text.split(_CELL_BORDER):
        markup = _inline(piece, start, start + len(words))
        cells.append(" ".join(markup.split()).replace("|", "\\|"))
        start += len(words) + len(_CELL_BORDER)
    return cells


def _inline(piece: _Piece, start: int = 0, end: int | None = None) -> str:
    """A stretch of a block's text with its links, everything else escaped."""
    words = piece.block.text
    end = len(words) if end is None else end
    parts, at = [], start
    for link in sorted(piece.block.links, key=lambda link: link.start):
        left, right = _trimmed(words, max(link.start, at), min(link.end, end))
        address = _address(link.href, piece.url)
        if left < right and address:
            # An exclamation mark before a link would make it a picture.
            before = regex.sub(r"!$", r"\\!", escape(words[at:left]))
            parts.append(f"{before}[{escape(words[left:right].replace(chr(10), ' '))}]({address})")
            at = right
    return "".join([*parts, escape(words[at:end])])


def _trimmed(words: str, left: int, right: int) -> tuple[int, int]:
    """A stretch without the white space at its ends."""
    stretch = words[left:right]
    return left + len(stretch) - len(stretch.lstrip()), right - len(stretch) + len(stretch.rstrip())


def _address(href: str, url: str | None) -> str | None:
    """A link's absolute address, safe to stand in parentheses, or None for one that should not be a link."""
    try:
        address = urljoin(url or "", href.strip())
        if not unicodedata.is_normalized("NFC", address):
            address = quote(address, safe="".join(map(chr, range(0x21, 0x7F))))
        address = _NOT_IN_ADDRESS.sub(lambda match: f"%{ord(match[0]):02X}", address)
        return _ENTITY.sub("&amp;", address) if urlsplit(address).scheme in SCHEMES else None
    except ValueError:
        return None


_FAMILIES: Final[Mapping[str, Callable[[Sequence[_Piece]], str]]] = {
    "line": _lines,
    "heading": _headings,
    "item": _items,
    "quote": _quotes,
    "code": _codes,
    "row": _rows,
}
