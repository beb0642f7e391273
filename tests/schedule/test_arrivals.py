from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.feed import ArrivalHistory
from aggregator.schedule.arrivals import News, expected_rates, observed
from aggregator.schedule.cadence import interval_of
from tests.schedule.conftest import DAY, HOUR, NOW, OPTIONS, steady


def document(times: list[datetime], total: int | None = None) -> News:
    total = len(times) if total is None else total
    return News(new=len(times), known=total - len(times), total=total, arrived=tuple(times))


def test_the_first_documents_dates_tell_the_rate():
    times = [NOW - n * HOUR for n in range(1, 21)]
    arrivals = observed(ArrivalHistory(), document(times), None, NOW)
    assert arrivals.observed_days == pytest.approx(20 / 24)
    assert sum(arrivals.by_hour) == 20
    assert arrivals.last_arrival_at == NOW - HOUR
    assert arrivals.window == 20
    assert sum(expected_rates(arrivals)) == pytest.approx(24)


def test_an_old_entry_in_the_first_document_does_not_stretch_its_span():
    """Asahi's feed held an item six months old among those of the day."""
    times = [NOW - n * HOUR for n in range(1, 20)] + [NOW - 180 * DAY]
    arrivals = observed(ArrivalHistory(), document(times), None, NOW)
    assert sum(expected_rates(arrivals)) == pytest.approx(24)


def test_a_burst_at_the_end_of_the_first_document_is_not_its_pace():
    burst = [NOW - n * timedelta(seconds=20) for n in range(1, 11)]
    times = burst + [NOW - n * DAY for n in range(1, 11)]
    arrivals = observed(ArrivalHistory(), document(times), None, NOW)
    assert sum(expected_rates(arrivals)) == pytest.approx(2)


@pytest.mark.parametrize("times", [[], [NOW] * 20, [NOW - 90 * DAY] * 3])
def test_a_first_document_without_useful_dates_teaches_nothing(times):
    arrivals = observed(ArrivalHistory(), document(times), None, NOW)
    assert arrivals.observed_days == 0
    assert interval_of(replace(arrivals, last_arrival_at=None), None, OPTIONS, NOW)[0] == HOUR


def test_a_first_answer_without_a_document_teaches_nothing():
    assert observed(ArrivalHistory(), None, None, NOW).observed_days == 0


def test_a_date_in_the_future_counts_as_now():
    first = observed(ArrivalHistory(), document([NOW + DAY, NOW - 5 * HOUR]), None, NOW)
    later = observed(steady(24), document([NOW + 900 * DAY], 20), NOW - HOUR, NOW)
    assert first.last_arrival_at == later.last_arrival_at == NOW


def test_what_comes_late_counts_when_it_came():
    before = replace(steady(0), by_hour=(0.0,) * 24)
    later = observed(before, document([NOW - 400 * DAY], 20), NOW - HOUR, NOW)
    assert later.by_hour[NOW.hour] == 1


def test_memory_fades_by_half_in_two_weeks():
    later = observed(steady(24), None, NOW - 14 * DAY, NOW)
    assert sum(later.by_hour) == pytest.approx(20 * 24 / 2)
    assert later.observed_days == pytest.approx(10 + 14)


def test_a_304_keeps_the_window_and_is_full_overlap():
    later = observed(steady(24, window=33, overlap=0.2), None, NOW - HOUR, NOW)
    assert (later.window, later.overlap) == (33, 1.0)


def test_an_empty_document_keeps_the_window():
    later = observed(steady(24, window=33), News(total=0), NOW - HOUR, NOW)
    assert (later.window, later.overlap) == (33, 1.0)


def test_new_ids_for_all_entries_at_every_poll_are_no_arrivals():
    """A43: a feed that renames its entries is not a feed in a hurry."""
    arrivals = observed(steady(1), document([NOW] * 1000), NOW - HOUR, NOW)
    counted = sum(arrivals.by_hour)
    for n in range(1, 6):
        arrivals = observed(
            arrivals, document([NOW + n * HOUR] * 1000), NOW + (n - 1) * HOUR, NOW + n * HOUR
        )
    assert sum(arrivals.by_hour) < counted + 1


def hourly(since: datetime, until: datetime, per_hour: int) -> list[datetime]:
    span = int((until - since) / HOUR * per_hour)
    return [until - n * HOUR / per_hour for n in range(span)]


def test_a_dozen_entries_show_the_shape_of_a_day_and_a_hundred_its_edges():
    """All entries come from 8 to 16 o'clock."""
    few, many = (
        expected_rates(
            ArrivalHistory(
                by_hour=tuple(entries / 8 if 8 <= hour < 16 else 0.0 for hour in range(24)),
                observed_days=20.0,
            )
        )
        for entries in (12, 400)
    )
    for rates in (few, many):
        mean = sum(rates) / 24
        assert rates[12] > 1.7 * mean
        assert min(rates) == min(rates[0], rates[23]) < 0.3 * mean
        assert rates[:24] == pytest.approx([rates[(23 - hour) % 24] for hour in range(24)])
    assert many[8] / many[6] > 2 * few[8] / few[6]


def test_of_a_document_that_rolled_over_every_day_the_pace_and_the_hours_seen_are_learnt():
    """Ten an hour from noon to midnight, looked at daily at 15 o'clock: the newest 20 are two hours'."""
    now = NOW.replace(hour=15, minute=0)
    arrivals = observed(ArrivalHistory(), document(hourly(now - 2 * HOUR, now, 10)), None, now)
    for _ in range(10):
        now += DAY
        arrivals = observed(arrivals, document(hourly(now - 2 * HOUR, now, 10)), now - DAY, now)
    rates = expected_rates(arrivals)
    assert arrivals.overlap == 0.0
    assert 60 < sum(rates) < 240
    assert max(rates) in {rates[13], rates[14]}


def test_hours_that_no_document_shows_any_more_are_counted_a_little_under_what_was_expected():
    now = NOW.replace(minute=0)
    arrivals = observed(
        steady(24, overlap=0.0), document(hourly(now - 5 * HOUR, now, 4)), now - 31 * HOUR, now
    )
    kept, seen = 20 * 0.5 ** (31 / 24 / 14), 4
    assert arrivals.by_hour[now.hour - 3] == pytest.approx(kept + seen + 0.8)
    assert arrivals.by_hour[now.hour - 7] == pytest.approx(kept + 2 * 0.8)
    assert arrivals.by_hour[now.hour + 3] == pytest.approx(kept + 0.8)


def test_a_clock_that_went_back_does_no_harm():
    assert observed(steady(24), None, NOW + DAY, NOW).observed_days == 20


@given(
    st.lists(st.tuples(st.integers(0, 30), st.floats(0.01, 50)), max_size=20), st.integers(1, 60)
)
def test_whatever_comes_the_history_stays_sound(polls, window):
    arrivals, since, now = ArrivalHistory(), None, NOW
    for new, hours_later in polls:
        now += hours_later * HOUR
        new = min(new, window)
        arrivals = observed(arrivals, document([now] * new, window), since, now)
        since = now
        assert len(arrivals.by_hour) == 24
        assert min(arrivals.by_hour) >= 0
        assert 0 <= arrivals.overlap <= 1
        assert arrivals.observed_days < 60
