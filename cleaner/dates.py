"""Read days: from machine-readable stamps, and as people write them, with the month names of the page's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cleaner.fold import fold

if TYPE_CHECKING:
    from babel.core import Locale

#: Years in which something on the web can have been published.
_YEARS: Final = range(1970, 2100)
_STAMP: Final = re.compile(r"\s*(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)|(\d{2})(\d{2})(?=T|\d{6}|$))")
_YEAR_FIRST: Final = re.compile(r"(?<!\d)(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?!\d)")
_NUMERIC: Final = re.compile(r"(?<![\d./-])(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})(?!\d)")
_WORD: Final = r"([^\W\d_]{3,20})\.?"
_DAY_FIRST: Final = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|\.|º|ª|-)?\s?(?:de |of |di )?{_WORD}[ ,-]*(?:de |del )?(\d{{4}})(?!\d)"
)
_MONTH_FIRST: Final = re.compile(rf"{_WORD}\s(\d{{1,2}})(?:st|nd|rd|th)?\s?,?\s(\d{{4}})(?!\d)")
_YEAR_BEFORE_NAME: Final = re.compile(rf"(?<!\d)(\d{{4}})\.?\s{_WORD}\s(\d{{1,2}})(?!\d)")
#: Whether a text can hold a day at all: most can't, and loading names of months takes time.
_HINT: Final = re.compile(r"(?<!\d)(?:19[7-9]|20)\d\d(?!\d)")
_DEFAULT: Final = "en"


def stamped_day(value: str) -> str | None:
    """The day (ISO 8601) that a machine-readable stamp begins with: 2024-03-05T08:00, 2024/3/5, 20240305."""
    found = _STAMP.match(value)
    return _iso(*[int(part) for part in found.groups() if part]) if found else None


def written_day(words: str, language: str | None) -> str | None:
    """The first day (ISO 8601) that a text names, as in 5 March 2024, 5. 3. 2024 or 2024年3月5日.

    `language` is BCP 47; without one, or beside it, English is understood.
    """
    if not _HINT.search(words):
        return None
    return next((day for day in _written(words, language or _DEFAULT) if day), None)


def _written(words: str, language: str) -> Iterator[str | None]:
    for found in _YEAR_FIRST.finditer(words):
        yield _iso(int(found[1]), int(found[2]), int(found[3]))
    for found in _DAY_FIRST.finditer(words):
        yield _named(found[3], found[2], found[1], language)
    for found in _MONTH_FIRST.finditer(words):
        yield _named(found[3], found[1], found[2], language)
    for found in _YEAR_BEFORE_NAME.finditer(words):
        yield _named(found[1], found[2], found[3], language)
    for found in _NUMERIC.finditer(words):
        first, second = int(found[1]), int(found[3])
        # Only the slash is used both ways; dots and dashes put the day first.
        month_first = second > 12 or (found[2] == "/" and first <= 12 and _month_first(language))
        yield _iso(int(found[4]), *((first, second) if month_first else (second, first)))


def _named(year: str, month: str, day: str, language: str) -> str | None:
    number = _month(month, language) or _month(month, _DEFAULT)
    return _iso(int(year), number, int(day)) if number else None


def _month(name: str, language: str) -> int | None:
    """A month's number by its name, or by the beginning of its name."""
    months, folded = _months(language), fold(name)
    begun = {number for full, number in months.items() if full.startswith(folded)}
    return months.get(folded) or (begun.pop() if len(begun) == 1 else None)


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat() if year in _YEARS else None
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _months(language: str) -> dict[str, int]:
    """The numbers of a language's months by their folded names, long and short, with and without the day before."""
    locale = _locale(language)
    named = [names for form in ("format", "stand-alone") for names in locale.months[form].values()] if locale else []
    folded = {fold(name.rstrip(".")): number for names in named for number, name in names.items()}
    return {name: number for name, number in folded.items() if len(name) > 2}


def _month_first(language: str) -> bool:
    """Whether a language writes the month before the day; English does unless the place says otherwise."""
    locale = _locale(language)
    return locale is not None and str(locale.date_formats["short"].pattern).startswith("M")


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale | None:
    from babel.core import Locale, UnknownLocaleError  # only for pages that write a day without stamping it

    for tag in (language.replace("-", "_"), re.split("[-_]", language)[0]):
        with suppress(UnknownLocaleError, ValueError, TypeError):
            return Locale.parse(tag)
    return None
