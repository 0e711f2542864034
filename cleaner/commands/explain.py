"""`clean explain`: show every block of a document with its decision and the evidence for it."""

from __future__ import annotations

import os
import sys
from shutil import get_terminal_size

import click

from cleaner.commands.shared import FAILED, Asked, asks, is_terminal, open_sources, say, show
from cleaner.model import Article, Failure


@click.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per document, with all evidence.")
@asks
def explain(file: str, asked: Asked, as_json: bool) -> int:
    """Show every block of FILE: kept or dropped (-), its points, and which rules and measures say so.

    Points are decibans: +10 is ten times likelier chrome, -10 ten times likelier body. - is standard input.

    \b
    Examples:
      clean explain page.html
      clean explain page.html --json | jq '.blocks[] | select(.kind == "related")'
    """
    from cleaner.batch import clean_batch

    sources, _ = open_sources((file,), asked)
    failed = 0
    for number, result in enumerate(clean_batch(sources, asked.options, shape=_with_judgement)):
        if isinstance(result, Failure):
            failed += 1
            say(f"{result.id}: {result.reason}")
        else:
            show(_explained(result, as_json, apart=number > 0))
    return FAILED if failed else 0


def _with_judgement(article: Article) -> Article:
    return article


def _explained(article: Article, as_json: bool, *, apart: bool) -> str:
    from cleaner.explain import lines, view
    from cleaner.render import json_line

    if as_json:
        return json_line(view(article))
    terminal = is_terminal(sys.stdout)
    width = get_terminal_size().columns if terminal else None
    shown = lines(article, width=width, colour=terminal and "NO_COLOR" not in os.environ)
    return "\n" * apart + "".join([f"{line}\n" for line in shown])
