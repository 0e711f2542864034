"""Made-up documents for measuring speed: any number of them, flat and HTML, the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Final

_WHO: Final = (
    "the harbour master|a lock keeper|the parish clerk|our oldest baker|the night porter|a retired pilot".split("|")
)
_DID: Final = "said|wrote|remembered|complained|told the council|explained to nobody in particular".split("|")
_WHAT: Final = (
    "that the ferry had been late every day since the bridge was closed",
    "that nobody had asked the people who live above the old mill",
    "how the water rose by a hand’s breadth in less than an hour",
    "that bread needs a whole night, whatever the new ovens promise",
    "why the lamps along the mole are lit an hour before dusk",
    "that the tide tables had been printed with two months exchanged",
)
_END: Final = (
    "and few of those who heard it were surprised.",
    "though the figures in the report tell another story.",
    "which is more than was known a week ago.",
    "and the matter was put off until after the summer.",
    "but the work had to be done again in {year}.",
    "at a price of {count} crowns, paid by the town.",
)
_NAV: Final = ("Home", "News", "Sport", "Weather", "Contact", "Log in", "Skip to content", "About us")
_HEAD: Final = ("{count} views", "{count} shares", "By the editors", "We use cookies. Accept all cookies")
_TAIL: Final = (
    "Share this:",
    "Share on Facebook",
    "Related articles",
    "Subscribe to our newsletter",
    "Leave a Reply",
    "Your email address will not be published. Required fields are marked *",
    "© {year} The Harbour Gazette. All rights reserved.",
)


def documents(count: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Records as JSON Lines input holds them: in turn a flat text and an HTML page, each with an id and an address."""
    for number in range(count):
        chance = Random(f"{seed} {number}")
        field, content = ("html", _page(chance)) if number % 2 else ("text", _flat(chance))
        yield {"id": f"doc-{number:07}", "url": f"https://site{number % 97}.example/{number}", field: content}


def _flat(chance: Random) -> str:
    parts = [*_some(chance, _NAV, 4), *_some(chance, _HEAD, 2), _title(chance), *_paragraphs(chance)]
    return "\n\n".join([*parts, *_some(chance, _TAIL, 5)]) + "\n"


def _page(chance: Random) -> str:
    title = _title(chance)
    menu = "".join([f'<li><a href="/{word.lower()}">{word}</a></li>' for word in _some(chance, _NAV, 6)])
    body = "".join([f"<p>{paragraph}</p>\n" for paragraph in _paragraphs(chance)])
    above, below = ["".join([f"<div>{line}</div>\n" for line in _some(chance, part, 3)]) for part in (_HEAD, _TAIL)]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} - The Harbour Gazette</title>'
        f"</head><body><header><nav><ul>{menu}</ul></nav></header>\n<main><article><h1>{title}</h1>\n{above}{body}</article>"
        f'</main>\n<aside class="related">{below}</aside><footer><p>{_filled(chance, _TAIL[-1])}</p></footer></body>'
        "</html>"
    )


def _title(chance: Random) -> str:
    what = chance.choice(_WHAT).split(" ", 1)[1]
    return what[0].upper() + what[1:]


def _paragraphs(chance: Random) -> list[str]:
    return [" ".join([_sentence(chance) for _ in range(chance.randint(2, 6))]) for _ in range(chance.randint(4, 14))]


def _sentence(chance: Random) -> str:
    who = chance.choice(_WHO)
    parts = (
        who[0].upper() + who[1:],
        chance.choice(_DID),
        chance.choice(_WHAT) + ",",
        _filled(chance, chance.choice(_END)),
    )
    return " ".join(parts)


def _some(chance: Random, lines: Sequence[str], most: int) -> list[str]:
    return [_filled(chance, line) for line in chance.sample(lines, min(most, len(lines)))]


def _filled(chance: Random, line: str) -> str:
    return line.format(year=chance.randint(1950, 2020), count=f"{chance.randint(2, 99_000):,}")
