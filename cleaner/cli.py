"""The command line: what `clean` takes and says. Only click is imported before a command knows what it needs."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

import click

from cleaner.commands.defaults import default_map, located
from cleaner.commands.explain import explain
from cleaner.commands.golden import golden
from cleaner.commands.restore import restore
from cleaner.commands.review import review
from cleaner.commands.rules import rules
from cleaner.commands.run import run
from cleaner.commands.shared import INTERRUPTED, TERMINATED, WRONG, is_terminal, say
from cleaner.errors import CleanError, UsageError
from cleaner.version import VERSION

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


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
        if not args and not ctx.resilient_parsing:
            args = ["--help"] if is_terminal(sys.stdin) else ["run"]
        elif args and args[0] not in own:
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the first word: a command, else what the default command takes; bash knows no mixture of both."""
        run = self.commands["run"]
        own = super().shell_complete(ctx, incomplete)
        with run.make_context("run", [], ctx, resilient_parsing=True) as context:
            if incomplete.startswith("-"):
                return own + run.shell_complete(context, incomplete)
            return own or run.params[0].shell_complete(context, incomplete)

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
            say(f"{error.format_message().rstrip('.')}; see {error.ctx.command_path if error.ctx else 'clean'} --help")
        except (CleanError, click.ClickException) as error:
            code = WRONG
            for line in str(error).split("\n"):  # of a set of cases all that is wrong is named, a line each
                say(line)
        sys.exit(code or 0)

    def invoke(self, ctx: click.Context) -> Any:
        ctx.default_map = default_map(self, ctx)
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _let_go_of_stdout()
            return 0
        except UsageError as error:
            raise located(error) from None


def _let_go_of_stdout() -> None:
    """Nobody reads any more, so what is still buffered has nowhere to go when Python ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=_Front, subcommand_metavar="[INPUT]... | COMMAND [ARGS]...")
@click.version_option(VERSION, message="%(prog)s %(version)s")
def cli() -> None:
    """Turn raw scrapes, HTML pages or text that was already flattened, into clean article bodies.

    INPUT is a file, a folder, or - for standard input, which is read when there is no INPUT. Files may be pages, JSON
    Lines, CSV, Parquet, WARC, tar or zip, packed or not. One document goes to standard output as text, several as JSON
    Lines.

    \b
    Examples:
      clean page.html                      one page, its body on standard output
      curl -s https://example.com | clean  the same from a pipe
      clean scrapes/ -o out/               a folder to a folder: out/<same path>.txt
      clean scrapes/ -o bodies.jsonl       a folder to one file, with titles and all
      clean explain page.html              every block: kept or dropped, and why
      clean rules list                     what is known about chrome
    """


for _command in (run, explain, review, restore, rules, golden):
    cli.add_command(_command)
