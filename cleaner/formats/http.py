"""Read an HTTP response as an archive holds it: its status, its headers, and its body without transport's codings."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from cleaner.errors import InputError
from cleaner.formats.stream import MAX_BYTES, Stream
from cleaner.formats.unpack import GZIP, ZSTD, Counted, Packing, inflate_as

#: The most bytes that a response's headers may have.
MAX_HEADERS: Final = 256 * 1024

_STATUS: Final = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})\b[^\r\n]*\r?\n", re.I)
_HEADERS_END: Final = re.compile(rb"\r?\n\r?\n")
_CHUNK_SIZE: Final = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,4096})?\r?\n")
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?\s*([^\s"';,]{1,40})""", re.I)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response: its status code, its headers by lower-cased name, and its body as it was sent."""

    status: int
    headers: dict[str, str]
    sent: bytes

    @property
    def charset(self) -> str | None:
        """The encoding that the server declares, as it names it."""
        match = _CHARSET.search(self.headers.get("content-type", ""))
        return match[1] if match else None

    @property
    def media_type(self) -> str:
        """The media type without its parameters, lower-cased; empty if the server declares none."""
        return self.headers.get("content-type", "").partition(";")[0].partition(",")[0].strip().lower()


def parse_response(data: bytes) -> Response:
    """Take a response apart; raises InputError if it doesn't begin as one."""
    status = _STATUS.match(data)
    if not status:
        raise InputError("no HTTP response in it; leave the record out")
    start = status.end() - 1  # a response without headers ends its status line twice
    end = _HEADERS_END.search(data, max(0, start - 1), start + MAX_HEADERS)
    if not end and len(data) - start > MAX_HEADERS:
        raise InputError(f"HTTP headers of more than {MAX_HEADERS >> 10} KiB; leave the record out")
    lines, body = (data[start : end.start()], data[end.end() :]) if end else (data[start:], b"")
    return Response(int(status[1]), parse_headers(lines), body)


def parse_headers(lines: bytes) -> dict[str, str]:
    """Header lines by lower-cased name. Of several with one name the last counts, but codings add up."""
    headers: dict[str, str] = {}
    for line in re.sub(rb"\r?\n[ \t]+", b" ", lines).split(b"\n"):
        key, colon, value = line.decode("latin-1").partition(":")
        name, value = key.strip().lower(), value.strip()
        if colon and name in headers and name.endswith("-encoding"):
            headers[name] += f", {value}"
        elif colon:
            headers[name] = value
    return headers


def body(response: Response) -> bytes:
    """The body without its codings; raises InputError for one that is cut off, damaged, too large or unknown."""
    data = response.sent
    if "chunked" in response.headers.get("transfer-encoding", "").lower():
        data = _without_chunks(data)
    codings = [name.strip().lower() for name in response.headers.get("content-encoding", "").split(",")]
    for coding in reversed(codings):
        if coding not in ("", "identity", "none", "utf-8"):
            data = _inflated(data, coding)
    return data


def _without_chunks(data: bytes) -> bytes:
    """A body put together from its chunks; many archives have done that already, and left the header as it was."""
    pieces: list[bytes] = []
    at = 0
    while size := _CHUNK_SIZE.match(data, at):
        length = int(size[1], 16)
        if length == 0:
            return b"".join(pieces)
        piece = data[size.end() : size.end() + length]
        if len(piece) < length:
            if not pieces:
                return data
            raise InputError("the chunked body is cut off; fetch the page again")
        pieces.append(piece)
        at = size.end() + length
        at += 2 if data.startswith(b"\r\n", at) else data.startswith(b"\n", at)
    if pieces and at < len(data):
        raise InputError("the chunked body is damaged; fetch the page again")
    return b"".join(pieces) if pieces else data


def _inflated(data: bytes, coding: str) -> bytes:
    if coding not in _CODINGS:
        raise InputError(f"its body is packed in a way that is not known ({coding[:40]}); fetch it unpacked")
    packing = _CODINGS[coding](data)
    if packing is None:
        return data
    return Stream(inflate_as(packing, Counted(b"", BytesIO(data)))).whole()


def _gzip(data: bytes) -> Packing | None:
    """Many archives have unpacked the body already, and left the header as it was."""
    return GZIP if data.startswith(GZIP.magic) else None


def _zstd(data: bytes) -> Packing | None:
    return ZSTD if data.startswith(ZSTD.magic) else None


def _deflate(data: bytes) -> Packing | None:
    """What servers call deflate is with zlib's two bytes in front, or without."""
    with_header = len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
    return Packing("deflate", "zlib-flate", (), GZIP.step, lambda: _zlib_frame(15 if with_header else -15))


def _brotli(data: bytes) -> Packing | None:
    return Packing("Brotli", "brotli", (), GZIP.step, _BrotliFrame) if data else None


def _zlib_frame(wbits: int) -> Any:
    import zlib

    return zlib.decompressobj(wbits)


class _BrotliFrame:
    """A Brotli stream as the decoders of Python's library are."""

    def __init__(self) -> None:
        import brotli

        self._decoder = brotli.Decompressor()
        self.unused_data = b""

    @property
    def eof(self) -> bool:
        """Whether the stream has come to its end."""
        return bool(self._decoder.is_finished())

    def decompress(self, data: bytes, /) -> bytes:
        """What some more bytes of the stream inflate to; a few bytes may inflate to anything, so that is capped."""
        pieces: list[bytes] = []
        size = 0
        while piece := self._decoder.process(data, output_buffer_limit=_BROTLI_STEP):
            pieces.append(piece)
            size += len(piece)
            if size > MAX_BYTES:
                raise InputError(f"larger than {MAX_BYTES >> 20} MiB once it is inflated; leave the record out")
            if self.eof:
                break
            data = b""
        return b"".join(pieces)


_BROTLI_STEP: Final = 1024 * 1024
_CODINGS: Final[dict[str, Callable[[bytes], Packing | None]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
