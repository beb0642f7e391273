from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.cluster.options import ClusterOptions
from aggregator.cluster.window import Window, WindowInput
from aggregator.model.entry import Entry
from aggregator.model.identifiers import EntryId, StoryId, story_id
from aggregator.model.query import WindowRow
from aggregator.model.source import Source
from aggregator.model.story import Layer, Placement
from tests.cluster.newsroom import NOW, a_source, an_input, hours

FED = "米FRB、7会合ぶりに政策金利引き下げ 2人が現状維持を求め反対"
FED_TOO = "アメリカFRB、7会合ぶりに政策金利引き下げ 2人が現状維持求めて反対"
PERU = "チリで元教師のマリア・ロドリゲス大統領が就任 財政難のなか始動"
PERU_TOO = "ロドリゲス氏、チリ大統領就任 教育改革を柱に、年内の来日に前向き"
OTHERS = (
    "北海道・根室の水産倉庫で火事、冷凍庫から出火か 従業員は無事",
    "金融庁、地方銀行に業務改善命令 顧客情報の持ち出しで",
    "市町村の3割で図書館の開館日が減少 全国調査、昨年度",
    "小型衛星6基、種子島から来春に打ち上げへ",
    "レタスの卸値、前年より4割高 夏の雨不足が響く",
    "長野・飯山市 高校生が「雪の学校」で講師に 雪国の暮らし伝える",
    "深海の新種に「ミカヅキ」 大学の研究班、発光の形から命名",
    "川の氾濫訴訟、国と県に1.2億円の支払い命令 仙台地裁判決",
)


@pytest.fixture
def window() -> Window:
    window = Window(ClusterOptions())
    for number, title in enumerate(OTHERS):
        window.assign(an_input(f"other{number}", title, outlet="産経新聞"), NOW)
    return window


def test_two_reports_of_one_event_are_one_story_named_after_the_first(window):
    first = window.assign(an_input("a", FED, outlet="朝日新聞"), NOW)
    second = window.assign(an_input("b", FED_TOO, outlet="フジテレビ"), NOW)
    assert first.story == second.story == story_id(EntryId("a"))
    assert (first.decision.layer, second.decision.layer) == (Layer.FIRST, Layer.STORY)
    assert second.copy_of is None
    assert second.decision.neighbours[0].entry == "a"
    assert second.decision.score >= second.decision.threshold


def test_two_events_are_two_stories(window):
    stories = {window.assign(an_input(str(i), t), NOW).story for i, t in enumerate((FED, PERU))}
    assert len(stories) == 2
    assert len(window) == len(OTHERS) + 2


def test_order_within_a_batch_changes_nothing(window):
    titles = {"a": FED, "b": FED_TOO, "c": PERU, "d": PERU_TOO}
    found = set()
    for order in permutations(titles):
        fresh = Window(ClusterOptions())
        for number, title in enumerate(OTHERS):
            fresh.assign(an_input(f"other{number}", title, outlet="産経新聞"), NOW)
        items = [an_input(i, titles[i], outlet=f"社{i}") for i in order]
        places = fresh.assign_batch(items, NOW)
        groups: dict[StoryId, set[str]] = {}
        for place in places:
            groups.setdefault(place.story, set()).add(place.entry)
        found.add(frozenset(frozenset(group) for group in groups.values()))
    assert found == {frozenset({frozenset("ab"), frozenset("cd")})}


def test_a_batch_joins_stories_that_stand(window):
    window.assign(an_input("a", FED, outlet="朝日新聞"), NOW)
    places = window.assign_batch(
        [
            an_input("b", FED_TOO, outlet="フジテレビ"),
            an_input(
                "c", "米FRB 7会合ぶりに金利引き下げを決定 2人は現状維持求め反対", outlet="TBS"
            ),
        ],
        NOW,
    )
    assert {p.story for p in places} == {story_id(EntryId("a"))}


