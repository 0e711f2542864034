"""What was removed: spans that make up the source with the body, and can be put back to the character."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner import Article, clean
from cleaner.cli import cli
from cleaner.errors import InputError
from cleaner.model import KINDS
from cleaner.removed import ALL, SPACE, present_with_removal, removal_row, restore, source_text

ROOT = Path(__file__).parent.parent
SCRAPE = (
    "Skip to content\n\n  4,312 views  \n\n\n\nThe night train will run again, the railway said on Thursday, "
    "eleven years after it was withdrawn from the line.\n\nShare this:\n\n"
    "“People kept turning up at the platform anyway,” said the man who has run the buffet since 1988.\n\n"
    "Leave a Reply\nYour email address will not be published. Required fields are marked *"
)


def rowed(article: Article) -> dict[str, Any]:
    """A row as it comes back from a file."""
    row: dict[str, Any] = json.loads(json.dumps(removal_row(present_with_removal(article))))
    return row


def applied(source: str, spans: list[list[int]]) -> str:
    """What a tool that knows nothing of ours makes of a text by taking out all spans."""
    kept, at = [], 0
    for start, end, _ in spans:
        assert at <= start < end <= len(source), "spans are in order, and none overlaps another"
        kept.append(source[at:start])
        at = end
    return "".join([*kept, source[at:]])


def check(article: Article) -> dict[str, Any]:
    assert article.judgement is not None
    source, row = source_text(article.judgement.page), rowed(article)
    spans = row["attributes"][ALL]
    left = applied(source, spans)
    assert article.text in (left, left + "\n")
    assert restore(article.text, row) == source
    single = sorted(span for name, found in row["attributes"].items() if name != ALL for span in found)
    assert single == spans
    assert [source[start:end] for start, end, _ in spans] == row["texts"]
    return row


def test_every_span_names_kind_rule_and_points() -> None:
    article = clean(SCRAPE)
    row = check(article)
    names = set(row["attributes"]) - {ALL, SPACE}
    assert {"clean__share__SHR001", "clean__comments__COM001", "clean__counter__CNT001"} <= names
    assert {name.split("__")[1].replace("_", "-") for name in names} <= set(KINDS)
    ((start, end, points),) = row["attributes"]["clean__share__SHR001"]
    assert SCRAPE[start:end] == "Share this:"
    assert points > 0
    assert all(not SCRAPE[start:end].strip() for start, end, _ in row["attributes"][SPACE])
    counts = sum(article.removed.values())
    assert counts == sum(len(found) for name, found in row["attributes"].items() if name not in (ALL, SPACE))


@pytest.mark.parametrize("source", sorted((ROOT / "golden").glob("*/source.*")), ids=lambda path: path.parent.name)
def test_goldens_are_restored(source: Path) -> None:
    check(clean(source.read_bytes()))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*SCRAPE.split("\n"), "\t", " \u3000", "- item", "  1. one", "\u200b", "a\tb\tc"])))
@example([])
@example(["", "", "x"])
def test_any_flat_text_is_restored(lines: list[str]) -> None:
    check(clean("\n".join(lines), kind="text"))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([
    "<p>The ferry was late again, and nobody on the quay was surprised by it.</p>", "<p>Share this:</p>", "<hr>",
    "<pre>\n\n  code\n\n\n  more\n\n</pre>", "<pre>\n \n</pre>", "<ul><li>one<li>Leave a Reply</ul>", "<br><br>words",
    "<table><tr><td>a<td>b</table>", "<blockquote><p>quoted</p></blockquote>", "<nav><a href=/>Home</a></nav>",
])))  # fmt: skip
def test_any_page_is_restored(parts: list[str]) -> None:
    check(clean("<html><body>" + "".join(parts), kind="html"))


def test_a_body_that_was_changed_is_refused() -> None:
    article = clean(SCRAPE)
    row = rowed(article)
    for body in (article.text.replace("train", "tram"), article.text + "x\n", "", "# Title\n\n" + article.text):
        with pytest.raises(InputError, match="not what was left"):
            restore(body, row)
    bad = ({}, {"attributes": {}}, {**row, "texts": []}, {**row, "length": "many"}, {**row, "attributes": {ALL: [[1]]}})
    for wrong in bad:
        with pytest.raises(InputError, match="not a row"):
            restore(article.text, wrong)


# --- The commands ----------------------------------------------------------------------------------------------------


def call(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args])


@pytest.fixture
def scrapes(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(SCRAPE, encoding="utf-8")
    (folder / "b ? c.txt").write_text("Share this:\n", encoding="utf-8")
    (folder / "c.html").write_text("<h1>T</h1><p>The ferry was late again today.</p><p>Share this:</p>", "utf-8")
    return folder


@pytest.mark.parametrize("output", ["out.jsonl", "out.parquet", "tree/"])
def test_a_run_is_restored_from_what_it_wrote(scrapes: Path, tmp_path: Path, output: str) -> None:
    removed = tmp_path / "removed.jsonl.gz"
    assert call(scrapes, "-o", f"{tmp_path}/{output}", "--removed", removed).exit_code == 0
    done = call("restore", tmp_path / output, removed)
    assert done.exit_code == 0, done.stderr
    found = {row["id"]: row["text"] for row in map(json.loads, done.stdout.splitlines())}
    assert found["a.txt"] == SCRAPE
    assert found["b ? c.txt"] == "Share this:\n"
    assert set(found) == {"a.txt", "b ? c.txt", "c.html"}
    assert call("restore", tmp_path / output, removed, "-o", tmp_path / "back.jsonl").exit_code == 0
    assert (tmp_path / "back.jsonl").read_text("utf-8") == done.stdout


def test_what_does_not_fit_is_told(scrapes: Path, tmp_path: Path) -> None:
    removed, bodies = tmp_path / "removed.jsonl", tmp_path / "out.jsonl"
    call(scrapes, "-o", bodies, "--removed", removed)
    changed = tmp_path / "changed.jsonl"
    changed.write_text(bodies.read_text("utf-8").replace("night train", "night tram"), "utf-8")
    done = call("restore", changed, removed)
    assert (done.exit_code, len(done.stdout.splitlines())) == (1, 2)
    assert done.stderr.startswith("clean: a.txt: this body is not what was left")
    other = tmp_path / "other.jsonl"
    other.write_text('{"id": "z", "text": "x"}\n')
    assert call("restore", other, removed).exit_code == 2
    assert "no such file" in call("restore", bodies, tmp_path / "gone.jsonl").stderr
    assert call("restore", tmp_path / "in", removed).exit_code == 1


def test_removed_and_output_stand_or_fall_together(scrapes: Path, tmp_path: Path) -> None:
    done = call(scrapes, "-o", tmp_path / "out.jsonl", "--removed", tmp_path / "no/removed.jsonl")
    assert done.exit_code == 2
    assert not (tmp_path / "out.jsonl").exists()
