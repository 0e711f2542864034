"""Inflate packed streams within caps, and tell a stream that was cut off from one that ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any, Final, NamedTuple, Protocol

from cleaner.errors import InputError

#: How many times larger a packed file may become, looked at only past `RATIO_FROM` inflated bytes.
MAX_RATIO: Final = 1000
RATIO_FROM: Final = 10 * 1024 * 1024
#: The most memory, in bytes, that a stream may ask its decoder to look back over: what `zstd --long=27` needs.
MAX_WINDOW: Final = 128 * 1024 * 1024

PACKED_SUFFIXES: Final = frozenset({".gz", ".zst", ".bz2", ".xz"})
_CHUNK: Final = 1024 * 1024


class _Frame(Protocol):
    """One packed unit of a stream, as the decoders of Python's library are: only its own object knows its end."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


class Packing(NamedTuple):
    """One way to pack: its name, its command, what its streams begin with, and how much is inflated at once.

    `step` bytes of the most hostile stream inflate to no more than some 30 MiB, so that a bomb is seen before it
    fills the memory.
    """

    name: str
    command: str
    magic: tuple[bytes, ...]
    step: int
    begin: Callable[[], _Frame]


def _gzip_frame() -> Any:
    import zlib

    return zlib.decompressobj(wbits=31)


def _zstd_frame() -> Any:
    import zstandard

    return zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).decompressobj()


def _bzip2_frame() -> Any:
    import bz2

    return bz2.BZ2Decompressor()


def _xz_frame() -> Any:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_WINDOW)


GZIP: Final = Packing("gzip", "gzip", (b"\x1f\x8b",), 32 * 1024, _gzip_frame)
ZSTD: Final = Packing("zstd", "zstd", (b"\x28\xb5\x2f\xfd",), 1024, _zstd_frame)
# A text may begin with BZh, but not with the marks of a block, or of the end, behind it.
_BZIP2_MAGIC: Final = tuple(b"BZh%d%s" % (i, mark) for i in range(1, 10) for mark in (b"1AY&SY", b"\x17rE8P\x90"))
_PACKINGS: Final = (
    GZIP,
    ZSTD,
    Packing("bzip2", "bzip2", _BZIP2_MAGIC, 1024, _bzip2_frame),
    Packing("xz", "xz", (b"\xfd7zXZ\0",), 1024, _xz_frame),
)
_MAGIC_LENGTH: Final = 10


class Readable(Protocol):
    """What packed bytes are read from: a file, or a stream."""

    def read(self, size: int, /) -> bytes:
        """So many bytes, or fewer at the end."""

    def read1(self, size: int, /) -> bytes:
        """At most so many bytes, without waiting for more than there are."""


class Counted:
    """A stream that counts what was read from it, so that packed and inflated sizes can be compared.

    It gives what is there, and waits only where there is nothing yet: records are cleaned as they come in.
    """

    def __init__(self, first: bytes, stream: Readable) -> None:
        self._first = first
        self._stream = stream
        self.count = 0

    def read(self, size: int) -> bytes:
        """At most so many bytes, none at the end."""
        if self._first:
            data, self._first = self._first[:size], self._first[size:]
        else:
            data = self._stream.read1(size)
        self.count += len(data)
        return data


def inflate(stream: Readable, name: str) -> tuple[Iterator[bytes], bool]:
    """A stream's bytes, inflated if they are packed, and whether they are: the content tells, not the suffix of `name`.

    Raises InputError, here or within the bytes, for what is empty, cut off, damaged, or grows beyond `MAX_RATIO`.
    """
    first = _first_bytes(stream)
    if not first and PurePath(name.lower()).suffix in PACKED_SUFFIXES:
        raise InputError("an empty file where a packed one was promised; fetch it again")
    counted = Counted(first, stream)
    packing = next((packing for packing in _PACKINGS if first.startswith(packing.magic)), None)
    if packing is None:
        return iter(lambda: counted.read(_CHUNK), b""), False
    return inflate_as(packing, counted), True


def _first_bytes(stream: Readable) -> bytes:
    """As many bytes as tell how a stream is packed; for a text of two bytes in a pipe, no more need come in."""
    first = stream.read(2)
    if any(magic.startswith(first) for packing in _PACKINGS for magic in packing.magic):
        first += stream.read(_MAGIC_LENGTH - len(first))
    return first


class Growth:
    """What has been inflated so far, out of as many bytes as `packed` gives. Beyond `MAX_RATIO` it is a bomb."""

    def __init__(self, packed: Callable[[], int]) -> None:
        self._packed = packed
        self._inflated = 0

    def add(self, size: int) -> None:
        """Take in some more bytes; raises InputError for a bomb."""
        self._inflated += size
        if self._inflated > RATIO_FROM and self._inflated > MAX_RATIO * self._packed():
            raise InputError(f"inflates to more than {MAX_RATIO} times its size; unpack it yourself if you trust it")


def inflate_as(packing: Packing, packed: Counted) -> Iterator[bytes]:
    """Yield what a stream holds that is packed in this way; raises InputError as `inflate` does."""
    growth = Growth(lambda: packed.count)
    for chunk in _frames(packing, packed):
        growth.add(len(chunk))
        yield chunk


def _frames(packing: Packing, packed: Counted) -> Iterator[bytes]:
    """Inflate frame by frame, for a reader of the whole stream takes a cut for the end."""
    frame: _Frame | None = None
    rest = b""
    while data := rest or packed.read(packing.step):
        rest = b""
        if frame is None:
            data = data.lstrip(b"\0")  # padding, as tapes leave it
            if not data:
                continue
            frame = packing.begin()
        try:
            yield frame.decompress(data)
        except InputError:
            raise
        except Exception as error:  # each decoder has errors of its own
            raise InputError(
                f"the {packing.name} data can't be unpacked ({error}); fetch it again, or try {packing.command} -d"
            ) from None
        if frame.eof:
            rest, frame = frame.unused_data, None
    if frame is not None:
        raise InputError(f"the {packing.name} data is cut off; fetch the file again")
