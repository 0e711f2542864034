"""Look rules up by what a line or a container must hold for them to apply at all: most rules are never looked at.

What lines are looked up in is an `Index`: plain data, made once from the rules, that can be kept in a file.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from cleaner.fold import fold
from cleaner.model import Dom, Page, Rule

#: The number of a rule within its set, which is ordered by code.
Number: TypeAlias = int
#: A rule, with why it is found.
Reason: TypeAlias = tuple[Number, str]
#: The entries of a table by their keys.
Part: TypeAlias = dict[str, str]
#: A line as written, and folded.
Line: TypeAlias = tuple[str, str]
#: Rules, each with why it is found.
Reasons: TypeAlias = tuple[Reason, ...]

#: Class names and ids are a page's own: look at so many characters of one, and remember so many.
NAME_LENGTH: Final = 200
NAMES_REMEMBERED: Final = 20_000

#: So many characters of a line's beginning tell which expressions may fit it.
OPENING: Final = 8
#: Phrases with so many first characters in common are kept together.
BEGINNING: Final = 3
#: What any run of numbers folds to.
NUMBER: Final = "0"
#: Stands after a line that ends with its opening.
END: Final = "\n"
#: So many characters tell which openings a line may have; lines begin alike, so this is remembered for so many.
KEY: Final = 4
KEYS_REMEMBERED: Final = 20_000
#: Comes after all that text is made of.
LAST: Final = "\U0010ffff"

#: What stands before the first colon of a line, or in the brackets that it begins with.
_LABEL: Final = re.compile(r"(?:[\[【〔]([^\]】〕:：]{1,60})[\]】〕]|([^:：]{1,60})[:：])")
_BRACKETS: Final = ("[", "【", "〔")
#: What parts the words of a name; in ASCII, a space for each.
_GAP: Final = re.compile(r"[^\w\n]|[\d_]")
_GAPS: Final = {code: " " for code in range(128) if _GAP.match(chr(code))}


class Shelf:
    """A table of texts, in parts: each has the keys with one beginning, and is read once somebody asks for it.

    `parts` holds for each beginning the part itself, or the number of the one of `lines` that has it, as JSON.
    """

    __slots__ = ("_lines", "_parts")

    def __init__(self, parts: dict[str, Part | int], lines: Sequence[bytes] = ()) -> None:
        self._parts = parts
        self._lines = lines

    def get(self, key: str) -> str:
        """Give what stands under a key; nothing if nothing does."""
        part = self._parts.get(key[:BEGINNING])
        if part is None:
            return ""
        return (self._read(key[:BEGINNING], part) if isinstance(part, int) else part).get(key, "")

    def parts(self) -> dict[str, Part]:
        """Give all parts by their beginnings."""
        found = self._parts.items()
        return {start: self._read(start, part) if isinstance(part, int) else part for start, part in list(found)}

    def _read(self, beginning: str, line: int) -> Part:
        part: Part = json.loads(self._lines[line])
        self._parts[beginning] = part
        return part


class PhraseTables(NamedTuple):
    """Phrases by the line, by its first one or two tokens, by one token that the line must hold, or by its label.

    To each key belong entries, one a line: a rule's number, the phrase as written and as folded, parted by tabs.
    Of those that begin with, or contain, another, the longer stands first. `firsts` are the first tokens of the keys of
    `prefix`; a line without any of `tokens` holds no phrase of `contains`.
    """

    whole: Shelf
    prefix: Shelf
    contains: Shelf
    label: Shelf
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


def one_per_rule(reasons: Sequence[Reason]) -> Sequence[Reason]:
    """Give one reason per rule, the first, in the order of the rules."""
    return reasons if len(reasons) == 1 else sorted(dict(reversed(reasons)).items())


class PhraseIndex:
    """Finds the phrases of lines."""

    def __init__(self, tables: PhraseTables) -> None:
        self._whole, self._prefix, self._contains, self._label, self._firsts, self._tokens = tables

    def find(self, lines: Iterable[Line]) -> Iterator[tuple[str, str, list[Reason]]]:
        """Find phrases in lines, as written and folded; gives the lines that hold any.

        A rule may be found more than once in a line; the first says most.
        """
        whole, firsts, rare = self._whole, self._firsts, self._tokens
        for text, line in lines:
            found: list[Reason] = []
            if entries := whole.get(line):
                found += [(number, f'whole line reads "{phrase}"') for number, phrase, _ in _entries(entries)]
            tokens = line.split(" ")
            if tokens[0] in firsts:
                found += self._find_at_start(line, tokens)
            if not rare.isdisjoint(tokens):
                found += self._find_inside(line, tokens)
            if ":" in text or "：" in text or text[:1] in _BRACKETS:
                found += self._find_label(text)
            if found:
                yield text, line, found

    def _find_label(self, text: str) -> list[Reason]:
        label = _LABEL.match(text)
        entries = self._label.get(fold(label[1] or label[2])) if label else ""
        return [(number, f'is labelled "{phrase}"') for number, phrase, _ in _entries(entries)]

    def _find_at_start(self, line: str, tokens: list[str]) -> list[Reason]:
        both = self._prefix.get(" ".join(tokens[:2])) if len(tokens) > 1 else ""
        entries = (*_entries(both), *_entries(self._prefix.get(tokens[0])))
        return [
            (number, f'begins with "{text}"')
            for number, text, phrase in entries
            if line.startswith(phrase) and line[len(phrase) : len(phrase) + 1] in ("", " ")
        ]

    def _find_inside(self, line: str, tokens: list[str]) -> list[Reason]:
        padded = f" {line} "
        return [
            (number, f'contains "{text}"')
            for token in (NUMBER, *sorted(self._tokens.intersection(tokens)))
            for number, text, phrase in _entries(self._contains.get(token))
            if f" {phrase} " in padded
        ]


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
        self._sorted = sorted(index.openings)
        self._remembered: dict[str, tuple[tuple[str, Sequence[int]], ...]] = {}

    def worth_trying(self, lines: Collection[Line]) -> Iterator[tuple[Expression, Sequence[Line]]]:
        """Give the expressions that lines may fit, each with these lines."""
        tried: dict[int, list[Line]] = {}
        known = self._remembered
        for both in lines:
            line = both[1]
            key = line[:KEY]
            openings = known[key] if key in known else self._of_key(key)
            if openings:
                start = f"{line[:OPENING]}{END}"
                for place in [place for opening, places in openings if start.startswith(opening) for place in places]:
                    if place in tried:
                        tried[place].append(both)
                    else:
                        tried[place] = [both]
        for place, worth in tried.items():
            yield self._expressions[place], worth
        for place in self._always:
            yield self._expressions[place], list(lines)

    def _of_key(self, key: str) -> tuple[tuple[str, Sequence[int]], ...]:
        """Give the openings of lines that begin with `key`, or are no longer, each with its expressions' places."""
        start = key if len(key) == KEY else f"{key}{END}"
        begun = slice(bisect_left(self._sorted, start), bisect_left(self._sorted, f"{start}{LAST}"))
        found = [*(start[:length] for length in range(1, len(start))), *self._sorted[begun]]
        openings = tuple([(text, self._openings[text]) for text in found if text in self._openings])
        if len(self._remembered) >= KEYS_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = openings
        return openings


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
        self._first_words = frozenset(word.partition("-")[0] for word in self._words)
        self._most_words = max((word.count("-") + 1 for word in self._words), default=0)
        self._speaking: dict[str, Sequence[tuple[Number, str]]] = {}
        self._idle: set[str] = set()

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

    def find(self, page: Page) -> Iterator[tuple[Reasons, list[int]]]:
        """Find the rules about containers of a page, each time with the blocks within, at any depth.

        A container says what those around it say and what it says itself: once per rule, the outermost.
        """
        self._learn(set(chain.from_iterable([container.names for container in page.containers])) - self._idle)
        homes: list[int] = []  # for each container, the innermost one there that adds a rule; -1 for none
        reasons: dict[int, dict[Number, str]] = {-1: {}}
        for index, container in enumerate(page.containers):
            home = homes[container.parent] if container.parent >= 0 else -1
            tag, names, role = container.tag, container.names, container.role
            if not self._idle.issuperset(names) or tag in self._tags or role in self._roles:
                above = reasons[home]
                own = self._added(tag, names, role, above)
                if own:
                    reasons[index] = above | own
                    home = index
            homes.append(home)
        blocks: dict[int, list[int]] = {}
        for block in page.blocks if len(reasons) > 1 else ():
            if block.container >= 0 and homes[block.container] >= 0:
                blocks.setdefault(homes[block.container], []).append(block.index)
        for home, indices in blocks.items():
            yield tuple(sorted(reasons[home].items())), indices

    def _added(self, tag: str, names: Sequence[str], role: str, above: Collection[Number]) -> dict[Number, str]:
        """Give the rules that speak of a container by what it says itself, but for those `above`."""
        found: dict[Number, str] = {}
        if tag in ("html", "body"):  # their classes tell what a page has somewhere, not what it is
            return found
        for name in names:
            for number, attribute in self._speaking.get(name) or self._of_long(name):
                if number not in above and number not in found:
                    found[number] = f'in <{tag} {attribute}="{name[:NAME_LENGTH]}">'
        for number in self._roles.get(role, ()):
            if number not in above:
                found.setdefault(number, f'in <{tag} role="{role}">')
        for number in self._tags.get(tag, ()):
            if number not in above:
                found.setdefault(number, f"in <{tag}>")
        return found

    def _learn(self, names: Collection[str]) -> None:
        """Remember of new names what rules say of them, or that none does: pages are made of few names."""
        if len(self._idle) + len(self._speaking) + len(names) > NAMES_REMEMBERED:
            self._idle.clear()
            self._speaking.clear()
        known, first = self._speaking, self._first_words
        fresh = [name for name in names if name not in known and len(name) <= NAME_LENGTH]
        for name, words in zip(fresh, _words_of(fresh), strict=True):
            if name in self._names or not first.isdisjoint(words):
                known[name] = self._of_name(name, words)
        self._idle.update([name for name in fresh if not known.get(name)])

    def _of_long(self, name: str) -> Sequence[tuple[Number, str]]:
        """Give the rules for a name that is too long to be remembered."""
        return self._of_name(name, _words_of([name[:NAME_LENGTH]])[0]) if len(name) > NAME_LENGTH else ()

    def _of_name(self, name: str, words: Sequence[str]) -> Sequence[tuple[Number, str]]:
        """Give the rules for a name that is made of `words`, each with the attribute to quote.

        They are about the name as it is, about a word of it, or about several in a row: "cookie-banner".
        """
        found = [*self._names.get(name, ())]
        for start, word in enumerate(words):
            if word in self._first_words:
                for end in range(start + 1, min(start + self._most_words, len(words)) + 1):
                    found += self._words.get("-".join(words[start:end]), ())
        return found


def _words_of(names: Sequence[str]) -> list[list[str]]:
    """Take names apart, as "site-cookie_banner2" into site, cookie and banner: all with one call."""
    text = "\n".join([name.replace("\n", " ") for name in names])
    apart = text.translate(_GAPS) if text.isascii() else _GAP.sub(" ", text)
    return [words.split() for words in apart.split("\n")] if names else []


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
