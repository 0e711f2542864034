"""Keep what a run has finished beside its output, so that a run that was cut short can be taken up again.

The folder `.<output>.clean-run` (in an output folder: `.clean-run`) holds the terms of the run and, packed, the
outcome of every input that is done. A run that is taken up goes through all its inputs again: for those that are
done, and are still what they were, the kept outcome takes the place of cleaning, so that the output is what an
undisturbed run would have written, in any form. A run that ends well removes the folder.

Every outcome is handed to the system when it is known, so that killing the run costs none, and to the disk every
few seconds. What a loss of power leaves of the last ones is told by checksums, and done again.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sys
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from struct import Struct
from threading import Thread
from time import monotonic
from typing import IO, Any, Final, Literal, NamedTuple, TypeAlias
from zlib import crc32

from cleaner import model
from cleaner.duty import Item
from cleaner.errors import OutputError, UsageError
from cleaner.files import MARK, sync
from cleaner.model import Article, Failure, Outcome, Source

#: What to do about a run that was cut short: refuse to begin another, take it up again, or begin anew.
Take: TypeAlias = Literal["refuse", "resume", "restart"]

#: Seconds of work that a loss of power may cost.
SYNC_SECONDS: Final = 5.0

_HEAD: Final = Struct("!II")
_READ_AT_ONCE: Final = 16 * 1024
_TERMS: Final = "terms.json"
_LOCK: Final = "lock"


class _Entry(NamedTuple):
    """An input that is done: what told it from others (nothing, if it could not be read), and its outcome."""

    fingerprint: bytes
    outcome: Outcome


class Journal:
    """The outcomes of a run's inputs, in their order. `finished` counts those that were kept from before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._under_way: deque[tuple[bytes, Collection[str]] | None] = deque()
        self._volume: _Volume | None = None
        self.finished = 0

    def known(self, sources: Iterable[Source | Failure]) -> Iterator[Item]:
        """The sources; in place of those that are done, their outcomes.

        Raises `UsageError` when an input that is done is not what it was.
        """
        entries = _entries(self._folder)
        for source in sources:
            entry = next(entries, None)
            fingerprint = _fingerprint(source)
            if entry is None:
                self._under_way.append((fingerprint, source.metadata.keys() if isinstance(source, Source) else ()))
                yield source
            else:
                _check(entry, source, fingerprint)
                self.finished += 1
                self._under_way.append(None)
                yield _restored(entry.outcome, source)
        if next(entries, None):
            raise _changed("there are fewer inputs than before")

    def keep(self, outcomes: Iterable[Outcome]) -> Generator[Outcome, None, None]:
        """The outcomes of `known`, each once it is kept. Raises `OutputError` when it can't be."""
        try:
            for outcome in outcomes:
                if under_way := self._under_way.popleft():
                    fingerprint, own = under_way
                    self._add(_Entry(fingerprint, _without(own, outcome)))
                yield outcome
        finally:
            if self._volume:
                self._volume.close()

    def _add(self, entry: _Entry) -> None:
        with _reported(self._folder):
            if self._volume is None:
                self._volume = _Volume(self._folder, self.finished)
            self._volume.add(entry)


def _without(own: Collection[str], outcome: Outcome) -> Outcome:
    """An outcome without the input's own fields: they are in the input, and may be of any type."""
    if isinstance(outcome.result, Failure) or not own:
        return outcome
    stated = {name: value for name, value in outcome.result.metadata.items() if name not in own}
    return replace(outcome, result=replace(outcome.result, metadata=stated))


class _Volume:
    """What one process added to a journal: a file of packed entries, the number of entries before it first."""

    def __init__(self, folder: Path, before: int) -> None:
        import zstandard  # only where something is kept

        number = len(_volumes(folder)) + 1
        self._file = (folder / f"{number:06}.journal").open("xb")
        self._file.write(_beginning(before))
        self._flush: int = zstandard.FLUSH_BLOCK
        self._packed = zstandard.ZstdCompressor(level=1).stream_writer(self._file, closefd=False)
        self._synced = monotonic()
        self._syncing = _Syncing(self._file.fileno())

    def add(self, entry: _Entry) -> None:
        """Hand one entry to the system, and from time to time all to the disk."""
        content = pickle.dumps((entry.fingerprint, entry.outcome), pickle.HIGHEST_PROTOCOL)
        self._packed.write(_HEAD.pack(len(content), crc32(content)) + content)
        self._packed.flush(self._flush)
        self._file.flush()
        if monotonic() - self._synced > SYNC_SECONDS:
            self._syncing.begin()
            self._synced = monotonic()

    def close(self) -> None:
        """Hand what was added to the disk, as far as that goes."""
        self._syncing.end()
        with suppress(OSError):
            os.fsync(self._file.fileno())
        with suppress(OSError):
            self._file.close()


