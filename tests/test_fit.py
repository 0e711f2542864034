"""The fit gives points that say what the counts say, and a file that changes only where they do."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("scipy", reason="scipy is not installed: pip install -e '.[dev]'")

from bench.fit import Observation, regress, write_points
from cleaner.points import PRIOR


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
