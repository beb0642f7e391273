"""Summaries, addresses and plain text: the small pure rules behind an item."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model.output import Audience
from aggregator.publish import address, plain_text
from aggregator.publish.address import web_address
from aggregator.publish.context import links_to_own_pages
from aggregator.publish.plain_text import is_legal, language_tag, legal, plain_line
from aggregator.publish.summary import shorten, summary_of
from tests.publish.newsroom import context

ENGLISH = "The two sides agreed to a ceasefire on Tuesday. " * 20


def test_a_short_summary_stays_whole():
    assert summary_of("両国は合意した。", "停戦合意", Audience.PRIVATE) == "両国は合意した。"


def test_a_japanese_summary_is_cut_behind_a_sentence_within_200_characters():
    cut = summary_of("両国は停戦で合意したと発表した。" * 30, "停戦合意", Audience.PRIVATE)
    assert cut.endswith("発表した。")
    assert 150 < len(cut) <= 200


def test_another_summary_is_cut_within_400_characters():
    cut = summary_of(ENGLISH, "Ceasefire", Audience.PRIVATE)
    assert cut.endswith("on Tuesday.")
    assert 350 < len(cut) <= 400


def test_without_a_sentence_end_the_cut_is_behind_a_word_and_marked():
    assert shorten("one two three four five six", 20) == "one two three four…"
    assert shorten("停戦" * 20, 11) == "停戦" * 5 + "…"


def test_a_number_is_no_end_of_a_sentence():
    assert shorten("It rose 3.5 per cent on the day and went on", 25) == "It rose 3.5 per cent on…"


def test_a_quote_closes_with_its_sentence():
    assert shorten("首相は「合意した。」と述べ、会場を後にした", 12) == "首相は「合意した。」"


@pytest.mark.parametrize(
    "summary",
    ["停戦合意", " 停戦合意 ", "停戦合意。", "停戦合意 停戦合意", "停戦合意…"],
)
def test_a_summary_that_is_the_title_again_is_none(summary: str):
    assert summary_of(summary, "停戦合意", Audience.PRIVATE) == ""


@pytest.mark.parametrize(
    "summary", ["［東京 １８日 ロイター］ -", "（ブルームバーグ）：", "停戦合意 【ジュネーブ共同】"]
)
def test_a_summary_that_only_names_place_and_agency_is_none(summary: str):
    assert summary_of(summary, "停戦合意", Audience.PRIVATE) == ""


def test_a_dateline_before_a_summary_stays():
    summary = "［東京 １８日 ロイター］ - 両国が発表した。"
    assert summary_of(summary, "停戦合意", Audience.PRIVATE) == summary


def test_a_title_before_the_summary_is_dropped():
    assert summary_of("停戦合意 - 両国が発表", "停戦合意", Audience.PRIVATE) == "両国が発表"


def test_a_sentence_that_begins_with_the_titles_words_stays_whole():
    assert (
        summary_of("停戦合意が発効した。", "停戦合意", Audience.PRIVATE) == "停戦合意が発効した。"
    )


@given(st.text(max_size=600), st.text(max_size=50), st.sampled_from(list(Audience)))
@settings(deadline=None)
def test_no_summary_is_too_long(summary: str, title: str, audience: Audience):
    assert len(summary_of(summary, title, audience)) <= (
        400 if audience is Audience.PRIVATE else 100
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://mainichi.jp/articles/2025/1?a=1&b=c%20d#e",
        "http://a.example:8080/x;y=1/@z/(1)?q=a+b",
        "http://[2001:db8::1]:80/",
    ],
)
def test_a_web_address_stays_as_it_is(url: str):
    assert web_address(url) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://例え.example/記事?q=停",
            "https://xn--r8jz45g.example/%E8%A8%98%E4%BA%8B?q=%E5%81%9C",
        ),
        ('https://a.example/"<>', "https://a.example/%22%3C%3E"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("HTTPS://A.example/B", "https://a.example/B"),
        ("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&b=2"),
        ("https://a.example/?a=1&copy;", "https://a.example/?a=1&copy%3B"),
        ("https://user:secret@a.example/", "https://a.example/"),
    ],
)
def test_an_address_is_made_fit_for_a_link(url: str, expected: str):
    assert web_address(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//a.example/",
        "/relative",
        "http://",
        "http://[::1",
        "https://a.example:99999/",
        "https://a.example/a b",
        "https://a.example/\n",
        "https://a.example\\@b.example/",
        "https://a.example/\ud800",
        "https://a..example/",
        "https://a.example/" + "x" * 2048,
    ],
)
def test_what_is_no_web_address_is_no_link(url: str | None):
    assert web_address(url) is None


@given(st.text(max_size=40))
@settings(deadline=None)
def test_an_address_made_fit_is_stable_and_ascii(text: str):
    address = web_address(f"https://a.example/{text}")
    if address is not None:
        assert address.isascii()
        assert web_address(address) == address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x1f\x7f\x85c", "abc"),
        ("a\ud800\ufffe\uffff\U0001fffeb\ufffd", "ab"),
        ("safe\u202egpj.exe", "safegpj.exe"),
        ("a\u200bb\ufeff", "ab"),
        ("  two \n lines\t", "two lines"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("<独自>停戦へ", "<独自>停戦へ"),
        ("a < b", "a < b"),
        ("<script>x</script>", "＜script>x＜/script>"),
        ("&lt;b&gt;", "＜b>"),
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("&amp;amp;amp;", "＆amp;"),
        ("R&D, AT&T", "R&D, AT&T"),
        ("R&D; AT&T", "R＆D; AT&T"),
    ],
)
def test_a_line_of_text_looks_like_what_it_is(text: str, expected: str):
    assert plain_line(text) == expected


@given(st.text(alphabet=st.characters(exclude_categories=())))
@settings(deadline=None)
def test_legal_text_is_legal_and_stays(text: str):
    assert is_legal(legal(text))
    assert legal(legal(text)) == legal(text)


@pytest.mark.parametrize("text", [None, "", "<>", "j", "ja_JP", "日本語", "x\x00"])
def test_what_is_no_language_tag_is_none(text: str | None):
    assert language_tag(text) is None


@pytest.mark.parametrize("text", ["ja", "en", "zh-Hant", "pt-BR"])
def test_a_language_tag_stays(text: str):
    assert language_tag(text) == text


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("http://127.0.0.1:8080", False),
        ("http://127.9.9.9", False),
        ("http://localhost:8080", False),
        ("http://news.localhost", False),
        ("http://[::1]:8080", False),
        ("http://0.0.0.0:8080", False),
        ("", False),
        ("http://192.168.1.5:8080", True),
        ("https://news.example", True),
    ],
)
def test_items_link_our_pages_only_where_others_can_reach_them(url: str, linked: bool):
    assert links_to_own_pages(context(public_url=url)) is linked


ADDRESS_PARTS = st.one_of(
    st.sampled_from(
        [
            "/",
            "?",
            "#",
            "&",
            "&amp;",
            "%20",
            "%",
            ";",
            ":",
            "@",
            "a",
            "Z9",
            "..",
            "-",
            "|",
            "é",
            "[",
        ]
    ),
    st.text(alphabet="abc/?#&%;=.-_~ ", max_size=4),
)


@given(
    st.sampled_from(["http://", "https://", "HTTP://", "ftp://", "//"]),
    st.sampled_from(["a.example", "A.example", "a-.example", "xn--a.example", "a.example:80", "a..example", "u@a.example", "a", f"{'x' * 64}.example"]),
    st.lists(ADDRESS_PARTS, max_size=8),
)  # fmt: skip
@settings(deadline=None)
def test_an_ordinary_address_is_what_taking_it_apart_would_give(
    scheme: str, host: str, parts: list[str]
):
    url = scheme + host + "".join(parts)
    if address._ORDINARY.fullmatch(url):
        assert address._taken_apart(url) == url


@given(st.text(st.sampled_from("a &<;#停 \t\n\u3000\u200b\ufffd\x07x1"), max_size=12))
@settings(deadline=None)
def test_a_plain_text_is_what_making_it_plain_would_give(text: str):
    if plain_text._is_plain(text):
        assert plain_text._made_plain(text) == text