def test_the_same_address_makes_a_copy_even_with_another_headline(window):
    url = "https://x.example/1"
    first = window.assign(an_input("a", FED, url=url), NOW)
    second = window.assign(an_input("b", "政策金利下げ 反対も", url=url, outlet="朝日新聞"), NOW)
    third = window.assign(an_input("c", "米FRB、景気に配慮", url=url, outlet="NHK"), NOW)
    foreign = window.assign(an_input("d", "Rates are cut", url=url, outlet="BBC"), NOW)
    wordless = window.assign(an_input("e", "🙂", url=url, outlet="CNN"), NOW)
    assert (second.story, second.copy_of, second.decision.layer) == (first.story, "a", Layer.URL)
    assert third.copy_of == "a"  # of the original, not of the copy
    assert (foreign.copy_of, wordless.copy_of) == ("a", "a")  # their words tell nothing
    assert not second.independent


def test_an_address_that_is_used_again_for_another_event_is_judged_by_the_words(window):
    url = "https://x.example/1"
    window.assign(an_input("a", FED, url=url), NOW)
    peru = window.assign(an_input("b", PERU, outlet="NHK"), NOW)
    again = window.assign(an_input("c", PERU_TOO, url=url), NOW)
    assert (again.copy_of, again.story) == (None, peru.story)


def test_an_address_is_known_while_any_entry_with_it_is_live(window):
    url = "https://x.example/1"
    for id_, days in (("a", 0), ("b", 10), ("c", 11)):
        at = NOW + timedelta(days=days)
        window.assign(an_input(id_, f"{FED} {id_}", url=url, outlet=id_, at=at), at)
    window.forget([EntryId("c")])
    late = NOW + timedelta(days=15)
    again = window.assign(an_input("d", FED_TOO, url=url, at=late), late)
    assert (again.copy_of, again.decision.layer) == ("b", Layer.URL)
    window.forget([EntryId("b"), EntryId("d")])
    alone = window.assign(an_input("e", FED_TOO, url=url, at=late), late)
    assert alone.copy_of is None


def test_an_outlet_that_gives_all_entries_one_address_is_not_folded(window):
    places = [
        window.assign(an_input(str(i), title, outlet="同じ社", url="https://x.example/"), NOW)
        for i, title in enumerate((*OTHERS[:4], FED))
    ]
    assert places[-1].copy_of is None
    assert places[-1].story != places[0].story


def test_an_address_with_four_headlines_is_no_key_even_where_they_are_alike(window):
    places = [
        window.assign(an_input(word, f"{FED} {word}", url="https://x.example/"), NOW)
        for word in ("影響", "家計", "市場", "企業", "海外")
    ]
    assert [place.copy_of for place in places] == [None, "影響", "影響", "影響", None]


def test_the_same_outlet_and_headline_within_two_days_is_a_copy(window):
    window.assign(an_input("a", "短い見出し"), NOW)
    again = window.assign(an_input("b", "【速報】短い見出し", at=NOW + hours(47)), NOW + hours(47))
    late = window.assign(an_input("c", "短い見出し", at=NOW + hours(100)), NOW + hours(100))
    assert (again.copy_of, again.decision.layer) == ("a", Layer.TITLE)
    assert late.copy_of is None


def test_wire_copy_is_known_by_its_text(window):
    window.assign(
        an_input("a", "有明地震、孤立集落の救出急ぐ 被害の規模見通せず", outlet="共同通信"), NOW
    )
    same = window.assign(
        an_input("b", "有明地震、孤立集落の救出急ぐ 被害の規模見通せず", outlet="東京新聞"), NOW
    )
    assert (same.copy_of, same.decision.layer, same.independent) == ("a", Layer.TEXT, False)


def test_nearly_the_same_text_is_wire_copy_too(window):
    window.assign(
        an_input("a", "有明地震、孤立集落の救出急ぐ 被害の規模見通せず", outlet="共同通信"), NOW
    )
    near = window.assign(
        an_input("b", "有明地震、孤立集落の救出を急ぐ 被害の規模見通せず", outlet="東京新聞"), NOW
    )
    assert (near.copy_of, near.decision.layer) == ("a", Layer.TEXT)


