"""Write texts the way TOML reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable


def quoted(text: str) -> str:
    """A text as a basic string of TOML, on one line; JSON escapes all that TOML wants escaped but DEL."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007F")


def listed(texts: Iterable[str]) -> str:
    """Texts as a TOML list on one line."""
    return f"[{', '.join(map(quoted, texts))}]"
