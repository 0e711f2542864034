"""Read Parquet: a record in each row, only the columns that are wanted, some rows of a row group at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from cleaner.errors import InputError
from cleaner.formats.records import Fields, decoded, record_source
from cleaner.formats.sniff import PARQUET_MAGIC
from cleaner.formats.stream import MAX_BYTES, BinaryFile, Stream
from cleaner.formats.unpack import Growth
from cleaner.model import Failure, Source

if TYPE_CHECKING:
    import pyarrow
    from pyarrow.parquet import ParquetFile

#: Rows taken at once, and the bytes that they may come to at the most: one value may stand in every row of a column.
_MOST_ROWS: Final = 64
_BUDGET: Final = 512 * 1024 * 1024
_BUFFER: Final = 1024 * 1024


def read_parquet(stream: Stream, name: str, fields: Fields) -> Iterator[Source | Failure]:
    """Yield a source or a failure for each row; raises InputError where the file can't be read any further."""
    number = 0
    try:
        with closing(stream.seekable()) as file:
            for number, record in enumerate(_records(file, fields), 1):
                yield record_source(record, f"{name}#{number}", f"row {number}", fields)
    except InputError as error:
        raise InputError(f"{error}; rows read before that: {number}") from None


def _records(file: BinaryFile, fields: Fields) -> Iterator[dict[str, Any]]:
    """The rows as mappings; every error of the library becomes an InputError."""
    table, size = _open(file)
    columns = fields.wanted(table.schema_arrow.names)
    if {fields.html, fields.text}.isdisjoint(columns):
        raise InputError(f"neither column {fields.html!r} nor {fields.text!r}; name one: --text-field or --html-field")
    growth = Growth(lambda: size)
    try:
        for group in range(table.num_row_groups):
            rows = _rows_at_once(table, group)
            for batch in table.iter_batches(rows, row_groups=[group], columns=columns, use_threads=False):
                for record in _batch_records(batch):
                    growth.add(_weight(record))
                    yield record
    except (ArithmeticError, OSError, RuntimeError, ValueError, NotImplementedError) as error:
        raise InputError(f"the Parquet data is damaged ({_first_line(error)}); write it again") from None


def _open(file: BinaryFile) -> tuple[ParquetFile, int]:
    """The file, and its size in bytes; raises InputError for what is cut off, whose list of contents is at its end."""
    from pyarrow.parquet import ParquetFile

    size = file.seek(0, 2)
    file.seek(max(0, size - len(PARQUET_MAGIC)))
    if size < 3 * len(PARQUET_MAGIC) or file.read() != PARQUET_MAGIC:
        raise InputError("the Parquet file is cut off, and its list of contents with it; fetch it again")
    file.seek(0)
    try:
        return ParquetFile(file, buffer_size=_BUFFER, pre_buffer=False), size
    except (ArithmeticError, OSError, RuntimeError, ValueError, NotImplementedError) as error:
        raise InputError(f"no Parquet that can be read ({_first_line(error)}); write it again") from None


def _rows_at_once(table: ParquetFile, group: int) -> int:
    described = table.metadata.row_group(group)
    sizes: list[int] = [described.column(i).total_uncompressed_size for i in range(described.num_columns)]
    return max(1, min(_MOST_ROWS, _BUDGET // max(1, *sizes, 1)))


def _batch_records(batch: pyarrow.RecordBatch) -> Iterator[dict[str, Any]]:
    columns = {name: _values(column) for name, column in zip(batch.schema.names, batch.columns, strict=True)}
    for number in range(batch.num_rows):
        yield _as_written({name: values[number] for name, values in columns.items()})


def _values(column: pyarrow.Array) -> list[Any]:
    """A column's values as Python has them; what it has no type for, such as nanoseconds, as text."""
    import pyarrow

    try:
        values: list[Any] = column.to_pylist(maps_as_pydicts="lossy")
    except (ValueError, OverflowError):
        values = column.cast(pyarrow.string()).to_pylist()
    return [_plain(value) for value in values] if not pyarrow.types.is_string(column.type) else values


def _plain(value: Any) -> Any:
    """A value as JSON could hold it, but for bytes at the top, which may be a page."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(key): _nested(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_nested(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _nested(value: Any) -> Any:
    return decoded(value) if isinstance(value, bytes) else _plain(value)


def _as_written(record: dict[str, Any]) -> dict[str, Any]:
    """A row of our own has its metadata as a JSON text, for no schema could fit them all."""
    if "ruleset" in record and isinstance(record.get("metadata"), str):
        try:
            return {**record, "metadata": json.loads(record["metadata"])}
        except (ValueError, RecursionError):
            return record
    return record


def _weight(record: dict[str, Any]) -> int:
    """Roughly how many bytes a record is; raises InputError for a value beyond `MAX_BYTES`."""
    sizes = [len(value) for value in record.values() if isinstance(value, str | bytes)]
    if sizes and max(sizes) > MAX_BYTES:
        raise InputError(f"holds a value of more than {MAX_BYTES >> 20} MiB; split it")
    return len(record) + sum(sizes)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200].rstrip(".")
