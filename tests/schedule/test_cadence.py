from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.model.feed import ArrivalHistory
from aggregator.schedule.cadence import (
    PATIENCE,
    CadenceOptions,
    interval_of,
    until_fresh,
)
from tests.schedule.conftest import DAY, HOUR, MINUTE, NOW, OPTIONS, steady


def interval(arrivals: ArrivalHistory, since: datetime | None = NOW - HOUR) -> timedelta:
    return interval_of(arrivals, since, OPTIONS, NOW)[0]


# -- the time of a daily poll ----------------------------------------------------------------------

BY_DAY = replace(steady(24), by_hour=tuple(20.0 if 6 <= hour < 18 else 1.0 for hour in range(24)))


@pytest.mark.parametrize(
    ("hour", "later"),
    [(15, 2.4), (16, 2.25), (18, 0), (19, 0), (20, 0), (3, 2.4)],
)
def test_a_daily_poll_moves_to_the_end_of_the_busy_hours_and_stays(hour, later):
    due = NOW.replace(hour=hour, minute=0)
    assert until_fresh(BY_DAY, due, 2.4 * HOUR, 0.25) / HOUR == pytest.approx(later)


def test_a_daily_poll_goes_no_way_round_that_a_month_does_not_pay_for():
    """It can only move on: some hours too late are better than a month of mornings."""
    late = NOW.replace(hour=22)
    assert until_fresh(BY_DAY, late, 2.4 * HOUR, 0.25) == 2.4 * HOUR
    assert until_fresh(BY_DAY, late, HOUR / 2, 0.25) == timedelta(0)


@pytest.mark.parametrize("arrivals", [steady(24), ArrivalHistory()])
def test_a_feed_without_rhythm_keeps_its_time_of_day(arrivals):
    assert until_fresh(arrivals, NOW, 2 * HOUR, 0.25) == timedelta(0)


def test_a_daily_poll_of_a_short_document_comes_when_its_newest_are_youngest():
    """What it misses it misses at any hour: the last twelve came within an hour and a half."""
    noon = tuple(240.0 if hour in {11, 12} else 20.0 for hour in range(24))
    short, long = (replace(steady(24), by_hour=noon, window=window) for window in (12, 100))
    due = NOW.replace(hour=12, minute=0)
    assert until_fresh(short, due, 2.4 * HOUR, 0.0) == timedelta(0)
    assert until_fresh(short, due - HOUR, 2.4 * HOUR, 0.0) / HOUR == pytest.approx(1)
    assert until_fresh(long, due, 2.4 * HOUR, 0.0) / HOUR == pytest.approx(2)


# -- what follows ---------------------------------------------------------------------------------


def test_a_busy_feed_with_a_long_window_is_asked_hourly_and_not_more_often():
    assert interval(steady(48, window=500)) == HOUR


@pytest.mark.parametrize("per_day", [0.5, 1, 2, 4])
def test_a_quiet_feed_is_asked_by_the_square_root_of_its_rate(per_day):
    expected = (2 * PATIENCE / (per_day / 24)) ** 0.5
    assert interval(steady(per_day, window=500)) / HOUR == pytest.approx(max(1, expected), rel=0.01)


def test_a_feed_that_brings_nothing_for_a_month_is_asked_daily():
    quiet = steady(0.001, last_arrival_at=NOW - 30 * DAY)
    assert interval_of(quiet, NOW - DAY, replace(OPTIONS, max_interval=2 * HOUR), NOW)[0] == DAY


def test_a_feed_that_never_brought_anything_is_asked_at_the_longest_interval():
    assert interval(replace(steady(0), last_arrival_at=None)) == DAY


def test_a_feed_that_nothing_is_known_of_is_asked_hourly():
    assert interval(ArrivalHistory()) == HOUR


def mainichi(now: datetime) -> ArrivalHistory:
    """Return a history as reference/feeds.md gives it: 20 items that span 3.6 h by day, 7 h at night."""
    day, night = 20 / 3.6, 20 / 7
    by_hour = tuple(20 * (night if 14 <= hour < 22 else day) for hour in range(24))
    return ArrivalHistory(by_hour=by_hour, observed_days=20.0, window=20, last_arrival_at=now)


