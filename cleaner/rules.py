"""Load rules: shipped ones, the user's on top, without those that the user disables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from cleaner.errors import RuleError, UsageError
from cleaner.fold import fold
from cleaner.model import KINDS
from cleaner.schema import (
    FAMILIES,
    VERDICTS,
    Problem,
    RuleFile,
    Table,
    all_problems,
    expressions,
    problems,
    read_file,
    suggest,
)
from cleaner.version import VERSION


class Phrase(NamedTuple):
    """A phrase as its author wrote it, its language (BCP 47 primary tag), and folded as pages are."""

    language: str
    text: str
    folded: str


class Body(NamedTuple):
    """What a section takes after its heading: at most `blocks` (None: to the end) of at most `words` words."""

    blocks: int | None
    words: int


class Dom(NamedTuple):
    """The HTML containers of a rule: exact names, or `words` that are a part of a class or id."""

    classes: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class Exemption(NamedTuple):
    """Blocks a rule spares: those that contain a phrase, or that an expression is found in."""

    contains: Phrase | None
    regex: str | None
    reason: str


class Example(NamedTuple):
    """Texts that a rule must and must not match."""

    drop: tuple[str, ...]
    keep: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One reviewable statement about chrome, as its file has it; see "How to write a rule" in the docs.

    `points` are decibans. `file` names where the rule stands, for messages.
    """

    code: str
    name: str
    kind: str
    summary: str
    scope: Literal["line", "head", "tail", "section", "between", "dom"]
    match: Literal["whole", "prefix", "contains"] | None = None
    phrases: tuple[Phrase, ...] = ()
    regex: tuple[str, ...] = ()
    until: tuple[Phrase, ...] = ()
    max_blocks: int = 0
    max_words: int | None = None
    min_words: int = 0
    after: str | None = None
    links: bool = False
    body: Body | None = None
    dom: Dom | None = None
    sites: tuple[str, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    decisive: bool = False
    keeps: bool = False
    points: int = 0
    examples: tuple[Example, ...] = ()
    file: str = field(default="", compare=False)

    @property
    def family(self) -> str:
        """The code's letters: `SHR` of `SHR001`."""
        return self.code[:3]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in the order of their codes. `digest` is the SHA-256 of all that they say, in hexadecimal."""

    rules: tuple[Rule, ...]
    version: str
    digest: str

    @property
    def id(self) -> str:
        """Name this very set in outputs: `0.1.0+1a2b3c4d`."""
        return f"{self.version}+{self.digest[:8]}"


class Stated(NamedTuple):
    """A rule as a table, and where it was stated: number `number` (from 0) of `file`."""

    file: RuleFile
    number: int
    table: Table

    def error(self, where: tuple[str | int, ...], message: str) -> str:
        """Say in one line what is wrong with this rule."""
        return self.file.error(self.number, where, message)


def load_rules(paths: Iterable[str | Path] = (), *, disable: Iterable[str] = (), keep: Iterable[str] = ()) -> RuleSet:
    """Load the shipped rules with the user's on top.

    Args:
        paths: Rule files, or folders of them. A rule with a known code changes that rule: what it gives
            replaces, its phrases are added. Any other rule is added.
        disable: Codes (`SHR001`), families (`SHR`) or kinds (`kind:share`) to leave out.
        keep: Kinds of chrome that stay; all their rules become vetoes.

    Raises:
        RuleError: A rule file is wrong; the message reads `file:line: CODE: what is wrong, what to write instead`.
        UsageError: A path, code, family or kind is unknown.
    """
    stated: dict[str, Stated] = {}
    add_layer(stated, shipped_files(), problems, _fail)
    for path in paths:
        add_layer(stated, files_of(path), all_problems, _fail)
    rules = build_all(stated, _fail)
    kept = _kept(rules, keep)
    enabled = _without(rules, _disabled(rules, disable))
    return _rule_set(tuple(_as_veto(rule) if rule.code in kept else rule for rule in enabled))


def _as_veto(rule: Rule) -> Rule:
    return replace(rule, decisive=False, points=0, keeps=True)


def shipped() -> Path:
    """Find the folder of the shipped rules, in an installed package or in a checkout.

    Raises:
        RuleError: It is missing; the installation is broken.
    """
    from importlib.resources import files  # 10 ms that a caller with a rule set of its own need not spend

    installed = Path(str(files("cleaner") / "_rules"))
    folder = installed if installed.is_dir() else Path(__file__).parent.parent / "rules"
    if not folder.is_dir():
        raise RuleError(f"{installed}:1: FILE: the shipped rules are missing, install the package again")
    return folder


def shipped_files() -> Iterator[RuleFile]:
    """Read the shipped rule files, in the order of their names."""
    folder = shipped()
    for path in sorted(folder.rglob("*.toml")):
        yield read_file(path, f"rules/{path.relative_to(folder).as_posix()}")


def files_of(path: str | Path) -> Iterator[RuleFile]:
    """Read a rule file, or all rule files of a folder, in the order of their names."""
    yield from map(read_file, paths_of(path))


def paths_of(path: str | Path) -> list[Path]:
    """Give the path of a rule file, or those of all rule files in a folder, in the order of their names.

    Raises:
        UsageError: There is no such file or folder, or no rule file in the folder.
    """
    path = Path(path)
    if not path.exists():
        raise UsageError(f"{path}: no such rule file or folder")
    if not path.is_dir():
        return [path]
    found = sorted(path.rglob("*.toml"))
    if not found:
        raise UsageError(f"{path}: no rule file in this folder, name one with .toml files")
    return found


def _fail(message: str) -> None:
    raise RuleError(message)


def add_layer(
    stated: dict[str, Stated],
    files: Iterable[RuleFile],
    check: Callable[[Table], Iterable[Problem]],
    report: Callable[[str], None],
) -> None:
    """Add the rules of `files` to `stated`; a code that is known from the layers before changes that rule."""
    lower = dict(stated)
    own: dict[str, str] = {}
    for file in files:
        for number, table in enumerate(file.tables):
            code = str(table.get("code", ""))
            if code and code in own:
                report(file.error(number, ("code",), f"{code} stands already in {own[code]}, take a free number"))
                continue
            own[code] = file.name
            one = Stated(file, number, _extended(lower[code].table, table) if code in lower else table)
            wrong = list(check(one.table))
            for where, message in wrong:
                report(one.error(where, message))
            if not wrong:
                stated[code] = one


def _extended(lower: Table, upper: Table) -> Table:
    """Lay one table of a rule over another: given keys replace, phrases add up, one verdict stands for all."""
    table = {k: v for k, v in lower.items() if k not in VERDICTS} if any(k in upper for k in VERDICTS) else lower
    merged = {**table, **upper}
    below, above = lower.get("phrases"), upper.get("phrases")
    if isinstance(below, dict) and isinstance(above, dict):
        merged["phrases"] = {**below, **{k: _union(below.get(k, []), v) for k, v in above.items()}}
    return merged


def _union(below: list[str], above: Any) -> Any:
    return [*below, *(p for p in above if p not in below)] if isinstance(above, list) else above


def build_all(stated: Mapping[str, Stated], report: Callable[[str], None]) -> tuple[Rule, ...]:
    """Build the rules in the order of their codes; reports phrases of which folding leaves nothing."""
    rules = []
    for code in sorted(stated):
        one = stated[code]
        rule = _build(one)
        empty = [(key, p) for key in ("phrases", "until") for p in getattr(rule, key) if not p.folded]
        for key, phrase in empty:
            text = f'phrase "{phrase.text}" has no letter or number, remove it or use regex'
            report(one.error((key, phrase.language), text))
        if not empty:
            rules.append(rule)
    return tuple(rules)


def _build(stated: Stated) -> Rule:
    """Turn a sound table into a rule."""
    table = stated.table
    plain = {key: table[key] for key in _PLAIN if key in table}
    return Rule(
        **plain,
        phrases=_phrases(table.get("phrases")),
        regex=tuple(expressions(table)),
        until=_phrases(table.get("until")),
        body=_body(table.get("body")),
        dom=_dom(table.get("dom")),
        sites=tuple(site.lower() for site in table.get("sites", ())),
        exemptions=tuple(map(_exemption, table.get("except", ()))),
        examples=tuple(map(_example, table["example"])),
        file=stated.file.name,
    )


#: Keys that a table and a rule share as they are.
_PLAIN: Final = (
    *("code", "name", "kind", "summary", "scope", "match", "max_blocks", "max_words", "min_words", "after", "links"),
    *VERDICTS,
)


def _phrases(table: Mapping[str, Sequence[str]] | None) -> tuple[Phrase, ...]:
    if not table:
        return ()
    languages = [language for language, texts in table.items() for _ in texts]
    texts = [text for texts in table.values() for text in texts]
    folded = fold("\n".join(texts).replace("{n}", " 0 ")).split("\n")
    return tuple(map(Phrase, languages, texts, folded))


def _body(table: Table | None) -> Body | None:
    if table is None:
        return None
    return Body(None if table["blocks"] == "end" else table["blocks"], table["words"])


def _dom(table: Table | None) -> Dom | None:
    if table is None:
        return None
    return Dom(*(tuple(table.get(key, ())) for key in ("class", "id", "role", "tag", "words")))


def _exemption(table: Table) -> Exemption:
    contains = _phrases({"": [table["contains"]]})[0] if "contains" in table else None
    return Exemption(contains, table.get("regex"), table["reason"])


def _example(table: Table) -> Example:
    return Example(tuple(table.get("drop", ())), tuple(table.get("keep", ())), table.get("why", ""))


def _disabled(rules: Sequence[Rule], names: Iterable[str]) -> set[str]:
    """Collect the codes that `names` (codes, families, kinds) stand for."""
    codes = {rule.code for rule in rules}
    known = [*sorted(codes), *FAMILIES, *(f"kind:{kind}" for kind in KINDS)]
    names = list(names)
    for name in names:
        if name not in known:
            hint = suggest(name, known) or ", write a code (SHR001), a family (SHR) or a kind (kind:share)"
            raise UsageError(f"unknown rule {name}{hint}")
    return {rule.code for rule in rules if {rule.code, rule.family, f"kind:{rule.kind}"} & set(names)}


def _kept(rules: Sequence[Rule], kinds: Iterable[str]) -> set[str]:
    """Collect the codes of all rules of `kinds`."""
    kinds = list(kinds)
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f"unknown kind {kind}{suggest(kind, KINDS) or ', use one of ' + ', '.join(KINDS)}")
    return {rule.code for rule in rules if rule.kind in kinds}


def _without(rules: Sequence[Rule], codes: Collection[str]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule.code not in codes)


def _rule_set(rules: tuple[Rule, ...]) -> RuleSet:
    return RuleSet(rules, VERSION, _digest(rules))


def _digest(rules: Iterable[Rule]) -> str:
    """Hash all that rules say but their examples; escaped, so that every Python gives the same."""
    said = [name for name in Rule.__slots__ if name not in ("phrases", "examples", "file")]
    digest = sha256()
    for rule in rules:
        digest.update(ascii([getattr(rule, name) for name in said]).encode())
        digest.update("\n".join([f"{language} {text}" for language, text, _ in rule.phrases]).encode())
    return digest.hexdigest()
