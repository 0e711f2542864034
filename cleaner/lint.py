"""Find all that is wrong with rule files, and what a reviewer would ask about, not only the first error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cleaner.errors import RuleError
from cleaner.match import failing_examples
from cleaner.openings import openings
from cleaner.rules import Phrase, Rule, Stated, add_layer, build_all, paths_of, shipped
from cleaner.schema import Problem, RuleFile, all_problems, read_file


def lint(paths: Sequence[str | Path] = ()) -> tuple[int, list[str]]:
    """Check rule files and folders, or the shipped rules if none is given.

    Returns:
        The number of sound rules in them, and a line for each problem: what `load_rules` would refuse, examples
        that fail, phrases that stand twice or that a shorter one makes useless, expressions that are slow.

    Raises:
        UsageError: There is no such file or folder.
    """
    wrong: list[str] = []
    layers = [paths_of(path) for path in paths or [shipped()]]
    checked = {path.resolve() for layer in layers for path in layer}
    known: dict[str, Stated] = {}
    below = [path for path in paths_of(shipped()) if path.resolve() not in checked]
    add_layer(known, _read(below, wrong), all_problems, wrong.append)
    stated = dict(known)
    for layer in layers:
        add_layer(stated, _read(layer, wrong), all_problems, wrong.append)
    own = {code: one for code, one in stated.items() if known.get(code) is not one}
    rules = build_all(own, wrong.append)
    for rule in rules:
        wrong += [own[rule.code].error(*problem) for problem in _doubts(rule)]
    wrong += [own[rule.code].error(*problem) for rule, problem in _said_twice(rules)]
    return len(rules), wrong


def _read(paths: Iterable[Path], wrong: list[str]) -> Iterator[RuleFile]:
    folder = shipped()
    for path in paths:
        name = f"rules/{path.relative_to(folder).as_posix()}" if path.is_relative_to(folder) else None
        try:
            yield read_file(path, name)
        except RuleError as error:
            wrong.append(str(error))


def _doubts(rule: Rule) -> Iterator[Problem]:
    """Yield what is doubtful about one rule that could be loaded."""
    for failure in failing_examples(rule):
        yield ("example",), failure
    for key, phrases in (("phrases", rule.phrases), ("until", rule.until)):
        for language in dict.fromkeys(phrase.language for phrase in phrases):
            listed = [phrase for phrase in phrases if phrase.language == language]
            for message in _useless(rule, listed):
                yield (key, language), message
    for expression in rule.regex:
        if openings(expression) is None and not rule.after:
            yield ("regex",), f"begins with anything, so each line is tried: begin with words or a number: {expression}"


def _useless(rule: Rule, phrases: Sequence[Phrase]) -> Iterator[str]:
    """Say which phrases of a list can never be the only one to match."""
    seen: dict[str, str] = {}
    for phrase in sorted(phrases, key=lambda phrase: len(phrase.folded)):
        if phrase.folded in seen:
            yield f'phrase "{phrase.text}" says the same as "{seen[phrase.folded]}", remove one'
        shorter = next((text for folded, text in seen.items() if _covers(rule, folded, phrase.folded)), None)
        if shorter is not None:
            yield f'phrase "{phrase.text}" matches only where "{shorter}" does, remove it'
        seen.setdefault(phrase.folded, phrase.text)


def _covers(rule: Rule, shorter: str, longer: str) -> bool:
    """Tell whether a phrase matches wherever a longer one of the same rule does."""
    if rule.match == "prefix":
        return longer.startswith(f"{shorter} ")
    return rule.match == "contains" and shorter != longer and f" {shorter} " in f" {longer} "


def _said_twice(rules: Iterable[Rule]) -> Iterator[tuple[Rule, Problem]]:
    """Yield phrases that another rule has, which matches them in the same way and place."""
    first: dict[tuple[object, ...], Rule] = {}
    for rule in rules:
        way = (rule.match, rule.scope, rule.after, rule.links, rule.sites, rule.max_words, rule.min_words)
        for phrase in rule.phrases:
            other = first.setdefault((*way, phrase.folded), rule)
            if other is not rule:
                where = ("phrases", phrase.language)
                yield rule, (where, f'phrase "{phrase.text}" stands in {other.code} as well, remove one')
