"""Fit the points of all measures on labelled corpora and write them to cleaner/points.toml.

Every level becomes one yes-or-no feature of a logistic regression, whose weight in decibans is the level's
points. The second pass is fitted on the first one's impressions, and the words of short lines on what that leaves
unsaid. Pages count the same whatever their length, and validation leaves whole sites out.

    python -m bench.fit --kind text ../shared/corpora/*
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zlib import crc32

import click
import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from bench.corpus import Page as CorpusPage
from bench.corpus import Truth, find_corpora, open_corpus
from bench.score import PageFigures, score_page, summarise
from cleaner.align import align
from cleaner.context import AROUND, line_levels, line_up, surround
from cleaner.decide import count_kinds, gap_groups, impressions, rule_points, strongest_per_kind
from cleaner.decode import decode
from cleaner.errors import CleanError
from cleaner.extract import extract
from cleaner.match import Matcher
from cleaner.measure import measure, measure_votes
from cleaner.model import Evidence, Page, Witness
from cleaner.pipeline import Cleaner, judge
from cleaner.points import PRIOR, Points, Table, as_they_are
from cleaner.render import text as render_text
from cleaner.repair import repair
from cleaner.segment import segment
from cleaner.shape import Shape
from cleaner.vocabulary import short_lines, word_levels

SETS: Final = {"text": ("flat", "flat-main"), "html": ("html",)}
#: The tables that are fitted for each kind of document.
TABLES: Final = {"text": ("text",), "html": ("html", "voted")}
FOLDS: Final = 5
#: Decibans in one natural unit of log odds.
DECIBAN: Final = 10 / math.log(10)
#: A level seen on fewer pages than this says nothing.
MIN_PAGES: Final = 12
#: Nor does a word that short blocks of fewer sites than this have: it belongs to what those are about.
MIN_SITES: Final = 60
RIDGE: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Example:
    """One page made ready: everything `decide` takes, a label per block (None where unknown), and the truth."""

    page: Page
    matched: tuple[tuple[Evidence, ...], ...]
    shapes: tuple[Shape, ...]
    witness: Witness
    labels: tuple[bool | None, ...]
    truth: Truth
    group: str

    @property
    def fold(self) -> int:
        """Which part of the sites this page belongs to; all pages of a site are in one."""
        return crc32(self.site.encode()) % FOLDS

    @property
    def site(self) -> str:
        """The host of the page's address; a page without one is a site of its own."""
        return urlsplit(self.truth.url or "").hostname or self.truth.id

    @property
    def groups(self) -> tuple[str, ...]:
        """The sets of pages whose figures this page counts in."""
        return (self.group, f"{self.group} {self.truth.type}") if self.truth.body else (self.group,)


def prepare(task: tuple[CorpusPage, Truth, str]) -> Example | None:
    """Run the stages before `decide` on one page, and label its blocks; None for a page that can't be read."""
    corpus_page, truth, group = task
    try:
        page = segment(repair(decode(corpus_page.source())))
    except CleanError:
        return None
    return Example(
        page=page,
        matched=_matcher().match(page).evidence,
        shapes=measure(page),
        witness=extract(page),
        labels=tuple(label(page, truth)),
        truth=truth,
        group=group,
    )


@cache
def _matcher() -> Matcher:
    return Cleaner().matcher


def label(page: Page, truth: Truth) -> Sequence[bool | None]:
    """Body or chrome for each block: by the true body where there is one, else by the snippets."""
    if truth.body:
        return align(page.folded, truth.body)
    labels: list[bool | None] = []
    for block in page.blocks:
        inside = any(snippet in block.text for snippet in truth.must_have)
        outside = any(snippet in block.text for snippet in truth.must_not_have)
        labels.append(inside if inside != outside else None)
    return labels


@dataclass(frozen=True, slots=True)
class Observation:
    """One labelled block: its levels, what rules said (decibans, fixed), whether it is chrome, its weight."""

    levels: tuple[str, ...]
    offset: int
    chrome: bool
    weight: float


def observe(example: Example, levels: Sequence[tuple[str, ...]]) -> Iterator[Observation]:
    """The blocks of a page that teach something: labelled, and not settled by a decisive rule."""
    said = [strongest_per_kind(evidence) for evidence in example.matched]
    rows = [
        (index, math.sqrt(example.shapes[index].words + 1))
        for index, known in enumerate(example.labels)
        if known is not None and not any(e.decisive or e.veto for e in said[index])
    ]
    whole = sum(weight for _, weight in rows) or 1.0
    for index, weight in rows:
        yield Observation(levels[index], rule_points(said[index]), not example.labels[index], weight / whole)


