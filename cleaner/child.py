"""Clean sources in a child process: take them from the parent one by one, and tell it what became of each.

A page that takes too much memory ends its process: no one knows what state the libraries are in after that. One
that takes too long is ended by the parent, and if the parent is gone, by the alarm that each page is given.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NoReturn, cast

from cleaner.duty import Duty, clean_one, failure
from cleaner.errors import CleanError
from cleaner.model import Source
from cleaner.pipeline import Cleaner

if TYPE_CHECKING:
    from socket import socket

#: A message is its length, so many bytes, and as many bytes of pickle.
LENGTH: Final = struct.Struct("!Q")
#: The exit code of a child in which there was not memory enough.
OUT_OF_MEMORY: Final = 77
#: Seconds that the parent has, once a page's time is up, before the page's own alarm rings.
GRACE: Final = 5.0

_STATM: Final = Path("/proc/self/statm")


def serve(connection: socket, duty: Duty) -> None:
    """The whole life of a child: it names its rules, or what is wrong with them, and cleans what it is given."""
    _hush()
    with suppress(OSError, EOFError), cast("BinaryIO", connection.makefile("rwb")) as stream:
        try:
            cleaner = Cleaner(duty.options)
        except CleanError as error:
            return _tell(stream, error)
        _tell(stream, cleaner.ruleset)
        try:
            _limit_memory(duty.limits.memory)
            _work(stream, cleaner, duty)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)


def _work(stream: BinaryIO, cleaner: Cleaner, duty: Duty) -> NoReturn:
    """Clean until the parent is gone, which raises `EOFError`."""
    while True:
        source = _hear(stream)
        _set_alarm(duty.limits.seconds + GRACE)
        outcome = clean_one(cleaner, source, duty.shape)
        _set_alarm(0)
        try:
            _tell(stream, outcome)
        except (OSError, MemoryError):
            raise
        except Exception as error:  # it can't be pickled: nothing of it was sent
            _tell(stream, replace(outcome, result=failure(source, "clean", error)))


def message(content: object) -> bytes:
    """Some content as it goes over the connection. Raises whatever pickling raises."""
    packed = pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(packed)) + packed


def _tell(stream: BinaryIO, content: object) -> None:
    stream.write(message(content))
    stream.flush()


def _hear(stream: BinaryIO) -> Source:
    """The next source. Raises `EOFError` when the parent is gone."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    source: Source = pickle.loads(stream.read(*LENGTH.unpack(head)))
    return source


def _hush() -> None:
    """Keep what libraries print away from the parent's outputs."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def _limit_memory(beyond: int) -> None:
    """Let the process have so many bytes beyond what it has now, where the system can tell and hold that."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # not there on Windows

        now = int(_STATM.read_bytes().split()[0]) * resource.getpagesize()
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        caps = [cap for cap in (now + beyond, soft, hard) if cap != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min(caps), hard))


def _set_alarm(seconds: float) -> None:
    """Have the process ended when the time runs out, 0 being never; the system does it, whatever code is running."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def rang(code: int | None) -> bool:
    """Whether a process with this exit code was ended by its own alarm."""
    alarm: Any = getattr(signal, "SIGALRM", None)
    return alarm is not None and code == -alarm
