"""The version of this package, as a constant: asking importlib.metadata costs more than reading all rules."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
