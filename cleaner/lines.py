"""Find what rules say of a line by its words alone, and remember it: chrome repeats itself, on a page and beyond."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from cleaner.fold import count_words
from cleaner.lookup import Expression, ExpressionIndex, Index, Line, Number, PhraseIndex, Reasons
from cleaner.model import Rule
from cleaner.trials import Trials

#: A section's heading that only begins with a phrase has at most so many words, unless the rule sets `max_words`.
HEADING_WORDS: Final = 12
#: Lines of up to so many characters are remembered, and so many of them.
SHORT: Final = 100
MOST_REMEMBERED: Final = 20_000


class Found(NamedTuple):
    """The rules that a line's words fit, in their order; `waiting` are expressions that depend on the lines before."""

    reasons: Reasons
    waiting: tuple[Expression, ...]


class LineMatcher:
    """The rules about lines, ready to be matched against many."""

    def __init__(self, rules: Sequence[Rule], index: Index) -> None:
        self._rules = rules
        self._lengths = {number: _lengths(rule) for number, rule in enumerate(rules) if _has_lengths(rule)}
        self._phrases = PhraseIndex(index.phrases)
        self._expressions = ExpressionIndex(index)
        self._remembered: dict[str, Found | None] = {}

    def find(self, texts: Sequence[str], folded: Sequence[str], trials: Trials) -> dict[int, Found]:
        """Find the rules that apply to lines, given as written and folded; gives the lines that any applies to."""
        known = self._remembered
        fresh = {text: line for text, line in zip(texts, folded, strict=True) if text not in known}
        new = self._find_fresh(fresh, trials) if fresh else {}
        found = {index: one for index, text in enumerate(texts) if (one := known.get(text) or new.get(text))}
        if not trials.late:
            self._remember(fresh, new)
        return found

    def _remember(self, fresh: Collection[str], new: Mapping[str, Found]) -> None:
        if len(self._remembered) + len(fresh) > MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered.update({text: new.get(text) for text in fresh if len(text) <= SHORT})

    def _find_fresh(self, lines: Mapping[str, str], trials: Trials) -> dict[str, Found]:
        """Find the rules for lines, as written, each with the line folded."""
        reasons: dict[str, dict[Number, str]] = {}
        waiting: dict[str, list[Expression]] = {}
        for text, line, found in self._phrases.find(lines.items()):
            for number, why in found:
                if self.allows(number, line):
                    reasons.setdefault(text, {}).setdefault(number, why)
        for expression, worth in self._expressions.worth_trying(lines.items()):
            if self._rules[expression.number].after:
                for text, _ in worth:
                    waiting.setdefault(text, []).append(expression)
            else:
                for text in self.fitting(expression, worth, trials):
                    reasons.setdefault(text, {}).setdefault(expression.number, self.why(expression))
        return {
            text: Found(tuple(sorted(reasons.get(text, {}).items())), tuple(waiting.get(text, ())))
            for text in reasons.keys() | waiting.keys()
        }

    def fitting(self, expression: Expression, lines: Sequence[Line], trials: Trials) -> Collection[str]:
        """Give those lines, as written, that are short and long enough for an expression's rule and fit it."""
        number = expression.number
        texts = [text for text, line in lines if self.allows(number, line)]
        return trials.fitting(number, expression.source, expression.is_of_line, texts) if texts else ()

    def why(self, expression: Expression) -> str:
        """Say what it means that a line fits an expression."""
        return f"whole line fits the expression of {self._rules[expression.number].name}"

    def allows(self, number: Number, line: str) -> bool:
        """Tell whether a folded line is long and short enough for a rule."""
        if number not in self._lengths:
            return True
        least, most = self._lengths[number]
        if not least and most >= len(line):  # no more words than characters: spare the counting
            return True
        return least <= count_words(line) <= most


def _has_lengths(rule: Rule) -> bool:
    return bool(rule.max_words or rule.min_words or rule.scope == "section")


def _lengths(rule: Rule) -> tuple[int, float]:
    """Give how many words a line must and may have for a rule."""
    is_loose = rule.scope == "section" and rule.match == "prefix"
    return rule.min_words, rule.max_words or (HEADING_WORDS if is_loose else float("inf"))
