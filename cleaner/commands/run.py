"""`clean run`: clean documents, count them, and tell of each that failed."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cleaner.commands.shared import FAILED, Asked, asks, is_terminal, open_sources, say, say_failed, show
from cleaner.commands.stop import Stop, Stopped, listening
from cleaner.errors import InputError, UsageError
from cleaner.model import Failure, Limits, Outcome, Source
from cleaner.version import VERSION

if TYPE_CHECKING:
    from cleaner.files import NewFile
    from cleaner.journal import Journal
    from cleaner.progress import Progress
    from cleaner.write import Sink, Target

#: What does not decide what a run gives, so that a run may be taken up with other ones.
_FREE: Final = frozenset({"jobs", "errors", "report", "resume", "restart", "dry_run", "quiet", "output", "inputs"})
#: Libraries whose versions decide what a run gives.
_LIBRARIES: Final = ("cchardet", "ftfy", "lxml", "pycld2", "regex", "selectolax", "trafilatura")
_LIMITS: Final = Limits()
#: What the libraries for HTML pages take by themselves, and some.
_LEAST_MEMORY: Final = 128 << 20
#: Seconds; timers know no longer ones everywhere.
_MOST_SECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _How:
    """How a run is to go, as its options say."""

    output: str | None
    to: Any
    title: bool
    jobs: int
    shard_size: int | None
    removed: str | None
    page_timeout: float
    page_memory: int
    errors: str | None
    report: str | None
    resume: bool
    restart: bool
    dry_run: bool
    quiet: bool


class _Size(click.ParamType):  # type: ignore[type-arg]  # older ones take none
    """A number of bytes: 512M, 1G."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Bytes; K, M and G stand for powers of 1,024."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d{1,9})([KMG])i?B?", value.strip(), re.I)
        if not found:
            self.fail(f"{value!r} is no size, write it like 512M or 2G", param, ctx)
        size = int(found[1]) << {"K": 10, "M": 20, "G": 30}[found[2].upper()]
        if size < _LEAST_MEMORY:
            self.fail(f"{value} is too little for any page, give {_LEAST_MEMORY >> 20}M or more", param, ctx)
        return size


@click.command()
@click.argument("inputs", metavar="[INPUT]...", nargs=-1, type=click.Path())
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    type=click.Path(),
    help="File by suffix (.txt, .md, .json, .jsonl, .parquet; also .gz, .zst), else a folder.",
)
@click.option(
    "--to",
    type=click.Choice(["text", "markdown", "jsonl", "parquet"]),
    help="Form of the output. By default the suffix of PATH tells.",
)
@click.option("--title", is_flag=True, help="Put the headline first, in text and Markdown.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    help="Child processes that clean. One document alone is cleaned without.",
)
@click.option(
    "--shard-size",
    type=click.IntRange(min=1),
    metavar="N",
    help="Cut the output file into files of N documents: out-00000.jsonl, out-00001.jsonl, …",
)
@click.option(
    "--removed",
    metavar="FILE",
    type=click.Path(),
    help="Write one JSON line per document: the spans that went, and why.",
)
@click.option(
    "--page-timeout",
    type=click.FloatRange(min=0, min_open=True, max=_MOST_SECONDS),
    default=_LIMITS.seconds,
    metavar="SECONDS",
    help="Time a page may take; its process is killed then. Tried twice.  [20]",
)
@click.option(
    "--page-memory",
    type=_Size(),
    default=_LIMITS.memory,
    metavar="SIZE",
    help="Memory a page may take, on Linux.  [1G]",
)
@click.option("--resume", is_flag=True, help="Take up a run on PATH that was cut short; begin one if there is none.")
@click.option("--restart", is_flag=True, help="Begin anew where a run on PATH was cut short.")
@click.option("--dry-run", is_flag=True, help="Read all inputs, say what would be written where, write nothing.")
@click.option(
    "--errors", metavar="FILE", type=click.Path(), help="Write one JSON line per failed input: id, stage, reason."
)
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(),
    help="Write counts as JSON: by kind, rule, language and host; failures, slowest pages, versions.",
)
@click.option("-q", "--quiet", is_flag=True, help="Show no progress, and leave out the line that sums up.")
@asks
def run(inputs: tuple[str, ...], asked: Asked, **options: Any) -> int:
    """Clean documents. `clean INPUT` is short for `clean run INPUT`.

    Several documents are cleaned in child processes, so that a page that hangs, crashes or takes too much memory
    fails alone. One document is cleaned without: there the time limit does not reach into C code, and the memory
    limit does not hold. Ctrl-C lets the pages under way be finished, a second one stops at once; a run of files
    that was cut short, however it was, goes on with --resume.

    \b
    Examples:
      clean run page.html --title --to markdown
      clean run scrapes/ -o bodies.jsonl.gz -j 4 --errors failed.jsonl
      clean run crawl.warc.gz -o bodies.parquet --removed removed.jsonl.gz
      clean run crawl/ -o bodies/ -j 8 --resume --report run.json
      zstdcat crawl.jsonl.zst | clean run --from jsonl --to jsonl | jq -r .text
    """
    from cleaner.write import find_target

    how = _How(**options)
    if not inputs and is_terminal(sys.stdin):
        raise UsageError("nothing to clean: name files or folders, or feed a page to standard input")
    inputs = inputs or ("-",)
    _check(how, inputs)
    sources, several = open_sources(inputs, asked)
    target = find_target(how.output, how.to, several=several, shard_size=how.shard_size)
    if how.dry_run:
        return _rehearse(sources, target, how)
    return _Run(inputs, asked, how, target, several).through(sources)


