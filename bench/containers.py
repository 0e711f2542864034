"""What it costs to read pages out of a container, against the same pages as files: reading alone, beside cleaning."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.corpus import Corpus
from cleaner.model import Options, Source
from cleaner.read import read

#: Reading is measured so many times, and the fastest counts.
ROUNDS: Final = 3
FILES: Final = "files"


@dataclass(frozen=True, slots=True)
class ContainerCost:
    """CPU milliseconds that reading a page takes, and by what share of reading files and cleaning that is more."""

    container: str
    pages: int
    milliseconds: float
    overhead: float


def measure_containers(corpus: Corpus, sample: int | None) -> tuple[list[ContainerCost], float]:
    """The cost of each container, and the CPU milliseconds that cleaning takes per page."""
    sources = [page.source() for page in corpus.pages("html", sample)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = {kind: _reading(make(folder, sources), len(sources)) for kind, make in CONTAINERS.items()}
    cleaning = _cleaning(sources)
    whole = seconds[FILES] + cleaning
    costs = [
        ContainerCost(kind, len(sources), 1000 * taken / len(sources), (taken - seconds[FILES]) / whole)
        for kind, taken in seconds.items()
    ]
    return costs, 1000 * cleaning / len(sources)


def _reading(path: Path, pages: int) -> float:
    """CPU seconds of reading, the fastest of some rounds; all pages must come out."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        found = sum(isinstance(item, Source) for item in read([str(path)]))
        best = min(best, time.process_time() - start)
        assert found == pages, f"{path.name}: {found} of {pages} pages came out"
    return best


def _cleaning(sources: Iterable[Source]) -> float:
    from cleaner.batch import clean_batch

    results = clean_batch(sources, Options())
    next(results)
    start = time.process_time()
    for _ in results:
        pass
    return time.process_time() - start


# --- The containers --------------------------------------------------------------------------------------------------


def _files(folder: Path, sources: Sequence[Source]) -> Path:
    place = folder / "pages"
    place.mkdir()
    for source in sources:
        (place / f"{source.id}.html").write_bytes(source.data)
    return place


def _warc(folder: Path, sources: Sequence[Source]) -> Path:
    return _joined(folder / "crawl.warc", map(_warc_record, sources))


def _packed_warc(folder: Path, sources: Sequence[Source]) -> Path:
    """As crawlers write it: every record a member of its own."""
    return _joined(folder / "crawl.warc.gz", (gzip.compress(_warc_record(source)) for source in sources))


def _lines(folder: Path, sources: Sequence[Source]) -> Path:
    rows = (json.dumps({"html": source.data.decode("utf-8", "replace")}).encode() + b"\n" for source in sources)
    return _joined(folder / "pages.jsonl.gz", [gzip.compress(b"".join(rows))])


def _table(folder: Path, sources: Sequence[Source]) -> Path:
    import pyarrow
    import pyarrow.parquet

    path = folder / "pages.parquet"
    columns = {"id": [source.id for source in sources], "html": [source.data for source in sources]}
    pyarrow.parquet.write_table(pyarrow.table(columns), path, compression="zstd")
    return path


def _tar(folder: Path, sources: Sequence[Source]) -> Path:
    path = folder / "pages.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for source in sources:
            entry = tarfile.TarInfo(f"{source.id}.html")
            entry.size = len(source.data)
            archive.addfile(entry, io.BytesIO(source.data))
    return path


def _zip(folder: Path, sources: Sequence[Source]) -> Path:
    path = folder / "pages.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in sources:
            archive.writestr(f"{source.id}.html", source.data)
    return path


CONTAINERS: Final[dict[str, Callable[[Path, Sequence[Source]], Path]]] = {
    FILES: _files,
    "WARC": _warc,
    "WARC, gzip": _packed_warc,
    "JSON Lines, gzip": _lines,
    "Parquet, zstd": _table,
    "tar, gzip": _tar,
    "zip": _zip,
}


def _joined(path: Path, parts: Iterable[bytes]) -> Path:
    with path.open("wb") as file:
        file.writelines(parts)
    return path


def _warc_record(source: Source) -> bytes:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nServer: bench\r\n\r\n" + source.data
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:x:{source.id}>\r\nWARC-Target-URI: http://bench.example/{source.id}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"
