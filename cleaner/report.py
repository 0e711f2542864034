"""Write what was decided over a run as one HTML page that needs no network: every page, block, rule and reason.

A page's data stands in the report as JSON in elements that no browser runs, and is drawn, as text, when a reader
opens it. So a report is written page by page, however many there are.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any, Final

from cleaner.explain import Explained, explained, is_rule
from cleaner.files import new_file
from cleaner.model import KINDS, Article, Block, Evidence, Failure, Outcome, Rule
from cleaner.schema import FAMILIES
from cleaner.tally import Tally
from cleaner.version import VERSION

#: So much evidence is written once and named by number; what comes up later stands with its block.
MOST_SHARED: Final = 20_000

_ASSETS: Final = "assets"
_DATA: Final = "<!-- data -->"


def write_report(
    path: Path,
    results: Iterable[Article | Failure],
    rules: Mapping[str, Rule],
    threshold: int = 0,
    tell: Callable[[Failure], None] = lambda failure: None,
) -> Tally:
    """Write a report on articles, which must carry their judgement, and on what failed.

    `rules` are all that were at work, by their codes, and `threshold` is the one the articles were cleaned with. Each
    failure is handed to `tell`, too. Raises `OutputError` if the file can't be written; then there is none.
    """
    start, end = shell("report").split(_DATA)
    shared, tally = Shared(MOST_SHARED), Tally()
    with new_file(path) as file:
        file.write(start.encode())
        for number, result in enumerate(results):
            if isinstance(result, Failure):
                tell(result)
            tally.count(Outcome(result))
            for name, value in _parts(result, threshold, shared):
                file.write(_element(name, number, value))
        file.write(_element("run", 0, run_view(rules, threshold) | {"shared": shared.every}))
        file.write(end.encode())
    return tally


def _parts(result: Article | Failure, threshold: int, shared: Shared) -> Iterator[tuple[str, dict[str, Any]]]:
    """A result's line in the list of pages, and the page itself, which a failure has none of."""
    if isinstance(result, Failure):
        yield "summary", failure_view(result)
        return
    every = list(explained(result, threshold))
    yield "summary", summary_view(result, every)
    yield "page", page_view(result, every, shared)


def _element(name: str, number: int, value: Any) -> bytes:
    """Data as an element that nobody runs; there is no `<` in it, so that nothing ends it or begins a comment."""
    data = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    element = f'<script type="application/json" class="{name}-data" id="{name}-{number}">{data}</script>\n'
    return element.encode("utf-8", "backslashreplace")  # a lone surrogate's escape is the same in JSON


# --- What a reader's browser is given --------------------------------------------------------------------------------


class Shared:
    """Evidence that many blocks have in common: each piece is kept once, up to a limit, and named by its number."""

    def __init__(self, most: int) -> None:
        self.every: list[list[Any]] = []
        self._numbers: dict[Evidence, int] = {}
        self._most = most

    def name(self, evidence: Evidence) -> int | list[Any]:
        """The number of a piece of evidence, or all that it says when the limit is reached."""
        number = self._numbers.get(evidence)
        if number is not None:
            return number
        said = [evidence.source, evidence.points, evidence.why, is_rule(evidence), evidence.decisive, evidence.veto]
        if len(self.every) >= self._most:
            return said
        self._numbers[evidence] = len(self.every)
        self.every.append(said)
        return self._numbers[evidence]


def run_view(rules: Mapping[str, Rule], threshold: int) -> dict[str, Any]:
    """What holds for a whole run: the kinds there are, the rules, the threshold."""
    return {
        "version": VERSION,
        "threshold": threshold,
        "kinds": dict(KINDS),
        "ruled": list(FAMILIES.values()),
        "rules": {code: rule_view(rule) for code, rule in rules.items()},
    }


def rule_view(rule: Rule) -> list[str]:
    """What a reader wants to know of a rule: name, kind, summary, what it says, its file."""
    verdict = "keeps" if rule.keeps else "decisive" if rule.decisive else f"{rule.points:+d}"
    return [rule.name, rule.kind, rule.summary, verdict, rule.file]


def failure_view(failure: Failure) -> dict[str, Any]:
    """The line of an input that could not be cleaned."""
    return {"id": failure.id, "failed": f"{failure.stage}: {failure.reason}"}


def summary_view(article: Article, every: Sequence[Explained]) -> dict[str, Any]:
    """A page's line in the list: its size, and how much of it went as what and by which rules.

    `kinds` has blocks and characters per kind; `rules` has, per code, blocks that went and blocks that stayed.
    """
    blocks, characters = Counter[str](), Counter[str]()
    went, stayed = Counter[str](), Counter[str]()
    for one in every:
        blocks[one.decision.kind or ""] += 1
        characters[one.decision.kind or ""] += len(one.block.text)
        (stayed if one.decision.keep else went).update({said.source for said in one.rules})
    return {
        "id": article.id,
        "title": article.title,
        "language": article.language,
        "empty": article.status == "empty",
        "blocks": len(every),
        "characters": characters.total(),
        "near": sum([one.near for one in every]),
        "kinds": {kind: [blocks[kind], characters[kind]] for kind in KINDS if blocks[kind]},
        "rules": {code: [went[code], stayed[code]] for code in sorted({*went, *stayed})},
    }


def page_view(article: Article, every: Sequence[Explained], shared: Shared) -> dict[str, Any]:
    """A page with all its blocks: each a row of what it is, what became of it, its text, and its evidence."""
    document = article.judgement.page.document if article.judgement else None
    return {
        "url": article.url,
        "ruleset": article.ruleset,
        "form": document.kind if document else None,
        "encoding": f"{document.encoding.name} ({document.encoding.why})" if document else None,
        "repairs": document.repairs if document else (),
        "notes": article.notes,
        "blocks": [_row(one.block, one, shared) for one in every],
    }


def _row(block: Block, one: Explained, shared: Shared) -> list[Any]:
    decision = one.decision
    said = [shared.name(evidence) for evidence in one.evidence]
    lead = block.lead.strip()
    return [block.tag, block.level, lead, block.text, decision.keep, decision.kind, decision.total, one.near, said]


# --- The page around the data ----------------------------------------------------------------------------------------


@cache
def shell(mode: str, connect: str = "'none'") -> str:
    """The page without data, in the mode `report` or `review`; a comment stands where data go.

    It runs one script and has one style, both our own and named by their hashes. Nothing else may run, load, or be
    sent anywhere but to `connect`, and no text can become markup.
    """
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; connect-src {connect}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return Template(_asset("report.html")).substitute(mode=mode, policy=policy, style=style, script=script)


def _asset(name: str) -> str:
    return (resources.files("cleaner") / _ASSETS / name).read_text(encoding="utf-8")


def _hash(code: str) -> str:
    return f"sha256-{b64encode(sha256(code.encode()).digest()).decode()}"
