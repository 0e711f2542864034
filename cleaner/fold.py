"""Fold text so that phrases compare equal however a site writes them: case, accents, punctuation, numbers."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from cleaner.translate import Translation

#: Spellings that Unicode keeps apart and readers don't: dotless i, Farsi and final forms of Arabic letters, tatweel.
_SPELLINGS: Final = {"\u0131": "i", "ی": "ي", "ى": "ي", "ک": "ك", "\u0640": ""}

#: Categories of characters that a reader may not see: marks on letters, joiners, direction marks, soft hyphens.
_DROPPED: Final = frozenset({"Mn", "Me", "Cf"})

#: Scripts written without spaces: Thai, Lao, Burmese, Khmer, kana and Han. Each character becomes a token of its own,
#: so that phrases can begin and end anywhere.
UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)

#: A run of numbers, whatever stood between them, with the k or m of "12k"; any digit is `0` by now.
_NUMBERS: Final = re.compile(r"0(?:[ 0]+|(?<=0)[km](?!\w))*")


def fold(text: str) -> str:
    """Fold `text` line by line; the count of "\\n" never changes, and folding twice changes nothing.

    Each line becomes tokens with one space between: compatibility forms decomposed, case folded, marks and
    invisibles off, every run of numbers the token `0`, all else that is no letter a gap.
    """
    folded = _CHARACTERS.translate(text)
    if "0" in folded:
        folded = _NUMBERS.sub(" 0 ", folded)
    return "\n".join([" ".join(line.split()) for line in folded.split("\n")])


def count_words(folded: str) -> int:
    """Count the words of a folded line; two characters of a script without spaces count as one word."""
    tokens = folded.count(" ") + 1 if folded else 0
    return tokens if folded.isascii() else tokens - len(UNSPACED.findall(folded)) // 2


def _fold_character(character: str) -> str:
    """Fold one character; the result may be empty, or several characters."""
    bare = "".join([c for c in unicodedata.normalize("NFKD", character) if unicodedata.category(c) not in _DROPPED])
    return "".join(map(_as_token_part, unicodedata.normalize("NFKD", bare.casefold())))


def _as_token_part(character: str) -> str:
    """Tell what one decomposed, case-folded character is within a token: itself, a digit, a gap or nothing."""
    if character in _SPELLINGS:
        return _SPELLINGS[character]
    category = unicodedata.category(character)
    if category in _DROPPED:
        return ""
    if category == "Nd":
        return "0"
    if category[0] not in "LN" and category != "Mc":
        return " "
    return f" {character} " if UNSPACED.match(character) else character


_CHARACTERS: Final = Translation(lambda character: "\n" if character == "\n" else _fold_character(character))
