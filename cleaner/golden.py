"""Hold the cleaner's outputs still: load recorded cases, compare, and explain every difference by its evidence.

A case is a folder with three files: `source.*`, the raw scrape; `expected.txt`, the body it must give; and
`case.toml`, which says why the case is there, what else must hold, and which blocks must go as what.
"""

from __future__ import annotations

import difflib
import os
import shlex
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from cleaner.errors import CleanError, InputError
from cleaner.model import KINDS, Article, Block, Decision, Failure, Judgement, Source
from cleaner.read import read
from cleaner.render import visible
from cleaner.write import new_file

Clean: TypeAlias = Callable[[Source], Article]

EXPECTED: Final = "expected.txt"
SETTINGS: Final = "case.toml"
_SOURCE_STEM: Final = "source"

_TEXT_KEYS: Final = frozenset({"why", "lang", "title", "url", "known_failure"})
_DROP_KEYS: Final = frozenset({"line", "kind"})
#: A differing line is quoted no further than this; the diff above it has it whole.
_QUOTED: Final = 60


class GoldenError(CleanError):
    """A set of cases can't be used. The message has one line for each thing that is wrong with it."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A block that must go: how it starts, and which kind of chrome it must go as."""

    line: str
    kind: str


@dataclass(frozen=True, slots=True)
class Case:
    """A recorded source and what it must give.

    `expected` is the body in bytes. `lang` is a language range: `pt` also accepts `pt-BR`. `title` and `lang` are
    not looked at where they are None. `known_failure` says why the case can't pass yet; it must fail until then.
    """

    name: str
    folder: Path
    source: Source
    expected: bytes
    why: str
    lang: str | None = None
    title: str | None = None
    drops: tuple[Drop, ...] = ()
    known_failure: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case went: each problem is a paragraph for a reader, and none means that all is as expected."""

    case: Case
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the case went as it should; one with a known failure should fail."""
        return bool(self.problems) == (self.case.known_failure is not None)

    @property
    def report(self) -> str:
        """What went wrong and what to do about it; empty where nothing did."""
        if self.passed:
            return ""
        if not self.problems:
            reason = self.case.known_failure
            return f"{self.case.name} passes, but {SETTINGS} has known_failure = {reason!r}: remove that line"
        command = f"clean golden update {shlex.quote(str(self.case.folder.parent))}"
        hint = f"If the new body is right, write it down with: {command}"
        return "\n\n".join([f"{self.case.name}: {self.case.why}", *self.problems, hint])


# --- Loading ---------------------------------------------------------------------------------------------------------


def load_cases(folder: Path) -> tuple[Case, ...]:
    """All cases in a folder, in the order of their names.

    Raises `GoldenError`, naming everything that is wrong, when a case lacks one of its files, has others, or has
    unknown or ill-typed settings, and when there is no case at all.
    """
    cases, wrong = [], []
    for path in _case_folders(folder):
        try:
            cases.append(_load_case(path))
        except GoldenError as error:
            wrong.append(str(error))
    if wrong:
        raise GoldenError("\n".join(wrong))
    if not cases:
        raise GoldenError(f"{folder}: no case in it; a case is a folder with source.*, {EXPECTED} and {SETTINGS}")
    return tuple(cases)


def _case_folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise GoldenError(
            f"{folder}: can't be listed ({error.strerror}); give the folder that holds the cases"
        ) from error


def _load_case(folder: Path) -> Case:
    source_path = _source_path(folder)
    settings = _settings(folder / SETTINGS)
    return Case(
        name=folder.name,
        folder=folder,
        source=replace(_read_source(source_path), id=folder.name, url=settings.get("url")),
        expected=(folder / EXPECTED).read_bytes(),
        why=settings["why"],
        lang=settings.get("lang"),
        title=settings.get("title"),
        drops=tuple(Drop(**drop) for drop in settings.get("drop", [])),
        known_failure=settings.get("known_failure"),
    )


