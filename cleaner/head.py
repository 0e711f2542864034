"""Read what an HTML page states about itself: title, language, addresses, meta tags, JSON-LD, marked names and days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from cleaner.repair import tidy

_MAX_VALUE: Final = 1_000
_MAX_JSON_LD: Final = 100_000
#: How many values of one name count, and how many elements of a page are asked for names and days.
_MAX_VALUES: Final = 20
_MAX_MARKED: Final = 200
#: A byline is no longer than this, in characters and in nodes.
_MAX_BYLINE: Final = 120
_MAX_NODES: Final = 40

#: Elements that say when, or by whom, something was written.
_MARKED: Final = (
    "time[datetime], abbr.published[title], [itemprop~=datePublished], [itemprop~=author], [rel~=author],"
    " [class*=author i], [class*=byline i]"
)


def read_head(tree: LexborHTMLParser, headlines: Sequence[str]) -> dict[str, str]:
    """A page's own statements: its meta tags by lower-cased name or property; values of one name on lines of their own.

    Beside them, each only if the page has it: `title`, `lang`, `canonical`, `base` (what relative links start from),
    `jsonld` (the scripts as they stand, one after another, at most 100,000 characters), `h1` (the headlines), `byline`
    (texts marked as an author's name), `published` and `time` (days marked as such, of publishing and any).
    """
    own = {
        "title": _title(tree),
        "lang": _attribute(tree, "html", "lang"),
        "canonical": _attribute(tree, 'link[rel="canonical" i]', "href"),
        "base": _attribute(tree, "base[href]", "href"),
        "jsonld": "\n".join(_json_ld(tree)),
        "h1": _lines(_clean(headline) for headline in headlines),
        **_marked(tree),
    }
    head = {name: value for name, value in own.items() if value}
    stated: dict[str, list[str]] = {}
    for name, value in _metas(tree):
        if name not in head:
            stated.setdefault(name, []).append(value)
    return head | {name: _lines(values) for name, values in stated.items()}


def _lines(values: Iterable[str]) -> str:
    """Distinct values in their order, each on a line of its own."""
    return "\n".join(list(dict.fromkeys(filter(None, values)))[:_MAX_VALUES])


def _title(tree: LexborHTMLParser) -> str:
    """The title; in the body it counts too, but not that of a drawing."""
    node = tree.css_first("head title, body > title")
    return _clean(node.text()) if node else ""


def _attribute(tree: LexborHTMLParser, selector: str, name: str) -> str:
    node = tree.css_first(selector)
    return (node.attributes.get(name) or "").strip()[:_MAX_VALUE] if node else ""


def _metas(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = (attributes.get("name") or attributes.get("property") or attributes.get("itemprop") or "")[:_MAX_VALUE]
        name = name.strip().lower()
        value = _clean(attributes.get("content") or "")
        if name and value:
            yield name, value


def _json_ld(tree: LexborHTMLParser) -> Iterator[str]:
    """The scripts that fit; one cut in two would be none."""
    room = _MAX_JSON_LD
    for node in tree.css('script[type*="ld+json" i]'):
        script = node.text().strip()
        if script and len(script) < room:
            room -= len(script) + 1
            yield script


def _marked(tree: LexborHTMLParser) -> dict[str, str]:
    """What elements in the body are marked as: names of authors, and days."""
    found: dict[str, list[str]] = {"byline": [], "published": [], "time": []}
    for node in tree.css(_MARKED)[:_MAX_MARKED]:
        attributes = node.attributes
        day = attributes.get("datetime") or attributes.get("content") or attributes.get("title") or ""
        is_published = "datePublished" in (attributes.get("itemprop") or "").split()
        if is_published or node.tag in ("time", "abbr"):
            found["published" if is_published else "time"].append(_clean(day or _brief_text(node)))
        elif node.tag != "meta" and "comment" not in (attributes.get("class") or ""):
            found["byline"].append(_brief_text(node))
    return {name: _lines(values) for name, values in found.items()}


def _brief_text(node: LexborNode) -> str:
    """An element's text if it is brief; one that isn't is read no further than needed to tell."""
    inner = list(islice(node.traverse(include_text=True), _MAX_NODES + 1))
    words = " ".join(" ".join([part.text_content or "" for part in inner if part.tag == "-text"]).split())
    return _clean(words) if len(words) <= _MAX_BYLINE and len(inner) <= _MAX_NODES else ""


def _clean(value: str) -> str:
    return " ".join(tidy(value[:_MAX_VALUE]).split())
