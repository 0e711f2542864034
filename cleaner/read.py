"""Turn paths and standard input into sources, one at a time; what can't be read becomes a failure."""

from __future__ import annotations

import gzip
import json
import os
import re
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from io import BufferedIOBase
from itertools import chain
from pathlib import Path, PurePath
from typing import Any, Final, Literal, TypeAlias, cast

from cleaner.errors import InputError
from cleaner.model import Failure, Source, SourceKind

Form: TypeAlias = Literal["auto", "html", "text", "jsonl"]

#: The most bytes one document may have once it is inflated. JSON Lines are streamed, so that only each line is capped.
MAX_BYTES: Final = 256 * 1024 * 1024
#: The most bytes one line of JSON Lines may have.
MAX_LINE: Final = 64 * 1024 * 1024
#: How many times larger a packed file may become, looked at only past `RATIO_FROM` inflated bytes.
MAX_RATIO: Final = 1000
RATIO_FROM: Final = 10 * 1024 * 1024

STDIN: Final = "-"
STDIN_ID: Final = "stdin"
HTML_SUFFIXES: Final = frozenset({".html", ".htm", ".xhtml"})
TEXT_SUFFIXES: Final = frozenset({".txt", ".text", ".md"})
RECORD_SUFFIXES: Final = frozenset({".jsonl", ".ndjson"})
PACKED_SUFFIXES: Final = frozenset({".gz", ".zst"})

_KNOWN_SUFFIXES: Final = HTML_SUFFIXES | TEXT_SUFFIXES | RECORD_SUFFIXES
_GZIP_MAGIC: Final = b"\x1f\x8b"
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_CHUNK: Final = 1024 * 1024
# One kibibyte of hostile zstd inflates to at most 32 MiB, so a bomb is seen before it fills the memory.
_ZSTD_STEP: Final = 1024
_HEAD: Final = 64 * 1024
# A page that somebody saved as .txt. Anything short of a document's own beginning stays text there: an article
# about HTML has tags, too.
_DOCUMENT_START: Final = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?:\s|<!--.*?-->|<\?xml[^>]*>)*+<(?:!doctype\s+html|html[\s>])", re.I | re.S
)

# Of a file that is called HTML, any tag is believed; without one it is flat text under a wrong name.
_ANY_TAG: Final = re.compile(rb"</?[a-z][^<>]{0,2000}>|<!doctype", re.I)


@dataclass(frozen=True, slots=True)
class Fields:
    """The names under which a JSON Lines record holds a page, a text, its identity and its address."""

    html: str = "html"
    text: str = "text"
    id: str = "id"
    url: str = "url"


@dataclass(frozen=True, slots=True)
class _File:
    """A path to read, and the id that its source will have."""

    path: str
    id: str


def read(inputs: Sequence[str], *, form: Form = "auto", fields: Fields = Fields()) -> Iterator[Source | Failure]:
    """Yield one source for each document of `inputs`, in order, and one failure for each that can't be read.

    `inputs` are paths of files and folders, and `-` for standard input. Folders are walked in the byte order of
    their relative paths; hidden entries, symbolic links to folders and unknown suffixes are no inputs there. `form`
    says how every file is read; `auto` goes by suffix and content. `fields` names the fields of JSON Lines records.
    Ids are unique within one call. Nothing is raised for bad input.
    """
    taken: dict[str, int] = {}
    for item in _items(inputs, form, fields):
        yield replace(item, id=_unique(item.id, taken))


def _unique(wanted: str, taken: dict[str, int]) -> str:
    """Return `wanted`, or the first of `wanted~2`, `wanted~3`, … that is not taken yet, and take it.

    `taken` maps each name to the last number tried with it: a million equal ids must not take a million tries each.
    """
    name = wanted
    while name in taken:
        taken[wanted] += 1
        name = f"{wanted}~{taken[wanted]}"
    taken[name] = 1
    return name


def _items(inputs: Sequence[str], form: Form, fields: Fields) -> Iterator[Source | Failure]:
    base = _base([path for path in inputs if path != STDIN])
    stdin_read = False
    for path in inputs:
        if path != STDIN:
            for file in _files(path, base, form):
                yield from [file] if isinstance(file, Failure) else _read_file(file, form, fields)
        elif stdin_read:
            yield Failure(STDIN_ID, "read", "standard input can be read only once; give - once")
        else:
            stdin_read = True
            yield from _read_file(_File(STDIN, STDIN_ID), form, fields)


