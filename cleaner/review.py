"""Review a run page by page: show what was decided with today's rules, and take a reader's word on a block.

Nothing is kept in memory but a line for each page; sources lie in a temporary file, so that a case is recorded from
what was shown, whatever became of the folder since.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from os import SEEK_END
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

from cleaner.batch import as_it_is, clean_batch
from cleaner.errors import InputError, UsageError
from cleaner.explain import explained
from cleaner.golden import Cleaners, check, load_cases
from cleaner.model import Article, Failure, Options, Source
from cleaner.proposal import Proposal, Verdict, host_of, propose, record
from cleaner.render import counted
from cleaner.report import Shared, failure_view, page_view, rule_view, run_view, summary_view
from cleaner.rules import load_rules
from cleaner.schema import FAMILIES

#: A verdict is spoken on a block by its number and by its text, so that none goes to another page's block by mistake.
_VERDICT: Final = {"page": int, "block": int, "text": str, "keep": bool, "kind": str, "site": bool}


class Review:
    """A run's pages, and the folders that verdicts on them are written to.

    Raises `RuleError` or `UsageError` when the options' rules can't be used.
    """

    def __init__(self, options: Options, rules: Path, cases: Path) -> None:
        self.rules_folder = rules
        self.cases_folder = cases
        self.verdicts = 0
        self._given = options
        self._rules = {rule.code: rule for rule in load_rules(self.options.rules, keep=options.keep).rules}
        self._sources: list[tuple[Source, int, int] | None] = []
        self._file = TemporaryFile()  # noqa: SIM115 - it lives as long as the review
        self._summaries: list[dict[str, Any]] = []

    @property
    def options(self) -> Options:
        """What pages are cleaned with: the given options, with the rules in the reader's folder, if there are any."""
        own = self.rules_folder
        known = own.resolve() in [Path(path).resolve() for path in self._given.rules]
        if known or not any(own.rglob("*.toml")):
            return self._given
        return replace(self._given, rules=(*self._given.rules, str(own)))

    def read(self, sources: Iterable[Source | Failure]) -> None:
        """Clean all sources once, for the list of pages."""
        for result in clean_batch(map(self._keep, sources), self.options, shape=as_it_is):
            self._summaries.append(failure_view(result) if isinstance(result, Failure) else self._summary(result))

    def _keep(self, item: Source | Failure) -> Source | Failure:
        if isinstance(item, Failure):
            self._sources.append(None)
        else:
            self._sources.append((replace(item, data=b"", metadata={}), self._file.seek(0, SEEK_END), len(item.data)))
            self._file.write(item.data)
        return item

    def run(self) -> dict[str, Any]:
        """What a reader's browser needs first: the list of pages, and the rules."""
        return run_view(self._rules, self._given.threshold) | {"shared": [], "summaries": self._summaries}

    def page(self, number: int) -> dict[str, Any]:
        """A page, cleaned anew with the rules as they are now. Raises `InputError` or `UsageError` if there is none."""
        return self._page(self._clean(number))

    def _page(self, article: Article) -> dict[str, Any]:
        every = list(explained(article, self._given.threshold))
        codes = {said.source for one in every for said in one.rules}
        rules = {code: rule_view(self._rules[code]) for code in codes if code in self._rules}
        return page_view(article, every, Shared(0)) | {"rules": rules, "host": host_of(article.url)}

    def _summary(self, article: Article) -> dict[str, Any]:
        return summary_view(article, list(explained(article, self._given.threshold)))

    def _clean(self, number: int) -> Article:
        if not 0 <= number < len(self._sources):
            raise UsageError(f"there is no page {number + 1}")
        kept = self._sources[number]
        if kept is None:
            raise UsageError(f"page {number + 1} failed, and there is nothing to show of it")
        source, start, length = kept
        self._file.seek(start)
        source = replace(source, data=self._file.read(length))
        result = next(clean_batch([source], self.options, shape=as_it_is))
        if isinstance(result, Failure):
            raise InputError(result.reason, result.stage)
        return result

    # --- A reader's word ---------------------------------------------------------------------------------------------

    def take(self, said: Any) -> dict[str, Any]:
        """Take a verdict, as a browser sends it: write rule and case, and give the page as it is cleaned from now on.

        Raises `UsageError` when the verdict makes no sense, `RuleError` when no rule can be made of it, and
        `GoldenError` or `OutputError` when the case can't be written.
        """
        number = _checked(said)["page"]
        before = self._clean(number)
        verdict = self._verdict(before, said)
        after, told = before, []
        while after.judgement and after.judgement.decisions[verdict.block].keep is not verdict.keep:
            proposal = propose(after, verdict, self._rules, self.rules_folder)
            told.append(self._know(proposal))
            after = self._clean(number)
            if proposal.rule:
                break
        case = record(before, verdict, after, self.cases_folder, self.options)
        self.verdicts += 1
        told += [f"The case is {case}.", *self._problems(case)]
        self._summaries[number] = self._summary(after)
        return {"page": self._page(after), "summary": self._summaries[number], "told": " ".join(told)}

    def _verdict(self, article: Article, said: dict[str, Any]) -> Verdict:
        assert article.judgement
        blocks, block = article.judgement.page.blocks, said["block"]
        if not 0 <= block < len(blocks) or blocks[block].text != said["text"]:
            raise UsageError("the page is not what it was when it was shown; load it again")
        if article.judgement.decisions[block].kind == "title":
            raise UsageError("the headline is no part of the body; --title puts it first")
        if said["kind"] not in FAMILIES.values():
            raise UsageError(f"no rule can be of this kind, use one of {', '.join(FAMILIES.values())}")
        return Verdict(block, said["keep"], said["kind"], host_of(article.url) if said["site"] else None)

    def _know(self, proposal: Proposal) -> str:
        """Remember what was written, and say it."""
        for code in proposal.withdrawn:
            self._rules.pop(code, None)
        if proposal.rule is None:
            return f"Took back {', '.join(proposal.withdrawn)}."
        self._rules[proposal.rule.code] = proposal.rule
        return f"Wrote {proposal.rule.code} into {proposal.rule.file}."

    def _problems(self, case: Path) -> list[str]:
        """What is to be said of a case that does not pass with the rules as they are now."""
        outcome = check(load_cases(case)[0], Cleaners(Options()).clean)
        if outcome.passed:
            return ["It passes."]
        flips = len(outcome.flips)
        more = f": {counted(flips, 'more block')} changed" if flips else ""
        return [f"It fails as yet{more}; see clean golden check {self.cases_folder}"]


def _checked(said: Any) -> dict[str, Any]:
    """A verdict with each of its parts of the right type."""
    if not isinstance(said, dict) or {key: type(value) for key, value in said.items()} != _VERDICT:
        raise UsageError(f"a verdict has {', '.join(_VERDICT)}")
    return said
