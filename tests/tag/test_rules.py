import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.topic import Evidence, Near, Topic
from aggregator.tag.rules import compile_topics
from aggregator.tag.terms import TermError
from tests.tag.build import Written, topic

US: list[Written] = ["米国", "トランプ", {"kanji": "米"}, {"case": "US"}, "U.S.", "Trump"]
RUSSIA: list[Written] = [
    "ロシア",
    "プーチン",
    {"kanji": "露"},
    "米ロ",
    "米露",
    "Russia",
    {"stem": "росси"},
]
US_RUSSIA = topic(US, RUSSIA, id="us-russia", weights={"会談": 1, "W杯": -4})


def tags(of: Topic, title: str, summary: str = "") -> bool:
    return bool(compile_topics([of]).match(title, summary))


@pytest.mark.parametrize(
    "title",
    [
        "米ロ首脳が電話会談",
        "トランプ氏、プーチン氏と会談へ",
        "US says Russia jammed GPS",
        "米露が協議",
        "США и Россия: US, россияне",
    ],
)
def test_both_lists_near_each_other_make_the_topic(title: str):
    assert tags(US_RUSSIA, title)


@pytest.mark.parametrize(
    "title",
    [
        "米ロス近郊で山火事",
        "米価の高騰、背景が露呈",
        "米国の新作を披露",
        "トランプ氏が演説",
        "Let us visit Russia",
    ],
)
def test_a_trap_does_not_make_the_topic(title: str):
    assert not tags(US_RUSSIA, title)


@pytest.mark.parametrize(
    ("written", "title", "hit"),
    [
        ("停戦", "無期限停戦に合意", True),
        ("斎藤", "齋藤氏が会見", True),
        ("ＡＩ", "AIの時代", True),
        ("AI", "生成AIが普及", True),
        ("AI", "Thailand's aid said", False),
        ("truce", "Truce holds", True),
        ("truce", "spruce truces", False),
        ("F-16", "F-16を供与", True),
        ("F-16", "F-160", False),
        ("путин", "Путин заявил", True),
        ("путин", "распутин", False),
        ("우크라이나", "우크라이나가", True),
        ({"case": "US"}, "US envoy", True),
        ({"case": "US"}, "ＵＳ envoy", True),
        ({"case": "US"}, "tell us more", False),
        ({"case": "US"}, "USB port", False),
        ({"stem": "ukrain"}, "Ukrainians flee", True),
        ({"stem": "ukrain"}, "Proukrainian", False),
        ({"kanji": "米"}, "訪米", True),
        ({"kanji": "米"}, "新米", False),
        ({"regex": "f-?16"}, "Ｆ16供与", True),
        ("Japan's ruling", "Japan’s ruling bloc", True),
        ({"case": "Japan’s Diet"}, "Japan's Diet passes bill", True),
        ({"regex": "japan's"}, "in Japan’s Diet", True),
        ({"regex": "(?:^|[^0-9])(円安)"}, "2884円安", False),
        ({"regex": "(?:^|[^0-9])(円安)"}, "進む円安", True),
        ({"regex": "a*"}, "bbb", False),
    ],
)
def test_terms_match_as_they_are_written(written: Written, title: str, hit: bool):
    assert tags(topic([written]), title) is hit


def test_evidence_points_into_the_original_text():
    title = "【速報】㈱ﾄﾗﾝﾌﾟ 　ＴＲＵＭＰ氏がﾛｼｱへ"
    (match,) = compile_topics([topic(["トランプ"], ["ロシア"])]).match(title, "")
    assert [(title[hit.start : hit.end], hit.list, hit.points) for hit in match.evidence] == [
        ("ﾄﾗﾝﾌﾟ", 0, 2.0),
        ("ﾛｼｱ", 1, 2.0),
    ]


def test_a_hit_inside_one_character_is_that_character():
    (match,) = compile_topics([topic(["株"])]).match("㈱甲", "")
    assert (match.evidence[0].start, match.evidence[0].end) == (0, 1)


