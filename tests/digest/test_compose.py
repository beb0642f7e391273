"""Composition: what comes first, what is told together, what is left out."""

from dataclasses import replace

from aggregator.digest.compose import compose, current_news
from aggregator.digest.timeline import background, explaining
from aggregator.model.digest import Digest
from aggregator.model.identifiers import SourceId, StoryId, TopicId
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.model.story import Decision, Layer, Placement
from tests.digest.build import HOUR, NOW, TOPIC, context, issue, report, story

CALL = "トランプ米大統領とプーチン露大統領は18日、電話会談を行った。30日間の停戦で合意した。"


def digest_of(*files: StoryFile, earlier: tuple[StoryFile, ...] = (), **changes: object) -> Digest:
    about, ctx = issue(**changes), context()
    return compose(current_news(files, about, ctx), earlier, about, ctx)


def wide(title: str, outlets: int, **more: object) -> StoryFile:
    return story(*(report(f"{title}{n}報", source=f"{title}{n}", **more) for n in range(outlets)))  # type: ignore[arg-type]  # whatever the test names


def test_a_digest_says_what_it_is_about_what_changed_and_who_reports():
    file = story(
        report("米ロ首脳が電話会談", CALL, at=NOW - 3 * HOUR),
        report("【速報】米ロ電話会談", source="jiji", at=NOW - 2 * HOUR),
    )
    digest = digest_of(file)
    assert digest.title == "米ロ関係：米ロ首脳が電話会談（2025年3月19日(水)）"
    assert digest.changed == "前回（3月18日 07:00）以降：新しい出来事1件（2社2本）"
    (section,) = digest.sections
    assert (section.published, section.updated) == (NOW - 3 * HOUR, NOW - 2 * HOUR)
    assert [(r.outlet, r.title) for r in section.readings] == [
        ("mainichi", "米ロ首脳が電話会談"),
        ("jiji", "【速報】米ロ電話会談"),
    ]
    assert section.points
    assert digest.top == (("米ロ首脳が電話会談", 2, file.lead.entry.url),)


def test_a_bank_rate_article_does_not_stand_under_reactions_to_a_leaders_call():
    call = report("米ロ首脳が電話会談", CALL, at=NOW - 3 * HOUR)
    rate = report(
        "日銀が政策金利を据え置き", "日本銀行は19日、金利を据え置いた。", source="jiji", topic=False
    )
    mentions = report(
        "英中銀、金利を据え置き",
        "イングランド銀行は20日、政策金利を据え置いた。" + "市場は落ち着いている。" * 20 + "米ロの電話会談も注視された。",
        source="nikkei",
        evidence="far down",
    )  # fmt: skip
    grouped = story(call, rate)  # grouping put it there
    alone = story(mentions)  # tagged for a word far down
    inherited = story(report("株価が反落", source="bbc", by="story"))
    digest = digest_of(grouped, alone, inherited)
    (section,) = digest.sections
    assert section.headline == "米ロ首脳が電話会談"
    assert [reading.outlet for reading in section.readings] == ["mainichi"]
    assert section.sources == (SourceId("mainichi"),)


def test_a_story_whose_lead_strayed_is_told_by_those_on_the_topic():
    stray = report("ホワイトハウス前で抗議行動", source="a", topic=False)
    one, two = (report(f"米ロ首脳が会談、停戦を協議{n}", source=n) for n in "bc")
    (section,) = digest_of(story(stray, one, two)).sections
    assert section.headline.startswith("米ロ首脳が会談")
    assert {reading.outlet for reading in section.readings} == {"b", "c"}


def test_the_most_widely_reported_comes_first_and_corrections_before_all():
    small = story(report("露大使が会見"))
    large = wide("経済制裁の行方", 5)
    wrong = story(report("【訂正】負傷者数の記事", source="jiji", at=NOW - 2 * HOUR))
    digest = digest_of(small, large, wrong)
    assert [s.headline for s in digest.sections] == [
        "【訂正】負傷者数の記事",
        "経済制裁の行方0報",
        "露大使が会見",
    ]
    assert digest.sections[0].correction == "jiji「【訂正】負傷者数の記事」（3月19日 05:00）"
    assert digest.title.startswith("米ロ関係：経済制裁の行方0報")


