"""Look rules up by what a line or a container must hold for them to apply at all: most rules are never looked at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from cleaner.model import Page
from cleaner.openings import END, LENGTH, openings
from cleaner.rules import Dom, Phrase, Rule

#: The number of a rule within its set, which is ordered by code.
Number: TypeAlias = int
#: One rule's finding on one block: the block's index, the rule, and why.
Finding: TypeAlias = tuple[int, Number, str]

#: Rules, each with why it is found.
Reasons: TypeAlias = tuple[tuple[Number, str], ...]

#: Class names and ids are a page's own: look at so many characters of one, and remember so many containers.
NAME_LENGTH: Final = 200
CONTAINERS_REMEMBERED: Final = 20_000

#: Lines begin alike: remember the expressions for so many beginnings.
STARTS_REMEMBERED: Final = 50_000

_PART: Final = re.compile(r"[^\W\d_]+")


class PhraseIndex:
    """Phrases by the line, by its first one or two tokens, or by one token that the line must hold."""

    def __init__(self, rules: Iterable[tuple[Number, str | None, Sequence[Phrase]]]) -> None:
        self._whole: dict[str, tuple[tuple[Number, str], ...]] = {}
        self._prefix: dict[str, list[tuple[str, Number, str]]] = {}
        self._contains: dict[str, list[tuple[str, Number, str]]] = {}
        adders = {"whole": self._add_whole, "prefix": self._add_prefix, "contains": self._add_contains}
        for number, match, phrases in rules:
            if match:
                adders[match](number, phrases)
        self._firsts = {start.partition(" ")[0] for start in self._prefix}
        for listed in chain(self._prefix.values(), self._contains.values()):
            if len(listed) > 1:
                listed.sort(key=_longest_first)

    def _add_whole(self, number: Number, phrases: Sequence[Phrase]) -> None:
        index = self._whole
        for _, text, folded in phrases:
            entry = (number, text)
            index[folded] = (*index[folded], entry) if folded in index else (entry,)

    def _add_prefix(self, number: Number, phrases: Sequence[Phrase]) -> None:
        for _, text, folded in phrases:
            start = " ".join(folded.split(" ", 2)[:2])
            self._prefix.setdefault(start, []).append((folded, number, text))

    def _add_contains(self, number: Number, phrases: Sequence[Phrase]) -> None:
        for _, text, folded in phrases:
            rarest = max(folded.split(" "), key=len)  # the longest, near enough
            self._contains.setdefault(rarest, []).append((folded, number, text))

    def find(self, folded: Sequence[str]) -> Iterator[Finding]:
        """Find phrases in folded lines. A rule may be found more than once on a line; the first says most."""
        whole, firsts, is_far_from = self._whole, self._firsts, self._contains.keys().isdisjoint
        for index, line in enumerate(folded):
            tokens = line.split(" ")
            if line in whole:
                for number, text in whole[line]:
                    yield index, number, f'whole line reads "{text}"'
            if tokens[0] in firsts:
                yield from self._find_at_start(index, line, " ".join(tokens[:2]), tokens[0])
            if not is_far_from(tokens):
                yield from self._find_inside(index, line, tokens)

    def _find_at_start(self, index: int, line: str, *starts: str) -> Iterator[Finding]:
        padded = f"{line} "
        for start in dict.fromkeys(starts):
            for phrase, number, text in self._prefix.get(start, ()):
                if padded.startswith(f"{phrase} "):
                    yield index, number, f'begins with "{text}"'

    def _find_inside(self, index: int, line: str, tokens: list[str]) -> Iterator[Finding]:
        padded = f" {line} "
        for token in dict.fromkeys(tokens):
            for phrase, number, text in self._contains.get(token, ()):
                if f" {phrase} " in padded:
                    yield index, number, f'contains "{text}"'


def _longest_first(entry: tuple[str, Number, str]) -> int:
    return -len(entry[0])


class Expression(NamedTuple):
    """A rule's hand-written expression."""

    number: Number
    source: str


class ExpressionIndex:
    """Expressions by how the lines that fit them begin."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._always: list[Expression] = []
        self._by_opening: dict[str, list[Expression]] = {}
        for number, rule in enumerate(rules):
            for source in rule.regex:
                self._add(Expression(number, source))
        self._remembered: dict[str, tuple[Expression, ...]] = {}

    def _add(self, expression: Expression) -> None:
        begins = openings(expression.source)
        if begins is None:
            self._always.append(expression)
        for text in begins or ():
            self._by_opening.setdefault(text, []).append(expression)

    def worth_trying(self, folded: Sequence[str]) -> Iterator[tuple[Expression, Sequence[int]]]:
        """Give the expressions that folded lines may fit, each with the indices of these lines."""
        remembered = self._remembered
        tried: dict[int, tuple[Expression, list[int]]] = {}
        for index, line in enumerate(folded):
            start = f"{line[:LENGTH]}{END}"[:LENGTH]
            for expression in remembered[start] if start in remembered else self._of_start(start):
                tried.setdefault(id(expression), (expression, []))[1].append(index)
        yield from tried.values()
        for expression in self._always:
            yield expression, range(len(folded))

    def _of_start(self, start: str) -> tuple[Expression, ...]:
        """Give the expressions with an opening that `start` begins with."""
        beginnings = [start[:length] for length in range(1, len(start) + 1)]
        found = tuple([e for text in beginnings for e in self._by_opening.get(text, ())])
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

    def find(self, page: Page) -> Iterator[Finding]:
        """Find the blocks that stand in such containers, at any depth."""
        inherited: list[Reasons] = []
        for container in page.containers:
            above = inherited[container.parent] if container.parent >= 0 else ()
            key = (container.tag, container.names, container.role)
            own = self._remembered[key] if key in self._remembered else self._of(*key)
            inherited.append(_together(above, own) if above and own else above or own)
        for block in page.blocks if any(inherited) else ():
            if block.container >= 0:
                for number, why in inherited[block.container]:
                    yield block.index, number, why

    def _of(self, tag: str, names: tuple[str, ...], role: str) -> Reasons:
        """Give the rules for a container, and remember them: pages are made of few kinds of containers."""
        own = tuple(self._rules_of(tag, names, role))
        if len(self._remembered) >= CONTAINERS_REMEMBERED:
            self._remembered.clear()
        if sum(map(len, names)) + len(role) <= NAME_LENGTH:
            self._remembered[tag, names, role] = own
        return own

    def _rules_of(self, tag: str, names: tuple[str, ...], role: str) -> Iterator[tuple[Number, str]]:
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

    def _of_words(self, name: str) -> Iterator[tuple[Number, str]]:
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
