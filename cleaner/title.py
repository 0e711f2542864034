"""Find the headline: the block that is `title`, not body. When unsure, it stays in the text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from cleaner.fold import fold
from cleaner.model import Block, Page
from cleaner.shape import Shape
from cleaner.stopwords import FUNCTION_WORDS

_MIN_WORDS: Final = 4
_MAX_WORDS: Final = 25
_MAX_CHARACTERS: Final = 300
#: A line of more words is text, even without a full stop at its end.
_LONG: Final = 20
#: So many blocks at the head of a body may repeat the headline, and so many above it may be the headline.
_HEAD: Final = 6
_ABOVE: Final = 15
#: A headline above a body shares at least so much of its words with so many blocks of it. Words are the same that begin
#: with so many letters that are; function words do not count, and a line of fewer words tells nothing.
_SAID_BELOW: Final = 0.5
_BELOW: Final = 40
_STEM: Final = 5
_FEW: Final = 3
_NO_TITLE_END: Final = (".", "…", ":", ",", ";", "。", "،", "؛")


@dataclass(frozen=True, slots=True)
class Title:
    """The headline, the blocks that are nothing but it, and how it was known."""

    text: str | None = None
    blocks: tuple[int, ...] = ()
    why: str = ""


def find_title(
    page: Page, shapes: Sequence[Shape], standing: Sequence[int], ruled: Collection[int], stated: str | None
) -> Title:
    """The headline of a page whose blocks `standing` are about to be kept.

    `ruled` are the blocks a rule speaks of, which are no headlines; `stated` is the headline the page names itself.
    """
    if stated:
        return Title(stated, _repeats(page, standing, stated), f'repeats the headline "{stated[:60]}"')
    if page.document.kind == "text":
        return _first_line(page.blocks, shapes, standing) or _line_above(page, shapes, standing, ruled) or Title()
    return Title()


def _repeats(page: Page, standing: Sequence[int], title: str) -> tuple[int, ...]:
    """Blocks at the head of the body that say the headline again and nothing else."""
    wanted = fold(title)
    return tuple(index for index in standing[:_HEAD] if page.folded[index] == wanted)


def _first_line(blocks: Sequence[Block], shapes: Sequence[Shape], standing: Sequence[int]) -> Title | None:
    """The first line to be kept, if it is shaped like a headline and text follows at once.

    Text directly after it is what makes this safe to repeat: once the headline is gone, text comes first, and nothing
    else is taken for a headline.
    """
    if len(standing) < 2:
        return None
    first, second = standing[0], standing[1]
    if not _like_headline(blocks[first], shapes[first]) or not _begins_text(blocks[second], shapes[second]):
        return None
    if not any(block.gap for block in blocks[first + 1 : second + 1]):
        return None
    return Title(blocks[first].text, (first,), "first line, shaped like a headline, with text after it")


def _begins_text(block: Block, shape: Shape) -> bool:
    return shape.prose or (shape.words > _LONG and not _like_headline(block, shape))


def _line_above(page: Page, shapes: Sequence[Shape], standing: Sequence[int], ruled: Collection[int]) -> Title | None:
    """The headline-shaped line above a body of prose that shares most words with it, or else the nearest.

    It went with the chrome around it, where names of authors, dates and other headlines stand, too, and share few.
    """
    if not standing or not shapes[standing[0]].prose:
        return None
    blocks = page.blocks
    above = range(standing[0] - 1, max(-1, standing[0] - 1 - _ABOVE), -1)
    free = [index for index in above if index not in ruled and blocks[index].gap]
    likely = [index for index in free if _like_headline(blocks[index], shapes[index])]
    if not likely:
        return None
    below = frozenset(_stems(" ".join([page.folded[index] for index in standing[:_BELOW]])))
    share, best = max([(_share(_stems(page.folded[index]), below), -index) for index in likely])
    found = -best if share >= _SAID_BELOW else likely[0]
    return Title(blocks[found].text, (found,), "headline-shaped line above the body")


def _stems(folded: str) -> list[str]:
    return [word[:_STEM] for word in folded.split(" ") if word not in FUNCTION_WORDS]


def _share(stems: Sequence[str], others: Collection[str]) -> float:
    return len([stem for stem in stems if stem in others]) / len(stems) if len(stems) >= _FEW else 0


def _like_headline(block: Block, shape: Shape) -> bool:
    text = block.text
    return (
        block.tag in ("line", "heading")
        and not shape.prose
        and _MIN_WORDS <= shape.words <= _MAX_WORDS
        and len(text) <= _MAX_CHARACTERS
        and not text.endswith(_NO_TITLE_END)
        and not text[:1].islower()
    )
