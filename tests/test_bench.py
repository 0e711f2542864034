"""The bench: its figures, its peers' line rules, its fixed samples, its floors, and the command end to end."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bench.__main__ import main
from bench.containers import CONTAINERS
from bench.corpus import (
    DEFAULT_CORPORA,
    SETS,
    Corpus,
    CorpusError,
    Truth,
    find_corpora,
    open_corpus,
    page_id,
    sample_ids,
    truth_of,
)
from bench.documents import documents
from bench.floors import (
    DEFAULT_SAMPLE,
    MARGIN,
    CorpusFloors,
    FloorsError,
    broken_floors,
    load_floors,
    render_floors,
    updated,
)
from bench.line_rules import c4_lines, c4_pages, refinedweb_lines
from bench.process import ToolError, ToolProcess
from bench.report import Table, error_lines, result_tables
from bench.run import SetResult, ToolResult, measure_set, summarise_timing
from bench.score import score_page, summarise
from bench.stages import STAGES
from bench.throughput import Taken, _Run, _take_turns
from bench.tools import OURS, PEERS, TOOLS, Run, Tool, load_nothing, select_tools, wrapped
from cleaner.model import Source

OTHER_SCORER = DEFAULT_CORPORA.parent / "score.py"

BODY_ONE = (
    "The heron stood in the shallow water below the weir for most of the morning. "
    "Nobody on the towpath could say what it was waiting for, and it was in no hurry to tell them.\n\n"
    "Towards noon a barge came through the lock, the water rose by a hand's breadth, and the bird was gone."
)
BODY_TWO = (
    "Our oven has a mind of its own, so the times below are the ones that work in a cold kitchen. "
    "Give the dough a whole night, and do not be tempted to add flour when it sticks to your hands."
)
PAGES: list[dict[str, Any]] = [
    {"id": "aa01", "type": "article", "main_content": BODY_ONE, "with": ["below the weir"], "without": ["Share this"]},
    {"id": "aa02", "type": "recipe", "main_content": BODY_TWO, "with": ["a whole night"], "without": ["Log in"]},
]


def truth(body: str | None = None, must: tuple[str, ...] = (), must_not: tuple[str, ...] = ()) -> Truth:
    return Truth("x", "article", body, must, must_not)


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A corpus folder of two made-up pages in all three sets."""
    corpus = tmp_path / "made-up"
    (corpus / "html").mkdir(parents=True)
    write_rows(corpus / "truth.jsonl.gz", PAGES)
    flat = [
        {"id": page["id"], "url": "https://example.org/", "text": f"Share this\nLog in\n\n{page['main_content']}\n"}
        for page in PAGES
    ]
    write_rows(corpus / "flat.jsonl.gz", flat)
    write_rows(corpus / "flat-main.jsonl.gz", flat)
    for page in PAGES:
        paragraphs = "".join(f"<p>{part}</p>" for part in page["main_content"].split("\n\n"))
        html = f"<html><body><nav><a href='/in'>Log in</a></nav><article>{paragraphs}</article></body></html>"
        (corpus / "html" / f"{page['id']}.html.gz").write_bytes(gzip.compress(html.encode()))
    return corpus


@pytest.fixture
def corpus(folder: Path) -> Corpus:
    return open_corpus(folder)


@pytest.fixture
def bench() -> Callable[..., Result]:
    return lambda *args: CliRunner().invoke(main, [str(arg) for arg in args])


# Figures


@pytest.mark.parametrize(
    ("text", "body", "f1", "precision", "recall"),
    [
        ("one two three four", "One, two; THREE four!", 1.0, 1.0, 1.0),
        ("one two three four", "one two five six", 0.5, 0.5, 0.5),
        ("one one one", "one", 0.5, 1 / 3, 1.0),
        ("one", "two", 0.0, 0.0, 0.0),
        ("", "one", 0.0, 0.0, 0.0),
        ("one", "", 0.0, 0.0, 0.0),
        ("", "", 1.0, 1.0, 1.0),
    ],
)
def test_words_are_compared_as_bags(text: str, body: str, f1: float, precision: float, recall: float) -> None:
    words = score_page(text, truth(body)).words
    assert words is not None
    assert (words.f1, words.precision, words.recall) == pytest.approx((f1, precision, recall))


