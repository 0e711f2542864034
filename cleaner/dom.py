"""Cut an HTML page into blocks: every text that a reader can be shown, in exactly one of them.

The walk over the tree uses no recursion and meets each node once. Text is gathered until a boundary, the start or
end of a box; the scope in which it began tells what kind of block it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from itertools import islice
from typing import Final, TypeAlias

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from cleaner.fold import fold
from cleaner.head import read_head
from cleaner.limits import within_limits
from cleaner.mend import is_cut_short, mended
from cleaner.model import Block, BlockTag, Container, Document, Mark, Page
from cleaner.repair import tidy
from cleaner.running import RunningText, Taken, VerbatimText
from cleaner.scope import SETTLED, Attributes, Draft, Row, Scope
from cleaner.tags import BOXES, CONTROLS, INLINE_BOXES, LABELS, MARKS, PROSE, UNSHOWN

#: Tokens beyond this number, or this far into an attribute, are not what a rule would look for.
_MAX_NAMES: Final = 40
_MAX_ATTRIBUTE: Final = 4_000
_HIDDEN: Final = ("hidden",)
#: Attributes that may hide an element, and those that may say what it is for; most elements have none of them.
_HIDING: Final = frozenset({"aria-hidden", "hidden", "style"})
_ROLES: Final = frozenset({"role", "itemtype", "itemprop"})
#: Where pictures have their address: one that a script puts in place later comes first.
_IMAGE_ADDRESSES: Final = ("data-src", "data-lazy-src", "data-original", "src")
#: Sizes of pictures that are there to be counted, not seen.
_DOTS: Final = frozenset({"0", "1", "0px", "1px"})
_MAX_ALTERNATIVE: Final = 500
#: A hidden stretch of a line is a note if it is no longer than this, in nodes and in characters.
_BRIEF_NODES: Final = 40
_BRIEF_LENGTH: Final = 200
#: Where a page's `noscript` elements hold more characters than this, and twice what is shown, they are its text.
_MIN_NOSCRIPT: Final = 500
_MARKUP: Final = re.compile(r"<(script|style)\b(?:[^<]++|<(?!/\1\b))*+|<[^<>]*+>", re.IGNORECASE)


def segment_html(document: Document) -> Page:
    """Cut a page into blocks with their containers, and read what its head says. No markup makes it fail."""
    html = within_limits(document.text)
    if html != document.text:
        document = replace(document, repairs=(*document.repairs, "limits"))
    tree, cutter = _cut(html, UNSHOWN)
    if is_cut_short(html, tree) and (whole := mended(html)) != html:
        html = whole
        tree, cutter = _cut(html, UNSHOWN)
    if not cutter.blocks and (frames := tree.css_first("noframes")):
        cutter = _cut(within_limits(frames.text()), UNSHOWN)[1]
    if _is_for_scripts_alone(cutter):
        tree, cutter = _cut(html, UNSHOWN - {"noscript"})
    lines = [block.text.replace("\n", " ") for block in cutter.blocks]
    folded = fold("\n".join(lines)).split("\n") if lines else ()
    head = read_head(tree, cutter.headlines)
    return Page(document, tuple(cutter.blocks), tuple(folded), tuple(cutter.containers), head)


def _cut(html: str, unshown: frozenset[str]) -> tuple[LexborHTMLParser, _Cutter]:
    """The tree of a page, and what becomes of it. Unless it is to be shown, the content of `noscript` isn't parsed."""
    options = LexborDocumentOptions.WO_EVENTS
    tree = LexborHTMLParser(html, options=options, scripting="noscript" in unshown)
    cutter = _Cutter(_starts(unshown))
    if tree.body is not None:
        _walk(tree.body, cutter)
    return tree, cutter


def _is_for_scripts_alone(cutter: _Cutter) -> bool:
    """Whether the text of a page is in its `noscript` elements, and a script is to fill the rest."""
    if not cutter.passed_noscripts:
        return False
    texts = [_MARKUP.sub("", node.text()).strip() for node in cutter.passed_noscripts]
    shown = sum([len(block.text) for block in cutter.blocks])
    return sum([len(text) for text in texts]) > max(_MIN_NOSCRIPT, 2 * shown)


