"""What holds for every input, whatever it is: over the goldens, the seeds where they lie, and generated texts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cleaner.decide import RULE_CAP
from cleaner.decode import decode
from cleaner.errors import CleanError
from cleaner.golden import Case, load_cases
from cleaner.model import KINDS, Article, Decision, Document, Encoding, Evidence, Judgement, Source, SourceKind
from cleaner.pipeline import clean
from cleaner.repair import repair
from cleaner.rules import load_rules

ROOT = Path(__file__).parent.parent
SEEDS = ROOT.parent / "shared" / "seeds"
CASES = [*load_cases(ROOT / "golden"), *(load_cases(SEEDS) if SEEDS.is_dir() else ())]

#: The same examples in every run: a property that fails does so for everybody, and stays failed.
steady = settings(derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


# --- Generated texts -------------------------------------------------------------------------------------------------

WORDS = """
    the of and in to a was that it for on with as by at from they had not but which were when all there
    harbour lantern keeper winter bread window letter mountain orchard violin station river market copper
    le la les des une dans pour qui sur avec der die und das mit nicht auf eine el los una para con que
    маяк зима хлеб письмо и в на не что گندم مدينة البحر في من على 灯台 冬 面包 και το της
"""


def _sentence(words: list[str], end: str) -> str:
    return " ".join(words).capitalize() + end


def _examples() -> Iterator[str]:
    """The lines of the rules' own examples, of those to drop and of the near-misses to keep."""
    for rule in load_rules().rules:
        if rule.scope != "dom":
            for told in rule.examples:
                yield from (line for text in (*told.drop, *told.keep) for line in text.split("\n"))


chrome = st.sampled_from(sorted(set(_examples())))
words = st.sampled_from(WORDS.split())
sentence = st.builds(_sentence, st.lists(words, min_size=8, max_size=30), st.sampled_from(".!?…。؟"))
prose = st.lists(sentence, min_size=1, max_size=4).map(" ".join)
fragment = st.builds(_sentence, st.lists(words, min_size=1, max_size=7), st.sampled_from(["", "", "", ":", ",", " 12"]))
odd = st.text(
    st.sampled_from(
        "aé\u0301ﬁ①١½ǅ \u00a0\u2009\u00ad\u200b\u200d\ufeff\u202e\u2028\t\x85�’“、।|•-*#1.)&;<>字ก\U0001f469"
    ),
    max_size=12,
)
lead = st.sampled_from(["", "", "", "", "", " ", "  • ", "    • ", "• ", "- ", "* ", "1. ", "2. ", "# ", "\t", "· "])
line = st.one_of(prose, prose, chrome, chrome, fragment, odd)
written = st.builds(str.__add__, lead, line)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Lines that follow upon each other or stand apart; pages say some things several times over."""
    pool = draw(st.lists(written, min_size=1, max_size=12))
    drawn = draw(
        st.lists(st.tuples(st.one_of(st.sampled_from(pool), written), st.sampled_from(["\n", "\n\n"])), max_size=30)
    )
    return "".join(text + apart for text, apart in drawn)


TAGS = ["p", "div", "h1", "h2", "li", "ul", "ol", "td", "tr", "table", "blockquote", "pre", "a", "b", "span", "article"]
tag = st.one_of(
    st.sampled_from(TAGS).map("<{}>".format),
    st.sampled_from(TAGS).map("</{}>".format),
    st.sampled_from(["<br>", "<div class='related-posts'>", "<aside id=sidebar>", "<nav>", "</nav>", "<!--", "-->"]),
)
pages = st.lists(st.one_of(tag, tag, prose, chrome, fragment, odd), max_size=40).map("\n".join)


# --- Checks ----------------------------------------------------------------------------------------------------------

# A tab is no control here: it stands between the cells of a flat table's rows.
UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xa0\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")


def assert_text_form(text: str) -> None:
    """A body is NFC, has no stray characters, no trailing spaces, single blank lines, one line end at its end."""
    assert unicodedata.is_normalized("NFC", text)
    assert UNWANTED.search(text) is None
    assert not any(line != line.rstrip() for line in text.split("\n"))
    assert "\n\n\n" not in text
    assert text == "" or (text.endswith("\n") and not text.startswith("\n") and not text.endswith("\n\n"))


def assert_subsequence(kept: Iterable[str], source: Iterable[str]) -> None:
    """Each of the kept lines stands in the source, and in the same order."""
    remaining = iter(source)
    for one in kept:
        assert one in remaining, f"not in the source, or not in this place: {one!r}"


def lines_of(text: str) -> list[str]:
    """The lines of a text that aren't blank, in the form that they have in a body."""
    return [line.rstrip() for line in unicodedata.normalize("NFC", text).split("\n") if line.strip()]


def judged(article: Article) -> Judgement:
    assert article.judgement is not None
    return article.judgement


def assert_adds_up(decision: Decision) -> None:
    """The evidence gives the total: measures as they are, what only weighs of the rules up to the cap."""
    rules = [evidence for evidence in decision.evidence if evidence.kind and evidence.source != "title"]
    others = [evidence for evidence in decision.evidence if evidence not in rules]
    said = points_of(rules)
    if not any(evidence.decisive or evidence.veto for evidence in rules):
        said = min(RULE_CAP, said)
    assert decision.total == points_of(others) + said


