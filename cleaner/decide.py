"""Decide for every block, keep or drop: add up its evidence in two passes until nothing more goes.

The first pass takes each block by itself and gives an impression. The second adds what the neighbours'
impressions say. Dropping chrome changes the neighbourhood, so the second pass is repeated on what stays until
it drops nothing: that is why cleaning a body again leaves it as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import log10
from operator import add
from typing import Final, NamedTuple, TypeVar

from cleaner.context import AROUND, line_levels, line_up, surround
from cleaner.model import Block, Decision, Evidence, Facts, Judgement, Page
from cleaner.points import Columns, LevelEvidence, Points, Table, as_they_are
from cleaner.shape import Shape
from cleaner.title import Title, find_title
from cleaner.vocabulary import WORD, short_lines, word_levels, words_of

#: What all rules that are not decisive may say together, in decibans: none convicts a block of prose.
RULE_CAP: Final = 15
#: Hints at so many kinds of chrome are as good as a decisive rule.
MIN_KINDS: Final = 3
#: So many decibans more it takes to drop a line of flat text that no rule speaks against, where rules speak of fewer
#: kinds on the page, or of lines on one side of it alone and of none so near.
SHAPE_ALONE: Final = 6
NEAR: Final = 2
#: And so many to drop another, where no rule is decisive, by how many kinds they speak of.
RULE_ALONE: Final = {1: 14, 2: 11}
#: Passes over one document; real pages need two or three.
MAX_PASSES: Final = 12
#: A body smaller than this share of a page that is mostly prose is reported.
_MOST: Final = 0.1

Evidences = tuple[Evidence, ...]


def decide(
    page: Page, matched: Sequence[Evidences], shapes: Sequence[Shape], facts: Facts, points: Points, threshold: int = 0
) -> Judgement:
    """Give every block of a page its decision, and the article its headline.

    `matched` is the rules' evidence per block, `facts` what the page states of itself, `threshold` the total in
    decibans from which a block goes.
    """
    scene = _scene(page, matched, shapes, points)
    decisions: dict[int, Decision] = {}
    standing, title = list(range(len(page.blocks))), None
    first = weighed = _second_pass(scene, standing, _rules_standing(scene, standing), threshold)
    for _ in range(MAX_PASSES):
        decisions.update(weighed.decisions([at for at, stays in enumerate(weighed.stays) if not stays]))
        if all(weighed.stays):
            if title:
                break
            ruled = {index for index, said in enumerate(matched) if said}
            title = find_title(page, shapes, standing, ruled, page.document.source.title or facts.title)
            decisions.update(
                weighed.decisions([standing.index(index) for index in title.blocks if index not in decisions])
            )
            decisions.update({index: _title_decision(decisions[index], title) for index in title.blocks})
            if not set(title.blocks).intersection(standing):
                break
            standing = [index for index in standing if index not in title.blocks]
        else:
            standing = [index for index, stays in zip(standing, weighed.stays, strict=True) if stays]
        weighed = _weigh_again(weighed, standing, threshold)
    left = [at for at, index in enumerate(weighed.standing) if index not in decisions]
    decisions.update(weighed.decisions(left))
    ordered = tuple([decisions[index] for index in range(len(page.blocks))])
    facts = replace(facts, title=title.text if title else None)
    return Judgement(page, ordered, facts, tuple(_notes(page, ordered)), first.confidence)


def keep_all(page: Page, why: str) -> Judgement:
    """Keep every block of a page that needs no cleaning, for the reason given."""
    said = ((Evidence("earlier", 0, why, veto=True),),)
    decisions = tuple([Decision(True, 0, None, said) for _ in page.blocks])
    return Judgement(page, decisions, Facts(title=page.document.source.title))


@dataclass(frozen=True, slots=True)
class _Rules:
    """What the rules say of one block: one piece of evidence per kind, its sum, and the verdict if that is final.

    `kind` is what the block is called if it goes.
    """

    said: Evidences
    points: int
    keep: bool | None
    kind: str


#: What a block is called that is convicted by its shape alone.
_UNNAMED: Final = "boilerplate"
_SILENT: Final = _Rules((), 0, None, _UNNAMED)
_SHAPE_ALONE: Final = (Evidence("alone", -SHAPE_ALONE, "no rule speaks of it, and little known chrome is around it"),)
_RULE_ALONE: Final = {
    kinds: (Evidence("alone", -points, "no chrome is known for sure on the page"),)
    for kinds, points in RULE_ALONE.items()
}


class _Known(NamedTuple):
    """What chrome rules find on a page: of how many kinds, and whether a decisive one finds any."""

    kinds: int
    is_decisive: bool

    @property
    def is_enough(self) -> bool:
        """Whether shape can convict, too."""
        return self.is_decisive or self.kinds >= MIN_KINDS


@dataclass(frozen=True, slots=True)
class _Scene:
    """What does not change from pass to pass, block by block.

    `own` is the second pass's sum over a block's own levels, which `columns` tell; `placed` are the blocks for which
    the rules that count depend on head and tail; `tables` number the table that each is a row of, -1 for none.
    """

    shapes: Sequence[Shape]
    matched: Sequence[Evidences]
    groups: Sequence[int]
    folded: Sequence[str]
    impressions: Sequence[int]
    columns: Columns
    own: Sequence[int]
    rules: Sequence[_Rules]
    placed: Sequence[int]
    tables: Sequence[int]
    is_marked_up: bool
    first: Table
    table: Table


@dataclass(frozen=True, slots=True)
class _Weighed:
    """One second pass over the standing blocks: what was said of each, each one's total, and which stay."""

    scene: _Scene
    standing: Sequence[int]
    columns: Columns
    rules: Sequence[_Rules]
    company: Sequence[Evidences]
    totals: Sequence[int]
    stays: Sequence[bool]
    caution: Evidence
    confidence: float

    def decisions(self, places: Iterable[int]) -> Iterator[tuple[int, Decision]]:
        """The decisions for some of the standing blocks, by their places among them, with their numbers on the page.

        The evidence of each adds up to its total.
        """
        table, columns = self.scene.table, self.columns
        prior, caution = (table.prior,), (self.caution,)
        for at in places:
            rules, stays = self.rules[at], self.stays[at]
            said = (prior, LevelEvidence(table, columns, at), caution, self.company[at], rules.said)
            yield self.standing[at], Decision(stays, self.totals[at], None if stays else rules.kind, said)


