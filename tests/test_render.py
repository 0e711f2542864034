"""Rendering: what stood apart stays apart, and Markdown shows the same text again."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cleaner.errors import InputError
from cleaner.inline import escape
from cleaner.markdown import markdown
from cleaner.model import Article, Block, BlockTag, Decision, Document, Encoding, Judgement, Link, Page, Source
from cleaner.render import headed, json_line, present, record, text, visible

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def block(words: str, tag: BlockTag = "paragraph", **more: Any) -> Block:
    return Block(index=0, text=words, tag=tag, **more)


def whole(*blocks: Block) -> str:
    return text(blocks, [True] * len(blocks))


def page_of(*blocks: Block) -> Page:
    return Page(Document(Source(b""), "", "html", Encoding("utf-8", "test")), blocks, ("",) * len(blocks))


def marked(*blocks: Block, url: str | None = None) -> str:
    return markdown(page_of(*blocks), [True] * len(blocks), url=url)


def shown(source: str) -> str:
    """The text a reader of this Markdown sees, each block's lines on lines of their own."""
    lines = []
    for token in READER.parse(source):
        if token.type == "inline":
            lines.append("".join(_shown_inline(child) for child in token.children or []))
        elif token.type in ("fence", "code_block", "html_block"):
            lines.append(token.content.rstrip("\n"))
    return "\n".join(lines)


def _shown_inline(token: Any) -> str:
    assert token.type in {"text", "text_special", "hardbreak", "softbreak", "link_open", "link_close"}, token.type
    return "\n" if token.type.endswith("break") else token.content


def article(**more: Any) -> Article:
    fields: dict[str, Any] = {
        "id": "a.html", "text": "Body.\n", "title": None, "url": None, "author": None, "date": None, "language": None,
        "status": "ok", "removed": {}, "ruleset": "1.0+00000000",
    }  # fmt: skip
    return Article(**(fields | more))


def judged(blocks: Sequence[Block], keep: Sequence[bool]) -> Judgement:
    return Judgement(page_of(*blocks), tuple(Decision(k, 0, None if k else "share", ()) for k in keep))


class TestText:
    def test_blocks_that_stood_apart_are_apart(self) -> None:
        assert whole(block("One."), block("Two.", gap=False), block("Three.")) == "One.\nTwo.\n\nThree.\n"

    @pytest.mark.parametrize(
        ("gaps", "expected"),
        [((False, False), "a\nc\n"), ((True, False), "a\n\nc\n"), ((False, True), "a\n\nc\n")],
    )
    def test_a_dropped_block_leaves_its_distance(self, gaps: tuple[bool, bool], expected: str) -> None:
        blocks = [block("a"), block("b", gap=gaps[0]), block("c", gap=gaps[1])]
        assert text(blocks, [True, False, True]) == expected

    def test_an_empty_body_is_the_empty_string(self) -> None:
        assert text([], []) == ""
        assert text([block("a")], [False]) == ""
        assert whole(block("  ")) == ""

    def test_markers_and_indentation_stand(self) -> None:
        items = [block("one", "item", lead="  • "), block("deep", "item", lead="    - ", gap=False)]
        assert whole(*items) == "  • one\n    - deep\n"

    def test_lines_within_a_block_stand_and_lose_trailing_spaces(self) -> None:
        assert whole(block("Rue du Port \n12")) == "Rue du Port\n12\n"

    def test_code_keeps_its_inner_white_space(self) -> None:
        assert whole(block("if x:\n    y  =  1\n", "code")) == "if x:\n    y  =  1\n"

    def test_never_more_than_one_blank_line(self) -> None:
        assert whole(block("a\n\n\n\nb", "code"), block("c")) == "a\n\nb\n\nc\n"

    def test_nfc(self) -> None:
        assert whole(block("cafe\u0301")) == "caf\u00e9\n"

    def test_length_of_the_mask_must_agree(self) -> None:
        with pytest.raises(ValueError, match="shorter"):
            text([block("a")], [])


