"""Complete codes, kinds and languages in the shell; a shell that asks gets an answer or nothing, never an error."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cleaner.model import KINDS, Options, Rule

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def codes(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The codes of rules, with what they are about."""
    return _items([(rule.code, rule.summary) for rule in _rules()], incomplete.upper())


def kinds(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The kinds of chrome, with what they cover."""
    return _items(KINDS.items(), incomplete)


def languages(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The languages that have words of their own here."""
    from cleaner.stopwords import WORDS

    return _items([(language, "") for language in WORDS], incomplete)


def disabled(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What `--disable` takes: codes, families, and kinds with `kind:` before them."""
    from cleaner.schema import FAMILIES

    named = [(rule.code, rule.summary) for rule in _rules()]
    families = [(family, f"all about {kind}") for family, kind in FAMILIES.items()]
    return _items([*families, *named], incomplete.upper()) + _items(
        [(f"kind:{kind}", covers) for kind, covers in KINDS.items()], incomplete
    )


def _items(named: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name, help=told) for name, told in named if name.startswith(incomplete)]


def _rules() -> Iterable[Rule]:
    """The rules that a command here would use; none where they can't be read."""
    from cleaner.config import load_config
    from cleaner.errors import CleanError
    from cleaner.store import ready_rules

    try:
        return ready_rules(Options(rules=load_config(Path()).options().rules)).rules
    except CleanError:
        return ()
