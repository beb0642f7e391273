"""`topics test` as a person meets it."""

from pathlib import Path

import pytest

from tests.cli.test_app import call

TOPICS = """
topics:
  - id: us-russia
    all: [[米国, {stem: trump}], [ロシア, Russia, プーチン, Putin, クレムリン, Kremlin, モスクワ]]
    weights: {W杯: -4}
  - {id: quake, all: [[地震, 津波]], weights: {米国: -1}}
"""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "topics.yaml").write_text(TOPICS)
    return tmp_path


def test_a_headline_is_told_its_topics_its_near_misses_and_what_they_lack(room: Path):
    told = call("topics", "test", "Trump's words on 地震", cwd=room).stdout
    assert told.splitlines() == [
        "yes quake: 2 points, it takes 2",
        "      list 1: 地震 in the title (+2)",
        "no  us-russia: no hit in list 2",
        "      list 1: Trump in the title (+2)",
        "      list 2: none of ロシア, Russia, プーチン, Putin, クレムリン, Kremlin ... 7 terms",
    ]


def test_a_topic_of_which_only_a_weight_stands_in_a_headline_is_no_near_miss(room: Path):
    told = call("topics", "test", "W杯で米国とロシアが対戦", cwd=room).stdout
    assert "no  us-russia: 0 of the 2 points that it takes" in told
    assert "weight: W杯 in the title (-4)" in told
    assert "quake" not in told