def _check(how: _How, inputs: Sequence[str]) -> None:
    """Refuse options that make no sense together."""
    if how.resume and how.restart:
        raise UsageError("--resume and --restart exclude each other, give one of them")
    if how.resume and how.output in (None, "-"):
        raise UsageError("--resume needs an output that stays: -o PATH")
    if how.resume and "-" in inputs:
        raise UsageError("--resume reads its inputs again, and standard input is gone then: name files or folders")


def _rehearse(sources: Iterable[Source | Failure], target: Target, how: _How) -> int:
    """Read all, write nothing: one line for each source, and one that adds up."""
    from cleaner.render import visible
    from cleaner.write import TreeSink

    readable = failed = 0
    for source in sources:
        if isinstance(source, Failure):
            failed += 1
            say_failed(source)
        else:
            readable += 1
            place = target.sink.place(source.id) if isinstance(target.sink, TreeSink) else how.output
            show(visible(f"{source.id} ({len(source.data):,} bytes) -> {place or 'standard output'}") + "\n")
    click.echo(f"{readable + failed:,} read = {readable:,} to clean + {failed:,} failed; nothing was written", err=True)
    return FAILED if failed else 0


class _Run:
    """One run over all inputs: what it needs, and how it ends."""

    def __init__(self, inputs: Sequence[str], asked: Asked, how: _How, target: Target, several: bool) -> None:
        from cleaner.batch import Batch
        from cleaner.duty import Duty
        from cleaner.tally import Tally

        duty = Duty(asked.options, _shape(target, how), Limits(how.page_timeout, how.page_memory))
        self._inputs = inputs
        self._asked = asked
        self._how = how
        self._target = target
        self._several = several
        self._batch = Batch(duty, how.jobs if several else 0)
        self._tally = Tally()

    def through(self, sources: Iterable[Source | Failure]) -> int:
        """Clean all sources, write the articles, say how it went, and give the exit code."""
        with _new_file(self._how.report) as report:
            code = self._clean_or_stop(sources)
            if report:
                report.write(self._report(finished=code is None))
        if not self._how.quiet:
            click.echo(self._tally.sum(), err=True)
        return code or (FAILED if self._tally.failed else 0)

    def _clean_or_stop(self, sources: Iterable[Source | Failure]) -> int | None:
        try:
            self._clean(sources)
        except Stopped as stopped:
            say(f"stopped, and {self._tally.read:,} inputs are done: go on with --resume")
            return stopped.code
        return None

    def _clean(self, sources: Iterable[Source | Failure]) -> None:
        from cleaner.write import with_removals

        with ExitStack() as stack:
            errors = stack.enter_context(_new_file(self._how.errors))
            journal = stack.enter_context(self._journal())
            stop = stack.enter_context(listening() if journal else nullcontext(Stop()))
            sink = stack.enter_context(with_removals(self._target.sink, self._how.removed))
            progress = stack.enter_context(self._progress())
            items = stop.cut(journal.known(sources) if journal else sources)
            outcomes = stack.enter_context(closing(self._batch.run(items, self._is_ready)))
            kept = stack.enter_context(closing(journal.keep(outcomes))) if journal else outcomes
            for outcome in kept:
                self._count(_written(outcome, sink), errors)
                progress.show(self._tally)
            stop.check()

    def _is_ready(self) -> bool:
        """Whether the next input can be had without waiting, as far as that can be told."""
        if "-" not in self._inputs:
            return True
        import select

        try:
            return bool(select.select([sys.stdin], [], [], 0)[0])
        except (OSError, ValueError, TypeError):
            return True

    def _count(self, outcome: Outcome, errors: NewFile | None) -> None:
        self._tally.count(outcome)
        if isinstance(outcome.result, Failure):
            say_failed(outcome.result)
            if errors:
                from cleaner.render import json_line, plain

                errors.write(json_line(plain(asdict(outcome.result))).encode())

    def _progress(self) -> AbstractContextManager[Progress]:
        from cleaner.progress import Lines, Silent, bar

        is_on_screen = self._how.output in (None, "-") and is_terminal(sys.stdout)
        if self._how.quiet or not self._several or is_on_screen:
            return nullcontext(Silent())
        if not is_terminal(sys.stderr):
            return nullcontext(Lines(say))
        from cleaner.read import count_documents

        return bar(count_documents(self._inputs, self._asked.form))

    def _journal(self) -> AbstractContextManager[Journal | None]:
        """What is kept for taking the run up again; of a single document, or for a pipe, nothing."""
        from cleaner.files import is_special

        output = Path(self._how.output or "-")
        if not self._several or str(output) == "-" or (is_special(output) and not output.is_dir()):
            return nullcontext()
        from cleaner.journal import open_journal
        from cleaner.write import TreeSink

        return open_journal(
            output,
            self._terms(),
            "resume" if self._how.resume else "restart" if self._how.restart else "refuse",
            is_tree=isinstance(self._target.sink, TreeSink),
            places=[Path(path).parent for path in (self._how.errors, self._how.report, self._how.removed) if path],
            keeps="-" not in self._inputs,
        )

    def _terms(self) -> Mapping[str, Any]:
        """All that decides what comes out."""
        given = click.get_current_context().params
        return {
            "inputs": [path if path == "-" else str(Path(path).absolute()) for path in self._inputs],
            "ruleset": self._batch.ruleset,
            **_versions(),
            **{name.replace("_", "-"): value for name, value in given.items() if name not in _FREE},
        }

    def _report(self, *, finished: bool) -> bytes:
        import json

        from cleaner.render import plain

        head = {"finished": finished, "output": self._how.output, "jobs": self._how.jobs, "run": self._terms()}
        return json.dumps(plain({**head, **self._tally.report()}), ensure_ascii=False, indent=1).encode() + b"\n"


