"""Measure blocks by their text alone: length, ending, wording, case, commas, digits, signs.

A level such as `length: 14-20 words, ends a sentence` is what the points table has a number for, what the
fit counts, and what a reader sees in `clean explain`. None of these looks at what a word means, and none needs
to know the language: function words of all languages are one set.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple, TypeAlias, get_args

from cleaner.fold import UNSPACED
from cleaner.model import BlockTag, Page
from cleaner.stopwords import FUNCTION_WORDS
from cleaner.translate import Translation

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
_OTHER_ENDS: Final = {"…": 2, ":": 3, "：": 3, ",": 4, ";": 4, "،": 4, "、": 4, "，": 4, "；": 4, "؛": 4}
_CLOSING: Final = "\"'”’»)]）」』】›*"

_STOP_BOUNDS: Final = (0.001, 0.15, 0.3, 0.45)
_IS_FUNCTION_WORD: Final = FUNCTION_WORDS.__contains__
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

#: Signs that say something of a line by being there; `w` stands for "://" and `c` for "()", see `_marks`.
_SIGNS: Final = {
    "|": "sign: vertical bar",
    "©": "sign: copyright",
    "@": "sign: at",
    "w": "sign: web address",
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
    "「": "sign: quotation mark",
    "『": "sign: quotation mark",
    ";": "sign: semicolon",
    "；": "sign: semicolon",
    "(": "sign: parenthesis",
    "（": "sign: parenthesis",
    "c": "sign: call",
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
_COMMA: Final = ",،、，"
#: Marks are signs, commas and digits; in a line's UTF-8, bytes that none has stand for the signs of two or more.
_MARKS: Final = bytes.maketrans(b"123456789\xfe\xff", b"000000000wc")
_UNMARKED: Final = bytes(
    code for code in range(0x80) if chr(code).isalpha() or chr(code) not in {*_SIGNS, *_COMMA, *"0123456789\n"}
)
_UNMARKED_OTHERS: Final = re.compile(rf"[^\x00-\x7f{re.escape(''.join(_SIGNS))}{_COMMA}\d]+")
#: The case of so many first words tells enough.
_CASE_WORDS: Final = 12
#: Only lines of so many words are looked at for words that are glued.
_MOST_GLUED: Final = 8
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
_MOST_REMEMBERED: Final = 20_000


class Shape(NamedTuple):
    """What was measured of one block.

    `levels` are the levels it falls into, `size` its index into SIZES; `prose` is true of a block of at least
    ten words that ends as a sentence does and uses function words.
    """

    levels: tuple[str, ...]
    words: int
    size: int
    prose: bool


#: All that the shape of a block depends on: its text, its tag and its level.
_Key: TypeAlias = tuple[str, BlockTag, int]
_REMEMBERED: Final[dict[_Key, Shape]] = {}


def measure_shape(page: Page) -> tuple[Shape, ...]:
    """Measure every block of a page by itself; what short ones are is remembered: chrome repeats itself."""
    known = _REMEMBERED
    keys = [(block.text, block.tag, block.level) for block in page.blocks]
    fresh = {key: folded for key, folded in zip(keys, page.folded, strict=True) if key not in known}
    new = dict(zip(fresh, _shapes(fresh), strict=True)) if fresh else {}
    shapes = tuple([known[key] if key in known else new[key] for key in keys])
    if len(known) + len(new) > _MOST_REMEMBERED:
        known.clear()
    known.update(islice(((key, shape) for key, shape in new.items() if len(key[0]) <= _SHORT), _MOST_REMEMBERED))
    return shapes


def _shapes(lines: Mapping[_Key, str]) -> Iterator[Shape]:
    """The shape of each line, given with the line folded; what a call can do for all of them, one call does."""
    page = "\n".join([text.replace("\n", " ") for text, _, _ in lines])
    marks, is_unspaced = _marks(page)
    letters = (" " + _LETTERS.translate(page).replace("\n", "\n ")).split("\n")
    is_odd = "×" in page or "÷" in page  # both stand among the letters of Latin-1
    for ((text, tag, level), folded), cases, marked in zip(lines.items(), letters, marks, strict=True):
        words = folded.split(" ") if folded else []
        count = len(words)
        if is_unspaced and UNSPACED.search(text):
            count = (count + 1) // 2
        commas, digits, signs = _MARKED[marked]
        yield _SHAPES[
            count,
            _end(text),
            bisect_right(_STOP_BOUNDS, sum(map(_IS_FUNCTION_WORD, words)) / len(words)) if words else 0,
            4 if text.isupper() else _case_class(cases),
            commas,
            _DEPTHS[min(level, 4)] if tag == "item" else _TAGS[tag],
            bisect_right(_DIGIT_BOUNDS, digits / len(text)) if "0" in folded else -1,
            () if tag == "code" else signs,  # what a brace says of a line of text, it does not say of a program
            count <= _MOST_GLUED and (is_odd or "aAa" in cases) and _GLUED.search(text) is not None,
        ]


class _Shapes(dict[tuple[int, int, int, int, int, str, int, tuple[str, ...], bool], Shape]):
    """Shapes by what was measured, so that lines of one shape share it; so many are remembered."""

    def __missing__(self, key: tuple[int, int, int, int, int, str, int, tuple[str, ...], bool]) -> Shape:
        count, end, stop, case, commas, markup, digits, signs, is_glued = key
        length = bisect_right(_LENGTH_BOUNDS, count)
        size = _SIZE_OF_LENGTH[length]
        levels = (
            _LENGTH_END[length][end],
            _STOP_SIZE[stop][size],
            _CASE_SIZE[case][size],
            _COMMAS[commas][size],
            markup,
            *([_DIGITS[digits]] if digits >= 0 else []),
            *signs,
            *(["sign: glued words"] if is_glued else []),
        )
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        shape = self[key] = Shape(levels, count, size, count >= _PROSE_WORDS and end == 1 and stop > 0)
        return shape


_SHAPES: Final = _Shapes()


def _letter(character: str) -> str:
    """Tell capitals, small letters and spaces from each other and from all else."""
    if character.isspace():
        return "\n" if character == "\n" else " "
    return "A" if character.isupper() else "a" if character.islower() else "."


_LETTERS: Final = Translation(_letter)


def _case_class(cases: str) -> int:
    """The index into _CASES, from the first letters of the first words; `cases` begins with a space."""
    if cases.count(" ") > _CASE_WORDS and len(words := cases.split(None, _CASE_WORDS)) > _CASE_WORDS:
        cases = cases[: -len(words[-1])]
    capitals, small = cases.count(" A"), cases.count(" a")
    if not capitals + small:
        return 0
    if small and cases.lstrip()[0] == "a":
        return 1
    return 3 if capitals > 1 and capitals >= 0.6 * (capitals + small) else 2


def _marks(page: str) -> tuple[list[str], bool]:
    """The marks of each line: its signs, digits and commas; and whether any line is in a script without spaces."""
    raw = page.encode("utf-8", "surrogatepass").replace(b"://", b"\xfe").replace(b"()", b"\xff")
    marks = raw.translate(_MARKS, _UNMARKED).decode("utf-8", "surrogatepass")
    if marks.isascii():
        return marks.split("\n"), False
    return _UNMARKED_OTHERS.sub("", marks).split("\n"), UNSPACED.search(marks) is not None


class _Marked(dict[str, tuple[int, int, tuple[str, ...]]]):
    """What the marks of a line say: the class of its commas, the count of its digits, the levels of its signs."""

    def __missing__(self, marks: str) -> tuple[int, int, tuple[str, ...]]:
        commas = sum(map(marks.count, _COMMA))
        signs = {_SIGNS[sign] for sign in set(marks).intersection(_SIGNS)}
        marked = min(commas, 2), len(_DIGIT.findall(marks)), tuple(sorted(signs))
        if len(marks) <= _SHORT:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[marks] = marked
        return marked


_MARKED: Final = _Marked()


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
