"""`clean explain`: show every block of a document with its decision and the evidence for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from cleaner.commands.shared import FAILED, Asked, asks, is_terminal, open_sources, say_failed, show
from cleaner.errors import UsageError
from cleaner.model import Article, Failure

if TYPE_CHECKING:
    from cleaner.model import Options, Rule


@click.command()
@click.argument("inputs", metavar="[INPUT]...", nargs=-1, type=click.Path())
@click.option(
    "--why", metavar="LINE", help="Tell one block's evidence as a sum: its number, or a text that it contains."
)
@click.option(
    "--html",
    "page",
    metavar="FILE",
    type=click.Path(),
    help="Write one HTML page about all inputs, to be opened in a browser.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per document, with all evidence.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="Child processes.")
@asks
def explain(inputs: tuple[str, ...], asked: Asked, why: str | None, page: str | None, as_json: bool, jobs: int) -> int:
    """Show every block of each INPUT: kept or dropped (-), its points, and which rules and measures say so.

    Points are decibans: +10 is ten times likelier chrome, -10 ten times likelier body. A ~ marks a near miss: a total
    within 3 decibans of the threshold. Without INPUT, or for -, standard input is read.

    \b
    Examples:
      clean explain page.html
      clean explain page.html --why "Leave a reply"
      clean explain scrapes/ --html report.html
      clean explain page.html --json | jq '.blocks[] | select(.kind == "related")'
    """
    from cleaner.batch import clean_batch
    from cleaner.explain import portable

    if page and (why or as_json):
        raise UsageError("--html writes a page about all blocks, give it without --why and --json")
    if not inputs and is_terminal(sys.stdin):
        raise UsageError("nothing to explain: name files or folders, or feed a page to standard input")
    sources, several = open_sources(inputs or ("-",), asked)
    results = clean_batch(sources, asked.options, jobs if several else 0, shape=portable)
    if page:
        return _write_page(page, results, asked.options)
    return _show(results, asked.options, why, as_json)


def _show(results: Iterable[Article | Failure], options: Options, why: str | None, as_json: bool) -> int:
    failed = shown = 0
    for result in results:
        if isinstance(result, Failure):
            failed += 1
            say_failed(result)
        elif text := _explained(result, options, why, as_json):
            show("\n" * (shown > 0 and not as_json) + text)
            shown += 1
    if why and not shown and not failed:
        raise UsageError(f"no block contains {why!r}; without --why all blocks are shown, each with its number")
    return FAILED if failed else 0


def _explained(article: Article, options: Options, why: str | None, as_json: bool) -> str:
    from cleaner.explain import block_view, find_blocks, lines, view
    from cleaner.render import json_line, plain

    threshold = options.threshold
    if as_json and why:
        return "".join([json_line(plain(block_view(one))) for one in find_blocks(article, why, threshold)])
    if as_json:
        return json_line(view(article, threshold))
    terminal = is_terminal(sys.stdout)
    width = get_terminal_size().columns if terminal else None
    shown = _told(article, options, why) if why else lines(article, threshold=threshold, width=width, colour=_colour())
    return "".join([f"{line}\n" for line in shown])


def _colour() -> bool:
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _told(article: Article, options: Options, wanted: str) -> Iterable[str]:
    """The sums of the blocks that are meant, one below the other."""
    from cleaner.explain import MOST_TOLD, find_blocks, why

    found, rules = find_blocks(article, wanted, options.threshold), _rules(options)
    for number, one in enumerate(found[:MOST_TOLD]):
        yield from [""] * (number > 0)
        yield from why(one, article, rules, options.threshold)
    if len(found) > MOST_TOLD:
        yield from ["", f"{len(found) - MOST_TOLD:,} more blocks contain it; say more of the text, or give a number"]


@cache
def _rules(options: Options) -> dict[str, Rule]:
    from cleaner.rules import load_rules

    rules = load_rules(options.rules, disable=options.disable, keep=options.keep).rules
    return {rule.code: rule for rule in rules}


def _write_page(page: str, results: Iterable[Article | Failure], options: Options) -> int:
    from cleaner.report import write_report

    counted = write_report(
        Path(page),
        results,
        _rules(options),
        options.threshold,
        tell=say_failed,
    )
    click.echo(f"{page}: {counted.sum()}", err=True)
    return FAILED if counted.failed else 0
