"""Journals: what is kept is given back, as far as it is whole; nothing else is believed."""

from __future__ import annotations

import os
import pickle
import random
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cleaner import journal as module
from cleaner.errors import OutputError, UsageError
from cleaner.files import MARK
from cleaner.journal import Journal, Take, open_journal
from cleaner.model import Article, Failure, Outcome, Source

LONG = 400


def source(number: int, **more: Any) -> Source:
    return Source(f"Page {number}.".encode(), id=f"p{number}", metadata={"number": number, "at": object}, **more)


def outcome(item: Source | Failure) -> Outcome:
    """What cleaning would give, with words that don't pack well, so that a journal has many pieces."""
    if isinstance(item, Failure):
        return Outcome(item)
    words = random.Random(item.id).randbytes(LONG).hex()
    article = Article(
        item.id, words, "Title", item.url, None, None, "en", "ok", {"share": 1}, "0+1", ("a note",), item.metadata
    )
    return Outcome(article, 0.25, {"SHR001": 1}, item.url)


def opened(folder: Path, take: Take = "resume", **more: Any) -> Any:
    given = {"terms": {"title": False}, "is_tree": False, "keeps": True} | more
    return open_journal(folder / "out.jsonl", take=take, **given)


class CutError(Exception):
    """Stands for whatever ends a run."""


def worked(journal: Journal, items: Sequence[Source | Failure], most: int | None = None) -> tuple[list[Outcome], int]:
    """Work on items until so many are done, or all; the outcomes, and how many of them had to be made."""
    made = 0

    def outcomes() -> Iterable[Outcome]:
        nonlocal made
        for item in journal.known(items):
            made += not isinstance(item, Outcome)
            yield item if isinstance(item, Outcome) else outcome(item)

    found = []
    for one in journal.keep(outcomes()):
        found.append(one)
        if len(found) == most:
            break
    return found, made


def cut_short(folder: Path, items: Sequence[Source | Failure], most: int) -> int:
    """A run that ends after so many items; how many of them had to be made."""
    made = 0
    with suppress(CutError), opened(folder) as journal:
        made = worked(journal, items, most)[1]
        raise CutError
    return made


STATE = ".out.jsonl.clean-run"


ITEMS = [Failure("p0", "read", "no such file"), *map(source, range(1, 40))]


def test_what_was_done_is_given_back_as_it_was(tmp_path: Path) -> None:
    """Rides along what the input has now: it is the same, and need not be kept."""
    cut_short(tmp_path, ITEMS, 25)
    with opened(tmp_path) as journal:
        found, made = worked(journal, ITEMS)
        assert journal.finished == 25
    assert found == list(map(outcome, ITEMS))
    assert made == len(ITEMS) - 25
    assert list(tmp_path.iterdir()) == []


def test_a_run_may_be_cut_short_again_and_again(tmp_path: Path) -> None:
    made = 0
    for most in range(5, 40, 7):
        made += cut_short(tmp_path, ITEMS, most)
    with opened(tmp_path) as journal:
        found, last = worked(journal, ITEMS)
    assert found == list(map(outcome, ITEMS))
    assert made + last == len(ITEMS)


@pytest.mark.parametrize("seed", range(20))
def test_an_end_that_is_torn_or_damaged_is_done_again(tmp_path: Path, seed: int) -> None:
    """As a loss of power leaves it: cut off, or with bytes that were never written."""
    cut_short(tmp_path, ITEMS, 30)
    cut_short(tmp_path, ITEMS, 35)
    chance = random.Random(seed)
    volume = chance.choice(sorted((tmp_path / STATE).glob("*.journal")))
    data = bytearray(volume.read_bytes())
    at = chance.randrange(len(data))
    torn = [data[:at], data[:at] + bytes(len(data) - at), data[:at] + chance.randbytes(50) + data[at + 50 :]]
    volume.write_bytes(chance.choice(torn))
    with opened(tmp_path) as journal:
        found, _ = worked(journal, ITEMS)
        assert journal.finished <= 35
    assert found == list(map(outcome, ITEMS))


def test_what_was_done_after_a_damage_counts(tmp_path: Path) -> None:
    cut_short(tmp_path, ITEMS, 20)
    cut_short(tmp_path, ITEMS, 25)
    volume = tmp_path / STATE / "000001.journal"
    volume.write_bytes(volume.read_bytes()[:3000])
    assert cut_short(tmp_path, ITEMS, 30) > 10
    assert cut_short(tmp_path, ITEMS, 35) == 5


