"""Articles alone: what a page says of itself, its address and its body tell whether it is one."""

from __future__ import annotations

import pytest

from cleaner.model import Article, Options
from cleaner.pipeline import clean
from cleaner.render import present

PROSE = "".join(
    f"<p>{text}</p>"
    for text in (
        "The old mill on the Saltwater road turned again on Sunday, for the first time since the flood of 1953.",
        "More than two hundred people had come to see it, most of them on foot, since the car park was under water.",
        "“We did not know whether the wheel would hold,” said the miller, who is eighty-one and had it from her aunt.",
        "The flour will be sold at the church door, in bags of a pound, until there is no more of it to be had.",
    )
)
SIGNED = "<meta name=author content='Ann Lee'>"


def article(head: str = "", body: str = PROSE, url: str | None = None, only: bool = True) -> Article:
    page = f"<html lang=en><head><title>Mill</title>{head}</head><body><main><h1>Mill</h1>{body}</main></body></html>"
    return clean(page, url=url, kind="html", options=Options(as_article=only))


def linked(kind: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "{kind}"}}</script>'


@pytest.mark.parametrize("head", [linked("NewsArticle"), linked("BlogPosting") + linked("Product"), SIGNED])
def test_articles_stay(head: str) -> None:
    assert article(head) == article(head, only=False)
    assert article(head).text.startswith("The old mill")


@pytest.mark.parametrize(
    ("head", "url", "note"),
    [
        (SIGNED + linked("DiscussionForumPosting"), None, "no article: it says to be a forum"),
        (SIGNED + linked("Product"), None, "no article: it says to be a product"),
        (SIGNED + "<meta property=og:type content=product.item>", None, "no article: it says to be a product"),
        (SIGNED, "https://forum.example/t/mill/7", "no article: its address is that of a forum"),
        (SIGNED, "https://example.org/category/mills", "no article: its address is that of a list"),
        ("", None, "no article: it has neither author nor date"),
    ],
)
def test_what_is_no_article_comes_out_empty_and_says_why(head: str, url: str | None, note: str) -> None:
    found = article(head, url=url)
    assert (found.status, found.text) == ("empty", "")
    assert note in found.notes
    assert present(found, "markdown").text == ""
    assert found.judgement is not None
    assert sum(found.removed.values()) == len(found.judgement.decisions)


def test_a_body_of_links_is_no_article() -> None:
    links = "".join(f"<li><a href=/{n}>Another mill that turned again on a Sunday of this year</a>" for n in range(9))
    assert article(SIGNED, f"<ul>{links}</ul>").status == "empty"


def test_flat_text_is_left_alone() -> None:
    text = "The old mill turned again on Sunday, for the first time since the flood, and all the valley came to see.\n"
    assert clean(text, kind="text", options=Options(as_article=True)).text == text