@pytest.mark.parametrize(
    ("text", "shingle"),
    [
        ("a b c d e", 1.0),
        ("e d c b a", 0.0),
        ("a b c d x", 0.5),
        ("a b c", 0.0),
    ],
)
def test_shingles_see_order(text: str, shingle: float) -> None:
    assert score_page(text, truth("a b c d e")).shingle == pytest.approx(shingle)


def test_a_text_under_four_words_is_one_shingle() -> None:
    assert score_page("a b c", truth("a b c")).shingle == 1.0
    assert score_page("a b", truth("a b c")).shingle == 0.0


def test_snippets_are_counted_per_page_for_shares_and_over_all_pages_for_seg_f1() -> None:
    pages = [
        score_page("keep one, keep two, junk", truth(must=("keep one", "keep two"), must_not=("junk",))),
        score_page("nothing of it", truth(must=("Keep one", "keep two"), must_not=("a", "b", "c"))),
    ]
    # Found 2 of 4 must-haves and 1 of 4 must-not-haves: precision 2/3, recall 2/4.
    assert summarise(pages) == {"with": 0.5, "without": 0.5, "segF1": 0.5714}


def test_figures_without_anything_to_measure_are_left_out() -> None:
    assert summarise([score_page("text", truth())]) == {}
    assert "segF1" not in summarise([score_page("text", truth(must=("gone",)))])


@pytest.mark.skipif(not OTHER_SCORER.exists(), reason="no ../shared/score.py to compare with")
def test_figures_equal_those_of_the_other_scorer(tmp_path: Path) -> None:
    rows = made_up_truths(60)
    texts = {row["id"]: made_up_text(row, seed) for seed, row in enumerate(rows)}
    write_rows(tmp_path / "truth.jsonl.gz", rows)
    write_rows(tmp_path / "texts.jsonl.gz", [{"id": f"{id_}.html.gz", "text": text} for id_, text in texts.items()])
    files = [str(tmp_path / "truth.jsonl.gz"), str(tmp_path / "texts.jsonl.gz")]
    command = [sys.executable, str(OTHER_SCORER), *files, "--json"]
    theirs = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    ours = {row["id"]: (row["type"], score_page(texts[row["id"]], truth_of(row))) for row in rows}
    for group in ("all", "article", "forum", "listing"):
        pages = [figures for type_, figures in ours.values() if group in ("all", type_)]
        assert {"pages": len(pages), **summarise(pages)} == theirs[group]


WORDS = ["river", "stone", "Brücke", "наука", "水", "lamp,", "window;", "ink.", "42", "it's"]


def made_up_truths(count: int) -> list[dict[str, Any]]:
    """Truths of all shapes: with and without a body, snippets on either side, empty bodies."""
    choose = random.Random(5)
    rows = []
    for number in range(count):
        words = [choose.choice(WORDS) for _ in range(number)]
        row: dict[str, Any] = {"id": f"page{number}", "type": ("article", "forum", "listing")[number % 3]}
        if number % 4:
            row["main_content"] = " ".join(words)
        if number % 5:
            row["with"] = [" ".join(words[at : at + 2]) for at in range(0, number, 7)]
        if number % 2:
            row["without"] = ["menu", "lamp, ink."]
        rows.append(row)
    return rows


def made_up_text(row: dict[str, Any], seed: int) -> str:
    """A prediction for a truth: some of its words in order, some dropped, some chrome."""
    choose = random.Random(seed)
    words = [word for word in (row.get("main_content") or "lamp, ink.").split() if choose.random() < 0.8]
    return " ".join([*words, *["menu"] * (seed % 3)])


