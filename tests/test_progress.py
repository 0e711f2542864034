"""Progress: a bar on a terminal, lines elsewhere, and neither gets in the way of what is said."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cleaner.progress import Lines
from cleaner.read import count_documents
from cleaner.tally import Tally

ROOT = Path(__file__).parent.parent
PROSE = "The lock keeper has painted all nine gates green again, and the canal company says it did not ask him to.\n"


def test_lines_come_from_time_to_time() -> None:
    said: list[str] = []
    tally = Tally()
    lines = Lines(said.append, seconds=3600)
    lines.show(tally)
    assert said == []
    lines = Lines(said.append, seconds=0)
    tally.cleaned, tally.failed = 1500, 2
    lines.show(tally)
    assert re.fullmatch(r"1,502 read, [\d,]+\.\d a second, 2 failed", said[0])


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.txt").write_text(f"Share this:\n\n{PROSE}", encoding="utf-8")
    return folder


def test_documents_are_counted_where_names_tell(pages: Path) -> None:
    assert count_documents([str(pages)]) == 40
    assert count_documents([str(pages), str(pages / "none.txt")]) == 41
    assert count_documents([str(pages), "-"]) is None
    (pages / "more.jsonl.gz").touch()
    assert count_documents([str(pages)]) is None


@pytest.mark.skipif(os.name != "posix", reason="terminals as POSIX has them")
@pytest.mark.parametrize("options", [[], ["-q"]])
def test_a_bar_on_a_terminal(pages: Path, tmp_path: Path, options: list[str]) -> None:
    """What is said stands on lines of its own above the bar, and the bar is gone in the end."""
    import pty

    main, other = pty.openpty()
    command = [sys.executable, "-m", "cleaner", str(pages), str(pages / "none.txt"), "-o", f"{tmp_path}/out/", *options]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, stderr=other, stdout=subprocess.PIPE, env=environment, cwd=ROOT, check=False)
    shown = os.read(main, 1_000_000).decode()
    os.close(main)
    os.close(other)
    assert done.returncode == 1
    assert done.stdout == b""
    assert "clean: in/none.txt: no such file or folder; check the path" in shown
    assert ("/41" in shown) is (not options)
    assert ("share " in shown) is (not options)
    assert ("41 read = 40 cleaned + 0 empty + 1 failed" in shown) is (not options)


def test_no_terminal_no_bar(pages: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cleaner", str(pages), "-o", str(tmp_path / "out.jsonl")]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, check=True)
    assert done.stderr == b"40 read = 40 cleaned + 0 empty + 0 failed\n"
    assert len([json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]) == 40
