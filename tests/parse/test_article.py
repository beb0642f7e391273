"""Pages of our own making, as outlets build them: what is read of them, and what is left alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.errors import UnsafeDocument
from aggregator.model.article import PageRead
from aggregator.parse.article import PageHints, article_text

PAGES = Path(__file__).parents[1] / "fakes" / "pages"
JA = (PAGES / "ja.html").read_text()
EN = (PAGES / "en.html").read_text()
FIRST = "県は24日、北港で建設中の防波堤の完成が当初の予定より2年遅れ、2030年3月になると発表した。"


def outcome(page: str | bytes, **hints: str) -> PageRead:
    body = page.encode() if isinstance(page, str) else page
    return article_text(body, PageHints(**hints)).outcome


def test_a_japanese_page_gives_its_paragraphs_and_nothing_beside_them():
    read = article_text(JA.encode(), PageHints(content_type="text/html", language="ja"))
    assert read.outcome is PageRead.TEXT
    lines = read.text.split("\n")
    assert len(lines) == 4
    assert lines[0].startswith(FIRST)
    for beside in (
        "読者提供",
        "記者",
        "補償を要望",
        "政治",
        "関連記事",
        "内幕",
        "転載",
        "みなと新聞",
    ):
        assert beside not in read.text


def test_an_english_page_gives_its_paragraphs_and_nothing_beside_them():
    read = article_text(EN.encode(), PageHints(content_type="text/html"))
    assert read.outcome is PageRead.TEXT
    lines = read.text.split("\n")
    assert len(lines) == 4
    assert lines[3].endswith("under construction since 2019.")
    for beside in (
        "Photograph",
        "Tidewell",
        "ask for compensation\n",
        "Ferry",
        "newsletter",
        "World",
    ):
        assert beside not in read.text


def test_a_page_that_sets_its_paragraphs_by_breaks_gives_a_line_each():
    lines = article_text(JA.encode(), PageHints()).text.split("\n")
    page = f"<html><body><div id='main'><div>{'<br><br>'.join(lines)}</div></div></body></html>"
    assert article_text(page.encode(), PageHints()).text.split("\n") == lines


def test_lines_that_the_source_breaks_are_joined():
    broken = JA.replace("当初の予定より", "当初の\n予定より")
    assert FIRST in article_text(broken.encode(), PageHints()).text


def test_readings_over_kanji_are_left_out():
    ruby = JA.replace("北港で", "<ruby>北港<rp>(</rp><rt>きたみなと</rt><rp>)</rp></ruby>で")
    assert FIRST in article_text(ruby.encode(), PageHints()).text


@pytest.mark.parametrize("charset", ["shift_jis", "euc-jp"])
def test_the_encoding_that_a_page_names_inside_is_used(charset):
    page = JA.replace('charset="utf-8"', f'charset="{charset}"').encode(charset)
    assert FIRST in article_text(page, PageHints(language="ja")).text


def test_a_page_in_utf_7_is_refused():
    with pytest.raises(UnsafeDocument):
        article_text(JA.encode(), PageHints(charset="utf-7"))


@pytest.mark.parametrize(
    ("found", "put"),
    [
        ('"isAccessibleForFree": true', '"isAccessibleForFree": false'),
        ('"isAccessibleForFree": true', '"isAccessibleForFree":"False"'),
        (
            '"isAccessibleForFree": true',
            '"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": "false", "cssSelector": ".x"}',
        ),
        ("<style>", '<meta property="article:content_tier" content="locked"><style>'),
        ("</article>", "<meta itemprop='isAccessibleForFree' content='False'></article>"),
        ("</article>", "<p>この記事は有料会員限定です。</p></article>"),
        ("</article>", "<div>続きを読むには会員登録が必要です</div></article>"),
        ("</article>", "<div>残り 1,204文字</div></article>"),
        ("</article>", "<div>ログインして記事の続きを読む</div></article>"),
        ("</article>", "<div>ここから先は有料会員の方だけが読めます</div></article>"),
        ("<h1>", "<h1>【会員限定】"),
        ("</article>", "<p>有料記事</p></article>"),
    ],
)
def test_a_page_for_members_is_left_alone(found, put):
    assert found in JA
    assert article_text(JA.replace(found, put, 1).encode(), PageHints()) == article_text(
        b"<meta property='article:content_tier' content='locked'>x", PageHints()
    )
    assert outcome(JA.replace(found, put, 1)) is PageRead.PAYWALL


@pytest.mark.parametrize(
    "words",
    [
        "Subscribe now to continue reading",
        "Sign in or create an account to read the full story.",
        "This article is for subscribers only",
        "To continue reading, log in",
    ],
)
def test_an_english_page_for_members_is_left_alone(words):
    assert outcome(EN.replace("</article>", f"<div>{words}</div></article>")) is PageRead.PAYWALL


def test_an_article_about_subscriptions_is_read():
    page = EN.replace(
        "The government plans",
        "The Courier, which is for members only on Sundays, has more subscribers than last year. The government plans",
    )
    assert outcome(page) is PageRead.TEXT


def test_another_articles_mark_in_a_list_beside_does_not_close_a_page():
    assert "有料会員限定" in JA
    assert outcome(JA) is PageRead.TEXT


def test_a_teaser_is_too_short():
    start = JA.index("<p>総事業費")
    assert outcome(JA[:start].split("地盤が")[0] + "</p></article></body></html>") is PageRead.SHORT


def test_text_that_a_browser_does_not_show_is_not_read():
    for attribute in ("hidden", "style='display: none'"):
        hidden = JA.replace("<article>", f"<article><div {attribute}>").replace(
            "</article>", "</div></article>"
        )
        assert outcome(hidden) is PageRead.SHORT


@pytest.mark.parametrize("body", [b"", b" ", b"<!-- -->", b"\x00\x01"])
def test_nothing_is_no_article(body):
    assert outcome(body) in (PageRead.OTHER, PageRead.SHORT)


def test_what_is_no_web_page_is_not_even_looked_at():
    assert outcome(JA, content_type="application/pdf") is PageRead.OTHER


def test_a_very_long_page_is_cut():
    page = EN.replace(
        "</article>",
        "".join(f"<p>Paragraph {n} tells of the harbour wall again.</p>" for n in range(2000))
        + "</article>",
    )
    assert len(article_text(page.encode(), PageHints()).text) == 20_000


@pytest.mark.parametrize(
    "page", ["<div>" * 50_000, "<p a=" * 50_000, "<p>続きを" * 50_000, "<p>続きを" * 14_000]
)
def test_hostile_markup_ends_in_an_outcome(page):
    assert outcome(page) is not PageRead.TEXT


def test_what_finds_articles_is_not_imported_before_it_is_used():
    code = "import sys, aggregator.parse.article; sys.exit('trafilatura' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PAGES.parents[2]).returncode == 0