def test_bulletins_comment_and_what_the_reader_cannot_read_come_last():
    foreign = story(report("Los líderes hablan por teléfono de la paz", language="es", source="a"))
    column = story(report("社説：停戦の条件を考える", source="b"))
    plain = story(report("外相が会見", source="c"))
    assert [s.headline for s in digest_of(foreign, column, plain).sections] == [
        "外相が会見",
        "社説：停戦の条件を考える",
        "Los líderes hablan por teléfono de la paz",
    ]


def test_related_stories_are_folded_under_one_section_and_nothing_is_told_twice():
    large = wide("米ロ首脳が停戦を電話で協議", 3)
    alike = story(report("米ロ首脳が停戦を電話で協議、30日間で合意", source="z"))
    other = story(report("露外相が中国を訪問", source="y"))
    digest = digest_of(large, alike, other)
    assert len(digest.sections) == 2
    assert len(digest.sections[0].readings) == 4
    urls = [r.url for s in digest.sections for r in s.readings]
    assert len(urls) == len(set(urls))


def test_what_came_before_or_after_the_span_is_not_in_it():
    old = report("米ロ首脳が電話会談", CALL, at=NOW - 40 * HOUR)
    late = report("米ロ、次の会談へ", source="late", at=NOW + HOUR)
    follow = report(
        "米ロ首脳の電話会談で声明",
        "ホワイトハウスは18日、声明で停戦合意を発表した。",
        source="jiji",
    )
    digest = digest_of(story(old, follow, late), story(late), story(old))
    (section,) = digest.sections
    assert digest.changed == "前回（3月18日 07:00）以降：続報1件（1社1本）"
    assert section.headline == "米ロ首脳の電話会談で声明"  # and not what the last edition said
    assert [reading.outlet for reading in section.readings] == ["jiji", "mainichi"]
    assert {point.outlet for point in section.points} == {"jiji"}  # what was told is not told again


def test_what_a_first_poll_brings_of_old_is_not_news():
    old = report("昔の記事", published=NOW - 90 * HOUR, first_poll=True)
    assert digest_of(story(old)).sections == ()


def test_without_news_it_says_so_plainly():
    digest = digest_of()
    assert digest.title == "米ロ関係（2025年3月19日(水)）"
    assert digest.changed == "前回（3月18日 07:00）以降：新しい報道はありませんでした。"
    assert (digest.sections, digest.background, digest.top) == ((), (), ())


def test_what_is_too_much_is_counted():
    files = [
        story(report(f"{chr(0x4E00 + n * 7)}{chr(0x5000 + n * 9)}の件", source=f"s{n}"))
        for n in range(15)
    ]
    digest = digest_of(*files)
    assert len(digest.sections) == 8  # one outlet each
    assert digest.changed.endswith(
        "新しい出来事15件（15社15本）。ほかに7件の出来事が報じられています。"
    )
    twice = [wide(f"{chr(0x4E00 + n * 7)}{chr(0x5000 + n * 9)}の件", 2) for n in range(15)]
    assert len(digest_of(*twice).sections) == 12


def test_a_report_without_an_address_is_still_named():
    (section,) = digest_of(story(report("米ロ首脳が電話会談", url=None))).sections
    assert [(r.outlet, r.url) for r in section.readings] == [("mainichi", "")]


def test_the_name_that_an_intermediary_puts_behind_a_headline_is_left_out():
    ctx = context("en")
    about = issue(name="US-Russia")
    for title in ("Leaders speak by phone - Reuters", "Leaders speak by phone - jp.reuters.com"):
        file = story(report(title, language="en"))
        digest = compose(current_news([file], about, ctx), (), about, ctx)
        assert digest.sections[0].headline == "Leaders speak by phone"
    file = story(report("Leaders speak by phone - Trade", source="trade news", language="en"))
    digest = compose(current_news([file], about, ctx), (), about, ctx)
    assert digest.sections[0].headline == "Leaders speak by phone"
    kept = story(report("Leaders speak - a first in years", language="en"))
    assert (
        compose(current_news([kept], about, ctx), (), about, ctx).sections[0].headline
        == kept.story.title
    )


def test_in_english_it_says_the_same():
    about = issue(name="US-Russia relations", follows=False)
    ctx = context("en")
    file = story(report("Leaders speak by phone", language="en"))
    digest = compose(current_news([file], about, ctx), (), about, ctx)
    assert digest.title == "US-Russia relations: Leaders speak by phone (19 March 2025)"
    assert digest.changed == "Since 18 March, 07:00: 1 new story (1 report from 1 outlet)."
    empty = compose((), (), about, ctx)
    assert empty.changed == "Since 18 March, 07:00: no new reports."


