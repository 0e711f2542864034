"""Read archives of pages: tar as a stream, zip by the list at its end, or without it as far as its members go.

Nothing is ever written: a member's name is only part of its id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Final

from cleaner.errors import InputError
from cleaner.formats.sniff import TAR_BLOCK, ZIP_MEMBER
from cleaner.formats.stream import MAX_BYTES, BinaryFile, Stream
from cleaner.formats.unpack import Growth

if TYPE_CHECKING:
    import tarfile
    import zipfile

#: The most members of a zip archive, whose list is held in memory.
MAX_MEMBERS: Final = 1_000_000

_CHUNK: Final = 256 * 1024
#: So much of the most hostile member inflates to some 30 MiB.
_STEP: Final = 32 * 1024
_SEEN_AT_ONCE: Final = 8 * 1024 * 1024
_LISTED: Final = b"PK\x01\x02"
_STORED: Final = 0
_DEFLATED: Final = 8

#: A member: its name, and a function that gives its content in pieces.
Member = tuple[str, Callable[[], Iterator[bytes]]]


# --- tar -------------------------------------------------------------------------------------------------------------


def read_tar(stream: Stream) -> Iterator[Member]:
    """Yield the files of a tar archive, each to be read before the next; raises InputError where it is cut off."""
    import tarfile

    file = _TarFile(stream)
    try:
        with tarfile.TarFile(fileobj=file, errorlevel=2) as archive:  # type: ignore[arg-type]
            while (entry := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined]  # it would keep them all
                if entry.isreg():
                    yield _valid(entry.name), partial(_tar_content, archive, entry)
    except InputError:
        raise
    except Exception as error:  # a hostile header makes the library fail in many ways
        raise InputError(f"the tar archive is cut off or damaged ({error}); fetch it again") from None
    if not file.ended_well:
        raise InputError("the tar archive ends without its end mark, it is cut off or damaged; fetch it again")
    if any(chunk.strip(b"\0") for chunk in stream.chunks()):
        raise InputError("more data follows the end of the tar archive; if that is another archive, take them apart")


def _tar_content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    content = None if entry.issparse() else archive.extractfile(entry)
    if content is None:
        raise InputError("a file with holes, which no page has; leave it out")
    try:
        while chunk := content.read(_CHUNK):
            yield chunk
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"the tar archive is cut off within this file ({error}); fetch it again") from None


class _TarFile:
    """A stream as the library of tar wants it, which only ever seeks forward."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.ended_well = False

    def read(self, size: int) -> bytes:
        """So many bytes, or fewer at the end."""
        if size > _SEEN_AT_ONCE:
            raise InputError(f"a header of the tar archive is larger than {_SEEN_AT_ONCE >> 20} MiB; leave it out")
        data = self._stream.read(size)
        self.ended_well = data == bytes(TAR_BLOCK)
        return data

    def tell(self) -> int:
        """The place of the next byte."""
        return self._stream.position

    def seek(self, place: int) -> int:
        """Go forward to a place, or as far as there is anything."""
        self._stream.skip(place - self._stream.position)
        return self._stream.position


# --- zip -------------------------------------------------------------------------------------------------------------


def read_zip(stream: Stream) -> Iterator[Member]:
    """Yield the files of a zip archive; raises InputError where it can't be read, and for a bomb once it has grown."""
    import struct
    import zipfile

    with closing(stream.seekable()) as file:
        size = file.seek(0, 2)
        _refuse_long_lists(file, size)
        growth = Growth(lambda: size)
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError, struct.error):
            file.seek(0)
            yield from _read_on(file, growth)
            raise InputError(
                "the zip archive is cut off or damaged, it has no list of its members; fetch it again"
            ) from None
        with archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    yield _valid(entry.filename), partial(_zip_content, archive, entry, growth)


def _refuse_long_lists(file: BinaryFile, size: int) -> None:
    """Raise InputError for more than `MAX_MEMBERS`, before the library lists them all."""
    file.seek(0)
    if (
        size // 46 > MAX_MEMBERS
        and sum(chunk.count(_LISTED) for chunk in iter(lambda: file.read(_CHUNK), b"")) > MAX_MEMBERS
    ):
        raise InputError(f"holds more than {MAX_MEMBERS:,} members; unpack it, and give the folder")


def _zip_content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, growth: Growth) -> Iterator[bytes]:
    if entry.flag_bits & 1:
        raise InputError("it is encrypted; unpack it with its password")
    try:
        with archive.open(entry) as content:
            while chunk := content.read(_CHUNK):
                growth.add(len(chunk))
                yield chunk
    except InputError:
        raise
    except Exception as error:  # each way of packing has errors of its own
        raise InputError(f"it can't be unpacked ({error}); fetch the archive again") from None


def _read_on(file: BinaryFile, growth: Growth) -> Iterator[Member]:
    """Yield the members that are whole in an archive without its list, as far as their lengths can be told."""
    import struct

    while len(head := file.read(30)) == 30 and head.startswith(ZIP_MEMBER):
        flags, method, checksum, packed, names, extra = struct.unpack("<6xHH4xII4xHH", head)
        name = file.read(names)
        file.seek(extra, 1)
        start = file.tell()
        streamed = bool(flags & 8)  # then lengths and checksum stand behind the content
        if flags & 1 or method not in (_STORED, _DEFLATED) or (streamed and method == _STORED):
            return
        found = _whole_member(file, method, None if streamed else (packed, checksum), growth)
        if found is None:
            return
        content, length = found
        yield _valid(name.decode("utf-8" if flags & 0x800 else "cp437", "replace")), partial(iter, (content,))
        file.seek(start + length)
        if streamed:
            _skip_descriptor(file)


def _whole_member(
    file: BinaryFile, method: int, known: tuple[int, int] | None, growth: Growth
) -> tuple[bytes, int] | None:
    """A member's content and its packed length; None if it is cut off, damaged, or too large to be a document.

    `known` are its packed length and its checksum, if its header has them.
    """
    import zlib

    frame = zlib.decompressobj(-15)
    pieces: list[bytes] = []
    read = size = 0
    while not frame.eof and (known is None or read < known[0]):
        chunk = file.read(_STEP if known is None else min(_STEP, known[0] - read))
        try:
            pieces.append(frame.decompress(chunk) if method == _DEFLATED else chunk)
        except zlib.error:
            return None
        read, size = read + len(chunk), size + len(pieces[-1])
        growth.add(len(pieces[-1]))
        if not chunk or size > MAX_BYTES:
            return None
    content = b"".join(pieces)
    whole = frame.eof or method == _STORED
    fits = known is None or zlib.crc32(content) == known[1]
    return (content, read - len(frame.unused_data)) if whole and fits else None


def _skip_descriptor(file: BinaryFile) -> None:
    """Pass over the lengths that stand behind a member, of which there are several forms, to the next one."""
    start = file.tell()
    found = file.read(32).find(ZIP_MEMBER, 12)
    file.seek(start + max(found, 0))


def _valid(name: str) -> str:
    """A member's name as an id: valid Unicode, without the `./` that archivers put in front."""
    return name.encode("utf-8", "replace").decode().removeprefix("./")
