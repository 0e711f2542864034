"""Turn paths and standard input into sources, one at a time; what can't be read becomes a failure."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from io import BufferedIOBase
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from cleaner.errors import InputError
from cleaner.formats.jsonl import read_jsonl
from cleaner.formats.records import Fields
from cleaner.formats.sniff import (
    CONTAINER_SUFFIXES,
    KNOWN_SUFFIXES,
    LOOK,
    Form,
    Found,
    document_kind,
    find_form,
    suffix_of,
)
from cleaner.formats.stream import Stream
from cleaner.formats.unpack import inflate
from cleaner.model import Failure, Source
from cleaner.paths import File, base_of, files, is_folder, why_not
from cleaner.seen import Seen

if TYPE_CHECKING:
    from cleaner.formats.archives import Member

__all__ = ["STDIN", "Fields", "Form", "read"]

Item: TypeAlias = Source | Failure
Tell: TypeAlias = Callable[[str], None]

STDIN: Final = "-"
STDIN_ID: Final = "stdin"

_FIELDS: Final = Fields()


@dataclass(frozen=True, slots=True)
class _Reading:
    """How all inputs are read: what they are said to be, how their fields are called, who is told what."""

    form: Form
    fields: Fields
    tell: Tell


def read(
    inputs: Sequence[str], *, form: Form = "auto", fields: Fields = _FIELDS, tell: Tell = lambda _: None
) -> Iterator[Item]:
    """Yield one source for each document of `inputs`, in order, and one failure for each that can't be read.

    `inputs` are paths of files and folders, and `-` for standard input. Folders are walked in the byte order of
    their relative paths; hidden entries, symbolic links to folders and unknown suffixes are no inputs there, nor in
    archives. `form` says what the files or an archive's members are; `auto` goes by suffix and content. `fields`
    names the fields of records. `tell` is called with a line where part of an input is passed over, being no document.
    Ids are unique within one call. Nothing is raised for bad input.
    """
    taken, tried = Seen(), dict[str, int]()
    for item in _items(inputs, _Reading(form, fields, tell)):
        yield replace(item, id=_unique(item.id, taken, tried))


def count_documents(inputs: Sequence[str], form: Form = "auto") -> int | None:
    """Return how many documents `inputs` hold, as far as the names of files tell; None where only reading does."""
    if form not in ("auto", "html", "text") or STDIN in inputs:
        return None
    base = base_of(inputs)
    count = 0
    for file in chain.from_iterable(files(path, base, form) for path in inputs):
        if isinstance(file, File) and suffix_of(file.path) in CONTAINER_SUFFIXES:
            return None
        count += 1
    return count


def _unique(wanted: str, taken: Seen, tried: dict[str, int]) -> str:
    """Return `wanted`, or the first of `wanted~2`, `wanted~3`, … that is not taken yet, and take it.

    `tried` maps names that were taken to the last number tried with them: a million equal ids must not take a
    million tries each.
    """
    name = wanted
    while not taken.add(name):
        tried[wanted] = tried.get(wanted, 1) + 1
        name = f"{wanted}~{tried[wanted]}"
    return name


def _items(inputs: Sequence[str], reading: _Reading) -> Iterator[Item]:
    base = base_of([path for path in inputs if path != STDIN])
    alone = len(inputs) == 1 and not is_folder(inputs[0])
    stdin_read = False
    for path in inputs:
        if path != STDIN:
            for file in files(path, base, reading.form):
                yield from [file] if isinstance(file, Failure) else _read_file(file, reading, alone)
        elif stdin_read:
            yield Failure(STDIN_ID, "read", "standard input can be read only once; give - once")
        else:
            stdin_read = True
            yield from _read_file(File(STDIN, STDIN_ID), reading, alone)


def _read_file(file: File, reading: _Reading, alone: bool) -> Iterator[Item]:
    """Yield what one file or standard input holds. The members of an archive that stands alone need not name it."""
    found = False
    try:
        with _open(file) as opened:
            chunks, packed = inflate(opened, file.path)
            stream = Stream(chunks, None if packed or file.path == STDIN else opened)
            for item in _contents(stream, file.id, reading, "" if alone else f"{file.id}/"):
                found = True
                yield item
        if not found:
            reading.tell(f"{file.id}: no document in it")
    except InputError as error:
        yield Failure(file.id, error.stage, str(error))
    except OSError as error:
        yield Failure(file.id, "read", why_not(error))
    except Exception as error:  # the libraries that read archives have errors that nobody lists; the run must go on
        yield Failure(file.id, "read", f"can't be read ({type(error).__name__}: {' '.join(str(error).split())[:200]})")


def _open(file: File) -> AbstractContextManager[BufferedIOBase]:
    if file.path != STDIN:
        return Path(file.path).open("rb")
    if sys.stdin is None:
        raise InputError("standard input is closed; feed it or name a file")
    return nullcontext(cast("BufferedIOBase", sys.stdin.buffer))


# --- What a stream holds ---------------------------------------------------------------------------------------------


def _contents(stream: Stream, name: str, reading: _Reading, folder: str | None) -> Iterator[Item]:
    """Yield what a stream holds; `folder` goes before the names of an archive's members, which hold no archives."""
    fields = reading.fields
    # Lines may come in slowly; the first of them is all that need be seen of what is known to be JSON Lines.
    head = stream.peek(LOOK, until=b"\n" if reading.form == "jsonl" else None)
    form = find_form(head, name, reading.form, fields)
    match form:
        case "document":
            yield Source(stream.whole(), id=name, kind=document_kind(head, name, reading.form))
        case "jsonl":
            yield from read_jsonl(stream, name, fields)
        case "tar" | "zip":
            yield from _archive(stream, form, name, reading, folder)
        case _:
            yield from _records(stream, form, name, reading)


