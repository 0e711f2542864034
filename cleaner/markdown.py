"""Render a page's kept blocks as CommonMark that shows the blocks' text again, character for character."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

import regex

from cleaner.captions import find_captions
from cleaner.inline import escape, inline, picture
from cleaner.model import Block, Mark, Page

_CELL_BORDER: Final = " | "
_HARD_BREAK: Final = "\\\n"

# What would begin a heading, quote, list, rule, underline or table border at the start of a line.
_LINE_START = regex.compile(r"#{1,6}(?=\s|$)|[-+](?=\s|$)|>|=+\s*$|[-:|](?=[-\s|:]*$)")
_NUMBER = regex.compile(r"([0-9]{1,9})([.)])(?=\s|$)")
_CLOSING_HASHES = regex.compile(r"(?:(?<=\s)|^)#+$")

#: A quote whose element isn't known.
_SOME_QUOTE: Final = -1


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands around blocks: a quote (without bullet) or a list item. `key` is its container, -1 if unknown."""

    key: int
    level: int = 0
    bullet: str = ""
    number: int | None = None

    @property
    def first(self) -> str:
        """What the first line begins with."""
        return f"{self.bullet} " if self.bullet else "> "

    @property
    def rest(self) -> str:
        """What further lines begin with."""
        return " " * (len(self.bullet) + 1) if self.bullet else "> "


@dataclass(frozen=True, slots=True)
class _Leaf:
    """What is written in one piece: a block, or the rows of a table.

    `apart` tells whether it stands apart from the one before, `path` which quotes (True) and list items are around
    it by their containers, outermost first, `item` whether it begins the innermost item; `pictures` stand before it.
    """

    blocks: tuple[Block, ...]
    apart: bool
    path: tuple[tuple[int, bool], ...]
    item: bool
    pictures: tuple[Mark, ...] = ()

    @property
    def block(self) -> Block:
        return self.blocks[0]

    @property
    def flows(self) -> bool:
        """Whether it is text that can go on with another line."""
        return self.block.tag not in ("heading", "code", "row")


def markdown(page: Page, keep: Sequence[bool], *, url: str | None = None, title: str | None = None) -> str:
    """The body as Markdown. `url` is the page's address, the base of its links; `title` goes first as a heading.

    `keep` says which of the page's blocks stay. An empty body is the empty string.
    """
    writer = _Writer(page, base_address(page, url))
    for leaf in _leaves(page, keep):
        writer.add(leaf)
    parts = [heading(title, 1)] if title else []
    parts += ["\n".join(writer.lines)] if writer.lines else []
    return unicodedata.normalize("NFC", "\n\n".join(parts)) + "\n" if parts else ""


def heading(title: str, level: int) -> str:
    """A plain title as a heading of a level from 1 to 6."""
    return _heading(escape(title), level)


def base_address(page: Page, url: str | None) -> str | None:
    """What relative addresses start from: the page's `<base>`, its address, or the one that it states itself."""
    try:
        return urljoin(url or page.head.get("canonical", ""), page.head.get("base", "")) or None
    except ValueError:
        return url


# --- What is written in one piece ------------------------------------------------------------------------------------


def _leaves(page: Page, keep: Sequence[bool]) -> Iterator[_Leaf]:
    """The kept blocks, with rows that stand together in one leaf."""
    places = _Places(page)
    captions = find_captions(page)
    rows: list[_Leaf] = []
    apart = False
    waiting: tuple[Mark, ...] = ()
    for block, kept in zip(page.blocks, keep, strict=True):
        apart = apart or block.gap
        if not kept or not block.text.strip():
            # A picture stays though its caption goes; what goes for other reasons takes its pictures with it.
            waiting = (*waiting, *_pictures(block)) if block.index in captions else ()
            continue
        leaf = _Leaf((block,), apart, *places.of(block), (*waiting, *_pictures(block)))
        apart, waiting = False, ()
        if rows and (block.tag != "row" or leaf.apart or leaf.path != rows[0].path):
            yield _table_leaf(rows)
            rows = []
        if block.tag == "row":
            rows.append(leaf)
        else:
            yield leaf
    if rows:
        yield _table_leaf(rows)


def _table_leaf(rows: Sequence[_Leaf]) -> _Leaf:
    first = rows[0]
    return _Leaf(tuple([row.block for row in rows]), first.apart, first.path, first.item, first.pictures)


