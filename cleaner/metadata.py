"""Read what an HTML page states of its article: in JSON-LD, in meta tags, in marked elements and, last, in its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from cleaner.byline import bylined_name, marked_name, stated_name
from cleaner.dates import stamped_day, written_day
from cleaner.fold import fold
from cleaner.headline import Named, Site, find_headline
from cleaner.linked import LinkedData, Thing, text_of
from cleaner.model import Facts, Page

_TITLE_KEYS: Final = (
    "og:title",
    "twitter:title",
    "dc.title",
    "parsely-title",
    "sailthru.title",
    "citation_title",
    "title",
)
_AUTHOR_KEYS: Final = (
    "author",
    "article:author",
    "og:article:author",
    "article:author_name",
    "parsely-author",
    "cxenseparse:author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "citation_author",
    "byl",
)
_SITE_KEYS: Final = ("og:site_name", "application-name", "apple-mobile-web-app-title", "dc.publisher")
_DESCRIPTION_KEYS: Final = ("description", "og:description", "twitter:description", "dc.description")
_TAG_KEYS: Final = ("article:tag", "og:article:tag", "keywords", "news_keywords", "parsely-tags", "sailthru.tags")
_LANGUAGE_KEYS: Final = ("lang", "content-language", "language", "dc.language", "og:locale")
#: Meta tags that hold the day of publishing, those that hold the last change, and those that hold other days.
_PUBLISHED_KEY: Final = re.compile(r"publi(?:sh|cation)|issued|created|pub[-_]?date|date[-_]?pub|(?:^|[.:_-])date$")
_CHANGED_KEY: Final = re.compile(r"modif|updat|revis")
_OTHER_KEY: Final = re.compile(r"expir|review|image|event|publisher")
_LANGUAGE_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_DAY_IN_PATH: Final = re.compile(r"/(\d{4})/(\d{1,2})/(\d{1,2})(?:/|$)")

_MAX_TAGS: Final = 50
_MAX_TAG: Final = 100
#: So many blocks before and after the headline may hold byline and day, in lines no longer than this.
_BEFORE: Final = 5
_AFTER: Final = 10
_MAX_LINE: Final = 160


def read_metadata(page: Page) -> Facts:
    """What a page states of its article; None for what it does not."""
    head = page.head
    data = LinkedData(head.get("jsonld", ""))
    main, canonical, sites = data.main(), _canonical(head), _site_names(head, data)
    site = Site(sites, filter(None, (page.document.source.url, canonical)))
    title = _title(page, main, site)
    near, language = _lines_near(page, title), _language(head)
    return Facts(
        title=title,
        author=_author(head, data, near, site),
        date=_date(head, main, near, language),
        language=language,
        site=_first(sites),
        description=_first([*_values(head, _DESCRIPTION_KEYS), *(text_of(thing.get("description")) for thing in main)]),
        tags=_tags(head, main),
        canonical=canonical,
    )


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)


def _values(head: Mapping[str, str], keys: Iterable[str]) -> Iterator[str]:
    """The values of these keys, in their order; a key may have several."""
    for key in keys:
        for value in head.get(key, "").split("\n"):
            if text := text_of(value):
                yield text


def _site_names(head: Mapping[str, str], data: LinkedData) -> list[str]:
    sites = [name for thing in data.of_type("website") for name in data.names(thing.get("name"))]
    publishers = [name for thing in data.main() for name in data.names(thing.get("publisher"))]
    return list(dict.fromkeys([*_values(head, _SITE_KEYS), *sites, *publishers]))


def _title(page: Page, main: Sequence[Thing], site: Site) -> str | None:
    stated = [text for thing in main if (text := text_of(thing.get("headline")))]
    headings = [
        Named(block.text, folded)
        for block, folded in zip(page.blocks, page.folded, strict=True)
        if block.tag == "heading" and folded
    ]
    return find_headline(
        [*stated, *_values(page.head, _TITLE_KEYS)],
        list(_values(page.head, ["h1"])),
        headings,
        frozenset(page.folded),
        site,
    )


def _lines_near(page: Page, title: str | None) -> list[str]:
    """The short texts right around the place where the headline stands."""
    folded = fold(title or "")
    at = [block.index for block, form in zip(page.blocks, page.folded, strict=True) if form == folded and form]
    headings = [index for index in at if page.blocks[index].tag == "heading"]
    place = _first_index(headings or at)
    if place is None:
        return []
    around = [*page.blocks[place + 1 : place + 1 + _AFTER], *page.blocks[max(0, place - _BEFORE) : place]]
    return [block.text for block in around if len(block.text) <= _MAX_LINE]


def _first_index(indices: Sequence[int]) -> int | None:
    return indices[0] if indices else None


def _author(head: Mapping[str, str], data: LinkedData, near: Sequence[str], site: Site) -> str | None:
    """The authors' names; a site is its own author only if it names no other."""
    linked = [[stated_name(name) for name in data.names(thing.get("author"))] for thing in data.main()]
    metas = [[stated_name(name) for name in _values(head, [key])] for key in _AUTHOR_KEYS]
    marked = [[marked_name(_values(head, ["byline"]))]]
    written = [[bylined_name(line, marked=False)] for line in near]
    found = [list(dict.fromkeys(filter(None, names))) for names in (*linked, *metas, *marked, *written)]
    people = [names for names in found if names and not all(site.is_named(name) for name in names)]
    chosen = next(iter([*people, *filter(None, found)]), None)
    return ", ".join(chosen) if chosen else None


