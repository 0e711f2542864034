"""HTML within the limits of linear parsing: real pages stay as they are, harmful ones lose tags but no text."""

from __future__ import annotations

import re
import time

import pytest

from cleaner import clean
from cleaner.limits import MAX_ATTRIBUTES, MAX_DEPTH, within_limits


def depth_of(html: str) -> int:
    depth = deepest = 0
    for slash in re.findall(r"<(/?)(?:div|section|x-y)\b", html):
        depth += -1 if slash else 1
        deepest = max(deepest, depth)
    return deepest


ROW = "<tr class='r'><td title=\"a > b\">one<td><a href=x>two</a><p>three<p>four</tr>"
ORDINARY = {
    "many rows": f"<table>{ROW * 3000}</table>",
    "unclosed paragraphs": "<p>text<li>item<dd>entry<option>" * 5000,
    "voids": "<br><img src=x><input><hr>" * 5000,
    "balanced": "<div><section><span>x</span></section></div>" * 3000,
    "tags in comments": "<!-- <div> -->" * 10_000,
    "tags in scripts": "<script>'<div>'</script>" * 10_000,
    "tags in attributes": "<i title='<div>'></i>" * 10_000,
    "a drawing": "<svg>" + "<path d='M0 0'/>" * 10_000 + "</svg>",
    "a picture": f"<img src='data:{'A' * 100_000}'>",
    "long text": "word " * 100_000,
    "a script of comparisons": "<script>" + "if (a <b) c = 1; " * 10_000 + "</script>",
    "some attributes": "<div " + " ".join(f"data-long-name-{n}='{'v' * 100}'" for n in range(200)) + ">x</div>",
}


@pytest.mark.parametrize("html", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_pages_stay_as_they_are(html: str) -> None:
    assert within_limits(html) == html


@pytest.mark.parametrize("tag", ["div", "section", "x-y"])
def test_deep_pages_become_no_deeper_than_a_browser_builds_them(tag: str) -> None:
    html = f"<{tag}>word " * 20_000
    limited = within_limits(html)
    assert depth_of(limited) == MAX_DEPTH
    assert limited.count("word ") == 20_000
    assert limited.count("<hr>") == 20_000 - MAX_DEPTH


def test_a_few_deep_levels_do_no_harm() -> None:
    html = "<div>" * 3000 + "x"
    assert within_limits(html) == html


def test_end_tags_of_others_do_not_make_room() -> None:
    for unit in ("<div></x-y>", "<div></span>", "<div><!--</div>-->", "<span><div></span>"):
        assert depth_of(re.sub("<!--.*?-->", "", within_limits(unit * 20_000))) <= MAX_DEPTH


def test_elements_after_a_deep_part_are_left() -> None:
    deep = "<div>" * 600 + "</div>" * 600
    html = deep + "<section>one</section>" * 5000
    assert within_limits(html).count("<section>") == 5000


def test_unclosed_formatting_is_limited() -> None:
    html = "".join(f"<p><b id={n}>word</p>" for n in range(10_000))
    limited = within_limits(html)
    assert limited.count("<b ") < 100
    assert limited.count("word") == limited.count("<p>") == 10_000


@pytest.mark.parametrize("value", ["1", "a > b", "a < b", "<i"])
def test_attributes_beyond_a_number_go(value: str) -> None:
    crowd = " ".join(f'a{n}="{value}"' for n in range(40_000))
    limited = within_limits(f"<p>one</p><div {crowd}>two</div><p class=last>three</p>")
    assert len(re.findall(r"\ba\d+=", limited)) == MAX_ATTRIBUTES
    assert limited.startswith(f"<p>one</p><div {crowd[:20]}")
    assert limited.endswith("two</div><p class=last>three</p>")


@pytest.mark.parametrize("unit", ["<", "<a ", '<a b="', "<a b='\"", "<!--", "<!---", "<script ", "<a =", "</", "<svg/"])
def test_time_is_linear(unit: str) -> None:
    start = time.process_time()
    within_limits(unit * 500_000)
    within_limits("<a" + unit[1:] * 500_000)
    assert time.process_time() - start < 15


def test_what_the_caps_leave_out_is_told() -> None:
    words = "The ferry was late again, and nobody on the quay was surprised."
    deep = clean("<html><body>" + "<div>" * 9000 + f"<p>{words}</p>")
    assert words in deep.text
    assert any("deeper than 512" in note for note in deep.notes)
    crowded = clean("<html><body><p " + " ".join(f"a{i}=1" for i in range(9000)) + f">{words}</p>")
    assert any("256th" in note for note in crowded.notes)
    marked = f"{words} Z" + "\u0301" * 300 + "algo."
    for page in (marked, f"<html><body><p>{marked}</p>"):
        assert any("combining marks" in note for note in clean(page).notes)
    assert not {"512", "256th", "combining"} & set(" ".join(clean(f"<html><body><p>{words}</p>").notes).split())
