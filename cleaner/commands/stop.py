"""Let a run be stopped: at the first request it takes on nothing new and comes to its end, at the second it dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, TypeVar

from cleaner.commands.shared import INTERRUPTED, TERMINATED

T = TypeVar("T")

_EXIT_CODES: Final = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED}
_HEARD: Final = b"clean: stopping when the pages under way are done; once more stops at once\n"
_STDERR: Final = 2


class Stopped(Exception):  # noqa: N818 - as `StopIteration`, it is no error
    """A run was stopped. `code` is the exit code that says by what."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Stop:
    """Whether somebody asked the run to stop."""

    def __init__(self) -> None:
        self._code: int | None = None
        self._has_cut = False

    def hear(self, code: int) -> None:
        """Take a request."""
        self._code = code

    def cut(self, items: Iterable[T]) -> Iterator[T]:
        """The items until there is a request."""
        for item in items:
            if self._code is not None:
                self._has_cut = True
                return
            yield item

    def check(self) -> None:
        """Raise `Stopped` if the items were cut short."""
        if self._has_cut and self._code is not None:
            raise Stopped(self._code)


@contextmanager
def listening() -> Iterator[Stop]:
    """Hear requests while the block runs: the first of them here, the second as they were heard before."""
    stop = Stop()
    before = {number: signal.getsignal(number) for number in _EXIT_CODES}

    def hear(number: int, _: FrameType | None) -> None:
        stop.hear(_EXIT_CODES[signal.Signals(number)])
        _put_back()
        with suppress(OSError):
            os.write(_STDERR, _HEARD)  # what Python's own streams may be in the middle of

    def _put_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for number, handler in before.items():
        if handler != signal.SIG_IGN:  # as for what a shell runs in the background
            signal.signal(number, hear)
    try:
        yield stop
    finally:
        _put_back()
