"""Hold the cleaner's outputs still: record cases, compare, and explain every difference by its evidence.

A case is a folder `<family>--<slug>` with three files: `source.*`, the raw scrape; `expected.txt`, the body it must
give; and `case.toml`, which says why the case is there, how its source is to be read and cleaned, what else must
hold, and which blocks must go as what.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import shutil
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from cleaner.blame import decider
from cleaner.errors import CleanError, InputError
from cleaner.files import new_file
from cleaner.model import KINDS, Article, Block, Decision, Failure, Options, Source
from cleaner.pipeline import Cleaner
from cleaner.quote import listed, quoted
from cleaner.read import read
from cleaner.render import counted, visible

EXPECTED: Final = "expected.txt"
SETTINGS: Final = "case.toml"
_SOURCE_STEM: Final = "source"

_TEXT_KEYS: Final = frozenset({"why", "lang", "title", "url", "form", "charset", "known_failure"})
_DROP_KEYS: Final = frozenset({"line", "kind"})
_FORMS: Final = ("html", "text")
#: What `[options]` may set: the fields of `Options`.
_LIST_OPTIONS: Final = frozenset({"rules", "disable", "keep"})
_OPTIONS: Final = _LIST_OPTIONS | {"threshold"}
#: A family or a slug, and how long one made from a headline may be.
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SLUG_LENGTH: Final = 48
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
    not looked at where they are None. `options` are those fields of `Options` that the case sets itself.
    `known_failure` says why the case can't pass yet; it must fail until then.
    """

    name: str
    folder: Path
    source: Source
    expected: bytes
    why: str
    lang: str | None = None
    title: str | None = None
    drops: tuple[Drop, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    known_failure: str | None = None


#: What cleans a case's source the way the case asks for.
Clean: TypeAlias = Callable[[Case], Article]


@dataclass(frozen=True, slots=True)
class Flip:
    """A block that is not decided as a case expects, with the decision on it."""

    block: Block
    decision: Decision


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case went: each problem is a paragraph for a reader, and none means that all is as expected.

    `diff` is the difference between the bodies, one of the problems if there is any, `flips` are the blocks behind it.
    """

    case: Case
    problems: tuple[str, ...]
    flips: tuple[Flip, ...] = ()
    diff: str = ""

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
        command = f"clean golden update {shlex.quote(str(self.case.folder))}"
        hint = f"If the new body is right, write it down with: {command}"
        return "\n\n".join([visible(f"{self.case.name}: {self.case.why}"), *self.problems, visible(hint)])


# --- Loading ---------------------------------------------------------------------------------------------------------


def load_cases(folder: Path) -> tuple[Case, ...]:
    """All cases in a folder, in the order of their names, or the one that the folder is.

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
        raise GoldenError(
            f"{folder}: no case in it, which is a folder with source.*, {EXPECTED} and {SETTINGS}; record one with: "
            f"clean golden add FILE --into {shlex.quote(str(folder))}"
        )
    return tuple(cases)


def _case_folders(folder: Path) -> list[Path]:
    if (folder / SETTINGS).is_file():
        return [folder]
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise GoldenError(
            f"{folder}: can't be listed ({error.strerror}); give the folder that holds the cases, or record a first "
            f"one with: clean golden add FILE --into {shlex.quote(str(folder))}"
        ) from error


def _load_case(folder: Path) -> Case:
    source_path = _source_path(folder)
    settings = _settings(folder / SETTINGS)
    return Case(
        name=folder.name,
        folder=folder,
        source=_read_source(source_path, settings),
        expected=(folder / EXPECTED).read_bytes(),
        why=settings["why"],
        lang=settings.get("lang"),
        title=settings.get("title"),
        drops=tuple(Drop(**drop) for drop in settings.get("drop", [])),
        options=_options(settings.get("options", {}), folder),
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


def _options(given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """A case's own options as `Options` has them; paths of rules are written relative to the case."""
    lists = {key: tuple(given[key]) for key in given.keys() & _LIST_OPTIONS}
    if "rules" in lists:
        lists["rules"] = tuple([os.path.normpath(folder / path) for path in lists["rules"]])
    return {**given, **lists}


def _read_source(path: Path, settings: Mapping[str, Any]) -> Source:
    items = list(read([str(path)], form=settings.get("form", "auto")))
    if len(items) != 1:
        raise GoldenError(f"{path}: holds {len(items)} documents; a case has one")
    if isinstance(items[0], Failure):
        raise GoldenError(f"{path}: {items[0].reason}")
    return replace(items[0], id=path.parent.name, url=settings.get("url"), charset=settings.get("charset"))


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
    yield from _wrong_keys(settings, _TEXT_KEYS | {"drop", "options"})
    yield from _wrong_texts(settings, _TEXT_KEYS)
    if "why" not in settings:
        yield 'there is no why; write why = "what this case shows"'
    if isinstance(form := settings.get("form"), str) and form not in _FORMS:
        yield f"unknown form {form!r}; forms are {', '.join(_FORMS)}"
    yield from _wrong_options(settings.get("options", {}))
    drops = settings.get("drop", [])
    if not isinstance(drops, list) or not all(isinstance(drop, dict) for drop in drops):
        yield "drop must be tables; write [[drop]] with line and kind under it"
        return
    for drop in drops:
        yield from _wrong_drop(drop)


def _wrong_options(options: Any) -> Iterator[str]:
    if not isinstance(options, dict):
        yield "options must be a table; write [options] with keep, disable, rules or threshold under it"
        return
    yield from _wrong_keys(options, _OPTIONS)
    for key in sorted(options.keys() & _LIST_OPTIONS):
        if not isinstance(options[key], list) or not all(isinstance(item, str) for item in options[key]):
            yield f'options.{key} must be a list of texts, such as {key} = ["…"]'
    if type(options.get("threshold", 0)) is not int:
        yield "options.threshold must be a whole number of decibans"


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


# --- Cleaning --------------------------------------------------------------------------------------------------------


class Cleaners:
    """Cleans cases, each under the options of the run and its own; rules are loaded once per set of options."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._made: dict[Options, Cleaner] = {}

    def clean(self, case: Case) -> Article:
        """The article in a case's source. Raises `InputError`, and `RuleError` or `UsageError` for its options."""
        options = self._of(case)
        if options not in self._made:
            self._made[options] = Cleaner(options)
        return self._made[options].clean(case.source)

    def _of(self, case: Case) -> Options:
        """The run's options with the case's own: lists add up, its threshold stands for the run's."""
        lists: Any = {key: (*getattr(self._options, key), *case.options.get(key, ())) for key in sorted(_LIST_OPTIONS)}
        return replace(self._options, threshold=case.options.get("threshold", self._options.threshold), **lists)


# --- Comparing -------------------------------------------------------------------------------------------------------


def check(case: Case, clean: Clean) -> Outcome:
    """Clean a case's source and compare: the body byte by byte, then title, language and the blocks that must go."""
    try:
        article = clean(case)
    except InputError as error:
        return Outcome(case, (f"the source can't be cleaned, {error.stage} gave up: {error}",))
    compared = _compared(case, article)
    problems = [*_text_problems(case, compared), *_fact_problems(case, article)]
    if case.drops:
        problems += _drop_problems(case.drops, article.judged.decided)
    return Outcome(case, tuple(problems), tuple([flip for _, flip in compared.changes if flip]), compared.diff)


def sum_up(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """How many blocks of failed cases go or stay against what is expected, by the rule that decides, a line each."""
    flips = [flip for outcome in outcomes if not outcome.passed for flip in outcome.flips]
    for verdict, count in Counter(map(_verdict, flips)).most_common():
        yield f"{counted(count, 'block')} {verdict}"


def _verdict(flip: Flip) -> str:
    rule = decider(flip.decision)
    if flip.decision.keep:
        return f"now kept by {rule}" if rule else "now kept, no rule takes it"
    return f"now dropped by {rule or 'shape alone'}"


@dataclass(frozen=True, slots=True)
class _Compared:
    """Two bodies as a difference, and each line that only one of them has with the block that it is from."""

    diff: str
    changes: tuple[tuple[str, Flip | None], ...]


def _compared(case: Case, article: Article) -> _Compared:
    if article.text.encode("utf-8", "surrogatepass") == case.expected:
        return _Compared("", ())
    before = case.expected.decode("utf-8", "replace").split("\n")
    after = article.text.split("\n")
    # Escaped, a stray control or zero-width character is a difference that can be seen.
    shown = ([visible(line) for line in before], [visible(line) for line in after])
    diff = difflib.unified_diff(*shown, f"{case.name}/{EXPECTED}", f"{case.name}, cleaned", lineterm="")
    return _Compared("\n".join(diff), tuple(_changed_blocks(before, after, article.judged.decided)))


def _text_problems(case: Case, compared: _Compared) -> Iterator[str]:
    if compared.diff:
        yield compared.diff
    if compared.changes:
        told = [_reason(flip) if flip else f"  {line}" for line, flip in compared.changes]
        yield "\n".join(["Why:", *told])


def _fact_problems(case: Case, article: Article) -> Iterator[str]:
    if case.title is not None and article.title != case.title:
        yield f"title is {article.title!r}, expected {case.title!r}"
    if case.lang is not None and not _in_range(article.language, case.lang):
        yield f"language is {article.language!r}, expected {case.lang!r}"


def _in_range(language: str | None, wanted: str) -> bool:
    """Basic filtering of RFC 4647: a range takes every tag that starts with its subtags."""
    return language is not None and f"{language}-".casefold().startswith(f"{wanted}-".casefold())


Decided: TypeAlias = Sequence[tuple[Block, Decision]]


def _drop_problems(drops: Iterable[Drop], decided: Decided) -> Iterator[str]:
    for drop in drops:
        found = [Flip(block, decision) for block, decision in decided if _starts_with(block, drop.line)]
        if not found:
            yield f"no block starts with {drop.line!r}, which must go as {drop.kind}"
        for flip in found:
            if flip.decision.kind != drop.kind:
                yield f"{drop.line!r} must go as {drop.kind}:\n{_reason(flip)}"


def _starts_with(block: Block, line: str) -> bool:
    """Whether a block starts so, with or without the bullet before it."""
    return block.text.startswith(line) or (block.lead + block.text).lstrip().startswith(line)


def _changed_blocks(before: Sequence[str], after: Sequence[str], decided: Decided) -> Iterator[tuple[str, Flip | None]]:
    """Each line that the body lost or won, with its block; without one, and a word on it, where no block is just it."""
    told: set[int] = set()
    for line, kept in _changes(before, after):
        found = [pair for pair in decided if pair[1].keep is kept and _has_line(pair[0], line)]
        if not found:
            yield f"{_quote(line)}: no block that was {'kept' if kept else 'dropped'} has just this line", None
        for block, decision in [pair for pair in found if pair[0].index not in told][:1]:
            told.add(block.index)
            yield line, Flip(block, decision)


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The lines that only one side has, each with whether it is the side that was kept now."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            yield from ((line, False) for line in before[start:end] if line)
            yield from ((line, True) for line in after[new_start:new_end] if line)


def _has_line(block: Block, line: str) -> bool:
    return line in map(str.rstrip, (block.lead + block.text).split("\n"))


def _reason(flip: Flip) -> str:
    decision = flip.decision
    verdict = "kept" if decision.keep else f"dropped as {decision.kind}"
    said = [f"{evidence.source} {evidence.points:+d} ({visible(evidence.why)})" for evidence in decision.evidence]
    return "\n    ".join([f"  {_quote(flip.block.text)}: {verdict}, {decision.total:+d} decibans", *said])


def _quote(text: str) -> str:
    return visible(text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1]}…")


# --- Recording -------------------------------------------------------------------------------------------------------


def record_case(
    folder: Path,
    family: str,
    slug: str,
    article: Article,
    *,
    why: str,
    expected: str | None = None,
    drops: Sequence[Drop] = (),
    options: Mapping[str, Any] | None = None,
    known_failure: str | None = None,
) -> Path:
    """Record an article as a case `<family>--<slug>` in `folder`, and return the case's own folder.

    The article must carry its judgement. `expected` is the body that the source must give, by default the article's
    own; `options` are those fields of `Options` that the case needs beside what every run of `check` is given.
    Raises `GoldenError` when a name is unfit or the case is there already: nothing is ever written over.
    """
    for what, name in (("family", family), ("slug", slug)):
        if not _NAME.fullmatch(name):
            raise GoldenError(f'{what} "{visible(name)}" is wrong; write lower-case words joined by "-"')
    case = folder / f"{family}--{slug}"
    if case.exists():
        again = shlex.quote(str(case))
        raise GoldenError(
            f"{case} is there already; take another slug, or write today's body over it: clean golden update {again}"
        )
    document = article.judged.page.document
    settings = _settings_text(article, why, drops, _relative(options or {}, case), known_failure)
    files = {
        f"{_SOURCE_STEM}.{'html' if document.kind == 'html' else 'txt'}": document.source.data,
        EXPECTED: (article.text if expected is None else expected).encode("utf-8"),
        SETTINGS: settings.encode("utf-8"),
    }
    _write_folder(case, files)
    return case


def slug_of(*names: str | None) -> str:
    """A slug of the first name, a headline's or a file's, that is mostly Latin letters and digits."""
    for name in names:
        latin = unicodedata.normalize("NFKD", name or "").encode("ascii", "ignore").decode().lower()
        slug = "-".join(re.findall(r"[a-z0-9]+", latin))
        if slug and 2 * len(slug) >= len(name or ""):
            return slug[:_SLUG_LENGTH].rstrip("-")
    return "case"


def _relative(options: Mapping[str, Any], case: Path) -> dict[str, Any]:
    """Options as a case writes them: without those that say nothing, paths of rules as seen from the case."""
    rules = [Path(os.path.relpath(path, case)).as_posix() for path in options.get("rules", ())]
    return {key: value for key, value in {**options, "rules": rules}.items() if value}


def _settings_text(
    article: Article, why: str, drops: Sequence[Drop], options: Mapping[str, Any], known_failure: str | None
) -> str:
    document = article.judged.page.document
    facts = {
        "why": why,
        "form": document.kind,
        "charset": document.source.charset,
        "lang": article.language,
        "title": article.title,
        "url": article.url,
        "known_failure": known_failure,
    }
    rows = [f"{key} = {quoted(value)}" for key, value in facts.items() if value]
    for drop in drops:
        rows += ["", "[[drop]]", f"line = {quoted(drop.line)}", f"kind = {quoted(drop.kind)}"]
    if options:
        rows += ["", "[options]"]
        rows += [f"{key} = {value if isinstance(value, int) else listed(value)}" for key, value in options.items()]
    return "\n".join(rows) + "\n"


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder's files under a name that no reader looks at, then put it in its place."""
    unfinished = folder.with_name(f".{folder.name}-{os.urandom(4).hex()}")
    try:
        unfinished.mkdir(parents=True)
        for name, data in files.items():
            (unfinished / name).write_bytes(data)
        unfinished.rename(folder)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise GoldenError(f"cannot write to {folder}: {error.strerror}; give another folder with --into") from error


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
        return clean(case).text.encode("utf-8")
    except InputError as error:
        raise GoldenError(f"{case.name}: the source can't be cleaned, {error.stage} gave up: {error}") from error
