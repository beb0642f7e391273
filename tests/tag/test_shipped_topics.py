import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import pytest

from aggregator.tag.rules import Rules, compile_topics
from tests.tag.shipped import ROOT, shipped_topics

SHARED = Path(os.environ.get("AGGREGATOR_SHARED", ROOT.parent / "shared"))
STREAMS = SHARED / "corpus" / "streams"
LABELS = sorted((Path(__file__).parent / "labels").glob("*.tsv"))

TAGGED = [
    ("us-russia", "米ロ首脳が電話会談"),
    ("us-russia", "プーチン氏、トランプ氏と会談へ 露大統領府"),
    ("us-russia", "US and Russia to begin talks aimed at ending Ukraine war"),
    ("russia-ukraine", "露の大規模攻撃で17人死亡"),
    ("russia-ukraine", "ゼレンスキー宇大統領が演説"),
    ("ukraine-ceasefire", "ウクライナ停戦、三者会談で協議"),
    ("ukraine-ceasefire", "Putin announces Easter truce in Ukraine"),
    ("middle-east", "イラン、ホルムズ海峡を再開"),
    ("china-taiwan", "中国軍が台湾周辺で演習"),
    ("korean-peninsula", "北朝鮮が弾道ミサイル発射"),
    ("boj-yen", "NY円、163円台後半"),
    ("diet-elections", "衆院選、8日投開票"),
    ("disasters", "熊本県で最大震度5弱の地震"),
    ("energy", "NY原油先物が続伸"),
    ("ai-chips", "生成AI向け半導体を増産"),
]
NOT_TAGGED = [
    ("us-russia", "米ロス近郊で山火事"),
    ("us-russia", "米価高騰、政策のゆがみが露呈"),
    ("us-russia", "トランプ氏が新作ドレスを披露"),
    ("russia-ukraine", "露天風呂が人気"),
    ("russia-ukraine", "ユーロ圏の物価"),
    ("russia-ukraine", "結婚披露宴の減少"),
    ("ukraine-ceasefire", "ガザ停戦、ロシアが歓迎"),
    ("middle-east", "シリコンアイランドに打撃"),
    ("middle-east", "シリアル番号を確認"),
    ("china-taiwan", "中国地方に大雨"),
    ("china-taiwan", "中国電力が値上げ"),
    ("china-taiwan", "日中は晴れ"),
    ("korean-peninsula", "九州新幹線、31日朝から再開"),
    ("boj-yen", "東証、午前終値は2884円安"),
    ("boj-yen", "最低賃金1100円台後半か"),
    ("diet-elections", "韓国国会で聴聞会"),
    ("diet-elections", "明治維新の志士"),
    ("energy", "NASA photographs a solar eclipse"),
    ("ai-chips", "Thai aid said to be late"),
    ("ai-chips", "KAWAII文化"),
]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return compile_topics(shipped_topics())


@pytest.mark.parametrize(("topic", "title"), TAGGED)
def test_a_headline_gets_its_topic(rules: Rules, topic: str, title: str):
    assert topic in {match.topic for match in rules.match(title, "")}


@pytest.mark.parametrize(("topic", "title"), NOT_TAGGED)
def test_a_trap_does_not_get_the_topic(rules: Rules, topic: str, title: str):
    assert topic not in {match.topic for match in rules.match(title, "")}


def test_every_topic_has_a_name_in_both_languages_and_labelled_lines():
    assert {path.stem for path in LABELS} == {topic.id for topic in shipped_topics()}


def labelled(path: Path) -> list[tuple[str, str, str]]:
    """Read (label, title, summary) of a topic's lines."""
    wanted: dict[str, dict[str, str]] = {}
    for line in path.read_text().splitlines():
        label, stream, identity = line.split("\t")
        wanted.setdefault(stream, {})[identity] = label
    found = []
    for stream, labels in wanted.items():
        for line in (STREAMS / stream).read_text().splitlines():
            row = json.loads(line)
            raw = f"{row['url'] or ''}\n{row['title']}".encode()
            if label := labels.pop(hashlib.blake2b(raw, digest_size=8).hexdigest(), ""):
                found.append((label, row["title"], row["summary"]))
        assert not labels, f"lines that {stream} does not hold"
    return found


@pytest.mark.skipif(not STREAMS.is_dir(), reason="the shared headline streams are not here")
@pytest.mark.parametrize("path", LABELS, ids=lambda path: path.stem)
def test_labelled_lines_get_their_topics(rules: Rules, path: Path):
    counts: Counter[tuple[str, bool]] = Counter()
    for label, title, summary in labelled(path):
        counts[label, path.stem in {match.topic for match in rules.match(title, summary)}] += 1
    right, wrong, missed = counts["yes", True], counts["no", True], counts["yes", False]
    assert right + wrong >= 60
    assert right / (right + wrong) >= 0.90
    assert right / (right + missed) >= 0.85
