"""Measure blocks by their text alone: length, ending, wording, case, commas, digits, signs.

A level such as `length: 14-20 words, ends a sentence` is what the points table has a number for, what the
fit counts, and what a reader sees in `clean explain`. No measure looks at what a word means, and none needs
to know the language: function words of all languages are one set.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final, NamedTuple, get_args

from cleaner.fold import UNSPACED
from cleaner.model import BlockTag, Page
from cleaner.stopwords import FUNCTION_WORDS

#: Upper bounds of the length classes, in words; scripts written without spaces count two characters a word.
_LENGTH_BOUNDS: Final = (1, 2, 3, 4, 6, 9, 14, 21, 36, 71)
_LENGTHS: Final = ("no", "1", "2", "3", "4-5", "6-8", "9-13", "14-20", "21-35", "36-70", "71+")
#: Coarser classes, for measures that are read together with length.
_SIZE_OF_LENGTH: Final = (0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 3)
SIZES: Final = ("1-3 words", "4-8 words", "9-20 words", "21+ words")

_ENDS: Final = (
    "open end",
    "ends a sentence",
    "ends in an ellipsis",
    "ends in a colon",
    "ends in a comma",
    "ends in a digit",
)
_SENTENCE_END: Final = frozenset(".!?。！？।؟۔።։｡")
_OTHER_ENDS: Final = {"…": 2, ":": 3, "：": 3, ",": 4, ";": 4, "،": 4, "、": 4}
_CLOSING: Final = "\"'”’»)]）」』】›*"

_STOP_BOUNDS: Final = (0.001, 0.15, 0.3, 0.45)
_STOPS: Final = (
    "no function words",
    "few function words",
    "some function words",
    "many function words",
    "mostly function words",
)
_CASES: Final = ("no case", "lower-case start", "sentence case", "title case", "all capitals")
_DIGIT_BOUNDS: Final = (0.001, 0.1, 0.3, 0.6)
_DIGITS: Final = (
    "digits: other signs for numbers",
    "digits: under 10 %",
    "digits: 10-30 %",
    "digits: 30-60 %",
    "digits: over 60 %",
)

_PROSE_WORDS: Final = 10

#: Signs that say something of a line by being there.
_SIGNS: Final = {
    "|": "sign: vertical bar",
    "©": "sign: copyright",
    "@": "sign: at",
    "://": "sign: web address",
    "»": "sign: guillemet",
    "›": "sign: breadcrumb arrow",
    "→": "sign: arrow",
    "·": "sign: middle dot",
    "&": "sign: ampersand",
    "$": "sign: currency",
    "€": "sign: currency",
    "£": "sign: currency",
    "%": "sign: per cent",
    "“": "sign: quotation mark",
    '"': "sign: quotation mark",
    "„": "sign: quotation mark",
    "«": "sign: quotation mark",
    ";": "sign: semicolon",
    "(": "sign: parenthesis",
    "()": "sign: call",
    "{": "sign: brace",
    "}": "sign: brace",
    "=": "sign: equals",
    "_": "sign: underscore",
    "#": "sign: hash",
    "/": "sign: slash",
    "+": "sign: plus",
    "*": "sign: asterisk",
    "[": "sign: square bracket",
}
_SIGN: Final = re.compile(r"://|\(\)|[" + re.escape("".join(sign for sign in _SIGNS if len(sign) == 1)) + "]")
#: The case of so many first words tells enough.
_CASE_WORDS: Final = 12
_GLUED: Final = re.compile(r"[a-zà-ÿ][A-ZÀ-Þ][a-zà-ÿ]")
_DIGIT: Final = re.compile(r"\d")

_LENGTH_END: Final = tuple(tuple(f"length: {n} words, {end}" for end in _ENDS) for n in _LENGTHS)
_STOP_SIZE: Final = tuple(tuple(f"wording: {stop}, {size}" for size in SIZES) for stop in _STOPS)
_CASE_SIZE: Final = tuple(tuple(f"case: {case}, {size}" for size in SIZES) for case in _CASES)
_COMMAS: Final = tuple(tuple(f"commas: {n}, {size}" for size in SIZES) for n in ("none", "one", "several"))
_TAGS: Final = {tag: f"markup: {tag}" for tag in get_args(BlockTag)}
_DEPTHS: Final = tuple(f"markup: list item, depth {depth}" for depth in range(5))
#: Lines of up to so many characters are remembered, and so many of them.
_SHORT: Final = 100
_MOST_REMEMBERED: Final = 50_000


class Shape(NamedTuple):
    """What was measured of one block.

    `levels` are the levels it falls into, `size` its index into SIZES; `prose` is true of a block of at least
    ten words that ends as a sentence does and uses function words.
    """

    levels: tuple[str, ...]
    words: int
    size: int
    prose: bool


def measure_shape(page: Page) -> tuple[Shape, ...]:
    """Measure every block of a page by itself."""
    return tuple([_SHAPES[b.text, folded, b.tag, b.level] for b, folded in zip(page.blocks, page.folded, strict=True)])


class _Shapes(dict[tuple[str, str, BlockTag, int], Shape]):
    """Shapes by all that they depend on; those of short lines are remembered: chrome repeats itself."""

    def __missing__(self, key: tuple[str, str, BlockTag, int]) -> Shape:
        shape = _shape(*key)
        if len(key[0]) <= _SHORT:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[key] = shape
        return shape


_SHAPES: Final = _Shapes()


def _shape(text: str, folded: str, tag: BlockTag, level: int) -> Shape:
    words = folded.split(" ") if folded else []
    count = len(words)
    if not text.isascii() and UNSPACED.search(text):
        count = (count + 1) // 2
    length = bisect_right(_LENGTH_BOUNDS, count)
    size = _SIZE_OF_LENGTH[length]
    end = _end(text)
    stop = bisect_right(_STOP_BOUNDS, len([w for w in words if w in FUNCTION_WORDS]) / len(words)) if words else 0
    levels = [
        _LENGTH_END[length][end],
        _STOP_SIZE[stop][size],
        _CASE_SIZE[_case_class(text)][size],
        _COMMAS[min(_count_commas(text), 2)][size],
        _DEPTHS[min(level, 4)] if tag == "item" else _TAGS[tag],
    ]
    if "0" in folded:
        levels.append(_DIGITS[bisect_right(_DIGIT_BOUNDS, len(_DIGIT.findall(text)) / len(text))])
    if signs := _SIGN.findall(text):
        levels.extend(sorted({_SIGNS[sign] for sign in signs}))
    if size < 2 and _GLUED.search(text):
        levels.append("sign: glued words")
    return Shape(tuple(levels), count, size, count >= _PROSE_WORDS and end == 1 and stop > 0)


def _end(text: str) -> int:
    """The index into _ENDS for how a text ends, closing quotes and brackets aside."""
    last = text[-1:]
    if last.isalpha():
        return 0
    if last in _CLOSING:
        text = text.rstrip(_CLOSING)
        last = text[-1:]
    if last in _SENTENCE_END:
        return 2 if text.endswith("..") else 1
    return 5 if last.isdigit() else _OTHER_ENDS.get(last, 0)


def _count_commas(text: str) -> int:
    count = text.count(",")
    return count if text.isascii() else count + text.count("،") + text.count("、")


def _case_class(text: str) -> int:
    """The index into _CASES, from the first letters of the first words."""
    if text.isupper():
        return 4
    starts = [word[0] for word in text.split(None, _CASE_WORDS)[:_CASE_WORDS]]
    capitals = sum(map(str.isupper, starts))
    small = sum(map(str.islower, starts))
    if not capitals + small:
        return 0
    if starts[0].islower():
        return 1
    return 3 if capitals > 1 and capitals >= 0.6 * (capitals + small) else 2
