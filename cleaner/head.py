"""Read what an HTML page states about itself: title, language, meta tags, canonical address, JSON-LD."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from cleaner.repair import tidy

_MAX_VALUE: Final = 1_000
_MAX_JSON_LD: Final = 100_000


def read_head(tree: LexborHTMLParser, headlines: Sequence[str]) -> dict[str, str]:
    """A page's own statements: its meta tags by lower-cased name or property, the first of each name.

    Beside them `title`, `lang`, `canonical`, `jsonld` (the scripts as they stand, one after another, at most
    100,000 characters) and `h1`, the only headline of the page; each only if the page has it.
    """
    distinct = set(headlines)
    own = {
        "title": _title(tree),
        "lang": _attribute(tree, "html", "lang"),
        "canonical": _attribute(tree, 'link[rel="canonical" i]', "href"),
        "jsonld": "\n".join(_json_ld(tree)),
        "h1": _clean(headlines[0]) if len(distinct) == 1 else "",
    }
    head = {name: value for name, value in own.items() if value}
    for name, value in _metas(tree):
        head.setdefault(name, value)
    return head


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
        name = (attributes.get("name") or attributes.get("property") or "")[:_MAX_VALUE].strip().lower()
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


def _clean(value: str) -> str:
    return " ".join(tidy(value[:_MAX_VALUE]).split())
