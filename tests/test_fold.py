"""Folding: what compares equal, what stays apart, and that lines stay lines."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.fold import count_words, fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("RELATED ARTICLES »", "related articles"),
        ("Related Articles:", "related articles"),
        ("À lire aussi", "a lire aussi"),
        ("A\u0300 lire aussi", "a lire aussi"),
        ("ILGILI", "ilgili"),
        ("İLGİLİ", "ilgili"),
        ("ılgılı", "ilgili"),
        ("ΣΧΕΤΙΚΑ", "σχετικα"),
        ("Σχετικά", "σχετικα"),
        ("σχετικός", "σχετικοσ"),
        ("Größe", "grosse"),
        ("ﬁnd out", "find out"),
        ("Ｒｅｌａｔｅｄ", "related"),
        ("don’t", "don t"),
        ("share_this", "share this"),
        ("re\u00adlated", "related"),
        ("نمی\u200cشود", "نميشود"),
        ("اقرأ أيضًا", "اقرا ايضا"),
        ("مشـــاركة", "مشاركة"),
        ("相关文章：", "相 关 文 章"),
        ("関連ニュース", "関 連 ニ ュ ー ス"),
        ("ข่าวที่เกี่ยวข้อง", "ข า ว ท เ ก ย ว ข อ ง"),
        ("संबंधित", "सबधित"),
        ("→ ★ ·", ""),
        ("", ""),
    ],
)
def test_spellings_of_one_phrase_fold_to_the_same(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    "number",
    [
        "7",
        "1,234",
        "1.234,5",
        "1'234",
        "1 234",
        "12K",
        "3.4m",
        "٣٤٥",
        "१२३",
        "２０",
        "½",
        "12:30",
        "24/06/2022",
        "0 0 0",
        "1 | 2",
    ],
)
def test_a_run_of_numbers_is_one_token(number: str) -> None:
    assert fold(f"{number} shares") == "0 shares"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("covid19", "covid 0"),
        ("1st", "0 st"),
        ("12km", "0 km"),
        ("12 k", "0 k"),
        ("5m2", "0 m 0"),
        ("kilo", "kilo"),
        ("2 comments, 3 shares", "0 comments 0 shares"),
    ],
)
def test_letters_beside_a_number_stay_tokens(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_lines_stay_lines() -> None:
    assert fold(" One \n\n…\n  TWO\t3\r\n") == "one\n\n\ntwo 0\n"


@pytest.mark.parametrize("separator", ["\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_a_line_feed_separates_lines(separator: str) -> None:
    assert fold(f"one{separator}two") == "one two"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.sampled_from("0123456789km ,.'\u0660\u00bdKa\n-")))
def test_folding_numbers_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.lists(st.text()))
def test_lines_fold_together_as_they_fold_alone(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert fold(text) == "\n".join(fold(line) for line in text.split("\n"))


def test_every_character_folds_to_tokens_for_good() -> None:
    text = "\n".join(
        f"a{chr(c)}b 1{chr(c)}2" for c in range(sys.maxunicode + 1) if chr(c) != "\n" and not 0xD800 <= c <= 0xDFFF
    )
    folded = fold(text)
    assert folded.count("\n") == text.count("\n")
    assert fold(folded) == folded
    left = {unicodedata.category(c)[0] for c in set(folded) - {"\n", " "}}
    assert left <= {"L", "N", "M"}


def test_ascii_and_other_text_fold_alike() -> None:
    line = "The 3 Ferries, they're LATE_again (12K)!"
    assert fold(f"{line}\né") == f"{fold(line)}\ne"


@pytest.mark.parametrize(
    ("folded", "words"),
    [("", 0), ("one", 1), ("one two 0", 3), ("相 关 文 章", 2), ("相 关 news", 2), ("σχετικα αρθρα", 2)],
)
def test_words_are_counted_in_any_script(folded: str, words: int) -> None:
    assert count_words(folded) == words
