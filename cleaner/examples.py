"""Run the examples that rules carry: what they must match, and what they must not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from cleaner.index import make_ready
from cleaner.match import Matcher, short
from cleaner.model import Document, Encoding, Page, Rule, RuleSet, Source
from cleaner.segment import segment
from cleaner.version import VERSION


def failing_examples(rule: Rule) -> list[str]:
    """Run a rule's examples, and say in one line each what is wrong with them.

    Each example text is a page: HTML for a rule about containers or links, flat text for any other. Every block
    of a `drop` must be matched and no block of a `keep`; for a rule that keeps it is the other way round. If the
    rule has `after`, the first block of a text to be matched stands for a block of that kind.
    """
    matcher = _matcher(rule)
    matched = "keep" if rule.keeps else "drop"
    failures = [
        f'{matched} "{short(text)}": {what}'
        for example in rule.examples
        for text in getattr(example, matched)
        for what in _unmatched(matcher, text)
    ]
    return failures + overreaching_examples(rule)


def overreaching_examples(rule: Rule) -> list[str]:
    """Run those of a rule's examples that it must not match, and say in one line each where it does."""
    matcher = _matcher(rule)
    unmatched = "drop" if rule.keeps else "keep"
    return [
        f'{unmatched} "{short(text)}": {what}'
        for example in rule.examples
        for text in getattr(example, unmatched)
        for what in _matched(matcher, text)
    ]


def _matcher(rule: Rule) -> Matcher:
    return Matcher(make_ready(RuleSet((rule,), VERSION, "")))


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
            yield f'block "{short(block.text)}" is not matched'


def _matched(matcher: Matcher, text: str) -> Iterator[str]:
    """Say which blocks of an example the rule matches, and should not."""
    page = _example_page(matcher.rules[0], text)
    if not page.blocks:
        yield "no block to leave, write visible text"
    for block, evidence in zip(page.blocks, matcher.match(page).evidence, strict=True):
        if evidence:
            yield f'block "{short(block.text)}" is matched: {evidence[0].why}'


def _example_page(rule: Rule, text: str) -> Page:
    kind: Literal["html", "text"] = "html" if rule.scope == "dom" or rule.links else "text"
    url = f"https://{rule.sites[0]}/" if rule.sites else None
    return segment(Document(Source(text.encode(), url=url), text, kind, Encoding("utf-8", "an example")))