def gap_groups(blocks: Iterable[Block]) -> list[int]:
    """For each block the number of gaps up to it: blocks with the same number stand without a gap between them."""
    return list(accumulate([block.gap for block in blocks]))


def _scene(page: Page, matched: Sequence[Evidences], shapes: Sequence[Shape], points: Points) -> _Scene:
    first, second = points.first, points.second
    levels = [shape.levels for shape in shapes]
    lines = short_lines(page, shapes)
    weights = second.totals(as_they_are, levels), second.totals_of(WORD, map(words_of, lines))
    return _Scene(
        shapes=shapes,
        matched=matched,
        groups=gap_groups(page.blocks),
        folded=page.folded,
        impressions=impressions(levels, matched, first),
        columns=[(as_they_are, levels), (word_levels, lines)],
        own=[second.prior.points + sum(said) for said in zip(*weights, strict=True)],
        rules=[_weigh_rules(said, "body") if said else _SILENT for said in matched],
        placed=[index for index, said in enumerate(matched) if any([e.place != "any" for e in said])],
        tables=[_table_around(page, block) if block.tag == "row" else -1 for block in page.blocks],
        is_marked_up=page.document.kind == "html",
        first=first,
        table=second,
    )


def _table_around(page: Page, block: Block) -> int:
    """The number of the table's container that a block of an HTML page is in; -1 for none."""
    place = block.container
    while place >= 0 and page.containers[place].tag != "table":
        place = page.containers[place].parent
    return place


def _weigh_again(before: _Weighed, standing: Sequence[int], threshold: int) -> _Weighed:
    """Weigh what still stands; where only verdicts can convict now, totals stay what they were among all blocks."""
    scene = before.scene
    rules = _rules_standing(scene, standing)
    convictable = _convictable(scene, rules, _known_chrome(_at(standing, scene.matched)))
    if any(convictable):
        return _second_pass(scene, standing, rules, threshold)
    left = set(standing)
    places = [at for at, index in enumerate(before.standing) if index in left]
    bare = [before.totals[at] - before.rules[at].points for at in places]
    totals = [total + said.points for total, said in zip(bare, rules, strict=True)]
    columns, company = _columns_at(places, before.columns), _at(places, before.company)
    stays = _stays(totals, rules, convictable, threshold)
    return replace(before, standing=standing, columns=columns, rules=rules, company=company, totals=totals, stays=stays)