def _shape(target: Target, how: _How) -> Any:
    """How articles are prepared for a target, where they are made."""
    from cleaner.duty import in_turn
    from cleaner.removed import present_with_removal
    from cleaner.render import made_a_line, present
    from cleaner.write import BODIES, LINES

    prepare = present_with_removal if how.removed else present
    shape = functools.partial(prepare, form=target.form, title=how.title and target.begin is BODIES)
    return functools.partial(in_turn, shapes=(shape, made_a_line)) if target.begin is LINES else shape


def _new_file(path: str | None) -> AbstractContextManager[NewFile | None]:
    from cleaner.files import new_file

    return new_file(Path(path)) if path else nullcontext()


def _written(outcome: Outcome, sink: Sink) -> Outcome:
    """Write an article; one that can't be written is a failure, too."""
    if isinstance(outcome.result, Failure):
        return outcome
    try:
        sink.write(outcome.result)
    except InputError as error:
        return replace(outcome, result=Failure(outcome.result.id, error.stage, str(error)))
    return outcome


def _versions() -> Mapping[str, str | None]:
    from importlib.metadata import PackageNotFoundError, version
    from platform import python_version

    def installed(name: str) -> str | None:
        try:
            return version(name)
        except PackageNotFoundError:
            return None

    return {"cleaner": VERSION, "python": python_version(), **{name: installed(name) for name in _LIBRARIES}}
