"""HTML into blocks: what elements make of their text, how white space and links come out, and pages meant to harm."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.dom import segment_html
from cleaner.model import Block, Document, Encoding, Page, Source


def page_of(html: str) -> Page:
    return segment_html(Document(Source(b""), html, "html", Encoding("utf-8", "test")))


def blocks_of(html: str) -> tuple[Block, ...]:
    return page_of(html).blocks


def texts_of(html: str) -> list[str]:
    return [block.text for block in blocks_of(html)]


def tags_of(html: str) -> list[tuple[str, int, str, str]]:
    return [(block.tag, block.level, block.lead, block.text) for block in blocks_of(html)]


def names_around(page: Page, block: Block) -> list[str]:
    names, index = [], block.container
    while index >= 0:
        names += page.containers[index].names
        index = page.containers[index].parent
    return names


def head_of(html: str) -> Mapping[str, str]:
    return page_of(html).head


# --- Elements --------------------------------------------------------------------------------------------------------


def test_paragraphs_and_text_of_their_own_in_other_boxes() -> None:
    html = "<body>a<p>b<p>c</p>d<div>e<section>f</section>g</div><address>h</address><center>i</center>j"
    assert tags_of(html) == [("paragraph", 0, "", letter) for letter in "abcdefghij"]


def test_headings() -> None:
    html = "<h1>One <em>and</em> only</h1><h4><div>Four</div></h4><div role=heading aria-level=3>Three</div>"
    assert tags_of(html + "<p role=heading>Two</p><p role=heading aria-level=99>Six</p>") == [
        ("heading", 1, "", "One and only"),
        ("heading", 4, "", "Four"),
        ("heading", 3, "", "Three"),
        ("heading", 2, "", "Two"),
        ("heading", 6, "", "Six"),
    ]


def test_lists_nest() -> None:
    html = "<ul><li>a<ul><li>b<ol><li>c<li>d</ol></ul>e<li>f</ul><ul><li>g</ul>"
    assert tags_of(html) == [
        ("item", 1, "- ", "a"),
        ("item", 2, "- ", "b"),
        ("item", 3, "1. ", "c"),
        ("item", 3, "2. ", "d"),
        ("paragraph", 0, "", "e"),
        ("item", 1, "- ", "f"),
        ("item", 1, "- ", "g"),
    ]


def test_a_list_item_without_a_list() -> None:
    assert tags_of("<li>a") == [("item", 1, "- ", "a")]


@pytest.mark.parametrize(
    ("html", "leads"),
    [
        ("<ol><li>a<li>b<li>c</ol>", ["1. ", "2. ", "3. "]),
        ("<ol start=9><li>a<li>b</ol>", ["9. ", "10. "]),
        ("<ol start=0><li>a<li>b</ol>", ["0. ", "1. "]),
        ("<ol><li>a<li value=7>b<li>c</ol>", ["1. ", "7. ", "8. "]),
        ("<ol reversed><li>a<li>b<li>c</ol>", ["3. ", "2. ", "1. "]),
        ("<ol reversed start=5><li>a<li>b</ol>", ["5. ", "4. "]),
        ("<ol start=many><li>a<li value>b</ol>", ["1. ", "2. "]),
        ("<ol start=" + "9" * 5000 + "><li>a</ol>", ["999999999. "]),
        ("<ol><li>a<ul><li>x</ul><li>b</ol>", ["1. ", "- ", "2. "]),
    ],
)
def test_numbers_of_ordered_lists(html: str, leads: list[str]) -> None:
    assert [block.lead for block in blocks_of(html)] == leads


def test_only_the_first_block_of_an_item_is_the_item() -> None:
    assert tags_of("<ol><li><p>a</p><p>b</p><li><h3>c</h3><p>d</p></ol>") == [
        ("item", 1, "1. ", "a"),
        ("paragraph", 0, "", "b"),
        ("heading", 3, "", "c"),
        ("paragraph", 0, "", "d"),
    ]


def test_definition_lists_are_paragraphs_that_stand_together() -> None:
    blocks = blocks_of("<p>a</p><dl><dt>b<dd>c<p>d</p><dt>e<dd>f</dl>")
    assert [(b.text, b.tag, b.gap) for b in blocks] == [
        ("a", "paragraph", True),
        ("b", "paragraph", True),
        ("c", "paragraph", False),
        ("d", "paragraph", True),
        ("e", "paragraph", True),
        ("f", "paragraph", False),
    ]


def test_quotes() -> None:
    html = "<blockquote>a<p>b</p><ul><li>c</ul><h2>d</h2><footer>e</footer></blockquote>f"
    assert [(tag, text) for tag, _, _, text in tags_of(html)] == [
        ("quote", "a"),
        ("quote", "b"),
        ("item", "c"),
        ("heading", "d"),
        ("quote", "e"),
        ("paragraph", "f"),
    ]


def test_code_keeps_its_white_space() -> None:
    html = "<p>See:<pre><code>\n\n  if x:\n\t<b>return</b>  y\n\n</code></pre><p>Done"
    assert [(tag, text) for tag, _, _, text in tags_of(html)] == [
        ("paragraph", "See:"),
        ("code", "  if x:\n\treturn  y"),
        ("paragraph", "Done"),
    ]


def test_lines_of_code_may_be_elements() -> None:
    assert tags_of("<pre>\n  <b>one</b>\n<input><x-y>two</x-y>\n") == [("code", 0, "", "  one\ntwo")]
    html = "<pre><div>one</div><div>two<br>three</div><table><tr><td>four</table></pre>"
    assert tags_of(html) == [("code", 0, "", "one\ntwo\nthree\nfour")]
    assert tags_of("<pre>  \n </pre>") == []


def test_what_is_not_flowing_text() -> None:
    html = (
        "<title>x</title><style>x</style><script>x</script><!-- x --><template>x</template><svg><text>x</text></svg>"
        "<iframe>x</iframe><object>x</object><select><option>x</select><textarea>x</textarea><input value=x>"
        "<noscript>x</noscript><video>x</video><canvas>x</canvas><datalist><option>x</datalist><img alt=x>"
    )
    assert texts_of(html) == []


def test_buttons_labels_and_summaries_are_text() -> None:
    html = "<form><label>Name <input></label><button>Send</button></form><details><summary>More</summary>All</details>"
    assert texts_of(html) == ["Name", "Send", "More", "All"]


def test_a_button_divides_a_paragraph_only_with_text_of_its_own() -> None:
    assert texts_of("<p>one<button>two</button>three</p>") == ["one", "two", "three"]
    assert texts_of("<p>one<button><svg><title>x</title></svg></button> two<label></label></p>") == ["one two"]
    assert texts_of("<p>one<button><label></label></button>, two</p>") == ["one, two"]


def test_formulas_are_text_but_their_source_is_not() -> None:
    formula = "<math><mi>x</mi><mo>=</mo><mn>2</mn><annotation encoding=tex>x=2</annotation></math>"
    assert texts_of(f"<p>where {formula} holds") == ["where x=2 holds"]
    assert texts_of(f"<p>where <span style='display:none'>{formula}</span> holds") == ["where x=2 holds"]


def test_readings_of_ruby_stand_above_the_text() -> None:
    assert texts_of("<p><ruby>北<rp>(</rp><rt>ほく</rt><rp>)</rp></ruby>へ") == ["北へ"]


def test_the_template_of_a_shadow_root_is_shown_in_place() -> None:
    html = "<p>a</p><x-card><template shadowrootmode=open><p>b</p><p>c</p></template></x-card><p>d</p>"
    assert texts_of(html) == ["a", "b", "c", "d"]


# --- Tables ----------------------------------------------------------------------------------------------------------


def test_rows_of_a_table() -> None:
    html = "<table><caption>Ages</caption><tr><th>Name<th>Age<tr><td>Ada<td>36<br>years<tr><td><b>Bo</b><td>7</table>"
    assert [(b.tag, b.text, b.gap) for b in blocks_of(html)] == [
        ("paragraph", "Ages", True),
        ("row", "Name | Age", True),
        ("row", "Ada | 36 years", False),
        ("row", "Bo | 7", False),
    ]


def test_cells_of_one_paragraph_stay_in_their_row() -> None:
    assert tags_of("<table><tr><td><p>a</p><td><div><span>b</span></div></table>") == [("row", 0, "", "a | b")]


def test_empty_cells_keep_the_columns() -> None:
    html = "<table><tr><td><td>2020<td>2021<tr><td>Ada<td><td>36<td><td></table>"
    assert texts_of(html) == [" | 2020 | 2021", "Ada |  | 36"]


def test_a_row_with_one_cell_of_text_is_no_row() -> None:
    assert tags_of("<table><tr><td><td>only<td></table>") == [("paragraph", 0, "", "only")]


@pytest.mark.parametrize(
    "cell", ["<p>b</p><p>c</p>", "b<br><br>c", "<ul><li>b</ul>c", "<h2>b</h2>c", "b<table><tr><td>c</table>"]
)
def test_cells_of_layout_are_cut_like_anything_else(cell: str) -> None:
    html = f"<table><tr><td>a<td>{cell}<td>d</table>"
    assert texts_of(html) == ["a", "b", "c", "d"]
    assert "row" not in [block.tag for block in blocks_of(html)]


def test_a_table_within_a_cell() -> None:
    html = "<table><tr><td>menu<td><table><tr><td>a<td>b</table><td>c</table>"
    assert [(b.tag, b.text) for b in blocks_of(html)] == [
        ("paragraph", "menu"),
        ("row", "a | b"),
        ("paragraph", "c"),
    ]


# --- White space and line breaks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>  one\n\ttwo  </p>", "one two"),
        ("<p>one <b> two </b> three", "one two three"),
        ("<p>un<b>believ</b>able", "unbelievable"),
        ("<p>one&nbsp;&nbsp;two&#8203;three&shy;four", "one twothreefour"),
        ("<p>one<span>&nbsp;</span>two", "one two"),
        ("<p>one<!-- two -->three", "onethree"),
        ("<p>H<sub>2</sub>O<wbr>x", "H2Ox"),
        ("<p>one<input>two<select><option>x</select>three", "one two three"),
        ("<p>e&#769;te&#769;&#11;!", "\u00e9t\u00e9 !"),
        ("<p>&amp;lt;b&gt;", "&lt;b>"),
    ],
)
def test_white_space_collapses_as_in_a_browser(html: str, text: str) -> None:
    assert texts_of(html) == [text]


def test_single_line_breaks_stay_double_ones_divide() -> None:
    html = "<p><br>Roses<br> are red,<br>\n<br/>violets<br>&nbsp;<br><br>are blue<br></p>"
    assert texts_of(html) == ["Roses\nare red,", "violets", "are blue"]


def test_a_rule_divides() -> None:
    assert texts_of("<div>one<hr>two</div>") == ["one", "two"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<div><a href=1>Home</a><a href=2>News</a></div>", "Home News"),
        ("<div><span class=a>Ada</span><span class=b>May 5</span></div>", "Ada May 5"),
        ("<div><span class=a>Ada</span><time>2020</time></div>", "Ada 2020"),
        ("<div><span class=a>1,2</span><span class=b>34 views</span></div>", "1,2 34 views"),
        ("<div><span class=a>31</span><span class=b>g</span></div>", "31g"),
        ("<div><span class=a>$</span><span class=b>5</span><span class=c>.99</span></div>", "$5.99"),
        ("<sup><a href=1>[1]</a></sup><sup><a href=2>[2]</a></sup>", "[1][2]"),
        ("<div><span>Ha</span><span>lf</span></div>", "Half"),
        ("<p><span class=a>Ha</span><span class=b>lf</span></p>", "Half"),
        ("<h2><span class=a>Ha</span><span class=b>lf</span></h2>", "Half"),
        ("<div><span class=a>中</span><span class=b>国</span></div>", "中国"),
        ("<div><a href=1>Half</a>way</div>", "Halfway"),
    ],
)
def test_labels_without_space_between(html: str, text: str) -> None:
    assert texts_of(html) == [text]


def test_gaps_are_where_a_page_sets_blocks_apart() -> None:
    html = "<p>a</p><ul><li>b<li>c<ol><li>d</ol><li>e</ul><ul><li>f</ul><p>g</p>"
    assert [(b.text, b.gap) for b in blocks_of(html)] == [
        ("a", True),
        ("b", True),
        ("c", False),
        ("d", False),
        ("e", False),
        ("f", True),
        ("g", True),
    ]


# --- Links -----------------------------------------------------------------------------------------------------------


def linked(block: Block) -> list[tuple[str, str]]:
    return [(block.text[link.start : link.end], link.href) for link in block.links]


def test_links_have_their_place_in_the_text() -> None:
    (block,) = blocks_of(
        "<p>\n See <a href='/a?b&amp;c'> our <b>new</b>\n shop </a>, or <a name=x>the</a> <a href=#top>top</a>"
    )
    assert block.text == "See our new shop , or the top"
    assert linked(block) == [("our new shop", "/a?b&c"), ("top", "#top")]
    assert block.link_chars == len("our new shop") + len("top")


def test_a_link_around_several_blocks_is_in_each() -> None:
    first, second = blocks_of("<a href=/x><h3>Title</h3><p>Teaser</p></a>")
    assert linked(first) == [("Title", "/x")]
    assert linked(second) == [("Teaser", "/x")]


def test_links_in_code_and_in_rows() -> None:
    code, row = blocks_of(
        "<pre>\n\n  <a href=f>f</a>(x) </pre><table><tr><td>a<td><a href=l>b</a> c<td><a href=m>d</a></table>"
    )
    assert (code.text, linked(code)) == ("  f(x)", [("f", "f")])
    assert (row.text, linked(row)) == ("a | b c | d", [("b", "l"), ("d", "m")])


def test_links_without_text_or_address_are_none() -> None:
    (block,) = blocks_of("<p><a href=x> </a><a href=y><img></a><a>one</a> two")
    assert (block.text, block.links, block.link_chars) == ("one two", (), 0)


# --- Containers ------------------------------------------------------------------------------------------------------


def test_containers_are_the_boxes_around_a_block() -> None:
    page = page_of(
        "<body class='Home  wide' id=Top><div><ARTICLE itemscope itemtype='https://schema.org/NewsArticle/'>"
        "<p id=Lead>one <span class=x>two</span><div role=NAVIGATION itemprop=y>three<section itemprop=articleBody>four"
    )
    one, three, four = page.blocks
    path, index = [], one.container
    while index >= 0:
        path.append(page.containers[index])
        index = page.containers[index].parent
    assert [(c.tag, c.names, c.role) for c in path] == [
        ("p", ("lead",), ""),
        ("article", (), "newsarticle"),
        ("div", (), ""),
        ("body", ("home", "wide", "top"), ""),
    ]
    assert page.containers[three.container].role == "navigation"
    assert page.containers[four.container].role == "articlebody"
    assert all(c.parent < index for index, c in enumerate(page.containers))


def test_custom_elements_are_containers_that_divide_words_only() -> None:
    page = page_of("<p>one<x-badge class=new>two</x-badge>three</p><x-note>four</x-note>")
    assert [(b.text, page.containers[b.container].tag) for b in page.blocks] == [
        ("one two three", "p"),
        ("four", "x-note"),
    ]
    joined = page_of("<div><x-a>one</x-a><x-a>two</x-a></div>")
    assert [(b.text, joined.containers[b.container].tag) for b in joined.blocks] == [("one two", "div")]


@pytest.mark.parametrize(
    "box",
    [
        "<div hidden>",
        "<div style='color:red; DISPLAY : None'>",
        "<div style=visibility:hidden>",
        "<div aria-hidden=true>",
        "<dialog>",
    ],
)
def test_hidden_boxes_are_named_so(box: str) -> None:
    page = page_of(f"<p>a</p>{box}<p>b</p>")
    shown, hidden = page.blocks
    assert "hidden" not in names_around(page, shown)
    assert "hidden" in names_around(page, hidden)


def test_notes_hidden_in_a_line_are_not_shown_but_long_text_is() -> None:
    assert texts_of("<p>one <span hidden>two</span><a style='display:none' href=x>three</a> four") == ["one four"]
    more = "A story that goes on. " * 20
    assert texts_of(f"<p>one <span style='display:none'>{more}</span>") == [f"one {more.strip()}"]


def test_names_are_capped() -> None:
    page = page_of(f"<div class='{' '.join(f'c{n}' for n in range(100))}'>a")
    assert page.containers[page.blocks[0].container].names == tuple(f"c{n}" for n in range(40))


# --- Head ------------------------------------------------------------------------------------------------------------


def test_what_a_page_states_about_itself() -> None:
    head = head_of(
        "<!doctype html><html lang=' de-AT '><head><title>\n A &amp; B </title><link rel=Canonical href=/a>"
        "<meta name=Author content=Ada><meta name=author content=Bo><meta property='OG:title' content='A\n B'>"
        "<meta name=empty content=''><meta charset=utf-8><script type='application/ld+json'> {\"@type\": 1} </script>"
        "</head><body><svg><title>x</title></svg><h1>A <i>and</i><br>B</h1>"
        "<script type=application/ld+json>[2]</script>"
    )
    assert head == {
        "title": "A & B",
        "lang": "de-AT",
        "canonical": "/a",
        "author": "Ada\nBo",
        "og:title": "A B",
        "jsonld": '{"@type": 1}\n[2]',
        "h1": "A and B",
    }


@pytest.mark.parametrize(
    ("html", "headline"),
    [
        ("<h1>a</h1>", "a"),
        ("<h1>a</h1><p>x</p><h1>a</h1>", "a"),
        ("<h1>a</h1><h1>b</h1>", "a\nb"),
        ("<div hidden><h1>a</h1></div><h1>b</h1>", "b"),
        ("<h2>a</h2>", None),
    ],
)
def test_the_headlines(html: str, headline: str | None) -> None:
    assert head_of(html).get("h1") == headline


def test_what_elements_are_marked_as() -> None:
    head = head_of(
        "<base href=/a/><p class=byline>By <a rel=author href=/ann>Ann Lee</a></p><p class=comment-author>Bo</p>"
        "<time itemprop=datePublished datetime=2024-03-05>today</time><time datetime=2024-03-06T10:00>now</time>"
        f"<div class=author-box>{'<p>She writes about mills.</p>' * 20}</div>"
    )
    assert head == {
        "base": "/a/",
        "byline": "By Ann Lee\nAnn Lee",
        "published": "2024-03-05",
        "time": "2024-03-06T10:00",
    }


def test_the_head_is_capped() -> None:
    script = "<script type=application/ld+json>" + "9" * 60_000 + "</script>"
    head = head_of(f"<title>{'t' * 5000}</title><meta name=n content={'c' * 5000}>{script}{script}")
    assert {name: len(value) for name, value in head.items()} == {"title": 1000, "n": 1000, "jsonld": 60_000}


def test_a_page_for_scripts_alone_has_its_text_in_noscript() -> None:
    story = "".join(f"<p>Part {n} of a story that is told without a script.</p>" for n in range(20))
    assert len(texts_of(f"<div id=app>Loading</div><noscript>{story}</noscript>")) == 21
    assert len(texts_of(f"{story * 2}<noscript>{story}</noscript>")) == 40
    assert texts_of("<noscript>Please switch scripts on.</noscript>") == []


# --- Bad and hostile pages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        ("", []),
        ("only text", ["only text"]),
        ("<p>a<!-- never closed <p>b", ["a", "b"]),
        ("<p>a<script>never closed<p>b", ["a", "b"]),
        ("<p>a<plaintext><p>b", ["a", "<p>b"]),
        ("<frameset><frame src=x><noframes><p>a</noframes></frameset>", ["a"]),
        ("<frameset><frame src=x></frameset>", []),
        ("<body><p>a<body class=x><p>b</body><p>c</html><p>d", ["a", "b", "c", "d"]),
        ("<table>a<tr>b<td>c</table>", ["ab", "c"]),
        ("<p>a\0b\ud800c", ["abc"]),
        ("</p></div><b>a</i>b<a href=x>c<p>d<", ["abc", "d<"]),
        ("<p>a</p" + " x" * 10, ["a"]),
    ],
)
def test_broken_pages(html: str, texts: list[str]) -> None:
    assert texts_of(html) == texts


@pytest.mark.parametrize("tag", ["div", "span", "b", "ul", "table", "section", "a", "x-y", "blockquote", "svg"])
def test_three_hundred_elements_deep(tag: str) -> None:
    assert "".join(texts_of(f"<p>a</p>{f'<{tag}>' * 300}{'<text>' if tag == 'svg' else 'b'}")) in ("ab", "a")
    assert texts_of(f"{'<div>' * 300}b")[0] == "b"


HOSTILE = {
    "nested div": "<div>" * 100_000 + "LAST",
    "nested and closed": "<div>" * 100_000 + "LAST" + "</div>" * 100_000,
    "nested lists": "<ul><li>" * 50_000 + "LAST",
    "nested formatting": "<b><p>" * 50_000 + "LAST",
    "unclosed formatting": "".join(f"<div><b id={n}>x</div>" for n in range(20_000)) + "LAST",
    "crossed elements": "<span><div></span>" * 50_000 + "LAST",
    "hidden in each other": "<span hidden>" * 50_000 + "LAST " * 100,
    "40,000 attributes": "<div " + " ".join(f"a{n}=1" for n in range(40_000)) + ">LAST",
    "a long attribute": f'<div title="{"a" * 20_000_000}">LAST',
    "many classes": f'<div class="{"a " * 5_000_000}">LAST',
    "a long text": "<p>" + "word " * 2_200_000 + "LAST",
    "line breaks": "x<br>" * 200_000 + "LAST",
    "links": "<a href=x>y</a>" * 100_000 + "LAST",
    "cells": "<table><tr>" + "<td>x" * 100_000 + "LAST",
    "rows": "<table>" + "<tr><td>x<td>y" * 30_000 + "LAST",
    "buttons": "<button>x</button>" * 50_000 + "LAST",
    "less-than signs": "<" * 1_000_000 + " LAST",
    "open tags": "<a " * 500_000 + "><p>LAST",
    "quotes": "<a b=\"'" * 300_000 + "\"'><p>LAST",
    "comments": "<!-- -" * 300_000 + "--><p>LAST",
    "scripts": "<script " * 300_000 + "></script><p>LAST",
    "noscripts": "<noscript>" + "<" * 1_000_000 + "</noscript><p>LAST",
    "invisible": "&#8203;" * 300_000 + "LAST",
    "marks": "a" + "&#769;" * 300_000 + " LAST",
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE)
def test_hostile_pages_take_linear_time_and_keep_their_text(html: str) -> None:
    start = time.process_time()
    page = page_of(html)
    assert time.process_time() - start < 15
    assert page.blocks[-1].text.endswith("LAST")
    assert len(page.folded) == len(page.blocks)


# --- Properties ------------------------------------------------------------------------------------------------------

TAGS = (
    *("div", "section", "article", "p", "h2", "ul", "ol", "li", "dl", "dd", "blockquote", "pre", "table", "tr", "td"),
    *("details", "button", "label", "a", "span", "b", "em", "x-y"),
)
BETWEEN = ("<br>", "<hr>", "<img>", "<!-- c -->", " ", "\n", "&nbsp;")


@st.composite
def markup(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Nested, unclosed and crossed elements around numbered words, and the words."""
    pieces = draw(
        st.lists(
            st.one_of(
                st.sampled_from(BETWEEN),
                st.sampled_from([f"<{tag}>" for tag in TAGS]),
                st.sampled_from([f"</{tag}>" for tag in TAGS]),
                st.sampled_from(["<span class=c>", "<a href=h>", "<div hidden>", "<ol start=4>"]),
                st.just("WORD"),
            ),
            max_size=60,
        )
    )
    words: list[str] = []
    for index, piece in enumerate(pieces):
        if piece == "WORD":
            words.append(f"w{index}w")
            pieces[index] = words[-1]
    return "".join(pieces), words