# Line rules of peers


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("The ferry leaves at seven from the old pier.", True),
        ('"You will not find it there," she said, "ever"', True),
        ("Does anybody know when the ferry leaves?", True),
        ("Timetable and prices for the coming winter", False),
        ("The ferry leaves at…", False),
        ("The ferry leaves at seven from the old ...", False),
        ("It leaves at seven.", False),
        ("Please enable JavaScript to see the timetable.", False),
        ("By going on you accept our Privacy Policy and more.", False),
        ("This site uses cookies to remember your cabin.", False),
    ],
)
def test_c4_keeps_lines_that_are_sentences(line: str, stays: bool) -> None:
    assert c4_lines(f"  {line} \n\n") == (line if stays else "")


@pytest.mark.parametrize("page", ["Lorem Ipsum stands in for the text.", "function go() { return to the pier; }"])
def test_c4_refuses_whole_pages(page: str) -> None:
    text = f"{page}\nThe ferry leaves at seven from the old pier."
    assert c4_pages(text) == ""
    assert c4_lines(text).endswith("from the old pier.")


@pytest.mark.parametrize(
    "line", ["TIMETABLE and PRICES", "12 / 2024", "3 likes", "1,204 Views", "2.5k shares", "Home", "  Home  "]
)
def test_refinedweb_drops_lines(line: str) -> None:
    assert refinedweb_lines(f"before it\n{line}\nafter it") == "before it\nafter it"


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("Sign-in to see your cabins", " to see your cabins"),
        ("A winter on the island. Read more...", "A winter on the island. "),
        ("You have 3 items in cart today", "You have 3  today"),
        ("On page two you can read more about it", "On page two you can read more about it"),
        (
            "The guide tells you in eleven words or more where to sign in. Read more...",
            "The guide tells you in eleven words or more where to sign in. Read more...",
        ),
        ("Three people likes this boat", "Three people likes this boat"),
        ("The NATO and UN envoys met", "The NATO and UN envoys met"),
        ("", ""),
    ],
)
def test_refinedweb_cuts_phrases_from_short_lines_alone(line: str, left: str) -> None:
    assert refinedweb_lines(line) == left


def test_wrapped_lines_are_paragraphs_and_their_signs_are_text() -> None:
    assert wrapped("a < b\n\n <i>c") == "<html><body><p>a &lt; b</p>\n<p> &lt;i&gt;c</p></body></html>"


# Corpora and samples


def test_samples_are_always_the_same() -> None:
    ids = [f"page{number}" for number in range(200)]
    assert sorted(sample_ids(ids, 4)) == ["page15", "page157", "page173", "page99"]
    assert sample_ids(reversed(ids), 50) == sample_ids(ids, 50)
    assert sample_ids(ids, 20) < sample_ids(ids, 50)
    assert sample_ids(ids, None) == set(ids) == sample_ids(ids, 1000)


@pytest.mark.parametrize("name", ["x/y/page.html.gz", "page.txt", "page.htm", "page", "page.html.zst"])
def test_page_ids_have_no_folders_and_endings(name: str) -> None:
    assert page_id(name) == "page"


def test_a_corpus_gives_the_same_pages_in_every_set(corpus: Corpus) -> None:
    assert corpus.sets() == ["html", "flat", "flat-main"]
    for name in corpus.sets():
        assert [page.id for page in corpus.pages(name)] == ["aa01", "aa02"]
        assert len(corpus.pages(name, 1)) == 1


def test_pages_are_given_as_they_lie_in_their_set(corpus: Corpus) -> None:
    html, flat = corpus.pages("html")[0].source(), corpus.pages("flat")[0].source()
    assert (html.kind, html.url, html.data[:6]) == ("html", None, b"<html>")
    assert (flat.kind, flat.url, flat.data[:10]) == ("text", "https://example.org/", b"Share this")


def test_a_broken_truth_file_is_named_with_its_line(folder: Path) -> None:
    (folder / "truth.jsonl.gz").write_bytes(gzip.compress(b'{"id": "a"}\n{"id": \n'))
    with pytest.raises(CorpusError, match=r"truth\.jsonl\.gz:2: not JSON"):
        open_corpus(folder)


