from __future__ import annotations

import subprocess
import sys

import pytest

from cleaner.decode import decode, looks_like_html
from cleaner.errors import InputError
from cleaner.model import Encoding, Source, SourceKind

RUSSIAN = "Вчера вечером в городской библиотеке открылась выставка старых карт, и вход на неё свободный."
UKRAINIAN = "Учора ввечері в міській бібліотеці відкрили виставку старих мап, її бачили вже сотні людей."
POLISH = "Wczoraj wieczorem w bibliotece miejskiej otwarto wystawę starych map, którą odwiedziło już wielu gości."
CZECH = "Včera večer byla v městské knihovně otevřena výstava starých map, kterou už vidělo mnoho návštěvníků."
FRENCH = (
    "Hier soir, la bibliothèque municipale a inauguré une exposition de vieilles cartes « oubliées » depuis des années."
)
GREEK = "Χθες το βράδυ άνοιξε στη δημοτική βιβλιοθήκη έκθεση παλιών χαρτών με ελεύθερη είσοδο."
TURKISH = "Dün akşam şehir kütüphanesinde eski haritalar sergisi açıldı; giriş ay sonuna kadar ücretsiz olacak."
HEBREW = "אתמול בערב נפתחה בספרייה העירונית תערוכה של מפות ישנות והכניסה חופשית."
ARABIC = "افتتح مساء أمس في مكتبة المدينة معرض للخرائط القديمة والدخول مجاني حتى نهاية الشهر."
JAPANESE = "昨夜、市立図書館で古い地図の展覧会が始まりました。入場は無料ですが、週末には列ができるそうです。"
CHINESE = "昨天晚上，市图书馆举办了旧地图展览。展览将持续到月底，免费入场，不过周末常常要排队。"
TAIWANESE = "昨天晚上，市立圖書館舉辦了舊地圖展覽。展覽將持續到月底，免費入場，不過週末常常要排隊。"
KOREAN = "어제저녁 시립 도서관에서 옛 지도 전시회가 열렸다. 입장은 무료지만 주말에는 줄을 서야 한다."
THAI = "เมื่อคืนนี้ห้องสมุดประจำเมืองเปิดนิทรรศการแผนที่เก่า เข้าชมฟรีจนถึงสิ้นเดือน"

LEGACY = [
    ("cp1251", RUSSIAN),
    ("koi8-r", RUSSIAN),
    ("cp1251", UKRAINIAN),
    ("koi8-u", UKRAINIAN),
    ("iso8859-2", POLISH),
    ("cp1250", POLISH),
    ("iso8859-2", CZECH),
    ("cp1252", FRENCH),
    ("cp1253", GREEK),
    ("iso8859-9", TURKISH),
    ("cp1255", HEBREW),
    ("cp1256", ARABIC),
    ("shift_jis", JAPANESE),
    ("euc_jp", JAPANESE),
    ("iso2022_jp", JAPANESE),
    ("gb18030", CHINESE),
    ("big5", TAIWANESE),
    ("euc_kr", KOREAN),
    ("cp874", THAI),
]


def decoded(data: bytes, kind: SourceKind = "auto", charset: str | None = None) -> tuple[str, Encoding]:
    document = decode(Source(data, kind=kind, charset=charset))
    return document.text, document.encoding


@pytest.mark.parametrize(("name", "text"), LEGACY)
def test_undeclared_legacy_text_is_detected(name: str, text: str) -> None:
    assert decoded(text.encode(name))[0] == text


@pytest.mark.parametrize(("name", "text"), LEGACY)
def test_markup_does_not_drown_out_the_language(name: str, text: str) -> None:
    menu = "".join(f'<li class="menu-item"><a href="/topics/{n}/page">topic {n}</a></li>\n' for n in range(400))
    page = f"<html><body><ul>{menu}</ul><p>{text}</p></body></html>"
    assert decoded(page.encode(name))[0] == page


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("text", ["Just a few plain words.\n", FRENCH, RUSSIAN, JAPANESE + "\nA1\n" + JAPANESE])
def test_unicode_is_recognised_with_and_without_a_byte_order_mark(name: str, text: str) -> None:
    assert decoded(text.encode(name))[0] == text


