"""Repair what transport and sloppy software did to a text, without touching what its author wrote.

`REPAIRS` is an ordered table of pure functions. A round runs those whose cheap test finds something, and rounds follow
until one changes nothing: so a repaired text is never repaired again, whatever the repairs uncover for each other.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from html.entities import html5
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import regex

from cleaner.model import Document

if TYPE_CHECKING:
    from ftfy import TextFixerConfig

Function: TypeAlias = Callable[[str], str]


class Glance(NamedTuple):
    """What is seen of a text at a glance, so that the tests for most repairs need not read it again.

    `strange` are its characters in their order but for harmless ASCII: a text mostly has few, so that a search in
    them costs nothing. `suspects` are those, each once, that call for some repair all by themselves.
    """

    text: str
    strange: str
    suspects: str


@dataclass(frozen=True, slots=True)
class Repair:
    """One entry of the table.

    `may_apply` is the cheap test; `in_text` and `in_html` are the repair for flat text and for raw markup, None where
    there is none: what can wait until markup is parsed is left to `tidy`. `characters` is the body of a character
    class if nothing but these characters calls for the repair.
    """

    name: str
    may_apply: Callable[[Glance], object]
    in_text: Function | None
    in_html: Function | None
    characters: str = ""


def repair(document: Document) -> Document:
    """Return the document with its text repaired and the repairs that changed it named; itself if none did.

    In HTML, no repair makes or breaks markup. `repair(repair(x)) == repair(x)`.
    """
    text, names = _settle(document.text, _FOR_HTML if document.kind == "html" else _FOR_TEXT)
    if not names:
        return document
    return replace(document, text=text, repairs=tuple(dict.fromkeys((*document.repairs, *names))))


def tidy(text: str) -> str:
    """Return the text of one block of parsed HTML without control codes, invisible characters and odd spaces, in NFC.

    Raw markup holds these between its tags and in its entities. Call it with a block's whole text (joiners are
    judged by their neighbours) and before white space is collapsed (line separators become line ends).
    """
    if not _suspects(text, _FOR_BLOCK) and (text.isascii() or not (_is_not_nfc(text) or _may_hold_mark_run(text))):
        return text
    return _settle(text, _FOR_BLOCK)[0]


#: Rounds after which even a text built to go on for ever is let be.
_MOST_ROUNDS: Final = 8


@dataclass(frozen=True, slots=True)
class _Plan:
    """Repairs in their order, a search for all characters that some of them are for, and the rest of ASCII."""

    steps: tuple[tuple[Repair, Function], ...]
    suspects: re.Pattern[str]
    harmless: bytes


def _plan(steps: Iterable[tuple[Repair, Function | None]]) -> _Plan:
    taken = tuple((entry, function) for entry, function in steps if function)
    suspects = re.compile(f"[{''.join(entry.characters for entry, _ in taken)}]")
    return _Plan(taken, suspects, bytes(i for i in range(0x80) if not suspects.match(chr(i))))


def _settle(text: str, plan: _Plan) -> tuple[str, list[str]]:
    """Run a plan in rounds until one changes nothing; return the text and the names of the repairs that changed it."""
    names: list[str] = []
    strange = _strange(text, plan.harmless)
    for _ in range(_MOST_ROUNDS):
        before, suspects = text, _suspects(strange, plan)
        glance = Glance(text, strange, suspects)
        for step, function in plan.steps:
            if step.may_apply(glance) and (repaired := function(text)) != text:
                text, strange = repaired, _strange(repaired, plan.harmless)
                glance = Glance(text, strange, suspects)
                names.append(step.name)
        if text == before:
            break
    return text, names


def _strange(text: str, harmless: bytes) -> str:
    """Return the characters of a text in their order, but for some of ASCII: in UTF-8, no other has such bytes."""
    return text.encode("utf-8", "surrogatepass").translate(None, harmless).decode("utf-8", "surrogatepass")


def _suspects(text: str, plan: _Plan) -> str:
    """Return the characters of a text that some repair of a plan is for, each once; mostly there are none.

    `isprintable` is twice as fast as a search, gives up at the first of them, and knows all but one.
    """
    if text.replace("\n", "").replace("\t", "").isprintable() and _OBJECT not in text:
        return ""
    return "".join(sorted(set(plan.suspects.findall(text))))


# --- Surrogates ------------------------------------------------------------------------------------------------------

_SURROGATES: Final = "\ud800-\udfff"


def join_surrogates(text: str) -> str:
    """Join pairs of surrogates to the character they stand for, and replace lone ones by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


