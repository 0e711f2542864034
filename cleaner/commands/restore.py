"""`clean restore`: put back what was removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from cleaner.commands.shared import FAILED, say, show
from cleaner.errors import InputError
from cleaner.model import Failure


@click.command()
@click.argument("bodies")
@click.argument("removed")
@click.option("-o", "--output", metavar="FILE", help="File to write, also .gz or .zst, instead of standard output.")
def restore(bodies: str, removed: str, output: str | None) -> int:
    """Put what --removed has written to REMOVED back into BODIES; out come the repaired sources, as JSON Lines.

    BODIES is what the same run wrote: a file of records, or a folder of texts. Bodies in Markdown, or with their
    titles, don't fit.

    \b
    Examples:
      clean run scrapes/ -o bodies.jsonl --removed removed.jsonl
      clean restore bodies.jsonl removed.jsonl -o sources.jsonl
    """
    if output is None:
        return _put_back(bodies, removed, show)
    from cleaner.files import new_file

    with new_file(Path(output)) as file:
        return _put_back(bodies, removed, lambda line: file.write(line.encode("utf-8", "backslashreplace")))


def _put_back(bodies: str, removed: str, write: Callable[[str], object]) -> int:
    from cleaner.removed import restore
    from cleaner.render import json_line, plain

    failed = 0
    pairs = _in_folder if Path(bodies).is_dir() else _in_records
    for id, body, row in pairs(bodies, _rows(removed)):
        try:
            write(json_line(plain({"id": id, "text": restore(body(), row)})))
        except InputError as error:
            failed += 1
            say(f"{id}: {error}")
    return FAILED if failed else 0


_Row = Mapping[str, Any]
_Pair = tuple[str, Callable[[], str], _Row]


def _rows(path: str) -> Iterator[_Row]:
    """The rows of a file that `--removed` wrote. Raises InputError when it can't be read."""
    from cleaner.formats.jsonl import json_object
    from cleaner.formats.stream import Stream
    from cleaner.formats.unpack import inflate
    from cleaner.paths import why_not

    try:
        with Path(path).open("rb") as file:
            for number, line in enumerate(Stream(inflate(file, path)[0]).lines(), 1):
                if line is None:
                    raise InputError(f"{path}: line {number} is too long")
                yield json_object(line)
    except OSError as error:
        raise InputError(f"{path}: {why_not(error)}") from None


def _in_folder(folder: str, rows: Iterable[_Row]) -> Iterator[_Pair]:
    """Each row with the text that a tree holds under its id."""
    from cleaner.names import file_name

    def text(path: Path) -> str:
        try:
            return path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            raise InputError(f"no text of it at {path}; give the folder that the same run wrote", "restore") from None

    for row in rows:
        id = str(row.get("id"))
        path = Path(folder, file_name(id, ".txt"))
        yield id, lambda path=path: text(path), row  # type: ignore[misc]


def _in_records(path: str, rows: Iterator[_Row]) -> Iterator[_Pair]:
    """Each record with its row: both files are in the order of the run, but records may have been taken out."""
    from cleaner.read import read

    for body in read([path]):
        if isinstance(body, Failure):
            raise InputError(f"{body.id}: {body.reason}")
        row = next((row for row in rows if row.get("id") == body.id), None)
        if row is None:
            raise InputError(f"{body.id}: no row for it; give both files of one run, in their order", "restore")
        yield body.id, lambda data=body.data: data.decode("utf-8", "replace"), row  # type: ignore[misc]
