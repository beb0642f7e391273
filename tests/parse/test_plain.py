"""Text from HTML, headlines, and where texts are cut."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.parse.plain import plain_text, plain_title, shorten, tidy


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("東京都は\n  発表した。", "東京都は発表した。"),
        ("<p>発表した。</p>\n<p>次の段落</p>", "発表した。次の段落"),
        ("<h1>見出し</h1><p>本文</p>", "見出し 本文"),
        ("日時：3月<br>場所：東京", "日時：3月 場所：東京"),
        ("<b>太</b>字と<a href=x>リンク</a>。", "太字とリンク。"),
        ("<p>One</p><p>Two &amp; three</p>", "One Two & three"),
        ("line\nbreak and&nbsp;space", "line break and space"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字", "漢字"),
        ("a<script>x</script><style>y</style>b<noscript><img></noscript>", "ab"),
        ("&lt;p&gt;Twice &amp;amp; more&lt;/p&gt;", "Twice & more"),
        ("5 &lt; 6", "5 < 6"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<ul><li>a<li>b</ul>", "a b"),
        ("x\u200by\u00adz", "xyz"),
        ("か\u3099く", "がく"),
        ("神\ufa19", "神\ufa19"),
        ("", ""),
        ("<div><br></div>", ""),
    ],
)
def test_html_reads_as_one_paragraph(html: str, expected: str) -> None:
    assert plain_text(html) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("A&B", "A&B"),
        ("A&amp;B", "A&B"),
        ("A&amp;amp;B", "A&B"),
        ("Q&A;続き", "Q&A;続き"),
        ("AT&T", "AT&T"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("<独自>首相が訪米", "<独自>首相が訪米"),
        ("＜速報＞地震", "＜速報＞地震"),
        ("【独自】<b>首相</b>が訪米", "【独自】首相が訪米"),
        ("&lt;b&gt;首相&lt;/b&gt;", "首相"),
        ("I <3 NY", "I <3 NY"),
        ("x<br/>y", "xy"),
        ("二行\nの題", "二行の題"),
        ("Two\nlines", "Two lines"),
        ("  全角　空白　", "全角　空白"),
        ("caf\u0065\u0301", "cafe\u0301".replace("e\u0301", "é")),
        ("&hellip;&#8230;&#x2026;", "………"),
        ("<!-- x -->y", "y"),
    ],
)
def test_headlines_are_one_line_of_text(raw: str, expected: str) -> None:
    assert plain_title(raw) == expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("短い。", 10, "短い。"),
        ("一つ目の文。二つ目の文。三つ目の文は長い。", 14, "一つ目の文。二つ目の文。"),
        ("彼は「終わった。」と言った。続きがここにある。", 16, "彼は「終わった。」と言った。"),
        ("One sentence. Another one. A third that is cut", 30, "One sentence. Another one."),
        ("words without any stop at all here", 20, "words without any…"),
        ("区切りのない日本語の長い文字列がつづく", 10, "区切りのない日本語…"),
        ("v1.2 of it. " * 3, 15, "v1.2 of it."),
    ],
)
def test_texts_are_cut_behind_a_sentence(text: str, limit: int, expected: str) -> None:
    assert shorten(text, limit) == expected


@given(text=st.text(max_size=300), limit=st.integers(2, 100))
def test_a_cut_text_is_never_longer(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= max(limit, 0)


@given(text=st.text(max_size=200))
@settings(deadline=None)
def test_any_text_reads_as_one_line_without_control_characters(text: str) -> None:
    for found in (plain_text(text), plain_title(text), tidy(text)):
        assert not {"\n", "\r", "\0", "\x1e", "\u200b", "\ufeff"} & set(found)
        assert found == found.strip()
        found.encode("utf-8")
    assert "\u202e" not in plain_title(text)


_SPACES = " \t\f\v\x85\xa0\u2028\u2029"


@given(text=st.text("a漢。、\u3000\x1e\n\r " + _SPACES, max_size=20))
@settings(deadline=None)
def test_white_space_with_a_break_in_it_is_one_space_or_nothing_in_japanese(text: str) -> None:
    def expected(run: re.Match[str]) -> str:
        before, after = text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]
        if "\x1e" in run.group():
            return "" if before == "。" and after and after in "漢。、\u3000" else " "
        return "" if {before, after} <= set("漢。、\u3000") else " "

    broken = re.sub(
        f"(?<![{_SPACES}\n\r\x1e])[{_SPACES}]*[\n\r\x1e][{_SPACES}\n\r\x1e]*", expected, text
    )
    assert tidy(text) == re.sub(f"[{_SPACES}]+", " ", broken).strip(" \u3000")
