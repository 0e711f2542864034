from __future__ import annotations

import re
import sys
import time
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.model import Document, Encoding, Source
from cleaner.repair import _FOR_TEXT, _UNSETTLED, REPAIRS, repair, tidy


def document(text: str, kind: str = "text") -> Document:
    return Document(Source(b""), text, "html" if kind == "html" else "text", Encoding("utf-8", "valid UTF-8"))


def repaired(text: str, kind: str = "text") -> tuple[str, tuple[str, ...]]:
    result = repair(document(text, kind))
    return result.text, result.repairs


TEXT_REPAIRS = [
    ("surrogates", "smile \ud83d\ude00, lone \udc00.", "smile \U0001f600, lone \ufffd."),
    ("entities", "Salt &amp; vinegar &#8211; 3 &lt; 4", "Salt & vinegar – 3 < 4"),
    ("entities", "twice &amp;amp; thrice &amp;amp;amp;copy;", "twice & thrice ©"),
    ("entities", "&lt;&lt; Back | Next &gt;&gt;", "<< Back | Next >>"),
    ("entities", "halves &#55357;&#56832; and &#xD83D;&#xDE00;", "halves \U0001f600 and \U0001f600"),
    ("entities", "old marks &#147;so&#148;", "old marks “so”"),
    ("code-page-marks", "It\x92s \x93fine\x94 \x96 really", "It’s “fine” – really"),
    ("code-page-marks", "and then\x85 he said \x93no\x94", "and then… he said “no”"),
    ("mojibake", "CafÃ© crÃ¨me", "Café crème"),
    ("mojibake", "Itâ€™s the ownerâ€™s", "It’s the owner’s"),
    ("mojibake", "ÐœÐ¾Ñ\x81ÐºÐ²Ð° Ð¸ Ð¼Ð¸Ñ€", "Москва и мир"),
    ("mojibake", "РџСЂРёРІРµС‚, РјРёСЂ", "Привет, мир"),
    ("mojibake", "party ðŸŽ‰ time", "party 🎉 time"),
    ("line-ends", "a\r\nb\rc\x85d\u2028e\u2029f\x0bg\x0ch", "a\nb\nc\nd\ne\nf\ng\nh"),
    ("controls", "be\x07ll \x00nul \x1besc \x7fdel", "bell nul esc del"),
    ("invisibles", "soft\xadhyphen zero\u200bwidth \u2060word \ufeffmark", "softhyphen zerowidth word mark"),
    ("invisibles", "\u202eoverride\u202c \u2066isolate\u2069 \u200emark\u200f", "override isolate mark"),
    ("invisibles", "needless\u200djoiner and\u200cnon-joiner", "needlessjoiner andnon-joiner"),
    ("invisibles", "hidden\U000e0001\U000e0068\U000e0069 words, \ufffcpicture", "hidden words, picture"),
    ("spaces", "10\u202f000\xa0km\u2009away\u3000wide", "10 000 km away\u3000wide"),
    ("wide-indents", "\u3000\u3000第一段\u3000空格\u3000\n 　第二段", "第一段\u3000空格\n 第二段"),
    ("nfc", "cafe\u0301", "café"),
]


@pytest.mark.parametrize(("name", "before", "after"), TEXT_REPAIRS)
def test_text_is_repaired_and_the_repair_named(name: str, before: str, after: str) -> None:
    assert repaired(before) == (after, (name,))


def test_every_repair_of_text_has_an_example() -> None:
    shown = {name for name, _, _ in TEXT_REPAIRS} | {"mark-runs"}
    assert shown == {entry.name for entry in REPAIRS if entry.in_text}


HEALTHY = [
    "",
    "Plain ASCII\n\twith a tab, & an ampersand; AT&T <3 x",
    "Curly “quotes”, ‘single’ ones, an ellipsis…, a dash – and —, ﬁne ligatures, ＦＵＬＬ width：（ok）",
    "L’été « déjà » passé ; ÇA ALORS… À demain !",
    "AMANHÃ DE MANHÃ, IRMÃ E IRMÃO: NÃO É SÃO JOÃO. Ãs vezes.",
    "Tối qua, thư viện mở cửa. Đó là “à”… và Â, Ã, Ơ.",
    "„Spaß“, sagte Ö… – „groß“!",
    "WSPÓŁPRACA, Łódź i ŻÓŁĆ; Ąś.",
    "Ş, ğ ve İ harfleri; Âlâ!",
    "Москва. Рябина, Сёмга, РЁВ.",
    "Ουρανός και Γη· Ξένος.",
    "عربي، مع تشكيل: كِتَابٌ",
    "می‌خواهم بروم؛ خانه‌ها",
    "ക്ഷമ അവന്‍ ക്‌ഷ",
    "हिन्दी में क्‍ष और र्‌",
    "相关文章：第一　第二。",
    "カタカナ　と　ひらがな",
    "ภาษาไทย น้ำ ที่นี่",
    "Family 👨‍👩‍👧, flag 🏴󠁧󠁢󠁥󠁮󠁧󠁿, heart ❤️‍🔥, thumbs 👍🏽",
    "See ?lang=en&copy=2&reg=1 and &notanentity; here",
    "&lt;b&gt;bold&lt;/b&gt; is how to write it",
    "Use <b>bold</b> &amp; <i>italics</i>",
]


