"""What a page states of itself: the sources in their order, and what is no name and no date."""

from __future__ import annotations

import pytest

from cleaner.metadata import read_facts
from cleaner.model import Document, Encoding, Facts, Source
from cleaner.segment import segment


def facts(head: str, body: str = "<p>x</p>") -> Facts:
    html = f"<html><head>{head}</head><body>{body}</body></html>"
    return read_facts(segment(Document(Source(b""), html, "html", Encoding("utf-8", "test"))))


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>Old mill reopens - Valley Times</title>", "<h1>Old mill reopens</h1>", "Old mill reopens"),
        (
            "<title>Old mill reopens | Slow Blog</title>",
            "<h1>Slow Blog</h1><h3>Old mill reopens</h3>",
            "Old mill reopens",
        ),
        ('<meta property="og:title" content="Old mill"><title>News</title>', "<h1>Welcome</h1>", "Old mill"),
        ("", "<h1>Only a headline</h1>", "Only a headline"),
        ("", "<p>no name at all</p>", None),
    ],
)
def test_the_title_is_the_heading_that_agrees_with_the_pages_names(head: str, body: str, title: str | None) -> None:
    assert facts(head, body).title == title


@pytest.mark.parametrize(
    ("head", "author"),
    [
        ('<meta name="author" content="By Ann Lee">', "Ann Lee"),
        ('<meta property="article:author" content="https://example.org/ann">', None),
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "author": [{"name": "Ann Lee"},'
            ' {"name": "Bo Ek"}]}</script>',
            "Ann Lee, Bo Ek",
        ),
        ('<script type="application/ld+json">{broken</script><meta name="author" content="Bo Ek">', "Bo Ek"),
    ],
)
def test_authors(head: str, author: str | None) -> None:
    assert facts(head).author == author


@pytest.mark.parametrize(
    ("value", "date"),
    [("2024-03-05T08:00:00Z", "2024-03-05"), ("2024/3/5", "2024-03-05"), ("2024-13-40", None), ("yesterday", None)],
)
def test_dates_are_real_days_in_iso_form(value: str, date: str | None) -> None:
    assert facts(f'<meta property="article:published_time" content="{value}">').date == date
