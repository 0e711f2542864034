"""Author and day from the lines that went as byline and dateline."""

from __future__ import annotations

import pytest

from cleaner import clean

BODY = """
The ferry was late again, and nobody on the quay was surprised by it, least of all the harbour master's wife.

By nine the lamps were lit along the mole, and those who could walk home had done so before the rain began.

Only the dog stayed, and it was still there in the morning when the first boat came in from the islands.
"""


def facts(text: str) -> tuple[str | None, str | None]:
    article = clean(text, kind="text")
    return article.author, article.date


@pytest.mark.parametrize(
    ("head", "author", "day"),
    [
        ("By Mairi Colquhoun", "Mairi Colquhoun", None),
        ("Published: 5 March 2024", None, "2024-03-05"),
        ("By Mairi Colquhoun\nPublished on March 5, 2024", "Mairi Colquhoun", "2024-03-05"),
        ("Last updated: 9 March 2024\nPublished: 5 March 2024", None, "2024-03-05"),
        ("Share this:\nLast updated: 9 March 2024\n3 comments", None, "2024-03-09"),
    ],
)
def test_lines_above_the_body(head: str, author: str | None, day: str | None) -> None:
    assert facts(f"{head}\n{BODY}") == (author, day)


def test_lines_below_the_body() -> None:
    assert facts(f"{BODY}\nPosted on 5 March 2024\nShare this:\n3 comments\nLeave a reply\n") == (None, "2024-03-05")


def test_what_stays_tells_nothing() -> None:
    told = (
        "On 5 March 2024 the boat came in by Ann Lee's lantern, and it took two hours to unload her by hand that night."
    )
    assert facts(f"{BODY}\n{told}\n") == (None, None)


def test_what_a_page_states_comes_first() -> None:
    page = f"""<html><head><meta name="author" content="Ann Lee"></head><body><article><p>By Mairi Colquhoun</p>
        <p>Published: 5 March 2024</p>{"".join(f"<p>{line}</p>" for line in BODY.split(chr(10)) if line)}</article>"""
    article = clean(page)
    assert (article.author, article.date) == ("Ann Lee", "2024-03-05")