class _Places:
    """Finds the quotes and list items around blocks."""

    def __init__(self, page: Page) -> None:
        self._containers = page.containers
        self._known: dict[int, tuple[tuple[int, bool], ...]] = {-1: ()}

    def of(self, block: Block) -> tuple[tuple[tuple[int, bool], ...], bool]:
        """The path of a block, and whether it begins the innermost item of it."""
        path = self._path(block.container)
        if block.tag == "quote" and not any(is_quote for _, is_quote in path):
            path = (*path, (_SOME_QUOTE, True))
        return path, block.tag == "item" or self._is_term(block)

    def _is_term(self, block: Block) -> bool:
        """Whether a block is what a description list describes."""
        return block.container >= 0 and self._containers[block.container].tag == "dt"

    def _path(self, container: int) -> tuple[tuple[int, bool], ...]:
        chain = []
        while container not in self._known:
            chain.append(container)
            container = self._containers[container].parent
        for inner in reversed(chain):
            around = self._known[self._containers[inner].parent]
            tag = self._containers[inner].tag
            # Term and description are within the same item, which is known by their list.
            item = self._containers[inner].parent if tag in ("dt", "dd") else inner
            own = ((item, tag == "blockquote"),) if tag in ("blockquote", "dd", "dt", "li") else ()
            self._known[inner] = (*around, *own)
        return self._known[chain[0] if chain else container]


# --- Putting pieces together -----------------------------------------------------------------------------------------


class _Writer:
    """Puts leaves together, each within the quotes and items around it."""

    def __init__(self, page: Page, base: str | None) -> None:
        self.lines: list[str] = []
        self._page = page
        self._base = base
        self._frames: list[_Frame] = []
        self._popped: _Frame | None = None
        self._last: _Leaf | None = None

    def add(self, leaf: _Leaf) -> None:
        """Write a leaf below those before it."""
        pictures = [markup for mark in leaf.pictures if (markup := picture(mark.value, self._base))]
        if pictures and not leaf.item:
            above = _Leaf(leaf.blocks, True, leaf.path, item=False)
            self._write(above, self._framed(above), "\n".join(pictures), flows=False)
            leaf = _Leaf(leaf.blocks, True, leaf.path, item=False)
            pictures = []
        self._write(leaf, self._framed(leaf), " ".join([*pictures, self._markup(leaf)]), flows=leaf.flows)

    def _write(self, leaf: _Leaf, frames: list[_Frame], markup: str, flows: bool) -> None:
        shared = sum(1 for own, other in zip(frames, self._frames, strict=False) if own is other)
        if self.lines:
            self._separate(leaf, frames, shared, flows)
        rest = "".join([frame.rest for frame in frames])
        first = "".join([frame.rest for frame in frames[:shared]] + [frame.first for frame in frames[shared:]])
        for number, line in enumerate(markup.split("\n")):
            self.lines.append(((rest if number else first) + line).rstrip())
        self._frames = frames
        self._last = leaf if flows else None

    def _separate(self, leaf: _Leaf, frames: Sequence[_Frame], shared: int, flows: bool) -> None:
        """Put a blank line between what stands apart or is of different make, and none between the others."""
        tight = not leaf.apart and self._last is not None and flows
        if tight and shared == len(frames) == len(self._frames):
            self.lines[-1] += "\\"
        elif not (tight and leaf.item and self._is_in_item() and not _must_stand_apart(frames[-1], self._popped)):
            self.lines.append("".join([frame.rest for frame in frames[:shared]]).rstrip())

    def _is_in_item(self) -> bool:
        return bool(self._frames and self._frames[-1].bullet)

    def _framed(self, leaf: _Leaf) -> list[_Frame]:
        """The quotes and items around a leaf: those still open that go on, and new ones."""
        keys = {key for key, _ in leaf.path}
        own = next((key for key, is_quote in reversed(leaf.path) if not is_quote), -1) if leaf.item else None
        frames: list[_Frame] = []
        for frame in self._frames:
            goes_on = (
                frame.key in keys and (frame.key >= 0 or not frame.bullet) and (not frame.bullet or frame.key != own)
            )
            if not goes_on and not (leaf.item and self._nests(frame, leaf)):
                break
            frames.append(frame)
        popped = self._frames[len(frames)] if len(frames) < len(self._frames) else None
        same_level = popped is not None and bool(popped.bullet) and popped.level == leaf.block.level
        self._popped = popped if same_level else None
        open_keys = {frame.key for frame in frames}
        for key, is_quote in leaf.path:
            if is_quote and key not in open_keys:
                frames.append(_Frame(key))
        if own is not None:
            frames.append(_item_frame(leaf.block, own, self._popped))
        return frames

    def _nests(self, frame: _Frame, leaf: _Leaf) -> bool:
        """Whether an item that isn't around another by its container still is so by its level."""
        by_level = frame.bullet and leaf.block.tag == "item" and frame.level < leaf.block.level
        return bool(by_level) and (frame.key < 0 or not leaf.apart)

    def _markup(self, leaf: _Leaf) -> str:
        block = leaf.block
        if block.tag == "heading":
            return _heading(inline(block, self._base), block.level)
        if block.tag == "code":
            return _fenced(block)
        if block.tag == "row":
            return _table(self._page, leaf.blocks, self._base)
        lead = _told(block) if leaf.item else escape(block.lead)
        words = inline(_termed(block), self._base) if leaf.item and block.tag != "item" else inline(block, self._base)
        return _flow(lead + words)


