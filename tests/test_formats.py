"""Containers: what is in them comes out, record by record, and what is wrong with them is told."""

from __future__ import annotations

import datetime
import gzip
import io
import json
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
import zstandard

from cleaner.formats import archives, stream, unpack
from cleaner.formats import warc as warc_module
from cleaner.formats.stream import Stream
from cleaner.model import Earlier, Failure, Source
from cleaner.read import Fields, Form, read
from tests.make import PACKERS, http, page, parquet, tarred, warc_page, warc_record, zipped


def put(path: Path, data: bytes | str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def one(path: str, **more: object) -> Source:
    (source,) = read([path], **more)  # type: ignore[arg-type]
    assert isinstance(source, Source), source
    return source


def outcome(path: str, **more: object) -> list[tuple[str, str]]:
    """Ids, each with a source's content or a failure's reason."""
    items: Iterator[Source | Failure] = read([path], **more)  # type: ignore[arg-type]
    return [(item.id, item.data.decode() if isinstance(item, Source) else item.reason) for item in items]


# --- Streams ---------------------------------------------------------------------------------------------------------


def test_a_stream_is_read_in_any_mixture() -> None:
    made = Stream(iter([b"ab", b"", b"c\nde", b"f\n", b"gh", b"i" * 10]))
    assert made.peek(3) == b"abc"
    assert made.peek(1, until=b"\n") == b"a"
    assert (made.read(1), made.position) == (b"a", 1)
    assert made.line(100) == b"bc\n"
    assert made.line(2) == b"de"
    assert made.line(100) == b"f\n"
    assert (made.skip(1), made.read1(100)) == (1, b"h")
    assert (made.read(100), made.skip(5), made.line(5), made.read1(5)) == (b"i" * 10, 0, b"", b"")
    assert made.position == 20


def test_what_breaks_a_stream_off_comes_in_its_place() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"before"
        raise stream.InputError("broken")

    made = Stream(chunks())
    assert made.peek(100) == b"before"
    assert made.read(6) == b"before"
    with pytest.raises(stream.InputError, match="broken"):
        made.read(1)


# --- Packed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", PACKERS)
def test_every_packing_goes_around_every_form(tmp_path: Path, suffix: str) -> None:
    pack = PACKERS[suffix]
    made: dict[str, bytes] = {
        "a.html": page(),
        "b.jsonl": b'{"id": "r", "text": "x"}\n',
        "c.csv": b"id,text\nr,x\n",
        "d.parquet": parquet({"id": ["r"], "text": ["x"]}),
        "e.warc": warc_page(),
        "f.tar": tarred([("p.html", page())]),
        "g.zip": zipped([("p.html", page())]),
    }
    paths = [put(tmp_path / (name + suffix), pack(data)) for name, data in made.items()]
    found = list(read(paths))
    assert [item.id for item in found] == [
        f"a.html{suffix}", "r", "r~2", "r~3", f"e.warc{suffix}#1", f"f.tar{suffix}/p.html", f"g.zip{suffix}/p.html",
    ]  # fmt: skip
    assert all(isinstance(item, Source) for item in found), found


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_every_cut_is_told_from_an_end(tmp_path: Path, suffix: str, kept: float) -> None:
    lines = "".join(json.dumps({"text": f"{i:x}" * 40}) + "\n" for i in range(20_000, 40_000))
    data = PACKERS[suffix](lines.encode())
    *good, (_, reason) = outcome(put(tmp_path / f"a.jsonl{suffix}", data[: int(kept * len(data))]))
    assert [text for _, text in good] == [f"{i:x}" * 40 for i in range(20_000, 20_000 + len(good))]
    assert "cut off; fetch the file again" in reason
    assert reason.endswith(f"lines read before that: {len(good)}")


def test_padding_between_frames_is_none_of_the_data(tmp_path: Path) -> None:
    for suffix, pack in PACKERS.items():
        padded = pack(b"one ") + bytes(8) + pack(b"two") + bytes(512)
        assert one(put(tmp_path / f"a.txt{suffix}", padded)).data == b"one two"


def test_a_text_may_begin_like_a_packed_stream(tmp_path: Path) -> None:
    for text in (b"BZh", b"BZh9 is how bzip2 begins", b"B", b"(", b"\xfd7z"):
        assert one(put(tmp_path / "a.txt", text)).data == text


def test_a_window_beyond_the_cap_is_a_failure(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=28)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    data = packer.compress(b"words " * 1000) + packer.flush()
    ((_, reason),) = outcome(put(tmp_path / "a.txt.zst", data))
    assert "zstd data can't be unpacked" in reason
    assert "memory" in reason


# --- WARC ------------------------------------------------------------------------------------------------------------


def test_the_pages_of_a_warc_come_with_address_charset_and_date(tmp_path: Path) -> None:
    body = "<p>café</p>".encode("latin-1")
    made = [
        warc_record(b"software: test\r\n", kind="warcinfo", type="application/warc-fields"),
        warc_record(b"GET / HTTP/1.1\r\n\r\n", kind="request", type="application/http; msgtype=request"),
        warc_record(http(body, type='text/html; charset="ISO-8859-1"'), url="<http://gazette.example/a>"),
        warc_record(http(b"plain words", type="text/plain"), url="http://gazette.example/b"),
        warc_record(b"Ein Satz.", kind="conversion", type="text/plain"),
        warc_record(b"<p>x</p>", "WARC-Truncated: length", kind="resource", type="text/html"),
    ]
    path = put(tmp_path / "crawl.warc.gz", b"".join(map(gzip.compress, made)))
    where = {"warc_record_id": "<urn:uuid:12345678-0000-0000-0000-000000000000>", "warc_date": "2024-05-06T07:08:09Z"}
    address = "http://gazette.example/"
    assert list(read([path])) == [
        Source(body, "crawl.warc.gz#3", f"{address}a", "html", "ISO-8859-1", metadata=where),
        Source(b"plain words", "crawl.warc.gz#4", f"{address}b", "text", metadata=where),
        Source(b"Ein Satz.", "crawl.warc.gz#5", address, "text", metadata=where),
        Source(b"<p>x</p>", "crawl.warc.gz#6", address, "html", metadata={**where, "warc_truncated": "length"}),
    ]


def test_what_is_no_page_is_counted_and_told(tmp_path: Path) -> None:
    said: list[str] = []
    made = [
        warc_page(),
        warc_record(http(b"\xff\xd8", type="image/jpeg")),
        warc_record(http(b"\xff\xd8", type="image/jpeg")),
        warc_record(http(page(), status="404 Not Found")),
        warc_record(http(b"", status="304 Not Modified"), kind="revisit"),
        warc_record(http(b"\x00\x01binary", type=None)),
        warc_record(b"20240506", type="text/dns"),
    ]
    path = put(tmp_path / "crawl.warc", b"".join(made))
    assert len(list(read([path], tell=said.append))) == 1
    assert said == [
        "crawl.warc: 6 records hold no page: 2 image/jpeg, 1 HTTP 404, 1 repeated visits, 1 without a media type, "
        "1 text/dns"
    ]


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress),
        ("X-GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
        ("br", brotli.compress),
        ("zstd", zstandard.ZstdCompressor().compress),
        ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
        ("identity", bytes),
        ("gzip", bytes),  # unpacked by the crawler, which left the header as it was
    ],
)
def test_codings_of_transport_are_undone(tmp_path: Path, coding: str, packed: object) -> None:
    record = warc_record(http(packed(page()), f"Content-Encoding: {coding}"))  # type: ignore[operator]
    assert one(put(tmp_path / "a.warc", record)).data == page()


