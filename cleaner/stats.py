"""Count what each rule did on a number of pages: what it removed, where it agreed, and where it was overruled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cleaner.blame import decider
from cleaner.fold import count_words
from cleaner.model import Article, Decision, Rule

#: What removes a block where no rule says what it is.
SHAPE = "shape"
HEAD = ("rule", "kind", "removed", "words", "pages", "agreed", "overruled", "summary")


@dataclass(slots=True, frozen=True)
class Stats:
    """Counts over the pages of a run, by rule.

    `removed` are blocks that a rule decided to drop, with their `words` and `pages`; each dropped block counts once.
    `agreed` are blocks that another removed and the rule would have, `overruled` those that it spoke against in vain.
    """

    removed: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)
    agreed: Counter[str] = field(default_factory=Counter)
    overruled: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, str] = field(default_factory=dict)

    def add(self, article: Article) -> None:
        """Count one page. The article must carry its judgement."""
        seen: set[str] = set()
        judged = zip(article.judged.page.folded, article.judged.decisions, strict=True)
        for folded, decision in judged:
            by = None if decision.keep else decider(decision) or SHAPE
            if by:
                self.removed[by] += 1
                self.words[by] += count_words(folded)
                self.kinds[by] = decision.kind or ""
                seen.add(by)
            self._hear(decision, by)
        self.pages.update(seen)

    def _hear(self, decision: Decision, by: str | None) -> None:
        """Count the rules that spoke against a block without deciding it."""
        for said in decision.ruled:
            if said.kind and said.points > 0 and said.source != by:
                (self.overruled if decision.keep else self.agreed)[said.source] += 1
                self.kinds.setdefault(said.source, said.kind)

    def rows(self, summaries: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """The counts as objects, what removed most first."""
        for code in sorted(self.kinds, key=lambda code: (-self.removed[code], -self.agreed[code], code)):
            yield {
                "rule": code,
                "kind": self.kinds[code],
                **{name: getattr(self, name)[code] for name in ("removed", "words", "pages", "agreed", "overruled")},
                "summary": summaries.get(code, ""),
            }


def summaries(rules: Iterable[Rule]) -> dict[str, str]:
    """What each rule is about, and what is no rule."""
    own = {SHAPE: "no rule: chrome by its shape and place", "title": "no rule: the headline, given as title"}
    return own | {rule.code: rule.summary for rule in rules}


def table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Rows as lines of aligned columns, numbers to the right."""
    cells = [[_cell(row[name]) for name in HEAD] for row in rows]
    widths = [max(len(row[at]) for row in (HEAD, *cells)) for at in range(len(HEAD))]
    numbers = [at for at, name in enumerate(HEAD) if rows and isinstance(rows[0][name], int)]
    for row in (list(HEAD), *cells):
        aligned = [
            f"{cell:>{w}}" if at in numbers else f"{cell:{w}}"
            for at, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(aligned).rstrip()


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
