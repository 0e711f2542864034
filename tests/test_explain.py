"""Explaining: every block with its decision and reasons, and nothing of the page drives the terminal."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from cleaner import Cleaner
from cleaner.explain import NEAR, explained, find_blocks, lines, portable, view, why
from cleaner.model import Article, Block, Decision, Document, Encoding, Evidence, Judgement, Page, Rule, Source

LENGTH = Evidence("length", 4, "2 words")
PLACE = Evidence("place", -9, "inside the body")
SHARE = Rule("SHR001", "share-counter", "share", "Line holding only a counter", "line", decisive=True, file="mine.toml")


def share(points: int = 30) -> Evidence:
    return Evidence("SHR001", points, 'whole line is "{n} shares"', kind="share", decisive=True)


def hint(code: str = "REL001", points: int = 12, kind: str = "related") -> Evidence:
    return Evidence(code, points, "begins so", kind=kind)


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


def columns(line: str) -> int:
    return sum({"界": 2, "\u0301": 0}.get(character, 1) for character in line)


def bare(line: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", line)


class TestLines:
    def test_plain(self) -> None:
        assert list(lines(PAGE)) == [
            "a\\x1b.txt: text, utf-8 (valid UTF-8)",
            "rules 1.0+0",
            "repaired: line ends",
            "title: Ferries",
            "note: only 5 % of the text was kept",
            "",
            "- 1  +34  share  SHR001 +30, length +4                     1,234 Shares",
            "  2   -5         place -9, length +4                       The ferry was late.",
            "",
            "share              1  38.7 %  SHR001",
            "",
            "2 blocks = 1 kept + 1 dropped (1 share)",
        ]

    def test_colour_adds_nothing_but_colour(self) -> None:
        coloured = list(lines(PAGE, colour=True))
        assert [bare(line).rstrip() for line in coloured] == list(lines(PAGE))

    def test_dropped_text_is_struck_in_the_colour_of_its_kind_and_kept_text_is_plain(self) -> None:
        dropped, kept = list(lines(PAGE, colour=True))[6:8]
        assert dropped.endswith("\x1b[38;5;33m\x1b[9m1,234 Shares\x1b[0m")
        assert kept.endswith("\x1b[0mThe ferry was late.")

    @pytest.mark.parametrize("text", ["x" * 500, "界" * 300, "e\u0301" * 500, "mole " * 120, "short"])
    @pytest.mark.parametrize("width", [38, 60, 72, 80, 200])
    @pytest.mark.parametrize("colour", [True, False])
    def test_it_fits_the_terminal(self, text: str, width: int, colour: bool) -> None:
        page = article((text, Decision(False, 100, "boilerplate", ((share(), LENGTH, PLACE),))), removed={})
        start, *more = [bare(line) for line in lines(page, width=width, colour=colour)][6:-4]
        assert max(map(columns, [start, *more])) <= width
        assert "".join([start, *more]).rstrip().endswith("…") == (text != "short")
        assert len(more) == (0 if text == "short" else 2)
        assert all(line[:15].isspace() for line in more), "the margin stands before the first row alone"

    def test_rows_break_at_spaces(self) -> None:
        page = article(("The ferry was late, and nobody was surprised.", Decision(True, 0, None, ())), removed={})
        start, more = list(lines(page, width=50))[6:8]
        assert start.endswith("The ferry was late, and nobody")
        assert more.strip() == "was surprised."

    def test_a_narrow_terminal_has_codes_and_no_more(self) -> None:
        narrow = list(lines(PAGE, width=50))[6:8]
        assert narrow == ["- 1  +34  SHR001  1,234 Shares", "  2   -5          The ferry was late."]

    def test_no_control_character_reaches_the_terminal(self) -> None:
        hostile = "\x1b]0;owned\x07 \x9b31m \r\u202e\u2028 line\nline"
        decision = Decision(False, 1, "share", ((Evidence("SHR\x1b001", 1, "x\x1b", kind="share"),),))
        page = article((hostile, decision), title=hostile, notes=(hostile,))
        told = why(find_blocks(page, "1")[0], page, {})
        shown = [*lines(page), *lines(page, width=80), *told]
        assert all(line.isprintable() for line in shown)
        assert any("\\x1b]0;owned\\x07 \\x9b31m" in line for line in shown)

    def test_rules_come_first_and_a_veto_says_so(self) -> None:
        veto = Evidence("COM900", 0, "poem", kind="comments", veto=True)
        row = list(lines(article(("x", Decision(True, 4, None, ((LENGTH, veto),))))))[-3]
        assert "COM900 keeps, length +4" in row

    def test_an_empty_page(self) -> None:
        assert list(lines(article(removed={})))[-1] == "0 blocks = 0 kept + 0 dropped"


class TestNearMisses:
    @pytest.mark.parametrize(
        ("total", "near"), [(-NEAR - 1, False), (-NEAR, True), (0, True), (NEAR, True), (4, False)]
    )
    def test_a_total_close_to_the_threshold(self, total: int, near: bool) -> None:
        page = article(("x", Decision(total < 0, total, None, ((LENGTH,),))))
        assert [one.near for one in explained(page)] == [near]
        row, sum_up = (list(lines(page))[at] for at in (6, -1))
        assert ("~ " in row) is near
        assert sum_up.endswith("; ~ 1 near the threshold") is near

    def test_the_threshold_is_the_one_that_was_cleaned_with(self) -> None:
        page = article(("x", Decision(True, 5, None, ((LENGTH,),))))
        assert [one.near for one in explained(page, 6)] == [True]

    @pytest.mark.parametrize("final", [share(), Evidence("COM900", 0, "poem", kind="comments", veto=True)])
    def test_what_a_rule_settled_was_not_close(self, final: Evidence) -> None:
        assert not next(explained(article(("x", Decision(False, 1, "share", ((final,),)))))).near


class TestWhy:
    def told(self, *pairs: tuple[str, Decision], wanted: str = "1", threshold: int = 0) -> list[str]:
        page = article(*pairs)
        return list(why(find_blocks(page, wanted, threshold)[0], page, {"SHR001": SHARE}, threshold))

    def test_a_sum(self) -> None:
        assert self.told(
            ("1,234 Shares", Decision(False, 34, "share", ((LENGTH, share(), Evidence("prior", 0, "")),)))
        ) == [
            "a\\x1b.txt, block 1: dropped as share, because SHR001 is decisive",
            "  1,234 Shares",
            "",
            '   +30  SHR001  whole line is "{n} shares" (Line holding only a counter; mine.toml)',
            "    +4  length  2 words",
            "   +34  in all; blocks go from +0 on",
        ]

    def test_what_the_cap_takes_is_in_the_sum(self) -> None:
        said = (hint(), hint("NAV001", 11, "navigation"), PLACE)
        told = self.told(("x", Decision(False, 6, "related", (said,))))
        assert [int(line.split()[0]) for line in told[3:-1]] == [12, 11, -9, -8]
        assert "cap" in told[-2]
        assert told[0].endswith("dropped as related by its total")

    @pytest.mark.parametrize(
        ("decision", "words"),
        [
            (Decision(True, -9, None, ((PLACE,),)), "kept by its total"),
            (Decision(True, 4, None, ((LENGTH,),)), "kept, because in a flat text with hardly any chrome"),
            (
                Decision(False, 34, "title", ((Evidence("title", 30, "x", "title", True),),)),
                "because it is the headline",
            ),
            (Decision(True, 4, None, ((Evidence("COM900", -30, "x", "comments", veto=True),),)), "COM900 keeps"),
        ],
    )
    def test_what_settled_it(self, decision: Decision, words: str) -> None:
        assert words in self.told(("x", decision))[0]

    def test_a_block_is_meant_by_number_or_by_text_whatever_its_case(self) -> None:
        assert [one.number for one in find_blocks(PAGE, "2")] == [2]
        assert [one.number for one in find_blocks(PAGE, "FERRY")] == [2]
        assert [one.number for one in find_blocks(PAGE, "r")] == [1, 2]

    def test_digits_that_number_no_block_are_a_text(self) -> None:
        assert [one.number for one in find_blocks(PAGE, "234")] == [1]

    def test_no_such_block(self) -> None:
        assert find_blocks(PAGE, "harbour") == []


def test_an_article_is_explained_alike_in_another_process() -> None:
    import pickle

    article = Cleaner().clean(
        Source(b"Share this:\n\nThe ferry was late, and nobody on the quay was surprised.", id="a")
    )
    there = pickle.loads(pickle.dumps(portable(article)))
    assert view(there) == view(article)
    assert list(lines(there)) == list(lines(article))
    assert len(pickle.dumps(portable(article))) < 20_000


class TestView:
    def test_every_block_with_all_its_evidence(self) -> None:
        shown = view(PAGE)
        assert json.loads(json.dumps(shown)) == shown
        assert shown["encoding"] == {"name": "utf-8", "why": "valid UTF-8"}
        assert shown["threshold"] == 0
        assert [
            (block["number"], block["keep"], block["kind"], block["total"], block["near"]) for block in shown["blocks"]
        ] == [
            (1, False, "share", 34, False),
            (2, True, None, -5, False),
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