def test_corpora_are_found_by_their_own_folder_or_the_one_above(folder: Path, tmp_path: Path) -> None:
    assert find_corpora(folder) == find_corpora(tmp_path) == [folder]
    assert find_corpora(tmp_path / "none") == []


# Running tools


def load_troubled() -> Run:
    """A tool that raises, dies or hangs when a page says so."""

    def run(source: Source) -> str:
        text = source.data.decode()
        if text == "raise":
            raise ValueError("no such page")
        if text == "die":
            os._exit(3)
        if text == "hang":
            time.sleep(60)
        return text

    return run


def load_never() -> Run:
    raise RuntimeError("licence expired")


def test_a_page_on_which_a_tool_fails_is_empty_and_the_next_one_is_cleaned() -> None:
    with ToolProcess(Tool("troubled", "text", load_troubled), limit=1.5) as process:
        answers = [process.clean(Source(word)) for word in (b"raise", b"die", b"hang", b"fine")]
        assert process.peak_memory() > 1
    assert [answer.text for answer in answers] == ["", "", "", "fine"]
    assert [answer.error for answer in answers] == [
        "ValueError: no such page",
        "its process died",
        "no answer within 1.5 s",
        None,
    ]


def test_a_tool_that_cannot_be_loaded_says_why() -> None:
    with pytest.raises(ToolError, match="never can't be loaded: RuntimeError: licence expired"):
        ToolProcess(Tool("never", "text", load_never))


def test_figures_do_not_depend_on_the_number_of_jobs(corpus: Corpus) -> None:
    tools = [Tool("nothing", "text", load_nothing), Tool("troubled", "text", load_troubled)]
    one, two = (measure_set(corpus, "flat", tools, None, jobs) for jobs in (1, 2))
    assert [(t.tool, t.pages, t.figures, t.by_type) for t in one.tools] == [
        (t.tool, t.pages, t.figures, t.by_type) for t in two.tools
    ]
    assert one.tools[0].figures["r"] == 1.0
    assert one.tools[0].figures["without"] == 1.0
    assert set(one.tools[0].by_type) == {"article", "recipe"}


def test_errors_are_reported_with_their_page(folder: Path) -> None:
    write_rows(folder / "flat.jsonl.gz", [{"id": "aa01", "text": "raise"}, {"id": "aa02", "text": BODY_TWO}])
    result = measure_set(open_corpus(folder), "flat", [Tool("troubled", "text", load_troubled)], None, 1)
    assert result.tools[0].errors == (("aa01", "ValueError: no such page"),)
    assert result.tools[0].figures["f1"] == 0.5
    assert result_tables(result)[0].rows[0][-1] == "1"


def test_of_many_errors_the_first_are_named_and_the_rest_counted() -> None:
    errors = tuple((f"p{number}", "ValueError: one\ntwo") for number in range(12))
    failing = ToolResult("peer", 12, {}, {}, summarise_timing([0.1]), 50.0, errors)
    lines = error_lines(SetResult("made-up", "flat", (failing,)))
    assert lines[0] == "made-up flat: peer failed on p0: ValueError: one two"
    assert lines[10:] == ["made-up flat: peer failed on 2 more"]


def test_a_figure_that_one_tool_lacks_is_a_nought_in_its_row(folder: Path) -> None:
    write_rows(folder / "flat.jsonl.gz", [{"id": "aa02", "text": "SORT THE DOUGH"}, {"id": "aa01", "text": "3 likes"}])
    tools = [tool for tool in TOOLS if tool.name in ("nothing", "refinedweb-lines")]
    write_rows(folder / "truth.jsonl.gz", [{"id": "aa02", "type": "a", "with": ["DOUGH"]}, {"id": "aa01", "type": "a"}])
    table = result_tables(measure_set(open_corpus(folder), "flat", tools[::-1], None, 1))[0]
    assert table.columns[:3] == ("tool", "with", "segF1")
    assert [row[:3] for row in table.rows] == [
        ("refinedweb-lines", "0.0000", "0.0000"),
        ("nothing", "1.0000", "1.0000"),
    ]


