"""Match rules against a page: which rule has a word to say on which block, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from time import process_time
from typing import Final, Literal, NamedTuple

from cleaner.fold import count_words
from cleaner.lookup import ContainerIndex, Expression, ExpressionIndex, Finding, Number, PhraseIndex, SiteIndex
from cleaner.model import Block, Document, Encoding, Evidence, Page, Source
from cleaner.openings import stays_in_line
from cleaner.rules import Rule, RuleSet
from cleaner.schema import compile_expression
from cleaner.version import VERSION

#: What a decisive rule and a veto count in a total, in decibans.
DECISIVE_POINTS: Final = 30
#: A rule with `after` looks for its kind on so many blocks before.
NEIGHBOURS: Final = 3
#: Chrome that is no part of any list: an unmistakable line of it ends a section that another kind opened.
SEPARATE_KINDS: Final = frozenset({"cookie", "comments", "newsletter", "paywall", "legal"})
#: A section's heading that only begins with a phrase has at most so many words, unless the rule sets `max_words`.
HEADING_WORDS: Final = 12
#: A section whose heading is no heading element ends at headings of this level or above.
BARE_HEADING_LEVEL: Final = 2
#: From this share of its characters on, a block is mostly link text.
LINK_SHARE: Final = 0.8
#: Seconds that one trial of an expression may take, and all trials on a page together, and more on a long page.
EXPRESSION_SECONDS: Final = 0.1
PAGE_SECONDS: Final = 0.5
SECONDS_PER_CHARACTER: Final = 2e-6
#: Evidence is made once per rule and reason; a page's own names can make for many reasons.
EVIDENCE_REMEMBERED: Final = 20_000


@dataclass(frozen=True, slots=True)
class Matches:
    """The evidence for each block of a page, in order, and notes for a reader of the result."""

    evidence: tuple[tuple[Evidence, ...], ...]
    notes: tuple[str, ...] = ()


class Matcher:
    """A set of rules, made ready to be matched against many pages."""

    def __init__(self, ruleset: RuleSet) -> None:
        rules = ruleset.rules
        self.rules = rules
        self.guards = {number: _Guard.of(rule) for number, rule in enumerate(rules) if _Guard.is_needed(rule)}
        self.exemptions = {number: rule.exemptions for number, rule in enumerate(rules) if rule.exemptions}
        self.closings = {
            number: PhraseIndex([(number, rule.match, rule.until)])
            for number, rule in enumerate(rules)
            if rule.scope == "between"
        }
        self._phrases = PhraseIndex((number, rule.match, rule.phrases) for number, rule in enumerate(rules))
        self._expressions = ExpressionIndex(rules)
        self._containers = ContainerIndex(rules)
        self._sites = SiteIndex(rules)
        self._said: dict[tuple[Number, str], Evidence] = {}

    def match(self, page: Page, known: Mapping[int, str] | None = None) -> Matches:
        """Collect what the rules have to say on the blocks of `page`.

        `known` gives the kinds of blocks (by index) that are known from elsewhere to be chrome; rules that ask
        what stands before a block count them.
        """
        settling = _Settling(self, page, known or {}, self._sites.silent(page.document.source.url))
        settling.take(chain(self._phrases.find(page.folded), self._containers.find(page)))
        settling.try_expressions(self._expressions.worth_trying(page.folded))
        evidence = settling.settle()
        return Matches(evidence, settling.notes())

    def evidence(self, number: Number, why: str) -> Evidence:
        """Give the evidence of a rule for a reason; the same again is the same object."""
        said = self._said.get((number, why))
        if said is None:
            if len(self._said) >= EVIDENCE_REMEMBERED:
                self._said.clear()
            said = self._said[number, why] = _evidence(self.rules[number], why)
        return said


def _evidence(rule: Rule, why: str) -> Evidence:
    points = DECISIVE_POINTS if rule.decisive else -DECISIVE_POINTS if rule.keeps else rule.points
    place: Literal["any", "head", "tail"] = rule.scope if rule.scope in ("head", "tail") else "any"
    return Evidence(rule.code, points, why, rule.kind, rule.decisive, rule.keeps, place)


class _Guard(NamedTuple):
    """What a block must be, besides matching."""

    min_words: int
    max_words: float
    links: bool

    @staticmethod
    def is_needed(rule: Rule) -> bool:
        return bool(rule.max_words or rule.min_words or rule.links or rule.scope == "section")

    @classmethod
    def of(cls, rule: Rule) -> _Guard:
        is_loose = rule.scope == "section" and rule.match == "prefix"
        most = rule.max_words or (HEADING_WORDS if is_loose else float("inf"))
        return cls(rule.min_words, most, rule.links)

    def allows(self, page: Page, index: int) -> bool:
        """Tell whether the block is long and short enough, and made of links if it must be."""
        folded = page.folded[index]
        if self.min_words or self.max_words < len(folded):  # no more words than characters: spare the counting
            words = count_words(folded)
            if not self.min_words <= words <= self.max_words:
                return False
        return not self.links or _is_linked(page, page.blocks[index])


def _is_linked(page: Page, block: Block) -> bool:
    return page.document.kind == "html" and block.link_chars >= LINK_SHARE * len(block.text)


class _Trials:
    """Trials of hand-written expressions on one page, within a time: they can backtrack without end.

    The time is the processor's, as `regex` takes it: a busy machine must not change a result.
    """

    def __init__(self, characters: int) -> None:
        allowance = characters * SECONDS_PER_CHARACTER
        self._one = EXPRESSION_SECONDS + allowance
        self._end = process_time() + PAGE_SECONDS + allowance
        self.late: set[Number] = set()

    def fitting(self, expression: Expression, lines: Mapping[int, str]) -> list[int]:
        """Give the indices of the lines that fit an expression as a whole; none if it takes too long."""
        number, source = expression
        try:
            if stays_in_line(source):
                found = self._fitting_together(number, source, lines)
                if found is not None:
                    return found
            alone = compile_expression(source)
            return [i for i, line in lines.items() if alone.fullmatch(line, timeout=self._left(number))]
        except TimeoutError:
            self.late.add(number)
            return []

    def _fitting_together(self, number: Number, source: str, lines: Mapping[int, str]) -> list[int] | None:
        """Try all lines with one call, as watching the time costs more than a trial that fails at once.

        Gives None if the expression fits several lines together, and may have missed one of them.
        """
        text = "\n".join(["", *lines.values(), ""])
        found = compile_expression(f"\n(?:{source})(?=\n)").findall(text, timeout=self._left(number))
        if any("\n" in fit[1:] for fit in found):
            return None
        return [index for index, line in lines.items() if f"\n{line}" in found] if found else []

    def finds(self, number: Number, expression: str, text: str) -> bool:
        """Tell whether an expression of a rule is found in the text; a late one counts as no."""
        try:
            return compile_expression(expression).search(text, timeout=self._left(number)) is not None
        except TimeoutError:
            self.late.add(number)
            return False

    def _left(self, number: Number) -> float:
        left = self._end - process_time()
        if left <= 0 or number in self.late:
            raise TimeoutError
        return min(left, self._one)


class _Section(NamedTuple):
    """An open section: its rule, what to say of its blocks, how many it may still take, and where it ends."""

    number: Number
    why: str
    left: float
    words: int
    level: int


class _Settling:
    """One way down a page: what was found on each block, in the light of what stands before it."""

    def __init__(self, matcher: Matcher, page: Page, known: Mapping[int, str], silent: frozenset[Number]) -> None:
        self._matcher = matcher
        self._page = page
        self._known = known
        self._silent = silent
        self._trials = _Trials(sum(map(len, page.folded)))
        self._found: dict[int, dict[Number, str]] = {}
        self._waiting: dict[int, list[Expression]] = {}
        self._said: dict[int, dict[Number, Evidence]] = {}

    def take(self, findings: Iterable[Finding]) -> None:
        """Take findings where the rule's guard allows them."""
        found, guards, silent, page = self._found, self._matcher.guards, self._silent, self._page
        for index, number, why in findings:
            if number not in silent and (number not in guards or guards[number].allows(page, index)):
                found.setdefault(index, {}).setdefault(number, why)

    def try_expressions(self, candidates: Iterable[tuple[Expression, Sequence[int]]]) -> None:
        """Take the blocks that fit an expression; where a rule asks what stands before, that is to be known first."""
        for expression, indices in candidates:
            if self._matcher.rules[expression.number].after:
                for index in indices:
                    self._waiting.setdefault(index, []).append(expression)
            else:
                self._try(expression, indices)

    def _try(self, expression: Expression, indices: Iterable[int]) -> None:
        number, found, blocks = expression.number, self._found, self._page.blocks
        lines = {i: blocks[i].text for i in indices if self._allows(i, number) and number not in found.get(i, ())}
        for index in self._trials.fitting(expression, lines) if lines else ():
            found.setdefault(index, {})[number] = (
                f"whole line fits the expression of {self._matcher.rules[number].name}"
            )

    def _try_waiting(self, index: int) -> None:
        for expression in self._waiting.get(index, ()):
            kind = self._matcher.rules[expression.number].after
            if kind and self._is_after(index, kind):
                self._try(expression, [index])

    def notes(self) -> tuple[str, ...]:
        """Name the rules whose expressions took too long."""
        codes = [self._matcher.rules[number].code for number in sorted(self._trials.late)]
        return tuple(f"an expression of {code} took too long on this page and was left out" for code in codes)

    def settle(self) -> tuple[tuple[Evidence, ...], ...]:
        """Go from the first block to the last, and give the evidence for each."""
        section: _Section | None = None
        blocks = range(len(self._page.blocks))
        last = -1 - NEIGHBOURS
        for index in blocks:
            if index in self._waiting and (index - last <= NEIGHBOURS or self._known):
                self._try_waiting(index)
            opened = self._settle_block(index) if index in self._found else None
            if section and self._is_interrupted(section, index):
                section = None
            section = opened or (section and self._continue(section, index))
            if index in self._said:
                last = index
        return tuple([self._evidence(index) if index in self._said else () for index in blocks])

    def _is_interrupted(self, section: _Section, index: int) -> bool:
        """Whether a line of a kind that stands by itself ends a section of another kind."""
        kind = self._matcher.rules[section.number].kind
        said = self._said.get(index, {})
        return any([e.decisive and e.kind != kind and e.kind in SEPARATE_KINDS for e in said.values()])

    def _evidence(self, index: int) -> tuple[Evidence, ...]:
        said = self._said[index]
        return tuple([said[number] for number in sorted(said)])

    def _allows(self, index: int, number: Number) -> bool:
        guard = self._matcher.guards.get(number)
        return number not in self._silent and (guard is None or guard.allows(self._page, index))

    def _settle_block(self, index: int) -> _Section | None:
        """Say what was found on one block; gives the section that it opens, if any."""
        section: _Section | None = None
        for number, why in sorted(self._found[index].items()):
            rule = self._matcher.rules[number]
            if (rule.after and not self._is_after(index, rule.after)) or not self._say(index, number, why):
                continue
            if rule.scope == "between":
                self._close(index, number)
            elif rule.body and section is None:
                section = self._open(index, rule, number)
        return section

    def _say(self, index: int, number: Number, why: str) -> bool:
        """Add a rule's evidence to a block, unless the rule spares it."""
        if number in self._matcher.exemptions and self._is_spared(index, number):
            return False
        self._said.setdefault(index, {}).setdefault(number, self._matcher.evidence(number, why))
        return True

    def _is_spared(self, index: int, number: Number) -> bool:
        for exemption in self._matcher.exemptions[number]:
            if exemption.contains:
                if f" {exemption.contains.folded} " in f" {self._page.folded[index]} ":
                    return True
            elif exemption.regex:
                text = self._page.blocks[index].text
                if self._trials.finds(number, exemption.regex, text) or number in self._trials.late:
                    return True  # spared as well where it could not be tried in time: what stays can be seen
        return False

    def _is_after(self, index: int, kind: str) -> bool:
        for before in range(max(0, index - NEIGHBOURS), index):
            if self._known.get(before) == kind:
                return True
            if any(said.kind == kind and not said.veto for said in self._said.get(before, {}).values()):
                return True
        return False

    def _open(self, index: int, rule: Rule, number: Number) -> _Section | None:
        if rule.body is None:
            return None
        block = self._page.blocks[index]
        why = f'in the section headed "{_short(block.text)}" ({rule.code})'
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
        closing = next(self._matcher.closings[number].find([self._page.folded[i] for i in below]), None)
        if closing is None:
            return
        last = below[closing[0]]
        why = f'between "{_short(blocks[index].text)}" and "{_short(blocks[last].text)}"'
        for taken in range(index + 1, last + 1):
            self._say(taken, number, why)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def failing_examples(rule: Rule) -> list[str]:
    """Run a rule's examples, and say in one line each what is wrong with them.

    Each example text is a page: HTML for a rule about containers or links, flat text for any other. Every block
    of a `drop` must be matched and no block of a `keep`; for a rule that keeps it is the other way round. If the
    rule has `after`, the first block of a text to be matched stands for a block of that kind.
    """
    matcher = Matcher(RuleSet((rule,), VERSION, ""))
    matched, unmatched = ("keep", "drop") if rule.keeps else ("drop", "keep")
    failures: list[str] = []
    for example in rule.examples:
        for text in getattr(example, matched):
            failures += (f'{matched} "{_short(text)}": {what}' for what in _unmatched(matcher, text))
        for text in getattr(example, unmatched):
            failures += (f'{unmatched} "{_short(text)}": {what}' for what in _matched(matcher, text))
    return failures


