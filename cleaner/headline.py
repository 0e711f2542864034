"""Tell an HTML page's headline from the names that the page gives itself and the headings that its reader sees."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from cleaner.fold import fold

#: What stands between a headline and the site's name; a bar or a dot on the line stands nowhere else.
_BORDER: Final = re.compile(r"\s*(?:[|·•»«]|::)\s*|\s+[-~/]\s+|\s*[–—]\s+")
_BAR: Final = re.compile(r"\s*(?:[|·•»«]|::)\s*")
#: What may do so as well, where a line of the page shows it.
_STROKE: Final = re.compile(r"[-_–—~/]+")
_MIN_PART: Final = 1 / 3
_MAX_SITE_WORDS: Final = 4
#: A label of a host name shorter than this tells no name.
_MIN_LABEL: Final = 4
_HOST: Final = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,10}")
#: What share of its words a headline has at least in common with a name of the page.
_MIN_AGREEMENT: Final = 0.3


class Named(NamedTuple):
    """A name or a heading, and its text folded."""

    text: str
    folded: str

    def agreement(self, names: Iterable[Named]) -> float:
        """How well a heading agrees with one of the names: the share of words in common, more if one begins the other.

        From 0 to 2: 2 for the same, more than 1 where one of them begins or ends with the other.
        """
        return max([_agreement(self.folded, name.folded) for name in names], default=0.0)


class Site:
    """What a page's site is called: by the page, and by its address."""

    def __init__(self, names: Iterable[str], addresses: Iterable[str]) -> None:
        self._names = {_joined(fold(name)) for name in names} - {""}
        hosts = [_host(address) for address in addresses]
        labels = [label for host in hosts for label in host.split(".")[:-1] if len(label) >= _MIN_LABEL]
        self._names |= {_joined(fold(label)) for label in labels}

    def is_named(self, name: str) -> bool:
        """Whether a name is the site's, and nothing else; that of a host always is."""
        return _joined(fold(name)) in self._names or _HOST.fullmatch(name.strip()) is not None

    def taken_from(self, name: str) -> str:
        """A page's name without the site's before or behind it, or the name itself if nothing else is left."""
        rest = name
        while (borders := list(_BORDER.finditer(rest))) and len(borders) < 20:
            first, last = borders[0], borders[-1]
            if self.is_named(rest[last.end() :]):
                rest = rest[: last.start()]
            elif self.is_named(rest[: first.start()]):
                rest = rest[first.end() :]
            else:
                break
        *before, tail = _BAR.split(rest)
        if before and before[0] and len(tail.split()) <= _MAX_SITE_WORDS:
            rest = rest[: len(rest) - len(tail)].rstrip(" |·•»«:")
        return rest.strip() or name


def find_headline(
    names: Sequence[str], headlines: Sequence[str], headings: Sequence[Named], lines: Collection[str], site: Site
) -> str | None:
    """The heading that agrees best with the page's names for itself, or the first of these names.

    `headlines` are the headings of the first level. Many pages have one that is only the site's name, or a slogan.
    `lines` are all blocks, folded: where no heading agrees, the headline may be one of them.
    """
    known = [Named(name, fold(name)) for name in map(site.taken_from, names)]
    first = [Named(text, fold(text)) for text in headlines if not site.is_named(text)]
    best = max(first, key=lambda heading: heading.agreement(known), default=None)
    if best and (not known or best.agreement(known) >= _MIN_AGREEMENT):
        return best.text
    agreeing = [heading for heading in headings if heading.agreement(known) > 1 and not site.is_named(heading.text)]
    if agreeing:
        return max(agreeing, key=lambda heading: heading.agreement(known)).text
    return _as_on_page(known[0].text, lines) if known else None


def _as_on_page(name: str, lines: Collection[str]) -> str:
    """A name without what follows a stroke, if the page has a line of what stands before it."""
    starts = [name[: stroke.start()].strip() for stroke in _STROKE.finditer(name)]
    return next(
        (start for start in reversed(starts) if len(start) >= _MIN_PART * len(name) and fold(start) in lines), name
    )


def _agreement(heading: str, name: str) -> float:
    if not heading or not name:
        return 0.0
    one, other = Counter(heading.split()), Counter(name.split())
    shared = 2 * (one & other).total() / (one.total() + other.total())
    return shared + (_begins(heading, name) or _begins(name, heading))


def _begins(part: str, whole: str) -> bool:
    """Whether one folded text begins or ends with the other."""
    return f"{whole} ".startswith(f"{part} ") or f" {whole}".endswith(f" {part}")


def _joined(folded: str) -> str:
    return folded.replace(" ", "")


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""