def test_a_short_headline_is_no_proof_of_wire_copy(window):
    window.assign(an_input("a", "為替相場", outlet="共同通信"), NOW)
    assert window.assign(an_input("b", "為替相場", outlet="東京新聞"), NOW).copy_of is None


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("石川県能登地方で震度4 津波の心配なし", "石川県能登地方で震度3 津波の心配なし"),
        (
            "長野県に熱中症警戒アラート 松本市と飯田市で35度予想",
            "群馬県に熱中症警戒アラート 高崎市と桐生市で38度予想",
        ),
        ("高市首相の一日(18日)", "高市首相の一日(19日)"),
        ("山口県に熱中症警戒アラート 35度予想", "静岡県に熱中症警戒アラート 35度予想"),
    ],
)
def test_bulletins_of_different_events_stay_apart(window, one, two):
    first = window.assign(an_input("a", one, outlet="NHK"), NOW)
    second = window.assign(an_input("b", two, outlet="読売新聞", at=NOW + hours(1)), NOW + hours(1))
    assert first.story != second.story
    assert second.copy_of is None


def test_the_same_bulletin_much_later_is_another_event(window):
    title = "【地震速報】石川県能登地方で震度3 津波の心配なし"
    first = window.assign(an_input("a", title, outlet="NHK"), NOW)
    soon = window.assign(an_input("b", title, outlet="TBS", at=NOW + hours(1)), NOW + hours(1))
    late = window.assign(an_input("c", title, outlet="NHK", at=NOW + hours(40)), NOW + hours(40))
    assert soon.story == first.story
    assert late.story != first.story
    assert "bulletin series" in late.decision.guards
    assert (soon.copy_of, late.copy_of) == (None, None)


def test_an_outlet_that_repeats_a_template_makes_a_series(window):
    places = [
        window.assign(
            an_input(
                str(n),
                f"相場の節目を示す定例便り 第{n}号をお届け",
                outlet="定例社",
                at=NOW + hours(n),
            ),
            NOW + hours(n),
        )
        for n in range(1, 7)
    ]
    assert len({p.story for p in places[-2:]}) == 2
    assert "bulletin series" in places[-1].decision.guards


def test_a_live_page_joins_but_draws_nobody_in(window):
    live = window.assign(an_input("a", "【随時更新】" + FED, outlet="NHK"), NOW)
    report = window.assign(an_input("b", FED_TOO, outlet="フジテレビ"), NOW)
    assert report.story != live.story
    later = window.assign(
        an_input("c", "【随時更新】米FRB、7会合ぶりに政策金利引き下げ 2人が反対", outlet="TBS"), NOW
    )
    assert later.story == report.story


def test_in_one_batch_a_live_page_draws_nobody_in_either(window):
    places = window.assign_batch(
        [
            an_input("a", "【随時更新】" + FED, outlet="NHK"),
            an_input("b", FED_TOO, outlet="フジテレビ"),
        ],
        NOW,
    )
    assert places[0].story != places[1].story


def test_an_analysis_joins_a_report_only_on_strong_evidence_and_draws_no_report_in(window):
    analysis = window.assign(an_input("a", "【解説】" + FED, outlet="NHK"), NOW)
    report = window.assign(an_input("b", FED_TOO, outlet="フジテレビ"), NOW)
    assert report.story != analysis.story
    other = window.assign(an_input("c", "【解説】" + FED + "した", outlet="TBS"), NOW)
    assert other.story == analysis.story  # its own kind


def test_an_analysis_may_join_the_report_that_it_is_very_near_to(window):
    report = window.assign(an_input("a", FED_TOO, outlet="フジテレビ"), NOW)
    near = "【解説】米FRB、7会合ぶりに政策金利引き下げ 2人が反対したのは"
    assert window.assign(an_input("b", near, outlet="TBS"), NOW).story == report.story


