"""A process of its own for each tool, in which the CPU time of every single page is taken.

Processes, not threads: a tool can crash or hang inside C, and its peak memory is its own.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Final

from bench.tools import Run, Tool
from cleaner.model import Source

#: Wall seconds after which a page is given up.
PAGE_LIMIT: Final = 60.0
#: Wall seconds a tool may take to load.
LOAD_LIMIT: Final = 120.0

_SPAWN: Final = multiprocessing.get_context("spawn")


class ToolError(Exception):
    """A tool can't be loaded at all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool gave for a page: its text (empty after an error), CPU seconds, and the error if there was one."""

    text: str
    seconds: float
    error: str | None = None


class ToolProcess:
    """A running tool; a context manager. After a crash or a page given up it starts anew."""

    def __init__(self, tool: Tool, limit: float = PAGE_LIMIT) -> None:
        self.tool = tool
        self._limit = limit
        self._start()

    def __enter__(self) -> ToolProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kill()

    def clean(self, source: Source) -> Answer:
        """Put one page through the tool; never raises for what the tool does with it."""
        try:
            self._connection.send(source)
            if self._connection.poll(self._limit):
                answer = self._connection.recv()
                assert isinstance(answer, Answer)
                return answer
            failed = Answer("", self._limit, f"no answer within {self._limit:g} s")
        except (EOFError, ConnectionError):
            failed = Answer("", 0.0, "its process died")
        self._kill()
        self._start()
        return failed

    def peak_memory(self) -> float:
        """Megabytes of memory that the process has held at its highest."""
        self._connection.send(None)
        return float(self._connection.recv())

    def _start(self) -> None:
        self._connection, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs, self.tool), daemon=True)
        self._process.start()
        theirs.close()
        try:
            problem = self._connection.recv() if self._connection.poll(LOAD_LIMIT) else "no answer"
        except EOFError:
            problem = "its process died"
        if problem:
            self._kill()
            raise ToolError(f"{self.tool.name} can't be loaded: {problem}")

    def _kill(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.join()


def timed(run: Run, source: Source) -> Answer:
    """Run a tool on one page in this process and take its CPU time; an exception is an empty text and a reason."""
    text, error = "", None
    start = time.process_time()
    try:
        text = run(source)
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    return Answer(text, time.process_time() - start, error)


def _serve(connection: Connection, tool: Tool) -> None:
    """The process's own loop: a source in, an answer out; None asks for the peak memory."""
    try:
        run = tool.load()
    except Exception as error:
        connection.send(f"{type(error).__name__}: {error}")
        return
    connection.send(None)
    while True:
        try:
            source = connection.recv()
        except EOFError:
            return
        connection.send(_peak_megabytes() if source is None else timed(run, source))


def _peak_megabytes() -> float:
    """The highest resident memory. Linux tells it of this program alone; `getrusage` may count the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