def points_of(evidence: Iterable[Evidence]) -> int:
    return sum(one.points for one in evidence)


def assert_explained(article: Article) -> None:
    """Every block has its decision, every dropped one its kind and its evidence, and the counts are those."""
    judgement = judged(article)
    dropped = [decision for decision in judgement.decisions if not decision.keep]
    for decision in judgement.decisions:
        assert_adds_up(decision)
        assert all(evidence.source and evidence.why for evidence in decision.evidence)
    for decision in dropped:
        assert decision.kind in KINDS
        assert decision.evidence
        assert not any(evidence.veto for evidence in decision.evidence)
    assert all(decision.kind is None for decision in judgement.decisions if decision.keep)
    assert len(judgement.decisions) == len(judgement.page.blocks)
    assert sum(article.removed.values()) == len(dropped)


def assert_from_blocks(article: Article) -> None:
    """A body is made of lines of the page's blocks in their order, and of each block that is kept."""
    blocks = judged(article).page.blocks
    assert_subsequence(lines_of(article.text), lines_of("\n".join(block.lead + block.text for block in blocks)))
    assert_subsequence(
        lines_of("\n".join(block.lead + block.text for block in judged(article).kept)), lines_of(article.text)
    )


def assert_invariants(article: Article) -> None:
    assert_text_form(article.text)
    assert_explained(article)
    assert_from_blocks(article)


def assert_flat_invariants(data: bytes | str) -> None:
    """What also holds where the source is flat text: it is cut, not rewritten."""
    article = clean(data, kind="text")
    assert_invariants(article)
    assert_subsequence(lines_of(article.text), lines_of(judged(article).page.document.text))


def assert_settled(data: bytes | str) -> None:
    """Cleaning a body again changes nothing."""
    body = clean(data, kind="text").text
    assert clean(body, kind="text").text == body


def assert_cleaned_or_refused(data: bytes | str, kind: SourceKind) -> None:
    """Whatever the data, there is an article that keeps all promises, or one line that says why there is none."""
    try:
        article = clean(data, kind=kind)
    except CleanError as error:
        message = str(error)
    else:
        assert_invariants(article)
        return
    assert message
    assert len(message.splitlines()) == 1


# --- Over the goldens, the seeds, and generated texts ----------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case) -> None:
    source = case.source
    if decode(source).kind == "text":
        assert_flat_invariants(source.data)
        assert_settled(source.data)
    else:
        assert_invariants(clean(source.data, url=source.url, kind="html"))


@given(texts())
@steady
def test_flat_texts(text: str) -> None:
    assert_flat_invariants(text)


@given(texts())
@example("(AFP)\nก\n\n1&\n")
@example(
    "The cook sang in the yard at noon today.\n" * 2 + "\nThe cook sang in the yard at noon today.\n" * 2 + "\n1. \n"
)
@steady
def test_cleaning_again_changes_nothing(text: str) -> None:
    assert_settled(text)


@given(texts())
@steady
def test_repairing_again_changes_nothing(text: str) -> None:
    document = Document(Source(b""), text, "text", Encoding("utf-8", "a test"))
    once = repair(document)
    assert repair(replace(once, repairs=())) == replace(once, repairs=())


@given(pages)
@settings(steady, max_examples=60)
def test_pages(page: str) -> None:
    assert_invariants(clean(page, kind="html"))


@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(st.characters(), max_size=200).map(lambda s: s.encode("utf-16", "surrogatepass")),
    )
)
@example(b"")
@example(b"\xff\xfe")
@example(b"\x00" * 50)
@example(b"\x1f\x8b\x08")
@example(b"<html>\xff\x00<p>")
@settings(steady, max_examples=200)
def test_random_bytes_are_cleaned_or_refused(data: bytes) -> None:
    for kind in ("auto", "html", "text"):
        assert_cleaned_or_refused(data, kind)


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
@settings(steady, max_examples=200)
def test_any_text_is_cleaned_or_refused(text: str) -> None:
    assert_cleaned_or_refused(text, "auto")


# --- The same bytes, however they are made ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scrapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of golden sources, one in three, under names of their own."""
    folder = tmp_path_factory.mktemp("scrapes")
    for case in CASES[::3]:
        source = next((ROOT / "golden" / case.name).glob("source.*"), None)
        if source:
            shutil.copy(source, folder / f"{case.name}{source.suffix}")
    assert len(list(folder.iterdir())) > 20
    return folder


def cleaned(*args: object, seed: str = "0", cwd: Path = ROOT) -> bytes:
    """What `clean` writes to standard output in a process of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cleaner", "--to", "jsonl", *map(str, args)]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=True)
    return done.stdout


def test_same_bytes_for_any_hash_seed_and_number_of_processes(scrapes: Path) -> None:
    plain = cleaned(scrapes)
    assert plain.count(b"\n") == len(list(scrapes.iterdir()))
    assert cleaned(scrapes, seed="1") == plain
    assert cleaned(scrapes, "-j", 2, seed="2") == plain


def test_same_bytes_for_any_order_of_inputs(scrapes: Path) -> None:
    names = sorted(path.name for path in scrapes.iterdir())
    forwards = cleaned(*names, cwd=scrapes).splitlines()
    backwards = cleaned(*reversed(names), "-j", 2, cwd=scrapes).splitlines()
    assert forwards == backwards[::-1]
