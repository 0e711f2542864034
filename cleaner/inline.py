"""Write a stretch of a block's text as Markdown: escaped, with its links, pictures and marked words."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

import regex

from cleaner.model import Block

#: Only these addresses become links; `javascript:`, `data:` and the like are left as plain text.
SCHEMES: Final = frozenset({"http", "https", "mailto"})

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
# Brackets and quotes would end the address; a backtick could pair with one in another address.
_NOT_IN_ADDRESS = regex.compile(r"[\x00-\x20\x7f<>()\[\]\\`|\"]")
_ENTITY = regex.compile(r"&(?=#?[0-9A-Za-z]+;)")

_EMPHASIS: Final = {"strong": "**", "em": "*"}
_TAGGED: Final = frozenset({"sub", "sup"})
_SPANS: Final = frozenset({*_EMPHASIS, *_TAGGED, "code", "image"})


class Span(NamedTuple):
    """A stretch of text that Markdown marks; `value` is the address of a link or what `Mark` says."""

    start: int
    end: int
    kind: str
    value: str


def escape(words: str) -> str:
    """Plain text with every character escaped that Markdown would read as inline markup."""
    return _INLINE.sub(lambda match: "".join(["\\" + character for character in match[0]]), words)


def inline(block: Block, base: str | None, start: int = 0, end: int | None = None) -> str:
    """A stretch of a block's text; `base` is the address that relative ones start from."""
    end = len(block.text) if end is None else end
    return _Writer(block.text, base).written(start, end, spans_of(block), within=())


def spans_of(block: Block) -> list[Span]:
    """The links, pictures and marked words of a block, outer ones before those within them."""
    if not block.links and not block.marks:
        return []
    links = [Span(link.start, link.end, "link", link.href) for link in block.links]
    marks = [Span(*mark) for mark in block.marks if mark.kind in _SPANS and mark.start >= 0]
    return sorted([*links, *marks], key=lambda span: (span.start, -span.end, span.kind != "link"))


class _Writer:
    """Writes the stretches of one text."""

    def __init__(self, words: str, base: str | None) -> None:
        self._words = words
        self._base = base

    def written(self, start: int, end: int, spans: Sequence[Span], within: tuple[Span, ...]) -> str:
        """A stretch with those of the spans that lie in it; one that crosses another is left out."""
        parts: list[str] = []
        at = start
        for number, span in enumerate(spans):
            left, right = self._trimmed(max(span.start, start), min(span.end, end))
            if left < at or (left >= right and not (span.kind == "image" and start <= span.start <= end)):
                continue
            kept = span._replace(start=left, end=right)
            inner = [other for other in spans[number + 1 :] if other.start < right] if span.kind != "image" else []
            beside = parts[-1][-1:] if parts and at == left else ""
            markup = self._marked(kept, inner, within, beside)
            if markup is not None:
                parts += [self._plain(at, left, before=markup), markup]
                at = max(left, right)
        return "".join([*parts, self._plain(at, end)])

    def _trimmed(self, left: int, right: int) -> tuple[int, int]:
        """A stretch without the white space at its ends; one of no length stays where it is."""
        stretch = self._words[left:right]
        if not stretch:
            return left, left
        return left + len(stretch) - len(stretch.lstrip()), right - len(stretch) + len(stretch.rstrip())

    def _plain(self, start: int, end: int, before: str = "") -> str:
        plain = escape(self._words[start:end])
        # An exclamation mark before a link would make it a picture.
        return plain[:-1] + "\\!" if plain.endswith("!") and before.startswith("[") else plain

    def _marked(self, span: Span, inner: Sequence[Span], within: tuple[Span, ...], beside: str) -> str | None:
        """A span's markup, or None where Markdown can't have it there; `beside` ends the markup right before it."""
        if span.kind == "link":
            return self._link(span, inner, within)
        if span.kind == "image":
            return self._picture(span)
        if any(outer.kind == span.kind for outer in within):
            return None
        if span.kind == "code":
            return _code(self._words[span.start : span.end]) if beside != "`" else None
        if span.kind in _EMPHASIS and (beside == "*" or not self._can_be_emphasised(span, within)):
            return None
        words = self.written(span.start, span.end, inner, (*within, span))
        if span.kind in _TAGGED:
            return f"<{span.kind}>{words}</{span.kind}>" if "\n" not in words else None
        return _emphasised(words, _EMPHASIS[span.kind])

    def _picture(self, span: Span) -> str | None:
        """A picture, apart from the words around it."""
        markup = picture(span.value, self._base)
        before, after = self._words[: span.start][-1:], self._words[span.start : span.start + 1]
        return markup and f"{' ' if before.strip() else ''}{markup}{' ' if after.strip() else ''}"

    def _link(self, span: Span, inner: Sequence[Span], within: tuple[Span, ...]) -> str | None:
        address = absolute(span.value, self._base)
        if not address or any(outer.kind == "link" for outer in within):
            return None
        words = self.written(span.start, span.end, inner, (*within, span)).replace("\\\n", " ").replace("\n", " ")
        return f"[{words}]({address})"

    def _can_be_emphasised(self, span: Span, within: tuple[Span, ...]) -> bool:
        """Whether asterisks count here: at the ends of words only, and apart from those of other stretches."""
        outer = next((other for other in reversed(within) if other.kind in _EMPHASIS), None)
        if outer and (outer.start == span.start or outer.end == span.end):
            return False
        before, after = self._words[: span.start][-1:], self._words[span.end : span.end + 1]
        free = all(not side or side.isspace() or side in _PUNCTUATION for side in (before, after))
        return free and "\n\n" not in self._words[span.start : span.end]


#: ASCII signs that may stand before and behind asterisks; others are signs or not by the reader's Unicode version.
_PUNCTUATION: Final = frozenset("!\"#$%&'(),-./:;<=>?@[]^{}|“”‘’„«»…–—")


def picture(value: str, base: str | None) -> str | None:
    """A picture by its mark's value: address, space, alternative text. None if its address is no web address."""
    source, _, words = value.partition(" ")
    address = absolute(source, base)
    return f"![{escape(words)}]({address})" if address and not address.startswith("mailto:") else None


def absolute(href: str, base: str | None) -> str | None:
    """An absolute address, safe to stand in parentheses, or None for one that should not be a link."""
    try:
        address = urljoin(base or "", href.strip())
        if not unicodedata.is_normalized("NFC", address):
            address = quote(address, safe="".join(map(chr, range(0x21, 0x7F))))
        address = _NOT_IN_ADDRESS.sub(lambda match: f"%{ord(match[0]):02X}", address)
        return _ENTITY.sub("&amp;", address) if urlsplit(address).scheme in SCHEMES else None
    except ValueError:
        return None


def _emphasised(words: str, mark: str) -> str:
    """Words between marks; a space that sets a picture at an end of them apart stands outside, or none would count."""
    inside = words.strip(" ")
    before, _, after = words.partition(inside)
    return f"{before}{mark}{inside}{mark}{after}"


def _code(words: str) -> str | None:
    """Code as it stands; None if it goes over lines."""
    if "\n" in words:
        return None
    longest = max([len(run) for run in regex.findall("`+", words)], default=0)
    fence = "`" * (longest + 1)
    pad = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{fence}{pad}{words}{pad}{fence}"