@given(markup())
def test_every_word_is_in_exactly_one_block(case: tuple[str, list[str]]) -> None:
    html, words = case
    page = page_of(html)
    found = re.findall(r"w\d+w", "\n".join(block.text for block in page.blocks))
    assert sorted(found) == sorted(words)


@given(markup())
def test_blocks_hold_together(case: tuple[str, list[str]]) -> None:
    page = page_of(case[0])
    assert len(page.folded) == len(page.blocks)
    for index, block in enumerate(page.blocks):
        assert block.index == index
        assert block.text.strip()
        assert page.containers[block.container].tag
        assert (block.level > 0) == (block.tag in ("heading", "item"))
        assert (block.lead != "") == (block.tag == "item")
        assert block.tag in ("code", "row") or block.text == re.sub(r"[^\S\n]+", " ", block.text).strip()
        ends = [0, *(place for link in block.links for place in (link.start, link.end)), len(block.text)]
        assert ends == sorted(ends)
        assert block.link_chars == sum(link.end - link.start for link in block.links)
        for link in block.links:
            linked_text = block.text[link.start : link.end]
            assert linked_text.strip()
            assert block.tag == "code" or linked_text == linked_text.strip()


@given(st.text(alphabet=st.sampled_from("<>/=\"' abdip!-&;#x0\n\0é"), max_size=200))
def test_no_markup_makes_it_fail(html: str) -> None:
    page = page_of(html)
    assert len(page.folded) == len(page.blocks)