# --- References to characters ----------------------------------------------------------------------------------------

_AMPERSAND: Final = r"&(?:(?:amp|AMP|#0{0,4}38|#[xX]0{0,4}26);)*"
# Only with the semicolon: browsers do without, but "?lang=en&copy=2" in a text is an address.
_ENTITY: Final = re.compile(rf"{_AMPERSAND}(#[0-9]{{1,8}}|#[xX][0-9a-fA-F]{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,31}});")
_MAY_HOLD_ENTITY: Final = re.compile(r"&(?:#[xX]?[0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG: Final = re.compile(r"<[A-Za-z/!?][^<>]*>")
_TAG_START: Final = re.compile(r"<[A-Za-z/!?]")
# An escaped "<" that can only be a sign: before a space, a figure, an operator, the end or another such sign.
_LESS: Final = re.compile(r"(?<!&lt;)(?:&lt;)++(?=[ \t\n\xa00-9=.,;:()\-+$€£]|$)")
_SURROGATE_REFERENCES: Final = re.compile(
    r"&#(?:[xX]([dD][89abAB][0-9a-fA-F]{2})|(5[56]\d{3}));&#(?:[xX]([dD][c-fC-F][0-9a-fA-F]{2})|(5[67]\d{3}));"
)


def decode_entities(text: str) -> str:
    """Decode the entities left in flat text, escaped once or several times, unless they or the text hold a tag.

    `<` and `>` stay escaped wherever a tag could come of them.
    """
    if _TAG.search(text):
        return text
    text = _ENTITY.sub(_character, join_surrogate_references(text))
    if "&lt;" in _LESS.sub("", text) or _TAG_START.search(text):
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">")


def _character(match: re.Match[str]) -> str:
    """Return what an entity stands for, `<` and `>` escaped once, and an unknown one unchanged."""
    character = _decoded(match[1])
    return match[0] if character is None else character


@lru_cache(maxsize=512)
def _decoded(body: str) -> str | None:
    if body[0] != "#" and f"{body};" not in html5:
        return None
    character = html.unescape(f"&{body};")
    return {"<": "&lt;", ">": "&gt;"}.get(character[:1], character)


def join_surrogate_references(text: str) -> str:
    """Turn pairs such as `&#55357;&#56832;` into the character that they make together."""
    return _SURROGATE_REFERENCES.sub(_joined_pair, text) if ";&#" in text else text


def _joined_pair(match: re.Match[str]) -> str:
    high = int(match[1], 16) if match[1] else int(match[2])
    low = int(match[3], 16) if match[3] else int(match[4])
    joined = join_surrogates(chr(high) + chr(low)) if high < 0xE000 and low < 0xE000 else match[0]
    return match[0] if "\ufffd" in joined else joined


_NUMERIC_REFERENCE: Final = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,9}));?")


def drop_control_references(markup: str) -> str:
    """Replace references to control codes: by the mark of Windows-1252 that browsers show for it, or by a space.

    One `&#11;` makes extractors lose a page.
    """
    return _NUMERIC_REFERENCE.sub(_allowed_reference, join_surrogate_references(markup))


def _allowed_reference(match: re.Match[str]) -> str:
    code = _code(match[1], match[2])
    if _is_character(code):
        return match[0]
    return _MARKS.get(chr(code), " ") if code < 0xA0 else " "


def _may_hold_control_reference(markup: str) -> bool:
    """Tell whether any reference is to no character: pages have thousands of them, but few different ones."""
    return not all(_is_character(_code(*found)) for found in set(_NUMERIC_REFERENCE.findall(markup)))


def _code(hexadecimal: str, decimal: str) -> int:
    return int(hexadecimal, 16) if hexadecimal else int(decimal)


