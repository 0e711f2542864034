"""Show on standard error how a run gets on: a bar on a terminal, elsewhere a line from time to time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from cleaner.tally import Tally

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

#: Seconds between two lines where there is no terminal. Runs shorter than this say nothing but their sum.
LINE_SECONDS: Final = 30.0
#: So many kinds of chrome are named in the bar.
MOST_KINDS: Final = 5
_BAR_SECONDS: Final = 0.1


class Progress(Protocol):
    """Something that shows a tally now and then."""

    def show(self, tally: Tally) -> None:
        """Show it, if it is time."""


class Silent:
    """Shows nothing."""

    def show(self, tally: Tally) -> None:
        """Show nothing."""


class Lines:
    """Says a line from time to time."""

    def __init__(self, say: Callable[[str], None], seconds: float = LINE_SECONDS) -> None:
        self._say = say
        self._seconds = seconds
        self._said = monotonic()
        self._count = 0

    def show(self, tally: Tally) -> None:
        """Say how many inputs are done, and how fast it went since the last line."""
        now = monotonic()
        if now - self._said >= self._seconds:
            rate = (tally.read - self._count) / (now - self._said)
            self._say(f"{tally.read:,} read, {rate:,.1f} a second, {tally.failed:,} failed")
            self._said, self._count = now, tally.read


class Bar:
    """A bar with counts, rate, time left where that is known, and the chrome that was removed most."""

    def __init__(self, bars: Bars, total: int | None) -> None:
        self._bars = bars
        self._task = bars.add_task("", total=total, failed=0, kinds="", rate=0.0)
        self._shown = 0.0
        self._began = monotonic()

    def show(self, tally: Tally) -> None:
        """Bring the bar up to date."""
        now = monotonic()
        if now - self._shown >= _BAR_SECONDS:
            self._shown = now
            rate = tally.read / max(now - self._began, _BAR_SECONDS)
            self._bars.update(self._task, completed=tally.read, failed=tally.failed, kinds=_most(tally), rate=rate)


def _most(tally: Tally) -> str:
    return ", ".join([f"{kind} {count:,}" for kind, count in tally.kinds.most_common(MOST_KINDS)])


@contextmanager
def bar(total: int | None) -> Iterator[Bar]:
    """A bar on standard error, gone when the block ends; `total` is the number of inputs, where that is known."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:.1f}/s, {task.fields[failed]} failed"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[kinds]}", style="dim"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield Bar(bars, total)
