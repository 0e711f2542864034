"""Formats follow each other: an archive becomes a table that others read, and what we wrote comes back unchanged."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet
import pytest
from click.testing import CliRunner

from cleaner.cli import cli
from tests.make import http, page, warc_record

ROOT = Path(__file__).parent.parent
TEXTS = [
    f"The ferry of {year} was late again, and nobody on the quay was surprised by it." for year in range(1900, 1920)
]


def call(*args: object) -> str:
    done = CliRunner().invoke(cli, [str(arg) for arg in args])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def ask_duckdb(query: str) -> object:
    """The only row that DuckDB answers with; in a process of its own, for it is loud when it ends."""
    code = "import duckdb, json, sys; print(json.dumps(duckdb.sql(sys.argv[1]).fetchall()))"
    done = subprocess.run([sys.executable, "-c", code, query], capture_output=True, text=True, check=True)
    (row,) = json.loads(done.stdout)
    return row


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    path = tmp_path / "crawl.warc.gz"
    with path.open("wb") as file:
        for number, text in enumerate(TEXTS):
            record = warc_record(http(page(text, f"Ferry {number}")), url=f"http://gazette.example/{number}")
            file.write(gzip.compress(record))
    return path


def test_warc_to_parquet_to_pyarrow_and_duckdb(crawl: Path, tmp_path: Path) -> None:
    out = tmp_path / "bodies.parquet"
    call(crawl, "-o", out)
    table = pyarrow.parquet.read_table(out)
    assert table.column("text").to_pylist() == [f"{text}\n" for text in TEXTS]
    assert table.column("url").to_pylist() == [f"http://gazette.example/{number}" for number in range(20)]
    assert pyarrow.parquet.ParquetFile(out).metadata.row_group(0).column(1).compression == "ZSTD"
    query = f"""
        select count(*), min(title), min(removed['navigation']), min(metadata->>'warc_date'), sum(len(notes))
        from '{out}' where status = 'ok' and language = 'en'
    """
    assert ask_duckdb(query) == [20, "Ferry 0", 1, "2024-05-06T07:08:09Z", 0]


@pytest.mark.parametrize("output", ["out.jsonl", "out.jsonl.zst", "out.parquet"])
@pytest.mark.parametrize("form", ["text", "markdown"])
def test_what_we_wrote_comes_back_unchanged(tmp_path: Path, output: str, form: str) -> None:
    records = tmp_path / "in.jsonl"
    own = {
        "id": "own",
        "url": "https://gazette.example/",
        "text": "Share this:\n\n" + TEXTS[0],
        "crawl": {"n": [7, None]},
    }
    empty = {"id": "empty", "text": "Share this:"}
    records.write_text("".join(json.dumps(record) + "\n" for record in (own, empty)), "utf-8")
    first, second, third = (tmp_path / f"{n}" / "bodies.jsonl" for n in (1, 2, 3))
    for path in (first, second, third):
        path.parent.mkdir()
    body = ["--to", "markdown"] if form == "markdown" else []
    call(ROOT / "golden", records, "-o", first, *body)
    call(first, "-o", first.with_name(output))
    call(first.with_name(output), "-o", second)
    assert second.read_bytes() == first.read_bytes()


def test_shards_are_one_output(crawl: Path, tmp_path: Path) -> None:
    call(crawl, "-o", tmp_path / "whole.jsonl")
    (tmp_path / "part-00004.jsonl").write_text("left by a longer run\n")
    (tmp_path / "part-00009.jsonl").write_text("somebody's own\n")
    call(crawl, "-o", tmp_path / "part.jsonl", "--shard-size", 6)
    shards = sorted(path for path in tmp_path.glob("part-0000[0-8].jsonl"))
    assert [len(path.read_text().splitlines()) for path in shards] == [6, 6, 6, 2]
    assert b"".join(path.read_bytes() for path in shards) == (tmp_path / "whole.jsonl").read_bytes()
    assert (tmp_path / "part-00009.jsonl").exists()
    call(crawl, "-o", tmp_path / "part.parquet", "--shard-size", 10)
    assert ask_duckdb(f"select count(*) from '{tmp_path}/part-*.parquet'") == [20]
    assert (
        call(tmp_path / "part-00000.parquet", tmp_path / "part-00001.parquet") == (tmp_path / "whole.jsonl").read_text()
    )


def test_parquet_goes_to_standard_output(crawl: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, [str(crawl), "--to", "parquet"])
    call(crawl, "-o", tmp_path / "a.parquet")
    assert done.stdout_bytes == (tmp_path / "a.parquet").read_bytes()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("-o", "out/", "--to", "parquet"), "use -o out.parquet"),
        (("-o", "out.parquet", "--to", "jsonl"), "by its suffix is parquet"),
        (("-o", "out/", "--shard-size", 2), "--shard-size cuts one file"),
        (("--shard-size", 2), "--shard-size cuts one file"),
        (("-o", "out.json", "--shard-size", 2), "several"),
    ],
)
def test_outputs_that_make_no_sense(crawl: Path, args: tuple[object, ...], said: str) -> None:
    done = CliRunner().invoke(cli, [str(crawl), *map(str, args)])
    assert done.exit_code == 2
    assert said in done.stderr
