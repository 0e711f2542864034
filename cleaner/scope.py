"""Tell what a block is by the HTML boxes it begins in: a heading, an item of some list, a cell of a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple, TypeAlias

from selectolax.lexbor import LexborNode

from cleaner.model import BlockTag, Link, Mark
from cleaner.running import Taken

Attributes: TypeAlias = Mapping[str, str | None]

#: What stands between the cells of a row.
CELL_BORDER: Final = " | "

#: Columns of a table; what stands beyond them is shown all the same, but as one cell.
MAX_COLUMNS: Final = 200
_MAX_SPAN: Final = 65_534

#: How highlighters tell a language: `language-python`, `lang-python`, `highlight-source-python`, `brush: python`.
_LANGUAGE: Final = re.compile(r"\s(?:language-|lang-|highlight-source-|highlight-(?=\w+\s)|brush:\s?)([\w+#.-]+)[\s;]")
_LANGUAGE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+#.-]{0,29}")
_MAX_CLASSES: Final = 1_000

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

    __slots__ = ("depth", "group", "hidden", "language", "level", "marker", "numbers", "row", "table", "tag")

    def __init__(self) -> None:
        self.tag: BlockTag = "paragraph"
        self.level = 0
        self.hidden = False
        self.marker: Marker | None = None
        self.numbers: Numbers | None = None
        self.depth = 0
        self.group = -1
        self.row: Row | None = None
        self.table: Table | None = None
        self.language = ""

    def copy(self) -> Scope:
        """A scope like this one."""
        other = Scope.__new__(Scope)  # not to set everything twice
        other.tag, other.level, other.hidden, other.marker = self.tag, self.level, self.hidden, self.marker
        other.numbers, other.depth, other.group, other.row = self.numbers, self.depth, self.group, self.row
        other.table, other.language = self.table, self.language
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
    """A block's text, the scope in which it began, and the innermost container around all of it."""

    taken: Taken
    scope: Scope
    container: int


class Table:
    """A table being read: for each column, how many more rows a cell above spans."""

    __slots__ = ("spanned",)

    def __init__(self) -> None:
        self.spanned: dict[int, int] = {}


class Row:
    """A table row being read. If a cell holds more than one plain block, the table is there for layout.

    `grid` names for each column the cell that begins there, and whether it is a header; -1 is a cell that is spanned.
    """

    __slots__ = ("_table", "cells", "container", "grid", "group", "layout")

    def __init__(self, container: int, group: int, table: Table | None) -> None:
        self.container, self.group = container, group
        self.cells: list[Draft | None] = []
        self.grid: list[tuple[int, str]] = []
        self.layout = False
        self._table = table or Table()

    def begin_cell(self, kind: str, columns: int, rows: int) -> None:
        """Begin the next cell, of kind `th` or `td`; it spans so many columns and rows."""
        self._pass_spanned()
        if len(self.grid) < MAX_COLUMNS:
            columns = min(max(columns, 1), MAX_COLUMNS - len(self.grid))
            if rows > 1:
                start = len(self.grid)
                self._table.spanned.update(dict.fromkeys(range(start, start + columns), rows))
            self.grid += [(len(self.cells), kind), *[(-1, kind)] * (columns - 1)]
        self.cells.append(None)

    def end(self) -> None:
        """End the row: what spans it spans one row less from now on."""
        self._pass_spanned()
        left = {column: rows - 1 for column, rows in self._table.spanned.items() if rows > 1}
        self._table.spanned = left

    def _pass_spanned(self) -> None:
        while len(self.grid) in self._table.spanned:
            self.grid.append((-1, "td"))

    def take(self, draft: Draft) -> bool:
        """Put a text into the current cell, if this is no layout and the cell is free."""
        plain = draft.scope.tag == "paragraph" and draft.scope.marker is None
        if self.layout or not plain or not self.cells or self.cells[-1] is not None:
            return False
        self.cells[-1] = draft
        return True

    def joined(self) -> Taken:
        """The cells up to the last that isn't empty, on one line, with their links and marks."""
        while self.cells and self.cells[-1] is None:
            self.cells.pop()
        texts = [cell.taken.text.replace("\n", " ") if cell else "" for cell in self.cells]
        starts = list(accumulate([len(text) + len(CELL_BORDER) for text in texts], initial=0))
        links: list[Link] = []
        marks: list[Mark] = []
        for cell, start in zip(self.cells, starts, strict=False):
            if cell:
                links += [Link(start + link.start, start + link.end, link.href) for link in cell.taken.links]
                marks += [_shifted(mark, start) for mark in cell.taken.marks]
        marks += [Mark(*_stretch(number, starts, texts), kind) for number, kind in self.grid]
        placed = 1 + max([number for number, _ in self.grid], default=-1)
        if placed < len(texts):
            marks.append(Mark(starts[placed], starts[-1] - len(CELL_BORDER), "td"))
        return Taken(CELL_BORDER.join(texts), tuple(links), tuple(marks))


def _shifted(mark: Mark, start: int) -> Mark:
    """A cell's mark as one of its row; a picture before the cell stands in it."""
    return mark._replace(start=start + max(0, mark.start), end=start + max(0, mark.end))


def _stretch(number: int, starts: Sequence[int], texts: Sequence[str]) -> tuple[int, int]:
    """Where a cell begins and ends in its row's text; one that is spanned, or empty at the end, nowhere."""
    return (starts[number], starts[number] + len(texts[number])) if 0 <= number < len(texts) else (0, 0)


def integer(value: str | None) -> int | None:
    """The whole number that an attribute begins with, if it is one of at most nine digits."""
    number = _INTEGER.match(value or "")
    return int(number[1]) if number else None


def _set_heading(scope: Scope, box: Box) -> None:
    level = _HEADINGS.get(box.tag) or integer(box.attributes.get("aria-level")) or 2
    scope.tag, scope.level = "heading", min(max(level, 1), 6)


def _set_quote(scope: Scope, _box: Box) -> None:
    scope.tag, scope.level, scope.marker = "quote", 0, None


def _set_code(scope: Scope, box: Box) -> None:
    scope.tag, scope.level, scope.language = "code", 0, _language_of_code(box)


def _language_of_code(box: Box) -> str:
    """The programming language of a code block, from its classes or those of the element right inside or around it."""
    inner = box.node.css_first("code")
    around = [box.node.parent, box.node.parent.parent if box.node.parent else None]
    for node in (box.node, inner, *around):
        if node is not None and isinstance(node, LexborNode):
            attributes = node.attributes
            named = _LANGUAGE.search(f" {(attributes.get('class') or '')[:_MAX_CLASSES]} ")
            language = named[1] if named else (attributes.get("data-lang") or attributes.get("data-language") or "")
            if _LANGUAGE_NAME.fullmatch(language):
                return language.lower()
    return ""


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
    scope.row, scope.table = None, Table()
    scope.group = box.container


def _set_row(scope: Scope, box: Box) -> None:
    scope.row = Row(box.container, scope.group, scope.table)


def _set_cell(scope: Scope, box: Box) -> None:
    scope.tag, scope.level, scope.marker, scope.numbers = "paragraph", 0, None, None
    scope.depth, scope.group = 0, -1
    if scope.row is not None:
        columns, rows = (min(integer(box.attributes.get(name)) or 1, _MAX_SPAN) for name in ("colspan", "rowspan"))
        scope.row.begin_cell(box.tag, columns, rows)


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