# --- Which files, and what they are called ---------------------------------------------------------------------------


def _base(paths: Sequence[str]) -> str:
    """Return the folder that ids are relative to: the folder itself if it is the only path, else the common parent."""
    absolute = [_absolute(path) for path in paths]
    if len(paths) == 1 and _is_folder(paths[0]):
        return str(absolute[0])
    try:
        return os.path.commonpath([path.parent for path in absolute])
    except ValueError:  # no path at all, or paths on several drives
        return os.sep


def _absolute(path: str) -> PurePath:
    """Return an absolute path without `..`; symbolic links stay, for a file is called what the user called it."""
    return PurePath(os.path.abspath(path))  # noqa: PTH100


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):  # the same error comes up again, and is reported, when the path is read
        return False


def _id(path: str, base: str) -> str:
    """Return the id of a path: relative to `base`, with `/`, and valid Unicode whatever bytes the name has."""
    try:
        relative = os.path.relpath(path, base)
    except ValueError:  # a path on another drive, or with a NUL in it
        relative = os.curdir
    if relative == os.curdir:
        relative = _absolute(path).name
    return os.fsencode(relative.replace(os.sep, "/")).decode("utf-8", "replace")


def _files(path: str, base: str, form: Form) -> Iterator[_File | Failure]:
    """Yield the files that a path given by the user stands for, or why there are none."""
    name = _id(path, base)
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError) as error:
        yield Failure(name, "read", _why_not(error))
        return
    if stat.S_ISREG(mode):
        yield _File(path, name)
    elif not stat.S_ISDIR(mode):
        # Opening a pipe that nobody writes to would block for ever.
        yield Failure(name, "read", "a pipe, socket or device, not a file; feed it in: clean - < PATH")
    elif form == "jsonl":
        yield Failure(name, "read", "a folder, not a JSON Lines file; give its files, or leave the form to be detected")
    else:
        yield from _walk(path, base)


def count_documents(inputs: Sequence[str], form: Form = "auto") -> int | None:
    """Return how many documents `inputs` hold, as far as the names of files tell; None where only reading does."""
    if form == "jsonl" or STDIN in inputs:
        return None
    base = _base(inputs)
    count = 0
    for file in chain.from_iterable(_files(path, base, form) for path in inputs):
        if isinstance(file, _File) and _suffix(file.path) in RECORD_SUFFIXES:
            return None
        count += 1
    return count


def _walk(folder: str, base: str) -> Iterator[_File | Failure]:
    """Yield the readable files under a folder, in the byte order of their relative paths."""
    pending = [_listing(folder, base)]
    while pending:
        entry = next(pending[-1], None)
        if entry is None:
            pending.pop()
        elif isinstance(entry, Failure):
            yield entry
        elif entry.is_dir(follow_symlinks=False):
            pending.append(_listing(entry.path, base))
        elif found := _found(entry.path, _id(entry.path, base)):
            yield found


def _found(path: str, name: str) -> _File | Failure | None:
    """Return a folder's entry if it is a file or can't be looked at; pipes, devices and linked folders are None."""
    try:
        regular = stat.S_ISREG(Path(path).stat().st_mode)
    except OSError as error:
        dangling = isinstance(error, FileNotFoundError) and Path(path).is_symlink()
        return Failure(name, "read", "a symbolic link to nothing; mend or remove it" if dangling else _why_not(error))
    return _File(path, name) if regular else None


def _listing(folder: str, base: str) -> Iterator[os.DirEntry[str] | Failure]:
    """Yield a folder's entries that may matter, sorted as their paths sort: a folder's name counts with its `/`."""
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if not entry.name.startswith(".") and _may_matter(entry)]
    except OSError as error:
        yield Failure(_id(folder, base), "read", _why_not(error))
        return
    yield from sorted(found, key=lambda e: os.fsencode(e.name) + b"/" * e.is_dir(follow_symlinks=False))


