"""Clean HTML: what stays, what goes, and that a second look finds nothing more."""

import time

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.parse import elements
from aggregator.parse.markup import clean_html, escape, first_image
from aggregator.parse.plain import text_of_clean

BASE = "https://news.example/d/"
_ATTRIBUTES = {
    "href", "src", "srcset", "alt", "title", "lang", "width", "height", "datetime", "cite", "colspan", "rowspan", "span",
    "start", "rel", "loading", "referrerpolicy", "controls", "preload", "poster",
}  # fmt: skip


def assert_clean(html: str) -> None:
    """Read HTML as a browser does and find only what the policy allows."""
    tree = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    for element in tree.iter():
        if element is tree:
            continue
        assert element.tag in elements.ALLOWED
        for name, value in element.attrib.items():
            assert name in _ATTRIBUTES
            if name in ("href", "src", "cite", "poster"):
                assert value.startswith(("http://", "https://", "mailto:"))
            if name == "srcset":
                assert all(part.startswith(("http://", "https://")) for part in value.split(", "))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("plain & <b>bold</b>", "plain &amp; <b>bold</b>"),
        ("1 > 0", "1 &gt; 0"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>", None),
        ("<h2>x</h2><ul><li>a</li><li>b</li></ul>", None),
        ('<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>', None),
        ("<details><summary>s</summary>x</details><pre><code>a\n  b</code></pre>", None),
        ('<time datetime="2025-03-18T10:00Z">x</time><q cite="/s">y</q>', '<time datetime="2025-03-18T10:00Z">x</time><q cite="https://news.example/s">y</q>'),
        ('<a href="mailto:a@b.example">x</a>', '<a href="mailto:a@b.example">x</a>'),
        ('<img src="mailto:a@b.example">', ""),
        ("<!-- c --><p>a", "<p>a</p>"),
        ("<font color=red>x</font><center>y</center>", "xy"),
        ('<ol start="3" type=a><li>x</li></ol>', '<ol start="3"><li>x</li></ol>'),
        ("<picture><source srcset='/a.webp 1x, javascript:x 2x, /b.webp 2x'><img src=/a.png></picture>",
         ('<picture><source srcset="https://news.example/a.webp 1x, https://news.example/b.webp 2x">'
         '<img src="https://news.example/a.png" loading="lazy" referrerpolicy="no-referrer"></picture>')),
        ("<video src=v.mp4 autoplay onplay=x></video>", '<video src="https://news.example/d/v.mp4" controls="" preload="none"></video>'),
        ("<time datetime='javascript:x'>x</time>", "<time>x</time>"),
    ],
)  # fmt: skip
def test_d01_what_stays_and_what_goes(html: str, expected: str | None) -> None:
    assert clean_html(html, BASE) == (html if expected is None else expected)


def test_relative_links_without_a_base_lose_their_address() -> None:
    assert clean_html('<a href="/x">y</a><img src="z.png">') == "<a>y</a>"


def test_the_first_picture_is_found_with_its_address_as_it_is() -> None:
    assert (
        first_image(clean_html("<p>x<img alt='a>b' src='/i?a=1&b=2'><img src=/j>", BASE))
        == "https://news.example/i?a=1&b=2"
    )
    assert first_image("<p>x</p>") is None


def test_escaped_text_is_text() -> None:
    assert escape("a < b & c\n\n  d ") == "<p>a &lt; b &amp; c</p><p>d</p>"
    assert escape("") == ""


_TOKENS = """
    <p> </p> <b> </b> <i> <a> </a> <div> </div> <table> <td> <tr> </table> <li> <ul> <h1> <svg> <math> <style> </style> <script>
    </script> <select> <option> <template> <!-- --> <![CDATA[ ]]> < > & &lt; &amp; &#0; &#x80; &#60; &nbsp; ' " / = x 日本 。
    <img <br/> <pre> <ruby> <rt> <details> <textarea> <title> <noscript> <iframe> <form> <button> <math><mi> <plaintext>
"""
_URLS = (
    "/x", "javascript:x", "//h/y", "mailto:a@b", "http://a\\b/", "data:x", "https://u:p@h/", "&#106;avascript:x", "java&Tab;script:x",
)  # fmt: skip
_WHOLE = (
    "<img src=a.png width=0>",
    "<img src=x onerror=y>",
    '<img srcset="a 1x, b 2x">',
    "<video src=v poster=p>",
    "<p style=x class=y id=z>",
)
_PIECES = st.sampled_from(
    [*_TOKENS.split(), "\x00", "\x80", "\n", " ", *(f"<a href='{url}'>" for url in _URLS), *_WHOLE]
)


@given(html=st.lists(_PIECES | st.text(max_size=8), max_size=20).map("".join))
@settings(max_examples=200, deadline=None)
def test_d01_any_text_becomes_clean_html_and_stays_so(html: str) -> None:
    clean = clean_html(html, BASE)
    assert_clean(clean)
    assert clean_html(clean, BASE) == clean


@given(html=st.text(max_size=200))
@settings(deadline=None)
def test_the_text_of_clean_html_has_no_markup_left_to_run(html: str) -> None:
    assert clean_html(escape(text_of_clean(clean_html(html, BASE))), BASE).count("<") in (0, 2)


def test_cleaning_is_quick() -> None:
    html = "<p>本文です。<a href='/x'>リンク</a><img src=/a.png></p>" * 200
    started = time.process_time()
    clean_html(html, BASE)
    assert time.process_time() - started < 0.2


def test_line_ends_are_line_feeds_with_markup_and_without():
    assert clean_html("one -->\rtwo\r\nthree") == "one --&gt;\ntwo\nthree"
    assert clean_html("<p>one\r\ntwo</p>") == "<p>one\ntwo</p>"


def test_each_text_has_the_base_that_it_came_with() -> None:
    for base in ("https://a.example/x/", None, "https://b.example/y/"):
        expected = f' href="{base}1"' if base else ""
        assert clean_html('<a href="1">z</a>', base).startswith(f"<a{expected}")