def test_a_digest_of_an_output_is_in_sections_by_topic():
    other = TopicId("ceasefire")
    filed = report("停戦監視団を派遣")
    match = replace(filed.topics[0], topic=other)
    about = issue(
        topics=(other, TOPIC), topic_names={other: "停戦", TOPIC: "米ロ関係"}, by_topic=True
    )
    ctx = context()
    files = [wide("米ロ会談", 4), story(replace(filed, topics=(match,)))]
    digest = compose(current_news(files, about, ctx), (), about, ctx)
    assert [s.topic for s in digest.sections] == ["停戦", "米ロ関係"]


def test_the_background_explains_and_repeats_nothing():
    now = story(report("米ロ首脳が停戦を電話協議", source="a")).story
    then = [
        story(report("米ロ首脳が電話協議を準備", source="b", at=NOW - 90 * HOUR)),
        story(report("米ロ首脳が電話協議を準備へ", source="c", at=NOW - 89 * HOUR)),
        story(report("ウクライナ、停戦案を受け入れ", source="d", at=NOW - 150 * HOUR)),
        story(report("日銀が金利を据え置き", source="e", at=NOW - 100 * HOUR)),
    ]
    chosen = explaining([file.story for file in then], [now, then[0].story], "ja")
    assert now.id not in {one.id for one in chosen}
    linked = replace(now, saga=then[3].story.id)  # it shares no word
    assert then[3].story.id in {s.id for s in explaining([f.story for f in then], [linked], "ja")}
    found = explaining([file.story for file in then], [now], "ja")
    assert then[3].story.id not in {one.id for one in found}
    assert len({then[0].story.id, then[1].story.id} & {one.id for one in found}) == 1
    assert [one.first_seen_at for one in found] == sorted(one.first_seen_at for one in found)
    lines = background([then[2], then[0]], context())
    assert [line.headline for line in lines] == [
        "ウクライナ、停戦案を受け入れ",
        "米ロ首脳が電話協議を準備",
    ]
    assert lines[0].at == NOW - 150 * HOUR


def test_a_digest_of_500_stories_keeps_to_its_length():
    files = [
        story(
            *(
                report(f"米ロ{chr(0x4E00 + n * 5)}{chr(0x6000 + n * 3)}協議 第{n}回", CALL + f"第{n}回の協議は{m}日続く。", source=f"s{m}")
                for m in range(n % 6 + 1)
            )
        )
        for n in range(500)
    ]  # fmt: skip
    digest = digest_of(*files)
    assert len(digest.sections) == 12


def test_the_same_stories_make_the_same_digest_in_any_order():
    files = [
        wide(title, n % 4 + 1)
        for n, title in enumerate(["会談", "制裁", "停戦", "外相", "大使", "協議"])
    ]
    assert digest_of(*files) == digest_of(*reversed(files))


def scored(filed: FiledEntry, other: StoryFile, score: float) -> FiledEntry:
    """Return a report that grouping found near another story, without joining it."""
    decision = Decision(
        layer=Layer.FIRST, threshold=0.33, runner_up=other.story.id, runner_up_score=score
    )
    placement = Placement(entry=filed.entry.id, story=StoryId("own"), decision=decision)
    return replace(filed, placement=placement)


def test_reports_of_one_event_in_two_languages_make_one_section_in_the_readers_language():
    said = "President Adams and President Berg spoke by phone for two hours on Tuesday about a ceasefire, the White House said."
    english = story(
        report("Presidents speak by phone for two hours", said, source="wire", language="en"),
        report("Leaders hold long call about ceasefire", source="post", language="en"),
        report("Two presidents talk on the phone", source="times", language="en"),
    )
    japanese = story(scored(report("米ロ首脳が2時間の電話会談", CALL), english, 0.2))
    (section,) = digest_of(english, japanese).sections
    assert section.headline == "米ロ首脳が2時間の電話会談"
    assert {reading.outlet for reading in section.readings} == {"mainichi", "wire", "post", "times"}
    assert section.points[0].text.startswith("トランプ米大統領")
    bare = story(scored(report("米ロ首脳が2時間の電話会談"), english, 0.2))
    (section,) = digest_of(english, bare).sections  # the Japanese report is a headline alone
    assert [point.text for point in section.points] == [said]
    apart = story(scored(report("米ロ首脳が2時間の電話会談", CALL), english, 0.1))
    assert len(digest_of(english, apart).sections) == 2


