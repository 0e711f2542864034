"""What a page states of itself: the sources in their order, and what is no name and no date."""

from __future__ import annotations

import pytest

from cleaner.facts import read_facts
from cleaner.model import Document, Encoding, Facts, Source
from cleaner.pipeline import Cleaner
from cleaner.segment import segment


def facts(head: str, body: str = "<p>x</p>", lang: str = "en") -> Facts:
    html = f"<html lang={lang}><head>{head}</head><body>{body}</body></html>"
    return read_facts(segment(Document(Source(b""), html, "html", Encoding("utf-8", "test"))))


def linked(json: str) -> str:
    return f'<script type="application/ld+json">{json}</script>'


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>Old mill reopens - Valley Times</title>", "<h1>Old mill reopens</h1>", "Old mill reopens"),
        (
            "<title>Old mill reopens | Slow Blog</title>",
            "<h1>Slow Blog</h1><h3>Old mill reopens</h3>",
            "Old mill reopens",
        ),
        ("<title>老磨坊重新开放-山谷时报</title>", "<div>老磨坊重新开放</div>", "老磨坊重新开放"),
        ("<title>Old-age care reopens the valley</title>", "<p>Old</p>", "Old-age care reopens the valley"),
        ('<meta property="og:title" content="Old mill"><title>News</title>', "<h1>Welcome</h1>", "Old mill"),
        ("<title>Old mill reopens</title>", "<h1>Valley</h1><h1>The old mill reopens</h1>", "The old mill reopens"),
        (
            '<title>Valley Times: Old mill</title><meta property="og:site_name" content="Valley Times">',
            "<h1>Valley Times</h1><h2>Old mill</h2>",
            "Old mill",
        ),
        (
            "<title>Old mill – valleytimes</title><link rel=canonical href=https://valleytimes.example/1>",
            "",
            "Old mill",
        ),
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
            '<meta name="citation_author" content="Ann Lee"><meta name="citation_author" content="Bo Ek">',
            "Ann Lee, Bo Ek",
        ),
        (linked('{"@type": "NewsArticle", "author": [{"name": "Ann Lee"}, {"name": "Bo Ek"}]}'), "Ann Lee, Bo Ek"),
        (linked("{broken") + '<meta name="author" content="Bo Ek">', "Bo Ek"),
        (
            linked(
                '{"@graph": [{"@type": "Article", "author": {"@id": "#a"}},'
                ' {"@type": "Person", "@id": "#a", "name": "Ann"}]}'
            ),
            "Ann",
        ),
        (linked('{"@type": "WebPage", "mainEntity": {"@type": "Question", "author": {"name": "ann"}}}'), "ann"),
        (linked('{"@type": "BreadcrumbList", "author": "Nobody"}'), None),
        (
            '<meta property="og:site_name" content="Valley Times"><meta name=author content="Valley Times">'
            "<meta name=byl content='By Ann Lee'>",
            "Ann Lee",
        ),
        ('<meta property="og:site_name" content="Valley"><meta name=author content="Valley">', "Valley"),
    ],
)
def test_authors(head: str, author: str | None) -> None:
    assert facts(head).author == author


@pytest.mark.parametrize(
    ("body", "author"),
    [
        ("<p class=byline>By <b>Ann Lee</b> | 5 March 2024</p>", "Ann Lee"),
        ("<p>Written by Ann Lee on 5 March 2024</p>", "Ann Lee"),
        ("<p>Von Änne Lühr, 5.3.2024</p>", "Änne Lühr"),
        ("<p>By Ann Lee Mar 5, 2024</p>", "Ann Lee"),
        ("<p>By Ann Lee, Senior Correspondent</p>", "Ann Lee"),
        ("<p>By Ann LeeUpdated: March 5, 2024</p>", "Ann Lee"),
        ("<p>By Ann Lee Tuesday</p>", "Ann Lee"),
        ("<p>By Mary Ann Faraday</p>", "Mary Ann Faraday"),
        ("<p>作者：温素霞 来源：新华网</p>", "温素霞"),
        ("<p>글 류영상 기자</p>", "류영상"),
        ("<p>Írta: Kiss Anna</p>", "Kiss Anna"),
        ("<p>بقلم: ليلى حداد</p>", "ليلى حداد"),
        ("<div class=author><a rel=author>Ann Lee</a> Senior Editor</div>", "Ann Lee"),
        ("<p>By the river stood a mill, and nobody had worked in it since the flood of that year.</p>", None),
        ("<p class=author>View all posts</p><p class=author-name>Name *</p>", None),
    ],
)
def test_bylines(body: str, author: str | None) -> None:
    assert facts("<title>Old mill</title>", f"<h1>Old mill</h1>{body}").author == author


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2024-03-05T08:00:00Z", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("20240305", "2024-03-05"),
        ("Tue, 05 Mar 2024 10:00:00 GMT", "2024-03-05"),
        ("2024-13-40", None),
        ("yesterday", None),
        ("0000-00-00", None),
    ],
)
def test_dates_are_real_days_in_iso_form(value: str, date: str | None) -> None:
    assert facts(f'<meta property="article:published_time" content="{value}">').date == date


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (linked('{"@type": "Article", "datePublished": "2024-03-05", "dateModified": "2025-01-01"}'), ""),
        ('<meta name="article:modified_time" content="2025-01-01"><meta name=dc.date content=2024-03-05>', ""),
        ("", "<time datetime=2024-03-05>5 March</time>"),
        ("<title>Old mill</title>", "<h1>Old mill</h1><p>Posted on March 5th, 2024</p><p>Founded May 1, 1999</p>"),
        ("<link rel=canonical href=https://example.org/2024/03/05/mill>", ""),
        ('<meta name="article:modified_time" content="2024-03-05">', ""),
    ],
)
def test_where_dates_come_from(head: str, body: str) -> None:
    assert facts(head, body).date == "2024-03-05"


def test_what_else_is_stated() -> None:
    found = facts(
        '<meta property="og:site_name" content="Valley Times"><meta name=description content="It &amp;amp; turns.">'
        '<meta property="article:tag" content="mills"><meta property="article:tag" content="water">'
        "<link rel=canonical href=https://example.org/mill>",
        lang="de-AT",
    )
    assert found.site == "Valley Times"
    assert found.description == "It & turns."
    assert found.tags == ("mills", "water")
    assert found.canonical == "https://example.org/mill"
    assert found.language == "de-AT"


def test_relative_and_odd_addresses_are_no_canonical_ones() -> None:
    for address in ("/mill", "javascript:alert(1)", "http://["):
        assert facts(f'<link rel=canonical href="{address}">').canonical is None


def test_an_input_records_own_fields_stand() -> None:
    page = (
        "<html><head><meta property='og:site_name' content='Valley'><meta name=keywords content='mills, water'></head>"
        "<body><p>The old mill turns again, and all the valley came to see it on Sunday.</p></body></html>"
    )
    article = Cleaner().clean(Source(page.encode(), kind="html", metadata={"tags": "mine", "crawl": 7}))
    assert article.metadata == {"site": "Valley", "tags": "mine", "crawl": 7}