def _second_pass(scene: _Scene, standing: Sequence[int], rules: Sequence[_Rules], threshold: int) -> _Weighed:
    """Weigh the blocks that still stand, as neighbours of each other, with what the rules say of each."""
    shapes, known = _at(standing, scene.shapes), _known_chrome(_at(standing, scene.matched))
    lines = line_up(_at(standing, scene.groups), _at(standing, scene.folded), shapes)
    impressions = list(map(add, _at(standing, scene.impressions), scene.first.totals(line_levels, lines)))
    around = zip(AROUND, surround(impressions, shapes, known.kinds), strict=True)
    beside: Columns = [(line_levels, lines), *around]
    weights = [scene.table.totals(levels_of, keys) for levels_of, keys in beside]
    bare = list(map(sum, zip(_at(standing, scene.own), [said.points for said in rules], *weights, strict=True)))
    confidence = _best_expected(bare, [shape.words for shape in shapes])
    caution = _caution(confidence)
    cautious = [total + caution.points for total in bare]
    company = _in_tables(scene, standing, rules, cautious) if scene.is_marked_up else _alone(rules, known)
    totals = [total + said[0].points if said else total for total, said in zip(cautious, company, strict=True)]
    stays = _stays(totals, rules, _convictable(scene, rules, known), threshold)
    columns = [*_columns_at(standing, scene.columns), *beside]
    return _Weighed(scene, standing, columns, rules, company, totals, stays, caution, confidence)


T = TypeVar("T")


def _at(indices: Sequence[int], values: Sequence[T]) -> list[T]:
    return list(map(values.__getitem__, indices))


def _columns_at(indices: Sequence[int], columns: Columns) -> Columns:
    return [(levels_of, _at(indices, keys)) for levels_of, keys in columns]


def _stays(totals: Sequence[int], rules: Sequence[_Rules], convictable: Sequence[bool], threshold: int) -> list[bool]:
    """Whether each block is kept, by a verdict of the rules, or else by its total."""
    return [
        not (can and total >= threshold) if said.keep is None else said.keep
        for total, said, can in zip(totals, rules, convictable, strict=True)
    ]


def _known_chrome(matched: Sequence[Evidences]) -> _Known:
    return _Known(count_kinds(matched), any([e.decisive for said in matched for e in said]))


def _convictable(scene: _Scene, rules: Sequence[_Rules], known: _Known) -> list[bool]:
    """Whether a total can convict each block: in a flat text only where rules find chrome.

    That is in the block itself, or else on the page, decisively or of several kinds: a poem is not a menu, and a
    heading "Comments" between paragraphs heads no comments. Markup tells a menu from a poem by itself.
    """
    anywhere = scene.is_marked_up or known.is_enough
    return [anywhere or said.points > 0 for said in rules]


def _in_tables(
    scene: _Scene, standing: Sequence[int], rules: Sequence[_Rules], totals: Sequence[int]
) -> list[Evidences]:
    """What brings the rows of a table that no rule speaks of to the mean of their totals: it goes, or stays, as one."""
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for at, index in enumerate(standing):
        if scene.tables[index] >= 0 and not rules[at].said:
            rows[scene.tables[index]].append(at)
    company: list[Evidences] = [()] * len(standing)
    for places in rows.values():
        mean = sum(_at(places, totals)) // len(places)  # rounded down, so that its sign is that of the sum
        for at in places:
            if totals[at] != mean:
                company[at] = (Evidence("table", mean - totals[at], "with the other rows of its table"),)
    return company


def _alone(rules: Sequence[_Rules], known: _Known) -> list[Evidences]:
    """What speaks for those blocks of a flat text that little else speaks against.

    A comment form below a poem tells nothing of its verses, and a line like a label nothing at all.
    """
    if known.kinds >= MIN_KINDS:
        against = [at for at, said in enumerate(rules) if said.points > 0]
        among = range(against[0] - NEAR, against[-1] + NEAR + 1) if against else ()
        return [() if at in among else _SHAPE_ALONE for at in range(len(rules))]
    ruled = () if known.is_decisive else _RULE_ALONE.get(known.kinds, ())
    return [ruled if said.points > 0 else _SHAPE_ALONE for said in rules]


def _rules_standing(scene: _Scene, standing: Sequence[int]) -> list[_Rules]:
    """What the rules say of the standing blocks; those for the head and the tail speak of what stands there now."""
    head, tail = _head_and_tail(scene, standing) if scene.placed else (0, 0)
    placed = {
        index: _weigh_rules(scene.matched[index], "head" if index < head else "tail")
        for index in scene.placed
        if index < head or index > tail
    }
    return [placed[index] if index in placed else scene.rules[index] for index in standing]


