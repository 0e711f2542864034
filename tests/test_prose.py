"""Texts without any chrome come out whole: prose, verse, lists, dialogue, tables and code in many languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner import Cleaner, Source

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
