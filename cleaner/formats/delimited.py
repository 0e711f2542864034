"""Read tables of delimited text, CSV and TSV: a record in each row, and a bad row costs only itself."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from typing import Any, Final

from cleaner.errors import InputError
from cleaner.formats.records import Fields, decoded, record_source
from cleaner.formats.sniff import find_delimiter
from cleaner.formats.stream import MAX_LINE, Stream
from cleaner.model import Failure, Source

_WIDE_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_delimited(stream: Stream, name: str, fields: Fields, tabs: bool) -> Iterator[Source | Failure]:
    """Yield a source or a failure for each row below the header; raises InputError where the rows can't go on.

    `tabs` says that the table is TSV; else the header tells what stands between its names.
    """
    lines = _lines(stream)
    first = next(lines, "")
    csv.field_size_limit(MAX_LINE)
    delimiter = "\t" if tabs else find_delimiter(first)
    header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter, strict=False), [])]
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield _bad_row(error, name, number)
            continue
        except InputError as error:
            raise InputError(f"{error}; rows read before that: {number - 1}") from None
        if any(row):
            yield _row_source(header, row, name, number, fields)


def _bad_row(error: csv.Error, name: str, number: int) -> Failure:
    """The failure of a row; raises InputError where a quotation that never ends has taken in what follows."""
    if "field limit" in str(error):
        raise InputError(
            f"row {number}: a field of more than {MAX_LINE >> 20} MiB, perhaps a quote that is never closed; "
            f"rows read before that: {number - 1}"
        )
    cut = "unexpected end" in str(error)
    reason = "cut off within quotes; fetch the file again" if cut else f"not CSV ({error}); mend or drop the row"
    return Failure(f"{name}#{number}", "read", f"row {number}: {reason}")


def _row_source(header: Sequence[str], row: Sequence[str], name: str, number: int, fields: Fields) -> Source | Failure:
    """The source of one row. A field may be missing at its end, but none may be left over."""
    id, place = f"{name}#{number}", f"row {number}"
    if any(row[len(header) :]):
        reason = f"{len(row)} fields under a header of {len(header)}; quote those that hold the delimiter"
        return Failure(id, "read", f"{place}: {reason}")
    record: dict[str, Any] = {}
    for key, value in zip(header, row, strict=False):
        data = value.encode("utf-8", "surrogateescape")
        # The page is decoded as all pages are; what is no page must be a text right now.
        record[key] = data if key in (fields.html, fields.text) else decoded(data)
    if not record.get(fields.html) and fields.text in record:  # a table has no null but the empty field
        record.pop(fields.html, None)
    return record_source(record, id, place, fields)


def _lines(stream: Stream) -> Iterator[str]:
    """The lines with their ends, as the reader of rows wants them; bytes that are no UTF-8 are kept as surrogates."""
    if stream.peek(2).startswith(_WIDE_MARKS):
        yield from _wide_lines(stream)
        return
    for number, line in enumerate(stream.lines(), 1):
        if line is None:
            raise InputError(f"line {number} is longer than {MAX_LINE >> 20} MiB; split it")
        text = line.decode("utf-8", "surrogateescape")
        yield (text.removeprefix("\ufeff") if number == 1 else text) + "\n"


def _wide_lines(stream: Stream) -> Iterator[str]:
    """The lines of a table in UTF-16, which is what spreadsheets call Unicode text."""
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    held = ""
    for chunk in stream.chunks():
        *ended, held = (held + decoder.decode(chunk)).split("\n")
        yield from (line + "\n" for line in ended)
        if len(held) > MAX_LINE:
            raise InputError(f"a line is longer than {MAX_LINE >> 20} MiB; split it")
    if held:
        yield held