def test_timing_is_over_all_pages() -> None:
    timing = summarise_timing([0.001, 0.002, 0.009])
    assert timing.pages_per_second == pytest.approx(250)
    assert (timing.mean_ms, timing.median_ms, timing.max_ms) == pytest.approx((4, 2, 9))


def test_a_missing_peer_is_skipped_with_a_reason() -> None:
    tools, skipped = select_tools(("nothing", "gone"), (*TOOLS, Tool("gone", "text", load_never, "no_such_package")))
    assert {tool.name for tool in tools} == {OURS, "nothing"}
    assert list(skipped) == ["gone"]
    assert "no_such_package is not installed" in str(skipped["gone"])


def test_all_peers_are_selected_by_name() -> None:
    assert {"trafilatura", "trafilatura-fast", "resiliparse", "justext", "nothing"} < set(PEERS)
    assert {"c4-lines", "refinedweb-lines"} < set(PEERS)
    assert [tool.name for tool in select_tools(())[0]] == [OURS, OURS]


def test_tables_are_aligned_and_have_a_markdown_form() -> None:
    table = Table("Two tools", ("tool", "f1"), (("nothing", "0.5"), ("us", "12.25")))
    assert table.plain() == "Two tools\ntool        f1\nnothing    0.5\nus       12.25"
    assert table.markdown().splitlines()[2:4] == ["| tool | f1 |", "| --- | ---: |"]


# Floors


def our_result(set_name: str = "flat", **figures: float) -> SetResult:
    ours = ToolResult(OURS, 2, figures, {}, summarise_timing([0.1, 0.2]), 50.0, ())
    return SetResult("made-up", set_name, (ours,))


def test_floors_stand_just_below_what_was_measured_and_only_for_figures_that_sum_up() -> None:
    floors = updated(CorpusFloors(), [our_result(f1=0.9, p=0.8, segF1=0.75)])
    assert floors.sets == {"flat": {"f1": pytest.approx(0.9 - MARGIN), "segF1": pytest.approx(0.75 - MARGIN)}}


def test_floors_rise_but_sink_only_when_told_to() -> None:
    floors = CorpusFloors(150, {"flat": {"f1": 0.85, "segF1": 0.6}, "html": {"f1": 0.9}})
    results = [our_result(f1=0.8, segF1=0.7)]
    assert updated(floors, results).sets == {"flat": {"f1": 0.85, "segF1": 0.697}, "html": {"f1": 0.9}}
    assert updated(floors, results, lower=True).sets == {"flat": {"f1": 0.797, "segF1": 0.697}, "html": {"f1": 0.9}}


def test_a_floor_of_a_figure_that_is_gone_stays() -> None:
    floors = CorpusFloors(150, {"flat": {"f1": 0.85, "segF1": 0.6}})
    assert updated(floors, [our_result(f1=0.8)]).sets["flat"] == {"f1": 0.85, "segF1": 0.6}


def test_each_broken_floor_is_a_line() -> None:
    floors = CorpusFloors(150, {"flat": {"f1": 0.85, "shingle": 0.5, "segF1": 0.7}})
    assert broken_floors(floors, our_result(f1=0.8, segF1=0.7)) == [
        "made-up flat: f1 0.8000 is below its floor 0.8500",
        "made-up flat: shingle 0.0000 is below its floor 0.5000",
    ]