def test_an_analysis_kept_out_of_a_near_story_says_why(monkeypatch, window):
    monkeypatch.setattr("aggregator.cluster.batch._EVIDENT", 1.0)
    window.assign(an_input("a", FED_TOO, outlet="フジテレビ"), NOW)
    places = window.assign_batch(
        [an_input("b", "【解説】" + FED, outlet="TBS"), an_input("c", FED + "した", outlet="NHK")],
        NOW,
    )
    assert "analysis, series or round-up" in places[0].decision.guards
    assert "analysis, series or round-up" not in places[1].decision.guards


def test_a_source_that_is_not_to_be_folded_keeps_to_itself(window):
    window.assign(an_input("a", FED, outlet="朝日新聞"), NOW)
    alone = window.assign(an_input("b", FED_TOO, outlet="独立", fold=False), NOW)
    after = window.assign(an_input("c", FED_TOO + "した", outlet="TBS"), NOW)
    assert alone.story == story_id(EntryId("b"))
    assert after.story == story_id(EntryId("a"))
    assert "source not folded" in alone.decision.guards


def test_a_copy_of_an_unfoldable_source_is_no_copy(window):
    window.assign(an_input("a", FED, outlet="独立", fold=False, url="https://x.example/1"), NOW)
    other = window.assign(an_input("b", FED, outlet="朝日新聞", url="https://x.example/1"), NOW)
    own = window.assign(
        an_input("c", FED, outlet="独立", fold=False, url="https://x.example/1"), NOW
    )
    assert other.copy_of is None
    assert own.copy_of == "a"


def test_the_second_report_of_an_agency_is_not_independent(window):
    titles = (
        "[ワシントン 29日 ロイター] - 米FRB、7会合ぶりに政策金利引き下げ 2人が現状維持を求め反対",
        "アメリカFRB、7会合ぶりに政策金利引き下げ 2人が現状維持求めて反対（ロイター）",
    )
    one = window.assign(an_input("a", titles[0], outlet="甲紙"), NOW)
    two = window.assign(an_input("b", titles[1], outlet="乙紙"), NOW)
    assert one.story == two.story
    assert (one.credit, one.independent) == ("ロイター", True)
    assert (two.credit, two.independent) == ("ロイター", False)


def test_a_story_that_has_lasted_a_week_takes_no_more_but_is_followed(window):
    for n in range(150):  # so that the story is not most of what the window knows
        filler = (
            f"{chr(0x4E00 + 7 * n)}{chr(0x5100 + 5 * n)}の{chr(0x6000 + 3 * n)}{chr(0x7000 + n)}"
        )
        window.assign(an_input(f"filler{n}", filler, outlet="産経新聞"), NOW)
    words = "春夏秋冬東西南北上下左右前後内外天地人山川"  # so that no two headlines are the same
    story = None
    for turn in range(17):
        at = NOW + hours(10 * turn)
        title = f"{FED} {words[turn]}"
        place = window.assign(an_input(f"d{turn}", title, outlet=f"社{turn}", at=at), at)
        story = story or place.story
        assert place.story == story
    at = NOW + hours(170)
    after = window.assign(an_input("late", FED + " 続き", outlet="甲紙", at=at), at)
    assert after.story != story
    assert "long-running story" in after.decision.guards
    assert after.decision.runner_up == story


def test_a_near_story_of_yesterday_is_what_this_one_follows():
    window = Window(ClusterOptions(sensitivity="strict"))
    for number, title in enumerate(OTHERS):
        window.assign(an_input(f"other{number}", title, outlet="産経新聞"), NOW)
    first = window.assign(
        an_input(
            "a",
            "スーダン軍の首都撤収は「民兵の解散後」 停戦監視団が見解",
            outlet="朝日新聞",
        ),
        NOW,
    )
    at = NOW + hours(51)
    after = window.assign(
        an_input(
            "b",
            "スーダン首相、首都撤収案を受け入れず 「民兵解散が先」",
            outlet="TBS",
            at=at,
        ),
        at,
    )
    assert after.story != first.story
    assert after.decision.related == (first.story,)
    assert "follows an earlier story" in after.decision.guards


