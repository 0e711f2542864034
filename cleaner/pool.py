"""Have sources cleaned by child processes: what hangs, dies or takes too much is ended, and nobody else is harmed.

This process never waits for a single child, neither to hear from it nor to be heard: a child that was stopped in
the middle of a message is one that does not answer in time, and is replaced. There are no threads, no locks, and no
queues that processes share.
"""

from __future__ import annotations

import pickle
import selectors
import signal
import socket
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from cleaner.child import LENGTH, OUT_OF_MEMORY, message, rang, serve
from cleaner.duty import Duty, Item, failure, too_long
from cleaner.errors import ChildError, CleanError, RuleError
from cleaner.model import Article, Failure, Limits, Outcome, Source

if TYPE_CHECKING:
    from multiprocessing.context import SpawnContext

#: Seconds in which a child must have started.
START_LIMIT: Final = 60.0
#: So many children in a row may fail to start.
MOST_FAILED_STARTS: Final = 3
#: A page that ends its child so often is given up.
MOST_TRIES: Final = 2
#: Pages that may be under way for each child: outcomes wait for the one before them, whose page may hang for a while.
MOST_PAGES_PER_JOB: Final = 256

# What a child is given at once: enough that it need not wait for its parent, so little that the others get some, too.
_CHUNK_PAGES: Final = 16
_CHUNK_BYTES: Final = 200_000
# It is given more when no more than this is left of it.
_FEW_PAGES: Final = 8
_FEW_BYTES: Final = 100_000
# What may be under way altogether.
_MOST_BYTES: Final = 64 * 1024 * 1024
_RECEIVED_AT_ONCE: Final = 64 * 1024
_SECONDS_TO_DIE: Final = 5.0


class _Slot:
    """One input on its way: its source until there is an outcome, and what either takes of memory."""

    __slots__ = ("outcome", "size", "source", "tries")

    def __init__(self, item: Item) -> None:
        self.source = item if isinstance(item, Source) else None
        self.outcome = Outcome(item) if isinstance(item, Failure) else item if isinstance(item, Outcome) else None
        self.size = len(item.data) if isinstance(item, Source) else 0
        self.tries = 0


class _Child:
    """A child process as its parent sees it: what it was given, and when it last gave a sign of life."""

    def __init__(self, context: SpawnContext, duty: Duty) -> None:
        self.work: deque[_Slot] = deque()
        self.is_ready = False
        self.since = monotonic()
        self.connection, theirs = socket.socketpair()
        self.connection.setblocking(False)
        self._unsent = bytearray()
        self._heard = bytearray()
        self._process = context.Process(target=serve, args=(theirs, duty), daemon=True)
        with theirs, _deaf():
            self._process.start()

    def give(self, slot: _Slot, packed: bytes) -> None:
        """Add a source to its work."""
        if self.is_ready and not self.work:
            self.since = monotonic()
        self.work.append(slot)
        self._unsent += packed

    def send(self) -> bool:
        """Send what can be sent without waiting; tells whether that was all. That it is gone shows elsewhere."""
        with suppress(OSError):
            while self._unsent:
                del self._unsent[: self.connection.send(self._unsent)]
        return not self._unsent

    def receive(self) -> list[Any] | None:
        """What it has said since; None when it is gone, or out of its mind."""
        try:
            data = self.connection.recv(_RECEIVED_AT_ONCE)
            self._heard += data
            self.since = monotonic()
            return list(self._messages()) if data else None
        except BlockingIOError:
            return []
        except Exception:
            return None

    def _messages(self) -> Iterator[Any]:
        start = 0
        while len(self._heard) >= (body := start + LENGTH.size):
            (length,) = LENGTH.unpack_from(self._heard, start)
            if len(self._heard) < body + length:
                break
            start = body + length
            yield pickle.loads(memoryview(self._heard)[body:start])
        del self._heard[:start]

    def deadline(self, seconds: float) -> float | None:
        """When it must have said something; None when it has nothing to do."""
        if not self.is_ready:
            return self.since + START_LIMIT
        return self.since + seconds if self.work else None

    def end(self) -> int | None:
        """Kill it, whatever it is doing; gives its exit code."""
        self.connection.close()
        self._process.kill()
        self._process.join(_SECONDS_TO_DIE)
        return self._process.exitcode


