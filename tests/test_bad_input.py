"""Bad input of every sort, through the real command: nothing hangs, crashes or vanishes, and all of it is counted."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import re
import socket
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import brotli
import pytest

from tests.make import PACKERS, PROSE, http, page, parquet, tarred, warc_page, warc_record, zipped

ROOT = Path(__file__).parent.parent
SECONDS = 150

HOSTILE_NAMES = [
    "../../etc/passwd.html", "/etc/passwd.html", "..", "a/../../../b.html", "C:\\Windows\\x.html", "..\\..\\y.html",
    "nul.html", "con.html", "\x1b[31mred\x1b[0m.html", "two\nlines.html", "tab\tted.html", "\u202elmth.exe.html",
    "x" * 5000 + ".html", "/".join(["d"] * 900) + "/e.html", "~/.bashrc.html", "$(touch hacked).html", "-rf.html",
    "<script>alert(1)</script>.html", "%2e%2e%2fescape.html", "trailing. .html", "😀.html", "é.html", "e\u0301.html",
]  # fmt: skip

#: Names among them that are hidden, or have no suffix of a page.
NOT_PAGES = 3


# --- The inputs ------------------------------------------------------------------------------------------------------


def random_bytes(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def documents() -> Mapping[str, bytes]:
    """Single documents that are empty, binary, wrongly encoded, or made to hurt a parser."""
    return {
        "empty.html": b"",
        "empty.txt": b"",
        "blank.txt": b" \n\t\r\n" * 1000,
        "one-byte.txt": b"\xff",
        "nuls.txt": b"\0" * 10_000,
        "strewn.txt": b"\0".join(PROSE.encode()[i : i + 40] for i in range(0, 200, 40)),
        "bom.txt": b"\xef\xbb\xbf",
        "bom-16.html": b"\xff\xfe",
        "odd-16.txt": PROSE.encode("utf-16")[:-1],
        "utf-32.html": page().decode().encode("utf-32"),
        "latin.txt": "Le café était fermé, et l’été aussi.".encode("cp1252"),
        "cut-character.txt": "été".encode()[:-1],
        "surrogates.txt": "a \ud800 b".encode("utf-8", "surrogatepass"),
        "lying-charset.html": b"<meta charset=utf-16><p>" + PROSE.encode(),
        "no-such-charset.html": b"<meta charset=klingon-8><p>caf\xe9",
        "pdf.html": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + random_bytes(500),
        "png.html": b"\x89PNG\r\n\x1a\n" + random_bytes(500),
        "jpeg.txt": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + random_bytes(500),
        "gif.html": b"GIF89a\x01\0\x01\0\0\0" + random_bytes(100),
        "program.txt": b"\x7fELF\x02\x01\x01\0" + random_bytes(500),
        "database.txt": b"SQLite format 3\0" + random_bytes(500),
        "office.html": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random_bytes(500),
        "rich.txt": b"{\\rtf1\\ansi words}",
        "noise.html": random_bytes(20_000),
        "controls.txt": bytes(range(32)) * 100,
        "escapes.txt": b"\x1b[2J\x1b[31m" + PROSE.encode() + b"\x07\x1b]0;title\x07",
        "long-line.txt": b"word " * 400_000,
        "many-lines.txt": b"a\n" * 100_000,
        "marks.txt": b"a" + "\u0301".encode() * 100_000,
        "overrides.txt": "\u202e\u202d\u2066".encode() * 5000,
        "joiners.txt": "\u200d\u200c\ufeff".encode() * 5000,
        "deep.html": b"<div>" * 20_000 + PROSE.encode(),
        "unclosed.html": b"<b><i><font>" * 5000 + PROSE.encode(),
        "crowded.html": b"<p " + b" ".join(b"a%d=1" % i for i in range(20_000)) + b">" + PROSE.encode(),
        "colspan.html": b"<table><tr><td colspan=1000000000 rowspan=1000000000>x</table>",
        "doctype.html": b"<!DOCTYPE html " + b"/" * 100_000 + b"><p>" + PROSE.encode(),
        "vertical-tab.html": b"<p>" + PROSE.encode() + b"&#11;&#0;&#xFFFFFFFF;&#99999999999;</p>",
        "entities.html": b"<p>" + b"&amp;" * 100_000,
        "angles.html": b"<" * 100_000,
        "open-comment.html": b"<p>" + PROSE.encode() + b"<!-- " + b"-" * 50_000,
        "open-script.html": b"<script>" + b"if (a<b) x();" * 5000,
        "open-attribute.html": b'<p title="' + b"x" * 100_000,
        "nul-tag.html": b"<scr\0ipt>x</scr\0ipt><p>" + PROSE.encode(),
        "frames.html": b"<frameset><frame src=a><frame src=b></frameset>",
        "title-only.html": b"<title>Only a title</title>",
        "feed.html": b'<?xml version="1.0"?><rss><channel><item><title>x</title></item></channel></rss>',
        "laughs.html": b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "' + b"&a;" * 1000 + b'">]><p>&b;&b;</p>',
        "external.html": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><p>&f;</p>',
        "drawing.html": b"<svg>" + b"<path d='M0 0'/>" * 5000 + b"</svg>",
        "picture.html": b"<img src='data:image/png;base64," + b"A" * 500_000 + b"'>",
        "settings.json.txt": b'{"settings": true}',
        "patterns.txt": (b"a" * 30 + b"!\n") * 500 + b"Share " * 5000,
    }


def packed() -> Mapping[str, bytes]:
    """Packed documents: empty, cut, damaged, followed by garbage, packed twice, misnamed, bombs."""
    made: dict[str, bytes] = {}
    body = page("".join(f"{i} " for i in range(5000)))
    for suffix, pack in PACKERS.items():
        data = pack(body)
        damaged = bytearray(data)
        damaged[len(data) // 2 : len(data) // 2 + 8] = b"\xff" * 8
        name = suffix[1:]
        made |= {
            f"empty-{name}.html{suffix}": b"",
            f"magic-{name}.html{suffix}": data[:6],
            f"cut-{name}.html{suffix}": data[: len(data) // 2],
            f"cut-end-{name}.html{suffix}": data[:-1],
            f"damaged-{name}.html{suffix}": bytes(damaged),
            f"followed-{name}.html{suffix}": data + b"and then some garbage",
            f"twice-{name}.html{suffix}": pack(data),
            f"bomb-{name}.txt{suffix}": pack(bytes(30_000_000)),
            f"misnamed-{name}.html": data,
            f"not-packed-{name}.html{suffix}": body,
        }
    return made


def records() -> Mapping[str, bytes]:
    """JSON Lines and tables of which rows, types or the whole are wrong."""
    good = b'{"text": "words"}\n'
    deep = b'{"text": "x", "m": ' + b"[" * 300 + b"]" * 300 + b"}\n"
    return {
        "empty.jsonl": b"",
        "blank.jsonl": b"\n \n\r\n",
        "array.jsonl": b'[{"text": "a"}]',
        "wide.jsonl": good.decode().encode("utf-16"),
        "cut.jsonl": good + b'{"text": "no e',
        "types.jsonl": b'5\n"text"\nnull\n[]\n{"text": 5}\n{"text": null}\n{"text": ["a"]}\n{"html": {}}\n{}\n',
        "bytes.jsonl": b'{"text": "\xff\xfe"}\n' + good,
        "brackets.jsonl": b"[" * 200_000 + b"\n" + b'{"text":' * 50_000 + b"\n",
        "deep.jsonl": deep,
        "numbers.jsonl": b'{"text": "x", "n": ' + b"9" * 10_000 + b"}\n" + b'{"text": "x", "n": NaN, "i": -Infinity}\n',
        "keys.jsonl": b'{"text": "a", "text": "b", "": 1, "\\u0000": 2, "\\ud800": 3}\n',
        "controls.jsonl": b'{"text": "a\x00b"}\n{"text": "\\u0000\\u001b[31m"}\n',
        "ids.jsonl": b"".join(
            json.dumps({"id": id, "text": "words"}).encode() + b"\n"
            for id in (None, True, 1.5, [], {}, "", "a" * 100_000, "\ud800", "b\0c")
        ),
        "html.jsonl": page(),
        "empty.csv": b"",
        "header.csv": b"key,text\n",
        "no-page.csv": b"key,name\n1,a\n2,b\n",
        "one-column.csv": b"text\nwords\n",
        "open-quote.csv": b'key,text\n1,"never closed\nmore\nand more\n',
        "extra.csv": b"key,text\n1,a,b,c\n2,d\n",
        "nuls.csv": b"key,text\n1,a\0b\n",
        "returns.csv": b"key,text\r1,a\r2,b\r",
        "noise.csv": random_bytes(5000),
        "wide.tsv": "key\ttext\n1\twords\n".encode("utf-16")[:-1],
        "duplicate.tsv": b"text\ttext\na\tb\n",
        "long-field.csv": b'key,text\n1,"' + b"word " * 100_000 + b'"\n',
    }


def tables() -> Mapping[str, bytes]:
    """Parquet files that are cut, damaged, of wrong types, or bombs."""
    good = parquet({"text": [f"words {i}" for i in range(2000)]}, row_group_size=500)
    footer, data = bytearray(good), bytearray(good)
    footer[-200:-20] = random_bytes(180)
    data[50:900] = random_bytes(850)
    lying = bytearray(good)
    lying[-8:-4] = struct.pack("<I", 2**31)
    return {
        "empty.parquet": b"",
        "magic.parquet": b"PAR1",
        "magics.parquet": b"PAR1PAR1",
        "hollow.parquet": b"PAR1" + bytes(100) + b"PAR1",
        "cut.parquet": good[: len(good) // 2],
        "footer.parquet": bytes(footer),
        "data.parquet": bytes(data),
        "lying.parquet": bytes(lying),
        "no-page.parquet": parquet({"a": [1], "b": ["x"]}),
        "numbers.parquet": parquet({"text": [1, 2]}),
        "nulls.parquet": parquet({"text": [None, "words", None]}),
        "lists.parquet": parquet({"text": [["a"], ["b"]]}),
        "no-rows.parquet": parquet({"text": []}),
        "bomb.parquet": parquet({"text": ["x" * 20_000] * 3000}),
        "words.parquet": PROSE.encode(),
    }


def crawls() -> Mapping[str, bytes]:
    """WARC files: cut, out of step, without pages, with bodies that can't be unpacked."""
    good = warc_page()
    return {
        "empty.warc": b"",
        "version.warc": b"WARC/1.0",
        "header-cut.warc": good[:100],
        "block-cut.warc": good + good[:-200],
        "no-end.warc": good[:-4],
        "length-word.warc": warc_page(length="many") + good,
        "length-negative.warc": warc_page(length=-1) + good,
        "length-huge.warc": warc_page(length=10**14),
        "length-absurd.warc": warc_page(length="9" * 400) + good,
        "length-short.warc": warc_page(length=50) + good,
        "length-long.warc": warc_page(length=800) + good + good,
        "garbage.warc": b"garbage\n" * 100 + good,
        "behind.warc": good + b"garbage without end" * 100,
        "only-info.warc": warc_record(b"software: x\r\n", kind="warcinfo", type="application/warc-fields"),
        "pictures.warc": warc_record(http(random_bytes(1000), type="image/png")) * 3,
        "missing.warc": warc_record(http(page(), status="404 Not Found")),
        "no-http.warc": warc_record(b"nothing of the kind"),
        "status.warc": warc_record(http(page(), status="9999 Odd")) + warc_record(http(page(), status="OK")),
        "headers.warc": warc_record(http(page(), "X: " + "y" * 1_000_000)) + good,
        "own-headers.warc": warc_record(http(page()), "X: " + "y" * 1_000_000),
        "no-type.warc": warc_record(http(page(), type=None)),
        "bogus-charset.warc": warc_record(http(page(), type="text/html; charset=\x1b[31m'\"<>")),
        "bad-gzip.warc": warc_record(http(b"\x1f\x8b\x08junk", "Content-Encoding: gzip")),
        "bad-brotli.warc": warc_record(http(random_bytes(500), "Content-Encoding: br")),
        "bomb-brotli.warc": warc_record(http(brotli.compress(bytes(60_000_000), quality=5), "Content-Encoding: br")),
        "bomb-deflate.warc": warc_record(http(zlib.compress(bytes(30_000_000)), "Content-Encoding: deflate")),
        "many-codings.warc": warc_record(http(page(), "Content-Encoding: " + "gzip, " * 5000)),
        "bad-chunks.warc": warc_record(http(b"fffffff\r\nshort", "Transfer-Encoding: chunked")),
        "uri.warc": warc_record(http(page()), url="javascript:alert(1)\x1b[31m"),
        "binary-page.warc": warc_record(http(random_bytes(5000))),
        "cut.warc.gz": gzip.compress(good) + gzip.compress(good)[:-30],
        "damaged.warc.gz": gzip.compress(good) + b"\x1f\x8b" + random_bytes(300) + gzip.compress(good),
        "cut.warc.zst": PACKERS[".zst"](good * 50)[:-10],
        "wet-cut.wet": warc_record(PROSE.encode(), kind="conversion", type="text/plain")[:-100],
    }


