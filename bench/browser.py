"""How fast a report on many pages opens and narrows down in Chromium: what a reader waits for, in milliseconds.

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
from typing import TYPE_CHECKING, Any, Final

import click

from cleaner.batch import clean_batch
from cleaner.model import Article, Failure, Source
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

# The time until what follows from a choice is on the screen.
_CHOOSE: Final = """([id, value]) => new Promise((done) => {
  const element = document.getElementById(id);
  const begun = performance.now();
  if (element.type === "checkbox") element.checked = value;
  else element.value = value;
  element.dispatchEvent(new Event(element.type === "search" ? "input" : "change", { bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
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
        counted = write_report(report, clean_batch(islice(_sources(folder), pages), shape=_as_it_is), rules)
        size, seconds = report.stat().st_size / 1e6, time.perf_counter() - begun
        click.echo(f"{counted.sum()}: a report of {size:.1f} MB in {seconds:.1f} s")
        for line in _measured(report, chromium):
            click.echo(line)


def _sources(folder: str) -> Iterator[Source | Failure]:
    return read([folder])


def _as_it_is(article: Article) -> Article:
    return article


def _measured(report: Path, chromium: str) -> Iterator[str]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=list(_FLAGS), headless=True)
        tab = browser.new_page(viewport={"width": 1400, "height": 900})
        tab.goto(report.as_uri())
        tab.wait_for_selector("html[data-ready]", timeout=120_000)
        yield f"opens in {tab.evaluate(_OPENED):,.0f} ms"
        for id in ("kind", "rule", "language", "order"):
            yield _line(id, [_chosen(tab, id, value) for value in tab.evaluate(_OPTIONS, id)[:_MOST_OPTIONS]])
            _chosen(tab, id, "given" if id == "order" else "")
        yield _line("near misses", [_chosen(tab, "near", on) for on in (True, False) * 5])
        yield _line("search", [_chosen(tab, "search", "the harbour"[:end]) for end in (*range(12), 0)])
        yield _line("a page", list(_turned(tab)))
        browser.close()


def _chosen(tab: Page, id: str, value: Any) -> float:
    return float(tab.evaluate(_CHOOSE, [id, value]))


def _turned(tab: Page) -> Iterator[float]:
    for _ in range(20):
        begun = time.perf_counter()
        tab.keyboard.press("]")
        tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        yield 1000 * (time.perf_counter() - begun)


def _line(what: str, times: Sequence[float]) -> str:
    within = "within" if max(times) < GOAL else "over"
    return f"{what:12} {median(times):6.0f} ms in the middle, {max(times):6.0f} ms at most, {within} {GOAL} ms"


if __name__ == "__main__":
    main(prog_name="python -m bench.browser")