def test_a_group_of_an_expression_is_the_hit():
    (match,) = compile_topics([topic([{"regex": "[^0-9](円安)"}])]).match("進む円安", "")
    assert match.evidence == (
        Evidence(list=0, term="[^0-9](円安)", field="title", start=2, end=4, points=2.0),
    )


def test_a_summary_counts_half_a_title():
    assert not tags(topic(["停戦"]), "題", "停戦に合意")
    assert tags(topic(["停戦"], ["合意"]), "題", "停戦に合意")
    (match,) = compile_topics([topic(["停戦"], ["合意"])]).match("停戦へ", "停戦に合意")
    assert match.score == 3


def test_each_list_counts_once_and_the_longest_hit_speaks():
    (match,) = compile_topics([topic(["停戦", "停戦合意"])]).match("停戦合意、停戦発効", "")
    assert match.score == 2
    assert [hit.term for hit in match.evidence] == ["停戦合意"]


def test_overlapping_terms_of_two_topics_are_both_seen():
    rules = compile_topics([topic(["停戦合意"], id="a"), topic(["合意文書"], id="b")])
    assert [match.topic for match in rules.match("停戦合意文書", "")] == ["a", "b"]


def test_two_topics_may_share_a_list():
    rules = compile_topics([topic(["停戦"], ["合意"], id="a"), topic(["停戦"], ["協議"], id="b")])
    assert [match.topic for match in rules.match("停戦協議で合意", "")] == ["a", "b"]


def test_weights_add_and_take_away():
    assert not tags(US_RUSSIA, "W杯で米国とロシアが対戦")
    (match,) = compile_topics([US_RUSSIA]).match("米国とロシアが会談", "")
    assert match.score == 5
    assert match.evidence[-1].list is None


def test_a_veto_keeps_the_topic_away():
    veto = topic(["停戦"], never=("停戦ライン遺跡",))
    assert not tags(veto, "停戦ライン遺跡を発掘")
    assert tags(veto, "停戦ラインを巡回")


FAR = "停戦" + "あ" * 41 + "合意"


def test_lists_must_hit_near_each_other():
    assert tags(topic(["停戦"], ["合意"]), FAR[:2] + FAR[3:])
    assert not tags(topic(["停戦"], ["合意"]), FAR)
    assert tags(topic(["停戦"], ["合意"], near=41), FAR)
    assert tags(topic(["停戦"], ["合意"], near=Near.ANYWHERE), FAR)
    assert tags(topic(["停戦"], ["合意"], near=Near.TITLE), FAR)
    assert not tags(topic(["停戦"], ["合意"], near=Near.TITLE), "停戦", "合意")
    assert not tags(topic(["停戦"], ["合意"]), "停戦", "合意")
    assert tags(topic(["停戦"], ["合意"]), FAR + "。停戦")


def test_in_spaced_scripts_nearness_is_counted_in_words():
    pair = topic(["truce"], ["deal"])
    assert tags(pair, "truce " + "longword " * 12 + "deal")
    assert not tags(pair, "truce " + "a " * 13 + "deal")
    assert tags(pair, "truce deal truce")


def test_three_lists_share_one_window():
    three = topic(["甲"], ["乙"], ["丙"], near=5)
    assert tags(three, "甲甲甲ああああ乙丙")
    assert not tags(three, "甲あああ乙ああああ丙")