def test_near_stories_in_one_language_are_told_together_where_their_headlines_agree_too():
    large = wide("ロシア軍がキーウを攻撃、17人死亡", 3)
    alike = story(scored(report("キーウ攻撃で15人死亡", source="z"), large, 0.3))
    other = story(scored(report("北方領土で演習を通告", source="y"), large, 0.3))
    unlinked = [wide(f"{name}の件", 1) for name in ("制裁", "大使", "協議", "穀物", "原発", "選挙")]
    digest = digest_of(large, alike, other, *unlinked)
    assert "キーウ攻撃で15人死亡" not in [s.headline for s in digest.sections]
    assert "北方領土で演習を通告" in [s.headline for s in digest.sections]


def test_what_is_all_but_the_same_as_a_folded_story_is_told_with_it():
    large = wide("米ロ首脳が停戦を電話で協議", 3)
    folded = story(scored(report("大統領、成果を強調", source="z"), large, 0.3))
    digest = digest_of(large, folded)
    assert len(digest.sections) == 2  # the headlines do not agree
    near = story(scored(report("米ロ首脳、電話で停戦の成果を強調", source="z"), large, 0.4))
    same = story(scored(report("成果を強調 米ロ首脳、電話で", source="y"), near, 0.6))
    assert len(digest_of(large, near, same).sections) == 1


def test_a_video_or_a_time_behind_it_does_not_make_a_headline():
    ctx, about = context("en"), issue(name="US-Russia")
    video = report("Watch Leaders Speak by Phone", language="en")
    plain = report("Leaders speak by phone", source="wire", language="en")
    assert compose(current_news([story(video, plain)], about, ctx), (), about, ctx).sections[
        0
    ].headline == ("Leaders speak by phone")
    stamped = story(report("ゼレンスキー氏、ロシアを非難8月5日 06:02"))
    paid = story(report("米ロ首脳が会談、停戦を協議4:00有料#国際"))
    assert {s.headline for s in digest_of(stamped, paid).sections} == {
        "ゼレンスキー氏、ロシアを非難",
        "米ロ首脳が会談、停戦を協議",
    }


def test_a_story_that_goes_on_is_headed_in_the_readers_language_where_it_can_be():
    old = report("米ロ首脳が電話会談", at=NOW - 40 * HOUR)
    foreign = report("Leaders' call: Kremlin reacts", source="wire", language="en")
    (section,) = digest_of(story(old, foreign)).sections
    assert section.headline == "米ロ首脳が電話会談"


def test_the_background_is_told_by_what_happened_and_spreads_over_what_matters():
    now = story(report("米ロ首脳が停戦を電話協議")).story
    asks = story(report("なぜ米ロ首脳は停戦を電話協議するのか", at=NOW - 90 * HOUR))
    tells = story(report("米ロ首脳の停戦電話協議を準備", at=NOW - 90 * HOUR))
    passing = story(report("停戦の日に花火", at=NOW - 60 * HOUR), related=(now.id,))
    chosen = explaining([f.story for f in (asks, tells, passing)], [now], "ja", limit=1)
    assert [one.id for one in chosen] == [tells.story.id]
    foreign = story(
        report("Leaders prepare a call", language="en", at=NOW - 50 * HOUR), related=(now.id,)
    )
    found = explaining([f.story for f in (tells, foreign)], [now], "ja")
    assert foreign.story.id in {one.id for one in found}  # no word could agree
    muted = replace(tells.story, muted=True)
    assert explaining([muted], [now], "ja") == ()


def test_a_story_is_headed_by_what_most_of_its_reports_say():
    about, ctx = issue(name="US-Russia"), context("en")
    old = report("Leaders plan a phone call", language="en", at=NOW - 40 * HOUR)
    said = ("Leaders agree on thirty-day truce", "Leaders agree on truce after long call")
    reports = [report(title, source=f"s{n}", language="en") for n, title in enumerate(said)]
    stray = [report("Grain exports halt", source=f"g{n}", language="en") for n in range(3)]
    brief = report("Leaders Call, Shares Fall, More", source="b", language="en")
    digest = compose(
        current_news([story(old, *reports, *stray, brief)], about, ctx), (), about, ctx
    )
    assert digest.sections[0].headline in said
    only = story(old, report("Watch Leaders Speak by Phone", source="tv", language="en"))
    digest = compose(current_news([only], about, ctx), (), about, ctx)
    assert digest.sections[0].headline == old.entry.title