def _walk(root: LexborNode, cutter: _Cutter) -> None:
    """Show the cutter `root` and all within it, in the order of the document."""
    starts = cutter.starts
    path: list[tuple[LexborNode, str]] = []
    node = root
    while True:
        tag = node.tag or ""
        start = starts.get(tag) or (_Cutter.open_custom if "-" in tag else _Cutter.descend)
        child = start(cutter, node, tag)
        if child is not None:
            path.append((node, tag))
            node = child
            continue
        while path:
            following = node.next
            if following is not None:
                node = following
                break
            node, tag = path.pop()
            end = _ENDS.get(tag) or (_Cutter.close_custom if "-" in tag else _Cutter.ascend)
            end(cutter, tag)
        else:
            return


#: Takes the start of a node with a certain tag; the result is the first child to go on with.
_Start: TypeAlias = Callable[["_Cutter", LexborNode, str], LexborNode | None]
#: Takes the end of an element with a certain tag.
_End: TypeAlias = Callable[["_Cutter", str], None]


class _Cutter:
    """Takes the nodes of a page in their order, and makes blocks and containers of them."""

    def __init__(self, starts: Mapping[str, _Start]) -> None:
        self.starts = starts
        self.blocks: list[Block] = []
        self.containers: list[Container] = []
        self.headlines: list[str] = []
        self.passed_noscripts: list[LexborNode] = []
        self._text = RunningText()
        # The boxes that are open: their scopes and containers, and for those in a line, `_divided` before them.
        self._boxes = [(Scope(), -1)]
        self._division: list[bool] = []
        # The scope and the container in which the text began, and the one around it once that container has ended.
        self._start, self._place = self._boxes[0]
        self._common = -1
        # Whether a box in the line, just begun or ended, divides the text as soon as there is more of it.
        self._divided = False
        self._last_group = -1

    def add(self, node: LexborNode, _tag: str) -> None:
        """Take a text node."""
        raw, text = node.text_content or "", self._text
        if raw.isspace():
            text.add_space(raw)
            return
        if self._divided:
            self._finish()
        if text.empty:
            self._start, self._place = self._boxes[-1]
            self._common = -1
        elif self._common >= 0:
            self._place, self._common = self._common, -1
        text.add(raw)

    def descend(self, node: LexborNode, _tag: str) -> LexborNode | None:
        """Take the start of an element that says nothing about its text."""
        return node.first_child

    def ascend(self, _tag: str) -> None:
        """Take the end of such an element."""

    def pass_over(self, node: LexborNode, tag: str) -> LexborNode | None:
        """Pass over an element, but for the template of a shadow root, which is shown in place."""
        if tag in CONTROLS:
            self._text.separate()
        elif tag == "noscript":
            self.passed_noscripts.append(node)
        elif tag == "template" and "shadowrootmode" in node.attributes:
            return next((fragment.first_child for fragment in node.template_fragments()), None)
        return None

    def add_image(self, node: LexborNode, _tag: str) -> None:
        """Take a picture."""
        attributes = node.attributes
        address = _address(attributes)
        if address and attributes.get("width") not in _DOTS and attributes.get("height") not in _DOTS:
            words = " ".join(tidy((attributes.get("alt") or "")[:_MAX_ALTERNATIVE]).split())
            self._text.add_image("".join(address.split()), words)

    def break_line(self, node: LexborNode, _tag: str) -> LexborNode | None:
        """Take a line break."""
        self._text.break_line()
        if self._text.ended:
            self._finish()
        return node.first_child

    def rule_off(self, node: LexborNode, _tag: str) -> LexborNode | None:
        """Take a rule across the page."""
        self._divide()
        return node.first_child

    def separate(self, node: LexborNode, _tag: str) -> LexborNode | None:
        """Take an element that stands between words."""
        self._text.separate()
        return node.first_child

    def begin_mark(self, node: LexborNode, tag: str) -> LexborNode | None:
        """Begin a stretch of some kind."""
        child = node.first_child
        if child is not None:
            self._text.begin_mark(MARKS[tag])
        return child

    def end_mark(self, tag: str) -> None:
        """End a stretch of some kind."""
        self._text.end_mark(MARKS[tag])

    def begin_label(self, node: LexborNode, tag: str) -> LexborNode | None:
        """Begin a link, or a stretch that a style sheet may set apart."""
        attributes = node.attributes
        if not _HIDING.isdisjoint(attributes) and _is_hidden(attributes) and _is_brief(node):
            return None
        if tag == "a":
            self._text.begin_link(attributes.get("href"))
        if tag != "span" or ("class" in attributes and self.containers[self._boxes[-1][1]].tag not in PROSE):
            self._text.begin_label()
        child = node.first_child
        if child is None:
            self.end_label(tag)
        return child

    def end_label(self, tag: str) -> None:
        """End a link, or a stretch that a style sheet may set apart."""
        self._text.end_label()
        if tag == "a":
            self._text.end_link()

    def open(self, node: LexborNode, tag: str) -> LexborNode | None:
        """Open a box that stands on lines of its own."""
        self._divide()
        return self._open(node, tag)

    def open_table(self, node: LexborNode, tag: str) -> LexborNode | None:
        """Open a table; if it stands in another one, that is there for layout."""
        self._divide()
        self._spread(self._boxes[-1][0].row)
        return self._open(node, tag)

    def open_inline(self, node: LexborNode, tag: str) -> LexborNode | None:
        """Open a box that stands in a line."""
        self._division.append(self._divided)
        self._divided = True
        return self._open(node, tag)

    def open_custom(self, node: LexborNode, tag: str) -> LexborNode | None:
        """Open a box of an unknown kind."""
        self._text.separate()
        return self._open(node, tag)

    def _open(self, node: LexborNode, tag: str) -> LexborNode | None:
        scope, parent = self._boxes[-1]
        attributes, container = node.attributes, len(self.containers)
        hidden = (tag == "dialog" or not _HIDING.isdisjoint(attributes)) and _is_closed(tag, attributes)
        self.containers.append(_container(parent, tag, attributes, hidden))
        if (tag in SETTLED or "role" in attributes) and not self._text.verbatim:
            scope = scope.inner(node, tag, attributes, container)
            if scope.tag == "code":
                self._change_text(VerbatimText(self._text.href))
        if hidden and not scope.hidden:
            scope = scope.copy()
            scope.hidden = True
        self._boxes.append((scope, container))
        child = node.first_child
        if child is None:
            _ENDS.get(tag, _Cutter.close_custom)(self, tag)
        return child

    def close(self, _tag: str) -> None:
        """Close a box that stands on lines of its own."""
        self._divide()
        self._close()

    def close_inline(self, _tag: str) -> None:
        """Close a box that stands in a line."""
        before = self._division.pop()
        self._divided = before if self._divided else True
        self._close()

    def close_custom(self, _tag: str) -> None:
        """Close a box of an unknown kind."""
        self._text.separate()
        self._close()

    def _close(self) -> None:
        scope, container = self._boxes.pop()
        around, parent = self._boxes[-1]
        if container == self._place or container == self._common:
            self._common = parent
        if scope is not around:
            self._end_scope(scope, around)

    def _end_scope(self, scope: Scope, around: Scope) -> None:
        if scope.row is not None and scope.row is not around.row:
            self._end_row(scope.row)
        if scope.tag == "code" and around.tag != "code":
            self._finish()
            self._change_text(RunningText(self._text.href))

    def _change_text(self, text: RunningText) -> None:
        """Gather the next text in another way; pictures that wait for a block go on waiting."""
        text.images = self._text.images
        self._text = text

    def _divide(self) -> None:
        """Keep apart what stands before and after the start or end of a box."""
        text = self._text
        if text.verbatim:
            text.end_line()
        elif text.pieces:
            self._finish()
        else:  # as between most boxes
            text.space = self._divided = False
            if text.images:
                text.set_images_apart()

    def _finish(self) -> None:
        """End the block that is being read, if there is one."""
        self._divided = False
        taken = self._text.take()
        if not taken.text:
            return
        row = self._start.row
        if row is None or not row.take(Draft(taken, self._start, self._place)):
            self._spread(row)
            self._emit(taken, self._start, self._place)

    def _end_row(self, row: Row) -> None:
        row.end()
        if row.layout or sum(cell is not None for cell in row.cells) < 2:
            self._spread(row)
        else:
            self._append(row.joined(), row.container, "row", group=row.group)

    def _spread(self, row: Row | None) -> None:
        """Make each cell of a row read so far a block of its own, and leave those to come to themselves."""
        if row is not None and not row.layout:
            row.layout = True
            for cell in row.cells:
                if cell is not None:
                    self._emit(*cell)

    def _emit(self, taken: Taken, scope: Scope, container: int) -> None:
        marker = scope.marker
        if marker is None or marker.used or scope.tag != "paragraph":
            if scope.language:
                taken = taken._replace(marks=(*taken.marks, Mark(0, len(taken.text), "language", scope.language)))
            self._append(taken, container, scope.tag, scope.level)
        else:
            self._append(taken, container, marker.tag, marker.level, marker.lead, marker.group)
        if marker is not None:
            marker.used = True
        if scope.tag == "heading" and scope.level == 1 and not scope.hidden:
            self.headlines.append(taken.text)

    def _append(
        self, taken: Taken, container: int, tag: BlockTag, level: int = 0, lead: str = "", group: int = -1
    ) -> None:
        text, links, marks = taken
        gap = group < 0 or group != self._last_group
        link_chars = sum([end - start for start, end, _ in links]) if links else 0
        self.blocks.append(Block(len(self.blocks), text, tag, level, lead, gap, container, link_chars, links, marks))
        self._last_group = group