def _source_path(folder: Path) -> Path:
    """The one source of a case whose files are complete."""
    names = {path.name for path in folder.iterdir()}
    sources = sorted(name for name in names if name.partition(".")[0] == _SOURCE_STEM)
    wrong = [f"{name} is missing" for name in (EXPECTED, SETTINGS) if name not in names]
    if len(sources) != 1:
        wrong.append(f"it has {len(sources)} files named source.*, and must have one")
    wrong += [f"{name} doesn't belong there" for name in sorted(names - {EXPECTED, SETTINGS, *sources})]
    if wrong:
        raise GoldenError("\n".join(f"{folder}: {problem}" for problem in wrong))
    return folder / sources[0]


def _read_source(path: Path) -> Source:
    items = list(read([str(path)]))
    if len(items) != 1:
        raise GoldenError(f"{path}: holds {len(items)} documents; a case has one")
    if isinstance(items[0], Failure):
        raise GoldenError(f"{path}: {items[0].reason}")
    return items[0]


def _settings(path: Path) -> dict[str, Any]:
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise GoldenError(f"{path}: {visible(str(error))}") from error
    wrong = list(_wrong_settings(settings))
    if wrong:
        raise GoldenError("\n".join(f"{path}: {problem}" for problem in wrong))
    return settings


def _wrong_settings(settings: Mapping[str, Any]) -> Iterator[str]:
    yield from _wrong_keys(settings, _TEXT_KEYS | {"drop"})
    yield from _wrong_texts(settings, _TEXT_KEYS)
    if "why" not in settings:
        yield 'there is no why; write why = "what this case shows"'
    drops = settings.get("drop", [])
    if not isinstance(drops, list) or not all(isinstance(drop, dict) for drop in drops):
        yield "drop must be tables; write [[drop]] with line and kind under it"
        return
    for drop in drops:
        yield from _wrong_drop(drop)


def _wrong_drop(drop: Mapping[str, Any]) -> Iterator[str]:
    yield from _wrong_keys(drop, _DROP_KEYS)
    yield from _wrong_texts(drop, _DROP_KEYS)
    for key in sorted(_DROP_KEYS - drop.keys()):
        yield f"a [[drop]] has no {key}"
    if isinstance(kind := drop.get("kind"), str) and kind not in KINDS:
        yield f"unknown kind {kind!r}; kinds are {', '.join(KINDS)}"


