"""Encode articles as Parquet: one typed column for each field of a record, in row groups, packed with zstd."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from cleaner.model import Article
from cleaner.render import json_line, record

if TYPE_CHECKING:
    import pyarrow

#: A row group ends with this many rows, or once its texts have this many characters.
GROUP_ROWS: Final = 10_000
GROUP_CHARACTERS: Final = 64 * 1024 * 1024


class Columns:
    """Articles as a Parquet file. The same articles in the same order are the same bytes.

    The columns are those of a JSON Lines record: texts, `removed` a map, `notes` a list; `metadata`, which has no
    schema, is a JSON text.
    """

    def __init__(self) -> None:
        import pyarrow.parquet

        self._out = _Held()
        self._rows: list[dict[str, Any]] = []
        self._characters = 0
        self._writer = pyarrow.parquet.ParquetWriter(
            self._out, schema(), compression="zstd", use_dictionary=["language", "status", "ruleset"]
        )

    def encode(self, article: Article) -> bytes:
        """The bytes that are ready once an article has been added; mostly none."""
        row = record(article)
        row["removed"] = list(row["removed"].items())
        row["metadata"] = json_line(row["metadata"]).rstrip("\n")
        self._rows.append(row)
        self._characters += len(article.text)
        if len(self._rows) >= GROUP_ROWS or self._characters >= GROUP_CHARACTERS:
            self._end_group()
        return self._out.take()

    def end(self) -> bytes:
        """The last bytes: what is left of the rows, and the list of contents."""
        if self._rows:
            self._end_group()
        self._writer.close()
        return self._out.take()

    def _end_group(self) -> None:
        import pyarrow

        self._writer.write_table(pyarrow.Table.from_pylist(self._rows, schema()), row_group_size=GROUP_ROWS)
        self._rows.clear()
        self._characters = 0


@cache
def schema() -> pyarrow.Schema:
    """The columns and their types."""
    import pyarrow

    text = pyarrow.string()
    known = [pyarrow.field(name, text, nullable=False) for name in ("id", "text")]
    told = [pyarrow.field(name, text) for name in ("title", "url", "author", "date", "language")]
    return pyarrow.schema(
        [
            *known,
            *told,
            pyarrow.field("status", text, nullable=False),
            pyarrow.field("removed", pyarrow.map_(text, pyarrow.int32()), nullable=False),
            pyarrow.field("ruleset", text, nullable=False),
            pyarrow.field("notes", pyarrow.list_(text), nullable=False),
            pyarrow.field("metadata", text, nullable=False),
        ]
    )


class _Held(io.RawIOBase):
    """What the library has written so far, held until it is taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def take(self) -> bytes:
        """All that was written since the last time."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data
