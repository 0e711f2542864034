"""What a run of many documents takes: seconds and memory with one child process and with more, against a bare loop.

The runs are those of the command line, in processes of their own. The loop is what a script would do without the
batch layer: read, clean, write, in one process. The runs take turns of a few seconds, and only those count.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from filecmp import cmp
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import mean
from typing import Final

from bench.documents import documents
from bench.report import Table

#: Seconds between two looks at the memory of all processes of a run.
LOOK_SECONDS: Final = 0.25
#: Seconds of a turn: a stopped command must not take its own processes for hung when it goes on.
TURN_SECONDS: Final = 2.0

_LOOP: Final = """
import sys
from pathlib import Path
from cleaner import Cleaner
from cleaner.read import read
from cleaner.render import present
from cleaner.write import LINES
cleaner = Cleaner()
with Path(sys.argv[2]).open("wb") as file:
    for source in read([sys.argv[1]]):
        file.write(LINES().encode(present(cleaner.clean(source))))
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run took: wall and CPU seconds, and megabytes of all its processes together, look by look."""

    name: str
    documents: int
    seconds: float
    cpu_seconds: float
    megabytes: Sequence[float]

    @property
    def peak(self) -> float:
        """The most memory at any look, in megabytes."""
        return max(self.megabytes, default=0.0)

    @property
    def growth(self) -> float:
        """By how many megabytes the mean of the last quarter of looks is above that of the second."""
        quarter = len(self.megabytes) // 4
        if not quarter:
            return 0.0
        return mean(self.megabytes[-quarter:]) - mean(self.megabytes[quarter : 2 * quarter])


def measure_throughput(count: int, jobs: Sequence[int], seed: int = 0) -> list[Taken]:
    """Run `count` documents through a bare loop, and through the command with each number of jobs, in turns."""
    with tempfile.TemporaryDirectory(prefix="throughput-") as place:
        folder = Path(place)
        inputs = folder / "documents.jsonl"
        with inputs.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in documents(count, seed))
        outputs = {f"-j {number}": folder / f"{number}.jsonl" for number in jobs}
        commands = [
            [sys.executable, "-m", "cleaner", str(inputs), "-q", "-o", str(output), *name.split()]
            for name, output in outputs.items()
        ]
        loop = [sys.executable, "-c", _LOOP, str(inputs), str(folder / "loop.jsonl")]
        runs = [_Run("loop", loop), *map(_Run, outputs, commands)]
        _take_turns(runs)
        for name, output in outputs.items():
            if not cmp(output, folder / "loop.jsonl", shallow=False):
                raise AssertionError(f"{name} gave other bytes than the loop")
    return [Taken(run.name, count, run.seconds, run.cpu_seconds, run.megabytes) for run in runs]


class _Run:
    """A command that goes on only while it has its turn, and what it has taken so far."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.seconds = self.cpu_seconds = 0.0
        self.megabytes: list[float] = []
        self.process = subprocess.Popen(command, process_group=0)
        self.send(signal.SIGSTOP)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to all its processes."""
        os.killpg(self.process.pid, number)

    def go_on(self, seconds: float) -> None:
        """Let it go on for so long, and look at its memory meanwhile. Raises `AssertionError` if it fails."""
        self.send(signal.SIGCONT)
        began = time.perf_counter()
        while time.perf_counter() - began < seconds and not self._has_ended(LOOK_SECONDS):
            self.megabytes.append(sum(map(_megabytes, _family(self.process.pid))))
        self.seconds += time.perf_counter() - began
        if self.process.returncode is None:
            self.send(signal.SIGSTOP)

    def _has_ended(self, seconds: float) -> bool:
        """Whether it ends within so many seconds."""
        before = getrusage(RUSAGE_CHILDREN)
        with suppress(subprocess.TimeoutExpired):
            if self.process.wait(seconds):
                raise AssertionError(f"{self.name} ended with exit code {self.process.returncode}")
        after = getrusage(RUSAGE_CHILDREN)  # those of a process count from when it has been waited for
        self.cpu_seconds += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return self.process.returncode is not None


def _take_turns(runs: Sequence[_Run]) -> None:
    """Let runs go on one at a time until all are over: a machine that is slower for a while is so for all."""
    try:
        while under_way := [run for run in runs if run.process.returncode is None]:
            for run in under_way:
                run.go_on(TURN_SECONDS)
    finally:
        for run in runs:
            if run.process.poll() is None:
                run.send(signal.SIGKILL)
                run.process.wait()


def _family(pid: int) -> Iterator[int]:
    """A process and all that it started, directly or not."""
    children = _read(Path(f"/proc/{pid}/task/{pid}/children"))
    yield pid
    for child in children.split():
        yield from _family(int(child))


def _megabytes(pid: int) -> float:
    """What a process holds of the memory; what it shares with others counts for each in proportion."""
    for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def throughput_table(found: Sequence[Taken]) -> Table:
    """What the runs took, side by side."""
    by_name: Mapping[str, Taken] = {taken.name: taken for taken in found}
    columns: dict[str, Callable[[Taken], str]] = {
        "pages/s": lambda taken: f"{taken.documents / taken.seconds:.1f}",
        "ms/page": lambda taken: f"{1000 * taken.seconds / taken.documents:.2f}",
        "CPU ms/page": lambda taken: f"{1000 * taken.cpu_seconds / taken.documents:.2f}",
        "× -j 1": lambda taken: f"{by_name['-j 1'].seconds / taken.seconds:.2f}" if "-j 1" in by_name else "",
        "over loop": lambda taken: f"{100 * (taken.seconds / by_name['loop'].seconds - 1):+.1f} %",
        "CPU over loop": lambda taken: f"{100 * (taken.cpu_seconds / by_name['loop'].cpu_seconds - 1):+.1f} %",
        "peak MB": lambda taken: f"{taken.peak:.0f}",
        "growth MB": lambda taken: f"{taken.growth:+.1f}",
    }
    rows = [(taken.name, *[show(taken) for show in columns.values()]) for taken in found]
    return Table(f"{found[0].documents:,} documents", ("run", *columns), tuple(rows))
