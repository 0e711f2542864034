"""Clean many documents, in this process or in child processes: one result per source, in the sources' order.

A page that hangs or kills what cleans it costs only itself. No exception or signal bounds time spent inside C,
so with children a page that takes too long is stopped by killing its process.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Final, TypeAlias

from cleaner.duty import Duty, Item, Shape, clean_one, too_long
from cleaner.model import Article, Failure, Limits, Options, Outcome, Source
from cleaner.pipeline import Cleaner
from cleaner.render import present

Result: TypeAlias = Article | Failure

_DEFAULTS: Final = Options()
_LIMITS: Final = Limits()


def clean_batch(
    sources: Iterable[Source | Failure],
    options: Options = _DEFAULTS,
    jobs: int = 0,
    *,
    shape: Shape = present,
    limits: Limits = _LIMITS,
) -> Generator[Result, None, None]:
    """Clean sources one after the other; failures among them pass through, so that nothing is lost.

    `jobs` is the number of child processes; with 0, all is done in this one. `shape` is applied to each article
    where it was made, and must be a function that can be pickled; by default it leaves behind the judgement, which
    is many times the article's size. A page that takes more than its `limits`, kills its process or raises anything
    becomes a `Failure`; what ended its process is tried a second time, in a process of its own. Without children
    the time limit holds for Python code alone, not inside C, and there is no memory limit; nor is there one where
    the system has none to offer, outside Linux. A script that uses children needs the guard
    `if __name__ == "__main__":`, as everywhere in `multiprocessing`.

    Raises `RuleError` or `UsageError`, at once, when the options can't be used, and `ChildError` when no child
    process can be started.
    """
    return _results(Batch(Duty(options, shape, limits), jobs).run(sources))


def as_it_is(article: Article) -> Article:
    """A shape for those who want to know why: the judgement stays with the article."""
    return article


def _results(outcomes: Generator[Outcome, None, None]) -> Generator[Result, None, None]:
    with closing(outcomes):
        for outcome in outcomes:
            yield outcome.result


class Batch:
    """What `clean_batch` does, for those who count or keep more than results. `ruleset` names the rules in use.

    Raises `RuleError` or `UsageError` when the options can't be used.
    """

    def __init__(self, duty: Duty, jobs: int) -> None:
        self._duty = duty
        self._jobs = jobs
        self._cleaner = Cleaner(duty.options)
        self.ruleset = self._cleaner.ruleset

    def run(self, items: Iterable[Item], is_ready: Callable[[], bool] = lambda: True) -> Generator[Outcome, None, None]:
        """The outcomes of items, in their order; outcomes among the items pass through.

        `is_ready` tells whether the next item can be had without waiting; while it can't, outcomes are not kept
        waiting for it. Raises as `clean_batch` does.
        """
        if self._jobs:
            from cleaner.pool import Pool  # a single document does without

            return Pool(self._jobs, self._duty, self.ruleset).run(items, is_ready)
        return (_clean_here(self._cleaner, item, self._duty) for item in items)


def _clean_here(cleaner: Cleaner, item: Item, duty: Duty) -> Outcome:
    if isinstance(item, Outcome):
        return item
    if isinstance(item, Failure):
        return Outcome(item)
    try:
        with _alarm(duty.limits):
            return clean_one(cleaner, item, duty.shape)
    except MemoryError:
        return Outcome(Failure(item.id, "clean", "took all the memory there is"), url=item.url)


@contextmanager
def _alarm(limits: Limits) -> Iterator[None]:
    """Raise `TimeoutError` in what runs longer, again and again in case something swallows it."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: Any) -> None:
        raise TimeoutError(too_long(limits))

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limits.seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
