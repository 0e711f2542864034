"""Clean one source of many: whatever the page does, there is an outcome, and nothing is raised for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final, TypeAlias

from cleaner.errors import InputError
from cleaner.model import Article, Failure, Limits, Options, Outcome, Source
from cleaner.pipeline import Cleaner

#: What a batch takes: what was settled before passes through.
Item: TypeAlias = Source | Failure | Outcome
Shape: TypeAlias = Callable[[Article], Article]

_REASON_LENGTH: Final = 300


@dataclass(frozen=True, slots=True)
class Duty:
    """What is to be done with each source of a batch, wherever that is done."""

    options: Options
    shape: Shape
    limits: Limits


def in_turn(article: Article, shapes: Sequence[Shape]) -> Article:
    """Several shapes as one."""
    for shape in shapes:
        article = shape(article)
    return article


def clean_one(cleaner: Cleaner, source: Source, shape: Shape) -> Outcome:
    """What becomes of one source. Nothing is raised for what a page does, but `MemoryError`."""
    start = perf_counter()
    rules: Mapping[str, int] = {}
    result: Article | Failure
    try:
        article = cleaner.clean(source)
        rules = _rules_at_work(article)
        result = shape(article)
    except InputError as error:
        result = Failure(source.id, error.stage, one_line(str(error)))
    except TimeoutError as error:
        result = Failure(source.id, "clean", one_line(str(error)))
    except MemoryError:
        raise
    except Exception as error:
        result = failure(source, "clean", error)
    return Outcome(result, perf_counter() - start, rules, source.url)


def _rules_at_work(article: Article) -> Mapping[str, int]:
    """For each rule the number of removed blocks that it spoke against."""
    if article.judgement is None:
        return {}
    dropped = [decision for decision in article.judgement.decisions if not decision.keep]
    # A headline is found by no rule: what speaks of it is called as its kind.
    return dict(
        Counter(
            [
                said.source
                for decision in dropped
                for said in decision.ruled
                if said.points > 0 and said.kind not in (None, said.source)
            ]
        )
    )


def failure(source: Source, stage: str, error: Exception) -> Failure:
    """A failure for an exception that nobody foresaw."""
    return Failure(source.id, stage, one_line(f"{type(error).__name__}: {error}"))


def too_long(limits: Limits) -> str:
    """The reason of a page whose time was up."""
    return f"took longer than {limits.seconds:g} s; --page-timeout allows more"


def one_line(message: str) -> str:
    """A message as a reason: on one line, and not too long for it."""
    line = " ".join(message.split())
    return line if len(line) <= _REASON_LENGTH else line[: _REASON_LENGTH - 1] + "…"
