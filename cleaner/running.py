"""Gather the text of one block piece by piece as a browser shows it: white space collapsed, links in their places."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import regex

from cleaner.model import Link, Mark
from cleaner.repair import tidy

#: Letters and digits, but for those of scripts that set no spaces between words.
_SPACED: Final = regex.compile(
    r"(?V1)[[\p{L}\p{M}\p{N}]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]{2}"
)


#: Pictures that one block can have.
MAX_IMAGES: Final = 20
#: Marked stretches that can be open at once.
_MAX_OPEN: Final = 32


class Taken(NamedTuple):
    """The text of a block, with its links and its marks."""

    text: str
    links: tuple[Link, ...]
    marks: tuple[Mark, ...]


_NOTHING: Final = Taken("", (), ())


class RunningText:
    """Flowing text: white space between words is one space wherever the markup puts it, a line break is `\\n`."""

    __slots__ = (
        "_apart",
        "_breaks",
        "_label_end",
        "_length",
        "_link_start",
        "_links",
        "_marks",
        "_open_marks",
        "empty",
        "href",
        "images",
        "pieces",
        "space",
    )

    #: Whether white space stays as it is.
    verbatim = False

    def __init__(self, href: str | None = None) -> None:
        self.href = href
        self.images: list[Mark] = []
        self._open_marks: list[list[Any]] = []
        self._clear()

    def _clear(self) -> None:
        self.pieces: list[str] = []
        #: Whether nothing visible has been added yet.
        self.empty = True
        self._links: list[Link] = []
        self._marks: list[Mark] = []
        self._length = 0
        self._link_start = -1
        self._breaks = 0
        self.space = False
        self._label_end = 0
        self._apart = False

    @property
    def ended(self) -> bool:
        """Whether an empty line stands at the end, so that what follows is another paragraph."""
        return self._breaks > 1

    def add(self, raw: str) -> None:
        """Add the text of a text node."""
        words = " ".join(raw.split())
        if not (words.isascii() and words.isprintable()) and tidy(words) != words:
            raw = tidy(raw)
            words = " ".join(raw.split())
        if not words:
            self.space = self.space or raw != ""
            return
        if self.pieces:
            if self._breaks:
                self._append("\n")
            elif self.space or raw[0].isspace() or (self._apart and _would_merge(self.pieces[-1][-1], words[0])):
                self._append(" ")
        self._append_words(words)
        self.empty = False
        self._breaks = 0
        self.space = raw[-1].isspace()
        self._apart = False

    def add_space(self, raw: str) -> None:
        """Add a text node of nothing but white space."""
        self.space = True

    def separate(self) -> None:
        """Keep the words before and after apart."""
        self.space = True

    def break_line(self) -> None:
        """Begin a new line within the block."""
        if self.pieces:
            self._breaks += 1

    def end_line(self) -> None:
        """Begin a new line where a box does: flowing text has been taken by then."""

    def begin_label(self) -> None:
        """Begin an element that is set apart from another one right before it, though only by a style sheet."""
        self._apart = self._label_end == self._length

    def end_label(self) -> None:
        """End an element that may be set apart from the next."""
        self._label_end = self._length

    def begin_link(self, href: str | None) -> None:
        """Begin a link."""
        self.href = href

    def end_link(self) -> None:
        """End the link that is open."""
        self._end_link()
        self.href = None

    def begin_mark(self, kind: str) -> None:
        """Begin a stretch of some kind. Nobody means anything by dozens within each other."""
        if len(self._open_marks) < _MAX_OPEN:
            self._open_marks.append([kind, -1])

    def end_mark(self, kind: str) -> None:
        """End the innermost open stretch, if it is of this kind."""
        if self._open_marks and self._open_marks[-1][0] == kind:
            self._end_mark(*self._open_marks.pop())

    def add_image(self, address: str, alternative: str) -> None:
        """Add a picture. It is no text: if there is none beside it, it goes with the next block."""
        if len(self.images) < MAX_IMAGES:
            self.images.append(Mark(self._length, self._length, "image", f"{address} {alternative}"))

    def set_images_apart(self) -> None:
        """Let the pictures so far, of which there are some, stand before the next block, not within its line."""
        if self.images[-1].start >= 0:
            self.images = [image._replace(start=-1, end=-1) for image in self.images]

    def take(self) -> Taken:
        """The text so far, its links and its marks; begin anew. What is still open goes on in the next block."""
        if not self.pieces:
            self.space = False
            return _NOTHING
        self._end_link()
        for open_mark in self._open_marks:
            self._end_mark(*open_mark)
            open_mark[1] = -1
        taken = Taken("".join(self.pieces), tuple(self._links), (*self._marks, *self.images))
        self.images.clear()
        self._clear()
        return taken

    def _append(self, piece: str) -> None:
        self.pieces.append(piece)
        self._length += len(piece)

    def _append_words(self, words: str) -> None:
        if self.href is not None and self._link_start < 0:
            self._link_start = self._length
        for open_mark in self._open_marks:
            if open_mark[1] < 0:
                open_mark[1] = self._length
        self._append(words)

    def _end_mark(self, kind: str, start: int) -> None:
        if start >= 0:
            self._marks.append(Mark(start, self._length, kind))

    def _end_link(self) -> None:
        if self.href is not None and self._link_start >= 0:
            self._links.append(Link(self._link_start, self._length, self.href))
        self._link_start = -1


class VerbatimText(RunningText):
    """Preformatted text: white space stays as the author set it, but for blank lines around the whole."""

    __slots__ = ()

    ended = False
    verbatim = True

    def add(self, raw: str) -> None:
        """Add the text of a text node."""
        text = tidy(raw.replace("\r\n", "\n").replace("\r", "\n"))
        if text:
            self._append_words(text)
            self.empty = self.empty and text.isspace()

    def add_space(self, raw: str) -> None:
        """Add white space as it stands."""
        self.add(raw)

    def separate(self) -> None:
        """Leave it to the author."""

    def break_line(self) -> None:
        """Begin a new line."""
        self._append("\n")

    def end_line(self) -> None:
        """Begin a new line, unless the last one is empty."""
        if self.pieces and not self.pieces[-1].endswith("\n"):
            self._append("\n")

    def begin_mark(self, kind: str) -> None:
        """Leave it: code is shown as it stands."""

    def take(self) -> Taken:
        """The text so far, without blank lines at its ends, and its links; begin anew."""
        text, links, marks = super().take()
        body = text.rstrip()
        start = body.rfind("\n", 0, len(body) - len(body.lstrip())) + 1
        body = body[start:]
        shifted = [Link(max(0, link.start - start), min(link.end - start, len(body)), link.href) for link in links]
        images = tuple([mark._replace(start=-1, end=-1) for mark in marks])
        return Taken(body, tuple([link for link in shifted if body[link.start : link.end].strip()]), images)


def _would_merge(before: str, after: str) -> bool:
    """Whether two characters, one right after the other, make one word of two; "31" and "g" are one."""
    is_unit = before.isdigit() and after.islower()
    return not is_unit and _SPACED.match(before + after) is not None
