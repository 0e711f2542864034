"""Writing: complete or absent, named by identity, and never outside the folder."""

from __future__ import annotations

import gzip
import json
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from cleaner.errors import InputError, OutputError
from cleaner.files import NewFile, new_file
from cleaner.model import Article
from cleaner.names import file_name
from cleaner.write import BODIES, LINES, FileSink, Sink, StdoutSink, TreeSink

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")


def article(id: str = "a.html", text: str = "Body.\n", **more: Any) -> Article:
    return Article(id, text, None, None, None, None, None, "ok", {}, "1+0", **more)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


class TestFileName:
    @pytest.mark.parametrize(
        ("id", "name"),
        [
            ("a.html", "a.html.txt"),
            ("news/2024/été.html", "news/2024/été.html.txt"),
            ("dump.jsonl#12", "dump.jsonl#12.txt"),
            ("../../etc/passwd", "%2E%2E/%2E%2E/etc/passwd.txt"),
            ("/etc/passwd", "%/etc/passwd.txt"),
            ("a//b/", "a/%/b/%.txt"),
            ("", "%.txt"),
            ("./a", "%2E/a.txt"),
            ("..\\..\\a", "..%5C..%5Ca.txt"),
            ("C:\\x", "C%3A%5Cx.txt"),
            ("https://example.org/a?b=1", "https%3A/%/example.org/a%3Fb=1.txt"),
            ("a\0b\n\x1b", "a%00b%0A%1B.txt"),
            ("100%25", "100%2525.txt"),
            ("falcon", "falcon.txt"),
            ("con", "%63%6F%6E.txt"),
            ("NUL.html", "%4E%55%4C.html.txt"),
            ("dir. /x", "dir.%20/x.txt"),
            ("gpj.\u202eexe", "gpj.%E2%80%AEexe.txt"),
            ("caf\udce9", "caf%ED%B3%A9.txt"),
        ],
    )
    def test_names(self, id: str, name: str) -> None:
        assert file_name(id, ".txt") == name

    @given(st.text(st.characters(categories=["L", "N", "P", "S", "Z", "C"])), st.text())
    @example("/", "%/")
    @example("", "%")
    @example("..", "%2E%2E")
    @example("a", "a/")
    def test_different_ids_have_different_safe_names(self, one: str, other: str) -> None:
        name = file_name(one, ".txt")
        assert not PurePosixPath(name).is_absolute()
        assert all(part not in ("", ".", "..") and len(part.encode()) < 255 for part in name.split("/"))
        if one != other:
            assert name != file_name(other, ".txt")

    @given(st.text(st.characters(), max_size=20))
    def test_a_name_can_be_read_back(self, id: str) -> None:
        parts = file_name(id, "").split("/")
        back = b"/".join(b"" if part == "%" else unquote_to_bytes(part) for part in parts)
        assert back.decode("utf-8", "surrogatepass") == id

    @pytest.mark.parametrize("long", ["x" * 300, "é" * 150, "%" * 90, "d/" * 600 + "x", "\ud800" * 90])
    def test_long_names_are_cut_and_stay_different(self, long: str) -> None:
        one, other = file_name(long + "a", ".txt"), file_name(long + "b", ".txt")
        assert one != other
        assert len(one.encode()) < 1024
        assert max(len(part.encode()) for part in one.split("/")) < 255


