"""Measure tools on a set of pages: the same pages for all, taken in turn, so that a machine's drift hits all alike."""

from __future__ import annotations

import multiprocessing
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import mean, median
from typing import Final

from bench.corpus import Corpus, CorpusError, Page, Truth
from bench.process import ToolProcess
from bench.score import PageFigures, score_page, summarise
from bench.tools import Tool

#: So many pages go through a tool before the clock runs: what it loads and builds late is no page's time.
WARM_UP_PAGES: Final = 5
#: So many pages go through a tool before the next one: bringing it back to the processor is no page's time.
TURN_PAGES: Final = 10


@dataclass(frozen=True, slots=True)
class PageResult:
    """One tool on one page: its figures, CPU seconds, and the error if it raised."""

    id: str
    type: str
    figures: PageFigures
    seconds: float
    error: str | None


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU time of a tool over all pages."""

    pages_per_second: float
    mean_ms: float
    median_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class ToolResult:
    """One tool on one set: figures over all pages and by page type, timing, memory, and the pages it failed on."""

    tool: str
    pages: int
    figures: Mapping[str, float]
    by_type: Mapping[str, Mapping[str, float]]
    timing: Timing
    peak_mb: float
    errors: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SetResult:
    """All tools on one set of one corpus."""

    corpus: str
    set: str
    tools: tuple[ToolResult, ...]


@dataclass(frozen=True, slots=True)
class LaneResult:
    """What one lane measured: per tool its pages, in the lane's order, and its peak memory in megabytes."""

    pages: Mapping[str, list[PageResult]]
    peaks: Mapping[str, float]


def measure_set(corpus: Corpus, set_name: str, tools: Sequence[Tool], sample: int | None, jobs: int) -> SetResult:
    """Put the set's pages through the tools of its kind, `jobs` pages at a time."""
    kind = "html" if set_name == "html" else "text"
    fitting = [tool for tool in tools if tool.kind == kind]
    pages = corpus.pages(set_name, sample)
    if not pages:
        raise CorpusError(f"{corpus.folder}: no page of {set_name} has a truth")
    lanes = _run_lanes(fitting, pages, corpus.truths, jobs)
    results = tuple(_tool_result(tool.name, lanes) for tool in fitting)
    return SetResult(corpus.name, set_name, results)


def run_lane(tools: Sequence[Tool], pages: Sequence[Page], truths: Mapping[str, Truth]) -> LaneResult:
    """Put pages through tools, one at a time: a few pages through every tool before the next few.

    Each tool first cleans some of them off the clock. The tools' processes wait while a text is measured, so that
    a lane never uses more than one core.
    """
    results: dict[str, list[PageResult]] = {tool.name: [] for tool in tools}
    with ExitStack() as stack:
        running = [stack.enter_context(ToolProcess(tool)) for tool in tools]
        for page in pages[:WARM_UP_PAGES]:
            for process in running:
                process.clean(page.source())
        for turn, start in enumerate(range(0, len(pages), TURN_PAGES)):
            for process in _rotated(running, turn):
                measured = [_measure_page(process, page, truths[page.id]) for page in pages[start : start + TURN_PAGES]]
                results[process.tool.name] += measured
        peaks = {process.tool.name: process.peak_memory() for process in running}
    return LaneResult(results, peaks)


def summarise_timing(seconds: Sequence[float]) -> Timing:
    """Timing over pages from their CPU seconds; a total too small for the clock counts as a nanosecond."""
    total = max(sum(seconds), 1e-9)
    return Timing(
        pages_per_second=len(seconds) / total,
        mean_ms=mean(seconds) * 1000,
        median_ms=median(seconds) * 1000,
        max_ms=max(seconds) * 1000,
    )


def _run_lanes(
    tools: Sequence[Tool], pages: Sequence[Page], truths: Mapping[str, Truth], jobs: int
) -> Sequence[LaneResult]:
    shares = [pages[lane::jobs] for lane in range(min(jobs, len(pages)))]
    if len(shares) == 1:
        return [run_lane(tools, pages, truths)]
    needed = [{page.id: truths[page.id] for page in share} for share in shares]
    with ProcessPoolExecutor(len(shares), mp_context=multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(run_lane, [tools] * len(shares), shares, needed))


def _rotated(processes: Sequence[ToolProcess], turn: int) -> list[ToolProcess]:
    """The same processes, another one first each turn: none always follows the same one."""
    first = turn % len(processes)
    return [*processes[first:], *processes[:first]]


def _measure_page(process: ToolProcess, page: Page, truth: Truth) -> PageResult:
    answer = process.clean(page.source())
    return PageResult(page.id, truth.type, score_page(answer.text, truth), answer.seconds, answer.error)


def _tool_result(name: str, lanes: Sequence[LaneResult]) -> ToolResult:
    # By id, so that sums of floats, and the order of errors, do not depend on the number of lanes.
    pages = sorted((page for lane in lanes for page in lane.pages[name]), key=lambda page: page.id)
    by_type: defaultdict[str, list[PageFigures]] = defaultdict(list)
    for page in pages:
        by_type[page.type].append(page.figures)
    return ToolResult(
        tool=name,
        pages=len(pages),
        figures=summarise([page.figures for page in pages]),
        by_type={type_: summarise(figures) for type_, figures in sorted(by_type.items())},
        timing=summarise_timing([page.seconds for page in pages]),
        peak_mb=max(lane.peaks[name] for lane in lanes),
        errors=tuple((page.id, page.error) for page in pages if page.error),
    )
