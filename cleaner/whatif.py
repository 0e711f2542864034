"""Show what rules would change on a page: the blocks that flip when they are added to the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from cleaner.blame import decider
from cleaner.model import Article, Block, Decision
from cleaner.packs import paths_of
from cleaner.render import visible

_SHOWN = 100


class Change(NamedTuple):
    """A block that is decided otherwise than before."""

    block: Block
    before: Decision
    after: Decision


def changes(before: Article, after: Article) -> Iterator[Change]:
    """The blocks of one page that two sets of rules decide otherwise."""
    one, other = before.judged, after.judged
    for block, was, now in zip(one.page.blocks, one.decisions, other.decisions, strict=True):
        if was.keep is not now.keep:
            yield Change(block, was, now)


def line(change: Change) -> str:
    """A change as a line of a diff: `-` for what now goes, `+` for what now stays."""
    deciding = change.before if change.after.keep else change.after
    kind, rule = deciding.kind, decider(change.after)
    text = visible(change.block.text[:_SHOWN] + "…" * (len(change.block.text) > _SHOWN))
    if change.after.keep:
        why = f"kept by {rule}" if rule else f"no longer {kind}"
        return f"+ {change.after.total:+4d}  {why}  {text}"
    return f"- {change.after.total:+4d}  {kind} {rule or 'by shape'}  {text}"


def rules_without(given: Iterable[str], tried: str) -> tuple[str, ...]:
    """Rule files and folders as paths of files, without those that lie at or in `tried`."""
    place = Path(tried).resolve()
    paths = [path for one in given for path in paths_of(one)]
    return tuple([str(path) for path in paths if not path.resolve().is_relative_to(place)])