class _Syncing:
    """Has a file written to the disk in a thread of its own: that can take long, and nobody need wait for it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._thread: Thread | None = None
        self._error: OSError | None = None

    def begin(self) -> None:
        """Begin once more, unless the last time is not over yet. Raises what went wrong then."""
        if self._thread and self._thread.is_alive():
            return
        if self._error:
            raise self._error
        self._thread = Thread(target=self._sync, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Wait until nothing is under way."""
        if self._thread:
            self._thread.join()

    def _sync(self) -> None:
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            self._error = error


# --- Inputs ----------------------------------------------------------------------------------------------------------


def _fingerprint(source: Source | Failure) -> bytes:
    """What tells a source from any other. What could not be read has none: only its id is known."""
    if isinstance(source, Failure):
        return b""
    fields = (source.id, source.url, source.kind, source.charset, source.title, source.metadata, source.earlier)
    return blake2b(ascii(fields).encode() + b"\0" + source.data, digest_size=16).digest()


def _check(entry: _Entry, source: Source | Failure, fingerprint: bytes) -> None:
    before = entry.outcome.result
    if source.id != before.id:
        raise _changed(f"{source.id} comes where {before.id} came before")
    if entry.fingerprint not in (fingerprint, b""):
        now = f"can't be read any more: {source.reason}" if isinstance(source, Failure) else "is not what it was"
        raise _changed(f"{source.id} {now}")


def _changed(what: str) -> UsageError:
    return UsageError(f"inputs that were done have changed since: {what}; put them back, or begin anew with --restart")


def _restored(outcome: Outcome, source: Source | Failure) -> Outcome:
    if isinstance(source, Source) and isinstance(outcome.result, Article):
        return replace(outcome, result=replace(outcome.result, metadata={**outcome.result.metadata, **source.metadata}))
    return outcome


# --- Reading what was kept -------------------------------------------------------------------------------------------


