"""Make of rules what matching needs: plain data to look lines up in, and the rules without what only people read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import get_args

from cleaner.lookup import BEGINNING, NUMBER, Expression, Index, Number, Part, PhraseTables, Ready, Shelf
from cleaner.model import Match, Phrase, Rule, RuleSet
from cleaner.openings import openings, stays_in_line


def make_ready(ruleset: RuleSet) -> Ready:
    """Make a set of rules ready for matching."""
    bare = tuple([replace(rule, phrases=(), until=(), examples=()) for rule in ruleset.rules])
    return Ready(ruleset.id, bare, _index(ruleset.rules))


def _index(rules: Sequence[Rule]) -> Index:
    expressions = [
        Expression(number, source, stays_in_line(source)) for number, rule in enumerate(rules) for source in rule.regex
    ]
    by_opening: dict[str, list[int]] = {}
    always = []
    for place, expression in enumerate(expressions):
        begins = openings(expression.source)
        if begins is None:
            always.append(place)
        for text in sorted(begins or ()):
            by_opening.setdefault(text, []).append(place)
    return Index(
        phrases=_tables((number, rule.match, rule.phrases) for number, rule in enumerate(rules)),
        closings={
            number: _tables([(number, rule.match, rule.until)])
            for number, rule in enumerate(rules)
            if rule.scope == "between"
        },
        expressions=expressions,
        openings=dict(sorted(by_opening.items())),
        always=always,
    )


def _tables(said: Iterable[tuple[Number, str | None, Sequence[Phrase]]]) -> PhraseTables:
    """Sort the phrases of rules, given with their match modes, by the keys to look them up by."""
    entries: dict[str, dict[str, list[tuple[Number, Phrase]]]] = {match: {} for match in get_args(Match)}
    for number, match, phrases in said:
        for phrase in phrases if match else ():
            entries[match or ""].setdefault(_key(match, phrase.folded), []).append((number, phrase))
    firsts = frozenset([start.partition(" ")[0] for start in entries["prefix"]])
    tokens = frozenset([token for key, listed in entries["contains"].items() for token in _telling(key, listed)])
    return PhraseTables(**{match: _shelf(table) for match, table in entries.items()}, firsts=firsts, tokens=tokens)


def _shelf(table: Mapping[str, list[tuple[Number, Phrase]]]) -> Shelf:
    parts: dict[str, Part] = {}
    for key, entries in table.items():
        parts.setdefault(key[:BEGINNING], {})[key] = _joined(entries)
    return Shelf({**parts})


def _key(match: str | None, folded: str) -> str:
    """Give what a line is looked up by: all of it, its first two tokens, or its rarest: the longest, near enough."""
    if match in ("whole", "label"):
        return folded
    tokens = folded.split(" ")
    return " ".join(tokens[:2]) if match == "prefix" else max(tokens, key=len)


def _telling(key: str, entries: Iterable[tuple[Number, Phrase]]) -> set[str]:
    """Give what a line must hold one of to hold one of the phrases with a key: the key, but numbers are everywhere."""
    if key != NUMBER:
        return {key}
    return {max(phrase.folded.split(" "), key=lambda token: token != NUMBER) for _, phrase in entries}


def _joined(entries: list[tuple[Number, Phrase]]) -> str:
    longest_first = sorted(entries, key=lambda entry: -len(entry[1].folded))
    parts = [(str(number), " ".join(phrase.text.split()), phrase.folded) for number, phrase in longest_first]
    return "\n".join(map("\t".join, parts))
