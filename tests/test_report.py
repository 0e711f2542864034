"""The report as a file: all that was decided is in it, once, and nothing of a page is markup in it."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cleaner import Cleaner, Source, load_rules
from cleaner.errors import OutputError
from cleaner.model import KINDS, Article, Evidence, Failure
from cleaner.report import Shared, page_view, shell, write_report

RULES = {rule.code: rule for rule in load_rules().rules}
HOSTILE = "</script><script>alert(1)</script><!--<script>&lt;\u2028\x00\ud800"


CODED = ("script", "style")


class Elements(HTMLParser):
    """All elements of a page with their attributes, and the text of each script and style."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in CODED:
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem:
            given, text = self.scripts.pop()
            self.scripts.append((given, text + data))


def elements(report: Path) -> Elements:
    parser = Elements()
    parser.feed(report.read_text(encoding="utf-8"))
    return parser


def data(report: Path, name: str) -> list[Any]:
    return [json.loads(text) for given, text in elements(report).scripts if given.get("class") == f"{name}-data"]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return tmp_path / "report.html"


@pytest.fixture(scope="module")
def article() -> Article:
    lines = [
        "1,234 Shares",
        "The ferry was late, and nobody on the quay was surprised by it.",
        "Related articles",
        "Snow",
    ]
    return Cleaner().clean(Source("\n\n".join(lines).encode(), id="sub/a.txt"))


class TestWhatIsInIt:
    def test_every_input_once(self, report: Path, article: Article) -> None:
        told: list[Failure] = []
        results = [article, Failure("b.txt", "read", "no such file"), replace(article, id="a\x1b.txt", status="empty")]
        counted = write_report(report, results, RULES, tell=told.append)
        assert (counted.cleaned, counted.empty, counted.failed) == (1, 1, 1)
        assert counted.sum() == "3 read = 1 cleaned + 1 empty + 1 failed"
        assert [one["id"] for one in data(report, "summary")] == ["sub/a.txt", "b.txt", "a\x1b.txt"]
        assert data(report, "summary")[1]["failed"] == "read: no such file"
        assert told == [results[1]]
        assert len(data(report, "page")) == 2

    def test_a_summary_adds_up(self, report: Path, article: Article) -> None:
        write_report(report, [article], RULES)
        [summary], [page] = data(report, "summary"), data(report, "page")
        blocks = page["blocks"]
        assert summary["blocks"] == len(blocks) == 4
        assert summary["characters"] == sum(len(text) for _, _, _, text, *_ in blocks)
        assert sum(count for count, _ in summary["kinds"].values()) == sum(article.removed.values()) == 3
        assert {kind: count for kind, (count, _) in summary["kinds"].items()} == dict(article.removed)
        assert summary["rules"]["REL001"] == [2, 0]

    def test_evidence_is_what_was_decided_by(self, report: Path, article: Article) -> None:
        write_report(report, [article], RULES)
        [run], [page] = data(report, "run"), data(report, "page")
        assert article.judgement
        for row, decision in zip(page["blocks"], article.judgement.decisions, strict=True):
            said = [run["shared"][number] for number in row[-1]]
            assert [(who, points, why) for who, points, why, *_ in said] == [
                (evidence.source, evidence.points, evidence.why) for evidence in decision.evidence
            ]
            assert row[6] == decision.total

    def test_rules_come_with_their_files(self, report: Path, article: Article) -> None:
        write_report(report, [article], RULES, threshold=6)
        [run] = data(report, "run")
        name, kind, _, verdict, file = run["rules"]["REL001"]
        assert (name, kind, verdict, file) == (RULES["REL001"].name, "related", "decisive", "rules/related.toml")
        assert run["threshold"] == 6
        assert list(run["kinds"]) == list(KINDS)

    def test_what_many_blocks_have_in_common_is_written_once_up_to_a_limit(self) -> None:
        shared, length, place = Shared(1), Evidence("length", 4, "2 words"), Evidence("place", -9, "inside the body")
        assert [shared.name(length), shared.name(length)] == [0, 0]
        assert shared.name(place) == ["place", -9, "inside the body", False, False, False]
        assert shared.every == [["length", 4, "2 words", False, False, False]]

    def test_a_run_without_pages(self, report: Path) -> None:
        assert write_report(report, [], RULES).sum() == "0 read = 0 cleaned + 0 empty + 0 failed"


