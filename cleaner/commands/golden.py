"""`clean golden`: record bodies as cases, and check today's bodies against them."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner.commands.shared import (
    FAILED,
    Asked,
    asks,
    decides,
    is_given,
    is_terminal,
    open_sources,
    say,
    say_failed,
    show,
)
from cleaner.errors import UsageError
from cleaner.model import Article, Failure, Options

if TYPE_CHECKING:
    from cleaner.golden import Outcome

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}

_cases = click.argument("goldens", metavar="[DIR]", default="golden", type=click.Path())


@click.group()
def golden() -> None:
    """Record bodies as cases, and check today's bodies against them.

    DIR is a folder of cases, or a single one; without it, golden/. A case is a folder with source.*, expected.txt and
    case.toml.

    \b
    Examples:
      clean golden add page.html --why "sidebar of our own site"
      clean golden check
      clean golden update golden/html--our-own-site
    """


@golden.command("check")
@decides
@_cases
def check_goldens(goldens: str, options: Options) -> int:
    """Clean every case of DIR and compare; what differs is shown with the blocks and rules behind it.

    Exits with 1 when a case failed.

    \b
    Examples:
      clean golden check
      clean golden check tests/golden --rules my-rules/
    """
    from cleaner.golden import sum_up
    from cleaner.render import counted

    outcomes = _outcomes(goldens, options)
    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failed:
        show(_painted(outcome.report) + "\n\n")
    show("".join([f"{line}\n" for line in sum_up(failed)]))
    count = counted(len(outcomes), "case")
    say(f"{count} = {len(outcomes) - len(failed):,} passed + {len(failed):,} failed")
    return FAILED if failed else 0


@golden.command("diff")
@decides
@_cases
def diff_goldens(goldens: str, options: Options) -> None:
    """Show what `update` would write: each difference between expected bodies and today's, then the rules behind them.

    \b
    Example:
      clean golden diff --rules my-rules/
    """
    from cleaner.golden import sum_up

    changed = [outcome for outcome in _outcomes(goldens, options) if outcome.diff and not outcome.case.known_failure]
    show("".join([_painted(outcome.diff) + "\n" for outcome in changed]))
    for line in sum_up(changed):
        say(line)
    say(f"{len(changed):,} bod{'y' if len(changed) == 1 else 'ies'} would change")


@golden.command("update")
@decides
@_cases
def update_goldens(goldens: str, options: Options) -> None:
    """Write today's bodies over the expected ones of DIR that differ. Read the difference before you commit it.

    \b
    Example:
      clean golden update && git diff golden/
    """
    from cleaner.golden import Cleaners, update

    for path in update(Path(goldens), Cleaners(options).clean):
        show(f"{path}\n")


@golden.command("add")
@click.argument("file", type=click.Path())
@click.option(
    "--into", "goldens", metavar="DIR", type=click.Path(), default="golden", help="Folder of cases to add to.  [golden]"
)
@click.option("--family", metavar="NAME", help="What the case is about, first part of its name.  [html or flat]")
@click.option("--slug", metavar="NAME", help="Second part of its name. By default made from the headline.")
@click.option("--why", metavar="TEXT", help="What the case shows, for those who see it fail.")
@asks
def add_golden(file: str, asked: Asked, goldens: str, family: str | None, slug: str | None, why: str | None) -> int:
    """Record FILE as a case: its source, today's body, and the options given here. - is standard input.

    Nothing is ever written over. Correct expected.txt where today's body is not yet what it should be.

    \b
    Examples:
      clean golden add page.html --why "sidebar of our own site"
      clean golden add scrape.txt --family negative --slug share-prices
    """
    from cleaner.batch import as_it_is, clean_batch
    from cleaner.golden import record_case, slug_of

    sources, several = open_sources((file,), asked)
    if several:
        raise UsageError(f"{file} holds several documents, and a case has one: give one of them in a file of its own")
    article = next(clean_batch(sources, asked.options, shape=as_it_is), None)
    if not isinstance(article, Article):
        say_failed(article or Failure(file, "read", "no document in it; give a page or a text"))
        return FAILED
    slug = slug or slug_of(article.title, Path(file).stem)
    why = why or f"recorded from {article.id}"
    case = record_case(Path(goldens), family or _family(article), slug, article, why=why, options=_own_options(asked))
    show(f"{case}\n")
    say(f"read its expected.txt, and commit it; from now on: clean golden check {shlex.quote(goldens)}")
    return 0


def _family(article: Article) -> str:
    judgement = article.judgement
    return "html" if judgement and judgement.page.document.kind == "html" else "flat"


def _own_options(asked: Asked) -> dict[str, Any]:
    """What the command line sets, and no configuration file that will be there for each check as well."""
    own = {name: getattr(asked.options, name) for name in ("rules", "disable", "keep") if is_given(name)}
    return {**own, "threshold": asked.options.threshold} if is_given("precision") or is_given("recall") else own


def _outcomes(folder: str, options: Options) -> list[Outcome]:
    from cleaner.golden import Cleaners, check, load_cases

    clean = Cleaners(options).clean
    return [check(case, clean) for case in load_cases(Path(folder))]


def _painted(report: str) -> str:
    """A report as it is, or on a terminal with the lines of its differences in colour."""
    if not is_terminal(sys.stdout) or "NO_COLOR" in os.environ:
        return report
    return "\n".join([click.style(line, fg=_COLOURS.get(line[:1])) for line in report.split("\n")])
