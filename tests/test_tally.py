"""The tally of a run: every input is in one place, and what is named one by one is bounded."""

from __future__ import annotations

import json

import pytest

from cleaner import tally as module
from cleaner.model import Article, Failure, Outcome
from cleaner.tally import Tally, host_of


def article(id: str, *, empty: bool = False, language: str | None = "en", **removed: int) -> Article:
    status = "empty" if empty else "ok"
    return Article(id, "" if empty else "Text.\n", None, None, None, None, language, status, removed, "0+1")


def counted(*outcomes: Outcome) -> Tally:
    tally = Tally()
    for outcome in outcomes:
        tally.count(outcome)
    return tally


def test_everything_is_counted() -> None:
    tally = counted(
        Outcome(article("a", share=2, related=1), 0.5, {"SHR001": 2, "REL001": 1}, "https://www.x.example/a"),
        Outcome(article("b", language=None, share=1), 0.25, {"SHR001": 1}, "https://x.example/b"),
        Outcome(article("c", empty=True, cookie=1), 0.0, {"CKE001": 1}, "http://y.example:8080/"),
        Outcome(Failure("d", "clean", "took longer than 20 s"), url="https://y.example/d"),
        Outcome(Failure("e", "read", "no such file")),
    )
    assert tally.sum() == "5 read = 2 cleaned + 1 empty + 2 failed"
    report = json.loads(json.dumps(tally.report()))
    assert report["counts"] == {"read": 5, "cleaned": 2, "empty": 1, "failed": 2}
    assert list(report["removed"].items()) == [("cookie", 1), ("share", 3), ("related", 1)]
    assert list(report["rules"].items()) == [("SHR001", 3), ("REL001", 1), ("CKE001", 1)]
    assert report["languages"] == {"en": 1, "?": 1}
    assert report["hosts"] == {"x.example": {"cleaned": 2}, "y.example": {"empty": 1, "failed": 1}, "?": {"failed": 1}}
    assert report["slowest"][:2] == [{"id": "a", "seconds": 0.5}, {"id": "b", "seconds": 0.25}]
    assert report["failed_at"] == {"clean": 1, "read": 1}
    assert report["failures"][1] == {"id": "e", "stage": "read", "reason": "no such file"}


def test_what_is_named_one_by_one_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_HOSTS", 3)
    monkeypatch.setattr(module, "MOST_FAILURES", 4)
    outcomes = [Outcome(Failure(f"p{n}", "read", "why"), n / 10, url=f"https://h{n}.example/") for n in range(50)]
    report = counted(*outcomes).report()
    assert report["hosts"] == {"…": {"failed": 47}, **{f"h{n}.example": {"failed": 1} for n in range(3)}}
    assert [failure["id"] for failure in report["failures"]] == ["p0", "p1", "p2", "p3"]
    assert report["failed_at"] == {"read": 50}
    assert [page["id"] for page in report["slowest"]] == [f"p{n}" for n in range(49, 29, -1)]


@pytest.mark.parametrize("url", [None, "", "nonsense", "http://[", "//", "mailto:a@b"])
def test_an_address_without_a_host(url: str | None) -> None:
    assert host_of(url) == "?"
