"""Matching: what each scope, guard and verdict makes of a page, and that looking up finds what trying all would."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from cleaner.examples import failing_examples
from cleaner.fold import fold
from cleaner.index import make_ready
from cleaner.match import DECISIVE_POINTS, Matcher, Matches
from cleaner.model import (
    Block,
    BlockTag,
    Body,
    Container,
    Document,
    Dom,
    Encoding,
    Example,
    Exemption,
    Page,
    Phrase,
    Rule,
    RuleSet,
    Source,
)


def phrases(*texts: str) -> tuple[Phrase, ...]:
    return tuple(Phrase("en", text, fold(text.replace("{n}", " 0 "))) for text in texts)


def rule(code: str = "REL001", kind: str = "related", *texts: str, **given: Any) -> Rule:
    """Make a decisive line rule for whole lines, unless `given` says otherwise."""
    verdict = {} if {"points", "keeps", "decisive"} & given.keys() else {"decisive": True}
    plain: dict[str, Any] = {"scope": "line", "match": "whole" if texts else None, **verdict, **given}
    return Rule(code, "a-name", kind, "A summary", phrases=phrases(*texts), **plain)


def matcher(*rules: Rule) -> Matcher:
    return Matcher(make_ready(RuleSet(tuple(sorted(rules, key=lambda one: one.code)), "0", "0" * 64)))


def page(
    *lines: str | Block,
    kind: Literal["html", "text"] = "text",
    url: str | None = None,
    containers: tuple[Container, ...] = (),
) -> Page:
    """Make a page of lines, or of blocks that are numbered here."""
    blocks = [line if isinstance(line, Block) else Block(0, line, "line") for line in lines]
    numbered = tuple(block._replace(index=index) for index, block in enumerate(blocks))
    document = Document(Source(b"", url=url), "", kind, Encoding("utf-8", "a test"))
    return Page(document, numbered, tuple(fold(block.text.replace("\n", " ")) for block in numbered), containers)


def block(text: str, tag: BlockTag = "paragraph", level: int = 0, container: int = -1, link_chars: int = 0) -> Block:
    return Block(0, text, tag, level=level, container=container, link_chars=link_chars)


def codes(matches: Matches) -> list[str]:
    """Give the codes of each block's evidence as one word."""
    return [" ".join(evidence.source for evidence in found) for found in matches.evidence]


def reasons(matches: Matches) -> list[str]:
    return [evidence.why for found in matches.evidence for evidence in found]


