"""Close what a page leaves open, where a parser would take the rest of the page for a comment, script or title."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from cleaner.tags import UNSHOWN

#: Elements whose content isn't shown, and which go on to the end of the page if their end tag is missing.
_SWALLOWERS: Final = (
    "script|style|title|textarea|iframe|noembed|noframes|noscript|template|select|object|canvas|audio|video|xmp"
)
_OPENER: Final = re.compile(rf"<(?:!--(?!-?>)|({_SWALLOWERS})(?=[\s/>]))", re.IGNORECASE)
_COMMENT_END: Final = re.compile("--!?>")
#: Where text goes on at the latest: at a tag that stands in no script, comment or title that anybody meant to close.
_TEXT: Final = re.compile(
    r"<(?:/?(?:address|article|aside|blockquote|body|div|dl|figure|footer|form|h[1-6]|header|hr|main|nav|ol|p|pre|section"
    r"|table|ul)(?=[\s/>])|/(?:head|html)\s*>)",
    re.IGNORECASE,
)


def is_cut_short(html: str, tree: LexborHTMLParser) -> bool:
    """Whether the last thing on a page isn't shown and has no end, so that it has swallowed what came after it."""
    ends = {_unshown_at_the_end(node) for node in (tree.root, tree.head, tree.body) if node is not None}
    return any(tag and _seems_open(html, tag) for tag in ends)


def _unshown_at_the_end(node: LexborNode) -> str | None:
    """The tag of the last thing in a node if it is one that isn't shown."""
    last = node.last_child
    while last is not None:
        if last.tag == "-text" and not (last.text_content or "").strip():
            last = last.prev
        elif (last.tag or "") in UNSHOWN:
            return last.tag
        else:
            last = last.last_child
    return None


def _seems_open(html: str, tag: str) -> bool:
    """Whether no end of such an element stands behind the last start of one."""
    start, end = ("<!--", "-->") if tag == "-comment" else (f"<{tag}", f"</{tag}")
    last = html.rfind(start)
    last = max(last, html.rfind(start.upper(), last + 1))
    return last >= 0 and html.find(end, last) < 0 and html.find(end.upper(), last) < 0


def mended(html: str) -> str:
    """The page with an end for each comment and each element that has none, before the next tag that holds text."""
    parts, done, at = [], 0, 0
    endless: set[str] = set()
    while opener := _OPENER.search(html, at):
        name = (opener[1] or "").lower()
        end = None if name in endless else _end_of(name).search(html, opener.end())
        if end:
            at = end.end()
            continue
        endless.add(name)
        text = _TEXT.search(html, opener.end())
        if text is None:
            break
        parts += [html[done : text.start()], f"</{name}>" if name else "-->"]
        done = at = text.start()
    return "".join([*parts, html[done:]])


def _end_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) if name else _COMMENT_END
