"""A reader's word becomes a sound rule and a case; what is there already is neither lost nor doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner import Cleaner, Options, Source
from cleaner.errors import RuleError, UsageError
from cleaner.golden import Cleaners, check, load_cases
from cleaner.index import make_ready
from cleaner.lint import problems, read_rules
from cleaner.match import Matcher
from cleaner.model import Article, RuleSet
from cleaner.proposal import FILE, Verdict, checked, host_of, propose, record
from cleaner.rules import load_rules

PROSE = (
    "The last ferry of the evening left the harbour twenty minutes late, and most of those who had waited for it "
    "on the windy quay had already gone home to their families by the time its lights came round the mole."
)
SECOND = (
    "Nobody on board could say what had held it up, though the captain, who has run the line for thirty years, "
    "blamed the new ticket machines and the tourists who had never seen one like them before."
)
THIRD = (
    "The company said on Friday that it would look into the matter, that it was sorry for the wait, and that the "
    "machines had been tried on another line for a year before they came to this one."
)
SLOGAN = "Quay & Mole: “the paper that never sinks”"
TEXT = f"Share this:\n\n{PROSE}\n\n{SLOGAN}\n\n{SECOND}\n\n{THIRD}\n\nRelated articles\n\nNine boats and one mooring\n"
CODES = {rule.code for rule in load_rules().rules}


def lint(folder: Path) -> tuple[int, list[str]]:
    """How many rules are in a folder, and what `clean rules lint` says of them."""
    checked = read_rules([str(folder)])
    return len(checked.rules), problems(checked)


def cleaned(text: str = TEXT, *rules: Path, url: str | None = None, kind: str = "text") -> Article:
    options = Options(rules=tuple(map(str, rules)))
    return Cleaner(options).clean(Source(text.encode(), id="sub/quay.txt", url=url, kind=kind))  # type: ignore[arg-type]


def block(article: Article, start: str) -> int:
    assert article.judgement
    return next(block.index for block in article.judgement.page.blocks if block.text.startswith(start))


def is_kept(article: Article, start: str) -> bool:
    assert article.judgement
    return article.judgement.decisions[block(article, start)].keep


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return tmp_path / "my-rules"


class TestRules:
    def test_what_should_have_gone_goes(self, rules: Path) -> None:
        before = cleaned()
        assert is_kept(before, "Quay")
        proposal = propose(before, Verdict(block(before, "Quay"), False, "masthead"), CODES, rules)
        assert proposal.rule
        assert (proposal.rule.code, proposal.rule.decisive) == ("MST401", True)
        assert lint(rules) == (1, [])
        assert cleaned(TEXT, rules).text == f"{PROSE}\n\n{SECOND}\n\n{THIRD}\n"

    def test_what_should_have_stayed_stays(self, rules: Path) -> None:
        before = cleaned()
        assert not is_kept(before, "Nine boats")
        propose(before, Verdict(block(before, "Nine boats"), True, "related"), CODES, rules)
        assert lint(rules) == (1, [])
        after = cleaned(TEXT, rules)
        assert is_kept(after, "Nine boats")
        assert not is_kept(after, "Related articles")

    def test_the_examples_are_lines_of_the_page_that_resemble_each_other(self, rules: Path) -> None:
        near = "It is not for nothing that Quay & Mole calls itself the paper that never sinks, said the captain."
        article = cleaned(TEXT.replace(SECOND, f"{SECOND}\n\n{near}"))
        propose(article, Verdict(block(article, SLOGAN), False, "masthead"), CODES, rules)
        [rule] = [rule for rule in load_rules([rules]).rules if rule.code == "MST401"]
        assert rule.examples[0].drop == (SLOGAN,)
        assert rule.examples[0].keep == (near,)

    def test_a_rule_for_one_site(self, rules: Path) -> None:
        article = cleaned(url="https://www.quay.example/a?b")
        host = host_of(article.url)
        propose(article, Verdict(block(article, "Quay"), False, "masthead", host), CODES, rules)
        assert not is_kept(cleaned(TEXT, rules, url="https://news.quay.example/"), "Quay")
        assert is_kept(cleaned(TEXT, rules, url="https://mole.example/"), "Quay")

    @pytest.mark.parametrize(
        ("url", "host"),
        [
            (None, None),
            ("https://www.Quay.example:80/a", "quay.example"),
            ("http://user@quay.example", "quay.example"),
            ("file:///quay", None),
            ("javascript:alert(1)//quay.example", None),
            ('https://quay".example/', None),
            ("https://localhost/", None),
        ],
    )
    def test_hosts(self, url: str | None, host: str | None) -> None:
        assert host_of(url) == host

    @pytest.mark.parametrize(
        "line",
        [
            "* * *",
            "— {n} —",
            'He said "no", and \\ went',
            "Boats, 12 of them",
            "Line with ' and \"\"\" and '''",
            "[[rule]]",
            "北港的渡轮今晚又晚点了",
            "…",
            "x" * 400,
            "a\tb",
        ],
    )
    @pytest.mark.parametrize("keep", [True, False])
    def test_any_line_becomes_a_sound_rule_that_does_it(self, rules: Path, line: str, keep: bool) -> None:
        article = cleaned(f"{PROSE}\n\n{line}\n\n{SECOND}\n")
        rule = propose(article, Verdict(1, keep, "navigation"), CODES, rules).rule
        assert rule
        assert rule == checked((rules / FILE).read_text(encoding="utf-8"), rules / FILE)
        assert article.judgement
        said = Matcher(make_ready(RuleSet((rule,), "", ""))).match(article.judgement.page).evidence
        assert [[evidence.veto for evidence in of_block] for of_block in said] == [[], [keep], []]

    def test_code_of_several_lines(self, rules: Path) -> None:
        html = f"<html><body><main><p>{PROSE}</p><pre>one = 1\ntwo  = 2</pre><p>{SECOND}</p></main></body></html>"
        article = cleaned(html, kind="html")
        propose(article, Verdict(block(article, "one"), False, "navigation"), CODES, rules)
        assert lint(rules) == (1, [])
        assert not is_kept(cleaned(html, rules, kind="html"), "one")

    def test_rules_are_added_below_what_is_there(self, rules: Path) -> None:
        article = cleaned()
        propose(article, Verdict(block(article, "Quay"), False, "masthead"), CODES, rules)
        first = (rules / FILE).read_text(encoding="utf-8")
        proposal = propose(article, Verdict(block(article, "Nobody"), False, "masthead"), {*CODES, "MST401"}, rules)
        assert proposal.rule
        assert proposal.rule.code == "MST402"
        assert (rules / FILE).read_text(encoding="utf-8").startswith(first)
        assert lint(rules) == (2, [])

    def test_codes_that_were_taken_meanwhile_are_left_alone(self, rules: Path) -> None:
        rules.mkdir()
        (rules / "mine.toml").write_text('[[rule]]\ncode = "MST401"\n', encoding="utf-8")
        article = cleaned()
        proposal = propose(article, Verdict(block(article, "Quay"), False, "masthead"), CODES, rules)
        assert proposal.rule
        assert proposal.rule.code == "MST402"

    def test_the_opposite_takes_it_back(self, rules: Path) -> None:
        article = cleaned()
        before = block(article, "Quay")
        propose(article, Verdict(before, False, "masthead"), CODES, rules)
        propose(article, Verdict(block(article, "Nobody"), False, "masthead"), {*CODES, "MST401"}, rules)
        proposal = propose(article, Verdict(before, True, "masthead"), CODES, rules)
        assert (proposal.rule, proposal.withdrawn) == (None, ("MST401",))
        text = (rules / FILE).read_text(encoding="utf-8")
        assert "MST401" not in text
        assert checked(text, rules / FILE).code == "MST402"

    def test_a_file_that_was_broken_by_hand_is_left_as_it_is(self, rules: Path) -> None:
        rules.mkdir()
        (rules / FILE).write_text("[[rule]\n", encoding="utf-8")
        article = cleaned()
        with pytest.raises(RuleError, match=r"review\.toml:1: TOML: "):
            propose(article, Verdict(block(article, "Quay"), False, "masthead"), CODES, rules)
        assert (rules / FILE).read_text(encoding="utf-8") == "[[rule]\n"

    def test_numbers_run_out(self, rules: Path) -> None:
        article = cleaned()
        taken = {f"MST{number}" for number in range(401, 500)}
        with pytest.raises(UsageError, match=r"all numbers .* of kind masthead are taken"):
            propose(article, Verdict(block(article, "Quay"), False, "masthead"), taken, rules)
        assert not rules.exists()


class TestCases:
    def test_a_case_holds_once_the_rule_is_there(self, rules: Path, tmp_path: Path) -> None:
        article = cleaned()
        verdict = Verdict(block(article, "Quay"), False, "masthead")
        propose(article, verdict, CODES, rules)
        after = cleaned(TEXT, rules)
        folder = record(article, verdict, after, tmp_path / "golden", Options(rules=(str(rules),)))
        [case] = load_cases(folder)
        assert case.expected.decode() == f"{PROSE}\n\n{SECOND}\n\n{THIRD}\n"
        assert [(drop.line, drop.kind) for drop in case.drops] == [(SLOGAN, "masthead")]
        assert check(case, Cleaners(Options()).clean).problems == ()
        assert not check(case, lambda case: cleaned()).passed, "it is the rule that makes it pass"

    def test_a_second_word_on_a_page_adds_to_its_case(self, rules: Path, tmp_path: Path) -> None:
        article, golden, options = cleaned(), tmp_path / "golden", Options(rules=(str(rules),))
        first = Verdict(block(article, "Quay"), False, "masthead")
        propose(article, first, CODES, rules)
        record(article, first, cleaned(TEXT, rules), golden, options)
        article = cleaned(TEXT, rules)
        second = Verdict(block(article, "Nine boats"), True, "related")
        propose(article, second, {*CODES, "MST401"}, rules)
        record(article, second, cleaned(TEXT, rules), golden, options)
        [case] = load_cases(golden)
        assert case.expected.decode() == f"{PROSE}\n\n{SECOND}\n\n{THIRD}\n\nNine boats and one mooring\n"
        assert [drop.kind for drop in case.drops] == ["masthead"]
        assert check(case, Cleaners(Options()).clean).problems == ()
        assert [path.name for path in golden.iterdir()] == [case.name]

    def test_pages_of_one_name_have_cases_of_their_own(self, tmp_path: Path) -> None:
        for text in (TEXT, TEXT + "\nMore of it\n"):
            article = cleaned(text)
            record(article, Verdict(block(article, "Quay"), False, "masthead"), article, tmp_path, Options())
        assert len(load_cases(tmp_path)) == 2

    def test_lines_that_read_alike_go_together(self, tmp_path: Path) -> None:
        article = cleaned(f"{PROSE}\n\n{SLOGAN}\n\n{SECOND}\n\n{SLOGAN.upper()}\n\n{PROSE}\n")
        folder = record(article, Verdict(1, False, "masthead"), article, tmp_path, Options())
        assert load_cases(folder)[0].expected.decode() == f"{PROSE}\n\n{SECOND}\n\n{PROSE}\n"
