"""Align blocks with a text taken from the same page: which of them stand in it, in the same order?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from cleaner.fold import fold

#: A block of this many words is found by itself; a shorter one only between two such blocks.
_ANCHOR_WORDS: Final = 6
#: How far around its place, in characters of folded text, a short block may be found.
_SLACK: Final = 400


def align(folded: Sequence[str], text: str) -> list[bool]:
    """True for each folded block that stands in the text, in an order that fits its neighbours.

    Long blocks are looked up anywhere, nearest to where the last one stood; short ones ("Read more", "2024")
    stand in many places, so they count only between the places of the long blocks around them.
    """
    body = " " + " ".join(fold(text).split()) + " "
    places = [_place(body, form) if form.count(" ") + 1 >= _ANCHOR_WORDS else None for form in folded]
    ordered = _longest_rising(places)
    following = _following(ordered, len(body))
    labels, position = [], 0
    for form, place, until in zip(folded, ordered, following, strict=True):
        if place is not None:
            labels.append(True)
            position = place + len(form)
            continue
        short = bool(form) and form.count(" ") + 1 < _ANCHOR_WORDS
        found = (
            body.find(f" {form} ", max(0, position - _SLACK // 8), min(until + 2, position + _SLACK)) if short else -1
        )
        labels.append(found >= 0 or _mostly_in(body, form))
        if found >= 0:
            position = max(position, found + len(form))
    return labels


def _place(body: str, form: str) -> int | None:
    found = body.find(f" {form} ")
    return found if found >= 0 else None


def _mostly_in(body: str, form: str) -> bool:
    """Whether most of a long block's five-word runs stand in the text: a block cut or joined differently."""
    words = form.split()
    if len(words) < 2 * _ANCHOR_WORDS:
        return False
    runs = [" ".join(words[i : i + 5]) for i in range(0, len(words) - 4, 3)]
    return sum(run in body for run in runs) >= 0.7 * len(runs)


def _longest_rising(places: Sequence[int | None]) -> list[int | None]:
    """Keep the longest rising sequence of places, so that a teaser's copy of a sentence is no anchor."""
    tails: list[int] = []
    ends: list[int] = []
    back: dict[int, int | None] = {}
    for index, place in enumerate(places):
        if place is None:
            continue
        at = bisect_right(tails, place)
        back[index] = ends[at - 1] if at else None
        if at == len(tails):
            tails.append(place)
            ends.append(index)
        else:
            tails[at], ends[at] = place, index
    kept: set[int] = set()
    cursor: int | None = ends[-1] if ends else None
    while cursor is not None:
        kept.add(cursor)
        cursor = back[cursor]
    return [place if index in kept else None for index, place in enumerate(places)]


def _following(places: Sequence[int | None], end: int) -> list[int]:
    """For each block, where the next placed block starts (or the end of the text)."""
    following, ahead = [], end
    for place in reversed(places):
        following.append(ahead)
        ahead = place if place is not None else ahead
    return following[::-1]