class TestSafety:
    def test_nothing_of_a_page_is_markup(self, report: Path, article: Article) -> None:
        shape = [(tag, sorted(given)) for tag, given in self._tags(report, article, "plain")]
        assert [(tag, sorted(given)) for tag, given in self._tags(report, article, HOSTILE)] == shape

    def _tags(self, report: Path, article: Article, word: str) -> list[tuple[str, dict[str, str | None]]]:
        text = f"{word}\n\nThe ferry was late, and nobody on the quay was surprised by it."
        data = text.replace("\x00", "").encode("utf-8", "surrogatepass")
        page = Cleaner().clean(Source(data, id=word, url=word, title=word, kind="text"))
        write_report(report, [page, Failure(word, "read", word)], RULES)
        return elements(report).tags

    def test_the_text_itself_comes_through(self, report: Path) -> None:
        write_report(report, [Failure(HOSTILE, "read", "why")], RULES)
        assert data(report, "summary")[0]["id"] == HOSTILE

    @pytest.mark.parametrize("mode", ["report", "review"])
    def test_only_our_own_script_and_style_are_allowed_by_their_hashes(self, tmp_path: Path, mode: str) -> None:
        file = tmp_path / "shell.html"
        file.write_text(shell(mode), encoding="utf-8")
        found = elements(file)
        policy = next(str(given["content"]) for tag, given in found.tags if given.get("http-equiv"))
        allowed = dict(part.split(" ", 1) for part in policy.split("; "))
        coded = [tag for tag, _ in found.tags if tag in CODED]
        by_tag = {tag: text for tag, (_, text) in zip(coded, found.scripts, strict=True)}
        assert set(by_tag) == {"script", "style"}
        for tag, text in by_tag.items():
            assert allowed[f"{tag}-src"] == f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
        assert allowed["default-src"] == allowed["connect-src"] == allowed["base-uri"] == "'none'"
        assert allowed["require-trusted-types-for"] == "'script'"

    def test_it_needs_no_network(self) -> None:
        assert (
            re.findall(r"(?:https?:)?//[a-z0-9]|@import|url\(", re.sub(r"\s//.*|'sha256-[^']*'", "", shell("report")))
            == []
        )

    def test_text_is_never_made_into_markup(self) -> None:
        assert (
            re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", shell("report"))
            == []
        )


class TestWriting:
    def test_nothing_is_left_of_a_run_that_fails(self, report: Path, article: Article) -> None:
        report.write_text("of yesterday", encoding="utf-8")

        def results() -> Iterator[Article]:
            yield article
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            write_report(report, results(), RULES)
        assert report.read_text(encoding="utf-8") == "of yesterday"
        assert [path.name for path in report.parent.iterdir()] == ["report.html"]

    def test_a_place_that_cannot_be_written(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="cannot write to"):
            write_report(tmp_path / "none" / "report.html", [], RULES)

    def test_it_is_written_page_by_page(self, report: Path, article: Article) -> None:
        """A page is written before the next one is made, so that memory holds one."""
        sizes = []

        def results() -> Iterator[Article]:
            for _ in range(40):
                yield article
                sizes.append(sum(path.stat().st_size for path in report.parent.iterdir()))

        write_report(report, results(), RULES)
        assert sizes[-1] > sizes[0] + 20_000

    def test_the_same_run_gives_the_same_bytes(self, report: Path, article: Article) -> None:
        write_report(report, [article, article], RULES)
        before = report.read_bytes()
        write_report(report, [article, article], RULES)
        assert report.read_bytes() == before

    def test_a_page_view_is_json(self, article: Article) -> None:
        assert json.loads(json.dumps(page_view(article, [], Shared(0))))["form"] == "text"
