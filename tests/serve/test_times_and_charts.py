from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aggregator.serve import charts, times
from aggregator.serve.access import Keys
from aggregator.serve.visit import Visit
from tests.fakes.library import configuration

TOKYO = ZoneInfo("Asia/Tokyo")
AT = datetime(2026, 11, 23, 20, 5, tzinfo=UTC)


def test_times_are_written_in_the_zone_and_manner_of_the_reader() -> None:
    assert times.clock(AT, TOKYO) == "05:05"
    assert times.day(AT, TOKYO, "ja") == "11月24日(火)"
    assert times.day(AT, TOKYO, "en") == "Tue 24 November"
    assert times.full(AT, TOKYO, "ja") == "2026年11月24日(火) 05:05"
    assert times.full(AT, TOKYO, "en") == "Tue 24 November 2026, 05:05"
    assert times.stamp(AT, TOKYO, "ja") == "11月24日 05:05"
    assert times.stamp(AT, TOKYO, "en") == "24 November, 05:05"


@pytest.mark.parametrize(
    ("minutes", "ja", "en"),
    [
        (0, "0分", "0 min"),
        (0.4, "0分", "0 min"),
        (25, "25分", "25 min"),
        (60, "1時間", "1 h"),
        (95, "1時間35分", "1 h 35 min"),
        (3 * 1440 + 61, "3日1時間", "3 d 1 h"),
        (-5, "0分", "0 min"),
    ],
)
def test_spans_are_said_in_their_two_largest_units(minutes: float, ja: str, en: str) -> None:
    assert times.span(timedelta(minutes=minutes), "ja") == ja
    assert times.span(timedelta(minutes=minutes), "en") == en


def test_the_highest_bar_fills_the_chart_and_the_smallest_is_still_seen() -> None:
    chart = charts.bar_chart([("a", 1), ("b", 0), ("c", 1000)], height=40)
    assert [bar.height for bar in chart.bars] == [2.0, 0.0, 40]
    assert chart.bars[2].y == 0
    assert (chart.total, chart.highest, chart.width) == (1001, 1000, 24)


def test_a_chart_of_nothing_is_flat() -> None:
    assert charts.bar_chart([]).bars == ()
    assert charts.bar_chart([("a", 0)]).bars[0].height == 0


def test_hours_are_turned_to_the_readers_zone() -> None:
    utc = [0.0] * 24
    utc[20] = 5.0
    chart = charts.by_hour(utc, 9)
    assert [bar.label for bar in chart.bars if bar.value] == ["05:00"]


def test_a_chart_of_days_begins_and_ends_at_midnight_of_the_reader() -> None:
    zone = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 10, 26, 12, tzinfo=UTC)  # the day after the clocks were set back
    visit = Visit(
        path="/",
        query={},
        configuration=configuration(),
        keys=Keys(b"x"),
        now=now,
        language="en",
        zone=zone,
    )
    starts = charts.day_starts(visit, 3)
    assert [start.astimezone(UTC).isoformat()[5:16] for start in starts] == [
        "10-23T22:00",
        "10-24T22:00",
        "10-25T23:00",
        "10-26T23:00",
    ]
    chart = charts.per_day((1, 0, 3), starts, visit)
    assert [(bar.label, bar.value) for bar in chart.bars] == [
        ("24 Oct", 1),
        ("25 Oct", 0),
        ("26 Oct", 3),
    ]