def test_chunks_are_joined_unless_somebody_has(tmp_path: Path) -> None:
    body = page()
    chunked = b"5\r\n" + body[:5] + b"\r\n%X;a=b\r\n" % len(body[5:]) + body[5:] + b"\r\n0\r\n\r\n"
    for sent in (chunked, body, chunked[:-5]):
        assert one(put(tmp_path / "a.warc", warc_record(http(sent, "Transfer-Encoding: chunked")))).data == body
    for wrong, word in ((chunked[:-20], "cut off"), (chunked.replace(b"\r\n0\r\n", b"\r\nzz\r\n"), "damaged")):
        path = put(tmp_path / "a.warc", warc_record(http(wrong, "Transfer-Encoding: chunked")))
        assert f"record 1: the chunked body is {word}" in outcome(path)[0][1]


def test_a_page_that_cannot_be_unpacked_costs_only_itself(tmp_path: Path) -> None:
    bad = [
        http(gzip.compress(page())[:-10], "Content-Encoding: gzip"),
        http(b"no brotli", "Content-Encoding: br"),
        http(page(), "Content-Encoding: compress"),
        b"no response at all",
        http(brotli.compress(bytes(400_000_000), quality=5), "Content-Encoding: br"),
    ]
    data = b"".join([warc_page(), *map(warc_record, bad), warc_page()])
    first, *failed, last = outcome(put(tmp_path / "a.warc", data))
    assert first[0] == "a.warc#1"
    assert last[0] == "a.warc#7"
    said = ["gzip data is cut off", "Brotli data can't be", "not known (compress)", "no HTTP response", "larger than"]
    assert all(word in reason for word, (_, reason) in zip(said, failed, strict=True)), failed


