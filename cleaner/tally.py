"""Count what became of every input of a run, and say it as the run's report."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from time import time
from typing import Any, Final
from urllib.parse import urlsplit

from cleaner.model import KINDS, Article, Failure, Outcome

#: What a report names one by one, so that a run of millions of pages makes no report of millions of lines.
MOST_FAILURES: Final = 1000
MOST_HOSTS: Final = 10_000
MOST_SLOW: Final = 20

#: Stands for hosts beyond the most that are counted one by one.
OTHER_HOSTS: Final = "…"
#: Stands for pages of which neither language nor host is known.
UNKNOWN: Final = "?"


class Tally:
    """The counts of a run: every input is in exactly one of `cleaned`, `empty` and `failed`."""

    def __init__(self) -> None:
        self.cleaned = 0
        self.empty = 0
        self.failed = 0
        self.began = time()
        self.kinds: Counter[str] = Counter()
        self._rules: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._hosts: dict[str, Counter[str]] = {}
        self._stages: Counter[str] = Counter()
        self._failures: list[Failure] = []
        self._slowest: list[tuple[float, str]] = []

    @property
    def read(self) -> int:
        """All inputs so far."""
        return self.cleaned + self.empty + self.failed

    def count(self, outcome: Outcome) -> None:
        """Take one input's outcome."""
        if isinstance(outcome.result, Failure):
            self._count_failure(outcome.result)
            status = "failed"
        else:
            status = self._count_article(outcome.result)
        self._rules.update(outcome.rules)
        self._host(outcome.url)[status] += 1
        remember = heapq.heappushpop if len(self._slowest) >= MOST_SLOW else heapq.heappush
        remember(self._slowest, (outcome.seconds, outcome.result.id))

    def _count_failure(self, failure: Failure) -> None:
        self.failed += 1
        self._stages[failure.stage] += 1
        if len(self._failures) < MOST_FAILURES:
            self._failures.append(failure)

    def _count_article(self, article: Article) -> str:
        self.kinds.update(article.removed)
        if article.status == "empty":
            self.empty += 1
            return "empty"
        self.cleaned += 1
        self._languages[article.language or UNKNOWN] += 1
        return "cleaned"

    def _host(self, url: str | None) -> Counter[str]:
        host = host_of(url)
        if host not in self._hosts and len(self._hosts) >= MOST_HOSTS:
            host = OTHER_HOSTS
        return self._hosts.setdefault(host, Counter())

    def sum(self) -> str:
        """The line that adds up."""
        return f"{self.read:,} read = {self.cleaned:,} cleaned + {self.empty:,} empty + {self.failed:,} failed"

    def report(self) -> Mapping[str, Any]:
        """All counts, the most frequent first, as JSON can hold them."""
        seconds = time() - self.began
        return {
            "seconds": round(seconds, 3),
            "pages_per_second": round(self.read / seconds, 3) if seconds else None,
            "counts": {"read": self.read, "cleaned": self.cleaned, "empty": self.empty, "failed": self.failed},
            "removed": {kind: self.kinds[kind] for kind in KINDS if self.kinds[kind]},
            "rules": dict(self._rules.most_common()),
            "languages": dict(self._languages.most_common()),
            "hosts": {host: dict(counts) for host, counts in self._busiest()},
            "slowest": [{"id": id, "seconds": round(slow, 3)} for slow, id in sorted(self._slowest, reverse=True)],
            "failed_at": dict(self._stages.most_common()),
            "failures": [{"id": one.id, "stage": one.stage, "reason": one.reason} for one in self._failures],
        }

    def _busiest(self) -> list[tuple[str, Counter[str]]]:
        return sorted(self._hosts.items(), key=lambda pair: (-pair[1].total(), pair[0]))


def host_of(url: str | None) -> str:
    """The host of an address; `UNKNOWN` where there is none to be made out."""
    return _host("/".join((url or "").split("/", 3)[:3]))


@lru_cache(maxsize=MOST_HOSTS)
def _host(beginning: str) -> str:
    try:
        return (urlsplit(beginning).hostname or UNKNOWN).removeprefix("www.")
    except ValueError:
        return UNKNOWN