def odd_tar() -> bytes:
    """A tar with everything but files in it, and one page."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (
            ("link.html", tarfile.SYMTYPE), ("hard.html", tarfile.LNKTYPE), ("dev.html", tarfile.CHRTYPE),
            ("fifo.html", tarfile.FIFOTYPE), ("dir.html", tarfile.DIRTYPE),
        ):  # fmt: skip
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        entry = tarfile.TarInfo("page.html")
        entry.size = len(page())
        archive.addfile(entry, io.BytesIO(page()))
    return out.getvalue()


def archives() -> Mapping[str, bytes]:
    """Tar and zip archives: cut, damaged, hostile in names and kinds of members, bombs, nested."""
    two = [("a.html", page()), ("b.html", page("Other words, and quite a few of them, were said."))]
    tar, zip = tarred(two), zipped(two)
    checksum, crc, method = bytearray(tar), bytearray(zip), bytearray(zip)
    checksum[tar.index(b"b.html") + 150] ^= 1
    crc[zip.index(b"PK\x01\x02") + 16] ^= 0xFF
    method[zip.index(b"PK\x01\x02") + 10] = 99
    giant = bytearray(tarred([("a.html", b"")]))
    giant[124:136] = b"77777777777\0"
    giant[148:156] = b"%06o\0 " % (sum(giant[:148]) + 256 + sum(giant[156:512]))
    longname = bytearray(tarred([("x" * 300 + ".html", page())], form=tarfile.GNU_FORMAT))
    longname[124:136] = b"77777777777\0"
    longname[148:156] = b"%06o\0 " % (sum(longname[:148]) + 256 + sum(longname[156:512]))
    return {
        "empty.tar": b"",
        "zeros.tar": bytes(10_240),
        "header.tar": tar[:300],
        "cut.tar": tar[: 512 + 100],
        "between.tar": tar[:1024],
        "checksum.tar": bytes(checksum),
        "giant.tar": bytes(giant),
        "longname.tar": bytes(longname),
        "words.tar": PROSE.encode() * 10,
        "twice.tar": tar + tar,
        "odd.tar": odd_tar(),
        "names.tar": tarred([(name, page()) for name in HOSTILE_NAMES if "\0" not in name]),
        "no-pages.tar": tarred([("a.png", random_bytes(100)), ("b", b"x")]),
        "cut.tar.gz": gzip.compress(tar)[:-20],
        "bomb.tar.gz": gzip.compress(tarred([("a.txt", bytes(30_000_000))])),
        "empty.zip": zipped([]),
        "magic.zip": b"PK\x03\x04",
        "cut.zip": zip[: len(zip) // 2],
        "no-list.zip": zip[: zip.index(b"PK\x01\x02")],
        "crc.zip": bytes(crc),
        "method.zip": bytes(method),
        "end.zip": zip[:-4],
        "names.zip": zipped([(name, page()) for name in HOSTILE_NAMES]),
        "twins.zip": zipped([("a.html", page()), ("A.html", page()), ("./a.html", page())]),
        "bomb.zip": zipped([("a.txt", bytes(30_000_000)), ("b.html", page())]),
        "stored.zip": zipped(two, zipfile.ZIP_STORED)[:-60],
        "nested.zip": zipped([("in.zip", zip), ("in.tar", tar), ("c.html", page())]),
        "packed.zip": zipped([("cut.html.gz", gzip.compress(page())[:-9]), ("d.jsonl", b'{"text": 5}\n')]),
        "many.zip": zipped([(f"{i}.txt", b"words") for i in range(500)]),
        "word.docx.zip": zipped([("[Content_Types].xml", b"<x/>")]),
        "noise.zip": b"PK\x03\x04" + random_bytes(2000),
    }


#: Files that hold no document at all, which is said but is no failure.
HOLLOW = {"empty.jsonl", "blank.jsonl", "empty.csv", "header.csv", "no-rows.parquet", "only-info.warc", "pictures.warc",
          "missing.warc", "empty.warc"}  # fmt: skip

#: What some of the inputs must come to: how many cleaned, empty and failed.
EXPECTED = {
    "empty.html": (0, 1, 0), "latin.txt": (1, 0, 0), "pdf.html": (0, 0, 1), "noise.html": (0, 0, 1),
    "deep.html": (1, 0, 0), "crowded.html": (1, 0, 0), "doctype.html": (1, 0, 0), "vertical-tab.html": (1, 0, 0),
    "cut.jsonl": (1, 0, 1), "types.jsonl": (0, 0, 9), "bytes.jsonl": (1, 0, 1), "extra.csv": (1, 0, 1),
    "cut.parquet": (0, 0, 1), "nulls.parquet": (1, 0, 2), "block-cut.warc": (1, 0, 1), "no-http.warc": (0, 0, 1),
    "garbage.warc": (1, 0, 1), "length-negative.warc": (1, 0, 2), "cut.warc.gz": (1, 0, 1),
    "cut.warc.zst": (0, 0, 1), "cut.tar": (0, 0, 2),
    "odd.tar": (1, 0, 0), "no-pages.tar": (0, 0, 1), "no-list.zip": (2, 0, 1), "crc.zip": (1, 0, 1),
    "bomb.zip": (0, 0, 2), "nested.zip": (1, 0, 2), "twins.zip": (3, 0, 0), "many.zip": (500, 0, 0),
    "names.zip": (len(HOSTILE_NAMES) - NOT_PAGES, 0, 0), "bomb-gz.txt.gz": (0, 0, 1), "misnamed-xz.html": (1, 0, 0),
}  # fmt: skip


# --- The command -----------------------------------------------------------------------------------------------------


class Ran(NamedTuple):
    """What a run of the command came to."""

    code: int
    out: bytes
    said: str
    counts: Counter[str]


def run(folder: Path, *args: object, stdin: bytes = b"") -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "cleaner", *map(os.fspath, map(str, args))],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=stdin,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    said = done.stderr.decode()
    assert "Traceback" not in said, said[-3000:]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", said), "a control character reached the terminal"
    assert done.returncode in (0, 1), (done.returncode, said[-3000:])
    total, *parts = map(int, re.findall(r"[\d,]+(?= )", said.splitlines()[-1].replace(",", "")))
    assert total == sum(parts), said.splitlines()[-1]
    counts = Counter(dict(zip(("cleaned", "empty", "failed"), parts, strict=True)))
    assert done.returncode == (1 if counts["failed"] else 0)
    return Ran(done.returncode, done.stdout, said, counts)


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def owner(id: str, names: set[str]) -> str:
    """The input that an id comes from: itself, or what stands before `#`, `/` or `~`."""
    name = re.sub(r"~\d+$", "", id)
    return name if name in names else re.split(r"[#/]", name)[0]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, dict[str, Counter[str]], Path]:
    """One run over all files, with the outcomes by input."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "in").mkdir()
    files: dict[str, bytes] = {}
    for group in (documents(), packed(), records(), tables(), crawls(), archives()):
        assert not files.keys() & group.keys()
        files |= group
    for name, data in files.items():
        (folder / "in" / name).write_bytes(data)
    done = run(folder, *(f"in/{name}" for name in files), "-j", 2, "-o", "out.jsonl", "--errors", "errors.jsonl")
    outcomes: dict[str, Counter[str]] = {name: Counter() for name in files}
    for row in rows(folder / "out.jsonl"):
        kind = "empty" if row["status"] == "empty" else "cleaned"
        outcomes[_input_of(row, files)][kind] += 1
    for row in rows(folder / "errors.jsonl"):
        outcomes[_input_of(row, files)]["failed"] += 1
    return done, outcomes, folder