class TestPhrases:
    @pytest.mark.parametrize("line", ["Related articles", "RELATED ARTICLES »", "• Related – Articles:"])
    def test_a_whole_line_may_differ_in_case_and_punctuation(self, line: str) -> None:
        found = matcher(rule("REL001", "related", "related articles")).match(page(line))
        assert reasons(found) == ['whole line reads "related articles"']

    @pytest.mark.parametrize("line", ["Related articles of the treaty", "Articles", "", "…"])
    def test_another_line_is_not_matched(self, line: str) -> None:
        assert codes(matcher(rule("REL001", "related", "related articles")).match(page(line))) == [""]

    @pytest.mark.parametrize(
        ("line", "code"), [("Read also: More", "REL001"), ("READ ALSO", "REL001"), ("Read alsoran", "")]
    )
    def test_a_prefix_ends_with_a_word(self, line: str, code: str) -> None:
        assert codes(matcher(rule("REL001", "related", "read also", match="prefix")).match(page(line))) == [code]

    def test_of_two_prefixes_the_longer_is_the_reason(self) -> None:
        both = rule("REL001", "related", "read", "read also on this site", "read also", match="prefix")
        assert reasons(matcher(both).match(page("Read also on this page"))) == ['begins with "read also"']

    @pytest.mark.parametrize(
        ("line", "code"),
        [("So we use cookies here", "CKE001"), ("We use cookies", "CKE001"), ("We use cookiesheets", "")],
    )
    def test_a_contained_phrase_has_whole_words(self, line: str, code: str) -> None:
        assert codes(matcher(rule("CKE001", "cookie", "we use cookies", match="contains")).match(page(line))) == [code]

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("Read also: The Ferry", "REL001"),
            ("READ ALSO :", "REL001"),
            ("[Read also] The Ferry", "REL001"),
            ("【Read also】The Ferry", "REL001"),
            ("▶ Read also： The Ferry", "REL001"),
            ("Read also The Ferry: a novel", ""),
            ("Read also", ""),
            ("He said: Read also: this", ""),
        ],
    )
    def test_a_label_ends_with_a_colon_or_stands_in_brackets(self, line: str, code: str) -> None:
        assert codes(matcher(rule("REL001", "related", "read also", match="label")).match(page(line))) == [code]

    def test_a_number_stands_for_any_number(self) -> None:
        lines = ["12 Comments", "1.2K comments", "٣ comments", "comments"]
        found = matcher(rule("CNT001", "counter", "{n} comments")).match(page(*lines))
        assert codes(found) == ["CNT001", "CNT001", "CNT001", ""]

    def test_numbers_and_single_letters_are_found_within_a_line(self) -> None:
        made = matcher(rule("MET001", "metadata-label", "{n}年{n}月", "第{n}", match="contains"))
        assert codes(made.match(page("春2024年5月天", "第 3", "5月 3", "12 a"))) == ["MET001", "MET001", "", ""]

    def test_chinese_needs_no_spaces(self) -> None:
        found = matcher(rule("REL001", "related", "相关文章", match="prefix")).match(
            page("相关文章：春天", "不相关文章")
        )
        assert codes(found) == ["REL001", ""]

    def test_rules_of_one_phrase_all_speak_in_the_order_of_their_codes(self) -> None:
        found = matcher(rule("SHR001", "share", "share"), rule("COM001", "comments", "share")).match(page("Share"))
        assert codes(found) == ["COM001 SHR001"]

    def test_the_same_evidence_is_the_same_object(self) -> None:
        made = matcher(rule("SHR001", "share", "share"))
        first, second = made.match(page("Share", "SHARE")), made.match(page("share!"))
        assert first.evidence[0][0] is first.evidence[1][0] is second.evidence[0][0]


class TestExpressions:
    def test_a_whole_line_must_fit(self) -> None:
        made = matcher(rule(regex=(r"by \p{L}+",)))
        assert codes(made.match(page("by anna", "By Anna", "by anna today", "made by anna"))) == [
            "REL001",
            "REL001",
            "",
            "",
        ]

    def test_a_rule_may_have_several_and_phrases_too(self) -> None:
        made = matcher(rule("REL001", "related", "more", regex=("see .{1,9}", r"\d+ pages")))
        assert codes(made.match(page("More", "See this", "12 pages", "Pages"))) == ["REL001", "REL001", "REL001", ""]

    @pytest.mark.parametrize(
        "expression", [r"read\s+\w+", r"read[^.]+", r"read(?:\W+\w+)*", r"read\s*+\w*+", r"(read) \w+"]
    )
    def test_a_line_is_tried_apart_from_those_below(self, expression: str) -> None:
        lines = ["read this", "read", "this", "read that", "read. No", "read on"]
        alone = [bool(regex.fullmatch(expression, line, regex.IGNORECASE)) for line in lines]
        assert [bool(found) for found in matcher(rule(regex=(expression,))).match(page(*lines)).evidence] == alone

    def test_code_keeps_its_line_breaks(self) -> None:
        made = matcher(rule(regex=(r"a\nb", "c.d")))
        assert codes(made.match(page(block("a\nb", "code"), block("c\nd", "code"), "c d"))) == ["REL001", "", "REL001"]

    def test_an_expression_without_end_is_left_out_and_noted(self) -> None:
        made = matcher(rule("REL001", "related", regex=(r"(?:a|aa)+[bc]",)), rule("REL002", "related", regex=("a+",)))
        found = made.match(page("a" * 40 + "!", "a" * 40))
        assert codes(found) == ["", "REL002"]
        assert found.notes == ("an expression of REL001 took too long on this page and was left out",)
        assert codes(made.match(page("aac")))[0] == "REL001"

    @pytest.mark.parametrize("line", ["by", "by a", "by anna", "by annabel lee", "byte", "b"])
    def test_short_lines_and_long_ones_are_tried_alike(self, line: str) -> None:
        expression = "(?:by|by a.*|by annabel .*)"
        found = matcher(rule(regex=(expression,))).match(page(line, f"not {line}", line)).evidence
        fits = bool(regex.fullmatch(expression, line))
        assert [bool(one) for one in found] == [fits, False, fits]

    def test_an_expression_with_any_beginning_is_tried_too(self) -> None:
        assert codes(matcher(rule(regex=(".* read more",))).match(page("The ferry … read more", "The ferry"))) == [
            "REL001",
            "",
        ]