class TestMarkdown:
    def test_a_typical_body(self) -> None:
        body = marked(
            block("Ferries", "heading", level=2),
            block("Two boats *run*."),
            block("in summer", "item", level=1),
            block("daily", "item", level=2, gap=False),
            block("in winter", "item", level=1, gap=False),
            block("first", "item", level=1, lead="1. "),
            block("second", "item", level=1, lead="2. ", gap=False),
            block("Nobody came.", "quote"),
            block("Nobody left.", "quote"),
            block("print('`')", "code"),
            block("Port | Boats", "row"),
            block("Split | 2", "row", gap=False),
        )
        assert body == (
            "## Ferries\n\nTwo boats \\*run\\*.\n\n- in summer\n  - daily\n- in winter\n\n1. first\n2. second\n\n"
            "> Nobody came.\n>\n> Nobody left.\n\n```\nprint('`')\n```\n\n"
            "| Port | Boats |\n| --- | --- |\n| Split | 2 |\n"
        )

    def test_title_first(self) -> None:
        assert markdown(page_of(block("Body.")), [True], title="1 * 1 #") == "# 1 \\* 1 \\#\n\nBody.\n"
        assert markdown(page_of(), [], title="Only") == "# Only\n"
        assert markdown(page_of(), []) == ""

    def test_a_fence_is_longer_than_any_inside(self) -> None:
        assert marked(block("```\nx\n````", "code")) == "`````\n```\nx\n````\n`````\n"

    def test_adjacent_lines_stay_lines(self) -> None:
        assert marked(block("Roses,", "line"), block("violets.", "line", gap=False)) == "Roses,\\\nviolets.\n"

    def test_deeper_lines_of_an_item_stay_in_it(self) -> None:
        body = marked(block("one\ntwo", "item", lead="10. "), block("x", "item", level=1, gap=False))
        assert body == "10. one\\\n    two\n    - x\n"

    def test_numbers_that_do_not_count_on_are_kept(self) -> None:
        items = [block(w, "item", level=1, lead=f"{w}. ", gap=False) for w in ("3", "4", "7", "7", "1")]
        starts = [
            (int(token.attrs.get("start", 1)), token.markup)
            for token in READER.parse(marked(*items))
            if token.type == "ordered_list_open"
        ]
        assert starts == [(3, "."), (7, ")"), (7, "."), (1, ")")]

    def test_a_nested_list_that_begins_late_is_a_list(self) -> None:
        body = marked(block("a", "item", level=1), block("b", "item", level=2, lead="5. ", gap=False))
        assert [t.type for t in READER.parse(body)].count("ordered_list_open") == 1

    def test_markers_markdown_does_not_know(self) -> None:
        body = marked(block("one", "item", lead="  • "), block("two", "item", lead="a) ", gap=False))
        assert body == "- one\n- a) two\n"

    def test_table_cells_escape_pipes_and_rows_are_filled_up(self) -> None:
        body = marked(block("a|b | c", "row"), block("d", "row", gap=False))
        assert body == "| a\\|b | c |\n| --- | --- |\n| d |  |\n"

    def test_rows_of_one_cell_are_no_table(self) -> None:
        assert marked(block("a", "row"), block("b", "row", gap=False)) == "a\\\nb\n"

    def test_rows_that_stand_apart_are_two_tables(self) -> None:
        assert marked(block("a | b", "row"), block("c | d", "row")).count("| --- | --- |") == 2

    def test_a_link_in_a_cell(self) -> None:
        row = block("Port | see Split", "row", links=(Link(11, 16, "/s"),))
        assert marked(row, url="https://example.org/a/") == (
            "| Port | see [Split](https://example.org/s) |\n| --- | --- |\n"
        )


class TestLinks:
    def link(self, href: str, url: str | None = "https://example.org/news/a.html") -> str:
        return marked(block("see here!", links=(Link(4, 8, href),)), url=url).strip()

    @pytest.mark.parametrize(
        ("href", "address"),
        [
            ("b.html", "https://example.org/news/b.html"),
            ("//cdn.example.org/x", "https://cdn.example.org/x"),
            ("mailto:a@example.org", "mailto:a@example.org"),
            ("https://example.org/a b(1)", "https://example.org/a%20b%281%29"),
            ("/a?b=1&copy;=2", "https://example.org/a?b=1&amp;copy;=2"),
            ("/`x`<b>", "https://example.org/%60x%60%3Cb%3E"),
        ],
    )
    def test_addresses(self, href: str, address: str) -> None:
        assert self.link(href) == f"see [here]({address})!"

    @pytest.mark.parametrize(
        "href",
        [
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "\x01javascript:x",
            "data:text/html,x",
            "http://[",
            "file:///etc",
        ],
    )
    def test_what_is_no_link(self, href: str) -> None:
        assert self.link(href) == "see here!"

    def test_a_relative_address_without_a_base_is_plain(self) -> None:
        assert self.link("b.html", url=None) == "see here!"

    def test_no_picture_from_an_exclamation_mark(self) -> None:
        body = marked(block("Wow! now", links=(Link(4, 8, "https://example.org/"),)))
        assert body == "Wow! [now](https://example.org/)\n"
        body = marked(block("Wow!now", links=(Link(4, 7, "https://example.org/"),)))
        assert body == "Wow\\![now](https://example.org/)\n"

    def test_overlapping_and_empty_links(self) -> None:
        links = (
            Link(0, 3, "https://example.org/1"),
            Link(1, 5, "https://example.org/2"),
            Link(5, 5, "https://example.org/3"),
        )
        assert shown(marked(block("abcde f", links=links))) == "abcde f"


SIGNS = st.text(alphabet="ab1. *_-+#>`~[]()!<&;\\|=:/é中\n", min_size=1, max_size=30)

#: A list item's level, its lead and whether it stands apart.
ITEMS = st.tuples(st.integers(0, 3), st.sampled_from(["", "- ", "1. ", "2) ", "7. "]), st.booleans())


def settled(words: str) -> str:
    """A block's text as segmenting gives it: lines without white space at their ends, none of them empty."""
    return "\n".join([" ".join(line.split()) for line in words.split("\n") if line.strip()])


