"""Read what an HTML page states of itself: headline, author, date, from JSON-LD, meta tags and markup."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from cleaner.fold import fold
from cleaner.model import Facts, Page

_TITLE_KEYS: Final = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
_AUTHOR_KEYS: Final = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "citation_author",
    "byl",
    "twitter:data1",
)
_DATE_KEYS: Final = (
    "article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "citation_publication_date",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "pubdate",
    "publish-date",
    "publication_date",
    "date",
    "article:modified_time",
)
#: JSON-LD types that are about the page's main matter, not about its site or its menus.
_MAIN_TYPES: Final = re.compile(
    r"article|posting|newsarticle|report|recipe|product|review|webpage|qapage|video", re.IGNORECASE
)
_ISO_DATE: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})|(\d{4})(\d{2})(\d{2})T")
#: Where a JSON-LD script begins; scripts follow each other on lines of their own.
_JSON_START: Final = re.compile(r"^\s*(?P<value>[\[{])", re.MULTILINE)
_MAX_NAME: Final = 100


def read_facts(page: Page) -> Facts:
    """The headline, author and date (ISO 8601) that a page states; None for what it does not."""
    head = page.head
    if not head:
        return Facts()
    things = list(_linked_data(head.get("jsonld", "")))
    return Facts(
        title=_title(page, things),
        author=_author(head, things),
        date=_first_date(head, things),
    )


def _title(page: Page, things: list[Mapping[str, Any]]) -> str | None:
    """The longest heading that agrees with one of the names the page gives itself, else the first such name."""
    head = page.head
    names = [text for thing in things if (text := _text(thing.get("headline")))]
    names += [text for key in (*_TITLE_KEYS, "title") if (text := _text(head.get(key)))]
    wanted = [fold(name) for name in names]
    headings = [
        (len(form), block.text)
        for block, form in zip(page.blocks, page.folded, strict=True)
        if block.tag == "heading" and form and any(_agree(form, name) for name in wanted)
    ]
    if headings:
        return max(headings)[1]
    return names[0] if names else head.get("h1")


def _agree(heading: str, name: str) -> bool:
    """Whether a folded name is the folded heading, give or take the site's name before or behind it."""
    return heading == name or f"{name} ".startswith(f"{heading} ") or f" {name}".endswith(f" {heading}")


def _author(head: Mapping[str, str], things: list[Mapping[str, Any]]) -> str | None:
    for value in (*(thing.get("author") for thing in things), *(head.get(key) for key in _AUTHOR_KEYS)):
        names = [name for name in _names(value) if len(name) <= _MAX_NAME and "://" not in name and "@" not in name]
        if names:
            return ", ".join(dict.fromkeys(names))
    return None


def _names(value: Any) -> Iterator[str]:
    """Every name in an author field, which may be a string, an object or a list of either."""
    if isinstance(value, list):
        for entry in value[:20]:
            yield from _names(entry) if not isinstance(entry, list) else ()
    elif isinstance(value, dict):
        yield from _names(value.get("name")) if isinstance(value.get("name"), str) else ()
    elif text := _text(value):
        yield text.removeprefix("By ").strip()


def _first_date(head: Mapping[str, str], things: list[Mapping[str, Any]]) -> str | None:
    stated = [thing.get(key) for key in ("datePublished", "uploadDate", "dateCreated") for thing in things]
    for value in (*stated, *(head.get(key) for key in _DATE_KEYS)):
        if isinstance(value, str) and (found := _iso_date(value)):
            return found
    return None


def _iso_date(value: str) -> str | None:
    match = _ISO_DATE.match(value.strip())
    if not match:
        return None
    year, month, day = (int(part) for part in match.groups() if part)
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _linked_data(scripts: str) -> Iterator[Mapping[str, Any]]:
    """The JSON-LD objects of a page that are about its main matter, in order, one level of nesting unfolded."""
    for data in _json_values(scripts):
        for thing in _flatten(data):
            if _MAIN_TYPES.search(str(thing.get("@type", ""))[:200]):
                yield thing


def _json_values(scripts: str) -> Iterator[Any]:
    """Every JSON value of a text that holds several, one after another; a broken one costs only itself."""
    decoder, at = json.JSONDecoder(strict=False), _JSON_START.search(scripts)
    while at:
        try:
            value, end = decoder.raw_decode(scripts, at.start("value"))
            yield value
        except (ValueError, RecursionError):
            end = at.end()
        at = _JSON_START.search(scripts, end)


def _flatten(data: Any) -> Iterator[Mapping[str, Any]]:
    for thing in data if isinstance(data, list) else [data]:
        if isinstance(thing, dict):
            yield thing
            graph = thing.get("@graph")
            yield from (inner for inner in graph if isinstance(inner, dict)) if isinstance(graph, list) else ()


def _text(value: Any) -> str | None:
    """A string's text, its entities resolved and its white space collapsed, or None when nothing is left."""
    return (" ".join(html.unescape(value).split()) or None) if isinstance(value, str) else None
