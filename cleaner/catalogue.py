"""Print rules: the list of all, and everything about one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Any, Final

from cleaner.figures import load_figures
from cleaner.fold import fold
from cleaner.model import KINDS, Phrase, Rule
from cleaner.packs import shipped_paths

_LANGUAGES_SHOWN: Final = 6
_WIDTH: Final = 100
_HEAD: Final = ("code", "kind", "scope", "languages", "summary")


def table(rules: Sequence[Rule]) -> Iterator[str]:
    """All rules as lines of aligned columns, under a head."""
    rows = [_HEAD, *[(r.code, r.kind, r.scope, _short_languages(r), r.summary) for r in rules]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) - 1)]
    for row in rows:
        cells = [f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[-1]])


def search(
    rules: Iterable[Rule], words: Sequence[str], kinds: Sequence[str] = (), languages: Sequence[str] = ()
) -> list[Rule]:
    """The rules of these kinds and languages, if any are given, that have every word, however it is written."""
    return [
        rule
        for rule in rules
        if (not kinds or rule.kind in kinds)
        and (not languages or not set(languages).isdisjoint(_languages(rule)))
        and (not words or _has_words(rule, words))
    ]


def _has_words(rule: Rule, words: Sequence[str]) -> bool:
    told = fold(f"{rule.name.replace('-', ' ')} {rule.kind} {rule.summary}")
    folded = "\n".join([told, *[phrase.folded for phrase in rule.phrases]])
    return all([word.upper() in rule.code or (fold(word) or word) in folded for word in words])


def view(rule: Rule) -> dict[str, Any]:
    """A rule's line of the list as a JSON object."""
    return {
        "code": rule.code,
        "name": rule.name,
        "kind": rule.kind,
        "scope": rule.scope,
        "languages": _languages(rule),
        "summary": rule.summary,
        "verdict": _verdict(rule),
        "file": rule.file,
    }


def entry(rule: Rule) -> Iterator[str]:
    """Everything about one rule, as lines."""
    yield f"{rule.code} {rule.name} ({rule.kind})"
    yield f"{rule.summary}. From {rule.file}."
    yield f"The kind {rule.kind} covers {KINDS[rule.kind]}."
    yield ""
    yield f"{'verdict':10}{_verdict(rule)}"
    if rule.file in shipped_paths().values() and (figures := load_figures().rules.get(rule.code)):
        yield f"{'figures':10}{figures}"
    yield f"{'scope':10}{rule.scope}{_body(rule)}"
    if rule.match:
        yield f"{'match':10}{rule.match}"
    for name, value in _guards(rule):
        yield f"{name:10}{value}"
    yield from _phrases("phrases", rule.phrases)
    yield from _phrases("until", rule.until)
    for expression in rule.regex:
        yield f"{'regex':10}{expression}"
    for exemption in rule.exemptions:
        what = exemption.regex or (f'"{exemption.contains.text}"' if exemption.contains else "")
        yield f"{'except':10}{what} ({exemption.reason})"
    yield from _examples(rule)


def _languages(rule: Rule) -> list[str]:
    return list(dict.fromkeys(phrase.language for phrase in rule.phrases))


def _short_languages(rule: Rule) -> str:
    languages = _languages(rule)
    return " ".join(languages) if len(languages) <= _LANGUAGES_SHOWN else f"{len(languages)} languages"


def _verdict(rule: Rule) -> str:
    if rule.keeps:
        return "keeps"
    return "decisive" if rule.decisive else f"{rule.points:+d} points"


def _body(rule: Rule) -> str:
    if rule.body is None:
        return ""
    blocks = "to the end" if rule.body.blocks is None else f"at most {rule.body.blocks} blocks"
    return f", {blocks}, of at most {rule.body.words} words each"


def _guards(rule: Rule) -> Iterable[tuple[str, str]]:
    """The conditions that a rule sets, by name."""
    dom = rule.dom._asdict() if rule.dom else {}
    given = {
        **{name: " ".join(values) for name, values in dom.items()},
        "max_words": str(rule.max_words or ""),
        "min_words": str(rule.min_words or ""),
        "max_blocks": str(rule.max_blocks or ""),
        "max_share": f"{rule.max_share} % of the running text" if rule.max_share else "",
        "after": rule.after or "",
        "links": "block is mostly links" if rule.links else "",
        "sites": " ".join(rule.sites),
    }
    return [(name, value) for name, value in given.items() if value]


def _phrases(name: str, phrases: Sequence[Phrase]) -> Iterator[str]:
    for language in dict.fromkeys(phrase.language for phrase in phrases):
        told = ", ".join([f'"{phrase.text}"' for phrase in phrases if phrase.language == language])
        yield from wrap(f"{name:10}{language}: {told}", _WIDTH, subsequent_indent=" " * 14, break_long_words=False)


def _examples(rule: Rule) -> Iterator[str]:
    for example in rule.examples:
        for text in example.drop:
            yield f"{'drop':10}{text!r}"
        for text in example.keep:
            yield f"{'keep':10}{text!r}" + (f" ({example.why})" if example.why else "")