def _records(stream: Stream, form: Found, name: str, reading: _Reading) -> Iterator[Item]:
    """Yield the records of a container. What reads it is loaded only now: a page should not wait for it."""
    if form == "warc":
        from cleaner.formats.warc import read_warc

        yield from read_warc(stream, name, reading.tell)
    elif form == "parquet":
        from cleaner.formats.parquet import read_parquet

        yield from read_parquet(stream, name, reading.fields)
    else:
        from cleaner.formats.delimited import read_delimited

        yield from read_delimited(stream, name, reading.fields, tabs=form == "tsv")


def _archive(stream: Stream, form: Found, name: str, reading: _Reading, folder: str | None) -> Iterator[Item]:
    """Yield what the members of an archive hold; raises InputError for an archive within one."""
    from cleaner.formats.archives import read_tar, read_zip

    if folder is None:
        raise InputError(f"a {form} archive within an archive; unpack it and give what is in it")
    yield from _members(read_tar(stream) if form == "tar" else read_zip(stream), name, reading, folder)


def _members(members: Iterator[Member], name: str, reading: _Reading, folder: str) -> Iterator[Item]:
    """Yield what the members of an archive hold; those that can't be pages by their names are counted and told."""
    pages = others = 0
    for member, content in members:
        if not _is_wanted(member):
            others += 1
            continue
        pages += 1
        try:
            chunks, _ = inflate(Stream(content()), member)
            yield from _contents(Stream(chunks), folder + member, reading, None)
        except InputError as error:
            yield Failure(folder + member, error.stage, str(error))
    if not pages:
        raise InputError(
            f"no page among the {others:,} files in this archive; pages are told by suffixes such as .html"
        )
    if others:
        reading.tell(f"{name}: {others:,} files in this archive are no pages by their names")


def _is_wanted(member: str) -> bool:
    """Whether a member would be read if it lay in a folder."""
    hidden = any(part.startswith(".") and part not in (".", "..") for part in member.split("/"))
    return not hidden and suffix_of(member) in KNOWN_SUFFIXES