def _may_matter(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) or _suffix(entry.name) in _KNOWN_SUFFIXES


def _suffix(name: str) -> str:
    """Return the suffix that tells a file's form, lower-cased, looking through one suffix of packing."""
    path = PurePath(name.lower())
    return PurePath(path.stem).suffix if path.suffix in PACKED_SUFFIXES else path.suffix


def _why_not(error: Exception) -> str:
    """Say in one line why a path can't be read, and what to do."""
    if isinstance(error, FileNotFoundError):
        return "no such file or folder; check the path"
    if isinstance(error, PermissionError):
        return "no permission to read it; change its mode or owner (chmod, chown)"
    if isinstance(error, OSError) and error.strerror:
        return f"the system can't read it ({error.strerror}); check the path and the disk"
    return "not a valid path; check its spelling"


# --- One stream ------------------------------------------------------------------------------------------------------


def _read_file(file: _File, form: Form, fields: Fields) -> Iterator[Source | Failure]:
    """Yield what one file or standard input holds: a document, or the records of JSON Lines."""
    try:
        with _open(file) as stream:
            # Lines may come in slowly; the first of them is all that need be seen of what is known to be JSON Lines.
            head, chunks = _peek(_inflate(stream, file.path), until=b"\n" if form == "jsonl" else None)
            if _holds_records(head, file.path, form, fields):
                _refuse_other_json(head)
                yield from _records(chunks, file.id, fields)
            else:
                yield Source(_joined(chunks), id=file.id, kind=_kind(head, file.path, form))
    except InputError as error:
        yield Failure(file.id, error.stage, str(error))
    except OSError as error:
        yield Failure(file.id, "read", _why_not(error))


def _open(file: _File) -> AbstractContextManager[BufferedIOBase]:
    if file.path != STDIN:
        return Path(file.path).open("rb")
    if sys.stdin is None:
        raise InputError("standard input is closed; feed it or name a file")
    return nullcontext(cast("BufferedIOBase", sys.stdin.buffer))


def _peek(chunks: Iterator[bytes], until: bytes | None) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes of a stream, and the whole of it again; what breaks it off is raised in its place.

    Nothing is read beyond the first piece that holds `until`.
    """
    first: list[bytes] = []
    size = 0
    try:
        while size < _HEAD and (chunk := next(chunks, None)) is not None:
            first.append(chunk)
            size += len(chunk)
            if until is not None and until in chunk:
                break
    except InputError as error:
        chunks = _breaking(error)
    return b"".join(first)[:_HEAD], chain(first, chunks)


def _breaking(error: InputError) -> Iterator[bytes]:
    """Yield nothing and raise the error, once somebody reads on."""
    raise error
    yield b""


def _joined(chunks: Iterable[bytes]) -> bytes:
    """Return a whole document; raises InputError past `MAX_BYTES`."""
    kept: list[bytes] = []
    size = 0
    for chunk in chunks:
        kept.append(chunk)
        size += len(chunk)
        if size > MAX_BYTES:
            raise InputError(f"larger than {MAX_BYTES >> 20} MiB; split it, or give its documents as JSON Lines")
    return b"".join(kept)


def _kind(head: bytes, path: str, form: Form) -> SourceKind:
    """Return what is known of a document's kind before it is decoded."""
    if form == "html" or form == "text":
        return form
    suffix = _suffix(path)
    narrow = head.replace(b"\0", b"")  # UTF-16 without its NULs looks enough like ASCII for these tests
    if suffix in TEXT_SUFFIXES and not _DOCUMENT_START.match(narrow):
        return "text"
    return "html" if suffix in HTML_SUFFIXES and _ANY_TAG.search(narrow) else "auto"


# --- Packed streams --------------------------------------------------------------------------------------------------


class _Counted:
    """A stream that counts what was read from it, so that packed and inflated sizes can be compared.

    It gives what is there, and waits only where there is nothing yet: records are cleaned as they come in.
    """

    def __init__(self, first: bytes, stream: BufferedIOBase) -> None:
        self._first = first
        self._stream = stream
        self.count = 0

    def read(self, size: int) -> bytes:
        if self._first:
            data, self._first = self._first[:size], self._first[size:]
        else:
            data = self._stream.read1(size)
        self.count += len(data)
        return data


