"""Make of a reader's word on one block a rule for the reader's own rules folder, and a golden case that holds it still.

A rule made so reads one line and nothing else; whoever commits it may widen it. It carries examples from its page, and
is checked before it is written.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from os import urandom
from pathlib import Path
from typing import Any, Final

import tomli

from cleaner.errors import RuleError
from cleaner.files import write_file
from cleaner.fold import fold
from cleaner.golden import Drop, load_cases, record_case, slug_of
from cleaner.lint import Checked, problems
from cleaner.model import Article, Block, Options, Rule, Source
from cleaner.quote import listed, quoted
from cleaner.render import text as render_text
from cleaner.rules import Stated, add_layer, build_all
from cleaner.schema import SUMMARY_LENGTH, RuleFile, all_problems, read_file
from cleaner.skeleton import free_code

#: The file in the rules folder that proposals go to, and the family of their cases.
FILE: Final = "review.toml"
CASES: Final = "review"
_HEAD: Final = (
    "# Proposed by readers with `clean review`: widen them, move them to where they belong, or take them out.\n"
)
_HOST: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_UNKNOWN_LANGUAGE: Final = "und"
_RULE_START: Final = re.compile(r"^(?=\[\[\s*rule\s*\]\])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reader's word on a block: it should stay, or go. `kind` is that of the rule, `host` the only site it is for."""

    block: int
    keep: bool
    kind: str
    host: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What became of a verdict in a rules file: the rule written, if one was, and the codes of those taken back."""

    rule: Rule | None
    withdrawn: tuple[str, ...] = ()


def host_of(url: str | None) -> str | None:
    """The host of a page's address, if rules can name it."""
    found = re.match(r"https?://(?:[^/?#@]*@)?([^/?#:]+)", url or "", re.IGNORECASE)
    host = found[1].lower().removeprefix("www.") if found else ""
    return host if _HOST.fullmatch(host) else None


# --- The rule --------------------------------------------------------------------------------------------------------


def propose(article: Article, verdict: Verdict, taken: Collection[str], folder: Path) -> Proposal:
    """Write a rule into `folder` by which a block of an article goes, or stays; or take back what says the opposite.

    `taken` are codes in use, beside those of the folder. Raises `UsageError` when there is no code left, `RuleError`
    when a file that is there, or the rule, is unsound.
    """
    path = folder / FILE
    there = [str(table.get("code")) for file in sorted(folder.rglob("*.toml")) for table in read_file(file).tables]
    parts = _parts(path)
    opposite = [part for part in parts if _says_opposite(part, article, verdict)]
    if opposite:
        _write(path, [part for part in parts if part not in opposite])
        return Proposal(None, tuple([_table(part)["code"] for part in opposite]))
    text = "\n".join(_rule_lines(article, verdict, free_code(verdict.kind, {*taken, *there}))) + "\n"
    rule = checked(text, path)
    _write(path, [*parts, text])
    return Proposal(rule)


def _parts(path: Path) -> list[str]:
    """A file of rules as a text for each rule, and one for what stands before the first."""
    text = read_file(path).text if path.exists() else _HEAD
    return [part for part in _RULE_START.split(text) if part.strip()]


def _write(path: Path, parts: Sequence[str]) -> None:
    write_file(path, "\n".join([part.rstrip("\n") + "\n" for part in parts]))


def _says_opposite(part: str, article: Article, verdict: Verdict) -> bool:
    """Whether a rule as it stands in a file speaks of just this line, on this site, and says the opposite."""
    table, line = _table(part), _line(article.judged.decided[verdict.block][0])
    if not table or bool(table.get("keeps")) == verdict.keep or table.get("match", "whole") != "whole":
        return False
    if table.get("sites", [host_of(article.url)]) != [host_of(article.url)]:
        return False
    phrases = [fold(phrase) for texts in table.get("phrases", {}).values() for phrase in texts]
    return phrases == [fold(line)] if phrases else table.get("regex") == re.escape(line)


def _table(part: str) -> Mapping[str, Any]:
    """The one rule of a part of a rule file; nothing where the part is a comment before the first."""
    rules = tomli.loads(part).get("rule", [])
    return rules[0] if rules else {}


def _rule_lines(article: Article, verdict: Verdict, code: str) -> Iterator[str]:
    """A rule as it stands in a file: the line, and an example of each side from its page."""
    line = _line(article.judged.decided[verdict.block][0])
    own, other = ("keep", "drop") if verdict.keep else ("drop", "keep")
    yield "[[rule]]"
    yield f"code = {quoted(code)}"
    yield f"name = {quoted(slug_of(line))}"
    yield f"kind = {quoted(verdict.kind)}"
    yield f"summary = {quoted(_summary(line, verdict.keep))}"
    yield 'scope = "line"'
    if verdict.host:
        yield f"sites = {listed([verdict.host])}"
    yield "keeps = true" if verdict.keep else "decisive = true"
    if _is_phrase(line):
        yield 'match = "whole"'
        yield "[rule.phrases]"
        yield f"{_language(article)} = {listed([line])}"
    else:
        yield f"regex = {quoted(re.escape(line))}"
    yield "[[rule.example]]"
    yield f"{own} = {listed([line])}"
    yield f"{other} = {listed([_near_miss(article, verdict)])}"
    yield f"why = {quoted(f'both are lines of {article.id}, and a reader told them apart')}"