def _volumes(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.journal"))


def _entries(folder: Path) -> Iterator[_Entry]:
    """All entries. A volume ends with the first that is not whole; the next one is that which goes on from there."""
    count = 0
    for volume in _volumes(folder):
        with volume.open("rb") as file:
            if file.read(_HEAD.size) != _beginning(count):
                continue
            for content in _contents(file):
                yield _read(content, folder)
                count += 1


def _beginning(before: int) -> bytes:
    """How a volume begins that has so many entries before it."""
    return _HEAD.pack(before, crc32(before.to_bytes(4, "big")))


def _read(content: bytes, folder: Path) -> _Entry:
    try:
        return _Entry(*_Unpickler(BytesIO(content)).load())
    except Exception as error:
        raise UsageError(f"{folder} holds no journal of ours ({error}); begin anew with --restart") from None


def _contents(file: IO[bytes]) -> Iterator[bytes]:
    """The entries of a volume, up to the first that is not whole."""
    held = bytearray()
    for piece in _unpacked(file):
        held += piece
        start = 0
        while len(held) >= start + _HEAD.size:
            length, checksum = _HEAD.unpack_from(held, start)
            end = start + _HEAD.size + length
            content = bytes(held[start + _HEAD.size : end])
            if len(held) < end:
                break
            if crc32(content) != checksum:
                return
            yield content
            start = end
        del held[:start]


def _unpacked(file: IO[bytes]) -> Iterator[bytes]:
    import zstandard

    stream = zstandard.ZstdDecompressor().decompressobj()
    with suppress(zstandard.ZstdError):
        yield from (stream.decompress(packed) for packed in iter(lambda: file.read(_READ_AT_ONCE), b""))


class _Unpickler(pickle.Unpickler):
    """Reads plain data and the types of `cleaner.model`, nothing that could run code."""

    def find_class(self, module: str, name: str) -> Any:
        found = getattr(model, name, None) if module == model.__name__ else None
        if not (isinstance(found, type) and found.__module__ == model.__name__):
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a journal")
        return found


# --- The folder ------------------------------------------------------------------------------------------------------


@contextmanager
def open_journal(
    output: Path, terms: Mapping[str, Any], take: Take, *, is_tree: bool, keeps: bool, places: Iterable[Path] = ()
) -> Iterator[Journal | None]:
    """The journal of the run that writes to `output`, for as long as it goes on; None unless it `keeps` one.

    Whether it does or not, no other run writes there meanwhile. `terms` are all that decides what comes out, as
    JSON can hold it; a run is taken up only under the same ones. `places` are folders where a run that was killed
    may have left temporary files. Raises `UsageError` when another run is at work, when one was cut short and `take`
    is to refuse, or when its terms were others, and `OutputError` when nothing can be kept there.
    """
    place = Path(os.path.realpath(output))
    folder = place / ".clean-run" if is_tree else place.with_name(f".{place.name}.clean-run")
    with _reported(output):
        lock = _locked(folder, output, make_parents=is_tree)
    ended_well = False
    try:
        with _reported(output):
            _begin(folder, output, json.loads(json.dumps(terms)), take)
            everywhere = place.rglob if is_tree else place.parent.glob
            _remove_leftovers(folder, [everywhere, *[other.glob for other in places]])
        yield Journal(folder) if keeps else None
        if is_tree and hasattr(os, "sync"):
            os.sync()
        ended_well = True
    finally:
        if ended_well or not _volumes(folder):
            shutil.rmtree(folder, ignore_errors=True)
        lock.close()


@contextmanager
def _reported(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write to {place}: {error.strerror or error}") from error


def _locked(folder: Path, output: Path, *, make_parents: bool) -> IO[bytes]:
    """The folder's lock, which is let go when this process ends, however it ends."""
    while True:
        folder.mkdir(parents=make_parents, exist_ok=True)
        with suppress(FileNotFoundError):
            file = (folder / _LOCK).open("ab")
            if not _claim(file):
                file.close()
                raise UsageError(f"another run is writing to {output}; wait for it, or write elsewhere")
            # The run before may have ended just now, and removed the folder with this very lock.
            if os.fstat(file.fileno()).st_ino == (folder / _LOCK).stat().st_ino:
                return file
            file.close()


def _claim(file: IO[bytes]) -> bool:
    """Lock a file, where the system has such locks; tells whether it is ours now."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _begin(folder: Path, output: Path, terms: Mapping[str, Any], take: Take) -> None:
    """Settle whether the run is a new one, and write down its terms if it is."""
    volumes = _volumes(folder)
    if volumes and take == "refuse":
        raise UsageError(f"a run on {output} was cut short: take it up with --resume, or begin anew with --restart")
    if volumes and take == "resume":
        _compare(_terms(folder), terms)
        return
    for volume in volumes:
        volume.unlink()
    (folder / _TERMS).write_text(json.dumps(terms), encoding="utf-8")
    sync(folder / _TERMS)


def _terms(folder: Path) -> Mapping[str, Any]:
    try:
        terms: Mapping[str, Any] = json.loads((folder / _TERMS).read_text(encoding="utf-8"))
        return terms
    except (OSError, ValueError):
        raise UsageError(f"what was kept in {folder} can't be read; begin anew with --restart") from None


def _compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    other = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    if other:
        changes = [f"{name} was {json.dumps(before.get(name))} and is {json.dumps(now.get(name))}" for name in other]
        raise UsageError(f"this is not the run that was cut short: {', '.join(changes)}; begin anew with --restart")


def _remove_leftovers(folder: Path, places: Iterable[Callable[[str], Iterable[Path]]]) -> None:
    """Remove the temporary files of runs that were killed here, and sign this one's."""
    for mark in folder.glob("*.mark"):
        for matching in places:
            for leftover in matching(f".clean-{mark.stem}-*.tmp"):
                leftover.unlink(missing_ok=True)
        mark.unlink()
    (folder / f"{MARK}.mark").touch()