class TestRoundTrip:
    @given(SIGNS)
    @example("a\\")
    @example("a__b __c d__ _")
    @example("- a\n---\n===\n1. b\n2) c\n> d\n# e\n+")
    @example("a | b\n--- | ---\n1 | 2")
    @example("<b>&amp;&#42;</b> <https://example.org>")
    @example("[x]: https://example.org\n[x]")
    @example("&\nlt;")
    def test_a_paragraph_shows_its_text(self, words: str) -> None:
        words = settled(words)
        assert shown(marked(block(words))) == words

    @given(SIGNS, st.sampled_from(["heading", "item", "quote", "line", "code"]))
    @example("#", "heading")
    @example("a ##", "heading")
    @example("- [ ] x", "item")
    def test_every_tag_shows_its_text(self, words: str, tag: BlockTag) -> None:
        words = settled(words)
        if tag == "heading":
            words = words.replace("\n", " ")
        assert shown(marked(block(words, tag))) == words

    @given(st.lists(st.tuples(SIGNS, st.booleans()), min_size=1, max_size=5))
    def test_runs_of_lines_show_their_text(self, lines: list[tuple[str, bool]]) -> None:
        blocks = [block(settled(words), "line", gap=gap) for words, gap in lines]
        expected = "\n".join(b.text for b in blocks if b.text)
        assert shown(marked(*blocks)) == expected

    @given(st.lists(ITEMS, min_size=1))
    def test_lists_of_any_shape_keep_every_item(self, items: list[tuple[int, str, bool]]) -> None:
        blocks = [block(f"x{i}", "item", level=lv, lead=lead, gap=gap) for i, (lv, lead, gap) in enumerate(items)]
        tokens = READER.parse(marked(*blocks))
        assert [t.content for t in tokens if t.type == "inline"] == [b.text for b in blocks]
        assert [t.type for t in tokens].count("list_item_open") == len(blocks)

    @given(st.lists(SIGNS.filter(lambda s: s.strip()), min_size=2, max_size=4))
    def test_table_cells_show_their_text(self, cells: list[str]) -> None:
        cells = [" ".join(cell.replace(" | ", " ").split()) for cell in cells]
        row = " | ".join(cells)
        if row.split(" | ") == cells:  # a cell that is a lone border can't be told from one
            assert shown(marked(block(row, "row"))) == "\n".join(cells)


def test_escape_leaves_ordinary_prose_alone() -> None:
    prose = "A snake_case name, C:\\Users, 3 < 4 & 5 > 2, AT&T, 50 % (or $5) at x.example — “fine”!"
    assert escape(prose) == prose


class TestPresent:
    def test_markdown_from_the_judgement_which_is_left_behind(self) -> None:
        blocks = [block("Share"), block("A *b*", links=(Link(0, 1, "/x"),))]
        made = article(title="T", url="https://example.org/", judgement=judged(blocks, [False, True]))
        shaped = present(made, "markdown", title=True)
        assert shaped.text == "# T\n\n[A](https://example.org/x) \\*b\\*\n"
        assert shaped.judgement is None

    def test_text_with_its_title(self) -> None:
        assert present(article(title="T"), title=True).text == "T\n\nBody.\n"
        assert present(article(title=None), title=True).text == "Body.\n"
        assert present(article(title="T")).text == "Body.\n"

    def test_a_title_alone(self) -> None:
        assert headed("", "T", "text") == "T\n"


class TestRecord:
    def test_order_and_nulls(self) -> None:
        made = record(article(removed={"share": 2}, notes=("a",), metadata={"k": [1, {"b": None}]}))
        assert " ".join(made) == "id text title url author date language status removed ruleset notes metadata"
        assert made["title"] is None
        assert made["metadata"] == {"k": [1, {"b": None}]}

    def test_what_json_cannot_hold(self) -> None:
        odd = {"nan": math.nan, "inf": -math.inf, "\udce9": "\ud800", "set": {1}, "big": 10**30}
        line = json_line(record(article(id="caf\udce9.html", metadata=odd)))
        line.encode("utf-8")
        read = json.loads(line)
        assert read["id"] == "caf\\udce9.html"
        assert read["metadata"] == {"nan": None, "inf": None, "\\udce9": "\\ud800", "set": "{1}", "big": 10**30}

    def test_letters_stay_letters_and_lines_stay_one(self) -> None:
        line = json_line(record(article(text="дом\nдом\n")))
        assert "дом\\nдом\\n" in line
        assert line.endswith("}\n")
        assert line.count("\n") == 1

    def test_too_deep_is_an_error_of_this_record_alone(self) -> None:
        deep: Any = None
        for _ in range(2000):
            deep = [deep]
        with pytest.raises(InputError, match="deeper than 100 levels"):
            record(article(metadata={"deep": deep}))


def test_visible_shows_what_could_drive_a_terminal() -> None:
    assert visible("a\x1b[31m\nb\u202e\ud800\x9b") == "a\\x1b[31m\\nb\\u202e\\ud800\\x9b"
    assert visible("می\u200cخواهم 中文 👩\u200d🚀") == "می\u200cخواهم 中文 👩\u200d🚀"
