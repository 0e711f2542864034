"""Read what a page states of its article: HTML pages state much, flat texts nothing."""

from __future__ import annotations

from cleaner.model import Facts, Page


def read_facts(page: Page) -> Facts:
    """What a page states of its article; None for what it does not."""
    if not page.head:
        return Facts()
    from cleaner.metadata import read_metadata  # flat text must not wait for what reads names, days and JSON-LD

    return read_metadata(page)
