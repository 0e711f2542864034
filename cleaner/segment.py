"""Cut a document into blocks: flat text line by line, right here; HTML by its elements, in `dom`."""

from __future__ import annotations

import re
from typing import Final

from cleaner.fold import fold
from cleaner.model import Block, BlockTag, Document, Page

#: Signs that mark a list item wherever they begin a line, and those that do so only before white space.
_BULLETS: Final = "•·◦▪▫‣⁃∙○●□■►▸▶➤・"
_WEAK_BULLETS: Final = "-*»"
#: A dash at the very start of a line begins somebody's words; it marks an item only on an indented line.
_DASH: Final = "–"
#: What is no item's text behind bullets: one that had white space after it would be a bullet, too.
_ALONE: Final = _WEAK_BULLETS + _DASH

_MARKERS: Final = re.compile(rf"(?:[{_BULLETS}]\s*+|[{_WEAK_BULLETS}{_DASH}]\s++)++")
_NUMBER: Final = re.compile(r"(?:(\d{1,3})([.)])|[^\W\d_]\))\s++")
_HASHES: Final = re.compile(r"#{1,6}\s++")
_TAB_WIDTH: Final = 4


def segment(document: Document) -> Page:
    """Cut a document into blocks, and fold their texts."""
    if document.kind == "html":
        from cleaner.dom import segment_html  # flat text must not wait for the HTML parser

        return segment_html(document)
    blocks = _segment_text(document.text)
    folded = fold("\n".join([block.text for block in blocks])).split("\n") if blocks else ()
    return Page(document, blocks, tuple(folded))


def _segment_text(text: str) -> tuple[Block, ...]:
    """One block for each line that isn't blank: its lead and its text make up the line, but for space at its end."""
    blocks: list[Block] = []
    lists = _Lists()
    has_rows = "|" in text or "\t" in text
    gap = True
    for line in text.split("\n"):
        content = line.strip()
        if not content:
            gap = True
            continue
        lead = line[: line.index(content[0])]
        tag, level, marker = _classify(content, lead, lists)
        if marker:
            lead, content = lead + content[:marker], content[marker:]
        elif has_rows and _is_row(content):
            tag = "row"
        blocks.append(Block(len(blocks), content, tag, level, lead, gap))
        gap = False
    return tuple(blocks)


def _classify(content: str, indentation: str, lists: _Lists) -> tuple[BlockTag, int, int]:
    """What a line is: its tag, its level, and the length of its marker."""
    first = content[0]
    if first == "#" and (hashes := _HASHES.match(content)):
        lists.end(indentation)
        return "heading", hashes[0].count("#"), hashes.end()
    if first.isalpha() and content[1:2] != ")":
        marker = 0
    elif first.isalnum():
        marker = _number_length(content, indentation, lists)
    else:
        marker = _bullets_length(content, indentation)
    if marker:
        return "item", lists.begin_item(indentation), marker
    lists.end(indentation)
    return "line", 0, 0


def _bullets_length(content: str, indentation: str) -> int:
    """The length of the bullets that a line begins with; nothing but bullets is no list item."""
    if content[0] == _DASH and not indentation:
        return 0
    bullets = _MARKERS.match(content)
    if bullets is None:
        return 0
    end = bullets.end()
    if end == len(content) or (end == len(content) - 1 and content[-1] in _ALONE):
        return 0
    return end


def _number_length(content: str, indentation: str, lists: _Lists) -> int:
    """The length of the number that a line begins with, if it is a list's: "8. März" has no 7 before it."""
    number = _NUMBER.match(content)
    if number is None or (number[2] == "." and not lists.counts_on(int(number[1]), indentation)):
        return 0
    return number.end()


def _is_row(content: str) -> bool:
    """Whether a line is a table's: cells between tabs or upright strokes."""
    if content.count("\t") >= 2 or content.count(" | ") >= 2:
        return True
    return content[0] == "|" and content[-1] == "|" and len(content) > 1


class _Lists:
    """The lists that are open at a line, told from the indentation of their items; `open` holds the widths of that."""

    __slots__ = ("_numbers", "open")

    def __init__(self) -> None:
        self.open: list[int] = []
        self._numbers: dict[int, int] = {}

    def begin_item(self, indentation: str) -> int:
        """Begin an item; the result is its level, 1 for the outermost."""
        width = _width(indentation)
        self._end(width)
        self.open.append(width)
        return len(self.open)

    def end(self, indentation: str) -> None:
        """End the items that a line with this indentation doesn't belong to."""
        if self.open:
            self._end(_width(indentation))

    def _end(self, width: int) -> None:
        while self.open and self.open[-1] >= width:
            self.open.pop()

    def counts_on(self, number: int, indentation: str) -> bool:
        """Whether a number is the first of a list, or the next of one with this indentation."""
        width = _width(indentation)
        if number != 1 and number != self._numbers.get(width, 0) + 1:
            return False
        self._numbers[width] = number
        return True


def _width(indentation: str) -> int:
    return len(indentation.expandtabs(_TAB_WIDTH)) if "\t" in indentation else len(indentation)
