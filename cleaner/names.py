"""Name an article's file by its id: ids are untrusted, so no name leads out of the folder, and no two are the same."""

from __future__ import annotations

import hashlib
from typing import Final

import regex

#: Bytes of one part of a file's name before its suffix, and of a whole relative path; file systems end at 255 and 4096.
MAX_PART: Final = 200
MAX_PATH: Final = 1000

# What some system does not allow in names, what could disguise a name, and our own escape character.
_NOT_IN_NAMES = regex.compile(r"[%<>:\"\\|?*\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|^\.+$|[. ]$")
_RESERVED = regex.compile(r"^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)", regex.IGNORECASE)


def file_name(id: str, suffix: str) -> str:
    """The relative path of an id's output, safe on every system. Different ids give different paths.

    Parts of a path stay parts; what a name can't hold is percent-encoded as UTF-8, `%` too. An empty part is
    a lone `%`; a part or path too long is cut, with `%~` and a hash of the whole.
    """
    path = "/".join([_part(part) for part in id.split("/")])
    if len(path.encode()) > MAX_PATH:
        path = _cut(path.rpartition("/")[2], id)
    return path + suffix


def _part(part: str) -> str:
    name = _RESERVED.sub(_percent, _NOT_IN_NAMES.sub(_percent, part)) if part else "%"
    return _cut(name, part) if len(name.encode()) > MAX_PART else name


def _percent(match: regex.Match[str]) -> str:
    return "".join([f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass")])


def _cut(name: str, whole: str) -> str:
    start = name.encode()[: MAX_PART - 80].decode("utf-8", "ignore")
    return f"{start}%~{hashlib.sha256(whole.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
