"""The command `python -m bench`: measure, or with `check` and `update` hold our quality to its floors."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from bench.containers import measure_containers
from bench.corpus import DEFAULT_CORPORA, SETS, Corpus, CorpusError, find_corpora, open_corpus
from bench.facts import facts_table, measure_facts
from bench.floors import (
    FLOORS_FILE,
    CorpusFloors,
    Floors,
    FloorsError,
    broken_floors,
    load_floors,
    render_floors,
    updated,
)
from bench.process import ToolError
from bench.report import container_table, error_lines, markdown_report, result_tables, stage_table
from bench.run import SetResult, measure_set
from bench.stages import StageCosts, measure_stages
from bench.throughput import measure_throughput, throughput_table
from bench.tools import OURS, PEERS, Tool, select_tools
from cleaner.version import VERSION

#: Messages name this place as it is seen from the project's root.
_DEFAULT_PLACE: Final = "../shared/corpora"


class _MeasureByDefault(click.Group):
    """A group whose command `measure` need not be named: `python -m bench FOLDER` measures."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `measure` in front of anything that neither names a command nor asks for help."""
        if not args or args[0] not in {*self.commands, "--help"}:
            args = ["measure", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what is wrong with its input is one line and exit code 1."""
        try:
            return super().invoke(ctx)
        except (CorpusError, FloorsError, ToolError) as error:
            raise click.ClickException(str(error)) from error


def _names_out_of(known: Sequence[str], words: Mapping[str, Sequence[str]]) -> Callable[[str], tuple[str, ...]]:
    """A converter of comma-separated names, or of one of the words that stand for several."""

    def convert(value: str) -> tuple[str, ...]:
        if value in words:
            return tuple(words[value])
        names = tuple(name.strip() for name in value.split(","))
        for name in names:
            if name not in known:
                raise click.BadParameter(f"{name!r} is unknown, known are {', '.join([*words, *known])}")
        return names

    return convert


_folders = click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
_jobs = click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Pages measured at a time.")
_floors = click.option(
    "--floors", "floors_file", type=click.Path(dir_okay=False, path_type=Path), default=FLOORS_FILE, help="Floors file."
)


@click.group(cls=_MeasureByDefault)
def main() -> None:
    """Quality and speed of the cleaner and its peers on corpus folders (by default those in ../shared/corpora)."""


@main.command()
@_folders
@click.option(
    "--sets",
    type=_names_out_of(SETS, {"all": SETS}),
    default="all",
    metavar="NAME,…",
    help="Sets to measure: all, or html, flat, flat-main.",
)
@click.option(
    "--peers",
    type=_names_out_of(PEERS, {"all": PEERS, "none": ()}),
    default="all",
    metavar="NAME,…",
    help="Peers to measure: all, none, or names.",
)
@click.option("--sample", type=click.IntRange(1), help="Measure a fixed sample of so many pages of each corpus.")
@click.option("--stages", is_flag=True, help="Show what each stage of our pipeline costs.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all results here.")
@click.option("--markdown", type=click.Path(dir_okay=False, path_type=Path), help="Write the tables here as Markdown.")
@_jobs
def measure(
    folders: tuple[Path, ...],
    sets: tuple[str, ...],
    peers: tuple[str, ...],
    sample: int | None,
    stages: bool,
    json_file: Path | None,
    markdown: Path | None,
    jobs: int,
) -> None:
    """Measure us and our peers side by side."""
    tools, skipped = select_tools(peers)
    remarks = [f"skipped: {name}: {reason}" for name, reason in skipped.items()]
    _say(remarks)
    results, costs = [], []
    for corpus in _corpora(folders):
        for set_name in corpus.sets(sets):
            results.append(_measured(corpus, set_name, tools, sample, jobs))
            _say(error_lines(results[-1]))
            click.echo("\n\n".join(table.plain() for table in result_tables(results[-1])) + "\n")
            if stages:
                costs.append(measure_stages(corpus, set_name, sample))
    if costs:
        click.echo(stage_table(costs).plain())
    _write_files(results, costs, tools, remarks, json_file, markdown)


@main.command()
@_folders
@click.option("--sample", type=click.IntRange(1), help="Read a fixed sample of so many pages of each corpus.")
def containers(folders: tuple[Path, ...], sample: int | None) -> None:
    """What reading pages out of WARC and other containers costs, against the same pages as files."""
    for corpus in _corpora(folders):
        costs, cleaning = measure_containers(corpus, sample)
        click.echo(container_table(corpus.name, costs, cleaning).plain() + "\n")


@main.command()
@_folders
@click.option("--sample", type=click.IntRange(1), help="Measure a fixed sample of so many pages of each corpus.")
def metadata(folders: tuple[Path, ...], sample: int | None) -> None:
    """Measure title, author and date against the true ones, ours beside trafilatura's."""
    for corpus in _corpora(folders):
        if corpus.sets(["html"]) and any(truth.title for truth in corpus.truths.values()):
            click.echo(facts_table(corpus, measure_facts(corpus, sample)).plain())


@main.command()
@_folders
@_floors
@_jobs
def check(folders: tuple[Path, ...], floors_file: Path, jobs: int) -> None:
    """Measure us on the fixed samples; one line per broken floor, and exit code 1 if there is one."""
    floors = load_floors(floors_file)
    broken: list[str] = []
    for corpus in _corpora(folders):  # floors of a corpus that is not there are neither held nor broken
        pinned = floors.get(corpus.name)
        if pinned is None:
            click.echo(f"skipped: {corpus.name} has no floors, `python -m bench update` pins them")
            continue
        for result in _measure_us(corpus, pinned, tuple(pinned.sets), jobs):
            missed = broken_floors(pinned, result)
            broken += missed
            click.echo("\n".join(missed) or f"{result.corpus} {result.set}: floors hold")
        broken += _missing_sets(corpus, pinned)
    if broken:
        sys.exit(1)


@main.command()
@_folders
@_floors
@_jobs
@click.option("--lower", is_flag=True, help="Let floors sink to what is measured now.")
def update(folders: tuple[Path, ...], floors_file: Path, jobs: int, lower: bool) -> None:
    """Raise the floors to just below what is measured now."""
    floors: Floors = load_floors(floors_file)
    for corpus in _corpora(folders):
        old = floors.get(corpus.name, CorpusFloors())
        floors[corpus.name] = updated(old, _measure_us(corpus, old, SETS, jobs), lower=lower)
    if floors:
        floors_file.write_text(render_floors(floors), "utf-8")


@main.command()
@click.option("--documents", type=click.IntRange(1), default=5000, show_default=True, help="Documents to make up.")
@click.option("--jobs", type=click.IntRange(1), multiple=True, default=(1, 2), show_default=True, help="Repeatable.")
@click.option("--seed", type=int, default=0, show_default=True, help="Other documents for another seed.")
def throughput(documents: int, jobs: tuple[int, ...], seed: int) -> None:
    """Measure runs of many made-up documents: speed and memory with child processes, against a bare loop."""
    click.echo(throughput_table(measure_throughput(documents, jobs, seed)).plain())


@main.command()
@_folders
@_jobs
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("cleaner/figures.toml"),
    show_default=True,
    help="Figures file.",
)
def figures(folders: tuple[Path, ...], jobs: int, output: Path) -> None:
    """Count how often each rule is right, and write that beside the points."""
    from bench.figures import count, write_figures  # the labels are those of the fit, which needs SciPy

    write_figures(output, count(_corpora(folders), jobs))


