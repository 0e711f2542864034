"""Remember millions of names in little memory: a hash of eight bytes for each, and room for as many again."""

from __future__ import annotations

from array import array
from hashlib import blake2b
from typing import Final

_BYTES: Final = 8
#: The table grows before more than this share of it is filled: looking on for a free place stays short.
_MOST_FILLED: Final = 0.6
_FEWEST: Final = 1024


class Seen:
    """A set of names that only grows; two names are taken for one by chance alone, at one in 10 ** 19 a pair.

    The hashes stand in a table with open addressing and linear probing; 0 marks a free place.
    """

    def __init__(self) -> None:
        self._table = _empty(_FEWEST)
        self._count = 0

    def add(self, name: str) -> bool:
        """Take a name in; tells whether it was new."""
        if self._count > _MOST_FILLED * len(self._table):
            self._grow()
        return self._put(_hash(name))

    def _put(self, hashed: int) -> bool:
        table = self._table
        mask = len(table) - 1
        at = hashed & mask
        while found := table[at]:
            if found == hashed:
                return False
            at = (at + 1) & mask
        table[at] = hashed
        self._count += 1
        return True

    def _grow(self) -> None:
        before, self._table, self._count = self._table, _empty(2 * len(self._table)), 0
        for hashed in filter(None, before):
            self._put(hashed)


def _empty(places: int) -> array[int]:
    return array("Q", bytes(_BYTES * places))


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()) or 1
