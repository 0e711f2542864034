"""Write articles: to standard output, to one file, or to a tree of files named by the articles' ids.

Files are written under a temporary name in their own folder and take their place when they are complete; a
run that fails leaves what was there before. Outputs are named by input identity alone, and ids are untrusted:
no id leads out of the folder, and no two ids lead to the same file.
"""

from __future__ import annotations

import hashlib
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Literal, Protocol, Self, TypeAlias

import regex

from cleaner.errors import InputError, OutputError, UsageError
from cleaner.model import Article
from cleaner.render import Form, json_line, record

Encode: TypeAlias = Callable[[Article], str]

#: Bytes of one part of a file's name before its suffix, and of a whole relative path; file systems end at 255 and 4096.
MAX_PART: Final = 200
MAX_PATH: Final = 1000

# What some system does not allow in names, what could disguise a name, and our own escape character.
_NOT_IN_NAMES = regex.compile(r"[%<>:\"\\|?*\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|^\.+$|[. ]$")
_RESERVED = regex.compile(r"^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)", regex.IGNORECASE)


def body(article: Article) -> str:
    """An article as its bare text."""
    return article.text


def line(article: Article) -> str:
    """An article as a line of JSON Lines."""
    return json_line(record(article))


#: In the names of all temporary files of this process, so that what it leaves behind if it is killed can be told.
MARK: Final = os.urandom(6).hex()
_numbers = count()

#: What a user may ask for: a form of the bare body, or records.
To: TypeAlias = Literal["text", "markdown", "jsonl"]

SUFFIXES: Final[Mapping[str, To]] = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "jsonl",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
PACKED: Final = frozenset({".gz", ".zst"})
_TREE_SUFFIXES: Final[Mapping[To, str]] = {"text": ".txt", "markdown": ".md", "jsonl": ".json"}


class Sink(Protocol):
    """Where articles go. Entering it raises `OutputError` when nothing can be written there."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def write(self, article: Article) -> None:
        """Write one article. Raises `InputError` if only this one can't be written, `OutputError` if none can."""