def _wrong_keys(table: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    for key in table.keys() - known:
        yield f"unknown key {key!r}; keys are {', '.join(sorted(known))}"


def _wrong_texts(table: Mapping[str, Any], keys: Iterable[str]) -> Iterator[str]:
    for key in sorted(table.keys() & set(keys)):
        if not isinstance(table[key], str) or not table[key].strip():
            yield f"{key} must be a text that isn't empty"


# --- Comparing -------------------------------------------------------------------------------------------------------


def check(case: Case, clean: Clean) -> Outcome:
    """Clean a case's source and compare: the body byte by byte, then title, language and the blocks that must go."""
    try:
        article = clean(case.source)
    except InputError as error:
        return Outcome(case, (f"the source can't be cleaned, {error.stage} gave up: {error}",))
    problems = [*_text_problems(case, article), *_fact_problems(case, article)]
    if case.drops:
        problems += _drop_problems(case.drops, _decided(article))
    return Outcome(case, tuple(problems))


def _text_problems(case: Case, article: Article) -> Iterator[str]:
    if article.text.encode("utf-8", "surrogatepass") == case.expected:
        return
    before = case.expected.decode("utf-8", "replace").split("\n")
    after = article.text.split("\n")
    # Escaped, a stray control or zero-width character is a difference that can be seen.
    shown = ([visible(line) for line in before], [visible(line) for line in after])
    yield "\n".join(difflib.unified_diff(*shown, f"{case.name}/{EXPECTED}", f"{case.name}, cleaned", lineterm=""))
    reasons = list(_reasons(before, after, _decided(article)))
    if reasons:
        yield "\n".join(["Why:", *reasons])


def _fact_problems(case: Case, article: Article) -> Iterator[str]:
    if case.title is not None and article.title != case.title:
        yield f"title is {article.title!r}, expected {case.title!r}"
    if case.lang is not None and not _in_range(article.language, case.lang):
        yield f"language is {article.language!r}, expected {case.lang!r}"


def _in_range(language: str | None, wanted: str) -> bool:
    """Basic filtering of RFC 4647: a range takes every tag that starts with its subtags."""
    return language is not None and f"{language}-".casefold().startswith(f"{wanted}-".casefold())


Decided: TypeAlias = Sequence[tuple[Block, Decision]]


def _decided(article: Article) -> Decided:
    judgement: Judgement | None = article.judgement
    if judgement is None:
        raise ValueError("check needs articles that carry their judgement")
    return tuple(zip(judgement.page.blocks, judgement.decisions, strict=True))


def _drop_problems(drops: Iterable[Drop], decided: Decided) -> Iterator[str]:
    for drop in drops:
        found = [(block, decision) for block, decision in decided if _starts_with(block, drop.line)]
        if not found:
            yield f"no block starts with {drop.line!r}, which must go as {drop.kind}"
        for block, decision in found:
            if decision.kind != drop.kind:
                yield f"{drop.line!r} must go as {drop.kind}:\n{_reason(block, decision)}"


def _starts_with(block: Block, line: str) -> bool:
    """Whether a block starts so, with or without the bullet before it."""
    return block.text.startswith(line) or (block.lead + block.text).lstrip().startswith(line)


def _reasons(before: Sequence[str], after: Sequence[str], decided: Decided) -> Iterator[str]:
    """For each line that the body lost or won, the decision on the block that it is from."""
    told: set[int] = set()
    for line, kept in _changes(before, after):
        found = [pair for pair in decided if pair[1].keep is kept and _has_line(pair[0], line)]
        if not found:
            yield f"  {_quote(line)}: no block that was {'kept' if kept else 'dropped'} has just this line"
        for block, decision in [pair for pair in found if pair[0].index not in told][:1]:
            told.add(block.index)
            yield _reason(block, decision)


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The lines that only one side has, each with whether it is the side that was kept now."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            yield from ((line, False) for line in before[start:end] if line)
            yield from ((line, True) for line in after[new_start:new_end] if line)


def _has_line(block: Block, line: str) -> bool:
    return line in map(str.rstrip, (block.lead + block.text).split("\n"))


def _reason(block: Block, decision: Decision) -> str:
    verdict = "kept" if decision.keep else f"dropped as {decision.kind}"
    said = [f"{evidence.source} {evidence.points:+d} ({visible(evidence.why)})" for evidence in decision.evidence]
    return "\n    ".join([f"  {_quote(block.text)}: {verdict}, {decision.total:+d} decibans", *said])


def _quote(text: str) -> str:
    return visible(text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1]}…")


# --- Updating --------------------------------------------------------------------------------------------------------


def update(folder: Path, clean: Clean) -> tuple[Path, ...]:
    """Write today's bodies over the expected files that differ, and return the files written.

    Nothing is written if any case fails to load or to clean. Cases with a known failure stay as they are: what
    they expect is what is not reached yet. Raises `GoldenError`, also wherever the variable CI is set.
    """
    if os.environ.get("CI"):
        raise GoldenError("expected files are never updated in CI; update them where the change was made, and commit")
    bodies = [(case, _body(case, clean)) for case in load_cases(folder) if case.known_failure is None]
    changed = [(case.folder / EXPECTED, body) for case, body in bodies if body != case.expected]
    for path, body in changed:
        with new_file(path) as file:
            file.write(body)
    return tuple(path for path, _ in changed)


def _body(case: Case, clean: Clean) -> bytes:
    try:
        return clean(case.source).text.encode("utf-8")
    except InputError as error:
        raise GoldenError(f"{case.name}: the source can't be cleaned, {error.stage} gave up: {error}") from error