@pytest.mark.parametrize("hour", range(24))
def test_mainichis_window_never_turns_over_unseen(hour):
    now = NOW.replace(hour=hour)
    wait, reason = interval_of(mainichi(now), now - HOUR, OPTIONS, now)
    at_three_times_the_rate = 20 / 3.6 * 3 * (wait * 1.1 / HOUR)
    assert at_three_times_the_rate < 20
    assert wait >= 15 * MINUTE
    assert wait <= HOUR
    if hour < 12:  # by day
        assert "window" in reason


def test_where_the_window_breaks_the_hour_the_rate_decides_how_far():
    needed = interval(steady(160, window=25))
    assert needed < HOUR
    assert needed / HOUR == pytest.approx((2 * PATIENCE / (160 / 24)) ** 0.5, rel=0.01)


def test_without_validators_no_more_is_asked_than_the_window_needs():
    busy = steady(160, window=25)
    needed = interval_of(busy, NOW - HOUR, OPTIONS, NOW, costly=True)[0]
    assert interval(busy) < needed < HOUR


@pytest.mark.parametrize(("per_day", "window"), [(20, 35), (30, 50)])
def test_without_validators_a_short_document_is_asked_for_once_something_new_is_as_good_as_sure(
    per_day, window
):
    costly, other = (
        interval_of(steady(per_day, window=window), NOW - HOUR, OPTIONS, NOW, costly=costly)[0]
        for costly in (True, False)
    )
    assert other < costly < DAY
    assert costly / HOUR * per_day / 24 == pytest.approx(2)


def test_without_validators_a_document_that_lasts_a_day_is_asked_for_daily():
    wait, reason = interval_of(steady(20, window=60), NOW - HOUR, OPTIONS, NOW, costly=True)
    assert (wait, reason) == (DAY, "no validators: daily")


def test_a_document_that_is_short_at_noon_is_not_left_alone_for_the_hour_at_eleven():
    by_hour = tuple(120.0 if hour == 12 else 40.0 for hour in range(24))
    arrivals = ArrivalHistory(by_hour=by_hour, observed_days=20.0, window=20, last_arrival_at=NOW)
    morning = NOW.replace(hour=3)
    assert interval_of(arrivals, morning - HOUR, OPTIONS, morning)[0] < HOUR
    longer = replace(arrivals, window=60)
    assert interval_of(longer, morning - HOUR, OPTIONS, morning)[0] == HOUR


def test_before_a_day_has_been_seen_nothing_is_made_of_its_busiest_hour():
    by_hour = tuple(3.0 if hour == 12 else 1.0 for hour in range(24))
    arrivals = ArrivalHistory(by_hour=by_hour, observed_days=0.5, window=20, last_arrival_at=NOW)
    morning = NOW.replace(hour=3)
    assert interval_of(arrivals, morning - HOUR, OPTIONS, morning)[0] == HOUR


def test_an_hour_in_which_a_handful_came_is_no_reason_to_go_below_the_hour():
    """Eight entries a day take more than a day to go through a document of ten."""
    by_hour = tuple(10.0 if hour == 9 else 1.0 for hour in range(24))
    arrivals = ArrivalHistory(by_hour=by_hour, observed_days=3.7, window=10, overlap=0.6)
    busy = replace(arrivals, by_hour=tuple(2 * seen for seen in by_hour))
    assert interval(arrivals, NOW - 50 * MINUTE) == HOUR
    assert interval(busy, NOW - 50 * MINUTE) < HOUR


def test_the_window_rule_stops_at_the_shortest_interval():
    assert interval(steady(5000, window=10)) == 15 * MINUTE


def test_a_window_that_needs_little_less_than_the_hour_is_given_the_hour():
    hours = [interval(steady(rate, window=10)) / HOUR for rate in range(20, 60)]
    assert 1.0 in hours
    assert not [hour for hour in hours if 0.9 <= hour < 1.0]
    assert min(hours) < 0.9


def test_after_a_window_that_turned_over_by_more_than_two_thirds_three_times_as_much_would_fit():
    arrivals = steady(2, window=100, overlap=0.25)
    assert interval(arrivals, NOW - 4.5 * HOUR) == 2 * HOUR


