"""What several commands share: how inputs are read, which rules are used, how messages are said."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from cleaner.commands.complete import disabled, kinds
from cleaner.config import SHIFT
from cleaner.errors import UsageError
from cleaner.model import Failure, Options, Source

Function = TypeVar("Function", bound=Callable[..., Any])

#: Exit codes: an input failed; the call or a rule file is wrong.
FAILED: Final = 1
WRONG: Final = 2
#: Exit codes of runs that were stopped, by Ctrl-C or by SIGTERM, as shells show them.
INTERRUPTED: Final = 130
TERMINATED: Final = 143


def is_terminal(stream: Any) -> bool:
    """Whether somebody sits at the stream."""
    return stream is not None and stream.isatty()


def say(message: str) -> None:
    """Say one line on standard error; nothing in it reaches the terminal as a control character."""
    from cleaner.render import visible

    click.echo(f"clean: {visible(message)}", err=True)


def say_failed(failure: Failure) -> None:
    """Say which input failed, and why."""
    say(f"{failure.id}: {failure.reason}")


def show(output: str) -> None:
    """Write to standard output as UTF-8, whatever the locale says."""
    click.echo(output.encode("utf-8", "backslashreplace"), nl=False)


with_rules: Final = click.option(
    "--rules", "paths", metavar="PATH", multiple=True, type=click.Path(), help="Rule file or folder to add; repeatable."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """How inputs are to be read and cleaned."""

    form: Any
    fields: Mapping[str, Any]
    url: str | None
    options: Options


_READING: Final[Sequence[Callable[[Any], Any]]] = (
    click.option(
        "--from",
        "form",
        type=click.Choice(["auto", "html", "text", "jsonl", "csv", "tsv", "parquet", "warc"]),
        default="auto",
        help="What the inputs are. By default suffix and content tell.",
    ),
    click.option(
        "--html-field", metavar="NAME", help="Field of a record that holds a page (JSON Lines, CSV, Parquet).  [html]"
    ),
    click.option("--text-field", metavar="NAME", help="Field that holds a flattened text.  [text]"),
    click.option("--id-field", metavar="NAME", help="Field that holds a record's id.  [id]"),
    click.option("--url-field", metavar="NAME", help="Field that holds a page's address.  [url]"),
    click.option(
        "--carry",
        metavar="NAME",
        multiple=True,
        help='Field that rides along as metadata; repeatable, "" for none.  [all others]',
    ),
    click.option("--url", metavar="URL", help="Address of the page, when there is but one."),
)

_DECIDING: Final[Sequence[Callable[[Any], Any]]] = (
    click.option(
        "--rules", metavar="PATH", multiple=True, type=click.Path(), help="Rule file or folder to add; repeatable."
    ),
    click.option(
        "--disable",
        metavar="X",
        multiple=True,
        shell_complete=disabled,
        help="Rule, family or kind to leave out (SHR001, SHR, kind:share); repeatable.",
    ),
    click.option(
        "--keep",
        metavar="KIND",
        multiple=True,
        shell_complete=kinds,
        help="Kind of chrome that stays (credit); repeatable.",
    ),
    click.option("--captions", is_flag=True, help="Keep the captions of pictures."),
    click.option(
        "--as",
        "kind",
        type=click.Choice(["page", "article"]),
        default="page",
        help="With article, what is no article (a forum, a shop, a list) comes out empty, with a note.",
    ),
    click.option("--precision", is_flag=True, help="Drop more: what stays is body, but some of it may be missing."),
    click.option("--recall", is_flag=True, help="Drop less: the body is complete, but some chrome may stay."),
)


def asks(command: Function) -> Function:
    """Give a command all the options above, as one argument `asked`."""

    @decides
    @functools.wraps(command)
    def gathered(form: str, url: str | None, options: Options, **more: Any) -> Any:
        named = {name: more.pop(f"{name}_field") for name in ("html", "text", "id", "url")}
        fields: dict[str, Any] = {name: field for name, field in named.items() if field is not None}
        if carry := more.pop("carry"):
            fields["carried"] = tuple(filter(None, carry))
        return command(asked=Asked(form, fields, url, options), **more)

    return _with(_READING, gathered)  # type: ignore[no-any-return]


def decides(command: Function) -> Function:
    """Give a command the options that bear on decisions, as one argument `options`."""

    @functools.wraps(command)
    def gathered(
        rules: tuple[str, ...],
        disable: tuple[str, ...],
        keep: tuple[str, ...],
        captions: bool,
        kind: str,
        precision: bool,
        recall: bool,
        **more: Any,
    ) -> Any:
        if precision and recall:
            precision, recall = is_given("precision"), is_given("recall")
        if precision and recall:
            raise UsageError("--precision and --recall exclude each other, give one of them")
        shift = SHIFT * (recall - precision)
        options = Options(rules, disable, keep, shift, captions, as_article=kind == "article")
        return command(options=options, **more)

    return _with(_DECIDING, gathered)  # type: ignore[no-any-return]


def _with(options: Sequence[Callable[[Any], Any]], command: Any) -> Any:
    for option in reversed(options):
        command = option(command)
    return command


def is_given(parameter: str) -> bool:
    """Whether a parameter stands on the command line, and does not come from a configuration file."""
    return click.get_current_context().get_parameter_source(parameter) is ParameterSource.COMMANDLINE


def open_sources(inputs: Sequence[str], asked: Asked) -> tuple[Iterator[Source | Failure], bool]:
    """The inputs' sources, and whether there are several of them."""
    from cleaner.read import Fields, read

    sources = read(inputs, form=asked.form, fields=Fields(**asked.fields), tell=say)
    first = list(islice(sources, 2))
    several = len(first) > 1
    if asked.url is None:
        return chain(first, sources), several
    if several:
        raise UsageError("--url is the address of one page, but there are several; records give theirs by --url-field")
    return iter([replace(item, url=asked.url) if isinstance(item, Source) else item for item in first]), several
