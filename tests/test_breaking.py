"""Pages that break parsers: each is cleaned whole, in bounded time and memory, or fails with one line."""

from __future__ import annotations

import time

import pytest

from cleaner.model import Source
from cleaner.pipeline import Cleaner

HEAD = "<!doctype html><html lang=en><head><title>The late ferry</title></head><body><h1>The late ferry</h1>"
FIRST = "<p>The ferry was late again on Monday, and nobody on the quay was surprised by it, least of all Mrs Tran.</p>"
SECOND = "<p>By nine the lamps were lit along the mole, and those who could walk home had done so before the rain.</p>"
LAST = "<p>The last word belongs to the keeper, who has seen worse in the winter of the long frost, and laughed.</p>"
WORDS = ("least of all Mrs Tran", "lamps were lit", "belongs to the keeper")
LONG = "The tide came in, and then the tide went out again. "
#: CPU seconds that a page may take on a slow machine.
MOST_SECONDS = 20

PAGES = {
    "300 elements deep": FIRST + "<div>" * 300 + SECOND + "</div>" * 300 + LAST,
    "100,000 elements deep": FIRST + "<div>" * 100_000 + SECOND + "</div>" * 100_000 + LAST,
    "an attribute of 20 MB": FIRST + f'<img src="data:image/png;base64,{"A" * 20_000_000}">' + SECOND + LAST,
    "an attribute of 20 MB on a box": FIRST + f'<div data-x="{"A" * 20_000_000}">{SECOND}</div>' + LAST,
    "a script of 11 MB": FIRST + f"<script>{'x = 1;' * 2_000_000}</script>" + SECOND + LAST,
    "a text node of 11 MB": FIRST + SECOND + f"<p>{LONG * 220_000}</p>" + LAST,
    "a word of 11 MB": FIRST + SECOND + f"<p>{'x' * 11_000_000}</p>" + LAST,
    "40,000 attributes on a tag": FIRST + f"<div {' '.join(f'a{n}=1' for n in range(40_000))}>{SECOND}</div>" + LAST,
    "a vertical tab": FIRST.replace(" was", " &#11;was\x0b") + SECOND + LAST,
    "a cell over a billion columns": FIRST + SECOND + "<table><tr><td colspan=1000000000>a<td>b</table>" + LAST,
    "a comment without an end": FIRST + SECOND + "<!-- advertisement " + LAST,
    "a script without an end": FIRST + SECOND + "<script>var slot = 1;" + LAST,
    "several bodies": FIRST + "</body><body class=x>" + SECOND + "</body></html><html><body>" + LAST,
    "text in templates beside it": FIRST + "<template><p>Hidden words.</p></template>" + SECOND + LAST,
    "copies in noscript": FIRST + f"<noscript>{FIRST}</noscript>" + SECOND + f"<noscript>{SECOND}</noscript>" + LAST,
}


@pytest.fixture(scope="module")
def cleaner() -> Cleaner:
    return Cleaner()


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
def test_pages_are_cleaned_whole(body: str, cleaner: Cleaner) -> None:
    start = time.process_time()
    article = cleaner.clean(Source((HEAD + body).encode(), kind="html"))
    assert time.process_time() - start < MOST_SECONDS
    assert article.title == "The late ferry"
    assert [article.text.count(words) for words in WORDS] == [1, 1, 1]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8", "cp1252"])
def test_whatever_the_charset_says(encoding: str, cleaner: Cleaner) -> None:
    for declared in ("<meta charset=iso-8859-1>", "<meta charset=utf-8>"):
        page = HEAD.replace("<head>", f"<head>{declared}") + (FIRST + SECOND + LAST).replace("Mrs", "“Señora”")
        article = cleaner.clean(Source(page.encode(encoding), kind="html"))
        assert "least of all “Señora” Tran" in article.text, declared


def test_frames_give_the_text_they_have_for_those_without_frames(cleaner: Cleaner) -> None:
    page = HEAD.partition("<body>")[0] + "<frameset cols='20%,80%'><frame src=a.html><frame src=b.html>"
    body = f"<noframes><body>{FIRST}{SECOND}{LAST}</body></noframes></frameset></html>"
    article = cleaner.clean(Source((page + body).encode(), kind="html"))
    assert [article.text.count(words) for words in WORDS] == [1, 1, 1]
    assert cleaner.clean(Source(f"{page}</frameset>".encode(), kind="html")).status == "empty"
