"""Measure blocks: by their text, by their place in the markup, and by the outside witness's vote.

Every measure gives the name of the level a block falls into, such as `length: 14-20 words, ends a sentence`.
The points table has a number for each level, the fit counts it, and `clean explain` shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cleaner.markup import measure_markup
from cleaner.model import Page, Witness
from cleaner.shape import SIZES, Shape, measure_shape

_VOTE: Final = tuple(tuple(f"vote: {vote}, {size}" for size in SIZES) for vote in ("left out", "kept"))
_VOTES_AROUND: Final = tuple(
    tuple(f"votes around: {own}, {around}" for around in ("none kept", "kept before", "kept after", "kept on both sides"))
    for own in ("left out", "kept")
)


def measure(page: Page, witness: Witness) -> tuple[Shape, ...]:
    """All levels of every block of a page; flat text is measured by its shape alone."""
    shapes = measure_shape(page)
    if not page.containers:
        return shapes
    places = measure_markup(page, shapes)
    votes = _vote_levels(witness.votes, shapes) if witness.votes else [()] * len(shapes)
    return tuple(
        Shape((*shape.levels, *place, *vote), shape.words, shape.size, shape.prose)
        for shape, place, vote in zip(shapes, places, votes, strict=True)
    )


def _vote_levels(votes: Sequence[bool], shapes: Sequence[Shape]) -> list[tuple[str, ...]]:
    ringed = (False, *votes, False)
    return [
        (_VOTE[vote][shape.size], _VOTES_AROUND[vote][ringed[index] + 2 * ringed[index + 2]])
        for index, (vote, shape) in enumerate(zip(votes, shapes, strict=True))
    ]
