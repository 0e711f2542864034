"""Turn raw scrapes, HTML or text that was already flattened, into clean article bodies.

>>> from cleaner import clean
>>> article = clean("Share this:\\n\\nThe ferry was late again, and nobody on the quay was surprised.")
>>> article.text
'The ferry was late again, and nobody on the quay was surprised.\\n'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleaner.version import VERSION as __version__

if TYPE_CHECKING:
    from cleaner.batch import clean_batch
    from cleaner.model import Article, Limits, Options, Source
    from cleaner.pipeline import Cleaner, clean
    from cleaner.rules import load_rules

__all__ = ["Article", "Cleaner", "Limits", "Options", "Source", "__version__", "clean", "clean_batch", "load_rules"]

_HOMES = {
    "Article": "cleaner.model",
    "Cleaner": "cleaner.pipeline",
    "Limits": "cleaner.model",
    "Options": "cleaner.model",
    "Source": "cleaner.model",
    "clean": "cleaner.pipeline",
    "clean_batch": "cleaner.batch",
    "load_rules": "cleaner.rules",
}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first asked for: `import cleaner` alone costs nothing."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
