"""How fast a report on many pages opens and narrows down in Chromium: what a reader waits for, in milliseconds.

Beside that stands what of it the browser's main thread worked, which does not depend on what else the machine does.

python -m bench.browser FOLDER
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from cleaner.batch import as_it_is, clean_batch
from cleaner.model import Failure, Source
from cleaner.read import read
from cleaner.report import write_report
from cleaner.rules import load_rules

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES: Final = 1_000
#: A choice may take so long and still feel like none, in milliseconds.
GOAL: Final = 200
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
_MOST_OPTIONS: Final = 25

# Each gives the milliseconds until what follows from it is on the screen.
_CHOOSE: Final = """([id, value]) => new Promise((done) => {
  const element = document.getElementById(id);
  const begun = performance.now();
  if (element.type === "checkbox") element.checked = value;
  else element.value = value;
  element.dispatchEvent(new Event(element.type === "search" ? "input" : "change", { bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
})"""
_TURN: Final = """(at) => new Promise((done) => {
  const begun = performance.now();
  location.hash = `#/${at}`;
  addEventListener("hashchange", () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun))),
    { once: true });
})"""
_OPENED: Final = "performance.now()"
_OPTIONS: Final = "id => [...document.getElementById(id).options].map((option) => option.value)"


@click.command()
@click.argument("folder", type=click.Path(exists=True))
@click.option("--pages", type=click.IntRange(1), default=PAGES, show_default=True, help="Pages to report on.")
@click.option("--keep", type=click.Path(path_type=Path), help="Where to leave the report.")
def main(folder: str, pages: int, keep: Path | None) -> None:
    """Report on the first pages of FOLDER, open the report in headless Chromium, and time every choice."""
    chromium = next(filter(None, map(shutil.which, _NAMES)), None)
    if chromium is None:
        sys.exit("there is no Chromium; apt-get install chromium")
    with tempfile.TemporaryDirectory() as scratch:
        report = (keep or Path(scratch) / "report.html").resolve()
        begun = time.perf_counter()
        rules = {rule.code: rule for rule in load_rules().rules}
        counted = write_report(report, clean_batch(islice(_sources(folder), pages), shape=as_it_is), rules)
        size, seconds = report.stat().st_size / 1e6, time.perf_counter() - begun
        click.echo(f"{counted.sum()}: a report of {size:.1f} MB in {seconds:.1f} s")
        for line in _measured(report, chromium):
            click.echo(line)


def _sources(folder: str) -> Iterator[Source | Failure]:
    return read([folder])


def _measured(report: Path, chromium: str) -> Iterator[str]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=list(_FLAGS), headless=True)
        tab = browser.new_page(viewport={"width": 1400, "height": 900})
        clock = Clock(tab)
        tab.goto(report.as_uri())
        tab.wait_for_selector("html[data-ready]", timeout=120_000)
        yield f"opens in {tab.evaluate(_OPENED):,.0f} ms"
        for id in ("kind", "rule", "language", "order"):
            values = tab.evaluate(_OPTIONS, id)[:_MOST_OPTIONS]
            yield _line(id, [clock.time(_CHOOSE, [id, value]) for value in values])
            tab.evaluate(_CHOOSE, [id, "given" if id == "order" else ""])
        yield _line("near misses", [clock.time(_CHOOSE, ["near", on]) for on in (True, False) * 5])
        yield _line("search", [clock.time(_CHOOSE, ["search", "the harbour"[:end]]) for end in (*range(12), 0)])
        yield _line("a page", [clock.time(_TURN, at) for at in range(1, 21)])
        browser.close()


class Took(NamedTuple):
    """Milliseconds until something was on the screen, and those that the browser's main thread worked for it."""

    passed: float
    worked: float


class Clock:
    """Times what is done in a tab."""

    def __init__(self, tab: Page) -> None:
        self._tab = tab
        self._session = tab.context.new_cdp_session(tab)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def time(self, action: str, argument: Any) -> Took:
        """Do it, and tell how long it took."""
        before = self._worked()
        passed = float(self._tab.evaluate(action, argument))
        return Took(passed, self._worked() - before)

    def _worked(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


def _line(what: str, times: Sequence[Took]) -> str:
    passed, worked = [took.passed for took in times], [took.worked for took in times]
    return (
        f"{what:12} {median(passed):4.0f} ms in the middle, {max(passed):4.0f} ms at most; "
        f"of that worked {median(worked):4.0f} and {max(worked):4.0f} (goal: {GOAL} ms)"
    )


if __name__ == "__main__":
    main(prog_name="python -m bench.browser")
