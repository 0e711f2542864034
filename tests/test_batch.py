"""Batches: one result per source, in order, whatever a page does to the process that cleans it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import pytest

from cleaner.batch import clean_batch
from cleaner.errors import UsageError
from cleaner.model import Article, Failure, Limits, Options, Source
from cleaner.pool import MOST_PAGES_PER_JOB
from cleaner.render import present

PROSE = (
    "The last ferry of the evening left the harbour twenty minutes late, and most of those who had waited for it "
    "on the windy quay had already gone home to their families by the time its lights came round the mole."
)


def page(id: str, words: str = "") -> Source:
    return Source(f"{PROSE}\n\n{words or id}: {PROSE}\n".encode(), id=id)


def pages(count: int) -> list[Source]:
    return [page(f"page-{number}") for number in range(count)]


def hostile(article: Article) -> Article:
    """Stands where a page can do harm: after cleaning, in the process that cleans."""
    for word, deed in DEEDS.items():
        if word in article.text:
            deed()
    return present(article)


def _raise() -> None:
    raise RuntimeError("many\nlines\x1b of\n trouble")


def _spin() -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pass


DEEDS = {
    "RAISE": _raise,
    "DIE": lambda: os._exit(3),
    "VANISH": lambda: os._exit(0),
    "KILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "SLEEP": lambda: time.sleep(60),
    "SPIN": _spin,
}


def ids(results: Sequence[Article | Failure | Source]) -> list[str]:
    return [result.id for result in results]


@pytest.mark.parametrize("jobs", [0, 1, 2])
class TestAnyJobs:
    def test_one_result_per_source_in_order(self, jobs: int) -> None:
        broken = Failure("broken", "read", "no such file")
        sources = [*pages(20), broken, *pages(15)]
        results = list(clean_batch(sources, jobs=jobs))
        assert ids(results) == ids(sources)
        assert results[20] == broken
        assert all(isinstance(result, Article) and result.text for result in results if result.id != "broken")

    def test_the_judgement_stays_behind(self, jobs: int) -> None:
        (article, _) = clean_batch(pages(2), jobs=jobs)
        assert isinstance(article, Article)
        assert article.judgement is None

    def test_an_input_that_cannot_be_understood(self, jobs: int) -> None:
        results = list(clean_batch([page("a"), Source(bytes(range(256)) * 20, id="b"), page("c")], jobs=jobs))
        assert ids(results) == ["a", "b", "c"]
        assert isinstance(results[1], Failure)
        assert results[1].stage == "decode"

    def test_an_exception_costs_its_page_only(self, jobs: int) -> None:
        results = list(clean_batch([page("a"), page("b", "RAISE"), page("c")], jobs=jobs, shape=hostile))
        assert results[1] == Failure("b", "clean", "RuntimeError: many lines\x1b of trouble")
        assert [isinstance(result, Article) for result in results] == [True, False, True]

    @pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timers")
    def test_a_page_that_takes_too_long_costs_itself_only(self, jobs: int) -> None:
        results = list(
            clean_batch([page("a"), page("b", "SPIN"), page("c")], jobs=jobs, shape=hostile, limits=Limits(seconds=1.0))
        )
        assert results[1] == Failure("b", "clean", "took longer than 1 s; --page-timeout allows more")
        assert [isinstance(result, Article) for result in results] == [True, False, True]

    def test_wrong_options_are_known_at_once(self, jobs: int) -> None:
        with pytest.raises(UsageError, match="XYZ999"):
            clean_batch(pages(1), Options(disable=("XYZ999",)), jobs)

    def test_no_sources(self, jobs: int) -> None:
        assert list(clean_batch([], jobs=jobs)) == []


def unsendable(article: Article) -> Article:
    """Stands for a result that can't be sent from one process to another."""
    return replace(article, metadata={"lock": threading.Lock()}) if "LOCK" in article.text else present(article)


class TestChildren:
    def test_what_cannot_be_sent_fails_alone(self) -> None:
        nested: list[object] = []
        for _ in range(100_000):
            nested = [nested]
        deep = Source(PROSE.encode(), id="deep", metadata={"nested": nested})
        results = list(clean_batch([page("a"), deep, page("b", "LOCK"), page("c")], jobs=1, shape=unsendable))
        assert ids(results) == ["a", "deep", "b", "c"]
        assert [isinstance(result, Article) for result in results] == [True, False, False, True]

    def test_poison_pages_cost_themselves_only(self) -> None:
        poison = {3: "DIE", 17: "KILL", 18: "DIE", 40: "SLEEP", 59: "KILL"}
        sources = [page(f"page-{number}", poison.get(number, "")) for number in range(60)]
        results = list(clean_batch(sources, jobs=2, shape=hostile, limits=Limits(seconds=3.0)))
        assert ids(results) == ids(sources)
        failed = {number: result.reason for number, result in enumerate(results) if isinstance(result, Failure)}
        assert failed == {
            3: "its process died (exit code 3)",
            17: "its process died (SIGKILL)",
            18: "its process died (exit code 3)",
            40: "took longer than 3 s; --page-timeout allows more",
            59: "its process died (SIGKILL)",
        }

    def test_a_process_that_ends_as_if_all_were_well(self) -> None:
        results = list(clean_batch([page("a"), page("b", "VANISH")], jobs=2, shape=hostile, limits=Limits(seconds=3.0)))
        assert [isinstance(result, Article) for result in results] == [True, False]

    def test_same_results_for_any_number_of_jobs(self) -> None:
        assert list(clean_batch(pages(40), jobs=3)) == list(clean_batch(pages(40)))

    def test_sources_are_read_only_as_far_ahead_as_needed(self) -> None:
        taken = 0

        def endless() -> Iterator[Source]:
            nonlocal taken
            while True:
                taken += 1
                yield page(f"page-{taken}")

        results = clean_batch(endless(), jobs=2)
        assert len(list(islice(results, 50))) == 50
        results.close()
        assert 50 <= taken <= 50 + 2 * MOST_PAGES_PER_JOB


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timers")
def test_the_alarm_is_put_back() -> None:
    before = signal.getsignal(signal.SIGALRM)
    assert len(list(clean_batch(pages(2)))) == 2
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
