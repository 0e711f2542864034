"""Take the words of short blocks as levels: the fit knows which chrome is made of, and what each is worth.

Long blocks are left out: what their words are about makes nothing chrome. So is HTML, where markup tells more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cleaner.model import Page
from cleaner.shape import SIZES, Shape

#: Blocks of this size and over are long.
_LONG: Final = len(SIZES) - 1
#: The measure that a word is a value of.
WORD: Final = "word"


def short_lines(page: Page, shapes: Sequence[Shape]) -> list[str]:
    """The folded text of each block whose words count; nothing for the others."""
    if page.document.kind == "html":
        return [""] * len(shapes)
    return [line if shape.size < _LONG else "" for line, shape in zip(page.folded, shapes, strict=True)]


def words_of(line: str) -> list[str]:
    """The words of a folded line, as often as they are there."""
    return line.split(" ")


def word_levels(line: str) -> tuple[str, ...]:
    """The levels of a folded line by its words."""
    return tuple([f"{WORD}: {word}" for word in dict.fromkeys(words_of(line)) if word])
