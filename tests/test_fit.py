"""The fit gives points that say what the counts say, and a file that changes only where they do."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("scipy", reason="scipy is not installed: pip install -e '.[dev]'")

from bench.corpus import Truth
from bench.fit import MIN_SITES, Example, Observation, common_words, fit, regress, write_points
from cleaner.decode import decode
from cleaner.measure import measure
from cleaner.model import Source, Witness
from cleaner.points import PRIOR
from cleaner.repair import repair
from cleaner.segment import segment


def observations(chrome: int, body: int, level: str) -> list[Observation]:
    return [Observation((level,), 0, number < chrome, 1.0) for number in range(chrome + body)]


def test_points_follow_the_odds() -> None:
    points, counts = regress([*observations(90, 10, "x: menu"), *observations(10, 90, "x: prose")])
    assert counts == {"x: menu": (90, 10), "x: prose": (10, 90)}
    assert points["x: menu"] == pytest.approx(9, abs=1)
    assert points["x: prose"] == pytest.approx(-9, abs=1)
    assert abs(points[PRIOR]) <= 1


def test_a_rare_level_says_nothing() -> None:
    points, counts = regress([*observations(30, 30, "x: common"), *observations(3, 0, "x: rare")])
    assert "x: rare" not in points
    assert "x: rare" not in counts


def test_writing_one_kind_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "points.toml"
    one, two = ({PRIOR: 1, "x: a": 2}, {"x: a": (5, 3)}), ({PRIOR: 0, "x: b": -2}, {"x: b": (3, 5)})
    write_points(path, {"html": (one, two), "text": (one, two)})
    before = path.read_text()
    write_points(path, {"text": (one, two)})
    assert path.read_text() == before
    write_points(path, {"text": (two, two)})
    assert path.read_text().split("[text.first]")[0] == before.split("[text.first]")[0]
    assert '"x: b" = -2  # 3 / 5' in path.read_text().split("[text.first]")[1]


def example(number: int, text: str, labels: tuple[bool, ...]) -> Example:
    page = segment(repair(decode(Source(text.encode(), kind="text"))))
    truth = Truth(str(number), "article", "", (), ())
    return Example(page, tuple(() for _ in labels), measure(page), Witness(), labels, truth, "made up")


def test_only_the_words_of_many_sites_are_common() -> None:
    examples = [example(number, f"Inbox\n\nSite {'abc'[number % 3]}", (True, False)) for number in range(MIN_SITES)]
    assert common_words(examples) == {"word: inbox", "word: site"}
    assert common_words(examples[1:]) == set()


def test_words_tell_what_is_left_unsaid() -> None:
    examples = [example(number, "Inbox\n\nFerry", (False, True)) for number in range(MIN_SITES)]
    (first, _), (second, counts) = fit(examples, "text")["text"]
    assert not any(level.startswith("word: ") for level in first)
    assert second["word: inbox"] > 0 > second["word: ferry"]
    assert counts["word: inbox"] == (MIN_SITES, 0)
