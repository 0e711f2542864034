"""Flat text into blocks: what a line is, where lists nest, and that each line can be put together again."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.model import Block, Document, Encoding, Source
from cleaner.segment import segment


def blocks_of(text: str) -> tuple[Block, ...]:
    return segment(Document(Source(b""), text, "text", Encoding("utf-8", "test"))).blocks


def only(line: str) -> Block:
    (block,) = blocks_of(line)
    return block


def test_each_line_that_is_not_blank_is_a_block() -> None:
    blocks = blocks_of("First line\nsecond line\n\n \t\nThird line\n")
    assert [(b.index, b.text, b.tag, b.gap) for b in blocks] == [
        (0, "First line", "line", True),
        (1, "second line", "line", False),
        (2, "Third line", "line", True),
    ]
    assert {(b.container, b.link_chars, b.links, b.level) for b in blocks} == {(-1, 0, (), 0)}


@pytest.mark.parametrize("text", ["", "\n", " \n\t\n\u00a0"])
def test_nothing_but_space_has_no_blocks(text: str) -> None:
    page = segment(Document(Source(b""), text, "text", Encoding("utf-8", "test")))
    assert page.blocks == () == page.folded


def test_texts_are_folded_one_for_each_block() -> None:
    page = segment(Document(Source(b""), "# Größe\n\n  • 12 Stück\n", "text", Encoding("utf-8", "test")))
    assert page.folded == ("große".replace("ß", "ss"), "0 stuck")


def test_space_within_a_line_stays_as_it_is() -> None:
    assert only("  int  main(void)   {  ") == Block(0, "int  main(void)   {", "line", lead="  ")


@pytest.mark.parametrize(
    ("line", "lead", "text"),
    [
        ("• Bread", "• ", "Bread"),
        ("•Bread", "•", "Bread"),
        ("  • Bread", "  • ", "Bread"),
        ("\t- Bread", "\t- ", "Bread"),
        ("- Bread", "- ", "Bread"),
        ("*   Bread", "*   ", "Bread"),
        ("· Bread", "· ", "Bread"),
        ("▪ Bread", "▪ ", "Bread"),
        ("» Bread", "» ", "Bread"),
        ("  – Bread", "  – ", "Bread"),
        ("·   · 14 loaves", "·   · ", "14 loaves"),
        ("  • - Bread", "  • - ", "Bread"),
        ("•\u00a0Bread", "•\u00a0", "Bread"),
        ("1. Bread", "1. ", "Bread"),
        ("1) Bread", "1) ", "Bread"),
        ("12) Bread", "12) ", "Bread"),
        ("b) Bread", "b) ", "Bread"),
        ("- - -5 degrees", "- - ", "-5 degrees"),
    ],
)
def test_list_items(line: str, lead: str, text: str) -> None:
    block = only(line)
    assert (block.tag, block.level, block.lead, block.text) == ("item", 1, lead, text)


@pytest.mark.parametrize(
    "line",
    [
        "– Bonjour, dit-elle.",
        "— Good morning, she said.",
        "  — Good morning, she said.",
        "-5 degrees in the morning",
        "--verbose prints more",
        "*Bread* is baked daily",
        "8. August was the hottest day",
        "1999. That was the year",
        "3.5 litres of milk",
        "a.) first of all",
        "I) ",
        "* * *",
        "- - -",
        "•",
        "• •",
        "-",
        "----------",
        "1.",
        "#bread is trending",
        "#",
    ],
)
def test_lines_that_only_look_like_list_items(line: str) -> None:
    block = only(line)
    assert (block.tag, block.level) == ("line", 0)
    assert block.lead + block.text == line.rstrip()
    assert not block.lead.strip()


def test_numbers_count_on_at_each_indentation() -> None:
    text = "1. Mix\nKnead it well.\n2. Bake\n  1. Heat\n  2. Wait\n3. Eat\n5. Mai 2020\n"
    assert [(b.tag, b.level) for b in blocks_of(text)] == [
        ("item", 1),
        ("line", 0),
        ("item", 1),
        ("item", 2),
        ("item", 2),
        ("item", 1),
        ("line", 0),
    ]


def test_items_nest_by_indentation() -> None:
    text = "  • A\n    • B\n\n      said below B\n\n      • C\n    • D\n  • E\n\nText\n\n    • F\n"
    assert [(b.text, b.level) for b in blocks_of(text)] == [
        ("A", 1),
        ("B", 2),
        ("said below B", 0),
        ("C", 3),
        ("D", 2),
        ("E", 1),
        ("Text", 0),
        ("F", 1),
    ]


def test_a_tab_indents_as_far_as_four_spaces() -> None:
    assert [b.level for b in blocks_of("- A\n\t- B\n    - C\n        - D")] == [1, 2, 2, 3]


def test_markdown_headings() -> None:
    assert [(b.tag, b.level, b.lead, b.text) for b in blocks_of("# One\n###  Three #\n####### Seven")] == [
        ("heading", 1, "# ", "One"),
        ("heading", 3, "###  ", "Three #"),
        ("line", 0, "", "####### Seven"),
    ]


@pytest.mark.parametrize("line", ["Name\tAge\tTown", "Name | Age | Town", "| Name | Age |", "|---|---|"])
def test_rows(line: str) -> None:
    assert only(line).tag == "row"


@pytest.mark.parametrize("line", ["Name\tAge", "Home | News", "|", "x || y || z"])
def test_lines_that_are_no_rows(line: str) -> None:
    assert only(line).tag == "line"


LINES = st.text(alphabet=st.sampled_from("ab1. )\t-*•·–»#|\u00a0\u3000éß中ي\u0301"), max_size=20)


@given(st.lists(LINES))
def test_lead_and_text_make_up_the_line(lines: list[str]) -> None:
    blocks = blocks_of("\n".join(lines))
    assert [b.lead + b.text for b in blocks] == [line.rstrip() for line in lines if line.strip()]
    assert [b.index for b in blocks] == list(range(len(blocks)))
    for block in blocks:
        assert block.text == block.text.strip() != ""
        assert (block.level > 0) == (block.tag in ("item", "heading"))


@given(st.lists(LINES))
def test_gaps_are_the_blank_lines(lines: list[str]) -> None:
    expected = [index == 0 or not lines[index - 1].strip() for index, line in enumerate(lines) if line.strip()]
    assert [b.gap for b in blocks_of("\n".join(lines))][1:] == expected[1:]


@given(st.text())
def test_every_text_has_a_folded_line_for_each_block(text: str) -> None:
    page = segment(Document(Source(b""), text, "text", Encoding("utf-8", "test")))
    assert len(page.folded) == len(page.blocks)


@pytest.mark.parametrize(
    "unit", ["a", " ", "• ", "- ", "– ", "1. ", "# ", "\t", "| ", "a\t", "\n", "- a\n", "1. a\n"], ids=repr
)
def test_time_grows_only_with_length(unit: str) -> None:
    text = unit * (4_000_000 // len(unit)) + "x"
    start = time.process_time()
    blocks = blocks_of(text)
    assert time.process_time() - start < 20
    assert blocks[-1].text.endswith("x")


def test_flat_text_does_without_the_html_parser() -> None:
    code = (
        "import sys; from cleaner.model import *; from cleaner.segment import segment\n"
        "segment(Document(Source(b''), '- a', 'text', Encoding('utf-8', '')))\n"
        "print(*sorted({'selectolax', 'lxml', 'ftfy', 'cleaner.dom'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def test_html_goes_to_the_dom() -> None:
    page = segment(Document(Source(b""), "<p>One<p>Two", "html", Encoding("utf-8", "test")))
    assert [b.tag for b in page.blocks] == ["paragraph", "paragraph"]
    assert page.containers
