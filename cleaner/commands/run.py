"""`clean run`: clean documents, count them, and tell of each that failed."""

from __future__ import annotations

import functools
import sys
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import click

from cleaner.commands.shared import FAILED, Asked, asks, is_terminal, open_sources, say
from cleaner.errors import InputError, UsageError
from cleaner.model import Article, Failure

if TYPE_CHECKING:
    from cleaner.write import NewFile, Sink


@click.command()
@click.argument("inputs", metavar="[INPUT]...", nargs=-1, type=click.Path())
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    type=click.Path(),
    help="File by suffix (.txt, .md, .json, .jsonl; also .gz, .zst), else a folder.",
)
@click.option(
    "--to",
    type=click.Choice(["text", "markdown", "jsonl"]),
    help="Form of the output. By default the suffix of PATH tells.",
)
@click.option("--title", is_flag=True, help="Put the headline first, in text and Markdown.")
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="Child processes for several inputs."
)
@click.option(
    "--errors", metavar="FILE", type=click.Path(), help="Write one JSON line per failed input: id, stage, reason."
)
@click.option("-q", "--quiet", is_flag=True, help="Leave out the line that sums up.")
@asks
def run(
    inputs: tuple[str, ...],
    asked: Asked,
    output: str | None,
    to: Any,
    title: bool,
    jobs: int,
    errors: str | None,
    quiet: bool,
) -> int:
    """Clean documents. `clean INPUT` is short for `clean run INPUT`.

    \b
    Examples:
      clean run page.html --title --to markdown
      clean run scrapes/ -o bodies.jsonl.gz -j 4 --errors failed.jsonl
      zstdcat crawl.jsonl.zst | clean run --from jsonl --to jsonl | jq -r .text
    """
    from cleaner.batch import clean_batch
    from cleaner.render import present
    from cleaner.write import find_target

    if not inputs and is_terminal(sys.stdin):
        raise UsageError("nothing to clean: name files or folders, or feed a page to standard input")
    sources, several = open_sources(inputs or ("-",), asked)
    target = find_target(output, to, several=several)
    shape = functools.partial(present, form=target.form, title=title and target.bare)
    results = clean_batch(sources, asked.options, jobs if several else 1, shape=shape)
    with ExitStack() as stack:
        report = _Report(stack.enter_context(_error_file(errors)) if errors else None)
        sink = stack.enter_context(target.sink)
        for result in stack.enter_context(closing(results)):
            report.count(_written(result, sink))
    if not quiet:
        click.echo(report.sum(), err=True)
    return FAILED if report.failed else 0


def _error_file(path: str) -> Any:
    from pathlib import Path

    from cleaner.write import new_file

    return new_file(Path(path))


def _written(result: Article | Failure, sink: Sink) -> Article | Failure:
    """Write an article; one that can't be written is a failure, too."""
    if isinstance(result, Failure):
        return result
    try:
        sink.write(result)
    except InputError as error:
        return Failure(result.id, error.stage, str(error))
    return result


class _Report:
    """Accounts for every input: counts it, and tells of each that failed."""

    def __init__(self, file: NewFile | None) -> None:
        self._file = file
        self.cleaned = 0
        self.empty = 0
        self.failed = 0

    def count(self, result: Article | Failure) -> None:
        """Take one input's result."""
        if isinstance(result, Failure):
            self.failed += 1
            self._tell(result)
        elif result.status == "empty":
            self.empty += 1
        else:
            self.cleaned += 1

    def _tell(self, failure: Failure) -> None:
        say(f"{failure.id}: {failure.reason}")
        if self._file:
            from cleaner.render import json_line, plain

            row = {"id": failure.id, "stage": failure.stage, "reason": failure.reason}
            self._file.write(json_line(plain(row)).encode())

    def sum(self) -> str:
        """The line that adds up."""
        read = self.cleaned + self.empty + self.failed
        return f"{read:,} read = {self.cleaned:,} cleaned + {self.empty:,} empty + {self.failed:,} failed"