def _input_of(row: Mapping[str, object], files: Mapping[str, bytes]) -> str:
    """The input that a row is of; records with ids of their own are all of one file."""
    name = owner(str(row["id"]), set(files))
    return name if name in files else "ids.jsonl"


def test_there_are_enough_inputs(ran: tuple[Ran, dict[str, Counter[str]], Path]) -> None:
    assert len(ran[1]) >= 150


def test_every_input_is_in_the_counts(ran: tuple[Ran, dict[str, Counter[str]], Path]) -> None:
    done, outcomes, _ = ran
    total: Counter[str] = sum(outcomes.values(), Counter())
    assert {kind: total[kind] for kind in done.counts} == dict(done.counts)
    lost = {name for name, counts in outcomes.items() if not counts} - HOLLOW
    assert lost == set()
    assert [name for name in HOLLOW if f"clean: {name}:" not in done.said] == []


@pytest.mark.parametrize("name", EXPECTED)
def test_what_an_input_comes_to(ran: tuple[Ran, dict[str, Counter[str]], Path], name: str) -> None:
    counts = ran[1][name]
    found = tuple(counts[kind] for kind in ("cleaned", "empty", "failed"))
    assert found == EXPECTED[name], [line for line in ran[0].said.splitlines() if f" {name}" in line]


