"""The words of short blocks of flat text are evidence, by name; those of prose and of HTML are none."""

from __future__ import annotations

from cleaner import clean
from cleaner.decode import decode
from cleaner.measure import measure
from cleaner.model import Source
from cleaner.points import load_points
from cleaner.repair import repair
from cleaner.segment import segment
from cleaner.vocabulary import short_lines, word_levels
from tests.make import PROSE


def lines_of(text: str) -> list[str]:
    page = segment(repair(decode(Source(text.encode()))))
    return short_lines(page, measure(page))


def words_said(text: str) -> list[list[str]]:
    judgement = clean(text).judgement
    assert judgement
    return [[said.why for said in decision.evidence if said.source == "word"] for decision in judgement.decisions]


def test_words_of_short_lines_count() -> None:
    assert lines_of(f"Subscribe now!\n\n{PROSE}") == ["subscribe now", ""]


def test_markup_tells_more_than_words() -> None:
    assert lines_of(f"<html><body><p>Subscribe now!</p><p>{PROSE}</p></body></html>") == ["", ""]


def test_a_word_counts_once_in_a_line() -> None:
    assert word_levels("news and more news") == ("word: news", "word: and", "word: more")
    assert word_levels("") == ()


def test_words_are_named_as_evidence() -> None:
    page = f"Subscribe\n\n{PROSE}\n\nShare this:\n\nLeave a Reply\n"
    assert words_said(page)[:2] == [["subscribe"], []]
    assert words_said(f"<html><body><p>Subscribe</p><p>{PROSE}</p></body></html>") == [[], []]


def test_only_flat_text_has_points_for_words() -> None:
    points = load_points()
    level = word_levels("subscribe")
    assert [kind for kind in ("text", "html", "voted") if list(points[kind].second.look_up(level))] == ["text"]
