"""Days as stamps and as people write them."""

from __future__ import annotations

import time

import pytest

from cleaner.dates import stamped_day, written_day


@pytest.mark.parametrize(
    ("words", "language", "day"),
    [
        ("Posted on June 29, 2020, changed November 12, 2021", "en-US", "2020-06-29"),
        ("12. März 2024", "de", "2024-03-12"),
        ("5. 3. 2024", "cs", "2024-03-05"),
        ("2024年3月5日", "zh", "2024-03-05"),
        ("2024년 3월 5일", "ko", "2024-03-05"),
        ("le 1er mars 2024", "fr", "2024-03-01"),
        ("3 de marzo de 2024", "es", "2024-03-03"),
        ("5 марта 2024", "ru", "2024-03-05"),
        ("2024. március 5.", "hu", "2024-03-05"),
        ("3 مارس 2024", "ar", "2024-03-03"),
        ("Sept. 3, 2024", "en", "2024-09-03"),
        ("Dec 19th, 2024", None, "2024-12-19"),
        ("March 5, 2024", "de", "2024-03-05"),
        ("05/03/2024", "en", "2024-05-03"),
        ("05/03/2024", "en-GB", "2024-03-05"),
        ("25/03/2024", "en", "2024-03-25"),
        ("05.03.2024", "en", "2024-03-05"),
        ("31 February 2024", "en", None),
        ("Chapter 12, Harbour 2024", "en", None),
        ("1 May 1724", "en", None),
        ("5 March 2024", "no-such-language", "2024-03-05"),
    ],
)
def test_written_days(words: str, language: str | None, day: str | None) -> None:
    assert written_day(words, language) == day


@pytest.mark.parametrize("value", ["", "20", "2024", "2024-1", "99999999", "2024-02-30", "1/2/2024", "12024-01-01"])
def test_what_is_no_stamp(value: str) -> None:
    assert stamped_day(value) is None


@pytest.mark.parametrize("unit", ["1 ", "1 a", "Mar 1 ", "2024 ", "1.1.", "5 de "])
def test_time_is_linear(unit: str) -> None:
    start = time.process_time()
    written_day(unit * 20_000, "en")
    assert time.process_time() - start < 5
