"""`clean golden` as people use it: recording, checking, the difference, updating, and one clear line per mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cleaner.cli import cli
from tests.test_config import PAGE, PROSE


def clean(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, args, input=stdin)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a page."""
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def test_from_recording_to_updating(room: Path) -> None:
    added = clean("golden", "add", "page.txt", "--family", "mill", "--slug", "wheel", "--why", "a mill")
    assert (added.stdout, added.exit_code) == ("golden/mill--wheel\n", 0)
    assert added.stderr.endswith("commit it; from now on: clean golden check golden\n")
    assert clean("golden", "check").stderr == "clean: 1 case = 1 passed + 0 failed\n"

    kept = clean("golden", "check", "--keep", "share")
    assert kept.exit_code == 1
    assert "+Share this:\n" in kept.stdout
    assert kept.stdout.endswith("\n1 block now kept by SHR001\n")
    shown = clean("golden", "diff", "--keep", "share")
    assert (shown.exit_code, shown.stdout.count("+Share this:\n")) == (0, 1)
    assert shown.stderr == "clean: 1 block now kept by SHR001\nclean: 1 body would change\n"
    assert clean("golden", "update", "--keep", "share").stdout == "golden/mill--wheel/expected.txt\n"
    assert clean("golden", "check", "--keep", "share").exit_code == 0
    assert clean("golden", "diff", "golden/mill--wheel").stderr.endswith("clean: 1 body would change\n")


def test_what_a_case_is_called(room: Path) -> None:
    page = f"<html><title>The wheel turns</title><article><h1>The wheel turns</h1><p>{PROSE}</article>"
    (room / "page.html").write_text(page)
    assert clean("golden", "add", "page.html").stdout == "golden/html--the-wheel-turns\n"
    assert clean("golden", "add", "-", "--into", "a/b", stdin=f"Share this:\n\n{PROSE}").stdout == "a/b/flat--case\n"
    assert clean("golden", "check", "a/b").exit_code == 0


def test_options_of_the_command_line_are_recorded(room: Path) -> None:
    assert (
        clean("golden", "add", "page.txt", "--slug", "x", "--recall", "--disable", "SHR", "--from", "text").exit_code
        == 0
    )
    settings = (room / "golden" / "flat--x" / "case.toml").read_text()
    assert 'form = "text"' in settings
    assert '[options]\ndisable = ["SHR"]\nthreshold = 6\n' in settings
    assert clean("golden", "check").exit_code == 0


@pytest.mark.parametrize(
    ("args", "message", "code"),
    [
        (["check", "none"], "none: can't be listed (No such file or directory); give the folder", 2),
        (
            ["check", "empty"],
            "empty: no case in it, which is a folder with source.*, expected.txt and case.toml; rec",
            2,
        ),
        (["diff", "none"], "none: can't be listed", 2),
        (["update", "none"], "none: can't be listed", 2),
        (["add", "none.txt"], "none.txt: no such file or folder; check the path", 1),
        (["add", "two.jsonl"], "two.jsonl holds several documents, and a case has one: give one of them in a file", 2),
        (["add", "empty"], "empty: ", 1),
        (["add", "page.txt", "--family", "A b"], 'family "A b" is wrong; write lower-case words joined by "-"', 2),
        (["add", "page.txt", "--slug", "../x"], 'slug "../x" is wrong; write lower-case words joined by "-"', 2),
        (["add", "page.txt", "--into", "page.txt"], "cannot write to page.txt/flat--", 2),
        (["add", "page.txt", "--keep", "shares"], "unknown kind shares, did you mean share?", 2),
        (["check", "golden", "--rules", "none.toml"], "none.toml: no such rule file or folder; check the path", 2),
        (["check", "a", "b"], "Got unexpected extra argument (b); see clean golden check --help", 2),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(room: Path, args: list[str], message: str, code: int) -> None:
    (room / "empty").mkdir()
    (room / "two.jsonl").write_text('{"text": "a"}\n{"text": "b"}\n')
    clean("golden", "add", "page.txt", "--slug", "there")
    result = clean("golden", *args)
    assert result.stderr.startswith(f"clean: {message}")
    assert (len(result.stderr.splitlines()), result.exit_code, result.stdout) == (1, code, "")


def test_what_is_there_is_not_written_over(room: Path) -> None:
    assert clean("golden", "add", "page.txt", "--slug", "x").exit_code == 0
    again = clean("golden", "add", "page.txt", "--slug", "x")
    assert again.exit_code == 2
    assert again.stderr == (
        "clean: golden/flat--x is there already; take another slug, or write today's body over it: "
        "clean golden update golden/flat--x\n"
    )


def test_all_that_is_wrong_with_a_set_is_named_a_line_each(room: Path) -> None:
    for slug in ("x", "y"):
        clean("golden", "add", "page.txt", "--slug", slug)
        (room / "golden" / f"flat--{slug}" / "expected.txt").unlink()
    assert clean("golden", "check").stderr.splitlines() == [
        "clean: golden/flat--x: expected.txt is missing",
        "clean: golden/flat--y: expected.txt is missing",
    ]


def test_colour_is_for_terminals_alone(room: Path) -> None:
    clean("golden", "add", "page.txt", "--slug", "x")
    assert "\x1b" not in clean("golden", "check", "--keep", "share").stdout