def _line(block: Block) -> str:
    """A block's text on one line, as phrases are."""
    return " ".join(block.text.split())


def _is_phrase(line: str) -> bool:
    """Whether a phrase can say this line: something is left of it once it is folded, and no number is stood in for."""
    return bool(fold(line)) and "{n}" not in line


def _language(article: Article) -> str:
    primary = (article.language or "").partition("-")[0]
    return primary if _LANGUAGE.fullmatch(primary) else _UNKNOWN_LANGUAGE


def _summary(line: str, keep: bool) -> str:
    start = "Line of a body: " if keep else "Line that reads: "
    room = SUMMARY_LENGTH - len(start)
    cut = line if len(line) <= room else f"{line[: room - 1].rstrip()}…"
    return start + cut.rstrip(". ") if cut.rstrip(". ") else f"{start}dots"


def _near_miss(article: Article, verdict: Verdict) -> str:
    """The line of the page that most resembles the block and has the fate that the block should not have."""
    decided = article.judged.decided
    own = fold(_line(decided[verdict.block][0]))
    words = set(own.split())
    others = [_line(block) for block, decision in decided if decision.keep is not verdict.keep]
    others = [line for line in others if fold(line) and fold(line) != own]
    likeness = [len(words.intersection(fold(line).split())) / len({*words, *fold(line).split()}) for line in others]
    if others:
        return others[max(range(len(others)), key=likeness.__getitem__)]
    return f"Somebody said in passing: {_line(decided[verdict.block][0])}"


def checked(text: str, path: Path) -> Rule:
    """The one rule of a text that is about to be written to `path`. Raises `RuleError` when it is unsound."""
    file = RuleFile(path, str(path), text, tuple(tomli.loads(text)["rule"]))
    stated: dict[str, Stated] = {}
    wrong: list[str] = []
    add_layer(stated, [file], all_problems, wrong.append)
    rules = build_all(stated, wrong.append)
    wrong = problems(Checked(rules, stated, tuple(wrong)))
    if wrong:
        raise RuleError(f"no rule can be made of this line, write one by hand: {wrong[0]}")
    return rules[0]


# --- The case --------------------------------------------------------------------------------------------------------


def record(article: Article, verdict: Verdict, after: Article, folder: Path, options: Options) -> Path:
    """Record the page of an article as a case in `folder`, with the body that the verdict asks for; returns the case.

    The article is the one that the verdict was spoken on, `after` what `options` make of the page now: the case takes
    title and language from it. A case of this page that is there already is replaced; what had to go still has to.
    """
    decided = article.judged.decided
    slug, before = _case_of(article, folder)
    line = _start(decided[verdict.block][0])
    drops = [drop for drop in before if drop.line != line]
    if not verdict.keep and all(_line(block) == line for block, _ in decided if block.text.startswith(line)):
        drops.append(Drop(line, verdict.kind))
    settings = {key: value for key in ("rules", "disable", "keep", "threshold") if (value := getattr(options, key))}
    why, expected = f"a reader's word on {article.id}", _wanted(article, verdict)
    with _aside(folder / f"{CASES}--{slug}"):
        return record_case(folder, CASES, slug, after, why=why, expected=expected, drops=drops, options=settings)


def _start(block: Block) -> str:
    return block.text.partition("\n")[0]


def _case_of(article: Article, folder: Path) -> tuple[str, tuple[Drop, ...]]:
    """The slug of the case of this very page, there or not yet, and what has to go in it."""
    first = slug_of(article.id)
    for number in count(1):
        slug = first if number == 1 else f"{first}-{number}"
        if not (folder / f"{CASES}--{slug}").exists():
            return slug, ()
        [case] = load_cases(folder / f"{CASES}--{slug}")
        if case.source.data == _source(article).data:
            return slug, case.drops
    raise AssertionError("numbers don't end")


def _source(article: Article) -> Source:
    return article.judged.page.document.source


def _wanted(article: Article, verdict: Verdict) -> str:
    """The body in which all lines that read like the block's have the fate that it should have."""
    decided, folded = article.judged.decided, article.judged.page.folded
    own = decided[verdict.block][0].text, folded[verdict.block]
    alike = [block.text == own[0] or bool(own[1] and folded[block.index] == own[1]) for block, _ in decided]
    keep = [verdict.keep if same else decision.keep for same, (_, decision) in zip(alike, decided, strict=True)]
    return render_text([block for block, _ in decided], keep)


@contextmanager
def _aside(case: Path) -> Iterator[None]:
    """Have a folder out of the way; it comes back if what takes its place fails."""
    if not case.exists():
        yield
        return
    hidden = case.with_name(f".{case.name}-{urandom(4).hex()}")
    case.rename(hidden)
    try:
        yield
    except BaseException:
        hidden.rename(case)
        raise
    shutil.rmtree(hidden)