def _date(head: Mapping[str, str], main: Sequence[Thing], near: Sequence[str], language: str | None) -> str | None:
    """The day of publishing, else one that stands by the headline, else that of the last change."""
    stamps = [
        *_linked(main, ("datePublished", "dateCreated", "uploadDate")),
        *_metas(head, _PUBLISHED_KEY),
        *_values(head, ["published"]),
    ]
    return (
        _first(_day(stamp, language) for stamp in stamps)
        or _first(_day(stamp, language) for stamp in _values(head, ["time"]))
        or _first(written_day(line, language) for line in near)
        or _day_in_address(_canonical(head))
        or _first(_day(stamp, language) for stamp in [*_linked(main, ("dateModified",)), *_metas(head, _CHANGED_KEY)])
    )


def _linked(main: Sequence[Thing], keys: Iterable[str]) -> Iterator[str]:
    for key in keys:
        yield from (value for thing in main if isinstance(value := thing.get(key), str))


def _metas(head: Mapping[str, str], wanted: re.Pattern[str]) -> Iterator[str]:
    keys = [key for key in head if wanted.search(key) and not _OTHER_KEY.search(key)]
    is_change = wanted is _CHANGED_KEY
    return _values(head, [key for key in keys if is_change or not _CHANGED_KEY.search(key)])


def _day(stamp: str, language: str | None) -> str | None:
    return stamped_day(stamp) or written_day(stamp[:_MAX_LINE], language)


def _day_in_address(address: str | None) -> str | None:
    found = _DAY_IN_PATH.search(address or "")
    return stamped_day("-".join(found.groups())) if found else None


def _language(head: Mapping[str, str]) -> str | None:
    """The language (BCP 47) that the page says it is in."""
    tags = [
        tag
        for value in _values(head, _LANGUAGE_KEYS)
        if (tag := value.split(",")[0].strip()) and _LANGUAGE_TAG.fullmatch(tag)
    ]
    return tags[0].replace("_", "-") if tags else None


def _tags(head: Mapping[str, str], main: Sequence[Thing]) -> tuple[str, ...]:
    """Keywords, from the first place that states any."""
    linked = [value for thing in main for value in _as_list(thing.get("keywords")) if isinstance(value, str)]
    for values in (*(list(_values(head, [key])) for key in _TAG_KEYS), linked):
        tags = [tag.strip() for value in values for tag in re.split("[,;]", value)]
        if kept := [tag for tag in dict.fromkeys(tags) if 0 < len(tag) <= _MAX_TAG]:
            return tuple(kept[:_MAX_TAGS])
    return ()


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _canonical(head: Mapping[str, str]) -> str | None:
    """The page's own address, if it states an absolute one."""
    for address in _values(head, ["canonical", "og:url"]):
        try:
            if urlsplit(address).scheme in ("http", "https"):
                return address
        except ValueError:
            continue
    return None
