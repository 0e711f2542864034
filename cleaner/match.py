"""Match rules against a page: which rule has a word to say on which block, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Final, Literal, NamedTuple

from cleaner.fold import count_words
from cleaner.lines import Found, LineMatcher
from cleaner.lookup import (
    ContainerIndex,
    Expression,
    Number,
    PhraseIndex,
    Ready,
    Reason,
    Reasons,
    SiteIndex,
    one_per_rule,
)
from cleaner.model import Block, Evidence, Page, Rule
from cleaner.trials import Trials

#: What a decisive rule and a veto count in a total, in decibans.
DECISIVE_POINTS: Final = 30
#: A rule with `after` looks for its kind on so many blocks before.
NEIGHBOURS: Final = 3
#: Chrome that is no part of any list: an unmistakable line of it ends a section that another kind opened.
SEPARATE_KINDS: Final = frozenset({"cookie", "comments", "newsletter", "paywall", "legal"})
#: A section whose heading is no heading element ends at headings of this level or above.
BARE_HEADING_LEVEL: Final = 2
#: From this share of its characters on, a block is mostly link text.
LINK_SHARE: Final = 0.8
#: A block of so many words or more is running text, whatever stands in it.
RUNNING_TEXT: Final = 21
#: Evidence is made once per rule and reason; a page's own names can make for many reasons.
EVIDENCE_REMEMBERED: Final = 20_000

_CODE: Final = attrgetter("source")


@dataclass(frozen=True, slots=True)
class Matches:
    """The evidence for each block of a page, in order, and notes for a reader of the result."""

    evidence: tuple[tuple[Evidence, ...], ...]
    notes: tuple[str, ...] = ()


class Matcher:
    """A set of rules, to be matched against many pages."""

    def __init__(self, ready: Ready) -> None:
        self.rules = ready.rules
        self.lines = LineMatcher(ready.rules, ready.lines)
        self.guarded = frozenset(number for number, rule in enumerate(ready.rules) if _is_guarded(rule))
        self.max_shares = {number: rule.max_share for number, rule in enumerate(ready.rules) if rule.max_share}
        self.closings = {number: PhraseIndex(tables) for number, tables in ready.lines.closings.items()}
        self.sites = SiteIndex(ready.rules)
        self._said: dict[Reason, Evidence] = {}

    @cached_property
    def _containers(self) -> ContainerIndex:
        return ContainerIndex(self.rules)

    def match(self, page: Page, known: Mapping[int, str] | None = None) -> Matches:
        """Collect what the rules have to say on the blocks of `page`.

        `known` gives the kinds of blocks (by index) that are known from elsewhere to be chrome; rules that ask
        what stands before a block count them.
        """
        trials = Trials(sum(map(len, page.folded)))
        settling = _Settling(self, page, known or {}, trials)
        settling.take_lines(self.lines.find([block.text for block in page.blocks], page.folded, trials))
        if page.containers:
            settling.take_containers(list(self._containers.find(page)))
        evidence = settling.settle()
        return Matches(evidence, settling.notes())

    def evidence(self, reason: Reason) -> Evidence:
        """Give the evidence of a rule for a reason; the same again is the same object."""
        said = self._said.get(reason)
        if said is None:
            if len(self._said) >= EVIDENCE_REMEMBERED:
                self._said.clear()
            number, why = reason
            said = self._said[reason] = _evidence(self.rules[number], why)
        return said


def _evidence(rule: Rule, why: str) -> Evidence:
    points = DECISIVE_POINTS if rule.decisive else -DECISIVE_POINTS if rule.keeps else rule.points
    place: Literal["any", "head", "tail"] = rule.scope if rule.scope in ("head", "tail") else "any"
    return Evidence(rule.code, points, why, rule.kind, rule.decisive, rule.keeps, place)


def _is_guarded(rule: Rule) -> bool:
    """Tell whether a rule may have nothing to say of a block that its words or containers fit."""
    lengths = rule.max_words or rule.min_words
    return bool(rule.after or rule.links or rule.sites or rule.exemptions or (rule.dom and lengths))


def _is_linked(page: Page, block: Block) -> bool:
    return page.document.kind == "html" and block.link_chars >= LINK_SHARE * len(block.text)


class _Section(NamedTuple):
    """An open section: its rule, what to say of its blocks, how many it may still take, and where it ends."""

    number: Number
    why: str
    left: float
    words: int
    level: int


class _Settling:
    """One way down a page: what was found on each block, in the light of what stands before it."""

    def __init__(self, matcher: Matcher, page: Page, known: Mapping[int, str], trials: Trials) -> None:
        self._matcher = matcher
        self._page = page
        self._known = known
        self._trials = trials
        self._silent = matcher.sites.silent(page.document.source.url)
        self._found: dict[int, Reasons] = {}
        self._waiting: dict[int, Sequence[Expression]] = {}
        self._said: list[tuple[Evidence, ...]] = [()] * len(page.blocks)

    def take_lines(self, lines: Mapping[int, Found]) -> None:
        """Take what was found by the words of the blocks."""
        for index, (reasons, waiting) in lines.items():
            if reasons:
                self._found[index] = reasons
            if waiting:
                self._waiting[index] = waiting

    def take_containers(self, found: Sequence[tuple[Reasons, Sequence[int]]]) -> None:
        """Take what was found by the containers of blocks; most rules about them ask for nothing else."""
        guarded, too_wide = self._matcher.guarded, self._too_wide(found)
        for reasons, indices in found:
            speaking = [reason for reason in reasons if reason[0] not in too_wide]
            evidence = tuple([self._matcher.evidence(reason) for reason in speaking if reason[0] not in guarded])
            for index in indices:
                self._said[index] = evidence
            for reason in speaking:
                if reason[0] in guarded:
                    self._take_guarded(reason, indices)

    def _too_wide(self, found: Iterable[tuple[Reasons, Sequence[int]]]) -> set[Number]:
        """The rules whose containers together hold more of the page's running text than their chrome would."""
        limits, held = self._matcher.max_shares, Counter[Number]()
        words = [count if count >= RUNNING_TEXT else 0 for count in map(count_words, self._page.folded)]
        for reasons, indices in found:
            for number in [number for number, _ in reasons if number in limits]:
                held[number] += sum([words[index] for index in indices])
        return {number for number in held if 100 * held[number] > limits[number] * sum(words)}

    def _take_guarded(self, reason: Reason, indices: Sequence[int]) -> None:
        for index in indices:
            if self._matcher.lines.allows(reason[0], self._page.folded[index]):
                self._found[index] = (*self._found.get(index, ()), reason)

    def notes(self) -> tuple[str, ...]:
        """Name the rules whose expressions took too long."""
        codes = [self._matcher.rules[number].code for number in sorted(self._trials.late)]
        return tuple(f"an expression of {code} took too long on this page and was left out" for code in codes)

    def settle(self) -> tuple[tuple[Evidence, ...], ...]:
        """Go from the first block to the last, and give the evidence for each."""
        found, waiting = self._found, self._waiting
        section: _Section | None = None
        for index in range(len(self._page.blocks)):
            if index in waiting:
                self._try_waiting(index)
            opened = self._settle_block(index) if index in found else None
            if section:
                section = None if self._is_interrupted(section, index) else section
                section = opened or (section and self._continue(section, index))
            else:
                section = opened
        return tuple(self._said)

    def _try_waiting(self, index: int) -> None:
        """Try the expressions of rules that ask what stands before, where it does stand there."""
        before = self._kinds_before(index)
        if not before:
            return
        lines, block = self._matcher.lines, self._page.blocks[index]
        for expression in self._waiting[index]:
            if self._matcher.rules[expression.number].after in before and lines.fitting(
                expression, [(block.text, self._page.folded[index])], self._trials
            ):
                self._found[index] = (*self._found.get(index, ()), (expression.number, lines.why(expression)))

    def _kinds_before(self, index: int) -> set[str | None]:
        """Give the kinds of chrome of the blocks right before one."""
        first = max(0, index - NEIGHBOURS)
        near = self._said[first:index]
        kinds = {e.kind for said in near for e in said if not e.veto} if any(near) else set()
        if self._known:
            kinds.update([self._known[before] for before in range(first, index) if before in self._known])
        return kinds

    def _is_interrupted(self, section: _Section, index: int) -> bool:
        """Whether a line of a kind that stands by itself ends a section of another kind."""
        kind = self._matcher.rules[section.number].kind
        return any([e.decisive and e.kind != kind and e.kind in SEPARATE_KINDS for e in self._said[index]])

    def _settle_block(self, index: int) -> _Section | None:
        """Say what was found on one block; gives the section that it opens, if any."""
        section: _Section | None = None
        for reason in one_per_rule(self._found[index]):
            number = reason[0]
            rule = self._matcher.rules[number]
            if number in self._matcher.guarded and not self._applies(index, number, rule):
                continue
            self._add(index, reason)
            if rule.scope == "between":
                self._close(index, number)
            elif rule.body and section is None:
                section = self._open(index, rule, number)
        return section

    def _applies(self, index: int, number: Number, rule: Rule) -> bool:
        """Tell whether a rule may speak of a block where it stands."""
        if number in self._silent or (rule.after and rule.after not in self._kinds_before(index)):
            return False
        if rule.links and not _is_linked(self._page, self._page.blocks[index]):
            return False
        return not self._is_spared(index, number)

    def _say(self, index: int, number: Number, why: str) -> None:
        """Let a rule that speaks of several blocks speak of one of them, unless the rule spares it."""
        if not self._is_spared(index, number):
            self._add(index, (number, why))

    def _add(self, index: int, reason: Reason) -> None:
        """Add a rule's evidence to a block, in the order of the rules; what the rule has said already stands."""
        said, evidence = self._said[index], self._matcher.evidence(reason)
        if not said:
            self._said[index] = (evidence,)
        elif evidence.source not in [one.source for one in said]:
            self._said[index] = tuple(sorted((*said, evidence), key=_CODE))

    def _is_spared(self, index: int, number: Number) -> bool:
        for exemption in self._matcher.rules[number].exemptions:
            if exemption.contains:
                if f" {exemption.contains.folded} " in f" {self._page.folded[index]} ":
                    return True
            elif exemption.regex:
                text = self._page.blocks[index].text
                if self._trials.finds(number, exemption.regex, text) or number in self._trials.late:
                    return True  # spared as well where it could not be tried in time: what stays can be seen
        return False

    def _open(self, index: int, rule: Rule, number: Number) -> _Section | None:
        if rule.body is None:
            return None
        block = self._page.blocks[index]
        why = f'in the section headed "{short(block.text)}" ({rule.code})'
        left = float("inf") if rule.body.blocks is None else rule.body.blocks
        level = block.level if block.tag == "heading" else BARE_HEADING_LEVEL
        return _Section(number, why, left, rule.body.words, level)

    def _continue(self, section: _Section, index: int) -> _Section | None:
        """Let an open section take a block; gives None where it ends before the block."""
        block = self._page.blocks[index]
        if section.left <= 0 or count_words(self._page.folded[index]) > section.words:
            return None
        if block.tag == "heading" and block.level <= section.level:
            return None
        self._say(index, section.number, section.why)
        return section._replace(left=section.left - 1)

    def _close(self, index: int, number: Number) -> None:
        """Take all from an opening line to its closing line, if that comes in time."""
        rule, blocks = self._matcher.rules[number], self._page.blocks
        below = range(index + 1, min(index + 1 + rule.max_blocks, len(blocks)))
        find, folded = self._matcher.closings[number].find, self._page.folded
        last = next((i for i in below if any(find([(blocks[i].text, folded[i])]))), None)
        if last is None:
            return
        why = f'between "{short(blocks[index].text)}" and "{short(blocks[last].text)}"'
        for taken in range(index + 1, last + 1):
            self._say(taken, number, why)


def short(text: str) -> str:
    """Shorten a text to what a reason can quote."""
    return text if len(text) <= 40 else f"{text[:39]}…"
