"""Read WARC and WET: the pages among an archive's records, each with its address and its server's charset.

A page is the 2xx answer to a request, or a record of its own, in HTML or plain text; a WET record is a text. What is
no page (pictures, scripts, redirects, errors, repeated visits) is counted and told. Records are framed right here:
the readers that there are take an archive that was cut off, or lost its step, for one that ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cleaner.errors import InputError
from cleaner.formats.http import Response, body, parse_headers, parse_response
from cleaner.formats.sniff import PAGE_START, WARC_START
from cleaner.formats.stream import MAX_BYTES, Stream
from cleaner.model import Failure, Source, SourceKind

#: The most bytes that a record's own headers may have.
MAX_HEADERS: Final = 256 * 1024

_MAX_START: Final = 64
_KINDS: Final[Mapping[str, SourceKind]] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/vnd.wap.xhtml+xml": "html",
    "text/plain": "text",
    "text/markdown": "text",
}
#: Records that only say how the archive came to be.
_BOOKKEEPING: Final = frozenset({"warcinfo", "request", "metadata"})
_KINDS_TOLD: Final = 6


Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Record:
    """One record: its headers by lower-cased name, and its block, None if it is larger than a document may be."""

    headers: Mapping[str, str]
    block: bytes | None

    @property
    def type(self) -> str:
        """What the record is: response, resource, conversion, …"""
        return self.headers.get("warc-type", "").strip().lower()


class _NoPageError(Exception):
    """A record that is fine but holds no page; says what it holds."""


def read_warc(stream: Stream, name: str, tell: Tell) -> Iterator[Source | Failure]:
    """Yield a source for each page and a failure for each record that can't be read, called `<name>#<record's number>`.

    Raises InputError where the archive is cut off. `tell` is told in a line what was passed over.
    """
    passed: Counter[str] = Counter()
    number = 0
    try:
        for number, record in enumerate(_records(stream), 1):
            id = f"{name}#{number}"
            try:
                if isinstance(record, InputError):
                    raise record
                yield _source(record, id)
            except _NoPageError as what:
                passed[str(what)] += 1
            except InputError as error:
                yield Failure(id, error.stage, f"record {number}: {error}")
    except InputError as error:
        raise InputError(f"{error}; records read before that: {number}") from None
    finally:
        del passed[""]
        if passed:
            tell(f"{name}: {_told(passed)}")


def _told(passed: Counter[str]) -> str:
    counts = [f"{count:,} {what}" for what, count in passed.most_common(_KINDS_TOLD)]
    return (
        f"{passed.total():,} records hold no page: {', '.join([*counts, '…'] if len(passed) > _KINDS_TOLD else counts)}"
    )


# --- Records ---------------------------------------------------------------------------------------------------------


def _records(stream: Stream) -> Iterator[_Record | InputError]:
    """Yield the records; an error for bytes between them that are none, after which the next record is looked for.

    Raises InputError where the archive is cut off.
    """
    while True:
        lost = _find_start(stream)
        if lost:
            yield lost
        if stream.at_end():
            return
        headers = _headers(stream)
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 16):
            yield InputError("its Content-Length is no number; write the archive again")
        else:
            yield _Record(headers, _block(stream, headers, int(length)))
            if stream.at_end():
                raise InputError("cut off right after a record, where line ends should follow; fetch it again")


def _find_start(stream: Stream) -> InputError | None:
    """Go to the next record or the end; the result tells of bytes that had to be passed over."""
    begin = lost = 0
    while (start := stream.peek(_MAX_START, until=b"\n")) and not WARC_START.match(start):
        begin = begin if lost else stream.position
        line = stream.line(MAX_HEADERS)
        if lost or line.strip():  # line ends are what should stand between records
            lost += len(line)
    return (
        InputError(f"{lost:,} bytes from byte {begin + 1:,} on belong to no record; fetch it again") if lost else None
    )


def _headers(stream: Stream) -> dict[str, str]:
    lines: list[bytes] = []
    size = 0
    stream.line(_MAX_START)
    while (line := stream.line(MAX_HEADERS)).strip():
        lines.append(line)
        size += len(line)
        if size > MAX_HEADERS:
            raise InputError(f"a record's headers are longer than {MAX_HEADERS >> 10} KiB; write the archive again")
    if not line.endswith(b"\n"):
        raise InputError("cut off within a record's headers; fetch it again")
    return parse_headers(b"".join(lines))


def _block(stream: Stream, headers: Mapping[str, str], length: int) -> bytes | None:
    """A record's content, empty for a record that can't be a page."""
    if length > MAX_BYTES or headers.get("warc-type", "").lower() not in _TAKERS:
        found, block = stream.skip(length), None if length > MAX_BYTES else b""
    else:
        block = stream.read(length)
        found = len(block)
    if found < length:
        raise InputError(f"cut off within a record: {found:,} of its {length:,} bytes are there; fetch it again")
    return block


# --- Pages -----------------------------------------------------------------------------------------------------------


def _source(record: _Record, id: str) -> Source:
    """The page in a record. Raises _NoPageError if it holds none, InputError if its page can't be read."""
    if record.type in _BOOKKEEPING:
        raise _NoPageError
    if record.type not in _TAKERS:
        raise _NoPageError(_KINDS_OF_NO_PAGE.get(record.type, "of unknown types"))
    if record.block is None:
        raise InputError(f"larger than {MAX_BYTES >> 20} MiB; leave it out")
    data, kind, charset = _TAKERS[record.type](record, record.block)
    address = record.headers.get("warc-target-uri", "").strip("<>")
    return Source(data, id=id, url=address or None, kind=kind, charset=charset, metadata=_metadata(record.headers))


def _response(record: _Record, block: bytes) -> tuple[bytes, SourceKind, str | None]:
    media_type = record.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/http":
        raise _NoPageError(media_type or "of unknown types")
    response = parse_response(block)
    if not 200 <= response.status < 300:
        raise _NoPageError(f"HTTP {response.status}")
    if response.media_type in _KINDS:
        return body(response), _KINDS[response.media_type], response.charset
    if response.media_type:
        raise _NoPageError(response.media_type[:60])
    data = body(response)
    if not PAGE_START.match(data):
        raise _NoPageError("without a media type")
    return data, "html", None


def _resource(record: _Record, block: bytes) -> tuple[bytes, SourceKind, str | None]:
    """A page that came by another way than HTTP, or a text that was made of one."""
    declared = parse_headers(b"content-type: " + record.headers.get("content-type", "").encode("latin-1", "replace"))
    response = Response(200, declared, block)
    if response.media_type not in _KINDS:
        raise _NoPageError((response.media_type or "without a media type")[:60])
    return block, _KINDS[response.media_type], response.charset


_TAKERS: Final = {"response": _response, "resource": _resource, "conversion": _resource}
_KINDS_OF_NO_PAGE: Final = {"revisit": "repeated visits", "continuation": "continuations"}


def _metadata(headers: Mapping[str, str]) -> dict[str, Any]:
    """Where in the archive an article comes from, and whether the crawler cut it."""
    names = {"warc-record-id": "warc_record_id", "warc-date": "warc_date", "warc-truncated": "warc_truncated"}
    return {name: headers[header] for header, name in names.items() if header in headers}
