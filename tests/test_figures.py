"""The figures behind the rules are those of the shipped rules, and no decisive rule has worse ones than it may."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
import tomli

from cleaner.figures import Figures, load_figures
from cleaner.model import Rule
from cleaner.rules import load_rules

RULES = load_rules()
FIGURES = load_figures()
DECISIVE = [rule for rule in RULES.rules if rule.decisive]
#: The share of lines of which a decisive rule must be right, and from how many lines on a share can be told.
PRECISION, ENOUGH = 0.995, 200


def test_the_figures_are_of_the_shipped_rules() -> None:
    stale = "the rules have changed: run `python -m bench figures` and `python -m docs.build`"
    assert list(FIGURES.rules) == [rule.code for rule in RULES.rules], stale
    assert FIGURES.ruleset == RULES.digest, stale


def test_most_rules_have_figures() -> None:
    assert sum(figures.lines > 0 for figures in FIGURES.rules.values()) > 0.9 * len(RULES.rules)


@pytest.mark.parametrize("rule", DECISIVE, ids=[rule.code for rule in DECISIVE])
def test_a_decisive_rule_is_right(rule: Rule) -> None:
    figures = FIGURES.rules[rule.code]
    wrong = figures.lines - figures.chrome
    assert wrong <= (1 if figures.lines < ENOUGH else (1 - PRECISION) * figures.lines), f"{rule.code}: {figures}"


def test_figures_in_words() -> None:
    assert str(Figures(1200, 1194, 300, 90)) == "1,194 of 1,200 lines were chrome, on 300 pages of 90 sites"
    assert str(Figures(0, 0, 0, 0)) == "no line of the corpora"
    assert Figures(0, 0, 0, 0).precision is None
    assert Figures(8, 6, 2, 1).precision == 0.75


@pytest.mark.skipif(find_spec("scipy") is None, reason="scipy is not installed: pip install -e '.[dev]'")
class TestCounting:
    """How lines are counted; `bench.figures` labels them as the fit does, and needs what that needs."""

    def test_each_line_of_a_page_counts_once(self) -> None:
        from bench.figures import Matched, tally

        matched = [
            Matched("SHR001", "a", "one.example", "share this", True),
            Matched("SHR001", "a", "one.example", "share this", True),
            Matched("SHR001", "a", "one.example", "print", True),
            Matched("SHR001", "a", "one.example", "print", False),
            Matched("SHR001", "b", "one.example", "share this", True),
        ]
        counted = tally(matched, ["SHR001", "SHR002"])
        assert counted == {"SHR001": Figures(3, 2, 2, 1), "SHR002": Figures(0, 0, 0, 0)}

    @pytest.mark.parametrize(
        ("labels", "body", "expected"),
        [
            ([True, True, False], "Ten shares were sold.\n\nPrint\n\nThe end.", [None, True, False]),
            ([True, True, False], "Ten shares were sold and the print is out.", [None, None, False]),
            ([True, None, False], None, [True, None, False]),
        ],
    )
    def test_a_short_line_is_body_only_where_it_is_a_line_of_the_body(
        self, labels: Sequence[bool | None], body: str | None, expected: Sequence[bool | None]
    ) -> None:
        from bench.figures import known
        from cleaner.model import Document, Encoding, Source
        from cleaner.segment import segment

        text = "Shares\nPrint\nRead on"
        page = segment(Document(Source(text.encode()), text, "text", Encoding("utf-8", "a test")))
        assert known(page, labels, body) == expected

    def test_what_is_written_is_read_again(self, tmp_path: Path) -> None:
        from bench.figures import write_figures

        write_figures(tmp_path / "figures.toml", FIGURES)
        written = tomli.loads((tmp_path / "figures.toml").read_text(encoding="utf-8"))
        assert written["ruleset"] == FIGURES.ruleset
        assert {code: Figures(**row) for code, row in written["rules"].items()} == FIGURES.rules