def test_a_japanese_and_an_english_report_come_together(window):
    for number, title in enumerate(
        (
            "Paraguay senators vote out the farm minister",
            "Ferrari EV fetches $40 million at auction",
        )
    ):
        window.assign(an_input(f"en{number}", title, outlet="Reuters"), NOW)
    first = window.assign(
        an_input("a", "Malaysia plans tariff on plastic imports, PM Anwar says", outlet="Reuters"),
        NOW,
    )
    second = window.assign(
        an_input(
            "b", "マレーシア、プラスチック輸入に関税を計画 アンワル首相が表明", outlet="ロイター"
        ),
        NOW,
    )
    third = window.assign(
        an_input("c", "マレーシアで豪雨、2人死亡 クアラルンプール", outlet="ロイター"), NOW
    )
    assert second.story == first.story
    assert third.story != first.story


def test_expiry_lets_old_entries_go(window):
    window.assign(an_input("a", FED, outlet="朝日新聞", url="https://x.example/1"), NOW)
    later = NOW + hours(24 * 15)
    after = window.assign(an_input("b", FED_TOO, outlet="TBS", at=later), later)
    assert after.story == story_id(EntryId("b"))
    assert len(window) == 1


def test_a_withdrawn_entry_is_forgotten(window):
    window.assign(an_input("a", FED, outlet="朝日新聞"), NOW)
    window.forget([EntryId("a"), EntryId("never seen")])
    after = window.assign(an_input("b", FED_TOO, outlet="TBS"), NOW)
    assert after.story == story_id(EntryId("b"))


def test_expiry_passes_over_what_was_withdrawn_and_cuts_what_is_long_gone(monkeypatch):
    monkeypatch.setattr("aggregator.cluster.live._TRIM", 16)
    monkeypatch.setattr("aggregator.cluster.index._TRIM", 16)
    window = Window(ClusterOptions(window=hours(10)))
    for n in range(60):
        at = NOW + hours(n)
        window.assign(an_input(str(n), OTHERS[n % 8][:6] * 2, outlet=f"社{n % 5}", at=at), at)
        window.forget([EntryId(str(n - 3))] if n % 7 == 0 else [])
    assert len(window) <= 11
    at = NOW + hours(80)
    first = window.assign(an_input("later", FED, at=at), at)
    assert len(window) == 1
    assert window.assign(an_input("more", FED_TOO, outlet="TBS", at=at), at).story == first.story


def test_an_entry_that_is_assigned_again_is_there_once(window):
    window.assign(an_input("a", FED, outlet="朝日新聞"), NOW)
    again = window.assign(an_input("a", FED, outlet="朝日新聞"), NOW)
    assert again.copy_of is None
    assert len(window) == len(OTHERS) + 1


def test_a_foreign_story_of_several_reports_is_joined_by_its_likeliest(window):
    titles = (
        "Russia's Putin hosts Myanmar leader Min Aung Hlaing in Moscow for energy talks",
        "Putin hosts Myanmar leader Min Aung Hlaing in Moscow, energy talks planned",
    )
    stories = {
        window.assign(an_input(f"en{n}", t, outlet=f"outlet{n}"), NOW).story
        for n, t in enumerate(titles)
    }
    joined = window.assign(
        an_input(
            "b",
            "プーチン氏、ミャンマーのミンアウンフライン氏とモスクワで会談 協議",
            outlet="ロイター",
        ),
        NOW,
    )
    assert {joined.story} == stories


def test_a_story_outlives_its_first_entry(window):
    first = window.assign(an_input("a", FED, outlet="朝日新聞"), NOW)
    window.assign(an_input("b", FED_TOO, outlet="フジテレビ"), NOW)
    window.forget([EntryId("a")])
    third = window.assign(an_input("c", FED + "した", outlet="TBS"), NOW)
    assert third.story == first.story


