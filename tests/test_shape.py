"""The shape of blocks: which levels a text falls into, and that a page's lines don't disturb each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.decode import decode
from cleaner.fold import fold
from cleaner.model import Block, Document, Encoding, Page, Source
from cleaner.repair import repair
from cleaner.segment import segment
from cleaner.shape import _REMEMBERED, Shape, measure_shape


def shapes(*texts: str) -> tuple[Shape, ...]:
    document = Document(Source(b""), "", "text", Encoding("utf-8", "test"))
    blocks = tuple(Block(index, text, "line") for index, text in enumerate(texts))
    return measure_shape(Page(document, blocks, tuple(fold(text.replace("\n", " ")) for text in texts)))


def levels(text: str, measure: str) -> list[str]:
    return [level.removeprefix(f"{measure}: ") for level in shapes(text)[0].levels if level.startswith(f"{measure}: ")]


def test_signs_say_nothing_of_code() -> None:
    page = segment(repair(decode(Source(b"<pre>if (x) { print() }</pre><p>if (x) { print() }</p>", kind="html"))))
    code, line = measure_shape(page)
    assert not [level for level in code.levels if level.startswith("sign: ")]
    assert "sign: brace" in line.levels


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("Nothing to see here.", []),
        ("https://example.org", ["web address"]),
        ("https://example.org/a", ["slash", "web address"]),
        ("print()", ["call"]),
        ("a note (so there)", ["parenthesis"]),
        ("((x)()", ["call", "parenthesis"]),
        ("Home › News | © Example", ["breadcrumb arrow", "copyright", "vertical bar"]),
        ("“So” – „so“", ["quotation mark"]),
        ("「好」，他说（轻轻地）；", ["parenthesis", "quotation mark", "semicolon"]),
        ("wc cw", []),
        ("Read moreShare this", ["glued words"]),
        ("eÉa", ["glued words"]),
        ("x×y", ["glued words"]),
    ],
)
def test_signs(text: str, signs: list[str]) -> None:
    assert levels(text, "sign") == signs


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("12:30", "no case"),
        ("the end", "lower-case start"),
        ("The end of it", "sentence case"),
        ("The End of It", "title case"),
        ("THE END", "all capitals"),
        ("Über Änderungen", "title case"),
        ("élan vital", "lower-case start"),
        ("Тихий Дон", "title case"),
        ("A b c d e f g h i j k l M N O P Q R S T U V W X Y Z", "sentence case"),
        ("  indented Code", "lower-case start"),
    ],
)
def test_case(text: str, case: str) -> None:
    assert [level.partition(",")[0] for level in levels(text, "case")] == [case]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("no number", []),
        ("½", ["other signs for numbers"]),
        ("1234", ["over 60 %"]),
        ("١٢٣٤", ["over 60 %"]),
        ("in 24 days", ["10-30 %"]),
    ],
)
def test_digits(text: str, digits: list[str]) -> None:
    assert levels(text, "digits") == digits


@pytest.mark.parametrize(
    ("text", "commas"),
    [("one", "none"), ("one, two", "one"), ("one, two, three", "several"), ("甲、乙、丙", "several")],
)
def test_commas(text: str, commas: str) -> None:
    assert [level.partition(",")[0] for level in levels(text, "commas")] == [commas]


def test_two_characters_of_a_script_without_spaces_are_a_word() -> None:
    assert [shape.words for shape in shapes("相关文章", "相关文", "related articles", "")] == [2, 2, 2, 0]


LINES = st.lists(st.text(st.sampled_from("aB éÉß相я1٣½×÷.,،;:/()“»©\n\ud800w c\u3000")) | st.text())


@given(LINES)
def test_lines_are_measured_together_as_they_are_alone(texts: list[str]) -> None:
    _REMEMBERED.clear()
    together = shapes(*texts)
    _REMEMBERED.clear()
    assert together == tuple(shapes(text)[0] for text in texts)


@given(LINES)
def test_what_is_remembered_is_what_was_measured(texts: list[str]) -> None:
    _REMEMBERED.clear()
    assert shapes(*texts) == shapes(*texts)


def test_no_more_is_remembered_than_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.shape._MOST_REMEMBERED", 3)
    for length in (2, 5, 3):
        assert len(shapes(*[f"line {number} of {length}" for number in range(length)])) == length
        assert len(_REMEMBERED) <= 3
