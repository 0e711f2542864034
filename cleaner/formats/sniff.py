"""Tell by content and suffix what a stream holds: one document, records, a table, or an archive of any of these."""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import Final, Literal, TypeAlias

from cleaner.errors import InputError
from cleaner.formats.archives import is_tar, is_zip
from cleaner.formats.delimited import is_header
from cleaner.formats.jsonl import BOM, json_object
from cleaner.formats.parquet import MAGIC as PARQUET_MAGIC
from cleaner.formats.records import Fields
from cleaner.formats.unpack import PACKED_SUFFIXES
from cleaner.formats.warc import PAGE_START
from cleaner.formats.warc import START as WARC_START
from cleaner.model import SourceKind

#: What a user may say that inputs are, and what they may turn out to be.
Form: TypeAlias = Literal["auto", "html", "text", "jsonl", "csv", "tsv", "parquet", "warc"]
Found: TypeAlias = Literal["document", "jsonl", "csv", "tsv", "parquet", "warc", "tar", "zip"]

#: How many of a stream's first bytes are looked at.
LOOK: Final = 64 * 1024
HTML_SUFFIXES: Final = frozenset({".html", ".htm", ".xhtml"})
TEXT_SUFFIXES: Final = frozenset({".txt", ".text", ".md"})
_FORMS_BY_SUFFIX: Final[dict[str, Found]] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".warc": "warc",
    ".wet": "warc",
    ".tar": "tar",
    ".zip": "zip",
}
_PACKED_TAR_SUFFIXES: Final = frozenset({".tgz", ".tbz2", ".txz", ".tzst"})
KNOWN_SUFFIXES: Final = HTML_SUFFIXES | TEXT_SUFFIXES | _FORMS_BY_SUFFIX.keys()

# Of a file that is called HTML, any tag is believed; without one it is flat text under a wrong name.
_ANY_TAG: Final = re.compile(rb"</?[a-z][^<>]{0,2000}>|<!doctype", re.I)


def suffix_of(name: str) -> str:
    """The suffix that tells a file's form, lower-cased, looking through one suffix of packing."""
    path = PurePath(name.lower())
    if path.suffix in _PACKED_TAR_SUFFIXES:
        return ".tar"
    return PurePath(path.stem).suffix if path.suffix in PACKED_SUFFIXES else path.suffix


def find_form(head: bytes, name: str, form: Form, fields: Fields) -> Found:
    """What a stream holds that begins with `head`. What is said of it counts, but archives are always looked into."""
    if is_tar(head):
        return "tar"
    if is_zip(head):
        return "zip"
    if form != "auto":
        return "document" if form == "html" or form == "text" else form
    if head.startswith(PARQUET_MAGIC):
        return "parquet"
    if WARC_START.match(head):
        return "warc"
    return _form_of_text(head, suffix_of(name), fields)


def _form_of_text(head: bytes, suffix: str, fields: Fields) -> Found:
    start = head.removeprefix(BOM).lstrip()
    by_suffix = _FORMS_BY_SUFFIX.get(suffix)
    if by_suffix:
        return "document" if start.startswith(b"<") else by_suffix
    line, end, _ = start.partition(b"\n")
    if start.startswith(b"{"):
        return "jsonl" if _begins_records(line, bool(end) or len(head) < LOOK, fields) else "document"
    if not suffix and is_header(line.decode("utf-8", "replace"), fields):
        return "tsv" if b"\t" in line else "csv"
    return "document"


def _begins_records(line: bytes, whole: bool, fields: Fields) -> bool:
    """Whether a line is a record with a page in it; of one longer than what we look at, its keys must do."""
    if not whole:
        return any(json.dumps(name).encode() in line for name in (fields.html, fields.text))
    try:
        return not {fields.html, fields.text}.isdisjoint(json_object(line))
    except InputError:
        return False


def document_kind(head: bytes, name: str, form: Form) -> SourceKind:
    """What is known of a document's kind before it is decoded."""
    if form == "html" or form == "text":
        return form
    suffix = suffix_of(name)
    narrow = head.replace(b"\0", b"")  # UTF-16 without its NULs looks enough like ASCII for these tests
    if suffix in TEXT_SUFFIXES and not PAGE_START.match(narrow):
        return "text"
    return "html" if suffix in HTML_SUFFIXES and _ANY_TAG.search(narrow) else "auto"
