"""Look rules up by what a line or a container must hold for them to apply at all: most rules are never looked at.

What lines are looked up in is an `Index`: plain data, made once from the rules, that can be kept in a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from cleaner.fold import fold
from cleaner.model import Dom, Page, Rule

#: The number of a rule within its set, which is ordered by code.
Number: TypeAlias = int
#: A rule, with why it is found.
Reason: TypeAlias = tuple[Number, str]
#: Rules, each with why it is found.
Reasons: TypeAlias = tuple[Reason, ...]

#: Class names and ids are a page's own: look at so many characters of one, and remember so many containers.
NAME_LENGTH: Final = 200
CONTAINERS_REMEMBERED: Final = 20_000

#: Lines begin alike: remember the expressions for so many beginnings.
STARTS_REMEMBERED: Final = 50_000
#: So many characters of a line's beginning tell which expressions may fit it.
OPENING: Final = 8
#: Stands after a line that ends with its opening.
END: Final = "\n"

#: What stands before the first colon of a line, or in the brackets that it begins with.
_LABEL: Final = re.compile(r"(?:[\[【〔]([^\]】〕:：]{1,60})[\]】〕]|([^:：]{1,60})[:：])")
_PART: Final = re.compile(r"[^\W\d_]+")


class PhraseTables(NamedTuple):
    """Phrases by the line, by its first one or two tokens, by one token that the line must hold, or by its label.

    To each key belong entries, one a line: a rule's number, the phrase as written and as folded, parted by tabs.
    Of those that begin with, or contain, another, the longer stands first. `firsts` are the first tokens of the keys of
    `prefix`, `tokens` are the keys of `contains`.
    """

    whole: Mapping[str, str]
    prefix: Mapping[str, str]
    contains: Mapping[str, str]
    label: Mapping[str, str]
    firsts: frozenset[str]
    tokens: frozenset[str]


class Expression(NamedTuple):
    """A rule's hand-written expression; `is_of_line` if it fits a line among others just as it fits it alone."""

    number: Number
    source: str
    is_of_line: bool


class Index(NamedTuple):
    """What lines are looked up in.

    `closings` has the phrases that close what a rule opens, by the rule's number. `openings` gives, for the beginnings
    of lines, the places in `expressions` of those that may fit; `always` the places of those that may fit any line.
    """

    phrases: PhraseTables
    closings: dict[Number, PhraseTables]
    expressions: list[Expression]
    openings: dict[str, list[int]]
    always: list[int]


class Ready(NamedTuple):
    """Rules ready for matching: the name of the set (`RuleSet.id`), and the rules without what only people read."""

    id: str
    rules: tuple[Rule, ...]
    lines: Index


class PhraseIndex:
    """Finds the phrases of a line."""

    def __init__(self, tables: PhraseTables) -> None:
        self._whole, self._prefix, self._contains, self._label, self._firsts, self._tokens = tables

    def find(self, text: str, line: str) -> list[Reason]:
        """Find phrases in a line, as written and folded. A rule may be found more than once; the first says most."""
        found: list[Reason] = []
        if entries := self._whole.get(line):
            found += [(number, f'whole line reads "{text}"') for number, text, _ in _entries(entries)]
        tokens = line.split(" ")
        if tokens[0] in self._firsts:
            found += self._find_at_start(line, tokens)
        if not self._tokens.isdisjoint(tokens):
            found += self._find_inside(line, tokens)
        if (label := _LABEL.match(text)) and (entries := self._label.get(fold(label[1] or label[2]))):
            found += [(number, f'is labelled "{phrase}"') for number, phrase, _ in _entries(entries)]
        return found

    def _find_at_start(self, line: str, tokens: list[str]) -> Iterator[Reason]:
        padded = f"{line} "
        for start in dict.fromkeys((" ".join(tokens[:2]), tokens[0])):
            for number, text, phrase in _entries(self._prefix.get(start, "")):
                if padded.startswith(f"{phrase} "):
                    yield number, f'begins with "{text}"'

    def _find_inside(self, line: str, tokens: list[str]) -> Iterator[Reason]:
        padded = f" {line} "
        for token in sorted(self._tokens.intersection(tokens)):
            for number, text, phrase in _entries(self._contains[token]):
                if f" {phrase} " in padded:
                    yield number, f'contains "{text}"'


@lru_cache(maxsize=10_000)
def _entries(joined: str) -> tuple[tuple[Number, str, str], ...]:
    """Take the entries of a key apart."""
    parts = [entry.split("\t") for entry in joined.split("\n")] if joined else []
    return tuple([(int(number), text, phrase) for number, text, phrase in parts])


