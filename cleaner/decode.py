"""Turn bytes into text: find the encoding and say why it was chosen, refuse what is no text, settle HTML or text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Final, Literal

from cleaner.errors import InputError
from cleaner.model import Document, Encoding, Source


def decode(source: Source) -> Document:
    """Return the document that a source's bytes hold, with its encoding and with its kind settled.

    An empty source is an empty document. Raises InputError (stage `decode`) for bytes that are no text.
    """
    _refuse_other_formats(source.data)
    text, encoding = next(found for attempt in _ATTEMPTS if (found := attempt(source)))
    text = text.removeprefix("\ufeff")
    return Document(source, text, _kind(source, text), encoding)


# --- HTML or text ----------------------------------------------------------------------------------------------------

#: How much of a text is looked at to tell HTML from text, in characters.
_LOOK: Final = 64 * 1024
_PROLOGUE: Final = r"(?:\s|<!--.*?-->|<\?xml[^>]*>)*+"
_DOCUMENT_START: Final = re.compile(
    _PROLOGUE + r"<(?:!doctype\s+html|(?:html|head|body|title|meta|link|script|style|base)[\s/>])", re.I | re.S
)
_ELEMENTS: Final = (
    "a abbr address article aside audio b blockquote body br button caption center cite code col colgroup dd del "
    "details dfn div dl dt em embed fieldset figcaption figure font footer form frame frameset h[1-6] head header hr "
    "html i iframe img input ins kbd label legend li link main map mark menu meta nav noscript object ol optgroup "
    "option p param picture pre q s samp script section select small source span strike strong style sub summary sup "
    "svg table tbody td template textarea tfoot th thead time title tr tt u ul var video wbr"
)
# A line that holds a tag of HTML; attributes have an "=" ("a<b and c>d" is none), and bounds keep hostile lines linear.
_TAGGED_LINE: Final = re.compile(
    rf"^.*?</?(?:{'|'.join(_ELEMENTS.split())})(?:\s[^<>=]{{0,100}}=[^<>]{{0,500}})?\s{{0,9}}/?>", re.I | re.M
)
_LINE: Final = re.compile(r"^.*\S", re.M)
#: The share of lines with a tag from which a text that doesn't begin as a document is HTML.
_TAGGED_SHARE: Final = 0.1


def looks_like_html(text: str) -> bool:
    """Tell HTML from flat text by content.

    HTML begins as a document does, or at least one of ten lines that aren't blank holds a tag. Flat text may well
    mention a tag here and there: an article about HTML does.
    """
    look = text[:_LOOK].removeprefix("\ufeff")
    if "<" not in look:
        return False
    if _DOCUMENT_START.match(look):
        return True
    tagged = sum(1 for _ in _TAGGED_LINE.finditer(look))
    return tagged > 0 and tagged >= _TAGGED_SHARE * sum(1 for _ in _LINE.finditer(look))


def _kind(source: Source, text: str) -> Literal["html", "text"]:
    if source.kind != "auto":
        return source.kind
    return "html" if looks_like_html(text) else "text"


# --- What is no text -------------------------------------------------------------------------------------------------

_ARCHIVE: Final = "unpack it and give the files in it"
_PICTURE: Final = "there is no text in it to clean; leave it out"
_OFFICE: Final = "save it as HTML or plain text first"
#: First bytes, the name of what begins so, and what to do about it.
_FORMATS: Final = (
    (b"%PDF-", "a PDF", "take its text out first (pdftotext)"),
    (b"PK\x03\x04", "a ZIP archive or an office document", "unpack it, or save it as HTML or plain text"),
    (b"\x1f\x8b\x08", "gzip data", "it was packed twice, or isn't named: unpack it first (gzip -d)"),
    (b"\x28\xb5\x2f\xfd", "zstd data", "it was packed twice, or isn't named: unpack it first (zstd -d)"),
    (b"BZh", "bzip2 data", "unpack it first (bzip2 -d)"),
    (b"\xfd7zXZ\0", "xz data", "unpack it first (xz -d)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _ARCHIVE),
    (b"Rar!\x1a\x07", "a RAR archive", _ARCHIVE),
    (b"\x89PNG\r\n", "a PNG picture", _PICTURE),
    (b"\xff\xd8\xff", "a JPEG picture", _PICTURE),
    (b"GIF87a", "a GIF picture", _PICTURE),
    (b"GIF89a", "a GIF picture", _PICTURE),
    (b"RIFF", "a WebP picture, sound or video", _PICTURE),
    (b"II*\0", "a TIFF picture", _PICTURE),
    (b"MM\0*", "a TIFF picture", _PICTURE),
    (b"ID3", "an MP3", _PICTURE),
    (b"OggS", "an Ogg file", _PICTURE),
    (b"\0\0\1\0", "an icon", _PICTURE),
    (b"wOFF", "a font", _PICTURE),
    (b"wOF2", "a font", _PICTURE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document", _OFFICE),
    (b"{\\rtf", "an RTF document", _OFFICE),
    (b"SQLite format 3\0", "an SQLite database", "write its rows as JSON Lines"),
    (b"PAR1", "a Parquet file", "write its rows as JSON Lines"),
    (b"\x7fELF", "a program", _PICTURE),
)
# Some magic numbers are words that a text may begin with; these formats then have such bytes right behind them.
_NOT_IN_TEXT: Final = re.compile(rb"[\x00-\x06\x0e-\x19]")
_SURE_OF_THEMSELVES: Final = frozenset({b"%PDF-", b"{\\rtf"})
_CONTROLS: Final = bytes(i for i in range(0x20) if i not in b"\b\t\n\v\f\r\x1a\x1b")
_SAMPLE: Final = 1024 * 1024
#: The most NULs and the most control bytes that text has, as shares. A stray one is no reason to lose a long page.
_MOST_NULS: Final = 0.001
_MOST_CONTROLS: Final = 0.1


def _refuse_other_formats(data: bytes) -> None:
    """Raise InputError if the bytes are another format than text, or no format that we know."""
    for magic, name, advice in _FORMATS:
        if data.startswith(magic) and (magic in _SURE_OF_THEMSELVES or _NOT_IN_TEXT.search(data, 0, 256)):
            raise InputError(f"{name}, neither HTML nor text; {advice}", stage="decode")
    sample = data[:_SAMPLE]
    if not any(map(sample.__contains__, _CONTROLS)):  # a quick search for each; few texts have any
        return
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    nuls = sample.count(0)
    if nuls <= _MOST_NULS * len(sample) and controls <= _MOST_CONTROLS * len(sample):
        return
    if not _wide_encoding(data):
        share = f"{max(1, round(100 * controls / len(sample)))} % of its bytes are control codes"
        raise InputError(f"binary data ({share}), neither HTML nor text; leave it out or convert it", stage="decode")


# --- The attempts, in order; the first that has an answer wins -------------------------------------------------------


def _empty(source: Source) -> tuple[str, Encoding] | None:
    return None if source.data else ("", Encoding("utf-8", "empty"))


_WIDE_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def _wide(source: Source) -> tuple[str, Encoding] | None:
    """UTF-16 and UTF-32. They go first, for without a mark and with ASCII letters only they are valid UTF-8, too."""
    found = _wide_encoding(source.data)
    if not found:
        return None
    name, why = found
    text = source.data.decode(name, "replace")
    return text, Encoding(name, why + _unreadable(source.data, name, text))


def _wide_encoding(data: bytes) -> tuple[str, str] | None:
    """Return UTF-16 or UTF-32, and why, if there is a byte-order mark or if the NULs stand where theirs would."""
    for mark, name in _WIDE_MARKS:
        if data.startswith(mark):
            return name, "byte-order mark"
    sample = data[:4096]
    if b"\0" not in sample or _is_text_with_nuls(sample):
        return None
    likely = max((name for _, name in _WIDE_MARKS), key=lambda name: _common_characters(sample, name))
    share = _common_characters(sample, likely)
    return (likely, "NUL bytes stand where its do") if share >= 0.95 else None


def _is_text_with_nuls(sample: bytes) -> bool:
    """Tell NULs strewn into ASCII or UTF-8 from UTF-16: they are fewer, and without them it reads well."""
    plain = sample.replace(b"\0", b"")
    if len(sample) - len(plain) > 0.4 * len(sample) or len(plain.translate(None, _CONTROLS)) < len(plain):
        return False
    return plain.decode("utf-8", "replace").count("\ufffd") <= 1


def _common_characters(sample: bytes, name: str) -> float:
    """Return the share of characters that running text consists of, if the sample is in this encoding.

    It is 0 without any ASCII: read in the wrong byte order, ASCII letters turn into printable Chinese ones, but a
    text of two bytes a letter that has NULs at all has them in its spaces and line ends.
    """
    width = 4 if name.startswith("utf-32") else 2
    try:
        text = sample[: len(sample) // width * width].decode(name)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:  # a pair cut by the end of the sample is no fault of the text
            return 0.0
        text = sample[: error.start].decode(name)
    strange = sum(not (c.isprintable() or c in "\r\n\t\u3000\ufeff") for c in text)
    ascii_share = sum(c.isascii() for c in text) / len(text) if text else 0.0
    return 1 - strange / len(text) if ascii_share >= 0.01 else 0.0


_ESCAPE: Final = b"\x1b"
_JAPANESE_ESCAPE: Final = re.compile(rb"\x1b(?:\$[@B]|\([IJ])")


def _escapes(source: Source) -> tuple[str, Encoding] | None:
    """ISO-2022-JP: seven bits only, hence valid UTF-8, but full of escape sequences."""
    if _ESCAPE not in source.data or not _JAPANESE_ESCAPE.search(source.data):
        return None
    try:
        return source.data.decode("iso2022_jp_ext"), Encoding("iso2022_jp_ext", "its escape sequences")
    except UnicodeDecodeError:
        return None


def _utf8(source: Source) -> tuple[str, Encoding] | None:
    try:
        return source.data.decode("utf-8"), Encoding("utf-8", "valid UTF-8")
    except UnicodeDecodeError:
        pass
    try:  # lone surrogates, as escapes in JSON leave them; repair joins or replaces them
        return source.data.decode("utf-8", "surrogatepass"), Encoding("utf-8", "valid UTF-8 but for surrogates")
    except UnicodeDecodeError:
        return None


#: How many good sequences there must be for each bad one in what is still UTF-8.
_GOOD_PER_BAD: Final = 8
_SEQUENCE_START: Final = bytes(range(0xC2, 0xF5))


def _damaged_utf8(source: Source) -> tuple[str, Encoding] | None:
    """UTF-8 with a few bad bytes or a cut-off end; a detector would take it for something else altogether.

    Hardly any sequence of another encoding is good UTF-8 by chance. So bad ones are weighed against good ones, not
    against ASCII: an English page in Windows-1252 has few bytes above ASCII, too, but nearly all of them are bad.
    """
    data = source.data
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    good = len(data) - len(data.translate(None, _SEQUENCE_START)) - bad
    cut_off = bad == 1 and text.endswith("\ufffd")
    if good < (1 if cut_off else _GOOD_PER_BAD * bad):
        return None
    damage = "cut off within a character" if cut_off else f"{_counted(bad)} replaced"
    return text, Encoding("utf-8", f"UTF-8, {damage}")


_META_CHARSET: Final = re.compile(rb"<meta\b[^>]{0,500}?\bcharset\s*=\s*[\"']?\s*([A-Za-z0-9_:.+-]{1,40})", re.I)
_XML_ENCODING: Final = re.compile(rb"\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9_:.+-]{1,40})", re.I)
_COMMENT: Final = re.compile(rb"<!--(?:.*?-->|.*)", re.S)
#: How far into a page its declaration is looked for, in bytes.
_PRESCAN: Final = 4096


def _declared(source: Source) -> tuple[str, Encoding] | None:
    """What the transport or the page says, if the bytes bear it out."""
    for label, where in _declarations(source):
        name = _codec(label)
        if name is None or _contradicts(source.data, name):
            continue
        try:
            return _with_sibling(source.data, name, f"declared {where}")
        except UnicodeDecodeError:
            continue
    return None


def _declarations(source: Source) -> Iterator[tuple[str, str]]:
    """Yield the labels of encodings that were declared, the strongest first, and where."""
    if source.charset:
        yield source.charset, "by the server"
    if source.kind == "text":
        return
    head = _COMMENT.sub(b"", source.data[:_PRESCAN])
    for expression, where in ((_META_CHARSET, "in <meta>"), (_XML_ENCODING, "in the XML declaration")):
        if match := expression.search(head):
            yield match[1].decode("ascii"), where


def _contradicts(data: bytes, name: str) -> bool:
    """Tell whether Windows-1252 was declared for what can't be in a Western language.

    It is what servers say of everything, and nearly all bytes are valid in it. But of a Western text no third is
    accented letters; in Greek, Cyrillic, Arabic or Chinese there is hardly anything else.
    """
    if name != "cp1252":
        return False
    telling = _telling(data)
    letters = len(telling) - len(telling.translate(None, _LETTERS))
    high = len(telling) - len(telling.translate(None, _HIGH))
    return high >= 20 and high > 0.3 * letters


_HIGH: Final = bytes(range(0x80, 0x100))
_LETTERS: Final = bytes(i for i in range(0x100) if i >= 0x80 or chr(i).isalpha())
# Quotes, dashes, …, •, ™, NBSP, ©, «, ®, °, · and »: the same bytes in all code pages of Windows (€: in most).
_TYPOGRAPHY: Final = b"\x80\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xa9\xab\xae\xb0\xb7\xbb"


def _typography(source: Source) -> tuple[str, Encoding] | None:
    """Nothing above ASCII but quotes and dashes: the commonest legacy page, and one on which detectors go astray."""
    if source.data.translate(None, _TYPOGRAPHY).isascii():
        return source.data.decode("cp1252"), Encoding("cp1252", "only typographic marks of Windows code pages")
    return None


def _detected(source: Source) -> tuple[str, Encoding]:
    """What a detector says of the passages that can tell; Windows-1252 if all it says is absurd."""
    import cchardet

    telling = _telling(source.data)
    for candidate in cchardet.detect_all(telling):
        label = candidate["encoding"] or ""
        name = _DETECTED_AS.get(label, _codec(label))
        if name and name != "utf-8" and _fits(telling, name):
            return _with_sibling(source.data, name, f"detected (cchardet, {candidate['confidence']:.2f})", "replace")
    return _with_sibling(source.data, "cp1252", "nothing declared or detected fits", "replace")


_ATTEMPTS: Final[tuple[Callable[[Source], tuple[str, Encoding] | None], ...]] = (
    _empty,
    _wide,
    _escapes,
    _utf8,
    _damaged_utf8,
    _declared,
    _typography,
    _detected,
)


# --- Encodings and their names ---------------------------------------------------------------------------------------

#: What browsers mean by a label (the Encoding Standard), where Python means something narrower or knows no such name.
_BROWSER_NAMES: Final = {
    "cp1252": "ansi_x3.4-1968 ascii cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 "
    "iso_8859-1:1987 l1 latin1 us-ascii x-cp1252",
    "cp1254": "csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 x-cp1254",
    "cp874": "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874",
    "gb18030": "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk",
    "big5hkscs": "big5 cn-big5 csbig5 x-x-big5",
    "cp932": "csshiftjis shift-jis shift_jis sjis windows-31j x-sjis",
    "euc_jp": "cseucpkdfmtjapanese x-euc-jp",
    "cp949": "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 "
    "windows-949",
    "cp1250": "x-cp1250",
    "cp1251": "x-cp1251",
    "cp1253": "x-cp1253",
    "cp1255": "x-cp1255",
    "cp1256": "x-cp1256",
    "cp1257": "x-cp1257",
    "cp1258": "x-cp1258",
    "iso8859-2": "iso88592",
    "iso8859-5": "iso88595",
    "iso8859-6": "csiso88596e csiso88596i iso-8859-6-e iso-8859-6-i iso88596",
    "iso8859-7": "iso88597 sun_eu_greek",
    "iso8859-8": "csiso88598e csiso88598i iso-8859-8-e iso-8859-8-i iso88598 logical visual",
    "iso8859-15": "csisolatin9 iso885915",
    "koi8-r": "koi koi8",
    "koi8-u": "koi8-ru",
    "mac-roman": "csmacintosh mac x-mac-roman",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
}
_LABELS: Final = {label: name for name, labels in _BROWSER_NAMES.items() for label in labels.split()}
#: The encodings of the web, as Python names them. Its other codecs (EBCDIC, escapes, compression …) are none.
_WEB: Final = frozenset(_BROWSER_NAMES) | frozenset(
    ["utf-8", "cp866", "iso8859-3", "iso8859-4", "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-16"]
)
#: What the detector says, and the likelier encoding that has the same letters in the same places, and more.
_DETECTED_AS: Final = {"ISO-8859-16": "cp1250", "KOI8-R": "koi8-u", "TIS-620": "cp874", "ISO-8859-11": "cp874"}
_MULTIBYTE: Final = frozenset({"gb18030", "big5hkscs", "cp932", "euc_jp", "cp949"})
#: Code pages that have letters or marks where the standard of the same family has control codes.
_SIBLINGS: Final = {
    "iso8859-2": "cp1250",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-13": "cp1257",
    "iso8859-15": "cp1252",
}
_C1: Final = re.compile("[\x80-\x9f]")


def _codec(label: str) -> str | None:
    """Return Python's name of the encoding that browsers understand by a label, None if it is none of the web's."""
    label = label.strip(" \t\r\n\"'").lower()
    try:
        name = _LABELS.get(label) or codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    return name if name in _WEB else None


def _with_sibling(data: bytes, name: str, why: str, errors: str = "strict") -> tuple[str, Encoding]:
    """Decode by `name`, or by its sibling if that turns control codes into marks; count what was unreadable."""
    text = data.decode(name, errors)
    if name in _SIBLINGS and _C1.search(text):
        name = _SIBLINGS[name]
        text = data.decode(name, errors)
    return text, Encoding(name, why + _unreadable(data, name, text))


def _unreadable(data: bytes, name: str, text: str) -> str:
    """Return words for how much of the data had to be replaced, empty if nothing had."""
    if "\ufffd" not in text:
        return ""
    lost = text.count("\ufffd") - data.decode(name, "ignore").count("\ufffd")
    return f", {_counted(lost)} replaced" if lost else ""


def _counted(lost: int) -> str:
    return "1 unreadable byte" if lost == 1 else f"{lost} unreadable bytes"


# --- What a detector gets to see -------------------------------------------------------------------------------------

_TAG: Final = re.compile(rb"<[^<>]*>")
_TOLD_AT_MOST: Final = 64 * 1024
_TWO_HIGH: Final = re.compile(rb"[\x80-\xff]{2}")


def _telling(data: bytes) -> bytes:
    """Return the lines between tags that have bytes above ASCII: a page's markup drowns out its language otherwise."""
    lines = (line for line in _TAG.sub(b"\n", data).splitlines() if not line.isascii())
    return b"\n".join(lines)[:_TOLD_AT_MOST]


def _fits(telling: bytes, name: str) -> bool:
    """Tell whether text can be in this encoding: hardly anything unreadable, and no Chinese from one odd letter."""
    if name in _MULTIBYTE and not _TWO_HIGH.search(telling):
        return False
    return telling.decode(name, "replace").count("\ufffd") <= max(1, len(telling) // 100)