def test_what_is_examined_tells_hits_and_what_is_missing():
    rules = compile_topics(
        [US_RUSSIA, topic(["台風"], id="typhoon"), topic(["停戦"], never=("遺跡",), id="v")]
    )
    (examined,) = rules.examine("トランプ氏が演説", "")
    assert (examined.matched, examined.unmet, examined.reason) == (False, (1,), "no hit in list 2")
    assert [hit.term for hit in examined.hits] == ["トランプ"]
    assert examined.is_near_miss
    (weighed,) = rules.examine("W杯の開幕", "")
    assert not weighed.is_near_miss
    assert [one.topic for one in rules.examine("台風でトランプ氏が演説", "")] == [
        "typhoon",
        "us-russia",
    ]
    assert rules.examine("停戦の遺跡", "")[0].reason == "vetoed by 遺跡"
    assert (
        rules.examine("W杯で米国とロシアが対戦", "")[0].reason == "0 of the 2 points that it takes"
    )
    assert rules.examine("米国" + "あ" * 60 + "ロシア", "")[0].reason == (
        "the lists hit too far apart (near: 40 characters)"
    )
    (title_only,) = compile_topics([topic(["甲"], ["乙"], near=Near.TITLE)]).examine("甲", "乙")
    assert title_only.reason == "the lists hit too far apart (near: title)"
    (typhoon,) = rules.examine("台風", "")
    assert typhoon.reason == "all lists hit near each other"
    assert not typhoon.is_near_miss


@pytest.mark.parametrize("written", [" ", {"regex": "("}, {"regex": "(?=a)"}])
def test_a_term_that_cannot_be_used_is_refused(written: Written):
    with pytest.raises(TermError):
        compile_topics([topic([written])])


def test_no_topics_make_no_tags():
    assert compile_topics([]).match("米ロ首脳", "会談") == ()


_ALPHABET = string.ascii_letters + "米露ロウ国トランプロシア会談 　。㈱ﾄﾞ\u3099\u0301ﬀ¨İ"


ANY = compile_topics(
    [topic([{"case": "US"}, "a", "米国", "ロシア", {"regex": "[a-f]+"}], threshold=1)]
)


@given(st.text(alphabet=_ALPHABET, max_size=40), st.text(alphabet=_ALPHABET, max_size=40))
def test_evidence_always_lies_inside_the_text(title: str, summary: str):
    for match in ANY.match(title, summary):
        for hit in match.evidence:
            text = title if hit.field == "title" else summary
            assert 0 <= hit.start < hit.end <= len(text)


_WORDS = [
    "停戦",
    "停戦合意",
    "合意",
    "米ロ",
    "米",
    "truce",
    "deal",
    "a truce",
    "US",
    "円安",
    "会談",
]
_TERMS = st.lists(
    st.one_of(
        st.sampled_from(_WORDS),
        st.sampled_from([*_WORDS[5:], "us", "tru"]).map(lambda word: {"stem": word}),
        st.just({"case": "US"}),
        st.sampled_from(["米", "a"]).map(lambda sign: {"kanji": sign}),
    ),
    min_size=1,
    max_size=4,
)
_TOPIC = st.builds(
    lambda lists, never, weights, near: topic(
        *lists, never=tuple(never), weights=weights, near=near, threshold=1
    ),
    st.lists(_TERMS, min_size=1, max_size=3),
    st.lists(st.sampled_from(_WORDS), max_size=1),
    st.dictionaries(st.sampled_from(_WORDS), st.sampled_from([-2.0, 1.0]), max_size=2),
    st.sampled_from([2, 40, Near.TITLE, Near.ANYWHERE]),
)
_TEXT = st.lists(st.sampled_from([*_WORDS, "軍", " and ", " ", "あ" * 5, "us"]), max_size=12).map(
    "".join
)


@given(st.lists(_TOPIC, max_size=12), _TEXT, _TEXT)
def test_a_topic_among_many_is_what_it_is_alone(topics: list[Topic], title: str, summary: str):
    def told(of: list[Topic]) -> list[object]:
        # Of two spellings of one word at one place, which one is named depends on all topics.
        return [
            (match.score, [replace(hit, term="") for hit in match.evidence])
            for match in compile_topics(of).match(title, summary)
        ]

    assert told(topics) == [match for one in topics for match in told([one])]


@given(_TOPIC, _TEXT, _TEXT)
def test_a_topic_matches_where_its_examination_says_so(of: Topic, title: str, summary: str):
    rules = compile_topics([of])
    matches = [(one.score, one.evidence) for one in rules.match(title, summary)]
    examined = [(one.score, one.hits) for one in rules.examine(title, summary) if one.matched]
    assert matches == examined