def test_where_the_window_is_short_a_surge_hastens_the_next_poll():
    """Eleven entries in half an hour went through a window of ten, on a feed of one an hour."""
    calm, surge = (steady(24, window=10, overlap=overlap) for overlap in (0.9, 0.4))
    assert interval(surge, NOW - HOUR / 2) / MINUTE == pytest.approx(30 / 3 / 0.6)
    assert interval(surge, NOW - HOUR / 2) < interval(calm, NOW - HOUR / 2)
    assert interval(surge, NOW - 4 * HOUR) == interval(
        calm, NOW - 4 * HOUR
    )  # no surge lasts so long
    assert interval(surge, NOW - 20 * MINUTE) == 15 * MINUTE


def test_a_quiet_night_is_slept_through():
    by_hour = tuple(60.0 if 9 <= hour < 17 else 0.0 for hour in range(24))
    arrivals = ArrivalHistory(by_hour=by_hour, observed_days=20.0, window=50, last_arrival_at=NOW)
    evening = NOW.replace(hour=19)
    assert interval_of(arrivals, evening - HOUR, OPTIONS, evening)[0] > 2 * HOUR
    assert interval_of(arrivals, NOW - HOUR, OPTIONS, NOW.replace(hour=12))[0] < 1.2 * HOUR


def test_the_last_entries_of_the_day_do_not_wait_for_the_morning():
    by_hour = tuple(60.0 if 9 <= hour < 17 else 0.0 for hour in range(24))
    arrivals = ArrivalHistory(by_hour=by_hour, observed_days=60.0, window=50, last_arrival_at=NOW)
    afternoon = NOW.replace(hour=16, minute=30)
    wait = interval_of(arrivals, afternoon - HOUR, OPTIONS, afternoon)[0]
    assert 17 <= 16.5 + wait / HOUR <= 19
    assert 24 * HOUR - wait > interval_of(arrivals, afternoon, OPTIONS, afternoon + wait)[0]


def test_a_feed_without_validators_is_asked_daily_but_for_its_window():
    calm, busy = steady(20, window=1000), steady(20, window=20)
    assert interval_of(calm, NOW - HOUR, OPTIONS, NOW, costly=True)[0] == DAY
    assert interval_of(busy, NOW - HOUR, OPTIONS, NOW, costly=True)[0] < 6 * HOUR
    assert interval_of(ArrivalHistory(), None, OPTIONS, NOW, costly=True)[0] == HOUR


def test_an_empty_document_has_nothing_to_lose():
    assert interval(steady(48, window=0)) == HOUR


hours = st.lists(st.floats(0, 1e5), min_size=24, max_size=24).map(tuple)
moments = st.integers(0, 3650 * 24 * 60).map(lambda minutes: NOW + minutes * MINUTE)
bounds = st.timedeltas(MINUTE, 60 * DAY)


@given(
    hours,
    st.floats(0, 20),
    st.integers(0, 5000),
    st.floats(0, 1),
    st.none() | moments,
    st.none() | moments,
    moments,
    st.tuples(bounds, bounds, bounds).map(sorted),
)
@example(
    (1.0,) * 24, 5e-324, 20, 0.5, None, None, NOW, [timedelta(minutes=10), HOUR, DAY]
)  # next to no time seen: no rate can be told
def test_whatever_the_history_the_interval_is_within_the_operators_bounds(
    by_hour, days, window, overlap, last, since, now, limits
):
    low, usual, high = limits
    options = CadenceOptions(min_interval=low, default_interval=usual, max_interval=high)
    arrivals = ArrivalHistory(
        by_hour=by_hour, observed_days=days, window=window, overlap=overlap, last_arrival_at=last
    )
    wait, reason = interval_of(arrivals, since, options, now)
    assert low <= wait <= max(high, DAY)
    assert reason


@given(st.floats(0.1, 500), st.floats(0.1, 500), st.integers(1, 200))
def test_a_busier_feed_is_never_asked_less_often(one, other, window):
    slow, fast = sorted((one, other))
    assert interval(steady(fast, window)) <= interval(steady(slow, window)) + timedelta(seconds=1)


def test_where_there_is_no_room_a_daily_poll_does_not_move():
    assert until_fresh(steady(24), NOW, timedelta(0), 0.3) == timedelta(0)
