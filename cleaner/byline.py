"""Tell the names of authors in what pages call an author and in lines such as "By Ann Lee | 5 March"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import regex

_START: Final = regex.compile(
    r"""(?i)(?:[\W_]*(?:
    (?:(?:article|blog|post|story|text|words|written|posted|published|submitted|created|started|asked|authored)\s)?by
    | authors? | (?:thread|topic|post)\s(?:starter|author)
    | (?:geschrieben\s|verfasst\s|veröffentlicht\s)?von | autor(?:in)?
    | (?:écrit\s|publié\s|rédigé\s)?par | auteure?
    | (?:escrito\s|publicado\s)?por | autora?
    | (?:scritto\s|pubblicato\s)?da | a\scura\sdi | autore
    | (?:geschreven\s)?door | (?:skrevet\s|skriven\s)?a[vf] | napisała? | oleh | yazan | yazar
    | автор | بقلم | كتب | מאת | napsala? | írta | szerző | γράφει\s[οη] | συντάκτη[ςσ] | نویسنده | लेखक | tác\sgiả
    | 作者 | 文 | 撰文 | 执笔 | 執筆 | 著者 | 记者 | 記者 | 采写 | 글
    )(?:\s*[:：/／]\s*|\s+))+""",
    regex.VERBOSE,
)
#: What may follow a name: another statement, or a number; the word before that is a month where two stand before it.
#: Where markup is gone, the next statement may stick to the name.
_END: Final = regex.compile(
    r"""\s*(?:[|•·–—(/\n]|\s-\s|,?\s*\b(?i:on|in|am|le|el|at|for|last|first|published|updated|posted|reviewed|modified)\b
    |(?<=\p{Ll})(?:Published|Updated|Posted|Reviewed|January|February|August|September|October|November|December)
    |\s(?:\p{Lu}?\p{Ll}{1,20}|\p{Lo}{2,8})\s?[:：]
    |(?<=\S\s\S{1,30})\s\p{Lu}\p{L}+\.?\s\p{N}|\p{N}).*""",
    regex.VERBOSE | regex.DOTALL,
)
#: What an author is, after the name, or the day of the week that follows it.
_OFFICE: Final = regex.compile(
    r"""(?<=\S\s\S{1,30}),?\s+(?:(?i:the|an?)\s)?(?i:senior|staff|chief|executive|associate|assistant|special|guest
    |contributing|managing|editor|correspondent|reporter|writer|contributor|columnist|journalist|analyst|founder|co-founder
    |(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b.*|(?<=^\p{Hangul}{2,4})\s?기자\b.*""",
    regex.VERBOSE | regex.DOTALL,
)
#: What no name has in it, and what stands in a name's place.
_NAMELESS: Final = regex.compile(
    r"""[@{}<>?!*©$~=]|://|www\.|\p{N}{3}
    |(?i:\b(?:view|read|more|comments?|posts|about|bio|profile|articles|min|minutes?|follow|says|undefined)\b)
    |(?i:^(?:by|(?:the )?authors?|written by|admin|administrator|share|home|guest|name|unknown|none|null)$)""",
    regex.VERBOSE,
)
_MAX_NAME: Final = 100
_MAX_WORDS: Final = 8


def stated_name(value: str) -> str | None:
    """The name in a field for an author's, without "By" before it; None for an address, a number or a reading time."""
    name = _START.sub("", value.strip(), count=1) if _START.match(value.strip()) else value.strip()
    name = _OFFICE.sub("", name, count=1)
    return name if name and len(name) <= _MAX_NAME and not _is_nameless(name) else None


def bylined_name(line: str, *, marked: bool) -> str | None:
    """The name in a line of a page: behind "By", or at its beginning where the line is marked as an author's."""
    line = " ".join(line.split())
    start = _START.match(line)
    if start is None and not marked:
        return None
    name = _OFFICE.sub("", _END.sub("", line[start.end() if start else 0 :], count=1), count=1).strip(" ,.;:-")
    plausible = 0 < len(name.split()) <= _MAX_WORDS and len(name) <= _MAX_NAME and not _is_nameless(name)
    return name if plausible and (marked or not name[:1].islower()) else None


def marked_name(lines: Iterable[str]) -> str | None:
    """The first name in lines that are marked as an author's, each within the one before it or behind it.

    "Ann Lee Senior Editor" is no name if a mark within it is around "Ann Lee" alone.
    """
    names = [name for line in lines if (name := bylined_name(line, marked=True))]
    return min((name for name in names if names[0].startswith(name)), key=len, default=None)


def _is_nameless(name: str) -> bool:
    return _NAMELESS.search(name) is not None or not any(character.isalpha() for character in name)
