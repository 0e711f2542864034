"""Turn a record, from whatever it was read, into a source: which of its fields is the page, which are known facts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from cleaner.errors import InputError
from cleaner.model import KINDS, Earlier, Failure, Source


@dataclass(frozen=True, slots=True)
class Fields:
    """The names under which a record holds a page, a text, its identity and its address.

    `carried` are the fields that ride along as metadata; None stands for all others.
    """

    html: str = "html"
    text: str = "text"
    id: str = "id"
    url: str = "url"
    carried: tuple[str, ...] | None = None

    def wanted(self, names: Sequence[str]) -> list[str]:
        """Those of some fields that are of any use."""
        if self.carried is None:
            return list(names)
        useful = {self.html, self.text, self.id, self.url, "title", *self.carried, *_OURS}
        return [name for name in names if name in useful]


#: What only a record that this tool wrote holds all of.
_OURS: Final = frozenset({"author", "date", "language", "metadata", "notes", "removed", "ruleset", "status"})


def record_source(record: Mapping[str, Any], id: str, place: str, fields: Fields) -> Source | Failure:
    """The source that a record holds, or why it holds none.

    `id` is for a record without an id of its own, `place` says in messages where it stands.
    """
    id = _own_id(record, fields) or id
    try:
        field, kind = _content_field(record, fields)
    except InputError as error:
        return Failure(id, error.stage, f"{place}: {error}")
    content = record[field]
    return Source(
        # Escapes such as \ud800 make text that strict UTF-8 can't carry; decoding knows this form.
        content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"),
        id=id,
        url=_string(record, fields.url),
        kind=kind,
        title=_string(record, "title"),
        earlier=_earlier(record) if kind == "text" else None,
        metadata=_metadata(record, field, fields),
    )


def decoded(value: bytes) -> str:
    """Bytes in a field of text: UTF-8, else the code page of Western Windows, which is what remains in tables."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _string(record: Mapping[str, Any], field: str) -> str | None:
    value = record.get(field)
    return value if isinstance(value, str) else None


def _own_id(record: Mapping[str, Any], fields: Fields) -> str | None:
    """A record's own id if it has a usable one; lone surrogates in it are replaced."""
    value = record.get(fields.id)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).encode("utf-8", "replace").decode() or None


def _content_field(record: Mapping[str, Any], fields: Fields) -> tuple[str, Literal["html", "text"]]:
    """The name and kind of the field that holds the page; raises InputError if there is none.

    A field that the user named goes before one that has its usual name; else HTML before text, as it says more.
    """
    wanted: list[tuple[str, Literal["html", "text"]]] = [(fields.html, "html"), (fields.text, "text")]
    wanted.sort(key=lambda pair: pair[0] == pair[1])
    present = [(name, kind) for name, kind in wanted if record.get(name) is not None]
    for name, kind in present:
        if isinstance(record[name], str | bytes):
            return name, kind
    if present:
        raise InputError(
            f"field {_quoted([present[0][0]])} holds no string; name one that does: --text-field or --html-field"
        )
    asked = " nor ".join(_quoted([name]) for name, _ in wanted)
    found = _quoted(list(record)) or "no field at all"
    raise InputError(f"neither {asked} in it, but {found}; say which holds the page: --text-field or --html-field")


def _quoted(names: Sequence[str], most: int = 8) -> str:
    """Field names for a message: quoted, escaped, and no more than a line can take."""
    shown = [json.dumps(name[:40]) for name in names[:most]]
    return ", ".join([*shown, "…"] if len(names) > most else shown)


def _metadata(record: Mapping[str, Any], content: str, fields: Fields) -> dict[str, Any]:
    """The fields that ride along: all but those we took, and `text`, the name that the clean text will have."""
    taken = {content, fields.text} if fields.text == "text" else {content}
    taken.update(name for name in (fields.url, "title") if _string(record, name) is not None)
    if _own_id(record, fields) is not None:
        taken.add(fields.id)
    if _is_ours(record):
        record = {**{key: value for key, value in record.items() if key not in _OURS}, **record["metadata"]}
    ours = {fields.html, fields.text, fields.id, fields.url, "title"}
    kept = {key: value for key, value in record.items() if key not in taken and not (value is None and key in ours)}
    if fields.carried is None:
        return kept
    return {key: value for key, value in kept.items() if key in fields.carried}


def _is_ours(record: Mapping[str, Any]) -> bool:
    """Whether this tool wrote the record: it has all our fields, in our types."""
    if not record.keys() >= _OURS:
        return False
    mappings, texts = (record["metadata"], record["removed"]), (record["ruleset"], record["status"])
    return all(isinstance(value, Mapping) for value in mappings) and all(isinstance(value, str) for value in texts)


def _earlier(record: Mapping[str, Any]) -> Earlier | None:
    """What one of our own records knows of its text already."""
    if not _is_ours(record):
        return None
    notes = record["notes"]
    return Earlier(
        ruleset=record["ruleset"],
        author=_string(record, "author"),
        date=_string(record, "date"),
        language=_string(record, "language"),
        removed={kind: count for kind, count in record["removed"].items() if type(count) is int and kind in KINDS},
        notes=tuple(note for note in notes if isinstance(note, str)) if isinstance(notes, list) else (),
    )
