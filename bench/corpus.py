"""Corpus folders: the pages, what is true of them, and the samples that never change.

A corpus folder holds `truth.jsonl.gz` and any of the sets `html/*.html.gz`, `flat.jsonl.gz` and
`flat-main.jsonl.gz`; an id ties a page to its truth.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cleaner.model import Source

SETS: Final = ("html", "flat", "flat-main")
TRUTH_FILE: Final = "truth.jsonl.gz"
DEFAULT_CORPORA: Final = Path(__file__).resolve().parents[2] / "shared" / "corpora"

_ENDINGS: Final = re.compile(r"(?:\.(?:html?|txt|gz|zst))+$")


class CorpusError(Exception):
    """A folder is no corpus, or one of its files is broken; the message is one line that says where."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one page: its whole body, or snippets that must and must not come out, or both; its facts."""

    id: str
    type: str
    body: str | None
    must_have: tuple[str, ...]
    must_not_have: tuple[str, ...]
    url: str | None = None
    title: str | None = None
    author: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of one set. HTML stays in its file until it is needed; flat text is held."""

    id: str
    url: str | None
    path: Path | None = None
    text: str = ""

    def source(self) -> Source:
        """What every tool is given: the page as it lies in its set, so a record's address but none for a file."""
        if self.path is None:
            return Source(self.text.encode("utf-8", "replace"), id=self.id, url=self.url, kind="text")
        return Source(gzip.decompress(self.path.read_bytes()), id=self.id, kind="html")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus folder with its truths by page id."""

    folder: Path
    truths: dict[str, Truth]

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.folder.name

    def sets(self, wanted: Iterable[str] = SETS) -> list[str]:
        """Those of the wanted sets that the folder holds, in the usual order."""
        return [name for name in SETS if name in set(wanted) and self._place(name).exists()]

    def pages(self, set_name: str, sample: int | None = None) -> list[Page]:
        """The pages of a set that have a truth, in its order; only those of the fixed sample where one is asked for."""
        chosen = sample_ids(self.truths, sample)
        found = {page.id: page for page in self._all(set_name) if page.id in chosen}
        return [found[id_] for id_ in self.truths if id_ in found]

    def _place(self, set_name: str) -> Path:
        return self.folder / ("html" if set_name == "html" else f"{set_name}.jsonl.gz")

    def _all(self, set_name: str) -> Iterator[Page]:
        place = self._place(set_name)
        if set_name == "html":
            return (Page(page_id(path.name), None, path=path) for path in sorted(place.glob("*.html.gz")))
        return (Page(page_id(row["id"]), row.get("url"), text=row.get("text") or "") for row in _rows(place))


def open_corpus(folder: Path) -> Corpus:
    """Read a corpus folder's truths. Raises CorpusError for a line that is no record."""
    truths = [truth_of(row) for row in _rows(folder / TRUTH_FILE)]
    return Corpus(folder.resolve(), {truth.id: truth for truth in truths})


def find_corpora(folder: Path) -> list[Path]:
    """The folder itself if it is a corpus, else the corpora directly inside it; none where it does not exist."""
    if (folder / TRUTH_FILE).is_file():
        return [folder]
    return sorted(path.parent for path in folder.glob(f"*/{TRUTH_FILE}"))


def page_id(name: str) -> str:
    """A page's id from a file name or a record's id: no folders, none of the endings of pages."""
    return _ENDINGS.sub("", name.rsplit("/", 1)[-1])


def sample_ids(ids: Iterable[str], size: int | None) -> set[str]:
    """`size` of the ids, or all for None, chosen by a hash of the id.

    The choice depends on nothing else: not on the order, the machine or the day, and a larger sample holds
    every smaller one.
    """
    if size is None:
        return set(ids)
    return set(sorted(ids, key=lambda id_: hashlib.sha256(id_.encode()).digest())[:size])


def truth_of(row: Mapping[str, Any]) -> Truth:
    """The truth in one record of a truth file."""
    return Truth(
        id=page_id(row["id"]),
        type=str(row.get("type", "all")),
        body=row.get("main_content"),
        must_have=tuple(row.get("with") or ()),
        must_not_have=tuple(row.get("without") or ()),
        url=row.get("url"),
        title=row.get("title"),
        author=row.get("author"),
        date=row.get("publish_date"),
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _row(line, f"{path}:{number}")


def _row(line: str, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise CorpusError(f"{place}: not JSON: {error}") from error
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        raise CorpusError(f"{place}: not a record with an id")
    return row
