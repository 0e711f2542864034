"""Find rule files: those that are shipped, and those that a user names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cleaner.errors import RuleError, UsageError

_PACKAGE: Final = Path(__file__).parent


def shipped() -> Path:
    """Find the folder of the shipped rules, in an installed package or in a checkout.

    Raises:
        RuleError: It is missing; the installation is broken.
    """
    for folder in (_PACKAGE / "_rules", _PACKAGE.parent / "rules"):  # importlib.resources gives the same in 30 ms
        if folder.is_dir():
            return folder
    raise RuleError(f"{_PACKAGE / '_rules'}:1: FILE: the shipped rules are missing, install the package again")


def shipped_paths() -> dict[Path, str]:
    """Give the paths of the shipped rule files, in the order of their names, each with the name to call it by."""
    folder = shipped()
    return {path: f"rules/{path.relative_to(folder).as_posix()}" for path in sorted(folder.rglob("*.toml"))}


def paths_of(path: str | Path) -> list[Path]:
    """Give the path of a rule file, or those of all rule files in a folder, in the order of their names.

    Raises:
        UsageError: There is no such file or folder, or no rule file in the folder.
    """
    path = Path(path)
    if not path.exists():
        raise UsageError(f"{path}: no such rule file or folder; check the path")
    if not path.is_dir():
        return [path]
    found = sorted(path.rglob("*.toml"))
    if not found:
        raise UsageError(f"{path}: no rule file in this folder, name one with .toml files")
    return found
