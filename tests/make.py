"""Make containers for tests: WARC, Parquet, archives, packed streams."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import zstandard

PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".zst": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}

PROSE = (
    "The ferry was late again, and nobody on the quay was surprised by it, least of all the harbour master’s wife, "
    "who had brought a book."
)


#: A rule of one's own.
RULE = """\
[[rule]]
code = "SHR401"
name = "tell-the-miller"
kind = "share"
summary = "Call to tell the miller"
scope = "line"
match = "whole"
decisive = true
[rule.phrases]
en = ["Tell the miller"]
[[rule.example]]
drop = ["TELL THE MILLER!"]
[[rule.example]]
keep = ["Nobody had thought to tell the miller."]
why = "prose"
"""


def page(text: str = PROSE, title: str = "Ferry") -> bytes:
    """A small page whose body is one paragraph."""
    return (
        f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>{title}</title></head><body>"
        f"<nav><a href=/>Home</a></nav><article><h1>{title}</h1><p>{text}</p></article></body></html>"
    ).encode()


def http(body: bytes, *headers: str, type: str | None = "text/html; charset=utf-8", status: str = "200 OK") -> bytes:
    """An HTTP response as an archive holds it."""
    lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {type}"] if type else []), *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def warc_record(
    block: bytes,
    *headers: str,
    kind: str = "response",
    url: str = "http://gazette.example/",
    type: str = "application/http; msgtype=response",
    length: int | str | None = None,
) -> bytes:
    """A record of a WARC; `length` is what it says of its length if that is not the truth."""
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {url}",
        "WARC-Date: 2024-05-06T07:08:09Z",
        "WARC-Record-ID: <urn:uuid:12345678-0000-0000-0000-000000000000>",
        f"Content-Type: {type}",
        *headers,
        f"Content-Length: {len(block) if length is None else length}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def warc_page(text: str = PROSE, **more: Any) -> bytes:
    """A record that holds a page."""
    return warc_record(http(page(text)), **more)


def tarred(members: Iterable[tuple[str, bytes]], *, form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def zipped(members: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def parquet(columns: Mapping[str, Any], **more: Any) -> bytes:
    """A Parquet file."""
    import pyarrow
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(dict(columns)), out, **more)
    return out.getvalue()