@pytest.mark.parametrize("text", HEALTHY)
def test_healthy_text_is_returned_as_it_is(text: str) -> None:
    given_document = document(text)
    assert repair(given_document) is given_document
    assert given_document.repairs == ()


def test_entities_never_make_a_tag() -> None:
    for text in (
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more",
        "&amp;lt;script&amp;gt;alert(1)",
        "&lt;&#115;cript&gt;",
        "&lt;\u200bscript&gt;",
        "&#60;img src=x&#62;",
        "&lt;&#47;p&gt; and <p &gt;",
    ):
        assert "<s" not in repaired(text)[0]
        assert "<i" not in repaired(text)[0]
        assert "</" not in repaired(text)[0]
        assert "<p >" not in repaired(text)[0]


def test_mojibake_is_repaired_on_its_own_line_only() -> None:
    text, names = repaired("Ein „Gruß“ – ganz heil.\nCafÃ© um die Ecke.\n中文（全形）")
    assert text == "Ein „Gruß“ – ganz heil.\nCafé um die Ecke.\n中文（全形）"
    assert names == ("mojibake",)


def test_mojibake_is_repaired_in_a_line_longer_than_the_window() -> None:
    words = "un cafÃ© et un thÃ© glacÃ© " * 500
    assert repaired(words)[0] == "un café et un thé glacé " * 500


def test_a_lone_next_line_code_is_a_line_end_but_among_marks_an_ellipsis() -> None:
    assert repaired("one\x85two")[0] == "one\ntwo"
    assert repaired("one\x85 \x93two\x94")[0] == "one… “two”"


def test_repairs_are_added_to_those_the_document_has() -> None:
    first = repair(document("a\xa0b"))
    second = repair(Document(first.source, first.text + "\x07", "text", first.encoding, first.repairs))
    assert second.repairs == ("spaces", "controls")


# --- HTML -----------------------------------------------------------------------------------------------------------

HTML_REPAIRS = [
    ("surrogates", "<p>\ud800x</p>", "<p>\ufffdx</p>"),
    ("control-references", "<p>a&#11;b&#x0;c&#127;d</p>", "<p>a b c d</p>"),
    ("control-references", "<p>so&#133; &#x93;well&#x94;</p>", "<p>so… “well”</p>"),
    ("control-references", "<p>&#55357;&#56832;</p>", "<p>\U0001f600</p>"),
    ("code-page-marks", "<p>\x93so\x94</p>", "<p>“so”</p>"),
    ("mojibake", '<meta content="CafÃ©"><p>thÃ©</p>', '<meta content="Café"><p>thé</p>'),
    ("controls", "<p>x\x07y</p>", "<p>x y</p>"),
    ("controls", "<\x00script>x</\x00script>", "< script>x</ script>"),
]


@pytest.mark.parametrize(("name", "before", "after"), HTML_REPAIRS)
def test_markup_is_repaired_and_the_repair_named(name: str, before: str, after: str) -> None:
    assert repaired(before, "html") == (after, (name,))


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Fish &amp; chips &lt;b&gt; &nbsp; &#8217;</p>",
        "<p>\u0338 a stroke behind a tag</p>",
        "<\u200bscript>alert(1)</\u200bscript>",
        "<script>var s = 'a\u200bb\xa0c';</script>",
        "<!-- a --\u200b> b --><p>x</p>",
        "<p>می‌<b>خواهم</b></p>",
        "<p class=a\xa0b>a\xa0b e\u0301\r\n</p>",
    ],
)
def test_healthy_markup_and_what_is_not_text_stay(markup: str) -> None:
    assert repaired(markup, "html") == (markup, ())


