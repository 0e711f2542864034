"""Translation: the same as `str.translate`, whichever way is the faster one for a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.translate import _FEW, Translation


def vowels_and_wide(character: str) -> str:
    """Vowels become dots, letters beyond ASCII their names' worth: none, one or two of ASCII."""
    if character in "aeiou":
        return "."
    return character if character.isascii() else "xy"[: ord(character) % 3]


TRANSLATION = Translation(vowels_and_wide)


def expected(text: str) -> str:
    return "".join(map(vowels_and_wide, text))


@given(st.text())
def test_every_character_is_translated_by_itself(text: str) -> None:
    assert TRANSLATION.translate(text) == expected(text)


@pytest.mark.parametrize("count", [0, 1, _FEW, _FEW + 1, 10 * _FEW])
def test_few_and_many_different_characters_beyond_ascii(count: int) -> None:
    text = "plain\n" + "".join(f"a{chr(0x3B1 + number)}b\n" for number in range(count))
    assert TRANSLATION.translate(text) == expected(text)


def test_lone_surrogates_are_characters_too() -> None:
    assert TRANSLATION.translate("a\ud800b") == expected("a\ud800b")