def _is_character(code: int) -> bool:
    """Tell whether a code stands for a character of text, not for a control code, a surrogate or nothing."""
    if code < 0xA0:
        return 0x20 <= code < 0x7F or code in (0x09, 0x0A, 0x0D)
    return code < 0xD800 or 0xE000 <= code <= 0x10FFFF


# --- Text that was decoded by the wrong encoding ---------------------------------------------------------------------

_C1: Final = "\x80-\x9f"
# Windows-1252's marks; five of its places are empty. U+0085 is a line end where no other of them is about.
_MARKS: Final = {chr(i): bytes([i]).decode("cp1252") for i in range(0x80, 0xA0) if i not in b"\x81\x8d\x8f\x90\x9d"}
_MARK: Final = re.compile("[\x80\x82-\x84\x86-\x8c\x8e\x91-\x9c\x9e\x9f]")
_MARK_OR_NEL: Final = re.compile("[\x80\x82-\x8c\x8e\x91-\x9c\x9e\x9f]")
_NEL_IN_MOJIBAKE: Final = re.compile("(?<=[Â-ß])\x85")


def restore_code_page_marks(text: str) -> str:
    """Turn C1 control codes into the marks of Windows-1252 that they were before somebody took that for Latin-1."""
    expression = _MARK_OR_NEL if _MARK.search(text) else _NEL_IN_MOJIBAKE
    return expression.sub(lambda match: _MARKS[match[0]], text)


# The cheap test. Most mojibake is UTF-8 read as Windows-1252 or Latin-1: a letter from Â to ð, then one to three marks,
# all of which have few leading bytes in UTF-8. Over bytes, a search for C3 runs at memchr's speed where there is none.
_MARK_BYTES: Final = (
    rb"(?:\xc2|\xe2[\x80\x82\x84]|\xc5[\x92\x93\xa0\xa1\xb8\xbd\xbe]|\xc6\x92|\xcb[\x86\x9c]|\xef\xbf\xbd)"
)
_WESTERN_BYTES: Final = re.compile(
    rb"\xc3(?:[\x82-\x9b]%(mark)s|[\xa0-\xb0]%(mark)s.{0,2}%(mark)s|(?<=[a-z \n]\xc3)[\x82\x83] )"
    % {b"mark": _MARK_BYTES},
    re.S,
)
# Telling pairs of the rest: UTF-8 read as Windows-1251 (Cyrillic), -1253, -1257, -1250, Mac Roman, code page 437.
_TELLING_PAIRS: Final = ("Р°", "Рµ", "вЂ", "β€", "ā€", "Ă©", "Ă¡", "Ĺ‚", "Ĺ›", "Ĺ™", "√©", "‚Ä", "ΓÇ", "├⌐", "├í")


def _may_hold_mojibake(strange: str) -> bool:
    """Tell from its strange characters alone whether a text may hold mojibake.

    Without the others no sequence comes apart, and only Â and Ã before a space are part of one with ASCII in it.
    """
    return bool(strange) and ("Â" in strange or "Ã" in strange or _holds_mojibake(strange))


def _holds_mojibake(text: str) -> bool:
    # Single characters are looked for much faster than pairs, and mostly aren't there.
    if any(a in text and b in text and a + b in text for a, b in _TELLING_PAIRS):
        return True
    return _WESTERN_BYTES.search(text.encode("utf-8", "surrogatepass")) is not None


