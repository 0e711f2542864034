"""`clean rules`: look at rules and check them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from cleaner.commands.shared import WRONG, show, with_rules
from cleaner.errors import UsageError

if TYPE_CHECKING:
    from cleaner.model import Rule


@click.group(no_args_is_help=False)
def rules() -> None:
    """Look at rules and check them.

    \b
    Examples:
      clean rules list
      clean rules show SHR001
      clean rules lint my-rules/
    """


@rules.command("list")
@with_rules
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
    show("".join(map(json_line, map(view, known)) if as_json else [f"{row}\n" for row in table(known)]))


@rules.command("show")
@with_rules
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
    show("".join([f"{visible(row)}\n" for row in entry(rule)]))


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
    show(
        "".join([f"{visible(problem)}\n" for problem in wrong]) or f"{count:,} rule{'s' * (count != 1)}, no problems\n"
    )
    return WRONG if wrong else 0
