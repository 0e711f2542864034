"""Write articles: to standard output, to one file, to shards of one, or to a tree of files named by the articles' ids.

Files take their place when they are complete; a run that fails leaves what was there before. Outputs are named by
input identity alone, and the same articles in the same order are always the same bytes.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Protocol, Self, TypeAlias

from cleaner.errors import InputError, OutputError, UsageError
from cleaner.files import PACKED, NewFile, new_file, output_error, reported
from cleaner.model import Article
from cleaner.names import file_name
from cleaner.render import Form, json_line, line_of, plain


class Encoder(Protocol):
    """Makes the bytes of a file out of articles, one after the other."""

    def encode(self, article: Article) -> bytes:
        """The next bytes. Raises `InputError` if this article can't be written."""

    def end(self) -> bytes:
        """The last bytes."""


class _Each:
    """Each article by itself, as a text."""

    def __init__(self, form: Callable[[Article], bytes]) -> None:
        self._form = form

    def encode(self, article: Article) -> bytes:
        return self._form(article)

    def end(self) -> bytes:
        return b""


#: What makes the encoder for a new file.
Begin: TypeAlias = Callable[[], Encoder]


def _body(article: Article) -> bytes:
    return article.text.encode("utf-8", "replace")


def _removal_line(article: Article) -> bytes:
    from cleaner.removed import removal_row  # only for runs that ask for it

    return json_line(plain(removal_row(article))).encode("utf-8", "replace")


def _columns() -> Encoder:
    from cleaner.columns import Columns  # only for files that want it

    return Columns()


BODIES: Final[Begin] = partial(_Each, _body)
LINES: Final[Begin] = partial(_Each, line_of)
COLUMNS: Final[Begin] = _columns
#: What went of the articles, a row for each.
REMOVALS: Final[Begin] = partial(_Each, _removal_line)

#: What a user may ask for: a form of the bare body, or records.
To: TypeAlias = Literal["text", "markdown", "jsonl", "parquet"]