# The same as characters, to find the places: what the bytes 80-BF of UTF-8 become in Windows-1252 and Latin-1, and in
# Windows-1250 and -1251. U+FFFD stands for a lost one. The leading letters stand first, as one class, for speed.
_WESTERN: Final = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ\ufffd"
_CENTRAL: Final = _WESTERN + "ŚŤŹśťźˇ˘ŁĄŞŻ˛łąşĽ˝ľż"
_CYRILLIC: Final = "\xa0-\xbf‚„…†‡€‰‹‘’“”•–—™›ЂЃѓЉЊЌЋЏђљњќћџЎўЈҐЁЄЇІіґё№єјЅѕї"
_MOJIBAKE: Final = re.compile(
    "[Â-Ûà-ðĂĹāРСвβ√‚Γ├](?:"
    f"(?<=[Â-Û])[{_WESTERN}]|(?<=[à-ï])[{_WESTERN}]{{2}}|(?<=ð)[{_WESTERN}]{{3}}|(?<=[ĂĹÄ])[{_CENTRAL}]"
    f"|(?<=[РС])[{_CYRILLIC}][РС][{_CYRILLIC}]|(?<=[вβāâ])[€Ђ]"
    "|(?<=√)[©®†°¢±∂™´≥¥µø∏≠§¨Øº†]|(?<=‚)Ä|(?<=Γ)Ç|(?<=├)[^\\s├─]|(?<=[a-z ][ÂÃ]) |(?<=\n[ÂÃ]) )"
)
_SEGMENT_ENDS: Final = '\n<>"'
#: How far ftfy looks around a hit, in characters; lines are mostly shorter.
_WINDOW: Final = 1000


def fix_mojibake(text: str) -> str:
    """Undo UTF-8 that was decoded as something else (ftfy's encoding repair and nothing else of it), line by line."""
    if not _holds_mojibake(text):
        return text

    import ftfy

    config = _ftfy_config()
    pieces: list[str] = []
    done = 0
    for start, end in _segments(text):
        pieces += text[done:start], ftfy.fix_encoding(text[start:end], config)
        done = end
    return "".join([*pieces, text[done:]])


def _ftfy_config() -> TextFixerConfig:
    """Everything that ftfy does by default besides encodings is off: quotes, widths and ligatures are the author's."""
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_encoding=True,
        restore_byte_a0=True,
        replace_lossy_sequences=True,
        decode_inconsistent_utf8=True,
        fix_c1_controls=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
        explain=False,
    )