class TestGuards:
    def test_too_long_and_too_short_blocks_are_left(self) -> None:
        made = matcher(rule("REL001", "related", "more", match="prefix", min_words=2, max_words=3))
        assert codes(made.match(page("More", "More on this", "More on this day", "More 1,234 5"))) == [
            "",
            "REL001",
            "",
            "REL001",
        ]

    def test_expressions_have_guards_too(self) -> None:
        assert codes(matcher(rule(regex=("more.*",), max_words=2)).match(page("more on", "more on this"))) == [
            "REL001",
            "",
        ]

    def test_links_are_for_html_with_mostly_link_text(self) -> None:
        made = matcher(rule("REL001", "related", "more", links=True))
        linked, plain = block("More", link_chars=4), block("More", link_chars=2)
        assert codes(made.match(page(linked, plain, kind="html"))) == ["REL001", ""]
        assert codes(made.match(page(linked))) == [""]

    def test_exceptions_spare_blocks(self) -> None:
        spared = (Exemption(phrases("the treaty")[0], None, "law"), Exemption(None, r"\d{4}$", "a year"))
        made = matcher(rule("REL001", "related", "related", match="prefix", exemptions=spared))
        assert codes(made.match(page("Related", "Related to the Treaty.", "Related in 1999", "Related 1999 too"))) == [
            "REL001",
            "",
            "",
            "REL001",
        ]

    def test_an_exception_without_end_spares_and_is_noted(self) -> None:
        made = matcher(
            rule("REL001", "related", "a", match="prefix", exemptions=(Exemption(None, "(?:a|aa)+[bc]", "slow"),))
        )
        found = made.match(page("A " + "a" * 40))
        assert codes(found) == [""]
        assert found.notes

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("https://example.com/a", "REL001"),
            ("http://user@www.Example.com:8080?q", "REL001"),
            ("//news.example.com", "REL001"),
            ("https://notexample.com/", ""),
            ("https://example.com.evil.test/", ""),
            ("https://evil.test/example.com", ""),
            (None, ""),
        ],
    )
    def test_sites_are_hosts_and_their_subdomains(self, url: str | None, code: str) -> None:
        made = matcher(rule("REL001", "related", "more", sites=("example.com",)))
        assert codes(made.match(page("More", url=url))) == [code]


class TestAfter:
    COMMENTS = rule("COM001", "comments", "leave a reply")
    NAME = rule("COM002", "comments", "name", after="comments")

    def test_one_of_the_three_blocks_before_must_be_of_that_kind(self) -> None:
        made = matcher(self.COMMENTS, self.NAME)
        assert codes(made.match(page("Name", "Leave a reply", "x", "y", "Name")))[::4] == ["", "COM002"]
        assert codes(made.match(page("Leave a reply", "x", "y", "z", "Name")))[4] == ""

    def test_one_leads_to_the_next(self) -> None:
        found = matcher(self.COMMENTS, self.NAME).match(page("Leave a reply", "x", "Name", "x", "x", "Name"))
        assert codes(found) == ["COM001", "", "COM002", "", "", "COM002"]

    def test_what_is_known_from_elsewhere_counts(self) -> None:
        assert codes(matcher(self.NAME).match(page("x", "Name"), {0: "comments"})) == ["", "COM002"]

    def test_a_veto_is_no_evidence_of_its_kind(self) -> None:
        keeps = rule("COM001", "comments", "leave a reply", keeps=True)
        assert codes(matcher(keeps, self.NAME).match(page("Leave a reply", "Name"))) == ["COM001", ""]

    @pytest.mark.parametrize("expression", ["on .*", ".{1,9} says"])
    def test_expressions_wait_for_what_stands_before(self, expression: str) -> None:
        made = matcher(self.COMMENTS, rule("COM002", "comments", regex=(expression,), after="comments"))
        lines = ["on Anna says", "Leave a reply", "on Anna says"]
        assert codes(made.match(page(*lines))) == ["", "COM001", "COM002"]


