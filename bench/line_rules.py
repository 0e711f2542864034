"""The line rules that builders of text corpora publish, written from their papers' descriptions.

Both take flat text and give the lines that stay. The rules of C4 are those of Raffel et al., "Exploring the
Limits of Transfer Learning with a Unified Text-to-Text Transformer" (2020), section 2.2; those of RefinedWeb
are the line-wise corrections of Penedo et al., "The RefinedWeb Dataset for Falcon LLM" (2023), appendix G.2.
"""

from __future__ import annotations

import re
from typing import Final

#: "Terminal punctuation": a full stop, exclamation mark, question mark or closing quotation mark.
C4_LINE_ENDS: Final = (".", "!", "?", '"')
C4_MIN_WORDS: Final = 5
C4_POLICY_PHRASES: Final = (
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
)

#: A line is "mainly" upper case when more than half of its letters are.
REFINEDWEB_MAX_UPPER: Final = 0.5
#: Phrases are cut out of lines that have at most this many words.
REFINEDWEB_SHORT_LINE: Final = 10

_REFINEDWEB_COUNTER: Final = re.compile(
    r"\W*\d[\d.,]*\s*[km]?\s+(?:likes?|shares?|comments?|views?|followers?|replies|retweets?|reposts?|votes?)\W*", re.I
)
_REFINEDWEB_PHRASES: Final = re.compile(
    r"^\W*(?:sign[- ]in|log[- ]in)\b|\bread more\W*$|\bitems? in cart\b",
    re.I,
)


def c4_lines(text: str) -> str:
    """C4's rules for lines alone: what they leave of a page that C4 would take."""
    return "\n".join(line for line in map(str.strip, text.split("\n")) if _c4_keeps(line))


def c4_pages(text: str) -> str:
    """C4's rules for lines and its rules for whole pages: nothing is left of a page with filler text or code."""
    refused = "{" in text or "lorem ipsum" in text.lower()
    return "" if refused else c4_lines(text)


def refinedweb_lines(text: str) -> str:
    """RefinedWeb's line-wise corrections; blank lines stay."""
    return "\n".join(_refinedweb_edit(line) for line in text.split("\n") if _refinedweb_keeps(line.strip()))


def _c4_keeps(line: str) -> bool:
    lowered = line.lower()
    return (
        line.endswith(C4_LINE_ENDS)
        and not line.endswith("...")  # an ellipsis cuts a teaser short; it ends no sentence
        and len(line.split()) >= C4_MIN_WORDS
        and "javascript" not in lowered
        and not any(phrase in lowered for phrase in C4_POLICY_PHRASES)
    )


def _refinedweb_keeps(line: str) -> bool:
    if not line:
        return True
    if len(line.split()) == 1 or _REFINEDWEB_COUNTER.fullmatch(line):
        return False
    letters = [char for char in line if char.isalpha()]
    if not letters:
        return not any(char.isdigit() for char in line)
    return sum(map(str.isupper, letters)) <= REFINEDWEB_MAX_UPPER * len(letters)


def _refinedweb_edit(line: str) -> str:
    return _REFINEDWEB_PHRASES.sub("", line) if len(line.split()) <= REFINEDWEB_SHORT_LINE else line