def _inflate(stream: BufferedIOBase, path: str) -> Iterator[bytes]:
    """Yield a stream's bytes, inflated if they are packed; the content tells, not the suffix.

    Raises InputError for what is cut off, damaged, or grows beyond `MAX_RATIO`.
    """
    first = stream.read(4)
    if not first and PurePath(path.lower()).suffix in PACKED_SUFFIXES:
        raise InputError("an empty file where a packed one was promised; fetch it again")
    counted = _Counted(first, stream)
    if first.startswith(_GZIP_MAGIC):
        yield from _within_ratio(_gunzip(counted), counted)
    elif first == _ZSTD_MAGIC:
        yield from _within_ratio(_unzstd(counted), counted)
    else:
        yield from iter(lambda: counted.read(_CHUNK), b"")


def _gunzip(packed: _Counted) -> Iterator[bytes]:
    # read1 hands over what is there before it finds the stream cut off; read would take it along into the error.
    with gzip.GzipFile(fileobj=packed, mode="rb") as inflated:  # type: ignore[call-overload]
        try:
            yield from iter(lambda: inflated.read1(_CHUNK), b"")
        except EOFError:
            raise InputError("the gzip data is cut off; fetch the file again") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise InputError(f"the gzip data is damaged ({error}); fetch the file again") from None


def _unzstd(packed: _Counted) -> Iterator[bytes]:
    # Frame by frame, since only a frame's own object knows whether it ended: stream readers take a cut for the end.
    import zstandard

    frame = zstandard.ZstdDecompressor().decompressobj()
    rest, started = b"", False
    while data := rest or packed.read(_ZSTD_STEP):
        try:
            yield frame.decompress(data)
        except zstandard.ZstdError as error:
            raise InputError(f"the zstd data can't be unpacked ({error}); fetch it again, or try zstd -d") from None
        rest, started = b"", True
        if frame.eof:
            rest, started = frame.unused_data, False
            frame = zstandard.ZstdDecompressor().decompressobj()
    if started:
        raise InputError("the zstd data is cut off; fetch the file again")


def _within_ratio(chunks: Iterator[bytes], packed: _Counted) -> Iterator[bytes]:
    """Yield the chunks; raises InputError once they have outgrown what they were inflated from beyond belief."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > RATIO_FROM and size > MAX_RATIO * packed.count:
            raise InputError(f"inflates to more than {MAX_RATIO} times its size; unpack it yourself if you trust it")
        yield chunk


# --- JSON Lines ------------------------------------------------------------------------------------------------------


def _holds_records(head: bytes, path: str, form: Form, fields: Fields) -> bool:
    """Tell JSON Lines from a document, by suffix and by the first line."""
    if form != "auto":
        return form == "jsonl"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _suffix(path) in RECORD_SUFFIXES:
        return not start.startswith(b"<")
    if not start.startswith(b"{"):
        return False
    line, end, _ = start.partition(b"\n")
    if not end and len(head) == _HEAD:  # a first record longer than what we looked at: its keys must do
        return any(json.dumps(name).encode() in line for name in (fields.html, fields.text))
    try:
        return not {fields.html, fields.text}.isdisjoint(_object(line))
    except InputError:
        return False


def _records(chunks: Iterable[bytes], name: str, fields: Fields) -> Iterator[Source | Failure]:
    """Yield a source or a failure for each line that isn't blank; raises InputError where the stream breaks off."""
    number = 0
    try:
        for number, line in _lines(chunks):
            if line is None:
                reason = f"line {number}: longer than {MAX_LINE >> 20} MiB; split the record"
                yield Failure(f"{name}#{number}", "read", reason)
            elif text := line.removeprefix(b"\xef\xbb\xbf").strip():
                yield _record(text, name, number, fields)
    except InputError as error:
        raise InputError(f"{error}; lines read before that: {number}") from None