def test_floors_come_back_as_they_were_written(tmp_path: Path) -> None:
    floors = {"made-up": CorpusFloors(20, {"html": {"f1": 0.8001}, "flat-main": {"f1": 0.7, "segF1": 0.61}})}
    path = tmp_path / "floors.toml"
    path.write_text(render_floors(floors), "utf-8")
    assert load_floors(path) == floors
    assert load_floors(tmp_path / "none.toml") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a]\nsample = 0\n", "`sample` must be a number of pages"),
        ("[a.flat]\nf1 = 0.5\n", "`sample` must be a number of pages"),
        ("[a]\nsample = 5\n[a.flatt]\nf1 = 0.5\n", "unknown set 'flatt'"),
        ("[a]\nsample = 5\n[a.flat]\nF1 = 0.5\n", "F1 = 0.5 is no floor for a known figure"),
        ("[a]\nsample = 5\n[a.flat]\nwithout = 0.5\n", "without = 0.5 is no floor"),
        ("[a\n", "floors.toml: "),
    ],
)
def test_a_wrong_floors_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "floors.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(FloorsError, match=message):
        load_floors(path)


def test_the_shipped_floors_pin_every_set_of_both_corpora() -> None:
    floors = load_floors()
    assert set(floors) == {"multilingual-dev", "wcxb-dev"}
    for corpus in floors.values():
        assert corpus.sample == DEFAULT_SAMPLE
        assert set(corpus.sets) == set(SETS)
        assert all(corpus.sets.values())


# The command


def test_the_command_measures_a_folder_end_to_end(bench: Callable[..., Result], folder: Path, tmp_path: Path) -> None:
    out, page = tmp_path / "out.json", tmp_path / "out.md"
    result = bench(folder, "--peers", "none", "--jobs", 1, "--stages", "--json", out, "--markdown", page)
    assert result.exit_code == 0, result.output
    assert "made-up html: 2 pages" in result.stdout
    record = json.loads(out.read_text("utf-8"))
    assert [(r["set"], [t["tool"] for t in r["tools"]]) for r in record["results"]] == [
        (name, [OURS]) for name in ("html", "flat", "flat-main")
    ]
    assert all(r["tools"][0]["figures"]["f1"] > 0.8 and not r["tools"][0]["errors"] for r in record["results"])
    assert all(set(STAGES) < set(cost["milliseconds"]) for cost in record["stages"])
    assert "### made-up flat: 2 pages" in page.read_text("utf-8")
    assert str(tmp_path) not in page.read_text("utf-8")


def test_every_container_gives_all_pages(bench: Callable[..., Result], folder: Path) -> None:
    result = bench("containers", folder, "--sample", 2)
    assert result.exit_code == 0, result.output
    rows = [line for line in result.stdout.splitlines() if line.startswith(tuple(CONTAINERS))]
    assert len(rows) == len(CONTAINERS)
    assert result.stdout.startswith("made-up html by container; cleaning takes ")


def test_only_the_sets_and_peers_that_are_named_are_measured(bench: Callable[..., Result], folder: Path) -> None:
    result = bench(folder, "--peers", "nothing, c4-lines", "--sets", "flat", "--sample", 1, "--jobs", 1)
    assert result.exit_code == 0, result.output
    assert "made-up flat: 1 pages" in result.stdout
    assert [line.split()[0] for line in result.stdout.splitlines()[2:5]] == [OURS, "nothing", "c4-lines"]
    assert "html" not in result.stdout


def test_update_pins_floors_that_check_holds_us_to(bench: Callable[..., Result], folder: Path, tmp_path: Path) -> None:
    floors = tmp_path / "floors.toml"
    assert bench("update", folder, "--floors", floors, "--jobs", 1).exit_code == 0
    assert set(load_floors(floors)["made-up"].sets) == {"html", "flat", "flat-main"}
    held = bench("check", folder, "--floors", floors, "--jobs", 1)
    assert (held.exit_code, held.stdout.count("floors hold")) == (0, 3)
    floors.write_text("[made-up]\nsample = 2\n[made-up.flat]\nf1 = 1.5\nshingle = 0.1\n", "utf-8")
    broken = bench("check", folder, "--floors", floors, "--jobs", 1)
    assert broken.exit_code == 1
    assert [line for line in broken.stdout.splitlines() if "below its floor 1.5" in line] == broken.stdout.splitlines()


