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
_CLASS_WORDS: Final = {
    word: f"class word: {word}"
    for word in (
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
}
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
class _Structure:
    """What the containers of a page hold and where they stand, each list indexed by container.

    `alike` says how many share tag, names and depth with the nearest repeated one around each; `hops` how many lie
    between each and the main one, -1 outside it; `landmarks` which landmarks and roles each stands in.
    """

    parents: Sequence[int]
    prose: Sequence[int]
    characters: Sequence[int]
    link_characters: Sequence[int]
    hops: Sequence[int]
    alike: Sequence[int]
    landmarks: Sequence[tuple[str, ...]]
    class_words: Sequence[tuple[str, ...]]


def measure_markup(page: Page, shapes: Sequence[Shape]) -> list[tuple[str, ...]]:
    """Levels of every block of an HTML page by its place in the markup."""
    structure, containers = _structure(page, shapes), page.containers
    # Containers side by side with one tag, names and role stand alike, as a list's items do, but for the main one.
    known: dict[tuple[Container, int, int], tuple[str, ...]] = {}
    levels = []
    for block, shape in zip(page.blocks, shapes, strict=True):
        own, size = block.container, shape.size
        place = (containers[own], structure.hops[own], size)
        held = known.get(place)
        if held is None:
            held = known[place] = _held_levels(structure, own, size)
        share = block.link_chars / len(block.text) if block.link_chars else 0
        links = _LINKS[bisect_right(_LINK_BOUNDS, share)][size]
        heading = (_HEADING[min(block.level, 6)],) if block.tag == "heading" else ()
        levels.append((links, *held, *heading))
    return levels


def _held_levels(structure: _Structure, own: int, size: int) -> tuple[str, ...]:
    """The levels that blocks of a certain size have from the container that holds them."""
    up = max(structure.parents[own], 0)
    above = max(structure.parents[up], 0)
    total, hops = structure.prose[0], structure.hops[own]
    links = structure.link_characters[above] / max(1, structure.characters[above])
    return (
        _OWN_SHARE[_share(structure.prose[up], total)][size],
        _HOPS[7 if hops < 0 else bisect_right(_HOP_BOUNDS, hops)][size],
        _AROUND[bisect_right(_LINK_BOUNDS, links)][size],
        _REPEATED[bisect_right(_REPEAT_BOUNDS, structure.alike[own])][size],
        _UP_SHARE[_share(structure.prose[above], total)],
        *structure.landmarks[own],
        *sorted(_words_around(structure, own)),
    )


def _share(part: int, whole: int) -> int:
    return bisect_right(_SHARE_BOUNDS, part / whole) if whole else 0


def _words_around(structure: _Structure, own: int) -> set[str]:
    """The class words of a container and of those right around it."""
    found: set[str] = set()
    for _ in range(_NEAR):
        found.update(structure.class_words[own])
        own = structure.parents[own]
        if own < 0:
            break
    return found


def _structure(page: Page, shapes: Sequence[Shape]) -> _Structure:
    parents = [container.parent for container in page.containers]
    prose, characters, links = _sums(page, shapes, parents)
    return _Structure(
        parents=parents,
        prose=prose,
        characters=characters,
        link_characters=links,
        hops=_hops(parents, _main_container(parents, prose)),
        alike=_alike(page.containers),
        landmarks=_landmarks(page.containers),
        class_words=[_class_words(container.names) for container in page.containers],
    )


def _sums(page: Page, shapes: Sequence[Shape], parents: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
    """Words of prose, characters and those in links, in every container and all it contains: parents stand first."""
    count = len(parents)
    prose, characters, links = [0] * count, [0] * count, [0] * count
    for block, shape in zip(page.blocks, shapes, strict=True):
        own = block.container
        characters[own] += len(block.text)
        links[own] += block.link_chars
        if shape.prose:
            prose[own] += shape.words
    for index in range(count - 1, 0, -1):
        parent = parents[index]
        if parent >= 0:
            prose[parent] += prose[index]
            characters[parent] += characters[index]
            links[parent] += links[index]
    return prose, characters, links


def _main_container(parents: Sequence[int], prose: Sequence[int]) -> int:
    """The deepest container that holds most of the page's prose; the root where there is none."""
    needed = _MAIN_SHARE * prose[0]
    main = 0
    for index, held in enumerate(prose):
        if held >= needed > 0 and parents[index] in (main, -1):
            main = index
    return main


def _hops(parents: Sequence[int], main: int) -> list[int]:
    hops = [-1] * len(parents)
    hops[main] = 0
    for index in range(main + 1, len(parents)):
        outer = hops[parents[index]]
        if outer >= 0:
            hops[index] = outer + 1
    return hops


def _alike(containers: Sequence[Container]) -> list[int]:
    depths: list[int] = []
    keys = []
    for parent, tag, names, _ in containers:
        depth = depths[parent] + 1 if parent >= 0 else 0
        depths.append(depth)
        keys.append((tag, names, depth) if names else None)
    times = Counter(keys)
    times[None] = 0
    alike: list[int] = []
    for container, key in zip(containers, keys, strict=True):
        own = times[key]
        if own < _REPEAT_BOUNDS[0]:
            own = alike[container.parent] if container.parent >= 0 else 0
        alike.append(own)
    return alike


def _landmarks(containers: Sequence[Container]) -> list[tuple[str, ...]]:
    result: list[tuple[str, ...]] = []
    for parent, tag, _, role in containers:
        around = result[parent] if parent >= 0 else ()
        for level in (_INSIDE.get(tag), _ROLES.get(role)):
            if level and level not in around:
                around = tuple(sorted((*around, level)))
        result.append(around)
    return result


@lru_cache(maxsize=20_000)
def _class_words(names: tuple[str, ...]) -> tuple[str, ...]:
    words = _CLASS_WORDS.keys() & _CLASS_PART.findall(" ".join(names))
    return tuple(sorted([_CLASS_WORDS[word] for word in words]))
