"""Markdown keeps a page's structure, and shows the text form's words again, whatever the page."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cleaner.golden import load_cases
from cleaner.markdown import markdown
from cleaner.model import Document, Encoding, Options, Page, Source
from cleaner.pipeline import Cleaner, clean
from cleaner.render import present
from cleaner.segment import segment
from tests.test_goldens import FOLDER

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
URL = "https://example.org/a/"


def page_of(html: str) -> Page:
    return segment(Document(Source(b""), html, "html", Encoding("utf-8", "test")))


def marked(html: str, url: str | None = URL) -> str:
    page = page_of(html)
    return markdown(page, [True] * len(page.blocks), url=url).rstrip("\n")


def shown(source: str) -> str:
    """The text that a reader of this Markdown sees, without white space."""
    parts = []
    for token in READER.parse(source):
        if token.type == "inline":
            parts += [_shown_inline(child) for child in token.children or []]
        elif token.type == "fence":
            parts.append(token.content)
        assert token.type not in ("html_block", "code_block"), token.content
    return bare("".join(parts))


def _shown_inline(token: Any) -> str:
    if token.type == "html_inline":
        assert re.fullmatch("</?su[bp]>", token.content)
        return ""
    return "" if token.type == "image" else str(token.content)


def bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def words_of(page: Page, keep: list[bool]) -> str:
    """The words of the blocks that stay, without the borders of cells."""
    parts = []
    for block in [block for block, kept in zip(page.blocks, keep, strict=True) if kept]:
        cells = [mark for mark in block.marks if mark.kind in ("td", "th")]
        if block.tag == "row":
            parts += [block.text[m.start : m.end] for m in cells] or block.text.split(" | ")
        else:
            parts.append(block.text)
    return bare(" ".join(parts))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h1>A</h1><h3>B</h3><h6>C</h6>", "# A\n\n### B\n\n###### C"),
        ("<ul><li>a<ul><li>b<ol><li>c</ol></ul><li>d</ul>", "- a\n  - b\n    1. c\n- d"),
        ("<ol start=9><li>a<li>b<li value=3>c</ol>", "9. a\n10. b\n\n3) c"),
        ("<ol reversed><li>a<li>b</ol>", "2. a\n1) b"),
        ("<ul><li><p>a</p><p>b</p><pre>c</pre><li>d</ul><p>e", "- a\n\n  b\n\n  ```\n  c\n  ```\n\n- d\n\ne"),
        ("<ul><li>a<blockquote>b</blockquote></ul>", "- a\n\n  > b"),
        (
            "<blockquote><p>a<blockquote>b</blockquote><p>c</blockquote><blockquote>d</blockquote>",
            "> a\n>\n> > b\n>\n> c\n\n> d",
        ),
        ("<blockquote><h2>a</h2><ul><li>b<li>c</ul></blockquote>d", "> ## a\n>\n> - b\n> - c\n\nd"),
        (
            "<pre><code class='hljs language-python'>if x:\n    y  =  1</code></pre>",
            "```python\nif x:\n    y  =  1\n```",
        ),
        ("<div class='highlight-source-c++'><pre>int\n\n\n x;</pre></div>", "```c++\nint\n\n\n x;\n```"),
        ("<pre class='brush: js; gutter: false'>x</pre>", "```js\nx\n```"),
        (
            "<table><thead><tr><th>a<th>b</thead><tr><td>1<td>2</table>",
            "| a | b |\n| --- | --- |\n| 1 | 2 |",
        ),
        ("<table><tr><td>a<td>b<tr><td>1<td>2</table>", "|  |  |\n| --- | --- |\n| a | b |\n| 1 | 2 |"),
        (
            "<table><tr><th colspan=2>a<th>b<tr><td rowspan=2>1<td>2<td>3<tr><td>4<td>5</table>",
            "| a |  | b |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n|  | 4 | 5 |",
        ),
        ("<table><tr><th>a|b<th><b>c</b><tr><td><code>d|e</code><td>f</table>",
         "| a\\|b | **c** |\n| --- | --- |\n| `d\\|e` | f |"),
        ("<p>Roses are red,<br>violets <em>blue</em>,<br>and so.</p>", "Roses are red,\\\nviolets *blue*,\\\nand so."),
        ("<p>H<sub>2</sub>O, 10<sup>6</sup></p>", "H<sub>2</sub>O, 10<sup>6</sup>"),
        (
            "<p>It rose.<sup><a href='#n1'>1</a></sup></p><ol><li id=n1>See there. <a href='#r1'>back</a></ol>",
            "It rose.[<sup>1</sup>](https://example.org/a/#n1)\n\n1. See there. [back](https://example.org/a/#r1)",
        ),
        (
            "<dl><dt>Ebb<dd>the sea goes<dt>Flood<dt>Flow<dd>it comes<dd>and floods</dl>",
            "- **Ebb**\\\n  the sea goes\n- **Flood**\n- **Flow**\\\n  it comes\\\n  and floods",
        ),
        ("<p><b>a</b>b <i>c d</i>, <b><i>e</i></b> <code>f`g</code></p>", "ab *c d*, *e* ``f`g``"),
        ("<p><b><b>a</b></b> <a href=b><i>c</i> d</a></p>", "**a** [*c* d](https://example.org/a/b)"),
        ("<p><kbd>a</kbd><kbd>b</kbd></p>", "`a`b"),
        ("<p>a</p><figure><img src=b.png alt='The *mill*'></figure><p>c</p>",
         "a\n\n![The \\*mill\\*](https://example.org/a/b.png)\n\nc"),
        ("<p>a <img src=/b.png> c</p>", "a ![](https://example.org/b.png) c"),
        ("<p>a<img src=data:image/png,x data-src=b.png>", "a ![](https://example.org/a/b.png)"),
        ("<p>a<img src=b.png width=1 height=1><img src=javascript:x><img></p>", "a"),
        ("<ul><li><img src=b.png>a</ul>", "- ![](https://example.org/a/b.png) a"),
        ("<table><tr><td><img src=b.png alt=x>a<td>c</table>",
         "|  |  |\n| --- | --- |\n| ![x](https://example.org/a/b.png) a | c |"),
        ("<div><img src=b.png></div><pre>c</pre>", "![](https://example.org/a/b.png)\n\n```\nc\n```"),
    ],
)  # fmt: skip
def test_structure(html: str, expected: str) -> None:
    assert marked(html) == expected


@pytest.mark.parametrize(
    ("head", "url", "address"),
    [
        ("", "https://example.org/a/b", "https://example.org/a/x"),
        ("<base href=/c/>", "https://example.org/a/b", "https://example.org/c/x"),
        ("<base href=https://example.net/>", None, "https://example.net/x"),
        ("<link rel=canonical href=https://example.net/d/e>", None, "https://example.net/d/x"),
        ("<link rel=canonical href=https://example.net/d/e>", "https://example.org/", "https://example.org/x"),
        ("<base href='http://['>", "https://example.org/", "https://example.org/x"),
    ],
)
def test_what_addresses_start_from(head: str, url: str | None, address: str) -> None:
    assert marked(f"{head}<p><a href=x>y</a>", url) == f"[y]({address})"


def test_spans_are_bounded() -> None:
    wide = marked("<table><tr>" + "<td colspan=1000000000 rowspan=1000000000>a" * 300 + "</table>")
    assert shown(wide).count("a") == 300
    assert len(wide) < 10_000


def test_a_dropped_marker_takes_its_item_with_it() -> None:
    page = page_of("<ul><li>a<p>b</p><li>c</ul>")
    assert markdown(page, [False, True, True]) == "b\n\n- c\n"


def test_a_picture_at_the_beginning_of_marked_words_leaves_them_marked() -> None:
    page = page_of("<p>a:<b><img src=y.png alt=z>1</b></p>")
    assert markdown(page, [True], url=URL) == "a: **![z](https://example.org/a/y.png) 1**\n"


SIGNS = st.text(alphabet="ab1. *_-+#>`~[]()!<&;\\|=:/é中\n", min_size=1, max_size=12)
TAGS = st.sampled_from(
    "b i em strong code kbd sub sup a p div ul ol li dl dt dd blockquote pre table tr td th h2 br img span".split()
)


def _element(tag: str, inner: str) -> str:
    attributes = {"a": " href='/x'", "img": " src=y.png alt='*z'", "td": " colspan=2", "th": " rowspan=2"}.get(tag, "")
    return f"<{tag}{attributes}>{inner}" if tag in ("br", "img") else f"<{tag}{attributes}>{inner}</{tag}>"


HTML = st.recursive(
    SIGNS.map(lambda s: s.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.builds(_element, TAGS, st.lists(inner, min_size=1, max_size=4).map("".join)),
    max_leaves=12,
)


@given(HTML)
@settings(deadline=None, max_examples=400)
def test_any_page_shows_its_text(html: str) -> None:
    page = page_of(html)
    keep = [True] * len(page.blocks)
    assert shown(markdown(page, keep, url=URL)) == words_of(page, keep)


@given(HTML, st.lists(st.booleans(), min_size=12, max_size=12))
@settings(deadline=None)
def test_what_is_dropped_leaves_the_rest_whole(html: str, choice: list[bool]) -> None:
    page = page_of(html)
    keep = [choice[block.index % len(choice)] for block in page.blocks]
    assert shown(markdown(page, keep, url=URL)) == words_of(page, keep)


@pytest.fixture(scope="module")
def cleaner() -> Cleaner:
    return Cleaner()


@pytest.mark.parametrize("case", load_cases(FOLDER), ids=lambda case: case.name)
def test_goldens_show_their_text(case: Any, cleaner: Cleaner) -> None:
    judgement = cleaner.clean(case.source).judgement
    assert judgement is not None
    keep = [decision.keep for decision in judgement.decisions]
    assert shown(markdown(judgement.page, keep, url=case.source.url)) == words_of(judgement.page, keep)


EXPECTED = sorted((FOLDER.parent / "tests" / "markdown").glob("*.md"))


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)
def test_structure_of_goldens(path: Any, cleaner: Cleaner) -> None:
    """The Markdown of the goldens that are about structure, beside the text that `golden/` holds for them."""
    case = next(case for case in load_cases(FOLDER) if case.name == path.stem)
    body = present(cleaner.clean(case.source), "markdown").text
    assert body == path.read_text(encoding="utf-8")


def test_every_structure_golden_has_its_markdown() -> None:
    assert {path.stem for path in EXPECTED} == {path.name for path in FOLDER.glob("html--structure-*")}


def test_a_picture_stays_though_its_caption_goes() -> None:
    page = page_of("<p>a<figure><img src=b.png><figcaption>c</figcaption></figure><p>d<div><img src=e.png>f</div><p>g")
    keep = [block.text not in ("c", "f") for block in page.blocks]
    assert markdown(page, keep, url=URL) == "a\n\n![](https://example.org/a/b.png)\n\nd\n\ng\n"


CAPTION = "The workshop on Lock Street in the hour before closing time."


def test_captions_as_an_option() -> None:
    source = (FOLDER / "html--structure-pictures-lamps" / "source.html").read_bytes()
    assert CAPTION not in clean(source).text
    whole = clean(source, options=Options(captions=True))
    assert CAPTION in whole.text.split("\n")
    assert whole.text.replace(f"\n{CAPTION}\n", "") == clean(source).text