class Tags(HTMLParser):
    """Collects the element names of a page, up to a reference in them, without controls and what replaces those."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.append(self._plain(tag))

    def handle_endtag(self, tag: str) -> None:
        self.found.append("/" + self._plain(tag))

    @staticmethod
    def _plain(tag: str) -> str:
        return "".join(c for c in tag.partition("&")[0] if c.isalnum())


PIECES = [
    *("<", ">", "</", "<b>", "</b>", "<p class='x'>", "<script>", "</script>", "<!--", "-->", "--", "-", "!", "/"),
    *("b", "script", "x", "'", '"', "=", "&", "amp;", "lt;", "#11;", "#x0;", "&#60;", "&lt;", "&nbsp;", "#", ";"),
    *("&#55357;", "&#56832;", "\ud800", "\udc00", "\x00", "\x07", "\x0b", "\x0c", "\r", "\r\n", "\n", "\t", " "),
    *("\x85", "\x93", "\x9d", "\u2028", "\xa0", "\u3000", "\u200b", "\u200c", "\u200d", "\xad", "\ufeff", "\u202e"),
    *("م", "क्", "👨", "\U0001f3f4", "\U000e0067", "é", "e\u0301", "\u0338", "\u0301" * 40, "\u0316\u0301", "\u212a"),
    *("Ã", "©", "â", "€", "™", "â€™", "Ã©", "Â", "Р", "µ", "\ufffd", "ſ"),
]
soups = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
texts = st.one_of(soups, st.text(st.characters(exclude_categories=[]), max_size=60))


@given(texts, st.sampled_from(["text", "html"]))
@settings(max_examples=600, deadline=None)
def test_repairing_twice_is_repairing_once(text: str, kind: str) -> None:
    once = repair(document(text, kind))
    assert repair(once) == once


@given(texts)
@settings(max_examples=400, deadline=None)
def test_repaired_text_holds_nothing_that_must_not_be_in_a_body(text: str) -> None:
    result = repair(document(text)).text
    assert unicodedata.is_normalized("NFC", result)
    assert not [c for c in result if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c not in "\n\t"]
    assert "\xa0" not in result
    assert not set(result) & set("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\xad")


@given(soups)
@settings(max_examples=600, deadline=None)
def test_repairing_neither_makes_nor_breaks_a_tag(markup: str) -> None:
    markup = re.sub("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffd]", "?", markup)  # a control code in a tag breaks it anyway
    assert Tags(repair(document(markup, "html")).text).found == Tags(markup).found


@given(texts)
@settings(max_examples=300, deadline=None)
def test_tidying_twice_is_tidying_once(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


# --- tidy and speed -------------------------------------------------------------------------------------------------


def test_tidy_cleans_what_entities_bring() -> None:
    assert tidy("a\xa0b\u200bc\x92s\x07 e\u0301 \x93x\x94\u2028y") == "a bc’s é “x”\ny"


@pytest.mark.parametrize(
    "text", ["plain", "déjà vu", "two\nlines\tand a tab", "می‌خواهم", "全角　スペース", "&amp; CafÃ©"]
)
def test_tidy_leaves_alone_what_an_author_wrote(text: str) -> None:
    assert tidy(text) == text


def test_all_characters_that_call_for_a_repair_fail_the_fast_test() -> None:
    suspects = [chr(i) for i in range(sys.maxunicode + 1) if _FOR_TEXT.suspects.match(chr(i))]
    assert len(suspects) > 2000
    assert [c for c in suspects if c.isprintable()] == ["\ufffc"]


@pytest.mark.parametrize("kind", ["text", "html"])
@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0301\u0316" * 150_000,
        "\u0301" * 300_000,
        "&lt;" * 200_000 + "b",
        "&" + "amp;" * 200_000,
        "\u3000" * 300_000 + "x",
        "\u200c" * 200_000,
        "<!--" * 200_000,
        "<script " * 100_000,
        "ÃÂ" * 100_000,
        "a <" * 200_000 + "\u200b",
        "&#" * 300_000,
    ],
    ids=["marks", "one mark", "lt", "amp", "wide", "joiners", "comments", "scripts", "leads", "less", "refs"],
)
def test_hostile_text_takes_linear_time(text: str, kind: str) -> None:
    start = time.process_time()
    repair(document(text, kind))
    assert time.process_time() - start < 5


def test_long_runs_of_marks_are_cut_and_natural_ones_are_not() -> None:
    text, names = repaired("x" + "\u0334" * 500 + " y" + "\u0334" * 31)
    assert text == "x" + "\u0334" * 31 + " y" + "\u0334" * 31
    assert names == ("mark-runs",)


def test_what_is_settled_in_normal_form_never_combines() -> None:
    decompositions = [unicodedata.decomposition(chr(code)).split() for code in range(sys.maxunicode + 1)]
    seconds = {chr(int(pair[1], 16)) for pair in decompositions if len(pair) == 2 and pair[0][0] != "<"}
    vowels_and_finals = {chr(code) for code in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))}
    settled = _UNSETTLED.sub("", "".join(map(chr, range(sys.maxunicode + 1))))
    assert len(settled) > 30_000
    assert not (seconds | vowels_and_finals).intersection(settled)
    assert all(unicodedata.is_normalized("NFC", one) and not unicodedata.combining(one) for one in settled)