class TestVerdicts:
    def test_decisive_points_and_keeps(self) -> None:
        found = matcher(
            rule("REL001", "related", "one", decisive=True),
            rule("REL002", "related", "two", points=7),
            rule("REL003", "related", "three", keeps=True),
        ).match(page("one", "two", "three"))
        said = [(e.points, e.decisive, e.veto, e.kind) for (e,) in found.evidence]
        assert said == [
            (DECISIVE_POINTS, True, False, "related"),
            (7, False, False, "related"),
            (-DECISIVE_POINTS, False, True, "related"),
        ]

    @pytest.mark.parametrize(("scope", "place"), [("line", "any"), ("head", "head"), ("tail", "tail")])
    def test_the_scope_is_the_place_where_evidence_counts(self, scope: str, place: str) -> None:
        ((evidence,),) = matcher(rule("REL001", "related", "more", scope=scope)).match(page("more")).evidence
        assert evidence.place == place


def section(code: str = "REL001", heading: str = "related", **given: Any) -> Rule:
    return rule(code, "related", heading, **{"scope": "section", "body": Body(None, 8), **given})


LONG = "This is a paragraph that has far more than eight words in it."


class TestSections:
    def test_a_section_takes_what_follows_up_to_a_long_block(self) -> None:
        found = matcher(section()).match(page("Before", "Related", "One", "Two", LONG, "Three"))
        assert codes(found) == ["", "REL001", "REL001", "REL001", "", ""]
        assert reasons(found)[1] == 'in the section headed "Related" (REL001)'

    def test_a_section_takes_no_more_blocks_than_it_may(self) -> None:
        found = matcher(section(body=Body(2, 8))).match(page("Related", "One", "Two", "Three"))
        assert codes(found) == ["REL001", "REL001", "REL001", ""]

    def test_another_sections_heading_starts_its_own(self) -> None:
        made = matcher(section(), section("REL002", "comments", body=Body(1, 8)))
        found = made.match(page("Related", "One", "Comments", "Two", "Three"))
        assert codes(found) == ["REL001", "REL001", "REL002", "REL002", ""]

    def test_a_heading_of_the_same_level_ends_it(self) -> None:
        def heading(text: str, level: int) -> Block:
            return block(text, "heading", level)

        blocks = [heading("Related", 3), heading("One", 4), block("Two"), heading("Three", 3), block("Four")]
        assert codes(matcher(section()).match(page(*blocks, kind="html"))) == ["REL001", "REL001", "REL001", "", ""]

    def test_under_a_plain_line_only_a_big_heading_ends_it(self) -> None:
        blocks = [block("Related"), block("One", "heading", 3), block("Two", "heading", 2), block("Three")]
        assert codes(matcher(section()).match(page(*blocks, kind="html"))) == ["REL001", "REL001", "", ""]

    def test_a_long_line_that_begins_like_a_heading_opens_nothing(self) -> None:
        made = matcher(section(match="prefix"))
        assert codes(made.match(page(f"Related to that, {LONG}", "One"))) == ["", ""]
        assert codes(made.match(page("Related to that", "One"))) == ["REL001", "REL001"]

    def test_an_exception_spares_a_block_within(self) -> None:
        made = matcher(section(exemptions=(Exemption(phrases("editor's note")[0], None, "a note"),)))
        assert codes(made.match(page("Related", "Editor’s note", "Two"))) == ["REL001", "", "REL001"]

    def test_a_heading_that_must_stand_after_something_waits_for_it(self) -> None:
        made = matcher(section(after="share"), rule("SHR001", "share", "share"))
        assert codes(made.match(page("Related", "One", "Share", "Related", "One"))) == [
            "",
            "",
            "SHR001",
            "REL001",
            "REL001",
        ]


