"""Datelines and credits, told from reports that carry one."""

import pytest

from aggregator.text.bylines import is_byline
from aggregator.text.normalise import fold

ALONE = [
    "［東京 １８日 ロイター］ -", "[１８日 ロイター]", "（ブルームバーグ）：", "【ワシントン時事】", "Hanako Kisha ［大阪 ３日 ロイター］ - …",
    "LONDON, March 18 (Reuters) -", "パリ（AP） ―", "(Bloomberg) --",
]  # fmt: skip
REPORTS = [
    "", "停戦協議が始まる（ロイター）", "［東京 １８日 ロイター］ - 協議は", "（ブルームバーグ）：株価が上がった。", "記者会見は１８日 -",
    "（写真）：", "Talks begin in Geneva (Reuters)", "WARSAW (AP) - Rail strike ends",
]  # fmt: skip


@pytest.mark.parametrize("text", ALONE)
def test_a_dateline_or_credit_by_itself_is_a_byline(text: str) -> None:
    assert is_byline(fold(text))


@pytest.mark.parametrize("text", REPORTS)
def test_what_says_something_is_none(text: str) -> None:
    assert not is_byline(fold(text))
