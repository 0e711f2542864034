"""Texts without any chrome come out whole: prose, verse, lists, dialogue, tables and code in many languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner import Cleaner, Source
from cleaner.model import Decision

#: What sites put below their texts: one kind of chrome, and five.
TAILS = {
    "comments": "No comments:\n\nPost a Comment\n",
    "all": "Share this:\n\nLeave a Reply\n\nYour email address will not be published.\n\n"
    "Subscribe to our newsletter\n\nThis website uses cookies to improve your experience.\n\nSkip to content\n",
}
TEXTS = sorted((Path(__file__).parent / "prose").glob("*.txt"))


@pytest.fixture(scope="module")
def cleaner() -> Cleaner:
    return Cleaner()


def test_there_are_texts_of_many_languages() -> None:
    assert len(TEXTS) >= 60
    assert len({path.name.partition("-")[0] for path in TEXTS}) >= 20


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_nothing_is_lost(cleaner: Cleaner, path: Path) -> None:
    article = cleaner.clean(Source(path.read_bytes(), kind="text"))
    assert article.judgement is not None
    page, decisions = article.judgement.page, article.judgement.decisions
    lost = [block.text for block, decision in zip(page.blocks, decisions, strict=True) if not decision.keep]
    assert lost in ([], [page.blocks[0].text] if article.title == page.blocks[0].text else [])


@pytest.mark.parametrize(("tail", "most"), [("comments", 0.015), ("all", 0.056)])
def test_chrome_below_takes_little_of_the_text_above(cleaner: Cleaner, tail: str, most: float) -> None:
    below = len(TAILS[tail].split("\n\n"))
    own: list[Decision] = []
    for path in TEXTS:
        text = path.read_text(encoding="utf-8").rstrip()
        judgement = cleaner.clean(Source(f"{text}\n\n{TAILS[tail]}".encode(), kind="text")).judgement
        assert judgement is not None
        assert not any(decision.keep for decision in judgement.decisions[-below:])
        own += judgement.decisions[:-below]
    lost = [decision for decision in own if not decision.keep and decision.kind != "title"]
    assert len(lost) <= most * len(own)