def test_an_entry_whose_text_changed_keeps_its_place_and_is_found_by_its_new_text(window):
    place = window.assign(an_input("a", "速報 詳細は後ほどお伝えします", outlet="朝日新聞"), NOW)
    window.replace(an_input("a", FED, outlet="朝日新聞"), place)
    assert window.assign(an_input("b", FED_TOO, outlet="TBS"), NOW).story == place.story
    window.replace(an_input("b", FED_TOO + "。", outlet="TBS"), replace(place, entry=EntryId("b")))
    assert window.assign(an_input("c", FED + "した", outlet="NHK"), NOW).story == place.story


def test_split_and_join_are_followed_and_never_undone(window):
    first = window.assign(an_input("a", FED, outlet="朝日新聞"), NOW)
    window.assign(an_input("b", FED_TOO, outlet="フジテレビ"), NOW)
    apart = window.split(EntryId("b"))
    assert apart == story_id(EntryId("b"))
    assert window.split(EntryId("b")) == apart  # alone already
    window.join(first.story, StoryId("unknown"))
    window.join(first.story, first.story)
    other = window.assign(an_input("c", PERU, outlet="朝日新聞"), NOW)
    window.join(other.story, apart)
    third = window.assign(an_input("d", PERU_TOO, outlet="毎日新聞"), NOW)
    assert third.story == other.story


def test_who_gave_a_story_its_id_can_be_split_off_too(window):
    first = window.assign(an_input("a", FED, outlet="朝日新聞"), NOW)
    window.assign(an_input("b", FED_TOO, outlet="フジテレビ"), NOW)
    apart = window.split(EntryId("a"))
    assert apart not in {first.story, story_id(EntryId("a")), story_id(EntryId("b"))}
    third = window.assign(an_input("c", FED_TOO + "した", outlet="TBS"), NOW)
    assert third.story in {first.story, apart}


def test_a_pair_that_was_split_is_not_put_together_by_another_window(window):
    window.assign(an_input("a", FED, outlet="朝日新聞"), NOW)
    window.keep_apart(EntryId("b"), story_id(EntryId("a")), [EntryId("a")])
    apart = window.assign(an_input("b", FED_TOO, outlet="フジテレビ"), NOW)
    assert apart.story == story_id(EntryId("b"))
    assert "kept apart by hand" in apart.decision.guards
    fresh = Window(ClusterOptions())
    fresh.keep_apart(EntryId("b"), story_id(EntryId("a")), [EntryId("a")])
    places = fresh.assign_batch(
        [an_input("b", FED_TOO, outlet="フジテレビ"), an_input("a", FED, outlet="朝日新聞")], NOW
    )
    assert places[0].story != places[1].story


def test_joining_under_an_id_that_has_no_live_entry(window):
    place = window.assign(an_input("a", FED, outlet="朝日新聞"), NOW)
    window.assign(an_input("b", FED_TOO, outlet="フジテレビ"), NOW)
    window.join(StoryId("archived"), place.story)
    assert window.assign(an_input("c", FED + "した", outlet="TBS"), NOW).story == "archived"


def test_joining_two_stories_of_several_entries(window):
    one = window.assign(an_input("a", FED, outlet="朝日新聞"), NOW)
    window.assign(an_input("b", FED_TOO, outlet="フジテレビ"), NOW)
    two = window.assign(an_input("c", PERU, outlet="朝日新聞"), NOW)
    window.assign(an_input("d", PERU_TOO, outlet="毎日新聞"), NOW)
    window.join(one.story, two.story)
    assert window.assign(an_input("e", PERU + "した", outlet="TBS"), NOW).story == one.story