@pytest.mark.parametrize("lost", [1, 10, 150, 400])
def test_a_warc_cut_off_delivers_its_good_records_and_says_so(tmp_path: Path, lost: int) -> None:
    data = warc_page("One.") + warc_page("Two.")
    path = put(tmp_path / "a.warc", data[:-lost])
    found = outcome(path)
    if lost <= 3:  # the record is whole, and so is one of its line ends
        assert len(found) == 2
        return
    assert "One." in found[0][1]
    assert "cut off" in found[-1][1]
    assert len(found) == 2
    assert found[-1][1].endswith("records read before that: 1")


def test_lost_bytes_between_records_are_told_and_the_next_record_is_found(tmp_path: Path) -> None:
    made = [
        warc_page("One."),
        warc_page("Two.").replace(b"\r\n\r\nHTTP", b"\r\n\r\ngarbage\nHTTP"),  # longer than it says
        warc_page("Three."),
        warc_page("Four.", length="12x"),
        warc_page("Five."),
    ]
    found = outcome(put(tmp_path / "a.warc", b"".join(made)))
    told = [reason for _, reason in found if "<" not in reason]
    assert [word in " ".join(text for _, text in found) for word in ("One.", "Three.", "Five.")] == [True] * 3
    assert any("belong to no record" in reason for reason in told)
    assert any("Content-Length is no number" in reason for reason in told)


def test_fastwarc_sees_the_same_records(tmp_path: Path) -> None:
    fastwarc = pytest.importorskip("fastwarc")
    texts = [f"Sentence {i}." for i in range(50)]
    path = put(tmp_path / "a.warc.gz", b"".join(gzip.compress(warc_page(text)) for text in texts))
    theirs = [record.reader.read() for record in fastwarc.ArchiveIterator(path)]
    assert [source.data for source in read([path]) if isinstance(source, Source)] == theirs


def test_the_caps_of_a_warc_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc_module, "MAX_BYTES", 5000)
    monkeypatch.setattr(warc_module, "MAX_HEADERS", 2000)
    large = put(tmp_path / "large.warc", warc_page("x" * 6000) + warc_page())
    found = outcome(large)
    assert ("larger than" in found[0][1], found[1][0]) == (True, "large.warc#2")
    long = put(tmp_path / "long.warc", warc_page() + warc_record(http(page()), "X: " + "y" * 3000))
    assert "headers are longer" in outcome(long)[1][1]


