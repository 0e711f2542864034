"""What each stage of our pipeline costs: the pipeline itself runs, with a clock around every stage it calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import wraps
from pkgutil import resolve_name
from typing import Any, Final
from unittest.mock import patch

from bench.corpus import Corpus
from bench.run import WARM_UP_PAGES
from cleaner.model import Options, Source

#: Each stage, and where the pipeline finds the function that does it.
STAGES: Final = {
    "decode": "cleaner.pipeline.decode",
    "repair": "cleaner.pipeline.repair",
    "segment": "cleaner.pipeline.segment",
    "match": "cleaner.pipeline.Matcher.match",
    "measure": "cleaner.pipeline.measure",
    "extract": "cleaner.pipeline.extract",
    "facts": "cleaner.pipeline.read_facts",
    "decide": "cleaner.pipeline.decide",
    "render": "cleaner.pipeline.render_text",
    "language": "cleaner.pipeline.detect_language",
}


@dataclass(frozen=True, slots=True)
class StageCosts:
    """CPU milliseconds per page of each stage on one set; `rest` is what lies between them."""

    corpus: str
    set: str
    pages: int
    milliseconds: Mapping[str, float]


def measure_stages(corpus: Corpus, set_name: str, sample: int | None) -> StageCosts:
    """Clean a set's pages in this process, stage by stage on the clock."""
    from cleaner.pipeline import Cleaner

    sources = [page.source() for page in corpus.pages(set_name, sample)]
    clean = Cleaner(Options()).clean
    _clean(clean, sources[:WARM_UP_PAGES])
    seconds = dict.fromkeys([*STAGES, "rest"], 0.0)
    with ExitStack() as stack:
        for stage, place in STAGES.items():
            stack.enter_context(patch(place, _clocked(resolve_name(place), stage, seconds)))
        start = time.process_time()
        _clean(clean, sources)
        total = time.process_time() - start
    seconds["rest"] = max(0.0, total - sum(seconds.values()))
    per_page = {stage: 1000 * value / len(sources) for stage, value in seconds.items()}
    return StageCosts(corpus.name, set_name, len(sources), per_page)


def _clocked(function: Callable[..., Any], stage: str, seconds: dict[str, float]) -> Callable[..., Any]:
    @wraps(function)
    def clocked(*args: Any, **kwargs: Any) -> Any:
        start = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            seconds[stage] += time.process_time() - start

    return clocked


def _clean(clean: Callable[[Source], object], sources: Sequence[Source]) -> None:
    """Clean for the cost alone: a page that fails costs what it cost until then, and the results name it."""
    for source in sources:
        with suppress(Exception):
            clean(source)
