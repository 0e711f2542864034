"""Explaining: every block with its decision and reasons, and nothing of the page drives the terminal."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from cleaner.explain import lines, view
from cleaner.model import Article, Block, Decision, Document, Encoding, Evidence, Judgement, Page, Source

LENGTH = Evidence("length", 4, "2 words")
PLACE = Evidence("place", -9, "inside the body")


def share(points: int = 30) -> Evidence:
    return Evidence("SHR001", points, 'whole line is "{n} shares"', kind="share", decisive=True)


def article(*pairs: tuple[str, Decision], **more: Any) -> Article:
    blocks = tuple(Block(index, text, "line") for index, (text, _) in enumerate(pairs))
    document = Document(Source(b"", id="a\x1b.txt"), "", "text", Encoding("utf-8", "valid UTF-8"), ("line ends",))
    judgement = Judgement(Page(document, blocks, ("",) * len(blocks)), tuple(decision for _, decision in pairs))
    fields: dict[str, Any] = {"title": "Ferries", "notes": ("only 5 % of the text was kept",), "removed": {"share": 1}}
    return Article(
        id="a\x1b.txt", text="", url=None, author=None, date=None, language="en", status="ok", ruleset="1.0+0",
        judgement=judgement, **(fields | more),
    )  # fmt: skip


PAGE = article(
    ("1,234 Shares", Decision(False, 34, "share", ((LENGTH, share()),))),
    ("The ferry was late.", Decision(True, -5, None, ((LENGTH,), (PLACE, Evidence("prior", 0, "nothing known"))))),
)


class TestLines:
    def test_plain(self) -> None:
        assert list(lines(PAGE)) == [
            "a\\x1b.txt: text, utf-8 (valid UTF-8)",
            "rules 1.0+0",
            "repaired: line ends",
            "title: Ferries",
            "note: only 5 % of the text was kept",
            "",
            "-  +34  share  SHR001 +30, length +4                     1,234 Shares",
            "    -5         place -9, length +4                       The ferry was late.",
            "",
            "2 blocks = 1 kept + 1 dropped (1 share)",
        ]

    def test_colour_adds_nothing_but_colour(self) -> None:
        coloured = list(lines(PAGE, colour=True))
        assert any("\x1b[31m-" in line for line in coloured)
        bare = [re.sub(r"\x1b\[\d*m", "", line).rstrip() for line in coloured]
        assert bare == list(lines(PAGE))

    @pytest.mark.parametrize("text", ["x" * 500, "界" * 300, "e\u0301" * 300, "short"])
    @pytest.mark.parametrize("width", [72, 80, 200])
    def test_cut_to_the_terminal(self, text: str, width: int) -> None:
        def columns(line: str) -> int:
            return sum({"界": 2, "\u0301": 0}.get(character, 1) for character in line)

        page = article((text, Decision(False, 100, "boilerplate", ((share(), LENGTH, PLACE),))))
        row = list(lines(page, width=width))[-3]
        assert columns(row) <= width
        assert row.endswith("…") == (text != "short")

    def test_no_control_character_reaches_the_terminal(self) -> None:
        hostile = "\x1b]0;owned\x07 \x9b31m \r\u202e\u2028 line\nline"
        decision = Decision(False, 1, "share", ((Evidence("SHR\x1b001", 1, "x", kind="share"),),))
        page = article((hostile, decision), title=hostile, notes=(hostile,))
        shown = list(lines(page))
        assert all(line.isprintable() for line in shown)
        assert any("\\x1b]0;owned\\x07 \\x9b31m" in line for line in shown)

    def test_rules_come_first_and_a_veto_says_so(self) -> None:
        veto = Evidence("COM900", 0, "poem", kind="comments", veto=True)
        row = list(lines(article(("x", Decision(True, 4, None, ((LENGTH, veto),))))))[-3]
        assert "COM900 keeps, length +4" in row

    def test_an_empty_page(self) -> None:
        assert list(lines(article(removed={})))[-1] == "0 blocks = 0 kept + 0 dropped"


class TestView:
    def test_every_block_with_all_its_evidence(self) -> None:
        shown = view(PAGE)
        assert json.loads(json.dumps(shown)) == shown
        assert shown["encoding"] == {"name": "utf-8", "why": "valid UTF-8"}
        assert [(block["keep"], block["kind"], block["total"]) for block in shown["blocks"]] == [
            (False, "share", 34),
            (True, None, -5),
        ]
        assert shown["blocks"][0]["evidence"][1] == {
            "source": "SHR001", "points": 30, "why": 'whole line is "{n} shares"', "kind": "share", "decisive": True,
            "veto": False,
        }  # fmt: skip
        assert [evidence["source"] for evidence in shown["blocks"][1]["evidence"]] == ["length", "place", "prior"]

    def test_an_article_without_its_judgement_cannot_be_explained(self) -> None:
        parted = Article("a", "", None, None, None, None, None, "ok", {}, "1.0+0")
        with pytest.raises(ValueError, match="clean it again"):
            view(parted)
