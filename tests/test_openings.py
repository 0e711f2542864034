"""Openings: never may an expression fit a line that does not begin with one of its openings."""

from __future__ import annotations

from typing import TypeAlias

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from cleaner.fold import fold
from cleaner.lookup import END, OPENING
from cleaner.openings import openings, stays_in_line

#: An expression, and a text that it fits.
Pair: TypeAlias = tuple[str, str]


def _begins(pattern: str, text: str) -> bool:
    """Tell whether the openings of an expression admit a text."""
    found = openings(pattern)
    if found is None:
        return True
    line = fold(text.replace("\n", " ")) + END
    return any(line[:length] in found for length in range(1, OPENING + 1))


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("related articles?", {"related "}),
        ("(?:read|see) also.*", {"read als", "see also"}),
        (r"\d+ comments?", {"0 commen"}),
        (r"\d{1,2}[.:]\d\d", {"0\n"}),
        (r"\d[\d.,]*\s?[km]?", {"0\n", "0 k\n", "0 m\n"}),
        ("by", {"by\n"}),
        ("(?:by )?jane.*", {"by jane", "jane"}),
        (r"\s*[(\[]?photo: .+", {"photo"}),
        ("l['’]article", {"l articl"}),
        ("écrit par.*", {"ecrit pa"}),
        ("相关.*", {"相 关"}),
        ("(?!not)this.*", {"this"}),
        ("(?:ab|cd)(?:[/|]ef)+", {"ab ef", "cd ef"}),
    ],
)
def test_openings_are_folded_and_short(pattern: str, texts: set[str]) -> None:
    assert openings(pattern) == texts


@pytest.mark.parametrize(
    "pattern",
    [
        r".* read more",
        r"\p{Lu}\w+ said",
        r"\w+",
        r"[©→]\s*\S.*",
        r"[^.]+",
        "(?:re)?.*",
        r"(?P<q>['\"])x(?P=q)",
        "(?:foo){e<=1}",
        r"\x41b",
    ],
)
def test_an_expression_that_may_begin_with_anything_has_no_openings(pattern: str) -> None:
    assert openings(pattern) is None


@pytest.mark.parametrize("pattern", [r"(?=a)b", "(a)b", r"a*+b", "(?>a)b", r"a\Z", "a{2}+", r"(?P<n>a)"])
def test_what_sees_beyond_its_line_is_tried_alone(pattern: str) -> None:
    assert not stays_in_line(pattern)


@pytest.mark.parametrize("pattern", ["a+b?", "(?:a|b)*c", r"[^x]+$", "a{2,3}?", r"a\+"])
def test_plain_expressions_stay_in_their_line(pattern: str) -> None:
    assert stays_in_line(pattern)


_LITERALS = st.text(alphabet="abk 01.-é©'相م", min_size=1, max_size=4).map(lambda text: (regex.escape(text), text))
_TOKENS = st.sampled_from(
    [
        (r"\d", "7"),
        (r"\s", " "),
        (".", "ж"),
        (".", "-"),
        (r"\p{L}", "q"),
        ("[ab.]", "."),
        ("[0-9k]", "5"),
        ("[^a]", "b"),
        ("(?=.?)", ""),
        ("^", ""),
        (r"\b", ""),
    ]
)


def _combine(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    sequences = st.lists(inner, min_size=1, max_size=4).map(
        lambda ps: ("".join(p for p, _ in ps), "".join(t for _, t in ps))
    )
    choices = st.lists(inner, min_size=2, max_size=3).map(lambda ps: (f"(?:{'|'.join(p for p, _ in ps)})", ps[0][1]))
    repeated = st.tuples(
        inner, st.sampled_from([("*", 0), ("*", 2), ("+", 1), ("+", 3), ("?", 0), ("?", 1), ("{2}", 2), ("{0,2}", 1)])
    )
    return sequences | choices | repeated.map(lambda r: (f"(?:{r[0][0]}){r[1][0]}", r[0][1] * r[1][1]))


@given(st.recursive(_LITERALS | _TOKENS, _combine, max_leaves=8))
@example((r"tel(?:\s+de)", "tel de"))
@example((r"\d+k", "12k"))
@example(("(?:agb)(?:[/]b)", "agb/b"))
@example(("e\u0301t", "e\u0301t"))
@example((r"[(]?(?: de)?x", "( dex"))
@example((r"(?:\s|»)*a", "» » a"))
def test_no_line_that_fits_is_missed(pair: Pair) -> None:
    pattern, text = pair
    text = text.strip()
    if text and regex.compile(pattern, regex.IGNORECASE).fullmatch(text, timeout=1):
        assert _begins(pattern, text)
