"""Tell by content and suffix what a stream holds: one document, records, a table, or an archive of any of these."""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import Final, Literal, TypeAlias

from cleaner.errors import InputError
from cleaner.formats.jsonl import BOM, json_object
from cleaner.formats.records import Fields
from cleaner.formats.unpack import PACKED_SUFFIXES
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
#: Files that hold any number of documents.
CONTAINER_SUFFIXES: Final = frozenset(_FORMS_BY_SUFFIX)
KNOWN_SUFFIXES: Final = HTML_SUFFIXES | TEXT_SUFFIXES | CONTAINER_SUFFIXES

#: What containers begin with.
PARQUET_MAGIC: Final = b"PAR1"
WARC_START: Final = re.compile(rb"WARC/\d+\.\d+[ \t]*\r?\n")
ZIP_MEMBER: Final = b"PK\x03\x04"
_ZIP_END: Final = b"PK\x05\x06"
TAR_BLOCK: Final = 512
#: What may stand between the fields of a table.
DELIMITERS: Final = (",", "\t", ";", "|")

# A page that somebody saved as .txt, or that a server sent without a media type. Anything short of a document's own
# beginning is none: an article about HTML has tags, too.
PAGE_START: Final = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?:\s|<!--.*?-->|<\?xml[^>]*>)*+<(?:!doctype\s+html|html[\s>])", re.I | re.S
)
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
    if _is_tar(head):
        return "tar"
    if _is_zip(head):
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
    if not suffix and _is_header(line.decode("utf-8", "replace"), fields):
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


def _is_tar(head: bytes) -> bool:
    """Whether a stream's first bytes are a tar archive's."""
    if len(head) < TAR_BLOCK or head[257:262] != b"ustar":
        return False
    digits = head[148:156].strip(b" \0")
    # The sum of all bytes of the header, its own field taken as spaces.
    total = sum(head[:148]) + sum(head[156:TAR_BLOCK]) + 8 * ord(" ")
    return digits.isdigit() and not digits.strip(b"01234567") and int(digits, 8) == total


def _is_zip(head: bytes) -> bool:
    """Whether a stream's first bytes are a zip archive's; office documents are such archives, too."""
    return head.startswith((ZIP_MEMBER, _ZIP_END))


def find_delimiter(header: str) -> str:
    """What stands between the names of a header: the mark that it holds most of."""
    return max(DELIMITERS, key=header.count)


def _is_header(line: str, fields: Fields) -> bool:
    """Whether a line can only be a table's header: different names, one of them that of a page or text."""
    cells = [cell.strip() for cell in line.strip().split(find_delimiter(line))]
    names = [cell.strip('"') for cell in cells]
    different = len(names) > 1 and len(set(names)) == len(names) and all(len(name.split()) == 1 for name in names)
    return different and not {fields.html, fields.text}.isdisjoint(names)