def test_why_reads_like_a_person() -> None:
    page = f'<meta charset="windows-1251"><p>{RUSSIAN}</p>'
    assert decoded(b"")[1] == Encoding("utf-8", "empty")
    assert decoded("naïve".encode())[1] == Encoding("utf-8", "valid UTF-8")
    assert decoded(RUSSIAN.encode("utf-16"))[1].why == "byte-order mark"
    assert decoded(page.encode("cp1251"))[1] == Encoding("cp1251", "declared in <meta>")
    assert decoded(RUSSIAN.encode("cp1251"), charset="windows-1251")[1].why == "declared by the server"
    assert decoded(RUSSIAN.encode("cp1251"))[1].why.startswith("detected (cchardet, 0.")


@pytest.mark.parametrize(
    ("declaration", "name", "text"),
    [
        ('<meta http-equiv="Content-Type" content="text/html; charset=gb2312">', "gbk", CHINESE + "囧镕"),
        ("<META CHARSET=x-sjis>", "cp932", JAPANESE + "①"),
        ('<meta name="x"><meta charset = "ks_c_5601-1987">', "cp949", KOREAN + "뷁"),
        ('<meta charset="iso-8859-1">', "cp1252", "“Quoted” – and 5 € on top, naïvely"),
        ('<meta charset="iso-8859-9">', "cp1254", TURKISH + " “evet”"),
        ('<?xml version="1.0" encoding="ISO-8859-2"?><html>', "iso8859-2", CZECH),
        ("<!-- <meta charset=koi8-r> --><meta charset=windows-1251>", "cp1251", RUSSIAN),
    ],
)
def test_labels_mean_what_browsers_take_them_for(declaration: str, name: str, text: str) -> None:
    page = f"{declaration}<p>{text}</p>"
    result, encoding = decoded(page.encode(name))
    assert result == page
    assert encoding.why.startswith("declared in ")


@pytest.mark.parametrize(
    "label",
    ["utf-8", "utf-16", "unicode_escape", "idna", "zip", "rot13", "x-user-defined", "nonsense", "", "\0", "utf-7"],
)
def test_a_label_that_is_wrong_or_no_encoding_of_the_web_is_passed_over(label: str) -> None:
    assert decoded(RUSSIAN.encode("cp1251"), charset=label)[0] == RUSSIAN


def test_a_declared_encoding_that_does_not_fit_loses_to_the_detector() -> None:
    page = f"<meta charset=euc-kr><p>{RUSSIAN}</p>"
    assert decoded(page.encode("cp1251"))[0] == page


def test_a_server_that_says_latin_1_of_everything_is_not_believed() -> None:
    for name, text in (("cp1251", RUSSIAN), ("cp1253", GREEK), ("shift_jis", JAPANESE), ("cp1256", ARABIC)):
        assert decoded(text.encode(name), charset="ISO-8859-1")[0] == text
    assert decoded(FRENCH.encode("cp1252"), charset="ISO-8859-1")[1].why == "declared by the server"


def test_utf8_wins_over_any_declaration() -> None:
    page = f"<meta charset=iso-8859-1><p>{FRENCH}"
    assert decoded(page.encode(), charset="windows-1251") == (page, Encoding("utf-8", "valid UTF-8"))


def test_a_flat_text_about_charsets_declares_nothing() -> None:
    text = f"Put <meta charset=koi8-r> at the top.\n{RUSSIAN}"
    assert decoded(text.encode("cp1251"), kind="text")[0] == text


def test_a_few_bad_bytes_leave_utf8_what_it_is() -> None:
    data = bytearray(RUSSIAN.encode())
    data[20] = 0xFF
    text, encoding = decoded(bytes(data))
    assert text.count("\ufffd") <= 2
    assert text.endswith(RUSSIAN[20:])
    assert encoding.name == "utf-8"
    assert "replaced" in encoding.why