@dataclass
class Stored:
    """What a store would hold of a window: rows in order of placement, and the texts."""

    rows: dict[EntryId, WindowRow] = field(default_factory=dict)
    texts: dict[EntryId, Entry] = field(default_factory=dict)

    def keep(self, window: Window, items: Sequence[WindowInput], places: list[Placement]) -> None:
        for item, place in zip(items, places, strict=True):
            self.rows[place.entry] = WindowRow(
                entry=place.entry,
                source=item.source.id,
                story=place.story,
                copy_of=place.copy_of,
                credit=place.credit,
            )
            self.texts[place.entry] = item.entry
        for sketch in window.sketches(NOW):
            if row := self.rows.get(sketch.entry):
                self.rows[row.entry] = row._replace(reading=sketch.reading, sketch=sketch.data)

    def restored(
        self,
        sources: Sequence[Source] = (),
        options: ClusterOptions = ClusterOptions(),  # noqa: B008 - frozen
        now: datetime = NOW,
    ) -> Window:
        window = Window(options)
        restoring = window.restoring({source.id: source for source in sources})
        since = now - options.window
        rows = [r for r in self.rows.values() if self.texts[r.entry].first_seen_at >= since]
        for some in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
            restoring.add(some, {entry: self.texts[entry] for entry in restoring.unread(some)})
        return window


def a_stream(*titles: str) -> list[WindowInput]:
    outlets = ("朝日新聞", "TBS", "NHK")
    return [
        an_input(str(n), title, outlet=outlets[n % 3], at=NOW + hours(n / 4))
        for n, title in enumerate(titles)
    ]


@pytest.mark.parametrize("by_text", [False, True])
def test_a_restored_window_decides_like_one_that_never_stopped(by_text):
    window, stored = Window(ClusterOptions()), Stored()
    stream = a_stream(*OTHERS, FED, FED_TOO, PERU, FED)
    stored.keep(window, stream, [window.assign(item, NOW) for item in stream])
    if by_text:
        stored.rows = {i: row._replace(reading=None, sketch=None) for i, row in stored.rows.items()}
    again = stored.restored()
    assert len(again) == len(window)
    assert len(again.sketches(NOW)) == (len(stream) if by_text else 0)
    for number, title in enumerate((PERU_TOO, FED_TOO + "した", OTHERS[0] + "か")):
        item = an_input(f"new{number}", title, outlet="毎日新聞", at=NOW + hours(5))
        assert again.assign(item, NOW) == window.assign(item, NOW)


def test_a_sketch_made_in_another_way_is_not_used_and_made_anew(window):
    stored, item = Stored(), an_input("a", FED, outlet="朝日新聞")
    stored.keep(window, [item], [window.assign(item, NOW)])
    kept = stored.rows[EntryId("a")]
    stored.rows[EntryId("a")] = kept._replace(reading=-1, sketch=b"?")
    (made,) = stored.restored().sketches(NOW)
    assert (made.reading, made.data) == (kept.reading, kept.sketch)
    renamed = replace(a_source("朝日新聞"), name="朝日")
    assert stored.restored(sources=[renamed]).sketches(NOW)[0].reading != kept.reading


def test_an_entry_whose_text_is_gone_meanwhile_is_not_restored(window):
    stored, item = Stored(), an_input("a", FED)
    stored.keep(window, [item], [window.assign(item, NOW)])
    row = stored.rows[EntryId("a")]._replace(reading=None, sketch=None)
    again = Window(ClusterOptions())
    again.restoring({}).add([row], {})
    assert len(again) == 0


def test_a_restart_remembers_which_headlines_turned_out_to_be_a_series():
    window, stored = Window(ClusterOptions()), Stored()
    items = [an_input(f"{n}", f"{title}{n}", outlet=f"社{n}") for n, title in enumerate(OTHERS * 4)]
    for outlet, first, start in (("市役所", 220, 0), ("県庁", 120, 20)):
        for n in range(4):
            title, at = f"県の新型感染症の新規感染は{first + n}人", NOW + hours(start + n / 4)
            items.append(an_input(f"{outlet}{n}", title, outlet=outlet, at=at))
    for item in items:
        stored.keep(window, [item], [window.assign(item, NOW)])
    late = an_input("late", "県の新型感染症の新規感染は222人", outlet="県庁", at=NOW + hours(40))
    again = stored.restored().assign(late, NOW)
    assert again.story == story_id(EntryId("late"))
    assert again == window.assign(late, NOW)


