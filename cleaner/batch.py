"""Clean many documents, in this process or in child processes: one result per source, in the sources' order.

A page that hangs or kills what cleans it costs only itself. No exception or signal bounds time spent inside C,
so with several jobs a page that takes too long is stopped by killing its process.
"""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from cleaner.errors import InputError
from cleaner.model import Article, Failure, Options, Source
from cleaner.pipeline import Cleaner
from cleaner.render import present

if TYPE_CHECKING:
    from pebble import ProcessPool

Item: TypeAlias = Source | Failure
Result: TypeAlias = Article | Failure
Shape: TypeAlias = Callable[[Article], Article]

#: Seconds a page may take.
TIME_LIMIT: Final = 60.0

_DEFAULTS: Final = Options()
# What goes to a child at once: enough that sending costs little, so little that no child is left waiting.
_CHUNK_PAGES: Final = 16
_CHUNK_BYTES: Final = 200_000
_CHUNKS_PER_JOB: Final = 3
_REASON_LENGTH: Final = 300


def clean_batch(
    sources: Iterable[Item],
    options: Options = _DEFAULTS,
    jobs: int = 1,
    *,
    shape: Shape = present,
    time_limit: float = TIME_LIMIT,
) -> Generator[Result, None, None]:
    """Clean sources one after the other; failures among them pass through, so that nothing is lost.

    `jobs` is the number of child processes; with 1, all is done in this one. `shape` is applied to each
    article where it was made, and must be a function that can be pickled; by default it leaves behind the
    judgement, which is many times the article's size. A page that takes more than `time_limit` seconds, kills
    its process or raises anything becomes a `Failure`; so that neighbours do no harm, it is first tried again by
    itself. With one job the limit holds for Python code alone, not inside C. A script that uses several jobs
    needs the guard `if __name__ == "__main__":`, as everywhere in `multiprocessing`.

    Raises `RuleError` or `UsageError`, at once, when the options can't be used.
    """
    cleaner = Cleaner(options)
    if jobs > 1:
        return _clean_in_children(sources, options, jobs, shape, time_limit)
    return (_clean_here(cleaner, item, shape, time_limit) for item in sources)


def _clean_here(cleaner: Cleaner, item: Item, shape: Shape, time_limit: float) -> Result:
    with _alarm(time_limit):
        return _clean(cleaner, item, shape)


def _clean(cleaner: Cleaner, item: Item, shape: Shape) -> Result:
    """One source's article, or why there is none. No exception passes: the run must go on."""
    if isinstance(item, Failure):
        return item
    try:
        return shape(cleaner.clean(item))
    except InputError as error:
        return Failure(item.id, error.stage, _one_line(str(error)))
    except TimeoutError as error:
        return Failure(item.id, "clean", _one_line(str(error)))
    except Exception as error:
        return Failure(item.id, "clean", _one_line(f"{type(error).__name__}: {error}"))


def _one_line(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _REASON_LENGTH else line[: _REASON_LENGTH - 1] + "…"


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise `TimeoutError` in what runs longer, again and again in case something swallows it."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: Any) -> None:
        raise TimeoutError(_too_long(seconds))

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _too_long(seconds: float) -> str:
    return f"took longer than {seconds:g} s"


def _clean_in_children(
    sources: Iterable[Item], options: Options, jobs: int, shape: Shape, time_limit: float
) -> Generator[Result, None, None]:
    """Keep a bounded number of chunks under way, and give their results in the order they went out."""
    children = _Children(options, jobs, shape, time_limit)
    under_way: deque[tuple[Sequence[Item], Any]] = deque()
    try:
        for chunk in _chunks(sources):
            under_way.append((chunk, children.send(chunk)))
            if len(under_way) >= jobs * _CHUNKS_PER_JOB:
                yield from children.receive(*under_way.popleft())
        while under_way:
            yield from children.receive(*under_way.popleft())
    finally:
        children.stop()


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += len(item.data) if isinstance(item, Source) else 0
        if len(chunk) >= _CHUNK_PAGES or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _clean_chunk(chunk: Sequence[Item], options: Options, shape: Shape) -> list[Result]:
    """What a child does."""
    cleaner = _child_cleaner(options)
    return [_clean(cleaner, item, shape) for item in chunk]


@cache
def _child_cleaner(options: Options) -> Cleaner:
    """Rules are loaded once in each child."""
    return Cleaner(options)


class _Children:
    """Child processes that clean chunks; one that dies or hangs is replaced."""

    def __init__(self, options: Options, jobs: int, shape: Shape, time_limit: float) -> None:
        self._jobs = jobs
        self._time_limit = time_limit
        self._arguments = (options, shape)
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPool:
        import multiprocessing  # a tenth of the cold start, and only several jobs need it

        from pebble import ProcessPool

        # Forking a process that has threads, as the pool has, can lock up its children.
        fork = "forkserver" in multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if fork else "spawn")
        if fork:
            context.set_forkserver_preload([__name__])
        return ProcessPool(max_workers=self._jobs, context=context)

    def send(self, chunk: Sequence[Item]) -> Any:
        """Have a chunk cleaned; gives its future."""
        if not self._pool.active:
            self._pool = self._new_pool()
        return self._pool.schedule(_clean_chunk, args=(chunk, *self._arguments), timeout=self._time_limit)

    def receive(self, chunk: Sequence[Item], future: Any) -> Iterator[Result]:
        """A chunk's results. If it came to grief, each of its items is tried again by itself."""
        try:
            results: list[Result] = future.result()
        except Exception:
            results = [self._alone(item) for item in chunk]
        yield from results

    def _alone(self, item: Item) -> Result:
        from pebble import ProcessExpired

        if isinstance(item, Failure):
            return item
        try:
            results: list[Result] = self.send([item]).result()
            return results[0]
        except TimeoutError:
            return Failure(item.id, "clean", _too_long(self._time_limit))
        except ProcessExpired as error:
            return Failure(item.id, "clean", f"its process died (exit code {error.exitcode})")
        except Exception as error:
            return Failure(item.id, "clean", _one_line(f"{type(error).__name__}: {error}"))

    def stop(self) -> None:
        """End all children, whatever they are doing."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