def test_utf8_cut_off_within_a_character_is_utf8() -> None:
    text, encoding = decoded(FRENCH.encode()[: FRENCH.encode().index("é".encode()) + 1])
    assert text.endswith("inaugur\ufffd")
    assert encoding == Encoding("utf-8", "UTF-8, cut off within a character")


def test_an_english_page_with_rare_legacy_marks_is_not_taken_for_damaged_utf8() -> None:
    for marks in ("It’s “fine”", "a café", "£5 – or £6?", "© 2020", "25° in the shade"):
        text = "Nothing but plain words on this line.\n" * 200 + marks
        assert decoded(text.encode("cp1252"))[0] == text


def test_unreadable_bytes_are_counted() -> None:
    data = CHINESE.encode("gb18030") * 5
    text, encoding = decoded(data[:61] + b"\xff" + data[62:])
    assert encoding.name == "gb18030"
    assert encoding.why.endswith("replaced")
    assert "\ufffd" in text


def test_surrogates_from_json_escapes_pass_for_repair_to_see() -> None:
    data = "a \ud83d\ude00 b \ud800".encode("utf-8", "surrogatepass")
    assert decoded(data) == ("a \ud83d\ude00 b \ud800", Encoding("utf-8", "valid UTF-8 but for surrogates"))


# --- What is no text ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF"),
        (b"PK\x03\x04\x14\0\0\0", "a ZIP"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "gzip"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG"),
        (b"GIF89a\x01\0\x01\0", "a GIF"),
        (b"\x28\xb5\x2f\xfd\x04\0A", "zstd"),
        (b"{\\rtf1\\ansi A letter}", "an RTF"),
        (bytes(range(256)) * 8, "binary data"),
        (b"abc\0def", "binary data"),
        (b"\x01\x02\x03\x04" * 100, "binary data"),
    ],
)
def test_other_formats_are_refused_with_the_next_step(data: bytes, name: str) -> None:
    with pytest.raises(InputError, match=name) as caught:
        decode(Source(data))
    assert caught.value.stage == "decode"
    assert ";" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["GIF89a was the second version.", "RIFF stands for a container.", "PAR1 scores", "BZh", "ID3 tags: Björk"]
)
def test_a_text_may_begin_with_a_magic_word(text: str) -> None:
    assert decoded(text.encode())[0] == text


def test_one_stray_nul_does_not_cost_a_long_page() -> None:
    text = "A line of a long page, with an é in it.\n" * 100
    assert decoded((text + "\0" + text).encode())[0] == text + "\0" + text


# --- HTML or text ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><title>x</title>",
        "\n<!-- saved -->\n<?xml version='1.0'?>\n<html lang=en>",
        "<p>One</p>",
        "Hello <b>world</b>",
        "<div>\n" + "text\n" * 5 + "</div>",
        "First line<br>\nsecond line<br>\nthird line",
        "<HEAD><TITLE>Old</TITLE></HEAD>" + "words\n" * 90,
    ],
)
def test_html_is_told_by_content(text: str) -> None:
    assert looks_like_html(text)
    assert decode(Source(text.encode())).kind == "html"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No tag at all.",
        "if a<b and c>d then <3",
        "<https://example.org/> and <me@example.org>",
        "Generics: List<String> and Map<K, V>",
        "How to use the <b> tag\n" + "A paragraph about it in plain words.\n" * 20,
    ],
)
def test_text_is_told_by_content(text: str) -> None:
    assert not looks_like_html(text)
    assert decode(Source(text.encode())).kind == "text"


def test_a_given_kind_is_taken() -> None:
    assert decode(Source(b"<p>x</p>", kind="text")).kind == "text"
    assert decode(Source(b"plain", kind="html")).kind == "html"


def test_looking_for_html_takes_linear_time() -> None:
    assert not looks_like_html("<a " * 200_000)


def test_detector_is_imported_for_legacy_bytes_only() -> None:
    program = (
        "import sys; from cleaner.decode import decode; from cleaner.model import Source\n"
        "decode(Source('déjà <b>vu</b>'.encode())); decode(Source(b'It\\x92s')); print('cchardet' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"