def test_entries_that_no_window_of_today_reaches_leave_no_sketch(window):
    item = an_input("a", FED, at=NOW)
    window.sketches(NOW)
    window.assign(item, NOW)
    window.assign(an_input("b", PERU, at=NOW), NOW)
    window.forget([EntryId("b")])
    assert window.sketches(NOW + timedelta(days=15)) == ()
    assert window.sketches(NOW) == ()


def test_a_first_entry_that_a_person_moved_is_restored_where_it_was_put(window):
    stored, item = Stored(), an_input("a", FED, outlet="朝日新聞")
    place = window.assign(item, NOW)
    assert place.decision.layer is Layer.FIRST
    stored.keep(window, [item], [replace(place, story=StoryId("joined"))])
    later = an_input("b", FED_TOO, outlet="フジテレビ")
    assert stored.restored().assign(later, NOW).story == "joined"
    window.replace(item, replace(place, story=StoryId("joined")))
    assert window.assign(later, NOW).story == "joined"


def test_a_restored_story_keeps_its_id_when_its_first_entry_has_expired():
    window, stored = Window(ClusterOptions()), Stored()
    first = window.assign(an_input("a", FED, outlet="朝日新聞"), NOW)
    window.sketches(NOW)
    second = an_input("b", FED_TOO, outlet="フジテレビ")
    stored.keep(window, [second], [window.assign(second, NOW)])
    again = stored.restored()
    assert again.assign(an_input("c", FED + "した", outlet="TBS"), NOW).story == first.story


TITLES = st.lists(
    st.sampled_from([*OTHERS, FED, FED_TOO, PERU, PERU_TOO, "", "速報", "a b", "🙂"]), max_size=12
)


@settings(max_examples=30, deadline=None)
@given(TITLES, st.integers(1, 5))
def test_the_same_stream_gives_the_same_places_whatever_it_says(titles, size):
    def run() -> list[Placement]:
        window = Window(ClusterOptions())
        items = [
            an_input(str(i), t, outlet=f"社{i % 4}", at=NOW + hours(i))
            for i, t in enumerate(titles)
        ]
        return [
            place
            for start in range(0, len(items), size)
            for place in window.assign_batch(items[start : start + size], NOW + hours(start + size))
        ]

    places = run()
    assert places == run()
    assert [p.entry for p in places] == [str(i) for i in range(len(titles))]
    assert all(p.copy_of != p.entry for p in places)


NUMBERED = st.builds("本日の感染者は{}人".format, st.integers(100, 104))
STREAMS = st.lists(
    st.tuples(
        st.sampled_from([*OTHERS[:2], FED, FED_TOO, PERU, PERU_TOO, "", "a b"]) | NUMBERED,
        st.integers(0, 2),  # outlet
        st.integers(0, 5),  # page
        st.integers(0, 20),  # hours after the one before
    ),
    max_size=20,
)


@settings(max_examples=30, deadline=None)
@given(STREAMS, st.integers(1, 4))
def test_a_window_that_is_restored_before_every_batch_decides_like_one_that_never_stopped(
    stream, size
):
    at, items = NOW, []
    for number, (title, outlet, page, later) in enumerate(stream):
        at += hours(later)
        url = f"https://x.example/{page}" if page else None
        items.append(an_input(str(number), title, outlet=f"社{outlet}", url=url, at=at))
    options = ClusterOptions(window=timedelta(days=3))
    window, stored = Window(options), Stored()
    for start in range(0, len(items), size):
        some = items[start : start + size]
        now = some[-1].entry.first_seen_at
        again = stored.restored(options=options, now=now)
        places = window.assign_batch(some, now)
        assert again.assign_batch(some, now) == places
        stored.keep(window, some, places)