def _pictures(block: Block) -> list[Mark]:
    """The pictures that stand before a block."""
    return [mark for mark in block.marks if mark.kind == "image" and mark.start < 0]


def _item_frame(block: Block, key: int, sibling: _Frame | None) -> _Frame:
    number = _NUMBER.fullmatch(block.lead.strip())
    if not number:
        return _Frame(key, block.level, "-")
    sign = _sign(int(number[1]), number[2], sibling)
    return _Frame(key, block.level, number[1] + sign, int(number[1]))


def _sign(number: int, sign: str, sibling: _Frame | None) -> str:
    """The sign after a number: the list's own while it counts on, the other one to begin a new list."""
    if sibling is None or sibling.number is None:
        return sign
    own = sibling.bullet[-1]
    other = ")" if own == "." else "."
    return own if number == sibling.number + 1 else other


def _must_stand_apart(item: _Frame, sibling: _Frame | None) -> bool:
    """Only a list that begins with 1 may follow a line of text directly."""
    begins = sibling is None or sibling.bullet[-1] != item.bullet[-1]
    return begins and item.number not in (None, 1)


# --- Kinds of leaves -------------------------------------------------------------------------------------------------


def _flow(markup: str) -> str:
    """Flowing text: line ends become hard breaks, and no line begins with what Markdown takes for a block."""
    paragraphs = regex.split(r"\n\s*\n", markup.strip())
    return "\n\n".join([_HARD_BREAK.join([_guard(line.strip()) for line in part.split("\n")]) for part in paragraphs])


def _guard(line: str) -> str:
    if _LINE_START.match(line):
        return "\\" + line
    return _NUMBER.sub(r"\1\\\2", line, count=1) if _NUMBER.match(line) else line


def _heading(markup: str, level: int) -> str:
    """A heading can't span lines, and hashes at its end would be taken for its closing mark."""
    line = _CLOSING_HASHES.sub(r"\\\g<0>", " ".join(markup.split()))
    return f"{'#' * min(max(level, 1), 6)} {line}"


def _fenced(block: Block) -> str:
    code = block.text
    longest = max([len(run) for run in regex.findall("`+", code)], default=0)
    fence = "`" * max(3, longest + 1)
    language = next((mark.value for mark in block.marks if mark.kind == "language"), "")
    return f"{fence}{language}\n{code.strip(chr(10))}\n{fence}"


def _told(block: Block) -> str:
    """A marker that Markdown does not know but that says something, such as "a.", goes before the words."""
    lead = block.lead.strip()
    says = any(character.isalnum() for character in lead) and not _NUMBER.fullmatch(lead)
    return f"{escape(lead)} " if says else ""


def _termed(block: Block) -> Block:
    """What a description list describes stands out."""
    return block._replace(marks=(*block.marks, Mark(0, len(block.text), "strong")))


def _table(page: Page, rows: Sequence[Block], base: str | None) -> str:
    """A table. Its first row is its head, unless the page says otherwise; rows of one cell each are lines."""
    cells = [_cells(row, base) for row in rows]
    width = max(len(row) for row in cells)
    if width == 1:
        return _HARD_BREAK.join([_flow(row[0]) for row in cells])
    body = [[*row, *[""] * (width - len(row))] for row in cells]
    head = body.pop(0) if _is_head(page, rows[0]) else [""] * width
    return "\n".join([f"| {' | '.join(row)} |" for row in (head, ["---"] * width, *body)])


def _is_head(page: Page, row: Block) -> bool:
    """Whether a row is its table's head; a row of flat text may be."""
    cells = [mark for mark in row.marks if mark.kind in ("td", "th")]
    if all(mark.kind == "th" for mark in cells if mark.end > mark.start):
        return True
    parent = page.containers[row.container].parent if row.container >= 0 else -1
    return parent >= 0 and page.containers[parent].tag == "thead"


def _cells(row: Block, base: str | None) -> list[str]:
    """The cells of a row, one for each column."""
    marked = [(mark.start, mark.end) for mark in row.marks if mark.kind in ("td", "th")]
    return [_cell(inline(row, base, start, end)) for start, end in marked or _stretches(row.text)]


def _cell(markup: str) -> str:
    return " ".join(markup.split()).replace("|", "\\|")


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where the cells of a flat row begin and end."""
    start = 0
    for words in text.split(_CELL_BORDER):
        yield start, start + len(words)
        start += len(words) + len(_CELL_BORDER)