SUFFIXES: Final[Mapping[str, To]] = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "jsonl",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
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

    def __init__(self, begin: Begin = BODIES) -> None:
        self._encoder = begin()

    def __enter__(self) -> Self:
        if sys.stdout is None:  # as after `>&-`
            raise OutputError("cannot write to standard output: it is closed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._put(self._encoder.end())

    def write(self, article: Article) -> None:
        """Write one article at once, so that the next program in a pipe need not wait."""
        self._put(self._encoder.encode(article))

    def _put(self, data: bytes) -> None:
        with reported("standard output"):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


class FileSink:
    """One file, compressed if its name ends in `.gz` or `.zst`.

    Unless it `may_be_empty`, a run without any article leaves what was there before.
    """

    def __init__(self, path: Path, begin: Begin = LINES, *, may_be_empty: bool = True) -> None:
        self._path = path
        self._begin = begin
        self._wanted = may_be_empty

    def __enter__(self) -> Self:
        self._encoder = self._begin()
        self._file = NewFile(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._wanted:
                self._file.write(self._encoder.end())
                self._file.complete()
                self._file.commit()
        finally:
            self._file.discard()

    def write(self, article: Article) -> None:
        """Append one article."""
        self._file.write(self._encoder.encode(article))
        self._wanted = True


class ShardSink:
    """Files of `size` articles each, numbered: `out-00000.jsonl`, `out-00001.jsonl`, …

    They are one output: all take their places together at the end, and shards that an earlier, longer run has left
    behind the last are removed with those that are replaced.
    """

    def __init__(self, path: Path, begin: Begin, size: int) -> None:
        self._path = path
        self._begin = begin
        self._size = size
        self._complete: list[NewFile] = []
        self._count = 0

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                if self._count or not self._complete:
                    self._close()
                for file in self._complete:
                    file.commit()
                self._remove_left_over()
        finally:
            for file in (self._file, *self._complete):
                file.discard()

    def write(self, article: Article) -> None:
        """Append one article, in a new shard if the last one is full."""
        if self._count == self._size:
            self._close()
            self._open()
        self._file.write(self._encoder.encode(article))
        self._count += 1

    def _open(self) -> None:
        self._encoder = self._begin()
        self._file = NewFile(shard_path(self._path, len(self._complete)))
        self._count = 0

    def _close(self) -> None:
        self._file.write(self._encoder.end())
        self._file.complete()
        self._complete.append(self._file)

    def _remove_left_over(self) -> None:
        number = len(self._complete)
        while (path := shard_path(self._path, number)).is_file():
            with reported(path):
                path.unlink()
            number += 1


def shard_path(path: Path, number: int) -> Path:
    """The path of one shard: the number goes before the suffixes that tell form and packing."""
    suffix = "".join(path.suffixes[-2:]) if path.suffix.lower() in PACKED else path.suffix
    return path.with_name(f"{path.name.removesuffix(suffix)}-{number:05}{suffix}")


class TreeSink:
    """A folder with one file per article: `<id><suffix>`, made safe by `file_name`."""

    def __init__(self, root: Path, suffix: str, begin: Begin = BODIES) -> None:
        self._root = root
        self._suffix = suffix
        self._begin = begin
        self._taken: dict[str, str] = {}

    def __enter__(self) -> Self:
        with reported(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
        NewFile(self._root / "probe").discard()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to do: every file is complete or absent."""

    def write(self, article: Article) -> None:
        """Write one article to a file of its own."""
        encoder = self._begin()
        data = encoder.encode(article) + encoder.end()
        path = self.place(article.id)
        self._claim(path.relative_to(self._root).as_posix(), path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise InputError("its output's name is taken by a file or folder of another", stage="write") from error
        except OSError as error:
            raise output_error(path, error) from error
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


class SinkPair:
    """Two sinks that get the same articles; the second only those that the first could take."""

    def __init__(self, first: Sink, second: Sink) -> None:
        self._sinks = (first, second)
        self._entered = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as entered:
            for sink in self._sinks:
                entered.enter_context(sink)
            self._entered = entered.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered.__exit__(kind, error, trace)

    def write(self, article: Article) -> None:
        """Write one article to both."""
        for sink in self._sinks:
            sink.write(article)


@dataclass(frozen=True, slots=True)
class Target:
    """A sink, the form that bodies must have for it, and what makes its encoder."""

    sink: Sink
    form: Form
    begin: Begin


def with_removals(sink: Sink, path: str | None) -> Sink:
    """The sink, and beside it a file of what went, if there is to be one."""
    return SinkPair(sink, FileSink(Path(path), REMOVALS)) if path else sink


def find_target(output: str | None, to: To | None, *, several: bool, shard_size: int | None = None) -> Target:
    """The place that an output path names, None and `-` being standard output; `several` documents are to come.

    A folder, or a path that ends in `/` or has no suffix, is a tree. Without `to`, the suffix tells the form.
    Several documents go to standard output as records. With a `shard_size`, the path stands for files of so many
    documents each. Raises `UsageError` when the path fits none of this, or is a file that can hold only one document.
    """
    if output in (None, "-"):
        _refuse_shards(shard_size)
        return _stdout_target(to, several)
    path = Path(output)
    if path.is_dir() or output.endswith(("/", os.sep)) or not (path.suffix or path.exists()):
        _refuse_shards(shard_size)
        return _tree_target(path, to)
    said = SUFFIXES.get(_suffix(path), to or (None if path.suffix else "text"))
    if said is None:
        known = ".txt, .md, .jsonl or .parquet (.gz, .zst)"
        raise UsageError(f"{output}: unknown suffix {path.suffix}, use {known}, or a folder: {output}/")
    return _file_target(path, said, to or said, several, shard_size)


def _refuse_shards(size: int | None) -> None:
    if size is not None:
        raise UsageError("--shard-size cuts one file into several: name it, as in -o out.jsonl or -o out.parquet")


def _stdout_target(to: To | None, several: bool) -> Target:
    if to == "parquet":
        if sys.stdout is not None and sys.stdout.isatty():
            raise UsageError("Parquet is nothing for a terminal: use -o out.parquet, or redirect it")
        return Target(StdoutSink(COLUMNS), "text", COLUMNS)
    begin = LINES if to == "jsonl" or several else BODIES
    return Target(StdoutSink(begin), _form(to), begin)


def _tree_target(path: Path, to: To | None) -> Target:
    if to == "parquet":
        raise UsageError(f"{path} is a folder with a file for each document: use -o {path.name or 'out'}.parquet")
    begin = LINES if to == "jsonl" else BODIES
    return Target(TreeSink(path, _TREE_SUFFIXES[to or "text"], begin), _form(to), begin)


def _file_target(path: Path, said: To, to: To, several: bool, shard_size: int | None) -> Target:
    """One file. Records may hold any form of a body; of bare bodies, or of `.json`, it holds one."""
    if {said, to} == {"jsonl", "parquet"}:
        raise UsageError(f"{path} by its suffix is {said}, but --to says {to}: leave one of them out")
    bare = {said, to}.isdisjoint({"jsonl", "parquet"})
    stem = path.name.split(".")[0]
    if several and (bare or _suffix(path) == ".json"):
        raise UsageError(f"{path} holds one document, but there are several: use -o {stem}/ or -o {stem}.jsonl")
    begin: Begin = COLUMNS if "parquet" in (said, to) else BODIES if bare else LINES
    if shard_size is None:
        return Target(FileSink(path, begin, may_be_empty=not bare), _form(to), begin)
    if bare or _suffix(path) == ".json":
        raise UsageError(f"shards hold records: use -o {stem}.jsonl or -o {stem}.parquet")
    return Target(ShardSink(path, begin, shard_size), _form(to), begin)


def _form(to: To | None) -> Form:
    return "markdown" if to == "markdown" else "text"


def _suffix(path: Path) -> str:
    """The suffix that tells a form, looking through one of packing."""
    return Path(path.stem).suffix.lower() if path.suffix.lower() in PACKED else path.suffix.lower()


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