class StdoutSink:
    """Standard output. A closed pipe raises `BrokenPipeError`, which ends a run but is no error."""

    def __init__(self, encode: Encode = body) -> None:
        self._encode = encode

    def __enter__(self) -> Self:
        if sys.stdout is None:  # as after `>&-`
            raise OutputError("cannot write to standard output: it is closed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to do: every article was flushed."""

    def write(self, article: Article) -> None:
        """Write one article at once, so that the next program in a pipe need not wait."""
        data = _bytes(self._encode(article))
        with _reported("standard output"):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


class FileSink:
    """One file, compressed if its name ends in `.gz` or `.zst`.

    Unless it `may_be_empty`, a run without any article leaves what was there before.
    """

    def __init__(self, path: Path, encode: Encode = line, *, may_be_empty: bool = True) -> None:
        self._path = path
        self._encode = encode
        self._wanted = may_be_empty

    def __enter__(self) -> Self:
        self._file = NewFile(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._wanted:
            self._file.commit(synced=True)
        else:
            self._file.discard()

    def write(self, article: Article) -> None:
        """Append one article."""
        self._file.write(_bytes(self._encode(article)))
        self._wanted = True


class TreeSink:
    """A folder with one file per article: `<id><suffix>`, made safe by `file_name`."""

    def __init__(self, root: Path, suffix: str, encode: Encode = body) -> None:
        self._root = root
        self._suffix = suffix
        self._encode = encode
        self._taken: dict[str, str] = {}

    def __enter__(self) -> Self:
        with _reported(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
        NewFile(self._root / "probe").discard()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to do: every file is complete or absent."""

    def write(self, article: Article) -> None:
        """Write one article to a file of its own."""
        data = _bytes(self._encode(article))
        path = self.place(article.id)
        self._claim(path.relative_to(self._root).as_posix(), path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise InputError("its output's name is taken by a file or folder of another", stage="write") from error
        except OSError as error:
            raise _output_error(path, error) from error
        with new_file(path) as file:
            file.write(data)

    def place(self, id: str) -> Path:
        """The file for the article of this id."""
        return self._root / file_name(id, self._suffix)

    def _claim(self, name: str, path: Path) -> None:
        """Refuse a name that this run has written before, on a file system that ignores case too."""
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded not in self._taken:
            self._taken[folded] = name
        elif self._taken[folded] == name or _same_file(self._root / self._taken[folded], path):
            raise InputError("another input of this run has the same id", stage="write")


@dataclass(frozen=True, slots=True)
class Target:
    """A sink, the form that bodies must have for it, and whether it takes them bare or in records."""

    sink: Sink
    form: Form
    bare: bool


def find_target(output: str | None, to: To | None, *, several: bool) -> Target:
    """The place that an output path names, None and `-` being standard output; `several` documents are to come.

    A folder, or a path that ends in `/` or has no suffix, is a tree. Without `to`, the suffix tells the form.
    Several documents go to standard output as records. Raises `UsageError` when the path fits none of this, or is
    a file that can hold only one document.
    """
    form: Form = "markdown" if to == "markdown" else "text"
    if output in (None, "-"):
        bare = to != "jsonl" and not several
        return Target(StdoutSink(body if bare else line), form, bare)
    path = Path(output)
    suffix = _suffix(path)
    if path.is_dir() or output.endswith(("/", os.sep)) or not (path.suffix or path.exists()):
        bare = to != "jsonl"
        return Target(TreeSink(path, _TREE_SUFFIXES[to or "text"], body if bare else line), form, bare)
    said = SUFFIXES.get(suffix, to or (None if path.suffix else "text"))
    if said is None:
        raise UsageError(
            f"{output}: unknown suffix {path.suffix}, use .txt, .md or .jsonl (.gz, .zst), or a folder: {output}/"
        )
    return _file_target(path, said, to or said, several)


def _file_target(path: Path, said: To, to: To, several: bool) -> Target:
    """One file. Records may hold any form of a body; of bare bodies, or of `.json`, it holds one."""
    bare = said != "jsonl" and to != "jsonl"
    if several and (bare or _suffix(path) == ".json"):
        stem = path.name.split(".")[0]
        raise UsageError(f"{path} holds one document, but there are several: use -o {stem}/ or -o {stem}.jsonl")
    sink = FileSink(path, body if bare else line, may_be_empty=not bare)
    return Target(sink, "markdown" if to == "markdown" else "text", bare)


def _suffix(path: Path) -> str:
    """The suffix that tells a form, looking through one of packing."""
    return Path(path.stem).suffix.lower() if path.suffix.lower() in PACKED else path.suffix.lower()


class NewFile:
    """A file in the making, under a temporary name until `commit`. Raises `OutputError` if it can't be written.

    What is there already and is no regular file (a device, a pipe) is written to directly.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        special = path.exists() and (not path.is_file() or path.parts[:2] == ("/", "dev"))
        self._place = path if special else Path(os.path.realpath(path))
        self._temporary = path if special else self._place.with_name(f".clean-{MARK}-{next(_numbers)}.tmp")
        self._streams = ExitStack()
        with _reported(path):
            raw = self._streams.enter_context(self._temporary.open("wb" if special else "xb"))
            self._stream = self._streams.enter_context(_compressed(raw, path.suffix.lower()))

    def write(self, data: bytes) -> None:
        """Append bytes."""
        with _reported(self._path):
            self._stream.write(data)

    def commit(self, *, synced: bool = False) -> None:
        """Complete the file and put it in its place; `synced`, it is whole there even after a loss of power."""
        try:
            with _reported(self._path):
                self._streams.close()
                if self._temporary is not self._place:
                    if synced:
                        sync(self._temporary)
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


def file_name(id: str, suffix: str) -> str:
    """The relative path of an id's output, safe on every system. Different ids give different paths.

    Parts of a path stay parts; what a name can't hold is percent-encoded as UTF-8, `%` too. An empty part is
    a lone `%`; a part or path too long is cut, with `%~` and a hash of the whole.
    """
    path = "/".join([_part(part) for part in id.split("/")])
    if len(path.encode()) > MAX_PATH:
        path = _cut(path.rpartition("/")[2], id)
    return path + suffix


def _part(part: str) -> str:
    name = _RESERVED.sub(_percent, _NOT_IN_NAMES.sub(_percent, part)) if part else "%"
    return _cut(name, part) if len(name.encode()) > MAX_PART else name


def _percent(match: regex.Match[str]) -> str:
    return "".join([f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass")])


def _cut(name: str, whole: str) -> str:
    start = name.encode()[: MAX_PART - 80].decode("utf-8", "ignore")
    return f"{start}%~{hashlib.sha256(whole.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _compressed(raw: IO[bytes], suffix: str) -> IO[bytes]:
    """A stream by the suffix of the file's name. Nothing of the time or the name gets into the bytes."""
    if suffix == ".gz":
        import gzip  # only for files that want it

        return gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0)  # type: ignore[return-value]
    if suffix == ".zst":
        import zstandard  # only for files that want it

        return zstandard.ZstdCompressor().stream_writer(raw, closefd=False)
    return raw


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _bytes(words: str) -> bytes:
    return words.encode("utf-8", "replace")


@contextmanager
def _reported(place: Path | str) -> Iterator[None]:
    """Turn the system's refusal to write into `OutputError`; a closed pipe stays what it is."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _output_error(place, error) from error


def _output_error(place: Path | str, error: OSError) -> OutputError:
    return OutputError(f"cannot write to {place}: {error.strerror or error}")
