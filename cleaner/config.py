"""Find and read the defaults of a working tree: `clean.toml`, or `[tool.clean]` in `pyproject.toml`.

A configuration is data: it names rules and sets how pages are read and decided. It can't name code to run, nor places
to write to, so that cleaning a page in a stranger's folder is safe.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cleaner.errors import UsageError
from cleaner.model import KINDS, Options

#: Names a file to use instead of the nearest one; empty, that none is to be used.
VARIABLE: Final = "CLEAN_CONFIG"
#: Decibans by which `precision` lowers and `recall` raises the total from which a block goes.
SHIFT: Final = 6

_OWN_FILE: Final = "clean.toml"
_SHARED_FILE: Final = "pyproject.toml"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return type(value) is int and value > 0


def _is_time(value: Any) -> bool:
    return type(value) in (int, float) and value > 0


_TEXT: Final = ("a text", _is_text)
_SWITCH: Final = ("true or false", _is_switch)
#: What may be set: long options by their names, and `goldens`, the folder of cases.
KEYS: Final[Mapping[str, tuple[str, Callable[[Any], bool]]]] = {
    "rules": ('a list of paths, such as ["my-rules/"]', _are_texts),
    "disable": ('a list of codes, families or kinds, such as ["SHR001"]', _are_texts),
    "keep": ('a list of kinds, such as ["credit"]', _are_texts),
    "captions": _SWITCH,
    "as": _TEXT,
    "precision": _SWITCH,
    "recall": _SWITCH,
    "from": _TEXT,
    "html-field": _TEXT,
    "text-field": _TEXT,
    "id-field": _TEXT,
    "url-field": _TEXT,
    "to": _TEXT,
    "title": _SWITCH,
    "jobs": ("a whole number above 0", _is_number),
    "page-timeout": ("a number of seconds above 0", _is_time),
    "page-memory": ('a size, such as "512M"', _is_text),
    "quiet": _SWITCH,
    "goldens": ('a path, such as "tests/golden"', _is_text),
}
#: Keys whose values are paths, as seen from the file's folder.
_PATHS: Final = ("rules", "goldens")


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file sets, by key, and the file; paths are as seen from the current folder."""

    file: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def options(self) -> Options:
        """The options that bear on decisions."""
        shift = SHIFT * (self.values.get("recall", False) - self.values.get("precision", False))
        rules, disable, keep = [tuple(self.values.get(name, ())) for name in ("rules", "disable", "keep")]
        as_article = self.values.get("as") == "article"
        return Options(rules, disable, keep, shift, self.values.get("captions", False), as_article)

    def error(self, key: str, message: str) -> UsageError:
        """An error of one key, which says in one line where it stands."""
        return UsageError(f"{self.file}: {key}: {message}")


def load_config(start: Path) -> Config:
    """The configuration for a folder: of the nearest file in it or above that has one, else an empty one.

    Where a folder has both files, `clean.toml` counts. Raises `UsageError` that names file and key.
    """
    named = os.environ.get(VARIABLE)
    if named is not None:
        return _read(Path(named)) if named else Config()
    for folder in (start.absolute(), *start.absolute().parents):
        for name in (_OWN_FILE, _SHARED_FILE):
            config = _read(folder / name) if (folder / name).is_file() else None
            if config and config.file:
                return config
    return Config()


def _read(path: Path) -> Config:
    """What one file sets; nothing, and no file, where it is a `pyproject.toml` that has no word on this tool."""
    data = _bytes(path)
    if path.name == _SHARED_FILE and b"clean" not in data:  # spares a parser to most working trees
        return Config()
    table = _table(path, data)
    if path.name == _SHARED_FILE:
        tool = table.get("tool", {})
        table = tool.get("clean") if isinstance(tool, dict) else None
        if table is None:
            return Config()
    config = Config(_shown(path), table if isinstance(table, dict) else {})
    if not isinstance(table, dict):
        raise config.error("tool.clean", "must be a table, write [tool.clean]")
    for key, message in _wrong(table):
        raise config.error(key, message)
    config = Config(config.file, {key: _located(key, value, path.parent) for key, value in table.items()})
    for missing in [rules for rules in config.values.get("rules", ()) if not Path(rules).exists()]:
        raise config.error("rules", f"no such rule file or folder: {missing}")
    return config


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: can't be read ({error.strerror}); name a TOML file in {VARIABLE}") from error


def _table(path: Path, data: bytes) -> Any:
    import tomllib  # most working trees have nothing to parse

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        raise UsageError(f"{_shown(path)}: {error}; correct the syntax") from error


def _wrong(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if key not in KEYS:
            from cleaner.schema import suggest  # only for a mistake

            yield key, f"unknown key{suggest(key, KEYS) or ', use one of ' + ', '.join(KEYS)}"
        elif not KEYS[key][1](value):
            yield key, f"must be {KEYS[key][0]}"
    for kind in table.get("keep", ()) if _are_texts(table.get("keep")) else ():
        if kind not in KINDS:
            yield "keep", f"unknown kind {kind}, use some of {', '.join(KINDS)}"
    if table.get("precision") and table.get("recall"):
        yield "recall", "precision and recall exclude each other, leave one"


def _located(key: str, value: Any, folder: Path) -> Any:
    """A value as it is, or a path as it is seen from the current folder."""
    if key not in _PATHS:
        return value
    paths = [str(_shown(folder / path)) for path in ([value] if isinstance(value, str) else value)]
    return paths[0] if isinstance(value, str) else paths


def _shown(path: Path) -> Path:
    """A path as a reader would write it: from the current folder if it lies within, else in full."""
    whole = Path(os.path.normpath(path.absolute()))
    return whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole
