"""Measure blocks: by their text, by their place in the markup, and by the outside witness's vote.

Every measure gives the name of the level a block falls into, such as `length: 14-20 words, ends a sentence`.
The points table has a number for each level, the fit counts it, and `clean explain` shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cleaner.markup import measure_markup
from cleaner.model import Page
from cleaner.shape import SIZES, Shape, measure_shape

_VOTE: Final = tuple(tuple(f"vote: {vote}, {size}" for size in SIZES) for vote in ("left out", "kept"))
_VOTES_AROUND: Final = tuple(
    tuple(
        f"votes around: {own}, {around}" for around in ("none kept", "kept before", "kept after", "kept on both sides")
    )
    for own in ("left out", "kept")
)


def measure(page: Page) -> tuple[Shape, ...]:
    """All levels of every block that a page shows by itself; flat text is measured by its shape alone."""
    shapes = measure_shape(page)
    return _extend(shapes, measure_markup(page, shapes)) if page.containers else shapes


def measure_votes(shapes: Sequence[Shape], votes: Sequence[bool]) -> tuple[Shape, ...]:
    """The measured blocks with the levels of an outside witness's votes added."""
    return _extend(shapes, _vote_levels(votes, shapes))


def _extend(shapes: Sequence[Shape], further: Sequence[tuple[str, ...]]) -> tuple[Shape, ...]:
    return tuple(
        [
            Shape(shape.levels + levels, shape.words, shape.size, shape.prose)
            for shape, levels in zip(shapes, further, strict=True)
        ]
    )


def _vote_levels(votes: Sequence[bool], shapes: Sequence[Shape]) -> list[tuple[str, ...]]:
    ringed = (False, *votes, False)
    return [
        (_VOTE[vote][shape.size], _VOTES_AROUND[vote][ringed[index] + 2 * ringed[index + 2]])
        for index, (vote, shape) in enumerate(zip(votes, shapes, strict=True))
    ]
