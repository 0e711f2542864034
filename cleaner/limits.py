"""Bring HTML within the limits of linear parsing: nesting only as deep as browsers build it, few attributes on a tag.

An HTML5 parser looks through the open elements at each tag, through a tag's attributes at each attribute, and opens
unclosed formatting again in each paragraph: 500 kB of nothing but `<div>` cost it a minute, 50 kB of unclosed `<b>`
two million elements. Pages too small or too plain for that are told at a glance and stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cleaner.tags import FOREIGN, FORMATTING, OMISSIBLE, SPECIAL, VOID

#: Blink builds trees no deeper than this, so no page that people read needs more.
MAX_DEPTH: Final = 512
#: How many formatting elements may be left unclosed.
MAX_FORMATTING: Final = 16
MAX_ATTRIBUTES: Final = 256

#: Fewer tags than this can't do harm however they nest.
_FEW_TAGS: Final = 8_000
#: A tag shorter than this can't hold enough attributes to matter.
_SHORT_TAG: Final = 8_192

#: Elements that don't nest, however many are open by their tags.
_NEVER_DEEP: Final = VOID | OMISSIBLE

_ATTRIBUTE: Final = r"""(?:[\s/]+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?)?)"""
#: The attributes of a tag that holds no angle bracket: true of most tags, and read much faster.
_PLAIN_ATTRIBUTES: Final = r"""[^<>"']*+(?:"[^"<>]*+"[^<>"']*+|'[^'<>]*+'[^<>"']*+)*+(?=>)"""
_TAG_START: Final = re.compile("<[A-Za-z]")
_CROWDED_TAG: Final = re.compile(rf"(<[A-Za-z][^\s/>]*+{_ATTRIBUTE}{{{MAX_ATTRIBUTES}}}+){_ATTRIBUTE}")
# Comments and elements whose content is no markup are passed over whole.
_TOKEN: Final = re.compile(
    rf"""<!--(?:-?>|(?:[^-]++|-(?!-!?>))*+)
    |<(script|style|textarea|title|xmp|iframe|noembed|noframes|noscript)(?=[\s/>])(?:[^<]++|<(?!/\1[\s/>]))*+
    |<(?P<end>/?)(?P<name>[a-z][^\s/>]*+)(?P<attributes>{_PLAIN_ATTRIBUTES}|{_ATTRIBUTE}*+[\s/]*+)>?""",
    re.VERBOSE | re.IGNORECASE,
)


def within_limits(html: str) -> str:
    """The page without attributes beyond a tag's 256th, and without tags beyond the 512th open element.

    No text is lost: where an element is not opened, `<hr>` keeps its text apart from the text before it.
    """
    if html.count("<") <= _FEW_TAGS and not _has_crowded_tag(html):
        return html
    parts, done = [], 0
    for start, end, replacement in _cuts(html):
        parts += [html[done:start], replacement]
        done = end
    return "".join([*parts, html[done:]])


def _has_crowded_tag(html: str) -> bool:
    """Whether some tag is long and holds many attributes; most long tags hold one, a picture written as text."""
    for start in range(0, len(html) - _SHORT_TAG + 1, _SHORT_TAG):
        before, end = max(0, start - _SHORT_TAG), start + _SHORT_TAG
        # A tag that fills the stretch may hold either bracket in its values, but hardly both.
        if html.find(">", start, end) < 0:
            tag = _TAG_START.search(html, max(before, html.rfind(">", before, start)), end)
            if tag and _CROWDED_TAG.match(html, tag.start()):
                return True
        elif html.find("<", start, end) < 0:
            begin = html.rfind("<", before, start)
            if begin >= 0 and _CROWDED_TAG.match(html, begin):
                return True
    return False


def _cuts(html: str) -> Iterator[tuple[int, int, str]]:
    """The stretches to replace, in order: start, end and replacement of each."""
    opened = _Opened()
    for token in _TOKEN.finditer(html):
        end, name, attributes = token.group("end", "name", "attributes")
        if not name:
            continue
        name = name.lower()
        if end:
            opened.close(name)
        elif not opened.open(name, closed=attributes.endswith("/")):
            yield *token.span(), "" if name in FORMATTING else "<hr>"
        elif len(attributes) >= 2 * MAX_ATTRIBUTES:
            crowded = _CROWDED_TAG.match(html, token.start())
            if crowded:
                yield crowded.end(1), token.end("attributes"), ""


class _Opened:
    """The elements that a parser would hold open, told from the tags alone, and rather too many than too few."""

    __slots__ = ("_elements", "_formatting")

    def __init__(self) -> None:
        self._elements: list[str] = []
        self._formatting: list[str] = []

    def open(self, name: str, closed: bool) -> bool:
        """Open an element, unless that is one too many. Only foreign elements can be `closed` by their own tag."""
        if name in _NEVER_DEEP or (closed and not FOREIGN.isdisjoint(self._elements)):
            return True
        names, limit = (self._formatting, MAX_FORMATTING) if name in FORMATTING else (self._elements, MAX_DEPTH)
        if len(names) >= limit:
            return False
        names.append(name)
        return True

    def close(self, name: str) -> None:
        """Close the innermost element of that name and all within it, as far as its end tag reaches."""
        if self._elements and self._elements[-1] == name:
            self._elements.pop()
        elif name in FORMATTING:
            if name in self._formatting:
                self._formatting.remove(name)
        elif name in self._elements:
            last = len(self._elements) - 1 - self._elements[::-1].index(name)
            if name in SPECIAL or SPECIAL.isdisjoint(self._elements[last + 1 :]):
                del self._elements[last:]