def _unmatched(matcher: Matcher, text: str) -> Iterator[str]:
    """Say which blocks of an example the rule does not match, and should."""
    rule = matcher.rules[0]
    page = _example_page(rule, text)
    matches = matcher.match(page, {0: rule.after} if rule.after else None)
    blocks = page.blocks[1:] if rule.after else page.blocks
    if not blocks:
        yield f"no block to match, write {'a second line' if rule.after else 'visible text'}"
    for block in blocks:
        if not matches.evidence[block.index]:
            yield f'block "{_short(block.text)}" is not matched'


def _matched(matcher: Matcher, text: str) -> Iterator[str]:
    """Say which blocks of an example the rule matches, and should not."""
    page = _example_page(matcher.rules[0], text)
    if not page.blocks:
        yield "no block to leave, write visible text"
    for block, evidence in zip(page.blocks, matcher.match(page).evidence, strict=True):
        if evidence:
            yield f'block "{_short(block.text)}" is matched: {evidence[0].why}'


def _example_page(rule: Rule, text: str) -> Page:
    from cleaner.segment import segment  # only examples need it: whoever matches has a page

    kind: Literal["html", "text"] = "html" if rule.scope == "dom" or rule.links else "text"
    url = f"https://{rule.sites[0]}/" if rule.sites else None
    return segment(Document(Source(text.encode(), url=url), text, kind, Encoding("utf-8", "an example")))
