"""Name the language a text is written in."""

from __future__ import annotations

from typing import Final

#: Enough for certainty; more only costs time.
_SAMPLE: Final = 2000
#: CLD2's older codes as BCP 47 has them today.
_CODES: Final = {"iw": "he", "jw": "jv", "mo": "ro", "in": "id", "ji": "yi", "nb": "no"}


def detect_language(text: str) -> str | None:
    """The BCP 47 tag of a text's main language, or None where it can't be told."""
    import pycld2  # a compiled module, not needed before there is a body

    try:
        reliable, _, languages = pycld2.detect(text[:_SAMPLE].encode("utf-8", "ignore"), bestEffort=True)
    except pycld2.error:
        return None
    code = str(languages[0][1])
    return _CODES.get(code, code) if reliable and code not in ("un", "xxx") else None
