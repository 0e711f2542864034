"""Try hand-written expressions on lines, within a time: they can backtrack without end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from time import process_time
from typing import Final

import regex

#: Seconds that one trial of an expression may take, and all trials on a page together, and more on a long page.
EXPRESSION_SECONDS: Final = 0.1
PAGE_SECONDS: Final = 0.5
SECONDS_PER_CHARACTER: Final = 2e-6


@lru_cache(maxsize=4096)
def compile_expression(pattern: str) -> regex.Pattern[str]:
    """Compile a hand-written expression the way rules use it: ^ and $ stand at a line's ends; raises `regex.error`."""
    return regex.compile(pattern, regex.IGNORECASE | regex.MULTILINE | regex.VERSION0)


@lru_cache(maxsize=4096)
def _compile_for_lines(pattern: str) -> regex.Pattern[str]:
    """Compile an expression so that it fits whole lines of a text in which each stands between line breaks."""
    return compile_expression(f"\n(?:{pattern})(?=\n)")


class Trials:
    """Trials of expressions on one page of so many `characters`; `late` are the rules whose expressions took too long.

    The time is the processor's, as `regex` takes it: a busy machine must not change a result.
    """

    def __init__(self, characters: int) -> None:
        allowance = characters * SECONDS_PER_CHARACTER
        self._one = EXPRESSION_SECONDS + allowance
        self._end = process_time() + PAGE_SECONDS + allowance
        self.late: set[int] = set()

    def fitting(self, number: int, expression: str, is_of_line: bool, lines: Sequence[str]) -> Collection[str]:
        """Give the lines that an expression of rule `number` fits as a whole; none if it takes too long.

        `is_of_line` tells that it fits a line among others just as it fits it alone.
        """
        try:
            found = self._fitting_together(number, expression, lines) if is_of_line else None
            if found is not None:
                return found
            alone = compile_expression(expression)
            return [line for line in lines if alone.fullmatch(line, timeout=self._left(number))]
        except TimeoutError:
            self.late.add(number)
            return ()

    def _fitting_together(self, number: int, expression: str, lines: Sequence[str]) -> Collection[str] | None:
        """Try all lines with one call, as watching the time costs more than a trial that fails at once.

        Gives None if the expression fits several lines together, and may have missed one of them.
        """
        text = "\n".join(["", *lines, ""])
        found = _compile_for_lines(expression).findall(text, timeout=self._left(number))
        if any(["\n" in fit[1:] for fit in found]):
            return None
        return {fit[1:] for fit in found}.intersection(lines)

    def finds(self, number: int, expression: str, text: str) -> bool:
        """Tell whether an expression of a rule is found in the text; a late one counts as no."""
        try:
            return compile_expression(expression).search(text, timeout=self._left(number)) is not None
        except TimeoutError:
            self.late.add(number)
            return False

    def _left(self, number: int) -> float:
        left = self._end - process_time()
        if left <= 0 or number in self.late:
            raise TimeoutError
        return min(left, self._one)
