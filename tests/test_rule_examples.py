"""Every example of every shipped rule: what it says must go is matched, what it says must stay is not."""

from __future__ import annotations

import pytest

from cleaner.examples import failing_examples
from cleaner.model import Rule
from cleaner.rules import load_rules

RULES = load_rules().rules


def test_there_are_shipped_rules() -> None:
    assert len(RULES) >= 100


@pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])
def test_examples(rule: Rule) -> None:
    assert failing_examples(rule) == []
