"""Links: absolute http or https, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.urls import safe_url

BASE = "https://news.example/d/index.html?q=1"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a?b=1&c=2#d", "https://news.example/d/a?b=1&c=2#d"),
        ("?p=2", "https://news.example/d/index.html?p=2"),
        ("../x", "https://news.example/x"),
        (" /a b\n", "https://news.example/a%20b"),
        ("HTTPS://News.Example:443/X", "https://news.example:443/X"),
        ("https://news.example/a?", "https://news.example/a?"),
        ("https://日本.example/記事", "https://xn--wgv71a.example/記事"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
        ("http://[2001:DB8::1]/", "http://[2001:db8::1]/"),
        ('/a"<b>', "https://news.example/a%22%3Cb%3E"),
        ("https://u:p@h.example/", "https://h.example/"),
        ("https://h.example", "https://h.example"),
    ],
)
def test_sound_links_become_absolute(raw: str, expected: str) -> None:
    assert safe_url(raw, BASE) == expected


@pytest.mark.parametrize(
    "raw",
    ["", "   ", "javascript:alert(1)", "jAvA\tscript:1", "\x01javascript:1", "data:,x", "ftp://h/", "http:", "http://", "http:///x", "http:x",
     "http://h:port/", "http://h:99999/", "http://[::1", "http://[fe80::1%25eth0]/", "http://0x7f000001/", "http://127.1/", "http://0177.0.0.1/",
     "http://2130706433/", "http://1.2.3.4.5/", "http://a..b/", "http://a b/", "http://h\\@evil/", "http://\u202ehost/", "http://h/\u202e", "http://a%2eb/",
     "mailto:a@b.example", "x" * 5000, "https://h/" + "x" * 2048, "https://" + "a" * 64 + "é.example/", "http://.example/"],
)  # fmt: skip
def test_d02_anything_else_is_none(raw: str) -> None:
    assert safe_url(raw, BASE) is None


def test_mail_is_allowed_only_where_asked() -> None:
    assert safe_url("mailto:a@b.example", BASE, mail=True) == "mailto:a@b.example"
    assert safe_url("mailto:a b", BASE, mail=True) is None


def test_without_a_base_only_absolute_links_are_links() -> None:
    assert safe_url("/x", None) is None
    assert safe_url("//h.example/x", None) == "https://h.example/x"


@given(raw=st.text(max_size=60) | st.from_regex(r"(https?:)?//[^/]{0,30}/.{0,20}"))
def test_any_text_is_a_link_that_stays_itself_or_none(raw: str) -> None:
    found = safe_url(raw, BASE)
    if found is not None:
        assert found.startswith(("http://", "https://"))
        assert safe_url(found, None) == found


@given(
    rest=st.from_regex(r"s?://[a-z0-9._-]{1,12}(:[0-9]{1,6})?([/?#][!-~]{0,20})?", fullmatch=True)
)
def test_a_link_is_told_alike_the_short_way_and_the_long_one(rest: str) -> None:
    assert safe_url(f"http{rest}", None) == safe_url(f"HTTP{rest}", None)
