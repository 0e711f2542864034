"""Write the beginning of a rule, sound as it stands, for its author to go on from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import tomli

from cleaner.errors import UsageError
from cleaner.files import write_file
from cleaner.quote import listed, quoted
from cleaner.schema import FAMILIES, SUMMARY_LENGTH, all_problems, read_file, suggest

#: Numbers that the shipped rules never take: for rules about text, and for those about containers.
OWN_NUMBERS = {False: range(401, 500), True: range(901, 1000)}

_PHRASE = "Write the phrase here"
_NEAR_MISS = "Write here the line of a real article that comes closest, and must stay."
_WHY = "say here why it must stay"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a rule to write: `verdict` is its line in TOML, `phrases` may be names of containers."""

    kind: str
    scope: str
    match: str
    verdict: str
    phrases: tuple[str, ...]
    language: str
    sites: tuple[str, ...] = ()


def add_rule(
    path: Path,
    *,
    kind: str,
    phrases: Sequence[str],
    language: str,
    scope: str,
    match: str,
    keeps: bool,
    points: int | None,
    sites: Sequence[str],
) -> str:
    """Write a rule to a file, new or after those it has, and give its code, the first that is free.

    Raises `UsageError` for what no rule may say, `RuleError` for a file that is wrong already, `OutputError`.
    """
    verdict = "keeps = true" if keeps else f"points = {points}" if points else "decisive = true"
    draft = Draft(kind, scope, match, verdict, tuple(phrases) or (_PHRASE,), language, tuple(sites))
    if keeps and points:
        raise UsageError("--keeps and --points exclude each other, give one of them")
    taken = {str(table.get("code")) for file in sorted(path.parent.glob("*.toml")) for table in read_file(file).tables}
    code = free_code(kind, taken, is_dom=scope == "dom")
    text = skeleton(draft, code)
    for _, message in all_problems(tomli.loads(text)["rule"][0]):
        raise UsageError(f"no such rule can be written: {message}")
    write_file(path, (read_file(path).text.rstrip("\n") + "\n\n" if path.exists() else "") + text)
    return code


def free_code(kind: str, taken: Collection[str], *, is_dom: bool = False) -> str:
    """The first code for users' own rules of a kind that is not taken; raises `UsageError` where there is none."""
    family = next((family for family, known in FAMILIES.items() if known == kind), None)
    if family is None:
        known = list(FAMILIES.values())
        raise UsageError(f"no rule can be of kind {kind}{suggest(kind, known) or ', use one of ' + ', '.join(known)}")
    for number in OWN_NUMBERS[is_dom]:
        if (code := f"{family}{number}") not in taken:
            return code
    raise UsageError(f"all numbers for users' own rules of kind {kind} are taken; join some of them")


def skeleton(draft: Draft, code: str) -> str:
    """The draft as a rule in TOML. Its examples pass; its author has the near-miss to write."""
    lines = ["[[rule]]", *_head(draft, code), *_conditions(draft), *_matter(draft), *_examples(draft)]
    return "\n".join(lines) + "\n"


def _head(draft: Draft, code: str) -> Iterator[str]:
    words = _latin(draft.phrases[0])
    yield f"code = {quoted(code)}"
    yield f"name = {quoted('-'.join(words) or draft.kind)}"
    yield f"kind = {quoted(draft.kind)}"
    yield f"summary = {quoted(_summary(draft))}"
    yield f"scope = {quoted(draft.scope)}"


def _latin(phrase: str) -> Sequence[str]:
    plain = unicodedata.normalize("NFKD", phrase).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z0-9]+", plain)[:5]


def _summary(draft: Draft) -> str:
    about = "Container named" if draft.scope == "dom" else "Block that reads"
    told = f'{about} "{draft.phrases[0]}"'
    return told if len(told) <= SUMMARY_LENGTH else f'{told[: SUMMARY_LENGTH - 2]}…"'


def _conditions(draft: Draft) -> Iterator[str]:
    if draft.scope != "dom":
        yield f"match = {quoted(draft.match)}"
    if draft.scope == "between":
        yield "max_blocks = 5"
    yield draft.verdict
    if draft.sites:
        yield f"sites = {listed(draft.sites)}"


def _matter(draft: Draft) -> Iterator[str]:
    if draft.scope == "dom":
        yield "[rule.dom]"
        yield f"class = {listed(draft.phrases)}"
        return
    yield "[rule.phrases]"
    yield f"{draft.language} = {listed(draft.phrases)}"
    if draft.scope == "between":
        yield "[rule.until]"
        yield f'{draft.language} = ["Write the closing line here"]'
    if draft.scope == "section":
        yield from ("[rule.body]", "blocks = 6", "words = 15")


def _examples(draft: Draft) -> Iterator[str]:
    matched, near_miss = ("keep", "drop") if draft.verdict.startswith("keeps") else ("drop", "keep")
    yield "[[rule.example]]"
    yield f"{matched} = {listed([_example(draft, phrase) for phrase in draft.phrases])}"
    if matched == "keep":
        yield f"why = {quoted(_WHY)}"
    yield "[[rule.example]]"
    yield f"{near_miss} = {listed([_in_markup(draft, _NEAR_MISS)])}"
    if near_miss == "keep":
        yield f"why = {quoted(_WHY)}"


def _example(draft: Draft, phrase: str) -> str:
    said = phrase.replace("{n}", "12")
    if draft.scope == "dom":
        return f'<div class="{said}"><p>Write here what stands in it.</p></div>'
    if draft.scope == "section":
        return f"{said}\nA line that it takes"
    return f"{said}\nA line that it takes\nWrite the closing line here" if draft.scope == "between" else said


def _in_markup(draft: Draft, text: str) -> str:
    return f'<div class="story"><p>{text}</p></div>' if draft.scope == "dom" else text
