"""Read linked data (JSON-LD) that a page carries about itself."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

Thing: TypeAlias = Mapping[str, Any]

#: Where a script begins; scripts follow each other on lines of their own.
_START: Final = re.compile(r"^\s*(?P<value>[\[{])", re.MULTILINE)
#: Types that are about a page's main matter, those that say most of it first; the others are about menus or the site.
_MAIN_TYPES: Final = (
    re.compile(r"article|posting|report|recipe|review|question|book|course", re.IGNORECASE),
    re.compile(r"product|video|event|movie|software|dataset", re.IGNORECASE),
    re.compile(r"page", re.IGNORECASE),
)
#: Where things hold the things that they are about.
_HOLDERS: Final = ("@graph", "mainEntity", "mainEntityOfPage")
_MAX_DEPTH: Final = 4
_MAX_THINGS: Final = 500


class LinkedData:
    """The things that a page's scripts describe."""

    def __init__(self, scripts: str) -> None:
        self.things: Sequence[Thing] = list(_things(list(_values(scripts)), _MAX_DEPTH))[:_MAX_THINGS]
        self._by_id = {
            id_: thing for thing in self.things if isinstance(id_ := thing.get("@id"), str) and len(thing) > 1
        }

    def main(self) -> list[Thing]:
        """Those that are about the page's main matter, the most telling types first."""
        return [thing for types in _MAIN_TYPES for thing in self.things if types.search(_type(thing))]

    def of_type(self, name: str) -> list[Thing]:
        """Those of one type, by its lower-cased name."""
        return [thing for thing in self.things if _type(thing).lower() == name]

    def types(self) -> set[str]:
        """The types of all things, as written."""
        return {word for thing in self.things for word in _type(thing).split()}

    def resolved(self, value: Any) -> Any:
        """A value, or the thing it refers to."""
        reference = value.get("@id") if isinstance(value, dict) and "name" not in value else None
        return self._by_id.get(reference, value) if isinstance(reference, str) else value

    def names(self, value: Any) -> Iterator[str]:
        """Every name in a field that may be a text, a thing, a reference to one, or a list of these."""
        for entry in value[:20] if isinstance(value, list) else [value]:
            thing = self.resolved(entry)
            named = thing.get("name") if isinstance(thing, dict) else thing
            for name in named[:20] if isinstance(named, list) else [named]:
                if words := text_of(name):
                    yield words


def text_of(value: Any) -> str | None:
    """A string's text, its entities resolved and its white space collapsed, or None when nothing is left."""
    return (" ".join(html.unescape(value).split()) or None) if isinstance(value, str) else None


def _values(scripts: str) -> Iterator[Any]:
    """Every JSON value of a text that holds several, one after another; a broken one costs only itself."""
    decoder, at = json.JSONDecoder(strict=False), _START.search(scripts)
    while at:
        try:
            value, end = decoder.raw_decode(scripts, at.start("value"))
            yield value
        except (ValueError, RecursionError):
            end = at.end()
        at = _START.search(scripts, end)


def _things(values: Any, depth: int) -> Iterator[Thing]:
    for thing in values if isinstance(values, list) else [values]:
        if isinstance(thing, list) and depth:
            yield from _things(thing, depth - 1)
        elif isinstance(thing, dict):
            yield thing
            for holder in _HOLDERS if depth else ():
                if isinstance(inner := thing.get(holder), dict | list):
                    yield from _things(inner, depth - 1)


def _type(thing: Thing) -> str:
    named = thing.get("@type", "")
    return (" ".join(map(str, named)) if isinstance(named, list) else str(named))[:200]
