import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.identify.fingerprint import fingerprint, plain
from tests.identify.build import item

UNSEEN = [
    ("記事 3時間前", "記事 5分前に更新"),
    ("本文 コメント(3)", "本文 コメント(1,204)"),
    ("本文 12件のコメント", "本文 340件のコメント"),
    ("いいね!数: 3", "いいね!数: 12"),
    ("Story. 3 comments", "Story. 12k comments"),
    ("Points: 12 # Comments: 3", "Points: 312 # Comments: 80"),
    ("posted 5 minutes ago", "posted an hour ago"),
    ("【PR】お知らせ", "お知らせ"),
    ("見よ https://example.com/a?utm_source=x", "見よ https://example.com/a"),
    ("全角　ＡＢＣ", "全角 ABC"),
    ("二  つの\n空白", "二 つの 空白"),
]
SEEN = [
    ("容疑者", "被告"),
    ("3人死亡", "4人死亡"),
    ("3日前に発表", "2日前に発表"),
    ("斎藤氏", "齋藤氏"),
    ("https://example.com/a?id=1", "https://example.com/a?id=2"),
    ("see http://[broken", "see http://[broken2"),
]


@pytest.mark.parametrize(("before", "after"), UNSEEN)
def test_what_changes_by_itself_is_no_change(before: str, after: str):
    assert fingerprint(item(summary=before)) == fingerprint(item(summary=after))
    assert fingerprint(item(content=before)) == fingerprint(item(content=after))


@pytest.mark.parametrize(("before", "after"), SEEN)
def test_what_a_reader_sees_is_a_change(before: str, after: str):
    assert fingerprint(item(title=before)) != fingerprint(item(title=after))


def test_markup_is_not_seen_but_its_text_is():
    assert plain("<p>A &amp; <b>B</b></p>").split() == ["A", "&", "B"]
    one = item(content='<p><img src="https://ad.example/1.gif">本文</p>')
    assert fingerprint(one) == fingerprint(
        item(content='<p><img src="https://ad.example/2.gif">本文</p>')
    )
    assert fingerprint(one) != fingerprint(item(content="<p>別の本文</p>"))


def test_title_and_summary_are_told_apart():
    assert fingerprint(item(title="一", summary="")) != fingerprint(item(title="", summary="一"))


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_fingerprint_fits_63_bits_for_any_text(title: str, summary: str):
    assert 0 <= fingerprint(item(title=title, summary=summary)) < 2**63