def _refuse_other_json(head: bytes) -> None:
    """Raise InputError if a file's first bytes show that it isn't JSON Lines in UTF-8, so no line of it can be."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("JSON Lines in UTF-16; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
        raise InputError("a JSON array, not JSON Lines; put one object on each line (jq -c '.[]' FILE)")


def _lines(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Yield numbered lines, None for one longer than `MAX_LINE`; never holds more than one line and one chunk."""
    held: list[bytes] = []
    number, size = 1, 0
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            fits = size + len(piece) <= MAX_LINE
            yield number, b"".join([*held, piece]) if fits else None
            held, number, size = [], number + 1, 0
        size += len(rest)
        if size > MAX_LINE:
            held.clear()
        else:
            held.append(rest)
    if size:
        yield number, b"".join(held) if size <= MAX_LINE else None


def _record(line: bytes, name: str, number: int, fields: Fields) -> Source | Failure:
    """Return the source that one line of JSON Lines holds, or why it holds none."""
    own_id = f"{name}#{number}"
    try:
        record = _object(line)
        own_id = _own_id(record, fields) or own_id
        field, kind = _content_field(record, fields)
    except InputError as error:
        return Failure(own_id, error.stage, f"line {number}: {error}")
    return Source(
        # Escapes such as \ud800 make text that strict UTF-8 can't carry; decoding knows this form.
        record[field].encode("utf-8", "surrogatepass"),
        id=own_id,
        url=_string(record, fields.url),
        kind=kind,
        title=_string(record, "title"),
        metadata=_metadata(record, field, fields),
    )


def _string(record: Mapping[str, Any], field: str) -> str | None:
    value = record.get(field)
    return value if isinstance(value, str) else None


def _metadata(record: Mapping[str, Any], content: str, fields: Fields) -> dict[str, Any]:
    """Return the fields that ride along: all but those we took, and `text`, the name that the clean text will have."""
    taken = {content, fields.text} if fields.text == "text" else {content}
    taken.update(name for name in (fields.url, "title") if _string(record, name) is not None)
    if _own_id(record, fields) is not None:
        taken.add(fields.id)
    ours = {fields.html, fields.text, fields.id, fields.url, "title"}
    return {key: value for key, value in record.items() if key not in taken and not (value is None and key in ours)}


def _object(line: bytes) -> dict[str, Any]:
    """Return the JSON object of one line; raises InputError with the place of the mistake."""
    try:
        # NaN and Infinity are no JSON, but common in it; null is what they mean.
        value = json.loads(line.decode("utf-8"), parse_constant=lambda _: None)
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start + 1}; write the file as UTF-8") from None
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON at column {error.colno} ({error.msg}); mend or drop the line") from None
    except (ValueError, RecursionError):
        raise InputError("JSON with numbers too long or nested too deep; drop the line") from None
    if not isinstance(value, dict):
        raise InputError("JSON, but no object; write one {…} on each line")
    return value


def _own_id(record: Mapping[str, Any], fields: Fields) -> str | None:
    """Return a record's own id if it has a usable one; lone surrogates in it are replaced."""
    value = record.get(fields.id)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).encode("utf-8", "replace").decode() or None


def _content_field(record: Mapping[str, Any], fields: Fields) -> tuple[str, Literal["html", "text"]]:
    """Return the name and kind of the field that holds the page; raises InputError if there is none.

    A field that the user named goes before one that has its usual name; else HTML before text, as it says more.
    """
    wanted: list[tuple[str, Literal["html", "text"]]] = [(fields.html, "html"), (fields.text, "text")]
    wanted.sort(key=lambda pair: pair[0] == pair[1])
    present = [(name, kind) for name, kind in wanted if record.get(name) is not None]
    for name, kind in present:
        if isinstance(record[name], str):
            return name, kind
    if present:
        raise InputError(
            f"field {_quoted([present[0][0]])} holds no string; name one that does: --text-field or --html-field"
        )
    asked = " nor ".join(_quoted([name]) for name, _ in wanted)
    found = _quoted(list(record)) or "no field at all"
    raise InputError(f"neither {asked} in it, but {found}; say which holds the page: --text-field or --html-field")


def _quoted(names: Sequence[str], most: int = 8) -> str:
    """Return field names for a message: quoted, escaped, and no more than a line can take."""
    shown = [json.dumps(name[:40]) for name in names[:most]]
    return ", ".join([*shown, "…"] if len(names) > most else shown)
