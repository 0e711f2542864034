"""Tell from an expression how the lines that fit it begin, so that nearly no line need be tried with it.

Trying all expressions on every line, or only compiling them, would cost more than all other matching.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from cleaner.fold import fold
from cleaner.lookup import END, OPENING

#: So many characters fold to an opening's length, but for signs and gaps between them.
ENOUGH: Final = OPENING + 2
#: Where more texts than this would come of a text and the next element, the next element is not looked at.
MOST: Final = 1_000


def openings(pattern: str) -> frozenset[str] | None:
    """Give the folded beginnings that lines fitting `pattern` can have: perhaps too many, never too few; None is any.

    They have up to `OPENING` characters; one that is all of a line ends with `END`.
    """
    try:
        found = _Reader(_tokens(pattern)).read()
    except _UnknownError:
        return None
    long = [text for text in found.texts if len(text) > ENOUGH]
    cut = {line[:OPENING] for line in _folded({text[:ENOUGH] for text in found.stems.union(long)})}
    if "" in cut:
        return None
    cut |= {f"{line}{END}"[:OPENING] for line in _folded(found.texts.difference(long))}
    return frozenset(line for line in cut if cut.isdisjoint([line[:length] for length in range(1, len(line))]))


@lru_cache(maxsize=4096)
def stays_in_line(pattern: str) -> bool:
    """Tell whether `pattern` fits a line among others just as it fits it alone, and takes no group for itself.

    Look-arounds and anchors would see the lines beside it, and what never gives back would run into them.
    """
    try:
        tokens = _tokens(pattern)
    except _UnknownError:
        return False
    return not any(
        name == "look"
        or (name == "group" and not text.endswith(":"))
        or text in ("\\A", "\\Z")
        or (name == "repeat" and len(text) > 1 and text[-1] == "+")
        for name, text in tokens
    )


def _folded(texts: Collection[str]) -> list[str]:
    return fold("\n".join(texts)).split("\n") if texts else []


Token: TypeAlias = tuple[str, str]


class _Start(NamedTuple):
    """What can stand at the start of what an expression, or a part of it, fits.

    After `texts` comes in the line what comes next in the expression; after `stems` may come anything. A space
    stands for all that folds away.
    """

    texts: frozenset[str]
    stems: frozenset[str]


class _UnknownError(Exception):
    """The expression holds something that this reader does not know."""


_NONE: Final[frozenset[str]] = frozenset()
_NOTHING: Final = _Start(frozenset({""}), _NONE)
_SPACE: Final = _Start(frozenset({" "}), _NONE)
_NUMBER: Final = _Start(frozenset({"0"}), _NONE)
_ANYTHING: Final = _Start(_NONE, frozenset({""}))
_KNOWN: Final = {
    "number": _NUMBER,
    "anything": _ANYTHING,
    "space": _SPACE,
    "place": _NOTHING,
    "comment": _NOTHING,
}

_TOKEN: Final = re.compile(
    r"""
      (?P<literal> [^\\.^$|?*+()\[\]{}]+ (?![?*+{]) | [^\\.^$|?*+()\[\]{}] )
    | (?P<repeat> (?: [?*+] | \{\d+(?:,\d*)?\} | \{,\d+\} ) [?+]? )
    | (?P<comment> \(\?\#[^)]*\) | \(\?i\) )
    | (?P<look> \(\?<?[=!] )
    | (?P<group> \(\?(?:[ims-]*:|>|P?<\w+>) | \((?!\?) )
    | (?P<close> \) )
    | (?P<bar> \| )
    | (?P<set> \[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\\\]\[])*\] )
    | (?P<anything> \\[pP](?:\{[^}]*\}|\w) | \\[wWDSXR] | \. )
    | (?P<number> \\d )
    | (?P<place> [\^$] | \\[bBmMAZ] )
    | (?P<space> \\[shntrfv] )
    | (?P<escape> \\[^\w] )
    """,
    re.VERBOSE | re.DOTALL,
)
#: A set that is a plain list of characters and digits: no range but 0-9, no property, not negated.
_PLAIN_SET: Final = re.compile(r"\[((?:0-9|\\[^pPNLxuU]|[^\\\]\[^-])+-?)\]", re.DOTALL)
_SET_MEMBER: Final = re.compile(r"0-9|\\.|.", re.DOTALL)
#: Digits with gaps between them: one number once folded.
_RUN: Final = re.compile(r"0[0 ]*0")
#: Letters and digits that folding leaves for sure: most, but for the Arabic tatweel.
_SPOKEN: Final = re.compile(r"[^\W_\u0640]")
_ENDS: Final = ("bar", "close", "end")
_MAY_BE_ABSENT: Final = re.compile(r"[?*]|\{0*[,}]")


def _tokens(pattern: str) -> list[Token]:
    tokens = [(found.lastgroup or "", found[0]) for found in _TOKEN.finditer(pattern)]
    if sum([len(text) for _, text in tokens]) < len(pattern):
        raise _UnknownError
    return tokens


class _Reader:
    """Reads the tokens of an expression from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = [*tokens, ("end", "")]
        self._at = 0

    def read(self) -> _Start:
        found = self._alternatives(_SPACE)  # a line's start is a gap, into which others fold
        if self._tokens[self._at][0] != "end":
            raise _UnknownError
        return found

    def _alternatives(self, before: _Start) -> _Start:
        found = [self._sequence(before)]
        while self._tokens[self._at][0] == "bar":
            self._at += 1
            found.append(self._sequence(before))
        return _any_of(found) if len(found) > 1 else found[0]

    def _sequence(self, found: _Start) -> _Start:
        while self._tokens[self._at][0] not in _ENDS:
            if all([len(text) > OPENING for text in found.texts]):
                self._skip()
                return _Start(_NONE, found.stems | found.texts)
            element = self._element()
            if self._tokens[self._at][0] == "repeat":
                element = _repeated(element, self._tokens[self._at][1])
                self._at += 1
            found = _joined(found, element)
        return found

    def _skip(self) -> None:
        """Go to the end of a sequence of which nothing more can be told."""
        depth = 0
        while depth or self._tokens[self._at][0] not in _ENDS:
            name = self._tokens[self._at][0]
            if name == "end":
                raise _UnknownError
            depth += (name in ("group", "look")) - (name == "close")
            self._at += 1

    def _element(self) -> _Start:
        name, text = self._tokens[self._at]
        self._at += 1
        if name in ("group", "look"):
            return self._group(name)
        return _element(name, text)

    def _group(self, name: str) -> _Start:
        found = self._alternatives(_NOTHING)
        if self._tokens[self._at][0] != "close":
            raise _UnknownError
        self._at += 1
        return _NOTHING if name == "look" else found


@lru_cache(maxsize=10_000)
def _element(name: str, text: str) -> _Start:
    """Give what one token stands for."""
    if name == "literal":
        return _literal(text)
    if name == "escape":
        return _literal(text[1])
    if name == "set":
        return _set(text)
    if name not in _KNOWN:
        raise _UnknownError
    return _KNOWN[name]


def _set(text: str) -> _Start:
    plain = _PLAIN_SET.fullmatch(text)
    if not plain:
        return _ANYTHING
    return _any_of(list(map(_set_member, _SET_MEMBER.findall(plain[1]))))


def _set_member(member: str) -> _Start:
    if member == "0-9":
        return _NUMBER
    return _element(*_tokens(member)[0]) if member[0] == "\\" else _literal(member)


def _literal(text: str) -> _Start:
    if _is_shown(text):
        return _Start(frozenset({"0" if text.isdecimal() else text.replace("\n", " ")}), _NONE)
    return _SPACE if " " in fold(f"x{text}x") else _NOTHING


def _repeated(element: _Start, quantifier: str) -> _Start:
    """Apply a quantifier to what an element begins with."""
    if quantifier[0] != "?":
        # After one round comes another or what follows: only gaps and numbers fold to the same however often they come.
        same = frozenset([text for text in element.texts if not text.strip("0 ")])
        element = _Start(same, element.stems | (element.texts - same))
    return _any_of([element, _NOTHING]) if _MAY_BE_ABSENT.match(quantifier) else element


def _any_of(starts: list[_Start]) -> _Start:
    texts, stems = zip(*starts, strict=True)
    return _Start(_NONE.union(*texts), _NONE.union(*stems))


def _joined(first: _Start, second: _Start) -> _Start:
    """Continue what goes on in `first` with what the next element begins with."""
    if first is _NOTHING or second is _NOTHING:
        return second if first is _NOTHING else first
    is_much = len(first.texts) * len(second.texts) > MOST
    short = [text for text in first.texts if text in ("", " ") or (len(text) <= OPENING and not is_much)]
    stems = first.stems.union(first.texts.difference(short), _products(short, second.stems))
    return _Start(frozenset(_products(short, second.texts)), stems)


def _products(texts: Iterable[str], mores: Iterable[str]) -> list[str]:
    return [text + more if more[:1] not in " 0" else _shortened(text + more) for text in texts for more in mores]


def _shortened(text: str) -> str:
    """Leave off what folding would: all of a number or a gap but its first character."""
    text = text.replace("  ", " ")
    return _RUN.sub("0", text) if text.count("0") > 1 else text


def _is_shown(text: str) -> bool:
    """Tell whether folding leaves anything of a text."""
    return _SPOKEN.search(text) is not None or (not text.isascii() and bool(fold(text)))
