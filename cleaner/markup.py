"""Measure where a block of an HTML page stands: links, landmarks, containers and repeated structure.

Gives levels of the same form as `measure` does from the text alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cleaner.model import Container, Page
from cleaner.shape import SIZES, Shape

_LINK_BOUNDS: Final = (0.001, 0.2, 0.5, 0.9)
_LINKS: Final = tuple(
    tuple(f"links: {n}, {size}" for size in SIZES) for n in ("none", "under 20 %", "20-50 %", "50-90 %", "nearly all")
)
_INSIDE: Final = {
    tag: f"inside: {tag}"
    for tag in (
        "article main nav header footer aside form dialog figure figcaption table ul ol dl details button label"
        " blockquote section summary address p li td pre"
    ).split()
}
_ROLES: Final = {
    role: f"role: {role}"
    for role in (
        "articlebody main navigation banner contentinfo complementary search dialog alert tablist tabpanel menu"
        " listitem breadcrumb breadcrumblist comment review product recipe blogposting newsarticle article"
        " discussionforumposting question answer description button"
    ).split()
}
#: Words that site systems build class names from, each with points of its own.
_CLASS_WORDS: Final = frozenset(
    (
        "content contents post posts entry article articles body story main text page single blog news detail "
        "details description product products thread  message messages topic docs doc markdown prose rich wysiwyg "
        "section block column col row container wrapper inner hero card cards item items list grid  teaser teasers "
        "excerpt summary title headline caption meta date author byline tags tag category categories widget "
        "sidebar side aside footer header  nav navigation menu breadcrumb breadcrumbs social share sharing related "
        "recommended popular trending latest more comment comments reply form search  login modal popup banner "
        "cookie consent newsletter subscribe signup ad ads promo cta button btn tab tabs accordion faq slider "
        "carousel swiper gallery  image video media price review reviews rating table toc info box feature "
        "features testimonial testimonials pricing contact copyright legal hidden  mobile desktop top bottom left "
        "right primary secondary tertiary sub quote code lead intro answer question user profile bio archive feed "
        "results result  cart shop store spec specs specifications event events step steps recipe ingredients "
        "instructions view views field node region panel overlay"
    ).split()
)
_CLASS_PART: Final = re.compile(r"[a-z]+")
#: How many containers around a block lend it their class words.
_NEAR: Final = 7

_SHARE_BOUNDS: Final = (0.001, 0.05, 0.2, 0.5)
_SHARES: Final = ("none", "under 5 %", "5-20 %", "20-50 %", "over half")
_OWN_SHARE: Final = tuple(tuple(f"prose of the page beside it: {n}, {size}" for size in SIZES) for n in _SHARES)
_UP_SHARE: Final = tuple(f"prose of the page around it: {n}" for n in _SHARES)
_HOPS: Final = tuple(
    tuple(f"main container: {n}, {size}" for size in SIZES)
    for n in (
        "directly inside",
        "1 deeper",
        "2 deeper",
        "3 deeper",
        "4 deeper",
        "5-6 deeper",
        "7 or more deeper",
        "outside",
    )
)
_HOP_BOUNDS: Final = (1, 2, 3, 4, 5, 7)
_MAIN_SHARE: Final = 0.6
_AROUND: Final = tuple(
    tuple(f"links around: {n}, {size}" for size in SIZES)
    for n in ("none", "under 20 %", "20-50 %", "50-90 %", "nearly all")
)
_REPEAT_BOUNDS: Final = (3, 6, 16)
_REPEATED: Final = tuple(
    tuple(f"structure: {n}, {size}" for size in SIZES) for n in ("single", "3-5 alike", "6-15 alike", "over 15 alike")
)
_HEADING: Final = tuple(f"heading: level {n}" for n in range(7))


@dataclass(frozen=True, slots=True)
class _Sums:
    """What the containers of a page hold, each list indexed by container."""

    prose: list[int]
    characters: list[int]
    link_characters: list[int]
    total_prose: int


def measure_markup(page: Page, shapes: Sequence[Shape]) -> list[tuple[str, ...]]:
    """Levels of every block of an HTML page by its place in the markup."""
    sums = _sums(page, shapes)
    held = _held_levels(page, sums)
    levels = []
    for block, shape in zip(page.blocks, shapes, strict=True):
        by_size, fixed = held[block.container]
        size = shape.size
        share = block.link_chars / len(block.text) if block.link_chars else 0
        own = _LINKS[bisect_right(_LINK_BOUNDS, share)][size]
        heading = (_HEADING[min(block.level, 6)],) if block.tag == "heading" else ()
        levels.append((own, *[level[size] for level in by_size], *fixed, *heading))
    return levels


_Held = dict[int, tuple[list[tuple[str, ...]], tuple[str, ...]]]


def _held_levels(page: Page, sums: _Sums) -> _Held:
    """For each container with text of its own: its levels, those that depend on a block's size and the others."""
    containers = page.containers
    hops = _hops(containers, _main_container(containers, sums))
    alike = _alike(containers)
    held: _Held = {}
    for own, inherited in _inherited(page).items():
        up = max(containers[own].parent, 0)
        above = max(containers[up].parent, 0)
        links = sums.link_characters[above] / max(1, sums.characters[above])
        by_size = [
            _OWN_SHARE[_share(sums.prose[up], sums.total_prose)],
            _HOPS[7 if hops[own] < 0 else bisect_right(_HOP_BOUNDS, hops[own])],
            _AROUND[bisect_right(_LINK_BOUNDS, links)],
            _REPEATED[bisect_right(_REPEAT_BOUNDS, alike[own])],
        ]
        held[own] = by_size, (_UP_SHARE[_share(sums.prose[above], sums.total_prose)], *inherited)
    return held