class ExpressionIndex:
    """Finds the expressions that are worth trying on a line, by how the line begins."""

    def __init__(self, index: Index) -> None:
        self._expressions = index.expressions
        self._openings = index.openings
        self._always = index.always
        self._remembered: dict[str, tuple[int, ...]] = {}

    def worth_trying(self, folded: Sequence[str]) -> Iterator[tuple[Expression, Sequence[int]]]:
        """Give the expressions that folded lines may fit, each with the indices of these lines."""
        remembered = self._remembered
        tried: dict[int, list[int]] = {}
        for index, line in enumerate(folded):
            start = f"{line[:OPENING]}{END}"[:OPENING]
            for place in remembered[start] if start in remembered else self._of_start(start):
                if place in tried:
                    tried[place].append(index)
                else:
                    tried[place] = [index]
        for place, indices in tried.items():
            yield self._expressions[place], indices
        for place in self._always:
            yield self._expressions[place], range(len(folded))

    def _of_start(self, start: str) -> tuple[int, ...]:
        """Give the places of expressions with an opening that `start` begins with."""
        beginnings = [start[:length] for length in range(1, len(start) + 1)]
        found = tuple([place for text in beginnings for place in self._openings.get(text, ())])
        if len(self._remembered) >= STARTS_REMEMBERED:
            self._remembered.clear()
        self._remembered[start] = found
        return found


class ContainerIndex:
    """DOM rules by the names, words, roles and tags of the containers that they are about."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._names: dict[str, list[tuple[Number, str]]] = {}
        self._words: dict[str, list[tuple[Number, str]]] = {}
        self._roles: dict[str, list[Number]] = {}
        self._tags: dict[str, list[Number]] = {}
        for number, rule in enumerate(rules):
            if rule.dom:
                self._add(number, rule.dom)
        self._first_parts = frozenset(word.partition("-")[0] for word in self._words)
        self._most_parts = max((word.count("-") + 1 for word in self._words), default=0)
        self._remembered: dict[tuple[str, tuple[str, ...], str], Reasons] = {}

    def _add(self, number: Number, dom: Dom) -> None:
        for names, attribute in ((dom.classes, "class"), (dom.ids, "id")):
            for name in names:
                self._names.setdefault(name, []).append((number, attribute))
        for word in dom.words:
            self._words.setdefault(word, []).append((number, "class"))
        for role in dom.roles:
            self._roles.setdefault(role, []).append(number)
        for tag in dom.tags:
            self._tags.setdefault(tag, []).append(number)

    def find(self, page: Page) -> Iterator[tuple[int, Reason]]:
        """Find the blocks that stand in such containers, at any depth."""
        inherited: list[Reasons] = []
        for container in page.containers:
            above = inherited[container.parent] if container.parent >= 0 else ()
            key = (container.tag, container.names, container.role)
            own = self._remembered[key] if key in self._remembered else self._of(*key)
            inherited.append(_together(above, own) if above and own else above or own)
        for block in page.blocks if any(inherited) else ():
            if block.container >= 0:
                for reason in inherited[block.container]:
                    yield block.index, reason

    def _of(self, tag: str, names: tuple[str, ...], role: str) -> Reasons:
        """Give the rules for a container, and remember them: pages are made of few kinds of containers."""
        own = tuple(self._rules_of(tag, names, role))
        if len(self._remembered) >= CONTAINERS_REMEMBERED:
            self._remembered.clear()
        if sum(map(len, names)) + len(role) <= NAME_LENGTH:
            self._remembered[tag, names, role] = own
        return own

    def _rules_of(self, tag: str, names: tuple[str, ...], role: str) -> Iterator[Reason]:
        if tag in ("html", "body"):  # their classes tell what a page has somewhere, not what it is
            return
        for name in names:
            found = chain(self._names.get(name, ()), self._of_words(name))
            for number, attribute in dict.fromkeys(found):
                yield number, f'in <{tag} {attribute}="{name[:NAME_LENGTH]}">'
        for number in self._roles.get(role, ()):
            yield number, f'in <{tag} role="{role}">'
        for number in self._tags.get(tag, ()):
            yield number, f"in <{tag}>"

    def _of_words(self, name: str) -> Iterator[Reason]:
        """Give the rules for a word of "site-cookie_banner2", or for several in a row: "cookie-banner"."""
        parts = _PART.findall(name[:NAME_LENGTH])
        for start, part in enumerate(parts):
            if part in self._first_parts:
                for end in range(start + 1, min(start + self._most_parts, len(parts)) + 1):
                    yield from self._words.get("-".join(parts[start:end]), ())


def _together(above: Reasons, own: Reasons) -> Reasons:
    """Add what a container says itself to what those around it say: once per rule, the outermost."""
    known = {number for number, _ in above}
    return (*above, *[reason for reason in own if reason[0] not in known])


class SiteIndex:
    """Rules for single sites, by host."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._all = frozenset(number for number, rule in enumerate(rules) if rule.sites)
        self._by_host: dict[str, list[Number]] = {}
        for number in self._all:
            for site in rules[number].sites:
                self._by_host.setdefault(site, []).append(number)

    def silent(self, url: str | None) -> frozenset[Number]:
        """Give the rules that are for other sites than that of `url`."""
        if not self._all:
            return self._all
        labels = _host(url or "").split(".")
        suffixes = [".".join(labels[start:]) for start in range(len(labels))]
        return self._all.difference(*(self._by_host[suffix] for suffix in suffixes if suffix in self._by_host))


def _host(url: str) -> str:
    """Give the host of an address in lower case, without port; urllib.parse takes too long to import for this."""
    rest = url.partition("://")[2] or url.removeprefix("//")
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    return authority.rpartition("@")[2].partition(":")[0].rstrip(".").lower()
