"""Read JSON Lines: a record on each line, and a bad line costs only itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from cleaner.errors import InputError
from cleaner.formats.records import Fields, record_source
from cleaner.formats.stream import MAX_LINE, Stream
from cleaner.model import Failure, Source

BOM = b"\xef\xbb\xbf"
#: NaN and Infinity are no JSON, but common in it; null is what they mean.
_DECODER: Final = json.JSONDecoder(parse_constant=lambda _: None)


def read_jsonl(stream: Stream, name: str, fields: Fields) -> Iterator[Source | Failure]:
    """Yield a source or a failure for each line that isn't blank; raises InputError where the stream breaks off."""
    _refuse_other_json(stream.peek(1024, until=b"\n"))
    number = 0
    try:
        for number, line in enumerate(stream.lines(), 1):
            if line is None:
                reason = f"line {number}: longer than {MAX_LINE >> 20} MiB; split the record"
                yield Failure(f"{name}#{number}", "read", reason)
            elif text := line.removeprefix(BOM).strip():
                yield _line_source(text, name, number, fields)
    except InputError as error:
        raise InputError(f"{error}; lines read before that: {number}") from None


def _line_source(line: bytes, name: str, number: int, fields: Fields) -> Source | Failure:
    """The source that one line holds, or why it holds none."""
    id, place = f"{name}#{number}", f"line {number}"
    try:
        record = json_object(line)
    except InputError as error:
        return Failure(id, error.stage, f"{place}: {error}")
    return record_source(record, id, place, fields)


def json_object(line: bytes) -> dict[str, Any]:
    """The JSON object of one line; raises InputError with the place of the mistake."""
    try:
        value = _DECODER.decode(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start + 1}; write the file as UTF-8") from None
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON at column {error.colno} ({error.msg}); mend or drop the line") from None
    except (ValueError, RecursionError):
        raise InputError("JSON with numbers too long or nested too deep; drop the line") from None
    if not isinstance(value, dict):
        raise InputError("JSON, but no object; write one {…} on each line")
    return value


def _refuse_other_json(head: bytes) -> None:
    """Raise InputError if a file's first bytes show that it isn't JSON Lines in UTF-8, so no line of it can be."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("JSON Lines in UTF-16; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)")
    if head.removeprefix(BOM).lstrip().startswith(b"["):
        raise InputError("a JSON array, not JSON Lines; put one object on each line (jq -c '.[]' FILE)")