@cache
def _starts(unshown: frozenset[str]) -> Mapping[str, _Start]:
    """What takes the starts of elements, by tag; of those not named, custom elements are boxes, others inline."""
    return {
        "-text": _Cutter.add,
        "br": _Cutter.break_line,
        "hr": _Cutter.rule_off,
        "input": _Cutter.separate,
        **dict.fromkeys(BOXES, _Cutter.open),
        **dict.fromkeys(INLINE_BOXES, _Cutter.open_inline),
        "table": _Cutter.open_table,
        **dict.fromkeys(LABELS, _Cutter.begin_label),
        **dict.fromkeys(MARKS, _Cutter.begin_mark),
        **dict.fromkeys(unshown, _Cutter.pass_over),
        "img": _Cutter.add_image,
    }


_ENDS: Final[Mapping[str, _End]] = {
    **dict.fromkeys(BOXES, _Cutter.close),
    **dict.fromkeys(INLINE_BOXES, _Cutter.close_inline),
    **dict.fromkeys(LABELS, _Cutter.end_label),
    **dict.fromkeys(MARKS, _Cutter.end_mark),
}


def _address(attributes: Attributes) -> str | None:
    """Where a picture is: not the picture itself, or a placeholder."""
    for name in _IMAGE_ADDRESSES:
        address = attributes.get(name)
        if address and not address.isspace() and len(address) <= _MAX_ATTRIBUTE and not address.startswith("data:"):
            return address
    return None


