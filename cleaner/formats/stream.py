"""A stream of bytes that comes in pieces and is read once, forward: by pieces, by lines, by length, or whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from io import BufferedIOBase
from typing import IO, Final, TypeAlias

from cleaner.errors import InputError

#: The most bytes one document may have once it is inflated. Streams of records are not capped, but each record is.
MAX_BYTES: Final = 256 * 1024 * 1024
#: The most bytes one line may have.
MAX_LINE: Final = 64 * 1024 * 1024
#: The most bytes of an archive that are kept on the disk, where it can't be read in one go.
MAX_SPOOLED: Final = 16 * 1024 * 1024 * 1024

BinaryFile: TypeAlias = IO[bytes] | BufferedIOBase


class Stream:
    """Bytes from an iterator of pieces. `file` is a seekable file of the same bytes, if there is one.

    What breaks the pieces off (`InputError`) is raised in its place: all before it can be read.
    """

    def __init__(self, chunks: Iterator[bytes], file: BinaryFile | None = None) -> None:
        self._chunks = chunks
        self._file = file
        self._buffer = b""
        self._at = 0
        self._before = 0
        self._broken: InputError | None = None

    @property
    def position(self) -> int:
        """How many bytes were read so far."""
        return self._before + self._at

    def peek(self, size: int, until: bytes | None = None) -> bytes:
        """The next bytes, which stay unread: at least `size` unless the stream ends or breaks off before.

        No more pieces are taken than up to the one that holds `until`.
        """
        while len(self._buffer) - self._at < size:
            if until is not None and self._buffer.find(until, self._at) >= 0:
                break
            try:
                if not self._extend():
                    break
            except InputError as error:
                self._broken = error
                break
        return self._buffer[self._at : self._at + size]

    def at_end(self) -> bool:
        """Whether nothing is left; raises what broke the pieces off."""
        return self._at >= len(self._buffer) and not self._extend()

    def chunks(self) -> Iterator[bytes]:
        """The rest, piece by piece."""
        while not self.at_end():
            yield self._take(len(self._buffer) - self._at)

    def read(self, size: int) -> bytes:
        """So many bytes, or fewer at the end."""
        pieces: list[bytes] = []
        while size > 0 and not self.at_end():
            piece = self._take(size)
            pieces.append(piece)
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def read1(self, size: int) -> bytes:
        """Some bytes, at most so many: what is there already, without waiting for more; none at the end."""
        return b"" if self.at_end() else self._take(size)

    def skip(self, size: int) -> int:
        """Pass over so many bytes; the result is how many there were."""
        passed = 0
        while passed < size and not self.at_end():
            passed += len(self._take(size - passed))
        return passed

    def line(self, limit: int) -> bytes:
        """The next line with its end, none at the end of the stream; no more than `limit` bytes of it."""
        searched = 0
        while True:
            end = self._buffer.find(b"\n", self._at + searched, self._at + limit)
            if end >= 0:
                return self._take(end + 1 - self._at)
            searched = len(self._buffer) - self._at
            if searched >= limit or not self._extend():
                return self._take(limit)

    def lines(self) -> Iterator[bytes | None]:
        """The lines of the rest without their ends, None for one longer than `MAX_LINE`.

        No more than one line and one piece are ever held.
        """
        held: list[bytes] = []
        size = 0
        for chunk in self.chunks():
            start = 0
            while (end := chunk.find(b"\n", start)) >= 0:
                yield b"".join([*held, chunk[start:end]]) if size + end - start <= MAX_LINE else None
                held, size = [], 0
                start = end + 1
            size += len(chunk) - start
            if size > MAX_LINE:
                held.clear()
            else:
                held.append(chunk[start:])
        if size:
            yield b"".join(held) if size <= MAX_LINE else None

    def whole(self) -> bytes:
        """All the rest as one document; raises InputError past `MAX_BYTES`."""
        kept: list[bytes] = []
        size = 0
        for chunk in self.chunks():
            kept.append(chunk)
            size += len(chunk)
            if size > MAX_BYTES:
                raise InputError(f"larger than {MAX_BYTES >> 20} MiB; split it, or give its documents as JSON Lines")
        return b"".join(kept)

    def seekable(self) -> BinaryFile:
        """All of it as a file to seek in, for the caller to close; nothing must have been read before."""
        if self._file is not None:
            self._file.seek(0)
            return self._file
        copy = tempfile.TemporaryFile(prefix="clean-")  # noqa: SIM115
        try:
            for chunk in self.chunks():
                copy.write(chunk)
                if self.position > MAX_SPOOLED:
                    raise InputError(
                        f"inflates to more than {MAX_SPOOLED >> 30} GiB; unpack it, and give the file itself"
                    )
        except BaseException:
            copy.close()
            raise
        copy.seek(0)
        return copy

    def _take(self, size: int) -> bytes:
        piece = self._buffer[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def _extend(self) -> bool:
        """Get one more piece behind what is held; False at the end."""
        if self._broken:
            raise self._broken
        chunk = next((chunk for chunk in self._chunks if chunk), None)
        if chunk is None:
            return False
        self._before += self._at
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
        return True
