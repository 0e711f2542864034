"""What a run of many documents takes: seconds and memory with one child process and with more, against a bare loop.

The runs are those of the command line, in processes of their own. The loop is what a script would do without the
batch layer: read, clean, write, in one process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import mean
from typing import Final

from bench.documents import documents
from bench.report import Table

#: Seconds between two looks at the memory of all processes of a run.
LOOK_SECONDS: Final = 0.25

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
    """Run `count` documents through a bare loop, and through the command with each number of jobs."""
    with tempfile.TemporaryDirectory(prefix="throughput-") as place:
        folder = Path(place)
        inputs = folder / "documents.jsonl"
        with inputs.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in documents(count, seed))
        loop = [sys.executable, "-c", _LOOP, str(inputs), str(folder / "loop.jsonl")]
        found = [_taken("loop", count, loop)]
        for number in jobs:
            output = folder / f"{number}.jsonl"
            command = [sys.executable, "-m", "cleaner", str(inputs), "-q", "-o", str(output), "-j", str(number)]
            found.append(_taken(f"-j {number}", count, command))
            if output.read_bytes() != (folder / "loop.jsonl").read_bytes():
                raise AssertionError(f"-j {number} gave other bytes than the loop")
            output.unlink()
    return found


def _taken(name: str, count: int, command: Sequence[str]) -> Taken:
    before, began = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    with subprocess.Popen(command) as process, _watched(process.pid) as megabytes:
        if process.wait():
            raise AssertionError(f"{name} ended with exit code {process.returncode}")
    after, seconds = getrusage(RUSAGE_CHILDREN), time.perf_counter() - began
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(name, count, seconds, cpu, tuple(megabytes))


@contextmanager
def _watched(pid: int) -> Iterator[list[float]]:
    """Looks at the memory of a process and all below it, for as long as the block lasts."""
    looks: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            looks.append(sum(map(_megabytes, _family(pid))))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield looks
    finally:
        over.set()
        watcher.join()


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
