from __future__ import annotations

import gzip
import io
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

import cleaner.read as read_module
from cleaner.formats import jsonl, stream, unpack
from cleaner.model import Failure, Source
from cleaner.read import Fields, read


def put(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def ids(items: Iterator[Source | Failure]) -> list[str]:
    return [item.id for item in items]


def sources(items: Iterator[Source | Failure]) -> list[Source]:
    found = list(items)
    assert [item for item in found if isinstance(item, Failure)] == []
    return [item for item in found if isinstance(item, Source)]


def failure(items: Iterator[Source | Failure]) -> Failure:
    (only,) = items
    assert isinstance(only, Failure)
    assert only.stage == "read"
    assert "\n" not in only.reason
    return only


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


# --- Files and folders ----------------------------------------------------------------------------------------------


def test_one_file_is_called_by_its_name(tmp_path: Path) -> None:
    path = put(tmp_path / "deep/down/page.html", "<p>x</p>")
    assert sources(read([str(path)])) == [Source(b"<p>x</p>", id="page.html", kind="html")]


def test_a_folder_is_walked_in_byte_order_of_relative_paths(tmp_path: Path) -> None:
    for name in ("b.html", "a/z.txt", "a.txt", "a/b/c.HTM", "Z.md", "é.text", "a-b.xhtml", "10.html", "9.html"):
        put(tmp_path / name, name)
    found = ids(read([str(tmp_path)]))
    assert found == ["10.html", "9.html", "Z.md", "a-b.xhtml", "a.txt", "a/b/c.HTM", "a/z.txt", "b.html", "é.text"]
    assert found == sorted(found, key=str.encode)


def test_a_folder_leaves_out_hidden_entries_unknown_suffixes_links_to_folders_and_pipes(tmp_path: Path) -> None:
    put(tmp_path / "in/page.html", "x")
    put(tmp_path / "in/.hidden.html", "x")
    put(tmp_path / "in/.git/page.html", "x")
    put(tmp_path / "in/picture.png", "x")
    put(tmp_path / "in/page.html.lz4", "x")
    put(tmp_path / "elsewhere/other.html", "x")
    (tmp_path / "in/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in/loop").symlink_to(tmp_path / "in")
    (tmp_path / "in/folder.html").mkdir()
    os.mkfifo(tmp_path / "in/pipe.html")
    assert ids(read([str(tmp_path / "in")])) == ["page.html"]


def test_a_linked_file_is_read_and_a_dangling_link_is_reported(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere/other.html", "x")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.html").symlink_to(tmp_path / "elsewhere/other.html")
    (folder / "b.html").symlink_to(tmp_path / "nowhere")
    (folder / "c.html").symlink_to(folder / "c.html")
    first, second, third = read([str(folder)])
    assert first == Source(b"x", id="a.html")
    assert second == Failure("b.html", "read", "a symbolic link to nothing; mend or remove it")
    assert isinstance(third, Failure)


def test_an_empty_folder_yields_nothing(tmp_path: Path) -> None:
    assert list(read([str(tmp_path)])) == []
    assert list(read([])) == []


def test_several_inputs_are_called_relative_to_their_deepest_common_folder(tmp_path: Path) -> None:
    for name in ("scrapes/a/page.html", "scrapes/b/page.html", "scrapes/c/d/page.html"):
        put(tmp_path / name, "x")
    scrapes = tmp_path / "scrapes"
    assert ids(read([str(scrapes / "a/page.html"), str(scrapes / "b/page.html")])) == ["a/page.html", "b/page.html"]
    assert ids(read([str(scrapes / "a"), str(scrapes / "c")])) == ["a/page.html", "c/d/page.html"]
    assert ids(read([str(scrapes / "a"), f"{scrapes}/c/../b/page.html"])) == ["a/page.html", "b/page.html"]


def test_equal_ids_are_told_apart(tmp_path: Path) -> None:
    page = str(put(tmp_path / "page.html", "x"))
    records = str(put(tmp_path / "r.jsonl", '{"id": "page.html", "text": "a"}\n{"id": "page.html~2", "text": "b"}\n'))
    assert ids(read([page, page, records])) == ["page.html", "page.html~2", "page.html~3", "page.html~2~2"]


def test_a_name_that_is_not_unicode_gets_an_id_that_is(tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.txt")  # noqa: PTH118
    try:
        Path(os.fsdecode(path)).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    assert ids(read([str(tmp_path)])) == ["caf\ufffd.txt"]


def test_kinds_are_hinted_by_suffix_and_form(tmp_path: Path) -> None:
    names = ("a.html", "b.txt", "c.md", "d.text.gz", "e.php")
    paths = [str(put(tmp_path / name, gzip.compress(b"x") if name.endswith("gz") else b"x")) for name in names]
    assert [source.kind for source in sources(read(paths))] == ["auto", "text", "text", "text", "auto"]
    assert {source.kind for source in sources(read(paths, form="html"))} == {"html"}
    assert {source.kind for source in sources(read(paths, form="text"))} == {"text"}


@pytest.mark.parametrize("start", [b"<!DOCTYPE html>", b"\xef\xbb\xbf\n<!-- saved -->\n<HTML lang=en>"])
def test_a_page_saved_as_text_is_told_by_content(tmp_path: Path, start: bytes) -> None:
    pages = [put(tmp_path / "page.txt", start + b"<p>x"), put(tmp_path / "wide.txt", "<html><p>x".encode("utf-16"))]
    assert [source.kind for source in sources(read([str(page) for page in pages]))] == ["auto", "auto"]


def test_a_page_is_html_with_one_tag_and_undecided_without(tmp_path: Path) -> None:
    tagged = put(tmp_path / "a.html", "Plain words\n" * 50 + "and one<br>\n")
    untagged = put(tmp_path / "b.html", "Plain words, 1 < 2 and 3 > 2\n" * 50)
    assert [source.kind for source in sources(read([str(tagged), str(untagged)]))] == ["html", "auto"]


def test_a_text_about_html_stays_text(tmp_path: Path) -> None:
    path = put(tmp_path / "article.txt", "<p> is a tag, and <html> is another.\n")
    assert sources(read([str(path)]))[0].kind == "text"


# --- What can't be read ---------------------------------------------------------------------------------------------


def test_a_missing_file_is_one_failure_and_the_rest_is_read(tmp_path: Path) -> None:
    page = put(tmp_path / "page.html", "x")
    gone, source = read([str(tmp_path / "gone.html"), str(page)])
    assert gone == Failure("gone.html", "read", "no such file or folder; check the path")
    assert source.id == "page.html"


@pytest.mark.parametrize("path", ["", "nul\0byte.html", "x" * 5000])
def test_an_impossible_path_is_a_failure(path: str) -> None:
    assert failure(read([path])).reason


def test_an_unreadable_file_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    path = put(tmp_path / "secret.html", "x")
    monkeypatch.setattr(Path, "open", refuse)
    assert failure(read([str(path)])).reason.startswith("no permission to read it; ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_a_failure(tmp_path: Path) -> None:
    put(tmp_path / "closed/page.html", "x")
    put(tmp_path / "open.html", "x")
    (tmp_path / "closed").chmod(0)
    try:
        closed, source = read([str(tmp_path)])
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert closed == Failure("closed", "read", "no permission to read it; change its mode or owner (chmod, chown)")
    assert source.id == "open.html"


def test_a_folder_that_can_not_be_listed_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "page.html", "x")

    def fail(path: str) -> None:
        raise OSError(5, "Input/output error", path)

    monkeypatch.setattr(os, "scandir", fail)
    only = failure(read([str(tmp_path)]))
    assert only.id == tmp_path.name
    assert "Input/output error" in only.reason


def test_pipes_sockets_and_devices_never_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.html")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("sock.html")
        for path in ("pipe.html", "sock.html", os.devnull):
            assert "pipe, socket or device" in failure(read([path])).reason


def test_a_folder_where_json_lines_were_asked_for_is_a_failure(tmp_path: Path) -> None:
    assert failure(read([str(tmp_path)], form="jsonl")).reason.startswith("a folder, not a JSON Lines file; ")


def test_a_file_larger_than_the_cap_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MAX_BYTES", 1000)
    plain = put(tmp_path / "big.txt", b"x" * 1001)
    packed = put(tmp_path / "big.txt.gz", gzip.compress(os.urandom(700) * 2))
    fits = put(tmp_path / "fits.txt", b"x" * 1000)
    first, second, third = read([str(plain), str(packed), str(fits)])
    assert isinstance(first, Failure)
    assert isinstance(second, Failure)
    assert first.reason.startswith("larger than ")
    assert isinstance(third, Source)


# --- Packed files ---------------------------------------------------------------------------------------------------


def pack(data: bytes, suffix: str) -> bytes:
    return gzip.compress(data) if suffix == ".gz" else zstandard.ZstdCompressor(write_checksum=True).compress(data)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_packed_files_are_inflated(tmp_path: Path, suffix: str) -> None:
    data = os.urandom(300_000)
    folder = tmp_path / "in"
    put(folder / f"one.txt{suffix}", pack(data, suffix))
    put(folder / f"parts.txt{suffix}", pack(data, suffix) + pack(b"", suffix) + pack(b"end", suffix))
    one, parts = sources(read([str(folder)]))
    assert (one.id, one.kind, one.data == data) == (f"one.txt{suffix}", "text", True)
    assert (parts.id, parts.kind, parts.data == data + b"end") == (f"parts.txt{suffix}", "text", True)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_content_tells_whether_a_file_is_packed(tmp_path: Path, suffix: str) -> None:
    unpacked = put(tmp_path / f"a.html{suffix}", "<p>not packed after all</p>")
    packed = put(tmp_path / "b.html", pack(b"<p>packed</p>", suffix))
    first, second = sources(read([str(unpacked), str(packed)]))
    assert first.data == b"<p>not packed after all</p>"
    assert second.data == b"<p>packed</p>"


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("kept", [5, 0.3, 0.9, -1])
def test_a_packed_file_cut_off_is_a_failure(tmp_path: Path, suffix: str, kept: float) -> None:
    data = pack(os.urandom(200_000), suffix)
    path = put(tmp_path / f"a.html{suffix}", data[: int(kept * len(data))] if 0 < kept < 1 else data[: int(kept)])
    assert "cut off; fetch the file again" in failure(read([str(path)])).reason


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_damaged_or_empty_packed_file_is_a_failure(tmp_path: Path, suffix: str) -> None:
    data = bytearray(pack(b"some words " * 10_000, suffix))
    data[len(data) // 2 : len(data) // 2 + 9] = b"\xff" * 9
    damaged = put(tmp_path / f"damaged.html{suffix}", bytes(data))
    empty = put(tmp_path / f"empty.html{suffix}", b"")
    followed = put(tmp_path / f"followed.html{suffix}", pack(b"x", suffix) + b"garbage behind it")
    for path in (damaged, empty, followed):
        assert ";" in failure(read([str(path)])).reason


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["bomb.html", "bomb.jsonl"])
def test_a_bomb_is_a_failure(tmp_path: Path, suffix: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "RATIO_FROM", 1024 * 1024)
    monkeypatch.setattr(unpack, "MAX_RATIO", 500)
    path = put(tmp_path / (name + suffix), pack(b"\n" * 8_000_000, suffix))
    assert failure(read([str(path)])).reason.startswith("inflates to more than 500 times its size; ")


# --- JSON Lines -----------------------------------------------------------------------------------------------------


def test_records_become_sources(tmp_path: Path) -> None:
    rows = [
        {"id": "first", "url": "https://example.org/1", "title": "One", "html": "<p>é</p>", "lang": "fr", "n": [1]},
        {"text": "flat", "url": None},
        {"id": 7, "text": "b", "html": None, "title": 3},
    ]
    path = put(tmp_path / "x.jsonl", "\ufeff" + "\r\n\r\n".join(json.dumps(row) for row in rows))
    assert sources(read([str(path)])) == [
        Source(
            "<p>é</p>".encode(),
            id="first",
            url="https://example.org/1",
            kind="html",
            title="One",
            metadata={"lang": "fr", "n": [1]},
        ),
        Source(b"flat", id="x.jsonl#3", kind="text"),
        Source(b"b", id="7", kind="text", metadata={"title": 3}),
    ]


def test_html_goes_before_text_unless_the_user_named_the_text_field(tmp_path: Path) -> None:
    path = put(tmp_path / "x.jsonl", '{"html": "<p>h</p>", "text": "t", "body": "b"}\n')
    (source,) = sources(read([str(path)]))
    assert (source.data, source.kind, source.metadata) == (b"<p>h</p>", "html", {"body": "b"})
    (source,) = sources(read([str(path)], fields=Fields(text="body")))
    assert (source.data, source.kind) == (b"b", "text")


def test_field_names_can_be_set(tmp_path: Path) -> None:
    path = put(tmp_path / "x.jsonl", '{"page": "<p>h</p>", "key": "k", "link": "https://example.org/", "id": 1}\n')
    (source,) = sources(read([str(path)], fields=Fields(html="page", id="key", url="link")))
    assert source == Source(b"<p>h</p>", id="k", url="https://example.org/", kind="html", metadata={"id": 1})


def test_bad_lines_between_good_ones_cost_only_themselves(tmp_path: Path) -> None:
    lines = [
        b'{"text": "good"}',
        b'{"text": "no end',
        b'{"text": "bad \xff byte"}',
        b'["no", "object"]',
        b"[" * 100_000,
        b'{"text": 5, "id": "number"}',
        b'{"body": "x", "\\u001b[31m": 1}',
        b"{}",
        b'{"text": "NaN is null", "n": NaN}',
        b'{"text": "last"}',
    ]
    path = put(tmp_path / "x.jsonl", b"\n".join(lines))
    found = list(read([str(path)]))
    assert [item.data for item in found if isinstance(item, Source)] == [b"good", b"NaN is null", b"last"]
    reasons = {item.id: item.reason for item in found if isinstance(item, Failure)}
    assert list(reasons) == [f"x.jsonl#{n}" for n in (2, 3, 4, 5)] + ["number", "x.jsonl#7", "x.jsonl#8"]
    assert reasons["x.jsonl#2"].startswith("line 2: not JSON at column 10")
    assert reasons["x.jsonl#3"].startswith("line 3: not UTF-8 at byte 15; ")
    assert '"text" holds no string' in reasons["number"]
    assert '"body", "\\u001b[31m"' in reasons["x.jsonl#7"]
    assert "--text-field" in reasons["x.jsonl#8"]
    assert all("\n" not in reason and "\x1b" not in reason for reason in reasons.values())


def test_a_field_name_that_no_record_has_fails_each_record(tmp_path: Path) -> None:
    path = put(tmp_path / "x.jsonl", '{"body": "a"}\n{"body": "b"}\n')
    found = list(read([str(path)], fields=Fields(text="boddy")))
    assert [type(item) for item in found] == [Failure, Failure]
    assert all('neither "boddy" nor "html"' in item.reason for item in found if isinstance(item, Failure))


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_the_good_lines_of_a_cut_off_file_are_delivered(tmp_path: Path, suffix: str) -> None:
    lines = [json.dumps({"text": os.urandom(100).hex()}) for _ in range(1000)]
    for count in (20, 1000):
        data = pack("\n".join(lines[:count]).encode(), suffix)
        path = put(tmp_path / f"{count}.jsonl{suffix}", data[: len(data) * 9 // 10])
        *good, last = read([str(path)])
        assert [item.data.decode() for item in good if isinstance(item, Source)] == [
            json.loads(line)["text"] for line in lines[: len(good)]
        ]
        # A frame of zstd gives nothing before a whole block of it is there.
        assert len(good) > 0.5 * count or (suffix == ".zst" and count == 20)
        assert isinstance(last, Failure)
        assert last.id == path.name
        assert last.reason.endswith(f"lines read before that: {len(good)}")


def test_a_line_longer_than_the_cap_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MAX_LINE", 1000)
    monkeypatch.setattr(jsonl, "MAX_LINE", 1000)
    monkeypatch.setattr(unpack, "_CHUNK", 300)
    long = json.dumps({"text": "x" * 5000})
    path = put(tmp_path / "x.jsonl", f'{{"text": "a"}}\n{long}\n{{"text": "b"}}\n{long}')
    found = list(read([str(path)]))
    assert ids(iter(found)) == ["x.jsonl#1", "x.jsonl#2", "x.jsonl#3", "x.jsonl#4"]
    assert [isinstance(item, Failure) for item in found] == [False, True, False, True]


def test_json_that_is_no_json_lines_is_one_failure(tmp_path: Path) -> None:
    array = put(tmp_path / "array.jsonl", '[\n{"text": "a"},\n{"text": "b"}\n]\n')
    wide = put(tmp_path / "wide.jsonl", '{"text": "a"}\n'.encode("utf-16"))
    assert "jq -c '.[]'" in failure(read([str(array)])).reason
    assert "iconv" in failure(read([str(wide)])).reason


@pytest.mark.parametrize("name", ["export.json", "export.txt", "export"])
def test_records_and_pages_are_told_apart_by_content(tmp_path: Path, name: str) -> None:
    records = put(tmp_path / "a" / name, '{"id": "r", "text": "a"}\n')
    long = put(tmp_path / "b" / name, json.dumps({"id": "long", "text": "word " * 50_000}))
    other = put(tmp_path / "c" / name, '{"settings": true}\n')
    page = put(tmp_path / "d.jsonl", "<!DOCTYPE html><p>x</p>\n")
    found = ids(read([str(records), str(long), str(other), str(page)]))
    assert found == ["r", "long", f"c/{name}", "d.jsonl"]


def test_a_form_is_taken_at_its_word(tmp_path: Path) -> None:
    path = str(put(tmp_path / "x.jsonl", '{"id": "r", "text": "a"}\n'))
    assert ids(read([path], form="text")) == ["x.jsonl"]
    plain = str(put(tmp_path / "y.txt", '{"id": "r", "text": "a"}\n'))
    assert ids(read([plain], form="jsonl")) == ["r"]


def test_escaped_surrogates_in_a_record_are_carried_along(tmp_path: Path) -> None:
    path = put(tmp_path / "x.jsonl", r'{"id": "\ud800", "text": "\ud83d\ude00 \ud800"}')
    (source,) = sources(read([str(path)]))
    assert source.data.decode("utf-8", "surrogatepass") == "😀 \ud800"
    assert source.id == "?"


def test_records_are_read_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []

    def chunks() -> Iterator[bytes]:
        for n in range(100):
            taken.append(n)
            yield json.dumps({"text": "x" * 70_000}).encode() + b"\n"

    monkeypatch.setattr(read_module, "inflate", lambda stream, name: (chunks(), False))
    items = read([str(put(tmp_path / "x.jsonl", "{}"))])
    next(items)
    next(items)
    assert len(taken) <= 3


# --- Standard input -------------------------------------------------------------------------------------------------


def test_standard_input_is_a_document_or_records(monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, b"Some flat text\n")
    assert list(read(["-"])) == [Source(b"Some flat text\n", id="stdin")]
    feed(monkeypatch, b'{"text": "a"}\n{"text": "b"}\n')
    assert ids(read(["-"])) == ["stdin#1", "stdin#2"]
    feed(monkeypatch, gzip.compress(b"packed"))
    assert list(read(["-"])) == [Source(b"packed", id="stdin")]
    feed(monkeypatch, b"")
    assert list(read(["-"])) == [Source(b"", id="stdin")]


def test_standard_input_stands_beside_files_and_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, b"x")
    put(tmp_path / "in/page.html", "x")
    first, second, third = read(["-", str(tmp_path / "in"), "-"])
    assert (first.id, second.id) == ("stdin", "page.html")
    assert isinstance(third, Failure)
    assert "only once" in third.reason


def test_records_on_standard_input_come_out_as_they_come_in(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb", buffering=0) as feed, os.fdopen(reader, encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        found = read(["-"], form="jsonl")
        for text in ("One ferry came.", "Another left."):
            feed.write(json.dumps({"text": text}).encode() + b"\n")
            source = next(found)
            assert isinstance(source, Source)
            assert source.data == text.encode()


def test_closed_standard_input_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert failure(read(["-"])).id == "stdin"