def _is_hidden(attributes: Attributes) -> bool:
    """Whether an element isn't shown, as far as its own attributes tell."""
    style = attributes.get("style")
    if style:
        style = "".join(style[:_MAX_ATTRIBUTE].lower().split())
        if "display:none" in style or "visibility:hidden" in style:
            return True
    return "hidden" in attributes


def _is_closed(tag: str, attributes: Attributes) -> bool:
    """Whether a box is shown only once a script opens it."""
    if tag == "dialog" and "open" not in attributes:
        return True
    return attributes.get("aria-hidden") == "true" or _is_hidden(attributes)


def _is_brief(node: LexborNode) -> bool:
    """Whether an element holds some words at most: a note for scripts or screen readers, not text to be unfolded.

    Formulas count as text: they are often hidden beside a picture of them.
    """
    inner = list(islice(node.traverse(include_text=True), _BRIEF_NODES + 1))
    length = sum([len(part.text_content or "") for part in inner])
    return length <= _BRIEF_LENGTH and len(inner) <= _BRIEF_NODES and all(part.tag != "math" for part in inner)


def _container(parent: int, tag: str, attributes: Attributes, hidden: bool) -> Container:
    """A box as a container; `hidden` is among its names if it is hidden by other means than a class."""
    if not attributes:
        return Container(parent, tag, _HIDDEN if hidden else (), "")
    classes, identifier = attributes.get("class"), attributes.get("id")
    names = _tokens(classes) if classes else ()
    if identifier:
        names = (*names, *identifier[:_MAX_ATTRIBUTE].lower().split())[:_MAX_NAMES]
    role = "" if _ROLES.isdisjoint(attributes) else _role(attributes)
    return Container(parent, tag, names + _HIDDEN if hidden else names, role)


@lru_cache(maxsize=1_000)
def _tokens(classes: str) -> tuple[str, ...]:
    return tuple(classes[:_MAX_ATTRIBUTE].lower().split()[:_MAX_NAMES])


def _role(attributes: Attributes) -> str:
    """The ARIA role, or else the microdata type or property."""
    role = attributes.get("role") or attributes.get("itemtype") or attributes.get("itemprop")
    return role[:_MAX_ATTRIBUTE].strip().rstrip("/").rpartition("/")[2].lower() if role else ""
