"""Find the captions of pictures, and keep them where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from cleaner.model import Evidence, Page

#: Classes of captions that aren't `figcaption` elements.
_CLASSES: Final = frozenset({"wp-caption-text", "image-caption", "img-caption", "photo-caption", "picture-caption"})
#: Elements whose pictures are not the article's.
_ELSEWHERE: Final = frozenset({"aside", "footer", "nav"})
#: A caption that is mostly a link leads to another article.
_MAX_LINKS: Final = 0.5
_KEPT: Final = Evidence("captions", -30, "captions of pictures are asked for", veto=True)


def find_captions(page: Page) -> frozenset[int]:
    """The indices of the blocks that are captions of pictures."""
    within = _inherited(page, lambda tag, names: tag == "figcaption" or not _CLASSES.isdisjoint(names))
    return frozenset([block.index for block in page.blocks if block.container >= 0 and within[block.container]])


def with_captions(page: Page, matched: Sequence[tuple[Evidence, ...]]) -> Sequence[tuple[Evidence, ...]]:
    """The rules' evidence per block, and a word for each caption in the page's main matter."""
    captions = find_captions(page)
    elsewhere = _inherited(page, lambda tag, _: tag in _ELSEWHERE)
    return [
        (*said, _KEPT)
        if block.index in captions
        and not elsewhere[block.container]
        and block.link_chars <= _MAX_LINKS * len(block.text)
        else said
        for block, said in zip(page.blocks, matched, strict=True)
    ]


def _inherited(page: Page, holds: Callable[[str, Sequence[str]], bool]) -> list[bool]:
    """For each container whether something holds of its tag and names, or of those of one around it."""
    result: list[bool] = []
    for container in page.containers:
        around = container.parent >= 0 and result[container.parent]
        result.append(around or holds(container.tag, container.names))
    return result
