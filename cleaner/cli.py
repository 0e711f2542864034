"""The command line: what `clean` takes and says. Only click is imported before a command knows what it needs."""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click

from cleaner.errors import CleanError, InputError, UsageError
from cleaner.model import Article, Failure, Options, Source
from cleaner.version import VERSION

if TYPE_CHECKING:
    from cleaner.model import Rule
    from cleaner.write import NewFile, Sink

Function = TypeVar("Function", bound=Callable[..., Any])

#: Decibans by which `--precision` lowers and `--recall` raises the total from which a block goes.
SHIFT: Final = 6

FAILED: Final = 1
WRONG: Final = 2
INTERRUPTED: Final = 130
TERMINATED: Final = 143


def main() -> NoReturn:
    """Run `clean` and end the process with its exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    cli()
    raise AssertionError("a command group always exits")


def _terminate(*_: object) -> NoReturn:
    """End by way of an exception, so that unfinished files are removed."""
    sys.exit(TERMINATED)


class _Front(click.Group):
    """A group with a default command: whatever is no command's name is given to `run`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*self.commands, "--help", "--version"}
        if not args:
            args = ["--help"] if _is_terminal(sys.stdin) else ["run"]
        elif args[0] not in own:
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of the default command as the group's own."""
        params = [*self.commands["run"].params, *self.get_params(ctx)]
        records = [record for param in params if (record := param.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl(records)
        self.format_commands(ctx, formatter)

    def main(self, args: Sequence[str] | None = None, *_: Any, **__: Any) -> NoReturn:
        """Run, say every error in one line, and exit: 0, 1 (inputs failed), 2 (wrong use), 130 (interrupted)."""
        try:
            code = super().main(args, "clean", standalone_mode=False)
        except click.Abort:
            code = INTERRUPTED
        except click.UsageError as error:
            code = WRONG
            _say(f"{error.format_message().rstrip('.')}; see {error.ctx.command_path if error.ctx else 'clean'} --help")
        except (CleanError, click.ClickException) as error:
            code = WRONG
            _say(str(error))
        sys.exit(code or 0)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _let_go_of_stdout()
            return 0


def _is_terminal(stream: Any) -> bool:
    return stream is not None and stream.isatty()


def _let_go_of_stdout() -> None:
    """Nobody reads any more, so what is still buffered has nowhere to go when Python ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str) -> None:
    from cleaner.render import visible

    click.echo(f"clean: {visible(message)}", err=True)


@click.group(cls=_Front, subcommand_metavar="[INPUT]... | COMMAND [ARGS]...")
@click.version_option(VERSION, message="%(prog)s %(version)s")
def cli() -> None:
    """Turn raw scrapes, HTML pages or text that was already flattened, into clean article bodies.

    INPUT is a file, a folder, or - for standard input, which is read when there is no INPUT. One document goes to
    standard output as text, several as JSON Lines.

    \b
    Examples:
      clean page.html                      one page, its body on standard output
      curl -s https://example.com | clean  the same from a pipe
      clean scrapes/ -o out/               a folder to a folder: out/<same path>.txt
      clean scrapes/ -o bodies.jsonl       a folder to one file, with titles and all
      clean explain page.html              every block: kept or dropped, and why
      clean rules list                     what is known about chrome
    """


# --- What run and explain share --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """How inputs are to be read and cleaned."""

    form: Any
    fields: Mapping[str, str]
    url: str | None
    options: Options


_SHARED: Final[Sequence[Callable[[Any], Any]]] = (
    click.option(
        "--from",
        "form",
        type=click.Choice(["auto", "html", "text", "jsonl"]),
        default="auto",
        help="What the inputs are. By default suffix and content tell.",
    ),
    click.option("--html-field", metavar="NAME", help="Field of a JSON Lines record that holds a page.  [html]"),
    click.option("--text-field", metavar="NAME", help="Field that holds a flattened text.  [text]"),
    click.option("--id-field", metavar="NAME", help="Field that holds a record's id.  [id]"),
    click.option("--url-field", metavar="NAME", help="Field that holds a page's address.  [url]"),
    click.option("--url", metavar="URL", help="Address of the page, when there is but one."),
    click.option("--rules", metavar="PATH", multiple=True, help="Rule file or folder to add; repeatable."),
    click.option(
        "--disable",
        metavar="X",
        multiple=True,
        help="Rule, family or kind to leave out (SHR001, SHR, kind:share); repeatable.",
    ),
    click.option("--keep", metavar="KIND", multiple=True, help="Kind of chrome that stays (credit); repeatable."),
    click.option("--precision", is_flag=True, help="Drop more: what stays is body, but some of it may be missing."),
    click.option("--recall", is_flag=True, help="Drop less: the body is complete, but some chrome may stay."),
)


def _shared(command: Function) -> Function:
    """Give a command the options above, as one argument `asked`."""

    @functools.wraps(command)
    def gathered(
        form: str,
        url: str | None,
        rules: tuple[str, ...],
        disable: tuple[str, ...],
        keep: tuple[str, ...],
        precision: bool,
        recall: bool,
        **more: Any,
    ) -> Any:
        if precision and recall:
            raise UsageError("--precision and --recall exclude each other, give one of them")
        shift = SHIFT * (recall - precision)
        named = {name: more.pop(f"{name}_field") for name in ("html", "text", "id", "url")}
        fields = {name: field for name, field in named.items() if field is not None}
        return command(asked=_Asked(form, fields, url, Options(rules, disable, keep, shift)), **more)

    for option in reversed(_SHARED):
        gathered = option(gathered)
    return gathered  # type: ignore[return-value]


def _read(inputs: Sequence[str], asked: _Asked) -> tuple[Iterator[Source | Failure], bool]:
    """The inputs' sources, and whether there are several of them."""
    from cleaner.read import Fields, read

    sources = read(inputs, form=asked.form, fields=Fields(**asked.fields))
    first = list(islice(sources, 2))
    several = len(first) > 1
    if asked.url is None:
        return chain(first, sources), several
    if several:
        raise UsageError("--url is the address of one page, but there are several; records give theirs by --url-field")
    return iter([replace(item, url=asked.url) if isinstance(item, Source) else item for item in first]), several


# --- clean run -------------------------------------------------------------------------------------------------------


@cli.command()
@click.argument("inputs", metavar="[INPUT]...", nargs=-1)
@click.option(
    "-o", "--output", metavar="PATH", help="File by suffix (.txt, .md, .json, .jsonl; also .gz, .zst), else a folder."
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
@click.option("--errors", metavar="FILE", help="Write one JSON line per failed input: id, stage, reason.")
@click.option("-q", "--quiet", is_flag=True, help="Leave out the line that sums up.")
@_shared
def run(
    inputs: tuple[str, ...],
    asked: _Asked,
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

    if not inputs and _is_terminal(sys.stdin):
        raise UsageError("nothing to clean: name files or folders, or feed a page to standard input")
    sources, several = _read(inputs or ("-",), asked)
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
        _say(f"{failure.id}: {failure.reason}")
        if self._file:
            from cleaner.render import json_line, plain

            row = {"id": failure.id, "stage": failure.stage, "reason": failure.reason}
            self._file.write(json_line(plain(row)).encode())

    def sum(self) -> str:
        """The line that adds up."""
        read = self.cleaned + self.empty + self.failed
        return f"{read:,} read = {self.cleaned:,} cleaned + {self.empty:,} empty + {self.failed:,} failed"


# --- clean explain ---------------------------------------------------------------------------------------------------


@cli.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per document, with all evidence.")
@_shared
def explain(file: str, asked: _Asked, as_json: bool) -> int:
    """Show every block of FILE: kept or dropped (-), its points, and which rules and measures say so.

    Points are decibans: +10 is ten times likelier chrome, -10 ten times likelier body. - is standard input.

    \b
    Examples:
      clean explain page.html
      clean explain page.html --json | jq '.blocks[] | select(.kind == "related")'
    """
    from cleaner.batch import clean_batch

    sources, _ = _read((file,), asked)
    failed = 0
    for number, result in enumerate(clean_batch(sources, asked.options, shape=_with_judgement)):
        if isinstance(result, Failure):
            failed += 1
            _say(f"{result.id}: {result.reason}")
        else:
            _print(_explained(result, as_json, apart=number > 0))
    return FAILED if failed else 0


def _with_judgement(article: Article) -> Article:
    return article


def _explained(article: Article, as_json: bool, *, apart: bool) -> str:
    from cleaner.explain import lines, view
    from cleaner.render import json_line

    if as_json:
        return json_line(view(article))
    terminal = _is_terminal(sys.stdout)
    width = get_terminal_size().columns if terminal else None
    shown = lines(article, width=width, colour=terminal and "NO_COLOR" not in os.environ)
    return "\n" * apart + "".join([f"{line}\n" for line in shown])


def _print(output: str) -> None:
    """Write to standard output as UTF-8, whatever the locale says."""
    click.echo(output.encode("utf-8", "backslashreplace"), nl=False)


# --- clean rules -----------------------------------------------------------------------------------------------------


@cli.group(no_args_is_help=False)
def rules() -> None:
    """Look at rules and check them.

    \b
    Examples:
      clean rules list
      clean rules show SHR001
      clean rules lint my-rules/
    """


_RULES: Final = click.option(
    "--rules", "paths", metavar="PATH", multiple=True, help="Rule file or folder to add; repeatable."
)


@rules.command("list")
@_RULES
@click.option("--json", "as_json", is_flag=True, help="One JSON object per rule.")
def list_rules(paths: tuple[str, ...], as_json: bool) -> None:
    """List all rules.

    \b
    Examples:
      clean rules list
      clean rules list --json | jq -r 'select(.kind == "share") | .code'
    """
    from cleaner.catalogue import table, view
    from cleaner.render import json_line
    from cleaner.rules import load_rules

    known = load_rules(paths).rules
    _print("".join(map(json_line, map(view, known)) if as_json else [f"{row}\n" for row in table(known)]))


@rules.command("show")
@_RULES
@click.argument("code")
def show_rule(paths: tuple[str, ...], code: str) -> None:
    """Show everything about the rule CODE, with its examples.

    \b
    Example:
      clean rules show SHR001
    """
    from cleaner.catalogue import entry
    from cleaner.render import visible
    from cleaner.rules import load_rules

    rule = _find(code, load_rules(paths).rules)
    _print("".join([f"{visible(row)}\n" for row in entry(rule)]))


def _find(code: str, known: Iterable[Rule]) -> Rule:
    from cleaner.schema import suggest

    by_code = {rule.code: rule for rule in known}
    if code.upper() not in by_code:
        raise UsageError(f"unknown rule {code}{suggest(code.upper(), by_code) or ', clean rules list has them all'}")
    return by_code[code.upper()]


@rules.command("lint")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
def lint_rules(paths: tuple[str, ...]) -> int:
    """Check rule files or folders, and run their examples; without PATH, the shipped rules.

    \b
    Example:
      clean rules lint my-rules/ && clean scrapes/ --rules my-rules/ -o out/
    """
    from cleaner.catalogue import lint
    from cleaner.render import visible

    count, wrong = lint(paths)
    _print(
        "".join([f"{visible(problem)}\n" for problem in wrong]) or f"{count:,} rule{'s' * (count != 1)}, no problems\n"
    )
    return WRONG if wrong else 0


# --- clean golden ----------------------------------------------------------------------------------------------------


@cli.group()
def golden() -> None:
    """Check bodies against recorded ones: a folder of cases, each with source.*, expected.txt and case.toml.

    \b
    Examples:
      clean golden check golden/
      clean golden update golden/
    """


@golden.command("check")
@_RULES
@click.argument("folder", metavar="DIR")
def check_goldens(folder: str, paths: tuple[str, ...]) -> int:
    """Clean every case of DIR and compare; what differs is shown with the blocks and rules behind it.

    \b
    Example:
      clean golden check golden/
    """
    from cleaner.golden import check, load_cases
    from cleaner.pipeline import Cleaner

    clean = Cleaner(Options(rules=paths)).clean
    outcomes = [check(case, clean) for case in load_cases(Path(folder))]
    failed = [outcome for outcome in outcomes if not outcome.passed]
    _print("".join([f"{outcome.report}\n" for outcome in failed]))
    _say(f"{len(outcomes):,} cases = {len(outcomes) - len(failed):,} passed + {len(failed):,} failed")
    return FAILED if failed else 0


@golden.command("update")
@_RULES
@click.argument("folder", metavar="DIR")
def update_goldens(folder: str, paths: tuple[str, ...]) -> None:
    """Write today's bodies over the expected ones of DIR that differ. Read the difference before you commit it.

    \b
    Example:
      clean golden update golden/ && git diff golden/
    """
    from cleaner.golden import update
    from cleaner.pipeline import Cleaner

    for path in update(Path(folder), Cleaner(Options(rules=paths)).clean):
        _print(f"{path}\n")
