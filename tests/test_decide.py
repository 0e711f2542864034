"""Adding up: caution, caps, vetoes, and what shape alone may not do."""

from __future__ import annotations

import pytest

from cleaner import clean
from cleaner.decide import RULE_CAP, _best_expected, _caution, rule_points, strongest_per_kind
from cleaner.model import Evidence

STRONG = Evidence("SHR001", 14, "begins with share", "share")
WEAK = Evidence("SHR002", 5, "has a word", "share")
OTHER = Evidence("NAV001", 9, "menu word", "navigation")
DECISIVE = Evidence("COM001", 30, "whole line", "comments", decisive=True)
VETO = Evidence("KEP001", -30, "kept", "share", veto=True)


def test_one_rule_per_kind_counts_and_it_is_the_strongest() -> None:
    assert strongest_per_kind((WEAK, STRONG, OTHER)) == (STRONG, OTHER)
    assert strongest_per_kind((STRONG, VETO)) == (VETO,)


def test_rules_that_are_not_decisive_are_capped_together() -> None:
    assert rule_points((STRONG, OTHER)) == RULE_CAP < STRONG.points + OTHER.points
    assert rule_points((DECISIVE, OTHER)) == 39


def test_a_clear_page_may_expect_more_than_a_doubtful_one() -> None:
    clear, doubtful = _best_expected([-30, 30], [50, 50]), _best_expected([-2, 2], [50, 50])
    assert doubtful < 0.8 < clear <= 1
    assert _caution(doubtful).points < _caution(clear).points <= 0


PROSE = "The ferry was late again on Monday, and nobody on the quay was in the least surprised by it."


def test_shape_alone_convicts_nothing_where_rules_find_nothing() -> None:
    poem = "The kettle sings\n\nthe lamp burns low\n\nthe tide is out\n\nthe tide is out"
    assert clean(poem).text == poem + "\n"


@pytest.mark.parametrize("chrome", ["Share this:", "Leave a Reply", "12,345 views"])
def test_a_decisive_rule_drops_alone_and_takes_no_prose_with_it(chrome: str) -> None:
    article = clean(f"{PROSE}\n\n{PROSE} Twice.\n\n{chrome}")
    assert article.text == f"{PROSE}\n\n{PROSE} Twice.\n"
    assert article.judgement is not None
    dropped = article.judgement.decisions[-1]
    assert any(evidence.decisive for evidence in dropped.evidence)


def test_a_headline_is_the_title_only_with_prose_right_after_it() -> None:
    assert clean(f"Old ferry is late again on Monday\n\n{PROSE}").title == "Old ferry is late again on Monday"
    assert clean("Old ferry is late again on Monday\n\nSo it goes with ferries\n\nand lamps").title is None


def test_rows_of_a_table_stand_together() -> None:
    rows = "".join(
        f"<tr><td>{port}</td><td>{boats}</td></tr>" for port, boats in [("Ardmore", 4), ("ALL", 9), ("%", "!")]
    )
    article = clean(
        f"<article><p>{PROSE}</p><table>{rows}</table><p>{PROSE} Twice.</p><p>{PROSE} Thrice.</p></article>"
    )
    assert article.judgement is not None
    blocks, decisions = article.judgement.page.blocks, article.judgement.decisions
    totals = [decision.total for block, decision in zip(blocks, decisions, strict=True) if block.tag == "row"]
    assert len(totals) == 3
    assert len(set(totals)) == 1
    assert all(decision.total == sum(said.points for said in decision.evidence) for decision in decisions)
