"""Tell what a block is by the HTML boxes it begins in: a heading, an item of some list, a cell of a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeAlias

from selectolax.lexbor import LexborNode

from cleaner.model import BlockTag, Link

Attributes: TypeAlias = Mapping[str, str | None]

#: What stands between the cells of a row.
CELL_BORDER: Final = " | "

_INTEGER: Final = re.compile(r"\s*(-?[0-9]{1,9})")


class Marker:
    """What the first block of a list entry is, with its bullet or number. Its further blocks are as elsewhere."""

    __slots__ = ("group", "lead", "level", "tag", "used")

    def __init__(self, tag: BlockTag, level: int, lead: str, group: int) -> None:
        self.tag: BlockTag = tag
        self.level, self.lead, self.group = level, lead, group
        self.used = False


class Numbers:
    """The numbers of one ordered list."""

    __slots__ = ("_next", "_step")

    def __init__(self, start: int, step: int) -> None:
        self._next, self._step = start, step

    def take(self, own: int | None) -> int:
        """The number of the next item, which may bring its own."""
        number = self._next if own is None else own
        self._next = number + self._step
        return number


class Scope:
    """What a block is that begins in an open box. Boxes whose tag says nothing share the scope around them.

    `group` is the container of the list or table whose entries stand together, `depth` counts the lists around.
    """

    __slots__ = ("depth", "group", "hidden", "level", "marker", "numbers", "row", "tag")

    def __init__(self) -> None:
        self.tag: BlockTag = "paragraph"
        self.level = 0
        self.hidden = False
        self.marker: Marker | None = None
        self.numbers: Numbers | None = None
        self.depth = 0
        self.group = -1
        self.row: Row | None = None

    def copy(self) -> Scope:
        """A scope like this one."""
        other = Scope.__new__(Scope)  # not to set everything twice
        other.tag, other.level, other.hidden, other.marker = self.tag, self.level, self.hidden, self.marker
        other.numbers, other.depth, other.group, other.row = self.numbers, self.depth, self.group, self.row
        return other

    def inner(self, node: LexborNode, tag: str, attributes: Attributes, container: int) -> Scope:
        """The scope within a box: this one, or one with what the box's tag and role say."""
        settle = _SETTLERS.get(tag)
        if attributes.get("role") == "heading":
            settle = _set_heading
        if settle is None:
            return self
        scope = self.copy()
        settle(scope, Box(node, tag, attributes, container))
        return scope


class Box(NamedTuple):
    """An element that begins and ends blocks, and its index in `Page.containers`."""

    node: LexborNode
    tag: str
    attributes: Attributes
    container: int


class Draft(NamedTuple):
    """A block's text and links, the scope in which it began, and the innermost container around all of it."""

    text: str
    links: tuple[Link, ...]
    scope: Scope
    container: int


class Row:
    """A table row being read. If a cell holds more than one plain block, the table is there for layout."""

    __slots__ = ("cells", "container", "group", "layout")

    def __init__(self, container: int, group: int) -> None:
        self.container, self.group = container, group
        self.cells: list[Draft | None] = []
        self.layout = False

    def take(self, draft: Draft) -> bool:
        """Put a text into the current cell, if this is no layout and the cell is free."""
        plain = draft.scope.tag == "paragraph" and draft.scope.marker is None
        if self.layout or not plain or not self.cells or self.cells[-1] is not None:
            return False
        self.cells[-1] = draft
        return True

    def joined(self) -> tuple[str, tuple[Link, ...]]:
        """The cells up to the last that isn't empty, on one line, and their links."""
        while self.cells and self.cells[-1] is None:
            self.cells.pop()
        texts: list[str] = []
        links: list[Link] = []
        start = 0
        for cell in self.cells:
            texts.append(cell.text.replace("\n", " ") if cell else "")
            links += [Link(start + link.start, start + link.end, link.href) for link in (cell.links if cell else ())]
            start += len(texts[-1]) + len(CELL_BORDER)
        return CELL_BORDER.join(texts), tuple(links)


def integer(value: str | None) -> int | None:
    """The whole number that an attribute begins with, if it is one of at most nine digits."""
    number = _INTEGER.match(value or "")
    return int(number[1]) if number else None


def _set_heading(scope: Scope, box: Box) -> None:
    level = _HEADINGS.get(box.tag) or integer(box.attributes.get("aria-level")) or 2
    scope.tag, scope.level = "heading", min(max(level, 1), 6)


def _set_quote(scope: Scope, _box: Box) -> None:
    scope.tag, scope.level, scope.marker = "quote", 0, None


def _set_code(scope: Scope, _box: Box) -> None:
    scope.tag, scope.level = "code", 0


def _set_group(scope: Scope, box: Box) -> None:
    """Lists within a list stand together with it."""
    if scope.group < 0:
        scope.group = box.container


def _set_list(scope: Scope, box: Box) -> None:
    _set_group(scope, box)
    scope.depth += 1
    scope.numbers = None


def _set_ordered_list(scope: Scope, box: Box) -> None:
    _set_list(scope, box)
    start = integer(box.attributes.get("start"))
    if "reversed" not in box.attributes:
        scope.numbers = Numbers(1 if start is None else start, 1)
    else:
        scope.numbers = Numbers(sum(child.tag == "li" for child in box.node.iter()) if start is None else start, -1)


def _set_item(scope: Scope, box: Box) -> None:
    lead = f"{scope.numbers.take(integer(box.attributes.get('value')))}. " if scope.numbers else "- "
    scope.tag, scope.level = "paragraph", 0
    scope.marker = Marker("item", max(1, scope.depth), lead, scope.group)


def _set_entry(scope: Scope, _box: Box) -> None:
    scope.tag, scope.level = "paragraph", 0
    scope.marker = Marker("paragraph", 0, "", scope.group)


def _set_table(scope: Scope, box: Box) -> None:
    scope.row = None
    scope.group = box.container


def _set_row(scope: Scope, box: Box) -> None:
    scope.row = Row(box.container, scope.group)


def _set_cell(scope: Scope, _box: Box) -> None:
    scope.tag, scope.level, scope.marker, scope.numbers = "paragraph", 0, None, None
    scope.depth, scope.group = 0, -1
    if scope.row is not None:
        scope.row.cells.append(None)


_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_SETTLERS: Final[Mapping[str, Callable[[Scope, Box], None]]] = {
    **dict.fromkeys(_HEADINGS, _set_heading),
    "blockquote": _set_quote,
    **dict.fromkeys(("pre", "listing", "plaintext", "xmp"), _set_code),
    "dl": _set_group,
    **dict.fromkeys(("dd", "dt"), _set_entry),
    **dict.fromkeys(("dir", "menu", "ul"), _set_list),
    "ol": _set_ordered_list,
    "li": _set_item,
    "table": _set_table,
    "tr": _set_row,
    **dict.fromkeys(("td", "th"), _set_cell),
}
#: Tags that say what a block is.
SETTLED: Final = frozenset(_SETTLERS)
