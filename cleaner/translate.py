"""Translate text character by character: what `str.translate` does, in a tenth of its time for text in few signs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_ASCII: Final = bytes(range(0x80))
#: Up to so many different characters beyond ASCII it is faster to replace one after another in the whole text.
_FEW: Final = 40


class Translation:
    """What every character turns into: one of ASCII into one of ASCII, any other into any text.

    That text must stay as it is when it is translated again, and "\\n" what it is.
    """

    def __init__(self, character: Callable[[str], str]) -> None:
        self._ascii = "".join([character(chr(code)) for code in _ASCII]).encode("ascii") + bytes(range(0x80, 0x100))
        self._others = _Learned(character)

    def translate(self, text: str) -> str:
        """Translate a text."""
        raw = text.encode("utf-8", "surrogatepass")
        translated = raw.translate(self._ascii).decode("utf-8", "surrogatepass")
        if text.isascii():
            return translated
        others = set(raw.translate(None, _ASCII).decode("utf-8", "surrogatepass"))
        if len(others) > _FEW:
            lines = translated.split("\n")
            return "\n".join([line if line.isascii() else line.translate(self._others) for line in lines])
        for other in others:
            translated = translated.replace(other, self._others[ord(other)])
        return translated


class _Learned(dict[int, str]):
    """A translation table that learns each character when it first meets it; there are at most 1.1 million."""

    def __init__(self, character: Callable[[str], str]) -> None:
        super().__init__()
        self._character = character

    def __missing__(self, codepoint: int) -> str:
        translated = self[codepoint] = self._character(chr(codepoint))
        return translated