# --- Tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", 'id,url,text,lang\n7,http://x.example,"Two\nlines, one ""cell""",fr\n'),
        ("a.csv", '\ufeffid;url;text;lang\r\n7;http://x.example;"Two\nlines, one ""cell""";fr\r\n'),
        ("a.tsv", 'id\turl\ttext\tlang\n7\thttp://x.example\t"Two\nlines, one ""cell"""\tfr'),
    ],
)
def test_rows_become_sources(tmp_path: Path, name: str, data: str) -> None:
    path = put(tmp_path / name, data)
    expected = Source(b'Two\nlines, one "cell"', "7", "http://x.example", "text", metadata={"lang": "fr"})
    assert list(read([path])) == [expected]


def test_a_table_is_told_by_its_header_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    for data, count in ((b"id,html\n1,<p>x</p>\n2,<p>y</p>\n", 2), (b"Dear text, I am no table\nat all, text\n", 1)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert len(list(read(["-"]))) == count


def test_a_table_in_utf_16_or_a_code_page_is_read(tmp_path: Path) -> None:
    assert one(put(tmp_path / "a.tsv", "id\ttext\nü\tçé\n".encode("utf-16"))).data.decode() == "çé"
    source = one(put(tmp_path / "b.csv", "id,text\nü,çé\n".encode("cp1252")))
    assert (source.id, source.data) == ("ü", "çé".encode("cp1252"))


def test_bad_rows_between_good_ones_cost_only_themselves(tmp_path: Path) -> None:
    rows = ["id,text", "1,a", "2,b,too,many", '3,"quoted" wrong', "", "4,d", '5,"never ended', "6,f"]
    found = outcome(put(tmp_path / "a.csv", "\n".join(rows) + "\n"))
    assert [id for id, _ in found] == ["1", "a.csv#2", "a.csv#3", "4", "a.csv#6"]
    assert "4 fields under a header of 2" in found[1][1]
    assert "not CSV" in found[2][1]
    assert "cut off within quotes" in found[4][1]


def test_an_empty_cell_is_an_empty_document_or_no_page(tmp_path: Path) -> None:
    found = list(read([put(tmp_path / "a.csv", "id,html,text\n1,,words\n2,,\n3,<p>x</p>,words\n")]))
    assert [(item.data, item.kind) for item in found if isinstance(item, Source)] == [
        (b"words", "text"), (b"", "text"), (b"<p>x</p>", "html"),
    ]  # fmt: skip


def test_fields_of_a_table_can_be_named_and_chosen(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", "key,body,a,b\nk,words,1,2\n")
    source = one(path, fields=Fields(text="body", id="key", carried=("b",)))
    assert (source.id, source.data, source.metadata) == ("k", b"words", {"b": "2"})


def test_rows_of_parquet_become_sources(tmp_path: Path) -> None:
    columns = {
        "id": ["a", "b"],
        "html": [b"<p>caf\xe9</p>", None],
        "text": [None, "words"],
        "url": ["http://x.example", None],
        "when": [datetime.datetime(2024, 5, 6), None],
        "tags": [["x", "y"], []],
    }
    first, second = read([put(tmp_path / "a.parquet", parquet(columns))])
    metadata = {"when": "2024-05-06T00:00:00", "tags": ["x", "y"]}
    assert first == Source(b"<p>caf\xe9</p>", "a", "http://x.example", "html", metadata=metadata)
    assert second == Source(b"words", "b", kind="text", metadata={"when": None, "tags": []})


def test_only_wanted_columns_of_parquet_are_read(tmp_path: Path) -> None:
    path = put(tmp_path / "a.parquet", parquet({"text": ["x"], "a": [1], "b": [2]}))
    assert one(path, fields=Fields(carried=("b",))).metadata == {"b": 2}
    assert one(path, fields=Fields(carried=())).metadata == {}
    assert Fields(carried=("b",)).wanted(["text", "a", "b"]) == ["text", "b"]


def test_types_that_python_lacks_come_as_text(tmp_path: Path) -> None:
    import pyarrow

    odd = pyarrow.array([1_700_000_000_000_000_001], pyarrow.timestamp("ns"))
    mapping = pyarrow.array([[("k", 1)]], pyarrow.map_(pyarrow.string(), pyarrow.int32()))
    source = one(put(tmp_path / "a.parquet", parquet({"text": ["x"], "at": odd, "map": mapping})))
    assert source.metadata["map"] == {"k": 1}
    assert str(source.metadata["at"]).startswith("2023-11-14")


@pytest.mark.parametrize("kept", [4, 0.5, -1])
def test_parquet_cut_off_is_a_failure(tmp_path: Path, kept: float) -> None:
    data = parquet({"text": ["x" * 1000]})
    cut = data[: int(kept * len(data))] if 0 < kept < 1 else data[: int(kept)]
    ((_, reason),) = outcome(put(tmp_path / "a.parquet", cut))
    assert reason.startswith("the Parquet file is cut off")


def test_a_bomb_of_a_parquet_file_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "RATIO_FROM", 1_000_000)
    monkeypatch.setattr(unpack, "MAX_RATIO", 100)
    *_, (_, reason) = outcome(put(tmp_path / "a.parquet", parquet({"text": ["x" * 10_000] * 5000})))
    assert "more than 100 times its size" in reason


def test_our_own_records_are_known_again(tmp_path: Path) -> None:
    ours = {
        "id": "a", "text": "Words.\n", "title": "T", "url": None, "author": "A", "date": "2024-01-01", "language": "en",
        "status": "ok", "removed": {"share": 2}, "ruleset": "1+0", "notes": ["n"], "metadata": {"crawl": 7},
    }  # fmt: skip
    source = one(put(tmp_path / "a.jsonl", json.dumps(ours)))
    assert source.metadata == {"crawl": 7}
    assert source.earlier == Earlier("1+0", "A", "2024-01-01", "en", {"share": 2}, ("n",))
    theirs = one(put(tmp_path / "b.jsonl", json.dumps({**ours, "removed": "no mapping"})))
    assert (theirs.earlier, theirs.metadata["author"]) == (None, "A")


# --- Archives of pages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [tarred, zipped])
def test_the_pages_of_an_archive_are_called_as_in_a_folder(tmp_path: Path, pack: object) -> None:
    said: list[str] = []
    members = [
        ("./a.html", page()),
        ("sub/b.txt.gz", gzip.compress(b"words")),
        ("c.jsonl", b'{"text": "1"}\n{"text": "2"}\n'),
        ("picture.png", b"\x89PNG"),
        ("sub/.hidden.html", page()),
        ("../../etc/passwd.html", page()),
        ("/abs.html", page()),
    ]
    path = put(tmp_path / "pages.bin", pack(members))  # type: ignore[operator]
    names = ["a.html", "sub/b.txt.gz", "c.jsonl#1", "c.jsonl#2", "../../etc/passwd.html", "/abs.html"]
    assert [item.id for item in read([path], tell=said.append)] == names
    assert said == ["pages.bin: 2 files in this archive are no pages by their names"]
    other = put(tmp_path / "other.txt", "x")
    assert [item.id for item in read([path, other])] == [*(f"pages.bin/{name}" for name in names), "other.txt"]


@pytest.mark.parametrize("pack", [tarred, zipped])
def test_an_archive_can_come_from_standard_input(pack: object, monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack([("a.html", page()), ("b.html", page())])  # type: ignore[operator]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert [item.id for item in read(["-"])] == ["a.html", "b.html"]


def test_an_archive_within_an_archive_or_without_pages_is_a_failure(tmp_path: Path) -> None:
    inner = put(tmp_path / "a.tar", tarred([("x.zip", zipped([("y.html", page())]))]))
    assert "a zip archive within an archive" in outcome(inner)[0][1]
    office = put(tmp_path / "b.docx", zipped([("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")]))
    assert "no page among the 2 files" in outcome(office)[0][1]


def random_pages(count: int) -> list[tuple[str, bytes]]:
    return [(f"{i}.html", page(f"{i} " + "".join(f"{(i * j) % 7919:x} " for j in range(400)))) for i in range(count)]


@pytest.mark.parametrize("pack", [tarred, zipped])
@pytest.mark.parametrize("kept", [0.3, 0.7])
def test_an_archive_cut_off_delivers_its_good_members(tmp_path: Path, pack: object, kept: float) -> None:
    members = random_pages(10)
    data = pack(members)  # type: ignore[operator]
    found = list(read([put(tmp_path / "a.bin", data[: int(kept * len(data))])]))
    good = [item for item in found if isinstance(item, Source)]
    assert [(item.id, item.data) for item in good] == members[: len(good)]
    assert len(good) >= 10 * kept - 2
    assert isinstance(found[-1], Failure)
    assert "cut off" in found[-1].reason


def test_a_zip_written_to_a_pipe_can_be_cut_off_too(tmp_path: Path) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += bytes(data)  # type: ignore[call-overload]
            return len(bytes(data))  # type: ignore[call-overload]

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        for name, data in random_pages(5):
            archive.writestr(name, data)
    found = list(read([put(tmp_path / "a.zip", bytes(pipe.data[: int(0.7 * len(pipe.data))]))]))
    assert [item.id for item in found] == ["0.html", "1.html", "2.html", "a.zip"]
    assert [type(item) for item in found] == [Source, Source, Source, Failure]


def test_a_tar_without_its_end_or_with_more_behind_it_is_told(tmp_path: Path) -> None:
    data = tarred([("a.html", page())])
    bare = data.rstrip(b"\0")
    bare += bytes(-len(bare) % 512)
    assert "without its end mark" in outcome(put(tmp_path / "a.tar", bare))[-1][1]
    assert "more data follows" in outcome(put(tmp_path / "b.tar", data + data))[-1][1]
    damaged = bytearray(tarred([("a.html", page()), ("b.html", page())]))
    second = damaged.index(b"b.html")
    damaged[second + 150] ^= 1
    found = outcome(put(tmp_path / "c.tar", bytes(damaged)))
    assert (found[0][0], "cut off or damaged" in found[-1][1]) == ("a.html", True)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_form_of_tar_is_read(tmp_path: Path, form: int) -> None:
    long = "/".join(["folder"] * 12) + "/page.html"
    assert outcome(put(tmp_path / "a.tar", tarred([(long, page())], form=form)))[0][0] == long


def test_bombs_and_hordes_in_a_zip_are_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "RATIO_FROM", 1_000_000)
    monkeypatch.setattr(unpack, "MAX_RATIO", 100)
    ((_, reason),) = outcome(put(tmp_path / "a.zip", zipped([("a.html", bytes(50_000_000))])))
    assert "more than 100 times its size" in reason
    monkeypatch.setattr(archives, "MAX_MEMBERS", 5)
    ((_, reason),) = outcome(put(tmp_path / "b.zip", zipped(random_pages(6))))
    assert "more than 5 members" in reason


def test_an_encrypted_member_costs_only_itself(tmp_path: Path) -> None:
    data = bytearray(zipped([("a.html", page()), ("b.html", page())]))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + place
        data[at : at + 2] = struct.pack("<H", 1)
    first, second = outcome(put(tmp_path / "a.zip", bytes(data)))
    assert "encrypted" in first[1]
    assert second[0] == "b.html"


def test_a_document_in_an_archive_is_capped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MAX_BYTES", 1000)
    monkeypatch.setattr(unpack, "_CHUNK", 100)
    first, second = outcome(put(tmp_path / "a.tar", tarred([("a.txt", b"x" * 1001), ("b.txt", b"x")])))
    assert "larger than" in first[1]
    assert second == ("b.txt", "x")


@pytest.mark.parametrize("form", ["csv", "tsv", "parquet", "warc"])
def test_a_form_that_is_said_is_taken_at_its_word(tmp_path: Path, form: Form) -> None:
    ((_, reason), *_) = outcome(put(tmp_path / "a.txt", "Just words.\n"), form=form) or [("", "nothing")]
    assert reason
    assert "a folder, not" in outcome(str(tmp_path), form=form)[0][1]