class TestBetween:
    BETWEEN = rule(
        "NEW001", "newsletter", "subscribe", scope="between", until=phrases("no thanks"), max_blocks=3, match="prefix"
    )

    def test_all_goes_from_the_opening_to_the_closing_line(self) -> None:
        found = matcher(self.BETWEEN).match(page("x", "Subscribe now", LONG, "No thanks", "y"))
        assert codes(found) == ["", "NEW001", "NEW001", "NEW001", ""]
        assert reasons(found)[1:] == ['between "Subscribe now" and "No thanks"'] * 2

    def test_without_a_closing_line_in_time_only_the_opening_goes(self) -> None:
        found = matcher(self.BETWEEN).match(page("Subscribe now", "1", "2", "3", "No thanks"))
        assert codes(found) == ["NEW001", "", "", "", ""]

    def test_the_nearest_closing_line_counts(self) -> None:
        found = matcher(self.BETWEEN).match(page("Subscribe now", "No thanks", "No thanks"))
        assert codes(found) == ["NEW001", "NEW001", ""]


class TestContainers:
    RULE = rule(
        "CKE501",
        "cookie",
        scope="dom",
        dom=Dom(("cc-window",), ("consent",), ("dialog",), ("dialog",), ("cookie", "consent-bar")),
    )

    def found_in(self, *containers: Container, rules: tuple[Rule, ...] = (RULE,)) -> list[str]:
        inner = block("We bake.", container=len(containers) - 1)
        return reasons(matcher(*rules).match(page(inner, block("Outside"), kind="html", containers=containers)))

    @pytest.mark.parametrize(
        ("container", "why"),
        [
            (Container(-1, "div", ("x", "cc-window"), ""), 'in <div class="cc-window">'),
            (Container(-1, "div", ("consent",), ""), 'in <div id="consent">'),
            (Container(-1, "div", ("top-cookie_2",), ""), 'in <div class="top-cookie_2">'),
            (Container(-1, "div", ("gdpr-consent-bar",), ""), 'in <div class="gdpr-consent-bar">'),
            (Container(-1, "div", (), "dialog"), 'in <div role="dialog">'),
            (Container(-1, "dialog", (), ""), "in <dialog>"),
        ],
    )
    def test_names_words_roles_and_tags(self, container: Container, why: str) -> None:
        assert self.found_in(container) == [why]

    @pytest.mark.parametrize("name", ["cookie\ntop", "top\ncookie", "größe-cookie", "a" * 190 + "-cookie-" + "b" * 90])
    def test_a_word_is_found_in_any_name(self, name: str) -> None:
        plain, found = Container(-1, "div", ("top", "cookies"), ""), Container(0, "div", (name, "top"), "")
        assert self.found_in(plain, found) == [f'in <div class="{name[:200]}">']

    @pytest.mark.parametrize("name", ["cookies", "bar-consent", "consent2go", "cc-window2", "cookiebar", "c" * 5000])
    def test_other_names_are_not_matched(self, name: str) -> None:
        assert self.found_in(Container(-1, "div", (name,), "")) == []

    def test_blocks_further_in_are_found_once_by_the_outermost(self) -> None:
        outer, between, inner = (
            Container(-1, "div", ("cc-window",), ""),
            Container(0, "p", (), ""),
            Container(1, "b", ("cookie",), ""),
        )
        assert self.found_in(outer, between, inner) == ['in <div class="cc-window">']

    def test_what_the_whole_page_is_called_says_nothing(self) -> None:
        assert (
            self.found_in(Container(-1, "html", ("cookie",), ""), Container(0, "body", ("has-cookie",), "dialog")) == []
        )

    def test_guards_are_about_the_block(self) -> None:
        short = replace(self.RULE, max_words=1)
        assert self.found_in(Container(-1, "dialog", (), ""), rules=(short,)) == []

    @pytest.mark.parametrize(("inside", "outside", "speaks"), [(25, 25, True), (26, 25, False), (20, 0, True)])
    def test_a_rule_that_would_take_most_of_the_running_text_is_silent(
        self, inside: int, outside: int, speaks: bool
    ) -> None:
        made = matcher(replace(self.RULE, max_share=50))
        blocks = [block("word " * inside, container=0), block("OK", container=1), block("word " * outside, container=2)]
        boxes = tuple(Container(-1, "div", (name,), "") for name in ("cookie", "consent-bar", "story"))
        found = codes(made.match(page(*blocks, kind="html", containers=boxes)))
        assert found == (["CKE501", "CKE501", ""] if speaks else ["", "", ""])

    def test_a_page_without_containers_is_no_trouble(self) -> None:
        assert codes(matcher(self.RULE).match(page("cookie", kind="html"))) == [""]

    def test_a_name_beyond_all_measure_is_cut(self) -> None:
        (why,) = self.found_in(Container(-1, "div", ("cookie-" + "x" * 100_000,), ""))
        assert len(why) < 300


