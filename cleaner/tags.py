"""HTML elements by how they behave in a text, and in a parser."""

from __future__ import annotations

from typing import Final


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


#: Elements that begin and end blocks. What isn't named here is inline, as in a browser; but custom elements are boxes.
BOXES: Final = _tags(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hgroup label legend li listing main marquee menu nav ol p plaintext"
    " pre search section summary table tbody td tfoot th thead tr ul xmp"
)
#: Boxes in a line: only with text of their own do they divide the text around them.
INLINE_BOXES: Final = _tags("button label")
#: Boxes that are written, not laid out: stretches with no space between them make one word.
PROSE: Final = _tags("h1 h2 h3 h4 h5 h6 p")
#: Stretches of a line that a style sheet may set apart.
LABELS: Final = _tags("a span time")
#: Stretches of a line that are of some kind, by the name of their mark.
MARKS: Final = {
    **dict.fromkeys(("b", "strong"), "strong"),
    **dict.fromkeys(("cite", "dfn", "em", "i", "var"), "em"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "code"),
    "sub": "sub",
    "sup": "sup",
}
#: Elements whose content isn't shown as text, or only where the element itself is unknown; and the readings of ruby,
#: which stand above the text.
UNSHOWN: Final = _tags(
    "-comment -doctype -document annotation annotation-xml applet audio canvas datalist embed frameset head iframe img"
    " meter noembed noframes noscript object progress rp rt rtc script select style svg template textarea title video"
)
#: Those of them that stand in a line like a word.
CONTROLS: Final = _tags("iframe select textarea video")

#: Elements without an end.
VOID: Final = _tags("area base br col embed frame hr img input link meta param source track wbr")
#: Elements whose end tag may be left out: each ends the one before it, and nests only within one not named here.
OMISSIBLE: Final = _tags("a dd dt li optgroup option p rb rp rt tbody td tfoot th thead tr")
#: Elements that a parser opens again in the next paragraph if they aren't closed.
FORMATTING: Final = _tags("b big code em font i nobr s small strike strong tt u")
#: Elements whose descendants can be closed by a slash in their own tag.
FOREIGN: Final = _tags("math svg")
#: Elements beyond which the end tag of others doesn't reach.
SPECIAL: Final = _tags(
    "address applet article aside blockquote button caption center details dialog dir div dl fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hgroup main marquee menu nav object ol pre search section select summary"
    " table template ul"
)