def test_a_set_that_is_gone_breaks_its_floors(bench: Callable[..., Result], folder: Path, tmp_path: Path) -> None:
    (folder / "flat.jsonl.gz").unlink()
    floors = tmp_path / "floors.toml"
    floors.write_text("[made-up]\nsample = 2\n[made-up.flat]\nf1 = 0.1\n", "utf-8")
    result = bench("check", folder, "--floors", floors, "--jobs", 1)
    assert (result.exit_code, result.stdout) == (1, "made-up flat: the set is missing\n")


@pytest.mark.parametrize("command", ["measure", "check", "update"])
def test_missing_corpora_are_skipped_with_a_reason(bench: Callable[..., Result], tmp_path: Path, command: str) -> None:
    options = [] if command == "measure" else ["--floors", tmp_path / "floors.toml"]
    result = bench(command, tmp_path / "none", *options)
    assert (result.exit_code, result.stdout) == (0, f"skipped: no corpora at {tmp_path / 'none'}\n")
    assert not (tmp_path / "floors.toml").exists()


def test_a_corpus_without_floors_is_skipped_with_a_reason(
    bench: Callable[..., Result], folder: Path, tmp_path: Path
) -> None:
    result = bench("check", folder, "--floors", tmp_path / "none.toml")
    assert (result.exit_code, result.stdout) == (
        0,
        "skipped: made-up has no floors, `python -m bench update` pins them\n",
    )


@pytest.mark.parametrize(("option", "value"), [("--peers", "trafilatur"), ("--sets", "flat,pdf"), ("--sample", "0")])
def test_unknown_names_are_usage_errors(bench: Callable[..., Result], folder: Path, option: str, value: str) -> None:
    result = bench(folder, option, value)
    assert result.exit_code == 2
    assert value.rsplit(",", 1)[-1] in result.stderr


def test_a_broken_corpus_is_one_line(bench: Callable[..., Result], folder: Path) -> None:
    (folder / "truth.jsonl.gz").write_bytes(gzip.compress(b"[1]\n"))
    result = bench(folder)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].endswith("truth.jsonl.gz:1: not a record with an id")


class TestThroughput:
    """Runs of many documents: made-up ones, the same each time."""

    def test_documents_are_the_same_for_the_same_seed(self) -> None:
        assert list(documents(6)) == list(documents(6))
        assert list(documents(6)) != list(documents(6, seed=1))
        assert ["html" in record for record in documents(4)] == [False, True, False, True]

    @pytest.mark.skipif(os.name != "posix", reason="memory and CPU time as POSIX tells them")
    def test_the_command(self) -> None:
        result = CliRunner().invoke(main, ["throughput", "--documents", "30", "--jobs", "1", "--jobs", "2"])
        assert result.exit_code == 0, result.output
        title, head, *rows = result.output.splitlines()
        assert title == "30 documents"
        assert head.split()[:2] == ["run", "pages/s"]
        assert [row.split("  ")[0] for row in rows] == ["loop", "-j 1", "-j 2"]

    @pytest.mark.skipif(os.name != "posix", reason="runs are stopped and continued by signals")
    def test_where_one_run_fails_none_goes_on(self) -> None:
        runs = [
            _Run(name, [sys.executable, "-c", code])
            for name, code in (("a", "exit(3)"), ("b", "import time; time.sleep(60)"))
        ]
        with pytest.raises(AssertionError, match="a ended with exit code 3"):
            _take_turns(runs)
        assert [run.process.returncode for run in runs] == [3, -signal.SIGKILL]

    def test_growth_is_that_of_the_last_quarter(self) -> None:
        assert Taken("x", 1, 1.0, 1.0, [0, 0, 100, 110, 110, 110, 121, 119]).growth == 15.0
        assert Taken("x", 1, 1.0, 1.0, [1, 2]).growth == 0.0
        assert Taken("x", 1, 1.0, 1.0, []).peak == 0.0
