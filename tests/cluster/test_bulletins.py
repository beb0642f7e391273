"""Series of bulletins are recognised, and a bulletin never stands beside another that contradicts it."""

import pytest

from aggregator.cluster.options import ClusterOptions
from aggregator.cluster.window import Window
from tests.cluster.newsroom import NOW, an_input, hours


def stories(*titles: str, outlets: tuple[str, ...] = ("港新聞",), apart: float = 0) -> list[str]:
    """Place headlines, all at once or so many hours apart; return their stories."""
    window = Window(ClusterOptions())
    for n in range(40):
        window.assign(an_input(f"f{n}", f"{chr(0x4E00 + 7 * n)}{chr(0x5100 + 5 * n)}の話"), NOW)
    items = [
        an_input(str(n), title, outlet=outlets[n % len(outlets)], at=NOW + hours(n * apart))
        for n, title in enumerate(titles)
    ]
    if apart:
        return [window.assign(item, item.entry.first_seen_at).story for item in items]
    return [place.story for place in window.assign_batch(items, NOW)]


def test_quakes_a_day_apart_are_two_events_though_they_share_an_intensity():
    assert len(set(stories(*["湖北県で最大震度1の地震 湖東町"] * 2, apart=21))) == 2


def test_a_column_by_date_is_told_through_the_following_day():
    assert len(set(stories(*["湖北知事の動静(7日) 湖東町を視察"] * 2, apart=21))) == 1
    assert len(set(stories(*["湖北知事の動静(7日) 湖東町を視察"] * 2, apart=31))) == 2


def test_tables_of_one_date_that_name_different_offices_stay_apart():
    titles = ("湖沼省人事(7日)", "山林省人事(8月7日)", "海運省人事(7日)")
    assert len(set(stories(*titles))) == 3


def test_a_bulletin_without_a_place_does_not_bring_two_places_together():
    places = stories(
        "熊本県に熱中症警戒アラート", "熱中症警戒アラート", "福井県に熱中症警戒アラート",
        outlets=("港新聞", "湖テレビ", "丘通信"),
    )  # fmt: skip
    assert places[0] != places[2]


def test_railway_lines_are_places_of_their_notices():
    titles = ("湖西線 運転見合わせ 強風の影響", "山手線 運転見合わせ 強風の影響")
    assert len(set(stories(*titles, outlets=("港新聞", "湖テレビ")))) == 2


def test_notes_on_two_stocks_stay_apart_however_they_are_worded():
    titles = (
        "Acme Rivets (ACR) Q4 Earnings: How Key Figures Compare to Estimates",
        "Compared to Estimates, Bolt Union (BU) Q4 Earnings: A Look at Key Figures",
        "Key Figures of Bolt Union (BU) Q4 Earnings Compared to Estimates",
    )
    places = stories(*titles, outlets=("Harbour Times", "Lake Post", "Hill Wire"))
    assert places[0] != places[1] == places[2]


def test_two_measured_quakes_are_two_events_and_one_is_told_for_a_day():
    title = "Magnitude {} earthquake strikes near the lake harbour"
    outlets = ("Harbour Times", "Lake Post")
    assert len(set(stories(title.format(5.1), title.format(4.6), outlets=outlets))) == 2
    assert len(set(stories(*[title.format(5.1)] * 2, outlets=outlets, apart=21))) == 1
    assert len(set(stories(*[title.format(5.1)] * 2, outlets=outlets, apart=31))) == 2


@pytest.mark.parametrize(
    "titles",
    [
        (
            "Stock to watch today: Acme Rivets",
            "Stock to watch today: Bolt Union",
            "Stock to watch today: Crane Harbour",
        ),
        (
            "各社の決算説明会資料を公開 鋲製作所",
            "各社の決算説明会資料を公開 港湾起重",
            "各社の決算説明会資料を公開 丘電機",
        ),
    ],
)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_three_headlines_that_differ_in_one_stretch_are_a_series(titles, order):
    assert len(set(stories(*(titles[n] for n in order)))) == 3


def test_an_outlets_new_headline_for_its_own_report_is_no_series():
    titles = ("湖北大橋で橋桁が落下、工事の作業員を救助", "湖北大橋で橋桁が落下、市が救助活動")
    assert len(set(stories(*titles))) == 1


def test_a_growing_toll_is_no_series():
    titles = [f"湖北大橋で橋桁が落下、{n}人を救助し病院へ搬送" for n in (11, 12, 13)]
    assert len(set(stories(*titles))) == 1


def test_a_summary_and_numbers_are_no_words_of_the_headline():
    window = Window(ClusterOptions())
    window.assign(an_input("a", "港 湖沼 7日", summary="湖沼省の人事"), NOW)
    assert [window._index._names[n] for n in window._index.title_words(0)] == ["湖沼"]
