"""Results as tables to read: aligned plain text for a terminal, Markdown for a file."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bench.containers import ContainerCost
from bench.run import SetResult, ToolResult
from bench.score import FIGURES
from bench.stages import StageCosts
from bench.tools import YARDSTICK

_NONE: Final = "–"
_NAMED_ERRORS: Final = 10
_NOTES: Final = """\
f1, p, r: words of the text against the true body; shingle: the same F1 over runs of four words; with, without: share
of must-have and must-not-have snippets found (lower is better for without); segF1: one F1 over all snippets. Times are
CPU time of each page alone, after a warm-up; × is the speed as a multiple of trafilatura's on the same pages; MB is
the peak memory of the tool's process. On flat sets, jusText and trafilatura get each line as a paragraph. The
cleaner's points are fitted on wcxb-dev and multilingual-dev, so there its figures are those of pages it has seen; for
sites it has not seen, `python -m bench.fit` cross-validates.\
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the first column holds names, the others numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def plain(self) -> str:
        """Aligned text."""
        widths = [max(map(len, cells)) for cells in zip(self.columns, *self.rows, strict=True)]
        lines = [_aligned(row, widths) for row in (self.columns, *self.rows)]
        return "\n".join([self.title, *lines])

    def markdown(self) -> str:
        """A Markdown table below a heading."""
        rule = ("---", *["---:"] * (len(self.columns) - 1))
        lines = ["| " + " | ".join(row) + " |" for row in (self.columns, rule, *self.rows)]
        return "\n".join([f"### {self.title}", "", *lines])


def result_tables(result: SetResult) -> list[Table]:
    """A set's tables: figures and speed per tool, and the main figure per page type where there are several."""
    title = f"{result.corpus} {result.set}: {result.tools[0].pages} pages"
    tables = [_overview(title, result)]
    if len(result.tools[0].by_type) > 1:
        tables.append(_by_type(title, result))
    return tables


def stage_table(costs: Sequence[StageCosts]) -> Table:
    """CPU milliseconds per page of each stage, a row per set."""
    columns = ("set", "pages", *costs[0].milliseconds, "total ms")
    rows = tuple(
        (
            f"{cost.corpus} {cost.set}",
            str(cost.pages),
            *(f"{value:.2f}" for value in cost.milliseconds.values()),
            f"{sum(cost.milliseconds.values()):.2f}",
        )
        for cost in costs
    )
    return Table("cleaner, CPU ms per page by stage", columns, rows)


def container_table(corpus: str, costs: Sequence[ContainerCost], cleaning: float) -> Table:
    """What reading costs, a row per container."""
    columns = ("container", "pages", "reading, ms a page", "adds to files and cleaning")
    rows = tuple(
        (cost.container, str(cost.pages), f"{cost.milliseconds:.3f}", f"{cost.overhead:+.1%}") for cost in costs
    )
    return Table(f"{corpus} html by container; cleaning takes {cleaning:.2f} ms a page", columns, rows)


def error_lines(result: SetResult) -> list[str]:
    """Lines on the pages where a tool raised, died or gave no answer, each of which counted as empty text.

    Of a tool that fails everywhere the first few pages are named, and how many more there are.
    """
    return [line for tool in result.tools for line in _tool_errors(f"{result.corpus} {result.set}: {tool.tool}", tool)]


def markdown_report(tables: Iterable[Table], remarks: Sequence[str], versions: Mapping[str, str]) -> str:
    """A whole Markdown file: date, versions, tables, and what was skipped or failed."""
    parts = [
        "# Results",
        f"Measured on {date.today().isoformat()} with {_version_line(versions)}, by `python -m bench`.",
        _NOTES,
        *(table.markdown() for table in tables),
    ]
    if remarks:
        parts.append("\n".join(["### Remarks", "", *(f"- {remark}" for remark in remarks)]))
    return "\n\n".join(parts) + "\n"


def _version_line(versions: Mapping[str, str]) -> str:
    """Python and the tools with their versions, in words."""
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {v}" for name, v in sorted(versions.items()))])


def _tool_errors(where: str, tool: ToolResult) -> list[str]:
    lines = [f"{where} failed on {id_}: {' '.join(reason.split())}" for id_, reason in tool.errors[:_NAMED_ERRORS]]
    unnamed = len(tool.errors) - len(lines)
    return [*lines, f"{where} failed on {unnamed} more"] if unnamed else lines


def _overview(title: str, result: SetResult) -> Table:
    figures = _measured_figures(result)
    yardstick = next((tool.timing.pages_per_second for tool in result.tools if tool.tool == YARDSTICK), None)
    columns = ("tool", *figures, "pages/s", "×", "mean ms", "median", "max", "MB", "failed")
    rows = (
        (tool.tool, *(f"{tool.figures.get(figure, 0.0):.4f}" for figure in figures), *_costs(tool, yardstick))
        for tool in result.tools
    )
    return Table(title, columns, tuple(rows))


def _costs(tool: ToolResult, yardstick: float | None) -> tuple[str, ...]:
    timing = tool.timing
    ratio = _three_digits(timing.pages_per_second / yardstick) if yardstick else _NONE
    milliseconds = (f"{value:.2f}" for value in (timing.mean_ms, timing.median_ms, timing.max_ms))
    return (_three_digits(timing.pages_per_second), ratio, *milliseconds, f"{tool.peak_mb:.0f}", str(len(tool.errors)))


def _measured_figures(result: SetResult) -> list[str]:
    """The figures any tool has, in their order: a tool that found no snippet at all has no segF1."""
    return [figure for figure in FIGURES if any(figure in tool.figures for tool in result.tools)]


def _three_digits(value: float) -> str:
    """As many decimals as make three digits."""
    decimals = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{decimals}f}"


def _by_type(title: str, result: SetResult) -> Table:
    figure = "f1" if "f1" in _measured_figures(result) else "segF1"
    types = list(result.tools[0].by_type)
    rows = ((tool.tool, *(f"{tool.by_type[type_].get(figure, 0.0):.4f}" for type_ in types)) for tool in result.tools)
    return Table(f"{title}, {figure} by type", ("tool", *types), tuple(rows))


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()
