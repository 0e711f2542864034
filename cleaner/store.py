"""Keep rules ready for matching from one start to the next: to read and sort them anew takes longer than a page.

The file is named by all that went into it, so it is never out of date; it can be deleted at any time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import source_hash
from pathlib import Path
from typing import Any, Final

from cleaner.lookup import Expression, Index, PhraseTables, Ready, Shelf
from cleaner.model import Body, Dom, Exemption, Options, Phrase, Rule
from cleaner.packs import paths_of, shipped_paths

#: The modules that make of rule files what is kept.
_MAKERS: Final = ("fold", "index", "lookup", "model", "openings", "rules", "schema", "store", "version")
#: So many files are kept, the newest.
_MOST_KEPT: Final = 8


def ready_rules(options: Options) -> Ready:
    """Give the rules of `options`, ready for matching: as they were kept, or made anew.

    Raises `RuleError` or `UsageError` as `load_rules` does.
    """
    place = _place(options)
    ready = _read(place) if place else None
    if ready is None:
        ready = _make(options)
        if place:
            _write(place, ready)
    return ready


def _make(options: Options) -> Ready:
    from cleaner.index import make_ready  # these read and check rule files: a kept set needs none of that
    from cleaner.rules import load_rules

    return make_ready(load_rules(options.rules, disable=options.disable, keep=options.keep))


def _place(options: Options) -> Path | None:
    """Give the file for these options; None where there can't be one."""
    folder = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        home = Path(folder).expanduser() / "cleaner-pipeline"
        return home / f"rules-{source_hash(_ingredients(options)).hex()}.json"
    except (OSError, RuntimeError):  # an unreadable rule file is for `load_rules` to report; nobody at home
        return None


def _ingredients(options: Options) -> bytes:
    """Give all that a kept set depends on: the code that makes it, the rule files, the options."""
    makers = [Path(__file__).with_name(f"{name}.py") for name in _MAKERS]
    packs = [*shipped_paths(), *(path for given in options.rules for path in paths_of(given))]
    parts = [f"{path}\n".encode("utf-8", "surrogateescape") + path.read_bytes() for path in (*makers, *packs)]
    return b"\n".join([ascii((options.rules, options.disable, options.keep)).encode(), *parts])


def _read(place: Path) -> Ready | None:
    """Read a kept set; None where there is none, or none that can be made out."""
    try:
        lines = place.read_bytes().split(b"\n")
        kept = json.loads(lines[0])
        if [len(lines), sum(map(len, lines[1:]))] != kept["size"]:
            return None  # the parts are read when somebody asks for them: too late to find that one is missing
        index = Index(
            _tables(lines, kept["phrases"]),
            {int(number): _tables(lines, tables) for number, tables in kept["closings"].items()},
            [Expression(*expression) for expression in kept["expressions"]],
            kept["openings"],
            kept["always"],
        )
        return Ready(kept["id"], tuple(map(_rule, kept["rules"])), index)
    except (OSError, ValueError, TypeError, KeyError, IndexError):
        return None


def _tables(lines: Sequence[bytes], kept: Sequence[Any]) -> PhraseTables:
    *shelves, firsts, tokens = kept
    whole, prefix, contains, label = [Shelf(parts, lines) for parts in shelves]
    return PhraseTables(whole, prefix, contains, label, frozenset(firsts), frozenset(tokens))


def _write(place: Path, ready: Ready) -> None:
    """Keep a set, under its name only when it is complete; where that can't be, nothing is lost but time."""
    lines = [""]
    kept = {
        "id": ready.id,
        "rules": [[getattr(rule, name) for name in Rule.__slots__] for rule in ready.rules],
        "phrases": _shelved(ready.lines.phrases, lines),
        "closings": {number: _shelved(tables, lines) for number, tables in ready.lines.closings.items()},
        "expressions": ready.lines.expressions,
        "openings": ready.lines.openings,
        "always": ready.lines.always,
    }
    lines[0] = _json({**kept, "size": [len(lines), sum(len(line.encode()) for line in lines)]})
    temporary = place.with_suffix(f".{os.getpid()}")
    with suppress(OSError, ValueError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            temporary.write_text("\n".join(lines), encoding="utf-8", newline="\n")
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)
        _forget_old(place.parent)


def _shelved(tables: PhraseTables, lines: list[str]) -> Sequence[Any]:
    """Add the parts of tables to the lines of a file, and give what finds them there."""
    return [
        *[_parts(table, lines) for table in (tables.whole, tables.prefix, tables.contains, tables.label)],
        sorted(tables.firsts),
        sorted(tables.tokens),
    ]


def _parts(shelf: Shelf, lines: list[str]) -> dict[str, int]:
    parts = shelf.parts()
    places = {beginning: len(lines) + place for place, beginning in enumerate(parts)}
    lines.extend(map(_json, parts.values()))
    return places


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _forget_old(folder: Path) -> None:
    kept = sorted(folder.glob("rules-*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[_MOST_KEPT:]:
        path.unlink()


def _rule(values: Sequence[Any]) -> Rule:
    """Make a rule of the values of its fields, in their order."""
    given = dict(zip(Rule.__slots__, values, strict=True))
    given["regex"], given["sites"] = tuple(given["regex"]), tuple(given["sites"])
    given["phrases"] = given["until"] = given["examples"] = ()
    if given["body"]:
        given["body"] = Body(*given["body"])
    if given["dom"]:
        given["dom"] = Dom(*map(tuple, given["dom"]))
    given["exemptions"] = tuple([_exemption(*exemption) for exemption in given["exemptions"]])
    return Rule(**given)


def _exemption(contains: Sequence[str] | None, expression: str | None, reason: str) -> Exemption:
    return Exemption(Phrase(*contains) if contains else None, expression, reason)
