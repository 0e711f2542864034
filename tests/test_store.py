"""Keeping rules: what is read back is what was made, and whatever is wrong with the file costs time, never a result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cleaner import Options, Source, store
from cleaner.errors import RuleError, UsageError
from cleaner.index import make_ready
from cleaner.lookup import PhraseTables, Ready
from cleaner.pipeline import Cleaner
from cleaner.rules import load_rules
from cleaner.store import ready_rules

RULE = """
[[rule]]
code = "SHR499"
name = "pass-on"
kind = "share"
summary = "Line that asks to pass a page on"
scope = "line"
match = "whole"
decisive = true
[rule.phrases]
en = ["Kindly pass it on"]
[[rule.example]]
drop = ["Kindly pass it on!"]
keep = ["Kindly pass it on to your sister."]
why = "a letter"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for kept rules, which isn't there yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "cleaner-pipeline"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(RULE, encoding="utf-8")
    return path


def plain(tables: PhraseTables) -> list[object]:
    *shelves, firsts, tokens = tables
    return [*[shelf.parts() for shelf in shelves], firsts, tokens]


def plainly(ready: Ready) -> list[object]:
    """All that a set says, in a form that can be compared."""
    phrases, closings, *rest = ready.lines
    return [ready.id, ready.rules, plain(phrases), {n: plain(tables) for n, tables in closings.items()}, *rest]


def test_what_is_read_back_is_what_was_made(folder: Path) -> None:
    made = ready_rules(Options())
    assert [path.suffix for path in folder.iterdir()] == [".json"]
    kept = ready_rules(Options())
    assert kept.lines is not made.lines
    assert plainly(kept) == plainly(made) == plainly(make_ready(load_rules()))


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"id": "x"}', b"\xff\xfe", b'{"id": 1, "phrases": [1]}'])
def test_a_damaged_file_is_made_anew(folder: Path, damage: bytes) -> None:
    made = ready_rules(Options())
    (path,) = folder.iterdir()
    sound = path.read_bytes()
    path.write_bytes(damage)
    assert plainly(ready_rules(Options())) == plainly(made)
    assert path.read_bytes() == sound


def test_a_cut_off_file_is_made_anew(folder: Path) -> None:
    made = ready_rules(Options())
    (path,) = folder.iterdir()
    sound = path.read_bytes()
    path.write_bytes(sound[: len(sound) // 2])
    assert plainly(ready_rules(Options())) == plainly(made)
    assert path.read_bytes() == sound


def test_nothing_is_kept_where_nothing_can_be_written(folder: Path) -> None:
    folder.parent.write_text("a file where the folder should be", encoding="utf-8")
    assert ready_rules(Options()).id == load_rules().id


def test_changed_rules_and_options_have_files_of_their_own(folder: Path, mine: Path) -> None:
    options = Options(rules=(str(mine),))
    first = ready_rules(options)
    mine.write_text(RULE.replace("Kindly pass it on", "Please pass it on", 2), encoding="utf-8")
    assert ready_rules(options).id != first.id
    assert ready_rules(replace(options, disable=("SHR499",))).id == load_rules().id
    assert len(list(folder.iterdir())) == 3


def test_only_the_newest_files_are_kept(folder: Path, mine: Path) -> None:
    for number in range(11):
        mine.write_text(f"{RULE}\n# {number}\n", encoding="utf-8")
        ready_rules(Options(rules=(str(mine),)))
    assert len(list(folder.iterdir())) == 8


def test_errors_are_those_of_loading(folder: Path, mine: Path) -> None:
    mine.write_text(RULE.replace("[rule.phrases]", "[rule.phases]"), encoding="utf-8")
    with pytest.raises(RuleError, match="SHR499"):
        ready_rules(Options(rules=(str(mine),)))
    with pytest.raises(UsageError, match="no such rule file"):
        ready_rules(Options(rules=(str(mine.with_name("none.toml")),)))
    assert not folder.exists()


def test_a_kept_set_decides_as_one_made_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"Share this:\n\nThe ferry was late again, and nobody on the quay was surprised by it.\n\nRelated articles\n"
    first = Cleaner().clean(Source(text))
    monkeypatch.setattr(store, "_make", lambda options: pytest.fail("the kept set was not used"))
    assert Cleaner().clean(Source(text)) == first
    assert first.removed