def _corpora(folders: Sequence[Path]) -> Iterator[Corpus]:
    """The corpora at the folders given, or the default ones; where there are none, that is said."""
    for folder in folders or (DEFAULT_CORPORA,):
        found = find_corpora(folder)
        if not found:
            click.echo(f"skipped: no corpora at {_DEFAULT_PLACE if folder == DEFAULT_CORPORA else folder}")
        yield from map(open_corpus, found)


def _measure_us(corpus: Corpus, floors: CorpusFloors, sets: Sequence[str], jobs: int) -> Iterator[SetResult]:
    tools, _ = select_tools(())
    for set_name in corpus.sets(sets):
        result = _measured(corpus, set_name, tools, floors.sample, jobs)
        _say(error_lines(result))
        yield result


def _measured(corpus: Corpus, set_name: str, tools: Sequence[Tool], sample: int | None, jobs: int) -> SetResult:
    click.echo(f"measuring {corpus.name} {set_name} …", err=True)
    return measure_set(corpus, set_name, tools, sample, jobs)


def _missing_sets(corpus: Corpus, floors: CorpusFloors) -> list[str]:
    """Floors whose set is gone from its corpus are broken: they could never be missed."""
    lines = [f"{corpus.name} {name}: the set is missing" for name in sorted(set(floors.sets) - set(corpus.sets()))]
    if lines:
        click.echo("\n".join(lines))
    return lines


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line, err=True)


def _write_files(
    results: Sequence[SetResult],
    costs: Sequence[StageCosts],
    tools: Sequence[Tool],
    remarks: Sequence[str],
    json_file: Path | None,
    markdown: Path | None,
) -> None:
    versions = {tool.package: tool.version for tool in tools if tool.package and tool.version} | {OURS: VERSION}
    if json_file:
        record = {"versions": versions, "results": [asdict(r) for r in results], "stages": [asdict(c) for c in costs]}
        json_file.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if markdown:
        tables = [table for result in results for table in result_tables(result)]
        tables += [stage_table(costs)] if costs else []
        markdown.write_text(markdown_report(tables, remarks, versions), "utf-8")


if __name__ == "__main__":
    main(prog_name="python -m bench")
