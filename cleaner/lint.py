"""Find all that is wrong with rule files, and what a reviewer would ask about: what is idle, too wide, slow, untested.

A *problem* is an error or makes a rule worse. A *hint* is something that no example of the rule needs, so that nobody
would notice if it were wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cleaner.errors import RuleError
from cleaner.examples import failing_examples, overreaching_examples
from cleaner.match import short
from cleaner.model import Phrase, Rule
from cleaner.rules import Stated, add_layer, build_all, files_of, shipped_files
from cleaner.schema import Problem, all_problems
from cleaner.stopwords import FUNCTION_WORDS
from cleaner.trials import compile_expression

#: Lines that have nothing in common: an expression that fits so many of them fits anything.
UNRELATED: Final = ("Weather", "The boat left the harbour at nine.", "12", "Мельница снова работает.", "- x -", "水")
MOST_UNRELATED: Final = 3
#: Seconds of the processor's time that an expression may take on a line made to keep it busy, and that line's length.
SLOW: Final = 0.05
LONG_LINE: Final = 3000
_LITERAL_START: Final = re.compile(r"[\w ]*(?![?*+{])")
#: A near-miss that is longer is a paragraph, and nobody reads that among examples.
MOST_WORDS: Final = 12
#: Elements that nearly every page has around its body.
COMMON_TAGS: Final = frozenset("a article body div html img li main p section span table tbody td tr ul".split())


@dataclass(frozen=True, slots=True)
class Checked:
    """The sound rules of some files, each as stated there, and what is wrong with those that are not, a line each."""

    rules: tuple[Rule, ...]
    stated: Mapping[str, Stated]
    wrong: tuple[str, ...]


def read_rules(paths: Sequence[str]) -> Checked:
    """Read rule files and folders, or the shipped rules where no path is given; no error ends it.

    With paths, the shipped rules are known, so that they may be changed. Raises `UsageError` for a path that is none.
    """
    wrong: list[str] = []
    stated: dict[str, Stated] = {}
    if paths:
        add_layer(stated, shipped_files(), all_problems, wrong.append)
    known = dict(stated)
    for files in [files_of(path) for path in paths] or [shipped_files()]:
        try:
            add_layer(stated, files, all_problems, wrong.append)
        except RuleError as error:
            wrong.append(str(error))
    own = {code: one for code, one in stated.items() if known.get(code) is not one}
    return Checked(build_all(own, wrong.append), own, tuple(wrong))


def problems(checked: Checked) -> list[str]:
    """All that is wrong with rules, a line each."""
    found = [(rule, problem) for rule in checked.rules for problem in _problems(rule)]
    return [*checked.wrong, *_lines(checked, [*found, *_said_twice(checked.rules)])]


def hints(checked: Checked) -> list[str]:
    """What no example of a rule needs, a line each."""
    found = [(rule, hint) for rule in checked.rules for hint in (*_idle_guards(rule), *_idle_expressions(rule))]
    return _lines(checked, found)


def _lines(checked: Checked, found: Iterable[tuple[Rule, Problem]]) -> list[str]:
    return [checked.stated[rule.code].error(*problem) for rule, problem in found]


def _problems(rule: Rule) -> Iterator[Problem]:
    """What is wrong with one rule that could be loaded."""
    for failure in failing_examples(rule):
        yield ("example",), failure
    for key, phrases in (("phrases", rule.phrases), ("until", rule.until)):
        yield from _idle_phrases(rule, key, phrases)
    yield from _wide_phrases(rule)
    for expression in rule.regex:
        if _fits_anything(expression) and not (rule.after or rule.sites):
            yield ("regex",), f"fits nearly any line, begin with words: {short(expression)}"
        if _is_slow(expression):
            yield ("regex",), f"slow on a long line, say + or {{1,80}} for one thing only once: {short(expression)}"
    for tag in COMMON_TAGS.intersection(rule.dom.tags if rule.dom else ()):
        yield ("dom", "tag"), f"nearly every page has <{tag}> around its body, name a class or an id"


# --- Phrases that say nothing, or too much ---------------------------------------------------------------------------


def _idle_phrases(rule: Rule, key: str, phrases: Sequence[Phrase]) -> Iterator[Problem]:
    """Phrases that match only where another of the same rule and language does."""
    for language in dict.fromkeys(phrase.language for phrase in phrases):
        seen: dict[str, str] = {}
        for phrase in sorted([p for p in phrases if p.language == language], key=lambda p: len(p.folded)):
            if phrase.folded in seen:
                yield (key, language), f'phrase "{phrase.text}" says the same as "{seen[phrase.folded]}", remove one'
                continue
            shorter = next((p for p in _parts(rule, phrase.folded) if p in seen), None)
            if shorter is not None:
                yield (key, language), f'phrase "{phrase.text}" matches only where "{seen[shorter]}" does, remove it'
            seen[phrase.folded] = phrase.text


def _parts(rule: Rule, folded: str) -> Iterator[str]:
    """The shorter phrases that would match wherever a phrase of the same rule does."""
    words = folded.split(" ")
    starts = range(len(words)) if rule.match == "contains" else (0,) if rule.match == "prefix" else ()
    for start in starts:
        for end in range(start + 1, len(words) + 1):
            if end - start < len(words):
                yield " ".join(words[start:end])


def _wide_phrases(rule: Rule) -> Iterator[Problem]:
    if rule.match == "contains" and not rule.max_words:
        for phrase in rule.phrases:
            if FUNCTION_WORDS.issuperset(phrase.folded.split(" ")):
                yield (
                    ("phrases", phrase.language),
                    f'phrase "{phrase.text}" is in nearly any line of prose, add the words that stand with it',
                )


#: What two rules must have in common for the same phrase to mean the same in both.
_WAY: Final = (
    *("kind", "match", "scope", "after", "links", "sites", "exemptions"),
    *("max_words", "min_words", "max_share", "until", "max_blocks", "body"),
)


def _said_twice(rules: Iterable[Rule]) -> Iterator[tuple[Rule, Problem]]:
    """Phrases that two rules of one kind match in the same way and place: the weaker, or the later, adds nothing."""
    first: dict[tuple[object, ...], Rule] = {}
    for rule in sorted(rules, key=lambda rule: (not rule.keeps, not rule.decisive, -abs(rule.points), rule.code)):
        way = tuple([getattr(rule, name) for name in _WAY])
        for phrase in rule.phrases:
            other = first.setdefault((*way, phrase.folded), rule)
            if other is not rule:
                message = (
                    f'phrase "{phrase.text}" stands in {other.code}, too, and weighs no less there: remove it here'
                )
                yield rule, (("phrases", phrase.language), message)


# --- Expressions that fit anything, or take long ---------------------------------------------------------------------


def _fits_anything(expression: str) -> bool:
    compiled = compile_expression(expression)
    return sum([compiled.fullmatch(line) is not None for line in UNRELATED]) >= MOST_UNRELATED


def _is_slow(expression: str) -> bool:
    """Whether some line of one thing over and over keeps an expression busy: it backtracks through every part of it.

    Such a line begins as the expression does, and ends with all its signs, so that it is not given up at once.
    """
    compiled = compile_expression(expression)
    begin = _LITERAL_START.match(expression)
    for part in ("a", "0", " ", "a ", "a, ", ".", "ab1 -"):
        line = f"{begin[0] if begin else ''}{part * (LONG_LINE // len(part))}{expression}\x01"
        try:
            compiled.fullmatch(line, timeout=SLOW)
        except TimeoutError:
            return True
    return False


# --- What no example needs -------------------------------------------------------------------------------------------


def _idle_guards(rule: Rule) -> Iterator[Problem]:
    """Conditions without which every near-miss would be spared as well."""
    near_miss = "drop" if rule.keeps else "keep"
    for where, name, without in _loosened(rule):
        if not overreaching_examples(without):
            yield where, f"no {near_miss} example needs {name}, add the near-miss that it is for, or remove it"


def _loosened(rule: Rule) -> Iterator[tuple[tuple[str, ...], str, Rule]]:
    """A rule without each of its conditions in turn; one for a length counts up to that of a line of prose."""
    if rule.max_words and rule.max_words <= MOST_WORDS:
        yield ("max_words",), "max_words", replace(rule, max_words=None)
    if rule.min_words:
        yield ("min_words",), "min_words", replace(rule, min_words=0)
    if rule.max_share:
        yield ("max_share",), "max_share", replace(rule, max_share=None)
    if rule.after:
        yield ("after",), "after", replace(rule, after=None)
    for number, exemption in enumerate(rule.exemptions):
        told = exemption.contains.text if exemption.contains else exemption.regex or ""
        others = rule.exemptions[:number] + rule.exemptions[number + 1 :]
        yield ("except",), f'the exception "{short(told)}"', replace(rule, exemptions=others)


def _idle_expressions(rule: Rule) -> Iterator[Problem]:
    """Expressions without which every example would pass as well."""
    matched = "keep" if rule.keeps else "drop"
    for number, expression in enumerate(rule.regex):
        others = rule.regex[:number] + rule.regex[number + 1 :]
        if (others or rule.phrases) and not failing_examples(replace(rule, regex=others)):
            yield ("regex",), f"no {matched} example needs it, add a line that only it fits: {short(expression)}"