@contextmanager
def _deaf() -> Iterator[None]:
    """Let what is started hear neither Ctrl-C nor a request to end, which go to whole groups: its parent decides.

    What this process is sent meanwhile reaches it afterwards.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Pool:
    """Up to `jobs` children, and the inputs that are under way. `ruleset` names the rules that children must have."""

    def __init__(self, jobs: int, duty: Duty, ruleset: str) -> None:
        import multiprocessing  # a tenth of the cold start, and a single document does without

        # A forked process would inherit what its parent's threads hold, and a server that forks can itself be stopped.
        self._context = multiprocessing.get_context("spawn")
        self._jobs = jobs
        self._duty = duty
        self._ruleset = ruleset
        self._selector = selectors.DefaultSelector()
        self._children: list[_Child] = []
        self._line: deque[_Slot] = deque()
        self._returned: deque[_Slot] = deque()
        self._bytes = 0
        self._failed_starts = 0

    def run(self, items: Iterable[Item], is_ready: Callable[[], bool]) -> Generator[Outcome, None, None]:
        """The items' outcomes, in their order. While something is under way, none is asked for unless `is_ready`.

        Raises `ChildError` when children can't be started, and `RuleError` when the rules changed meanwhile.
        """
        supply = iter(items)
        try:
            while True:
                self._hand_out(supply, is_ready)
                if not self._line:
                    return
                yield from self._finished()
                if self._line:
                    self._attend()
        finally:
            for child in self._children:
                child.end()
            self._selector.close()

    def _finished(self) -> Iterator[Outcome]:
        """Outcomes that wait for nothing any more."""
        while self._line and (outcome := self._line[0].outcome):
            self._bytes -= self._line.popleft().size
            yield outcome

    # --- Giving work -------------------------------------------------------------------------------------------------

    def _hand_out(self, supply: Iterator[Item], is_ready: Callable[[], bool]) -> None:
        """Give work to children until all have enough, or nothing is left to give."""
        while self._wants_work() and (chunk := self._next_chunk(supply, is_ready)):
            self._give(self._least_busy() or self._start(), chunk)

    def _wants_work(self) -> bool:
        return self._least_busy() is not None or len(self._children) < self._jobs

    def _least_busy(self) -> _Child | None:
        """The child that should get the next chunk; None if one should be started for it, or if all have enough."""
        child = min(self._children, key=lambda child: len(child.work), default=None)
        if child is None or (child.work and len(self._children) < self._jobs):
            return None
        few = len(child.work) <= _FEW_PAGES and sum([slot.size for slot in child.work]) <= _FEW_BYTES
        return child if few else None

    def _start(self) -> _Child:
        try:
            child = _Child(self._context, self._duty)
        except OSError as error:
            raise ChildError(f"a child process can't be started: {error.strerror or error}") from error
        self._selector.register(child.connection, selectors.EVENT_READ, child)
        self._children.append(child)
        return child

    def _next_chunk(self, supply: Iterator[Item], is_ready: Callable[[], bool]) -> list[_Slot]:
        """Sources to give to one child: first those that came back, then new ones as far as there is room."""
        if self._returned:
            return [self._returned.popleft() for _ in range(min(_CHUNK_PAGES, len(self._returned)))]
        chunk: list[_Slot] = []
        size = 0
        while len(chunk) < _CHUNK_PAGES and size < _CHUNK_BYTES and self._has_room():
            if self._line and not is_ready():
                break
            item = next(supply, None)
            if item is None:
                break
            slot = _Slot(item)
            self._line.append(slot)
            self._bytes += slot.size
            if slot.source:
                chunk.append(slot)
                size += slot.size
        return chunk

    def _has_room(self) -> bool:
        return len(self._line) < MOST_PAGES_PER_JOB * self._jobs and self._bytes < _MOST_BYTES

    def _give(self, child: _Child, chunk: Sequence[_Slot]) -> None:
        for slot in chunk:
            assert slot.source
            try:
                packed = message(slot.source)
            except Exception as error:  # its metadata nests too deep, or is nothing that can be sent
                self._settle(slot, Outcome(failure(slot.source, "read", error), url=slot.source.url))
            else:
                child.give(slot, packed)
        self._send(child)

    def _send(self, child: _Child) -> None:
        events = selectors.EVENT_READ if child.send() else selectors.EVENT_READ | selectors.EVENT_WRITE
        self._selector.modify(child.connection, events, child)

    def _settle(self, slot: _Slot, outcome: Outcome) -> None:
        size = len(outcome.result.text) if isinstance(outcome.result, Article) else 0
        self._bytes += size - slot.size
        slot.outcome, slot.size, slot.source = outcome, size, None

    # --- Looking after children --------------------------------------------------------------------------------------

    def _attend(self) -> None:
        """Wait until a child has something to say, or has been silent for too long."""
        limit = self._duty.limits.seconds
        deadlines = [deadline for child in self._children if (deadline := child.deadline(limit))]
        for key, events in self._selector.select(max(0, min(deadlines) - monotonic()) if deadlines else 0):
            if events & selectors.EVENT_WRITE:
                self._send(key.data)
            if events & selectors.EVENT_READ:
                self._listen(key.data)
        for child in list(self._children):
            deadline = child.deadline(limit)
            if deadline and deadline <= monotonic():
                self._lose(child, in_time=False)

    def _listen(self, child: _Child) -> None:
        said = child.receive()
        if said is None:
            self._lose(child)
        for content in said or ():
            if isinstance(content, Outcome):
                self._settle(child.work.popleft(), content)
            else:
                self._greet(child, content)

    def _greet(self, child: _Child, content: str | CleanError) -> None:
        """A child that has started names its rules, or says what is wrong with them."""
        if isinstance(content, CleanError):
            raise content
        if content != self._ruleset:
            raise RuleError(f"the rules were changed while they were in use: {self._ruleset} is now {content}")
        child.is_ready = True
        self._failed_starts = 0

    def _lose(self, child: _Child, *, in_time: bool = True) -> None:
        """Take back what a child had to do, and have what it was doing tried once more, in a child of its own."""
        self._selector.unregister(child.connection)
        self._children.remove(child)
        code = child.end()
        suspect = child.work.popleft() if child.is_ready and child.work else None
        self._returned.extendleft(reversed(child.work))
        if not child.is_ready:
            self._count_failed_start(code)
        elif suspect:
            reason = _reason(code, in_time and not rang(code), self._duty.limits)
            self._try_again(suspect, reason)

    def _count_failed_start(self, code: int | None) -> None:
        self._failed_starts += 1
        if self._failed_starts >= MOST_FAILED_STARTS:
            raise ChildError(f"child processes end before they begin ({_how(code)}); what they printed tells why")

    def _try_again(self, slot: _Slot, reason: str) -> None:
        assert slot.source
        slot.tries += 1
        if slot.tries < MOST_TRIES:
            self._give(self._start(), [slot])
        else:
            self._settle(slot, Outcome(Failure(slot.source.id, "clean", reason), url=slot.source.url))


def _reason(code: int | None, in_time: bool, limits: Limits) -> str:
    """Why a page ended its process."""
    if not in_time:
        return too_long(limits)
    if code == OUT_OF_MEMORY:
        return f"took more than {limits.memory // (1024 * 1024):,} MiB of memory; --page-memory allows more"
    return f"its process died ({_how(code)})"


def _how(code: int | None) -> str:
    """An exit code in words."""
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
