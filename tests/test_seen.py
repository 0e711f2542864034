"""Seen: names that are known again, however many there are."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from cleaner.seen import Seen


@given(st.lists(st.text(max_size=3)))
def test_a_name_is_new_once(names: list[str]) -> None:
    seen, expected = Seen(), set[str]()
    for name in names:
        assert seen.add(name) == (name not in expected)
        expected.add(name)


def test_every_name_is_known_again_when_the_table_has_grown() -> None:
    seen = Seen()
    names = [f"page-{number}" for number in range(20_000)]
    assert all(map(seen.add, names))
    assert not any(map(seen.add, names))


def test_names_that_no_encoding_holds_are_names() -> None:
    seen = Seen()
    assert seen.add("\udce4")
    assert not seen.add("\udce4")


def test_a_name_takes_a_few_dozen_bytes_at_most() -> None:
    count = 50_000
    tracemalloc.start()
    seen = Seen()
    for number in range(count):
        seen.add(f"https://example.org/a/rather/long/address/of/a/page-{number}.html")
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 36 * count
