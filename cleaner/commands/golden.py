"""`clean golden`: check bodies against recorded ones."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.commands.shared import FAILED, say, show, with_rules
from cleaner.model import Options


@click.group()
def golden() -> None:
    """Check bodies against recorded ones: a folder of cases, each with source.*, expected.txt and case.toml.

    \b
    Examples:
      clean golden check golden/
      clean golden update golden/
    """


@golden.command("check")
@with_rules
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
    show("".join([f"{outcome.report}\n" for outcome in failed]))
    say(f"{len(outcomes):,} cases = {len(outcomes) - len(failed):,} passed + {len(failed):,} failed")
    return FAILED if failed else 0


@golden.command("update")
@with_rules
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
        show(f"{path}\n")