def _segments(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches around possible mojibake: within a line and between tags, and no longer than a window."""
    end = 0
    for hit in _MOJIBAKE.finditer(text):
        if hit.start() < end:
            continue
        lowest, highest = max(end, hit.start() - _WINDOW), min(len(text), hit.end() + _WINDOW)
        start = max(lowest, *(text.rfind(c, lowest, hit.start()) + 1 for c in _SEGMENT_ENDS))
        if _TAG_START.match(text, start - 1):  # a tag's name, if it is wrong, is wrong at its end as well
            continue
        ends = [i for c in _SEGMENT_ENDS if (i := text.find(c, hit.end(), highest)) >= 0]
        # A window that ends inside a line ends at a space, lest it cut a sequence in two.
        end = min(ends) if ends else max(text.rfind(" ", hit.end(), highest), hit.end())
        end = highest if not ends and (highest == len(text) or end == hit.end()) else end
        yield start, end


# --- Single characters -----------------------------------------------------------------------------------------------

_LINE_ENDS: Final = "\r\x0b\x0c\x85\u2028\u2029"
_ODD_LINE_END: Final = re.compile("[\x0b\x0c\x85\u2028\u2029]")


def unify_line_ends(text: str) -> str:
    r"""Turn every line end, page break and vertical tab into `\n`."""
    return _ODD_LINE_END.sub("\n", _unify_returns(text))


def _unify_returns(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


# Tab and line feed are all that stays. VT, FF and NEL are still here only inside tags; elsewhere they ended lines.
_CONTROLS: Final = "\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"
_CONTROL: Final = re.compile(f"[{_CONTROLS}]+")


def drop_controls(text: str) -> str:
    """Drop the control codes of C0 and C1."""
    return _CONTROL.sub("", text)


def blank_controls(markup: str) -> str:
    """Blank the control codes of raw markup, lest `<`, a NUL and `script` make a tag."""
    return _CONTROL.sub(" ", markup)


# Soft hyphen, Arabic letter mark, Mongolian vowel separator, zero-width space, direction marks, embeddings, overrides
# and isolates, word joiner and invisible operators, byte-order mark, interlinear and object placeholders, tags.
_OBJECT: Final = "\ufffc"
_ALWAYS_INVISIBLE: Final = (
    _OBJECT + "\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_JOINERS: Final = "\u200c\u200d"
# The flags of England, Scotland and Wales are spelt in tags; all other tags smuggle text that nobody sees.
_FLAG: Final = "\U0001f3f4(?:{})\U000e007f".format(
    "|".join("".join(chr(0xE0000 + ord(c)) for c in name) for name in ("gbeng", "gbsct", "gbwls"))
)
_FLAG_START: Final = _FLAG[0]
_INVISIBLE: Final = re.compile(f"[{_ALWAYS_INVISIBLE}]+")
_INVISIBLE_OR_FLAG: Final = re.compile(f"({_FLAG})|[{_ALWAYS_INVISIBLE}]+")
# Arabic with its supplements, Syriac, N'Ko, the scripts of India and Sri Lanka, Tibetan, Myanmar, Khmer, Mongolian.
_JOINING: Final = (
    "\u0620-\u06ff\u0700-\u07ff\u0840-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18aa\ufb50-\ufdff\ufe70-\ufefc"
)
# Viramas, after which a joiner says how the letter before is drawn even at a word's end.
_VIRAMA: Final = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u1039\u103a\u17d2"
_ARABIC: Final = "\u0620-\u06ff\u0750-\u077f\u08a0-\u08ff"
_EMOJI: Final = "\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff"
# A joiner stays between letters that join, after a virama; a zero-width one also after Arabic and within emoji.
_NEEDLESS_JOINER: Final = re.compile(
    f"[{_JOINERS}](?!(?<=[{_JOINING}][{_JOINERS}])[{_JOINERS}]*[{_JOINING}]|(?<=[{_VIRAMA}][{_JOINERS}])"
    f"|(?<=[{_ARABIC}]\u200d)|(?<=[{_EMOJI}\ufe0f]\u200d)[{_EMOJI}])"
)


def drop_invisibles(text: str) -> str:
    """Drop what can't be seen; joiners stay where letters need them and within emoji."""
    text = _INVISIBLE_OR_FLAG.sub(r"\1", text) if _FLAG_START in text else _INVISIBLE.sub("", text)
    return _NEEDLESS_JOINER.sub("", text)


# No U+3000: in a line it is the width that an East Asian author wanted.
_SPACES: Final = "\xa0\u1680\u2000-\u200a\u202f\u205f"
_SPACE: Final = re.compile(f"[{_SPACES}]")
_ASCII: Final = bytes(range(0x80))


def plain_spaces(text: str) -> str:
    """Turn no-break, thin and other typographic spaces into plain ones."""
    for space in set(_SPACE.findall(_strange(text, _ASCII))):
        text = text.replace(space, " ")
    return text


_WIDE_SPACE: Final = "\u3000"


def strip_wide_spaces(text: str) -> str:
    """Drop ideographic spaces at both ends of lines: they only indent."""
    return "\n".join([_stripped(line) if _WIDE_SPACE in line else line for line in text.split("\n")])


def _stripped(line: str) -> str:
    start = len(line) - len(line.lstrip(" \t\u3000"))
    end = max(start, len(line.rstrip(" \t\u3000")))
    return line[:start].replace(_WIDE_SPACE, "") + line[start:end] + line[end:].replace(_WIDE_SPACE, "")


# --- Combining marks and normal form ---------------------------------------------------------------------------------

#: The longest run of combining marks that stays. Natural text has up to four or so; normalising takes time that grows
#: with the square of a run.
MOST_MARKS: Final = 31
_SAMPLES: Final = tuple((stride, regex.compile(rf"\p{{M}}{{{(MOST_MARKS + 1) // stride}}}")) for stride in (8, 2))
_LONG_RUN: Final = regex.compile(rf"(\p{{M}}{{{MOST_MARKS}}})\p{{M}}+")


def _may_hold_mark_run(text: str) -> bool:
    """Tell whether too long a run of marks is likely: then every eighth and every second character of it is one.

    The strange characters of a text do for it; runs only become longer without the others.
    """
    return not text.isascii() and all(marks.search(text[::stride]) for stride, marks in _SAMPLES)


def cap_mark_runs(text: str) -> str:
    """Cut every run of combining marks to what a letter can reasonably carry."""
    return _LONG_RUN.sub(r"\1", text)


# Letters, signs and pictures of which any text in normal form C may be made: none combines with what stands before it.
_SETTLED: Final = (
    "\0-\u02ff\u0388-\u0482\u05d0-\u05ea\u0621-\u063a\u0641-\u064a\u1e00-\u1eff\u2010-\u2027\u2030-\u205e"
    "\u20a0-\u20bf\u2122\u2190-\u2328\u232b-\u2adb\u3000-\u3020\u3041-\u3096\u30a1-\u30ff\u4e00-\u9fff"
    "\uac00-\ud7a3\ufe0f\uff01-\uffee\U0001f300-\U0001faff"
)
_UNSETTLED: Final = re.compile(f"[^{_SETTLED}]")


def _holds_not_nfc(glance: Glance) -> bool:
    """Tell whether a text isn't in normal form C: by line, for some scripts are slow, if any character leaves doubt."""
    return _UNSETTLED.search(glance.strange) is not None and any(map(_is_not_nfc, glance.text.split("\n")))


def _is_not_nfc(text: str) -> bool:
    return not unicodedata.is_normalized("NFC", text)


def to_nfc(text: str) -> str:
    """Compose letters and their marks (Unicode's normal form C)."""
    return unicodedata.normalize("NFC", text)


# --- The table -------------------------------------------------------------------------------------------------------


def _of_characters(name: str, characters: str, in_text: Function | None, in_html: Function | None) -> Repair:
    search = re.compile(f"[{characters}]").search
    return Repair(name, lambda glance: search(glance.suspects), in_text, in_html, characters)


def _of_text(
    name: str, may_apply: Callable[[str], object], in_text: Function | None, in_html: Function | None
) -> Repair:
    return Repair(name, lambda glance: may_apply(glance.text), in_text, in_html)


def _of_strange(
    name: str, may_apply: Callable[[str], object], in_text: Function | None, in_html: Function | None
) -> Repair:
    return Repair(name, lambda glance: may_apply(glance.strange), in_text, in_html)


REPAIRS: Final[tuple[Repair, ...]] = (
    # First, because nothing else can encode them; JSON escapes and half emoji leave them.
    _of_characters("surrogates", _SURROGATES, join_surrogates, join_surrogates),
    # Before all that follows, since any character may come out of an entity. HTML's are its parser's business.
    _of_text("entities", _MAY_HOLD_ENTITY.search, decode_entities, None),
    _of_text("control-references", _may_hold_control_reference, None, drop_control_references),
    # Before mojibake, which is made of these marks; before line ends and controls, which would take them for theirs.
    _of_characters("code-page-marks", _C1, restore_code_page_marks, restore_code_page_marks),
    # Before spaces and invisibles: no-break spaces and soft hyphens are bytes of it.
    _of_strange("mojibake", _may_hold_mojibake, fix_mojibake, fix_mojibake),
    _of_characters("line-ends", _LINE_ENDS, unify_line_ends, None),
    # After line ends, which are control codes, too.
    _of_characters("controls", _CONTROLS, drop_controls, blank_controls),
    _of_characters("invisibles", _ALWAYS_INVISIBLE + _JOINERS, drop_invisibles, None),
    _of_characters("spaces", _SPACES, plain_spaces, None),
    # After spaces, so that an indent of both kinds is seen whole.
    _of_characters("wide-indents", _WIDE_SPACE, strip_wide_spaces, None),
    # Before normal form, whose time it bounds; folding normalises, too.
    _of_strange("mark-runs", _may_hold_mark_run, cap_mark_runs, cap_mark_runs),
    # Last, when letters and marks that something stood between have met.
    Repair("nfc", _holds_not_nfc, to_nfc, None),
)

# A parser has decoded the entities, and a block's ends are not a line's.
_NOT_FOR_BLOCKS: Final = frozenset({"entities", "mojibake", "wide-indents"})
_FOR_TEXT: Final = _plan((entry, entry.in_text) for entry in REPAIRS)
_FOR_HTML: Final = _plan((entry, entry.in_html) for entry in REPAIRS)
_FOR_BLOCK: Final = _plan((entry, entry.in_text) for entry in REPAIRS if entry.name not in _NOT_FOR_BLOCKS)
