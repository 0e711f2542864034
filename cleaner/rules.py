"""Load rules: shipped ones, the user's on top, without those that the user disables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from cleaner.errors import RuleError, UsageError
from cleaner.fold import fold
from cleaner.model import KINDS, Body, Dom, Example, Exemption, Phrase, Rule, RuleSet
from cleaner.packs import paths_of, shipped_paths
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


def shipped_files() -> Iterator[RuleFile]:
    """Read the shipped rule files, in the order of their names."""
    for path, name in shipped_paths().items():
        yield read_file(path, name)


def files_of(path: str | Path) -> Iterator[RuleFile]:
    """Read a rule file, or all rule files of a folder, in the order of their names; raises as `paths_of` does."""
    yield from map(read_file, paths_of(path))


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
    *("code", "name", "kind", "summary", "scope", "match"),
    *("max_blocks", "max_words", "min_words", "max_share", "after", "links"),
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