def test_every_failure_is_one_line_that_says_why(ran: tuple[Ran, dict[str, Counter[str]], Path]) -> None:
    for row in rows(ran[2] / "errors.jsonl"):
        reason = str(row["reason"])
        assert row["id"]
        assert row["stage"]
        assert 5 < len(reason) < 1000
        assert "\n" not in reason


def test_only_what_was_asked_for_is_written(ran: tuple[Ran, dict[str, Counter[str]], Path]) -> None:
    assert sorted(path.name for path in ran[2].iterdir()) == ["errors.jsonl", "in", "out.jsonl"]


def snapshot(folder: Path, outside: str) -> set[Path]:
    return {path for path in folder.rglob("*") if outside not in path.parts}


def test_hostile_names_stay_in_the_output_folder(tmp_path: Path) -> None:
    work = tmp_path / "a/b/c"
    (work / "in").mkdir(parents=True)
    (work / "in/names.tar").write_bytes(tarred([(name, page()) for name in HOSTILE_NAMES]))
    (work / "in/names.zip").write_bytes(zipped([(name, page()) for name in HOSTILE_NAMES]))
    ids = [*HOSTILE_NAMES, "nul\0byte", "", ".", "/", "//", "a/", "\ud800", str(tmp_path / "absolute")]
    lines = b"".join(json.dumps({"id": id, "text": PROSE}).encode() + b"\n" for id in ids)
    (work / "in/ids.jsonl").write_bytes(lines)
    before = snapshot(tmp_path, "out")
    done = run(work, "in", "-o", "out/", "--errors", "errors.jsonl")
    assert snapshot(tmp_path, "out") - before == {work / "errors.jsonl"}
    written = [path for path in (work / "out").rglob("*") if path.is_file()]
    assert len(written) == done.counts["cleaned"] + done.counts["empty"]
    assert done.counts.total() == 2 * (len(HOSTILE_NAMES) - NOT_PAGES) + len(ids)
    assert not any(path.is_symlink() for path in (work / "out").rglob("*"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_file_is_refused_or_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "good.html").write_bytes(page())
    (folder / "loop").symlink_to(folder)
    (folder / "self.html").symlink_to(folder / "self.html")
    (folder / "to.html").symlink_to(folder / "fro.html")
    (folder / "fro.html").symlink_to(folder / "to.html")
    (folder / "gone.html").symlink_to(tmp_path / "nowhere")
    (folder / "device.html").symlink_to(os.devnull)
    (folder / "zero.html").symlink_to("/dev/zero")
    (folder / "odd.html").mkdir()
    os.mkfifo(folder / "pipe.html")
    for name in (b"caf\xe9.html", b"two\nlines.html", b"\x1b[31m.html"):
        try:
            Path(os.fsdecode(os.path.join(os.fsencode(folder), name))).write_bytes(page())  # noqa: PTH118
        except OSError:
            pytest.skip("this file system takes Unicode names only")
    with socket.socket(socket.AF_UNIX) as server:
        before = Path.cwd()
        try:
            os.chdir(folder)
            server.bind("sock.html")
        finally:
            os.chdir(before)
        done = run(tmp_path, "in", "-o", "out.jsonl")
        assert (done.counts["cleaned"], done.counts["failed"]) == (4, 4)
        named = ["in/pipe.html", "in/sock.html", os.devnull, "in/self.html", "nowhere.html", "x" * 300, "in/good.html"]
        done = run(tmp_path, *named, "-o", "out.jsonl")
        assert (done.counts["cleaned"], done.counts["failed"]) == (1, 6)


def through_standard_input() -> list[object]:
    """Some of all containers, the same in every run."""
    groups = (crawls(), archives(), tables(), packed())
    chosen = [(name, group[name]) for group in groups for name in random.Random(5).sample(sorted(group), 3)]
    return [pytest.param(name, data, id=name) for name, data in chosen]


@pytest.mark.parametrize(("name", "data"), through_standard_input())
def test_the_same_through_standard_input(tmp_path: Path, name: str, data: bytes) -> None:
    done = run(tmp_path, "-", "-o", "out.jsonl", stdin=data)
    assert done.counts.total() > 0 or "no document in it" in done.said or name in HOLLOW
