"""What a page leaves open swallows nothing, and what only looks open stays as it is."""

from __future__ import annotations

import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from cleaner.mend import is_cut_short, mended

OPEN = {
    "comment": ("<p>a</p><!-- ad <p>b</p>", "<p>a</p><!-- ad --><p>b</p>"),
    "script": ("<p>a</p><script>x = 1;\n<p>b</p>", "<p>a</p><script>x = 1;\n</script><p>b</p>"),
    "script in capitals": ("<p>a<SCRIPT>x<P>b", "<p>a<SCRIPT>x</script><P>b"),
    "title": ("<head><title>a<body><p>b", "<head><title>a</title><body><p>b"),
    "style": ("<style>p{}</head><body><p>b", "<style>p{}</style></head><body><p>b"),
    "textarea": ("<form><textarea></form><p>b", "<form><textarea></textarea></form><p>b"),
    "select": ("<select><option>a<div>b</div>", "<select><option>a</select><div>b</div>"),
    "template": ("<template><p>b", "<template></template><p>b"),
    "two": ("<script>x<p>a</p><!-- y<p>b", "<script>x</script><p>a</p><!-- y--><p>b"),
}
CLOSED = (
    "<p>a</p><script>x = '<p>'</script>",
    "<p>a</p><!-- <p>b</p> -->",
    "<p>a</p><!---->",
    "<p>a</p><!-->",
    "<script>y = '<!--'</script><p>b</p>",
    "<SCRIPT>x</SCRIPT><p>a</p><SCRIPT>y</SCRIPT>",
    "<p>a</p><script>no text behind it",
    "",
)


@pytest.mark.parametrize(("html", "whole"), OPEN.values(), ids=OPEN)
def test_what_is_open_is_closed_before_the_next_text(html: str, whole: str) -> None:
    assert is_cut_short(html, LexborHTMLParser(html))
    assert mended(html) == whole


@pytest.mark.parametrize("html", CLOSED)
def test_what_is_closed_stays(html: str) -> None:
    assert mended(html) == html


@pytest.mark.parametrize("unit", ["<!--", "<script>", "<!-- <p>", "<script><p>", "<title", "<select><option><p>"])
def test_time_is_linear(unit: str) -> None:
    start = time.process_time()
    mended(unit * 200_000)
    assert time.process_time() - start < 10
