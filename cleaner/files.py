"""Write files whole or not at all: under a temporary name in their own folder until they are complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import IO, Final

from cleaner.errors import OutputError

PACKED: Final = frozenset({".gz", ".zst"})
#: In the names of all temporary files of this process, so that what it leaves behind if it is killed can be told.
MARK: Final = os.urandom(6).hex()
_numbers = count()


def is_special(path: Path) -> bool:
    """Whether a path is there and is no regular file (a device, a pipe), so that it is written to directly."""
    return path.exists() and (not path.is_file() or path.parts[:2] == ("/", "dev"))


class NewFile:
    """A file in the making, under a temporary name until `commit`. Raises `OutputError` if it can't be written.

    What `is_special` is written to directly.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        special = is_special(path)
        self._place = path if special else Path(os.path.realpath(path))
        self._temporary = path if special else self._place.with_name(f".clean-{MARK}-{next(_numbers)}.tmp")
        self._streams = ExitStack()
        with reported(path):
            self._raw = self._streams.enter_context(self._temporary.open("wb" if special else "xb"))
            self._stream = self._streams.enter_context(_compressed(self._raw, path.suffix.lower()))

    def write(self, data: bytes) -> None:
        """Append bytes."""
        with reported(self._path):
            self._stream.write(data)

    def complete(self) -> None:
        """End the file under its temporary name, and have the disk hold all of it."""
        with reported(self._path):
            if self._stream is not self._raw:
                self._stream.close()
            if self._temporary is not self._place:
                self._raw.flush()
                os.fsync(self._raw.fileno())
            self._streams.close()

    def commit(self) -> None:
        """Complete the file and put it in its place."""
        try:
            with reported(self._path):
                self._streams.close()
                if self._temporary is not self._place:
                    self._temporary.replace(self._place)
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Leave no trace."""
        with suppress(OSError):
            self._streams.close()
        if self._temporary is not self._place:
            with suppress(OSError):
                self._temporary.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def new_file(path: Path) -> Iterator[NewFile]:
    """A file that takes its place when the block ends well, and leaves no trace when it does not."""
    file = NewFile(path)
    try:
        yield file
    except BaseException:
        file.discard()
        raise
    file.commit()


def write_file(path: Path, text: str) -> None:
    """Write a text as a whole file, and its folder if it isn't there. Raises `OutputError` if that can't be done."""
    with reported(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with new_file(path) as file:
        file.write(text.encode("utf-8"))


def _compressed(raw: IO[bytes], suffix: str) -> IO[bytes]:
    """A stream by the suffix of the file's name. Nothing of the time or the name gets into the bytes."""
    if suffix == ".gz":
        import gzip  # only for files that want it

        return gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0)  # type: ignore[return-value]
    if suffix == ".zst":
        import zstandard  # only for files that want it

        return zstandard.ZstdCompressor().stream_writer(raw, closefd=False)
    return raw


@contextmanager
def reported(place: Path | str) -> Iterator[None]:
    """Turn the system's refusal to write into `OutputError`; a closed pipe stays what it is."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise output_error(place, error) from error


def output_error(place: Path | str, error: OSError) -> OutputError:
    """The system's refusal in words of ours."""
    return OutputError(f"cannot write to {place}: {error.strerror or error}")