def regress(observations: Iterable[Observation]) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
    """Points per level with PRIOR, and the counts (chrome, body) behind each."""
    rows = list(observations)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        for level in row.levels:
            counts[level][not row.chrome] += 1
    names = sorted(level for level, (chrome, body) in counts.items() if chrome + body >= MIN_PAGES)
    column = {level: index for index, level in enumerate(names)}
    indices = [column[level] for row in rows for level in row.levels if level in column]
    lengths = np.cumsum([0, *(sum(level in column for level in row.levels) for row in rows)])
    matrix = csr_matrix((np.ones(len(indices)), indices, lengths), shape=(len(rows), len(names)))
    weights = _logistic(matrix, rows)
    points = {PRIOR: round(float(weights[-1]) * DECIBAN)}
    points |= {name: round(float(w) * DECIBAN) for name, w in zip(names, weights[:-1], strict=True)}
    return {n: p for n, p in points.items() if p or n == PRIOR}, {n: (counts[n][0], counts[n][1]) for n in names}


def _logistic(matrix: csr_matrix, rows: Sequence[Observation]) -> np.ndarray[Any, Any]:
    target = np.array([row.chrome for row in rows], dtype=float)
    offset = np.array([row.offset for row in rows], dtype=float) / DECIBAN
    weight = np.array([row.weight for row in rows])
    weight /= weight.sum()

    def loss(x: np.ndarray[Any, Any]) -> tuple[float, np.ndarray[Any, Any]]:
        z = matrix @ x[:-1] + x[-1] + offset
        likelihood = np.logaddexp(0, z) - target * z
        slope = weight * (1 / (1 + np.exp(-z)) - target)
        gradient = np.append(matrix.T @ slope + RIDGE * x[:-1], slope.sum())
        return float(weight @ likelihood + RIDGE / 2 * (x[:-1] @ x[:-1])), gradient

    found = minimize(loss, np.zeros(matrix.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    result: np.ndarray[Any, Any] = found.x
    return result


Fitted = tuple[dict[str, int], dict[str, tuple[int, int]]]


def fit(examples: Sequence[Example], kind: str) -> dict[str, tuple[Fitted, Fitted]]:
    """Points and counts of the first and the second pass, for each table of a kind."""
    return {table: _fit_table([_as_seen(example, table) for example in examples]) for table in TABLES[kind]}


def _as_seen(example: Example, table: str) -> Example:
    """An example with what a table's blocks are measured by: votes count only for the table that is for them."""
    votes = example.witness.votes if table == "voted" else None
    return replace(example, shapes=measure_votes(example.shapes, votes)) if votes else example


def _fit_table(examples: Sequence[Example]) -> tuple[Fitted, Fitted]:
    first = regress(row for e in examples for row in observe(e, _first_levels(e)))
    table = Table(first[0])
    second = _with_words(examples, [row for e in examples for row in observe(e, _second_levels(e, table))])
    return first, second


def _with_words(examples: Sequence[Example], rows: Sequence[Observation]) -> Fitted:
    """Points and counts of all levels, and of words for what those leave unsaid.

    So what is known of the words of one language changes nothing for others.
    """
    points, counts = regress(rows)
    words, table = common_words(examples), Table(points)
    totals = table.totals(as_they_are, [row.levels for row in rows])
    own = [row for e in examples for row in observe(e, _words(e, words))]
    left = [
        replace(row, offset=row.offset + table.prior.points + total) for row, total in zip(own, totals, strict=True)
    ]
    word_points, word_counts = regress(left)
    return points | word_points | {PRIOR: points[PRIOR] + word_points[PRIOR]}, counts | word_counts


def common_words(examples: Iterable[Example]) -> frozenset[str]:
    """The levels of those words that short blocks of many sites have."""
    sites: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        for line in short_lines(example.page, example.shapes):
            for level in word_levels(line):
                sites[level].add(example.site)
    return frozenset(level for level, found in sites.items() if len(found) >= MIN_SITES)


def _words(example: Example, known: Collection[str]) -> list[tuple[str, ...]]:
    lines = short_lines(example.page, example.shapes)
    return [tuple(filter(known.__contains__, word_levels(line))) for line in lines]


def _first_levels(example: Example) -> list[tuple[str, ...]]:
    lines = line_up(gap_groups(example.page.blocks), example.page.folded, example.shapes)
    return [shape.levels + line_levels(line) for shape, line in zip(example.shapes, lines, strict=True)]


def _second_levels(example: Example, first: Table) -> list[tuple[str, ...]]:
    levels = _first_levels(example)
    around = surround(impressions(levels, example.matched, first), example.shapes, count_kinds(example.matched))
    columns = [map(levels_of, keys) for levels_of, keys in zip(AROUND, around, strict=True)]
    return [sum(beside, own) for own, *beside in zip(levels, *columns, strict=True)]


Tables = Mapping[str, Points]


def to_points(fitted: Mapping[str, tuple[Fitted, Fitted]]) -> Tables:
    """The tables that were fitted, ready to decide by."""
    return {name: Points(Table(first[0]), Table(second[0])) for name, (first, second) in fitted.items()}


def evaluate(examples: Iterable[Example], tables: Tables) -> dict[str, list[PageFigures]]:
    """The figures of every page decided with these points, by group."""
    pages: dict[str, list[PageFigures]] = defaultdict(list)
    for example in examples:
        ask = partial(_recorded, example.witness)
        judgement, _ = judge(example.page, example.matched, example.shapes, 0, ask, tables)
        body = render_text(example.page.blocks, [d.keep for d in judgement.decisions])
        for group in example.groups:
            pages[group].append(score_page(body, example.truth))
    return pages


def _recorded(witness: Witness, _: Page) -> Witness:
    return witness


def cross_validate(examples: Sequence[Example], kind: str) -> dict[str, list[PageFigures]]:
    """The figures of every page when the points were fitted on other sites alone."""
    pages: dict[str, list[PageFigures]] = defaultdict(list)
    for fold in range(FOLDS):
        tables = to_points(fit([e for e in examples if e.fold != fold], kind))
        for group, figures in evaluate((e for e in examples if e.fold == fold), tables).items():
            pages[group] += figures
    return pages


def write_points(path: Path, fitted: Mapping[str, tuple[Fitted, Fitted]]) -> None:
    """Replace the tables that were fitted in the points file; the others stay as they are."""
    sections = _sections(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, passes in fitted.items():
        for step, table in zip(("first", "second"), passes, strict=True):
            sections[f"{name}.{step}"] = _section(f"{name}.{step}", *table)
    path.write_text(HEADER + "".join("\n" + sections[name] for name in sorted(sections)), encoding="utf-8")


def _sections(text: str) -> dict[str, str]:
    """A points file's tables as they stand, by name."""
    parts = re.split(r"^(?=\[)", text, flags=re.MULTILINE)[1:]
    return {part[1 : part.index("]")]: part.rstrip() + "\n" for part in parts}


HEADER: Final = """\
# Generated by `python -m bench.fit`: do not edit by hand.
# Decibans per level of each measure; positive speaks for chrome. Behind each: blocks of chrome / of body that
# were at this level in the corpora.
"""


def _section(name: str, points: Mapping[str, int], counts: Mapping[str, tuple[int, int]]) -> str:
    lines = [f"[{name}]", f"{PRIOR} = {points[PRIOR]}"]
    for level in sorted(points):
        if level != PRIOR:
            chrome, body = counts[level]
            lines.append(f'"{level}" = {points[level]}  # {chrome} / {body}')
    return "\n".join(lines) + "\n"


def load_examples(folders: Sequence[Path], kind: str, jobs: int, sample: int | None) -> list[Example]:
    """Every page of the corpora in every set of a kind, made ready in child processes."""
    corpora = [open_corpus(path) for folder in folders for path in find_corpora(folder)]
    tasks = [
        (page, corpus.truths[page.id], f"{corpus.name} {name}")
        for corpus in corpora
        for name in corpus.sets(SETS[kind])
        for page in corpus.pages(name, sample)
    ]
    with ProcessPoolExecutor(jobs) as pool:
        return [example for example in pool.map(prepare, tasks, chunksize=8) if example]


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--kind", type=click.Choice(["text", "html"]), required=True)
@click.option("--jobs", default=2, show_default=True)
@click.option("--sample", type=int, help="Only the first N pages of each flavour.")
@click.option("--validate/--no-validate", default=True, help="Also print site-wise cross-validated figures.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("cleaner/points.toml"), show_default=True)
def main(folders: Sequence[Path], kind: str, jobs: int, sample: int | None, validate: bool, output: Path) -> None:
    """Fit the points of one kind of document on corpora laid out as `bench` wants them."""
    examples = load_examples(folders, kind, jobs, sample)
    click.echo(f"{len(examples)} pages")
    fitted = fit(examples, kind)
    write_points(output, fitted)
    _print("shipped", evaluate(examples, to_points(fitted)))
    if validate:
        _print("cross-validated by site", cross_validate(examples, kind))


def _print(heading: str, pages: Mapping[str, Sequence[PageFigures]]) -> None:
    click.echo(heading)
    for group, figures in sorted(pages.items()):
        scored = summarise(figures)
        shown = [
            f"{name} {scored[name]:.4f}" for name in ("f1", "p", "r", "segF1", "with", "without") if name in scored
        ]
        click.echo(f"  {group:40} {'  '.join(shown)}")


if __name__ == "__main__":
    main()