def count_kinds(matched: Iterable[Evidences]) -> int:
    """How many kinds of chrome rules speak of."""
    return len({evidence.kind for said in matched for evidence in said})


def _weigh_rules(matched: Evidences, place: str) -> _Rules:
    """The rules that count for a block where it stands: a veto keeps it, else a decisive one drops it."""
    said = strongest_per_kind([e for e in matched if e.place == "any" or e.place == place])
    keep = True if any([e.veto for e in said]) else False if any([e.decisive for e in said]) else None
    return _Rules(said, rule_points(said), keep, _kind(said))


def _best_expected(totals: Sequence[int], words: Sequence[int]) -> float:
    """The best F1, over words, that any choice of blocks may be expected to reach by these totals in decibans."""
    words_at: defaultdict[int, int] = defaultdict(int)
    for total, count in zip(totals, words, strict=True):
        words_at[total] += count
    chances = [(count / (1 + 10 ** (total / 10)), count) for total, count in sorted(words_at.items())]
    expected = sum([body for body, _ in chances])
    kept_body = accumulate([body for body, _ in chances])
    kept = accumulate([count for _, count in chances])
    return max(
        (2 * body / (count + expected) for body, count in zip(kept_body, kept, strict=True) if count), default=1.0
    )


def _caution(confidence: float) -> Evidence:
    """How much surer than even one must be, on this page, before dropping a block pays.

    The best expected F1 of a page is reached by keeping each block whose probability of being body is over
    half that F1 (Lewis, "Evaluating and optimizing autonomous text classification systems", 1995). So on a page
    that is hard to tell apart more is kept.
    """
    share = min(0.98, max(0.1, confidence)) / 2
    return Evidence(
        "caution", round(10 * log10(share / (1 - share))), f"pays on this page from {1 / share - 1:.1f} to 1"
    )


def impressions(levels: Iterable[tuple[str, ...]], matched: Iterable[Evidences], table: Table) -> list[int]:
    """The totals, in decibans, of blocks taken by themselves."""
    prior = table.prior.points
    return [
        prior + total + rule_points(strongest_per_kind(said)) if said else prior + total
        for total, said in zip(table.totals(as_they_are, levels), matched, strict=True)
    ]


def strongest_per_kind(matched: Sequence[Evidence]) -> Evidences:
    """One rule per kind counts, the strongest: three ways to say "share" are not three facts."""
    if len(matched) < 2:
        return tuple(matched)
    best: dict[str | None, Evidence] = {}
    for evidence in matched:
        current = best.get(evidence.kind)
        if current is None or _strength(evidence) > _strength(current):
            best[evidence.kind] = evidence
    return tuple(best.values())


def _strength(evidence: Evidence) -> tuple[bool, bool, int]:
    return evidence.veto, evidence.decisive, abs(evidence.points)


def rule_points(said: Evidences) -> int:
    """The rules' sum in decibans: as it is where one is decisive or a veto, else no more than the cap."""
    total = sum([evidence.points for evidence in said])
    return total if any([evidence.decisive or evidence.veto for evidence in said]) else min(RULE_CAP, total)


def _kind(said: Evidences) -> str:
    """The kind of chrome by the strongest rule that speaks for it; without one, its shape alone convicts."""
    against = [evidence for evidence in said if evidence.kind and evidence.points > 0]
    return str(max(against, key=_strength).kind) if against else _UNNAMED


def _head_and_tail(scene: _Scene, standing: Sequence[int]) -> tuple[int, int]:
    """The first and the last block of prose: what stands before is the head, what stands after the tail."""
    prose = [i for i in standing if scene.shapes[i].prose and scene.impressions[i] < 0]
    return (prose[0], prose[-1]) if prose else (0, len(scene.shapes))


def _title_decision(decision: Decision, title: Title) -> Decision:
    evidence = Evidence("title", 30, title.why, kind="title", decisive=True)
    return Decision(False, decision.total + evidence.points, "title", (*decision.said, (evidence,)))


def _notes(page: Page, decisions: Sequence[Decision]) -> Iterable[str]:
    words = sum([len(block.text) for block in page.blocks])
    kept = sum([len(block.text) for block, d in zip(page.blocks, decisions, strict=True) if d.keep])
    if words and kept < _MOST * words:
        yield f"only {100 * kept // words} % of the text was kept"
