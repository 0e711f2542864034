"""Read who wrote an article, and when, from the lines around its body that went as byline and dateline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import regex

from cleaner.byline import bylined_name
from cleaner.dates import written_day
from cleaner.model import Judgement

#: What such lines are called when they go.
_KINDS: Final = frozenset({"author-box", "metadata-label"})
#: So many blocks above the first that stays, below it, and below the last may be such lines, none of more characters.
_ABOVE: Final = 15
_INSIDE: Final = 5
_BELOW: Final = 3
_MAX_LINE: Final = 160
#: How lines begin that tell the day of the last change.
_CHANGED: Final = regex.compile(
    r"""(?i)\W*(?:last\s|letzte\s|dernière\s|última\s|ultim[oa]\s)?(?:updated?|modified|edited|reviewed
    |actuali[sz]|aktuali[sz]|atualiza|aggiorna|mi[sx]e?\sà\sjour|bijgewerkt|laatst|oppdatert|opdateret|uppdatera|päivitet
    |обновл|оновл|изменен|güncelle|son\sgüncelle|آخر\sتحديث|تحديث|به.?روز|עודכן|ενημ|τελευταία|更新|最后更新|最終更新|수정
    |최종\s?수정|cập\snhật|diperbarui|frissít|módosít|अपडेट)""",
    regex.VERBOSE,
)


def read_dateline(judgement: Judgement, language: str | None) -> tuple[str | None, str | None]:
    """The author's name and the day (ISO 8601), each from the line nearest to the body's beginning that has one.

    The day of the last change is told only where no other is. `language` is BCP 47, for the names of months.
    """
    lines = list(_lines(judgement))
    names = (bylined_name(line, marked=False) for line in lines)
    days = (written_day(line, language) for line in sorted(lines, key=lambda line: bool(_CHANGED.match(line))))
    return next(filter(None, names), None), next(filter(None, days), None)


def _lines(judgement: Judgement) -> Iterator[str]:
    blocks, decisions = judgement.page.blocks, judgement.decisions
    kept = [index for index, decision in enumerate(decisions) if decision.keep]
    if not kept:
        return
    first, last = kept[0], kept[-1]
    above = range(first - 1, max(-1, first - 1 - _ABOVE), -1)
    inside = range(first + 1, min(last, first + 1 + _INSIDE))
    below = range(last + 1, min(len(blocks), last + 1 + _BELOW))
    for index in (*above, *inside, *below):
        if decisions[index].kind in _KINDS and len(blocks[index].text) <= _MAX_LINE:
            yield blocks[index].text
