"""Tell from an expression how the lines that fit it begin, so that nearly no line need be tried with it.

Trying all expressions on every line, or only compiling them, would cost more than all other matching.
"""

from __future__ import annotations

import re
from functools import lru_cache, reduce
from typing import Final, NamedTuple, TypeAlias

from cleaner.fold import fold

#: Longer openings tell little more.
LENGTH: Final = 5
#: Stands after a line that ends with its opening.
END: Final = "\n"
#: Where more texts than this would come of a text and the next element, the next element is not looked at.
MOST: Final = 1000


class Openings(NamedTuple):
    """How lines that fit an expression begin: with folded texts of up to `LENGTH` characters, or with symbols.

    A text that is all of a line ends with `END`. A symbol is the line's first character before folding.
    """

    texts: frozenset[str]
    symbols: frozenset[str]


def openings(pattern: str) -> Openings | None:
    """Give the beginnings that lines fitting `pattern` can have: perhaps too many, never too few; None is any."""
    try:
        found = _Reader(_tokens(pattern)).read()
    except _UnknownError:
        return None
    symbols = {gap.strip() for gap in found.last_gaps}
    if "" in symbols:
        return None
    cut = {line[:LENGTH] for line in _folded(found.last_texts)}
    cut |= {f"{line}{END}"[:LENGTH] for line in _folded(found.texts | found.gaps)}
    texts = {line for line in cut if not any(line[:length] in cut for length in range(1, len(line)))}
    return Openings(frozenset(texts), frozenset(symbols))


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


def _folded(texts: frozenset[str]) -> list[str]:
    return fold("\n".join([text.replace("\n", " ") for text in texts])).split("\n") if texts else []


Token: TypeAlias = tuple[str, str]


class _Start(NamedTuple):
    """What can stand at the start of what an expression, or a part of it, fits.

    `texts` show when folded; `gaps` don't, they are nothing, a space or the first of several symbols. After these
    comes in the line what comes next in the expression; after the `last` ones may come anything.
    """

    texts: frozenset[str]
    gaps: frozenset[str]
    last_texts: frozenset[str]
    last_gaps: frozenset[str]


class _UnknownError(Exception):
    """The expression holds something that this reader does not know."""


_NONE: Final[frozenset[str]] = frozenset()
_EMPTY: Final = frozenset({""})
_NOTHING: Final = _Start(_NONE, _EMPTY, _NONE, _NONE)
_SPACE: Final = _Start(_NONE, frozenset({" "}), _NONE, _NONE)
_NUMBER: Final = _Start(frozenset({"0"}), _NONE, _NONE, _NONE)
_ANYTHING: Final = _Start(_NONE, _NONE, _NONE, _EMPTY)
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
_RUN: Final = re.compile(r"0[0\W_]*0")
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
        found = self._alternatives()
        if self._tokens[self._at][0] != "end":
            raise _UnknownError
        return found

    def _alternatives(self) -> _Start:
        found = self._sequence()
        while self._tokens[self._at][0] == "bar":
            self._at += 1
            found = _either(found, self._sequence())
        return found

    def _sequence(self) -> _Start:
        found = _NOTHING
        while self._tokens[self._at][0] not in _ENDS:
            if not found.gaps and all(len(text) > LENGTH for text in found.texts):
                self._skip()
                return _Start(_NONE, _NONE, found.last_texts | found.texts, found.last_gaps)
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
        found = self._alternatives()
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
    return reduce(_either, map(_set_member, _SET_MEMBER.findall(plain[1])))


def _set_member(member: str) -> _Start:
    if member == "0-9":
        return _NUMBER
    return _element(*_tokens(member)[0]) if member[0] == "\\" else _literal(member)


def _literal(text: str) -> _Start:
    if not _is_shown(text):
        return _Start(_NONE, frozenset({_gap(text)}), _NONE, _NONE)
    return _Start(frozenset({"0" if text.isdecimal() else text}), _NONE, _NONE, _NONE)


def _repeated(element: _Start, quantifier: str) -> _Start:
    """Apply a quantifier to what an element begins with."""
    if quantifier[0] != "?":
        # After one round comes another or what follows: only gaps and numbers fold to the same however often they come.
        numbers = frozenset([text for text in element.texts if not _is_shown(text.replace("0", ""))])
        last = element.last_texts | (element.texts - numbers)
        element = _Start(numbers, element.gaps, last, element.last_gaps)
    return _either(element, _NOTHING) if _MAY_BE_ABSENT.match(quantifier) else element


def _either(one: _Start, other: _Start) -> _Start:
    return _Start(*(a | b for a, b in zip(one, other, strict=True)))


def _joined(first: _Start, second: _Start) -> _Start:
    """Continue what goes on in `first` with what the next element begins with."""
    if first is _NOTHING:
        return second
    is_much = len(first.texts) * sum(map(len, second)) > MOST
    enough = first.texts if is_much else {text for text in first.texts if len(text) > LENGTH}
    short = first.texts.difference(enough)
    starts = [*short, *{" " if gap else "" for gap in first.gaps}]
    texts = [text + more for text in starts for more in second.texts]
    texts += [text + more for text in short for more in second.gaps]
    last_texts = [text + more for text in starts for more in second.last_texts]
    last_texts += [text + more for text in short for more in second.last_gaps]
    return _Start(
        frozenset([_RUN.sub("0", text) if text.count("0") > 1 else text for text in texts]),
        frozenset([_gap(gap + more) for gap in first.gaps for more in second.gaps]),
        first.last_texts.union(enough, last_texts),
        first.last_gaps.union([_gap(gap + more) for gap in first.gaps for more in second.last_gaps]),
    )


def _gap(text: str) -> str:
    """Shorten a text that folds away to its first symbol, or a space."""
    return text.strip()[:1] or text[:1]


def _is_shown(text: str) -> bool:
    """Tell whether folding leaves anything of a text."""
    return _SPOKEN.search(text) is not None or (not text.isascii() and bool(fold(text.replace("\n", " "))))
