"""Ask an outside extractor, trafilatura, for its word on an HTML page: a witness, not the judge."""

from __future__ import annotations

import logging
import re
from typing import Final

from cleaner.align import align
from cleaner.model import Page, Witness

#: About pages over this many characters it is not asked: its time grows with them, and its word helps no more.
MAX_CHARACTERS: Final = 1_000_000
#: What is known to hang it, in lower case: column spans in the thousands, a doctype full of slashes. Expressions that
#: begin with letters are searched for many times as fast as those that ignore case or begin with a choice.
_HAZARDS: Final = (
    re.compile(r"span(?<=colspan|rowspan)\s*=\s*[\"']?\d{4,}"),
    re.compile(r"<!doctype[^>]{0,200}/{4,}"),
)


def extract(page: Page) -> Witness:
    """Witness for a page: which blocks the extractor keeps.

    Flat text has no witness. A page on which the extractor is refused or fails has one without votes and
    with a note that says so; the other evidence decides then.
    """
    if page.document.kind == "text" or not page.blocks:
        return Witness()
    html = page.document.text
    if len(html) > MAX_CHARACTERS:
        return Witness(note=f"trafilatura was not asked: the page has over {MAX_CHARACTERS:,} characters")
    if _could_hang(html.lower()):
        return Witness(note="trafilatura was not asked: the page could hang it")
    try:
        found = _ask(html)
    except Exception as error:  # whatever it raises, the page must not be lost for it
        return Witness(note=f"trafilatura failed: {type(error).__name__}")
    if not found:
        return Witness(note="trafilatura found no text")
    return Witness(votes=tuple(align(page.folded, found)))


def _could_hang(lowered: str) -> bool:
    return any(hazard.search(lowered) for hazard in _HAZARDS)


def _ask(html: str) -> str | None:
    """The extractor's body text. Its metadata is not asked for: the search for a date costs more than all else."""
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return trafilatura.extract(html, fast=True, include_comments=False)