class TestExamples:
    def test_sound_examples_pass(self) -> None:
        sound = rule(
            "REL001", "related", "related", examples=(Example(("Related:", "RELATED"), ("Related by blood",), "prose"),)
        )
        assert failing_examples(sound) == []

    def test_each_wrong_block_is_named(self) -> None:
        wrong = rule("REL001", "related", "related", examples=(Example(("Related\nOne",), ("Two\nRelated",), ""),))
        assert failing_examples(wrong) == [
            'drop "Related\nOne": block "One" is not matched',
            'keep "Two\nRelated": block "Related" is matched: whole line reads "related"',
        ]

    def test_an_example_without_text_is_wrong(self) -> None:
        blank = rule("REL001", "related", "related", examples=(Example((" ",), ("\n",), ""),))
        assert len(failing_examples(blank)) == 2

    def test_a_rule_that_keeps_is_read_the_other_way_round(self) -> None:
        keeps = rule("REL001", "related", "related", keeps=True, examples=(Example(("Related to",), ("Related",), ""),))
        assert failing_examples(keeps) == []
        assert len(failing_examples(replace(keeps, keeps=False, decisive=True))) == 2

    def test_after_takes_its_first_line_for_the_block_before(self) -> None:
        name = rule(
            "COM002",
            "comments",
            "name",
            after="comments",
            examples=(Example(("Post it\nName",), ("Name", "His\nName"), ""),),
        )
        assert failing_examples(name) == []
        assert failing_examples(replace(name, examples=(Example(("Name",), ("x",), ""),)))

    def test_containers_are_tried_in_html(self) -> None:
        drop, keep = '<div class="cookie-note"><p>We use cookies.</p></div>', '<div class="recipe"><p>Bake.</p></div>'
        dom = rule(
            "CKE501", "cookie", scope="dom", dom=Dom(words=("cookie",)), examples=(Example((drop,), (keep,), ""),)
        )
        assert failing_examples(dom) == []

    def test_sites_are_tried_on_their_site(self) -> None:
        site = rule("REL001", "related", "more", sites=("example.com",), examples=(Example(("More",), ("Most",), ""),))
        assert failing_examples(site) == []


WORDS = st.sampled_from(["read", "also", "more", "12", "related", "the", "ferry", "été", "相关", "—"])
LINES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)


@given(st.lists(LINES, max_size=6), st.lists(LINES.filter(lambda line: bool(fold(line))), min_size=1, max_size=6))
def test_looking_up_finds_what_trying_all_phrases_finds(lines: list[str], texts: list[str]) -> None:
    rules = [
        rule(f"REL{n:03d}", "related", text, match=match)
        for n, (text, match) in enumerate((text, match) for text in texts for match in ("whole", "prefix", "contains"))
    ]
    found = matcher(*rules).match(page(*lines)).evidence
    for line, evidence in zip(map(fold, lines), found, strict=True):
        expected = []
        for one in rules:
            phrase = one.phrases[0].folded
            fits = {
                "whole": line == phrase,
                "prefix": f"{line} ".startswith(f"{phrase} "),
                "contains": f" {phrase} " in f" {line} ",
            }
            expected += [one.code] if fits[one.match or ""] else []
        assert [e.source for e in evidence] == expected