@pytest.mark.parametrize("name", ["url", "title", "kind", "charset"])
def test_an_input_is_what_it_says_of_itself_too(tmp_path: Path, name: str) -> None:
    cut_short(tmp_path, ITEMS, 10)
    changed = [*ITEMS[:5], source(5, **{name: "text"}), *ITEMS[6:]]
    with pytest.raises(UsageError, match="p5 is not what it was"), opened(tmp_path) as journal:
        worked(journal, changed)


def test_fewer_inputs_than_before(tmp_path: Path) -> None:
    cut_short(tmp_path, ITEMS, 10)
    with pytest.raises(UsageError, match="fewer inputs"), opened(tmp_path) as journal:
        worked(journal, ITEMS[:9])


def test_a_failure_to_read_is_finished_work(tmp_path: Path) -> None:
    """The same inputs give the same output, even if a file can be read by now."""
    cut_short(tmp_path, ITEMS, 10)
    with opened(tmp_path) as journal:
        found, _ = worked(journal, [source(0), *ITEMS[1:]])
    assert found[0] == Outcome(ITEMS[0])


def test_a_journal_runs_no_code(tmp_path: Path) -> None:
    """Somebody else may have written to the folder."""
    cut_short(tmp_path, ITEMS, 1)
    trap = tmp_path / "trap"

    class Hostile:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(trap),)

    hostile = pickle.dumps((b"", Hostile()))
    volume = module._Volume(tmp_path / STATE, 1)
    volume._packed.write(module._HEAD.pack(len(hostile), module.crc32(hostile)) + hostile)
    volume._packed.flush(volume._flush)
    volume.close()
    with pytest.raises(UsageError, match=r"holds no journal of ours .*--restart"), opened(tmp_path) as journal:
        worked(journal, ITEMS)
    assert not trap.exists()


def test_only_one_run_at_a_time(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(UsageError, match="another run is writing to"), opened(tmp_path):
        pass
    with opened(tmp_path, keeps=False) as journal:
        assert journal is None
        with pytest.raises(UsageError, match="another run is writing to"), opened(tmp_path):
            pass
    assert list(tmp_path.iterdir()) == []


def test_what_to_take_up(tmp_path: Path) -> None:
    cut_short(tmp_path, ITEMS, 10)
    with pytest.raises(UsageError, match="--resume, or begin anew with --restart"), opened(tmp_path, "refuse"):
        pass
    with pytest.raises(UsageError, match="title was false and is true"), opened(tmp_path, terms={"title": True}):
        pass
    with opened(tmp_path, "restart", terms={"title": True}) as journal:
        assert worked(journal, ITEMS)[1] == len(ITEMS)


def test_terms_that_cannot_be_read(tmp_path: Path) -> None:
    cut_short(tmp_path, ITEMS, 10)
    (tmp_path / STATE / "terms.json").write_bytes(b'{"ti')
    with pytest.raises(UsageError, match="can't be read; begin anew with --restart"), opened(tmp_path):
        pass


def test_a_run_that_did_nothing_leaves_nothing(tmp_path: Path) -> None:
    with suppress(CutError), opened(tmp_path):
        raise CutError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_tree", [False, True])
def test_temporary_files_of_a_run_that_was_killed_go(tmp_path: Path, is_tree: bool) -> None:
    output, other = tmp_path / "out.jsonl", tmp_path / "other"
    inside = output / "deep" if is_tree else tmp_path
    inside.mkdir(parents=True, exist_ok=True)
    other.mkdir()
    state = output / ".clean-run" if is_tree else tmp_path / STATE
    state.mkdir()
    (state / "0a1b.mark").touch()
    leftovers = [inside / ".clean-0a1b-0.tmp", other / ".clean-0a1b-1.tmp"]
    strangers = [inside / ".clean-ffff-0.tmp", other / "page.tmp"]
    for path in (*leftovers, *strangers):
        path.touch()
    with open_journal(output, {}, "refuse", is_tree=is_tree, keeps=True, places=[other]):
        assert [path.exists() for path in leftovers] == [False, False]
        assert [path.name for path in state.glob("*.mark")] == [f"{MARK}.mark"]
    assert all(path.exists() for path in strangers)


def test_a_place_that_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write to .*: No such file"), opened(tmp_path / "none"):
        pass


def test_a_disk_that_fails_is_noticed_at_the_next_turn(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        syncing = module._Syncing(file.fileno())
        syncing.begin()
        syncing.end()
        syncing.begin()
        syncing.end()
    syncing.begin()
    syncing.end()
    with pytest.raises(OSError, match="Bad file descriptor"):
        syncing.begin()