def _share(part: int, whole: int) -> int:
    return bisect_right(_SHARE_BOUNDS, part / whole) if whole else 0


def _sums(page: Page, shapes: Sequence[Shape]) -> _Sums:
    """Prose words and characters in every container and all it contains: children stand after parents."""
    count = len(page.containers)
    prose, characters, links = [0] * count, [0] * count, [0] * count
    for block, shape in zip(page.blocks, shapes, strict=True):
        characters[block.container] += len(block.text)
        links[block.container] += block.link_chars
        if shape.prose:
            prose[block.container] += shape.words
    for index in range(count - 1, 0, -1):
        parent = page.containers[index].parent
        if parent >= 0:
            prose[parent] += prose[index]
            characters[parent] += characters[index]
            links[parent] += links[index]
    return _Sums(prose, characters, links, prose[0])


def _main_container(containers: Sequence[Container], sums: _Sums) -> int:
    """The deepest container that holds most of the page's prose; the root where there is none."""
    needed = _MAIN_SHARE * sums.total_prose
    main = 0
    for index, container in enumerate(containers):
        if container.parent in (main, -1) and sums.prose[index] >= needed > 0:
            main = index
    return main


def _hops(containers: Sequence[Container], main: int) -> list[int]:
    """How many containers lie between each container and the main one; -1 outside it."""
    hops = [-1] * len(containers)
    hops[main] = 0
    for index in range(main + 1, len(containers)):
        parent = hops[containers[index].parent]
        if parent >= 0:
            hops[index] = parent + 1
    return hops


def _alike(containers: Sequence[Container]) -> list[int]:
    """For each container, how many share tag, names and depth with the nearest repeated one around it."""
    depth = [0] * len(containers)
    for index, container in enumerate(containers):
        depth[index] = depth[container.parent] + 1 if container.parent >= 0 else 0
    keys = [(c.tag, c.names, d) if c.names else None for c, d in zip(containers, depth, strict=True)]
    times = Counter(key for key in keys if key)
    alike = [0] * len(containers)
    for index, container in enumerate(containers):
        key = keys[index]
        own = times[key] if key else 0
        inherited = alike[container.parent] if container.parent >= 0 else 0
        alike[index] = own if own >= _REPEAT_BOUNDS[0] else inherited
    return alike


def _inherited(page: Page) -> dict[int, tuple[str, ...]]:
    """Landmarks, roles and class words that hold in each container with text of its own: its and those around it."""
    landmarks = _landmarks(page.containers)
    words = [_class_words(container.names) for container in page.containers]
    held = {block.container for block in page.blocks}
    return {own: (*landmarks[own], *sorted(_words_around(page.containers, words, own))) for own in held}


def _words_around(containers: Sequence[Container], words: Sequence[tuple[str, ...]], own: int) -> set[str]:
    found: set[str] = set()
    for _ in range(_NEAR):
        found.update(words[own])
        own = containers[own].parent
        if own < 0:
            break
    return found


def _landmarks(containers: Sequence[Container]) -> list[tuple[str, ...]]:
    """The landmarks and roles every container stands in, its own among them."""
    result: list[tuple[str, ...]] = []
    for container in containers:
        around = result[container.parent] if container.parent >= 0 else ()
        own = [level for level in (_INSIDE.get(container.tag), _ROLES.get(container.role)) if level]
        result.append(tuple(sorted({*around, *own})) if own else around)
    return result


@lru_cache(maxsize=20_000)
def _class_words(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        sorted(f"class word: {word}" for word in {w for n in names for w in _CLASS_PART.findall(n)} & _CLASS_WORDS)
    )
