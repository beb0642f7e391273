"""Bytes to text: precedence, Japanese encodings with their vendors' characters, lies, single bad bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import UnsafeDocument
from aggregator.parse.charset import codec_of, decode_as
from aggregator.parse.decode import strip_forbidden, to_utf8
from tests.parse.feeds import read

TEXT = "首相は訪米し、停戦について協議した。カタカナとひらがな"
VENDOR = "①㈱髙﨑Ⅳ"


def document(text: str, label: str) -> str:
    return f'<?xml version="1.0" encoding="{label}"?><rss version="2.0"><channel><item><title>{text}</title></item></channel></rss>'


def title(body: bytes, charset: str | None = None) -> str:
    (entry,) = read(body, charset=charset).entries
    return entry.title


@pytest.mark.parametrize("label", ["Shift_JIS", "shift-jis", "x-sjis", "Windows-31J", "sjis"])
def test_shift_jis_is_read_as_code_page_932(label: str) -> None:
    assert title(document(TEXT + VENDOR, label).encode("cp932")) == TEXT + VENDOR


def euc(text: str) -> bytes:
    """Encode as browsers read EUC-JP: with NEC's rows, which Python's codec lacks."""
    out = bytearray()
    for character in text:
        pair = character.encode("cp932")
        if len(pair) == 2:
            lead, trail = pair
            row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + (trail >= 0x9F)
            cell = trail - (0x9F if trail >= 0x9F else 0x40 + (trail > 0x7F))
            pair = bytes((row + 0xA1, cell + 0xA1))
        out += pair
    return bytes(out)


def test_euc_jp_has_the_same_characters() -> None:
    nec = "①㈱Ⅳ"
    assert title(euc(document(TEXT + nec, "EUC-JP"))) == TEXT + nec


def test_iso_2022_jp_is_read_whoever_says_what() -> None:
    for label in ("ISO-2022-JP", "UTF-8"):
        assert title(document(TEXT, label).encode("iso2022_jp")) == TEXT
    assert decode_as(b"\x1b$B-!\x1b(B!", "iso-2022-jp") == ("①!", 0)
    assert decode_as(b"\x1b(I1\x1b(B", "iso-2022-jp") == ("ｱ", 0)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_unicode_is_told_by_its_mark_or_shape(codec: str) -> None:
    assert title(document(TEXT, "utf-16").encode(codec)) == TEXT


def test_the_mark_outranks_the_header_and_the_header_the_declaration() -> None:
    assert title(document(TEXT, "Shift_JIS").encode("utf-8-sig"), "EUC-JP") == TEXT
    assert title(document(TEXT, "Shift_JIS").encode("euc_jp"), "EUC-JP") == TEXT
    assert title(document(TEXT, "x").encode("cp932"), "Shift_JIS") == TEXT


@pytest.mark.parametrize(
    "label", ["Shift_JIS", "EUC-JP", "iso-8859-1", "windows-1252", "us-ascii", "nonsense", "utf-16"]
)
def test_what_is_utf_8_is_utf_8_whatever_it_says(label: str) -> None:
    assert title(document(TEXT, label).encode()) == TEXT


@pytest.mark.parametrize("label", ["UTF-8", "iso-8859-1", "us-ascii", ""])
@pytest.mark.parametrize("codec", ["cp932", "euc_jp"])
def test_japanese_that_says_something_else_is_recognised(label: str, codec: str) -> None:
    assert title(document(TEXT, label).encode(codec)) == TEXT


def test_kanji_alone_are_recognised_where_the_source_is_japanese() -> None:
    body = document("首相訪米停戦協議開始", "UTF-8").encode("cp932")
    (entry,) = read(body, language="ja").entries
    assert entry.title == "首相訪米停戦協議開始"


@pytest.mark.parametrize("label", ["UTF-8", "iso-8859-1", ""])
@pytest.mark.parametrize("text", ["Élysée : l’été déjà", "Übergrößenträger", "naïve café"])
def test_european_text_that_says_utf_8_is_recognised(label: str, text: str) -> None:
    assert title(document(text, label).encode("cp1252")) == text


@pytest.mark.parametrize("bad", [b"\xff", b"\xe3\x81", b"\xc0"])
@pytest.mark.parametrize(
    "text", [TEXT, "停战协议在日内瓦签署", "Перемирие подписано", "휴전 협정이 체결되었다"]
)
def test_one_bad_byte_costs_one_character(text: str, bad: bytes) -> None:
    body = document(text + "@", "UTF-8").encode().replace(b"@", bad + b"!")
    read_back = title(body)
    assert read_back.startswith(text)
    assert read_back.endswith("!")
    assert set(read_back[len(text) : -1]) == {"\ufffd"}


def test_one_bad_byte_in_shift_jis_costs_one_character() -> None:
    body = document(TEXT + "@", "Shift_JIS").encode("cp932").replace(b"@", b"\xfd!")
    assert title(body).startswith(TEXT)


def test_the_problem_is_told() -> None:
    assert (
        read(document(TEXT, "UTF-8").encode("cp932")).malformed == "it says utf-8 and is shift_jis"
    )
    assert read(document(TEXT, "UTF-8").encode()).malformed is None


@pytest.mark.parametrize("label", ["utf-7", "UTF_7", "unicode-1-1-utf-7"])
def test_utf_7_is_refused(label: str) -> None:
    with pytest.raises(UnsafeDocument):
        to_utf8(b"<rss/>", label)


@pytest.mark.parametrize("label", ["iso-2022-kr", "x-user-defined", "utf-32", "nonsense", "cp037"])
def test_labels_that_the_web_does_not_know_are_none(label: str) -> None:
    assert codec_of(label) is None


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (b"a\x00b\x0bc\td\n", b"abc\td\n"),
        (b"&#0;&#x8;&#11;&#xB;&#xFFFE;&#55296;&#x110000;&#99999999999999999999;", b""),
        (b"&#9;&#10;&#65;&#x3042;&#x1F600;", b"&#9;&#10;&#65;&#x3042;&#x1F600;"),
        ("a\ufffe\uffffb".encode(), b"ab"),
    ],
)
def test_what_xml_forbids_is_removed(given_: bytes, expected: bytes) -> None:
    assert strip_forbidden(given_) == expected


@given(
    body=st.binary(max_size=300),
    charset=st.none()
    | st.sampled_from(
        ["utf-8", "shift_jis", "euc-jp", "iso-2022-jp", "utf-16", "big5", "gbk", "x"]
    ),
)
def test_any_bytes_become_utf_8(body: bytes, charset: str | None) -> None:
    clean = to_utf8(body, charset).body.decode("utf-8")
    assert not {"\0", "\x1b", "\ufffe", "\uffff"} & set(clean)
