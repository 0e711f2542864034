"""Find the files that paths stand for, and what they are called; what can't be found becomes a failure."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from cleaner.formats.sniff import KNOWN_SUFFIXES, Form, suffix_of
from cleaner.model import Failure

#: Forms that a whole folder can't have.
_NAMES: Final[dict[str, str]] = {
    "jsonl": "a JSON Lines file",
    "csv": "a CSV file",
    "tsv": "a TSV file",
    "parquet": "a Parquet file",
    "warc": "a WARC file",
}


@dataclass(frozen=True, slots=True)
class File:
    """A path to read, and the id that its source will have."""

    path: str
    id: str


def base_of(paths: Sequence[str]) -> str:
    """Return the folder that ids are relative to: the folder itself if it is the only path, else the common parent."""
    absolute = [_absolute(path) for path in paths]
    if len(paths) == 1 and is_folder(paths[0]):
        return str(absolute[0])
    try:
        return os.path.commonpath([path.parent for path in absolute])
    except ValueError:  # no path at all, or paths on several drives
        return os.sep


def _absolute(path: str) -> PurePath:
    """Return an absolute path without `..`; symbolic links stay, for a file is called what the user called it."""
    return PurePath(os.path.abspath(path))  # noqa: PTH100


def is_folder(path: str) -> bool:
    """Whether a path leads to a folder."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):  # the same error comes up again, and is reported, when the path is read
        return False


def _id(path: str, base: str) -> str:
    """Return the id of a path: relative to `base`, with `/`, and valid Unicode whatever bytes the name has."""
    try:
        relative = os.path.relpath(path, base)
    except ValueError:  # a path on another drive, or with a NUL in it
        relative = os.curdir
    if relative == os.curdir:
        relative = _absolute(path).name
    return os.fsencode(relative.replace(os.sep, "/")).decode("utf-8", "replace")


def files(path: str, base: str, form: Form) -> Iterator[File | Failure]:
    """Yield the files that a path given by the user stands for, or why there are none."""
    name = _id(path, base)
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError) as error:
        yield Failure(name, "read", why_not(error))
        return
    if stat.S_ISREG(mode):
        yield File(path, name)
    elif not stat.S_ISDIR(mode):
        # Opening a pipe that nobody writes to would block for ever.
        yield Failure(name, "read", "a pipe, socket or device, not a file; feed it in: clean - < PATH")
    elif form in _NAMES:
        yield Failure(name, "read", f"a folder, not {_NAMES[form]}; give its files, or leave the form to be detected")
    else:
        yield from _walk(path, base)


def _walk(folder: str, base: str) -> Iterator[File | Failure]:
    """Yield the readable files under a folder, in the byte order of their relative paths."""
    pending = [_listing(folder, base)]
    while pending:
        entry = next(pending[-1], None)
        if entry is None:
            pending.pop()
        elif isinstance(entry, Failure):
            yield entry
        elif entry.is_dir(follow_symlinks=False):
            pending.append(_listing(entry.path, base))
        elif found := _found(entry.path, _id(entry.path, base)):
            yield found


def _found(path: str, name: str) -> File | Failure | None:
    """Return a folder's entry if it is a file or can't be looked at; pipes, devices and linked folders are None."""
    try:
        regular = stat.S_ISREG(Path(path).stat().st_mode)
    except OSError as error:
        dangling = isinstance(error, FileNotFoundError) and Path(path).is_symlink()
        return Failure(name, "read", "a symbolic link to nothing; mend or remove it" if dangling else why_not(error))
    return File(path, name) if regular else None


def _listing(folder: str, base: str) -> Iterator[os.DirEntry[str] | Failure]:
    """Yield a folder's entries that may matter, sorted as their paths sort: a folder's name counts with its `/`."""
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if not entry.name.startswith(".") and _may_matter(entry)]
    except OSError as error:
        yield Failure(_id(folder, base), "read", why_not(error))
        return
    yield from sorted(found, key=lambda e: os.fsencode(e.name) + b"/" * e.is_dir(follow_symlinks=False))


def _may_matter(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) or suffix_of(entry.name) in KNOWN_SUFFIXES


def why_not(error: Exception) -> str:
    """Say in one line why a path can't be read, and what to do."""
    if isinstance(error, FileNotFoundError):
        return "no such file or folder; check the path"
    if isinstance(error, PermissionError):
        return "no permission to read it; change its mode or owner (chmod, chown)"
    if isinstance(error, OSError) and error.strerror:
        return f"the system can't read it ({error.strerror}); check the path and the disk"
    return "not a valid path; check its spelling"