class TestTreeSink:
    def test_mirrors_ids(self, tmp_path: Path) -> None:
        with TreeSink(tmp_path / "out", ".txt") as sink:
            sink.write(article("a.htm", "one\n"))
            sink.write(article("a.html", "two\n"))
            sink.write(article("sub/a.html", "three\n"))
        assert names(tmp_path / "out") == ["a.htm.txt", "a.html.txt", "sub/a.html.txt"]
        assert (tmp_path / "out/sub/a.html.txt").read_bytes() == b"three\n"

    def test_nothing_leaves_the_folder(self, tmp_path: Path) -> None:
        ids = ["../up", "/abs", "a/../../up", "..", ".", "", "a\\..\\..\\b", "nul\0", "x" * 5000, "\ud800", "é/ü\n"]
        with TreeSink(tmp_path / "out", ".txt") as sink:
            for id in ids:
                sink.write(article(id))
        assert [path.name for path in tmp_path.iterdir()] == ["out"]
        assert len(names(tmp_path / "out")) == len(ids)

    def test_the_same_id_twice_costs_the_second_only(self, tmp_path: Path) -> None:
        with TreeSink(tmp_path, ".txt") as sink:
            sink.write(article("a", "first\n"))
            with pytest.raises(InputError, match="same id") as caught:
                sink.write(article("a", "second\n"))
            sink.write(article("b"))
        assert caught.value.stage == "write"
        assert (tmp_path / "a.txt").read_text() == "first\n"
        assert names(tmp_path) == ["a.txt", "b.txt"]

    def test_a_later_run_replaces(self, tmp_path: Path) -> None:
        for words in ("old\n", "new\n"):
            with TreeSink(tmp_path, ".txt") as sink:
                sink.write(article("a", words))
        assert (tmp_path / "a.txt").read_text() == "new\n"

    @pytest.mark.parametrize("ids", [("a", "a.txt/b"), ("a.txt/b", "a")])
    def test_a_file_where_a_folder_is_needed(self, tmp_path: Path, ids: tuple[str, str]) -> None:
        with TreeSink(tmp_path, ".txt") as sink:
            sink.write(article(ids[0]))
            with pytest.raises(InputError, match="taken"):
                sink.write(article(ids[1]))
        assert len(names(tmp_path)) == 1

    def test_ids_that_differ_in_case_where_files_do_not(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("cleaner.write._same_file", lambda one, other: True)
        with TreeSink(tmp_path, ".txt") as sink:
            sink.write(article("A"))
            with pytest.raises(InputError, match="same id"):
                sink.write(article("a"))

    def test_ids_that_differ_in_case_where_files_do_too(self, tmp_path: Path) -> None:
        if (tmp_path / "PROBE").touch() or (tmp_path / "probe").exists():
            pytest.skip("this file system ignores case")
        with TreeSink(tmp_path / "out", ".txt") as sink:
            sink.write(article("A"))
            sink.write(article("a"))
        assert names(tmp_path / "out") == ["A.txt", "a.txt"]

    def test_json_records(self, tmp_path: Path) -> None:
        with TreeSink(tmp_path, ".json", LINES) as sink:
            sink.write(article("a.html"))
        assert json.loads((tmp_path / "a.html.json").read_text())["id"] == "a.html"

    def test_unwritable_is_known_before_the_first_article(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        for root in (tmp_path / "file", tmp_path / "file" / "out"):
            with pytest.raises(OutputError, match=r"cannot write to .*file"), TreeSink(root, ".txt"):
                pytest.fail("a tree under a file was entered")


class TestFileSink:
    @pytest.mark.parametrize(
        ("suffix", "read"),
        [
            ("", bytes),
            (".gz", gzip.decompress),
            (".zst", lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)),
        ],
    )
    def test_json_lines_and_compression(self, tmp_path: Path, suffix: str, read: Any) -> None:
        path = tmp_path / f"out.jsonl{suffix}"
        with FileSink(path) as sink:
            sink.write(article("a"))
            sink.write(article("b"))
        assert [json.loads(row)["id"] for row in read(path.read_bytes()).splitlines()] == ["a", "b"]
        assert names(tmp_path) == [path.name]

    def test_same_bytes_in_every_run(self, tmp_path: Path) -> None:
        for name in ("one.jsonl.gz", "two.jsonl.gz"):
            with FileSink(tmp_path / name) as sink:
                sink.write(article())
        assert (tmp_path / "one.jsonl.gz").read_bytes() == (tmp_path / "two.jsonl.gz").read_bytes()

    def test_a_failed_run_leaves_what_was_there(self, tmp_path: Path) -> None:
        path = tmp_path / "out.txt"
        path.write_text("before\n")
        with suppress(KeyboardInterrupt), FileSink(path, BODIES) as sink:
            sink.write(article())
            raise KeyboardInterrupt
        assert path.read_text() == "before\n"
        assert names(tmp_path) == ["out.txt"]

    def test_no_article_no_file_unless_it_may_be_empty(self, tmp_path: Path) -> None:
        with FileSink(tmp_path / "a.txt", BODIES, may_be_empty=False):
            pass
        with FileSink(tmp_path / "a.jsonl"):
            pass
        assert names(tmp_path) == ["a.jsonl"]

    @pytest.mark.skipif(os.name == "nt", reason="permission bits are POSIX's")
    def test_permissions_follow_the_umask(self, tmp_path: Path) -> None:
        before = os.umask(0o027)
        try:
            with FileSink(tmp_path / "a.jsonl") as sink:
                sink.write(article())
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "a.jsonl").stat().st_mode) == 0o640

    def test_a_missing_folder_is_known_before_the_first_article(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="No such file or directory"), FileSink(tmp_path / "no" / "a.jsonl"):
            pytest.fail("a file in a missing folder was opened")

    @needs_full
    def test_a_full_disk(self) -> None:
        with pytest.raises(OutputError, match="No space left"), FileSink(Path("/dev/full")) as sink:
            sink.write(article())
        assert Path("/dev/full").is_char_device()

    def test_a_symbolic_link_stays_one(self, tmp_path: Path) -> None:
        (tmp_path / "real.txt").write_text("old\n")
        (tmp_path / "link.txt").symlink_to("real.txt")
        with FileSink(tmp_path / "link.txt", BODIES) as sink:
            sink.write(article())
        assert (tmp_path / "link.txt").is_symlink()
        assert (tmp_path / "real.txt").read_text() == "Body.\n"

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    def test_a_named_pipe_is_written_to_not_replaced(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        with FileSink(pipe, BODIES) as sink:
            sink.write(article())
        assert os.read(reader, 100) == b"Body.\n"
        os.close(reader)
        assert pipe.is_fifo()


def test_new_file_removes_its_temporary_when_it_cannot_take_its_place(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    file = NewFile(tmp_path / "other")
    (tmp_path / "other").mkdir()
    with pytest.raises(OutputError):
        file.commit()
    assert names(tmp_path) == []


def test_new_file_block(tmp_path: Path) -> None:
    with new_file(tmp_path / "a") as file:
        file.write(b"x")
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a").read_bytes() == b"x"


def test_stdout(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with StdoutSink() as sink:
        sink.write(article(text="Füße\n"))
    assert capfdbinary.readouterr().out == "Füße\n".encode()


def test_stdout_closed_pipe_is_told_apart_from_other_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(error: OSError) -> None:
        class Refusing:
            def write(self, data: bytes) -> None:
                raise error

        monkeypatch.setattr(sys, "stdout", type("Out", (), {"buffer": Refusing()})())

    refuse(BrokenPipeError(32, "Broken pipe"))
    with pytest.raises(BrokenPipeError):
        StdoutSink().write(article())
    refuse(OSError(28, "No space left on device"))
    with pytest.raises(OutputError, match="cannot write to standard output: No space left on device"):
        StdoutSink().write(article())


def test_all_sinks_are_sinks(tmp_path: Path) -> None:
    sinks: list[Sink] = [StdoutSink(), FileSink(tmp_path / "a"), TreeSink(tmp_path, ".txt")]
    assert len(sinks) == 3
