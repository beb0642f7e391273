"""Editions: each exactly once, whatever happens to the clock and to us."""

import random
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.digest.editions import due, edition_name, span_of
from aggregator.model.digest import DigestPlan, EditionKind, EditionTime

BERLIN = ZoneInfo("Europe/Berlin")
TOKYO = ZoneInfo("Asia/Tokyo")
DAILY = EditionTime(
    kind=EditionKind.DAILY, hour=2, minute=30
)  # a time that daylight saving touches
MORNING = EditionTime(kind=EditionKind.MORNING, hour=7, minute=0)
EVENING = EditionTime(kind=EditionKind.EVENING, hour=18, minute=0)
WEEKLY = EditionTime(kind=EditionKind.WEEKLY, hour=7, minute=0, weekday=0)
PLAN = DigestPlan(subject="x", editions=(DAILY, MORNING, EVENING, WEEKLY))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("seed", range(3))
def test_b15_in_a_year_with_two_clock_changes_restarts_and_gaps_each_edition_comes_once(seed):
    chance = random.Random(seed)  # a simulation
    now, end = at("2026-01-01T00:00:00+00:00"), at("2027-01-01T00:00:00+00:00")
    checked = now
    published: list[str] = []
    spans: dict[EditionKind, list[tuple[datetime, datetime]]] = {}
    while now < end:
        now = min(
            now + timedelta(minutes=chance.choice([1, 7, 61, 60 * 5, 60 * 30, 60 * 24 * 9])), end
        )
        for one in due(PLAN, BERLIN, published[-40:], checked, now):
            published.append(one.name)
            spans.setdefault(one.kind, []).append((one.since, one.until))
            if chance.random() < 0.9:  # else: stopped before it could be noted down
                checked = one.until
        if chance.random() < 0.8:
            checked = max(checked, now) if set(published) else checked
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    expected = {
        edition_name(day, e.kind)
        for day in days
        for e in PLAN.editions
        if e.weekday is None or day.weekday() == e.weekday
    }
    assert len(published) == len(set(published))
    assert set(published) == expected
    for kind in (EditionKind.DAILY, EditionKind.WEEKLY):
        told = sorted(spans[kind])
        assert all(a[1] == b[0] for a, b in pairwise(told))  # nothing lost, nothing twice


def test_a_missed_edition_is_made_once_late_with_its_own_span():
    plan = DigestPlan(subject="x", editions=(MORNING, EVENING))
    found = due(plan, TOKYO, (), at("2026-11-22T10:00:00+00:00"), at("2026-11-23T12:00:00+00:00"))
    assert [one.name for one in found] == ["2026-11-23-morning", "2026-11-23-evening"]
    assert (found[0].since, found[0].until) == (
        at("2026-11-22T09:00:00+00:00"),
        at("2026-11-22T22:00:00+00:00"),
    )
    assert found[1].since == found[0].until
    names = {one.name for one in found}
    assert (
        due(plan, TOKYO, names, at("2026-11-22T10:00:00+00:00"), at("2026-11-23T12:00:00+00:00"))
        == ()
    )


def test_nothing_is_due_before_somebody_first_looked():
    assert due(PLAN, TOKYO, (), None, at("2026-11-23T12:00:00+00:00")) == ()


def test_b15_an_hour_that_a_day_lacks_or_has_twice_gives_one_edition():
    plan = DigestPlan(subject="x", editions=(DAILY,))
    spring = due(plan, BERLIN, (), at("2026-03-28T12:00:00+00:00"), at("2026-03-29T12:00:00+00:00"))
    assert [one.until for one in spring] == [at("2026-03-29T01:30:00+00:00")]
    autumn = due(plan, BERLIN, (), at("2026-10-24T12:00:00+00:00"), at("2026-10-25T12:00:00+00:00"))
    assert [one.until for one in autumn] == [at("2026-10-25T00:30:00+00:00")]


@given(st.integers(0, 2 * 365 * 24 * 60), st.sampled_from(list(EditionKind)))
def test_a_digest_asked_for_is_about_its_day_and_not_the_future(moment, kind):
    now = at("2025-01-01T00:00:00+00:00") + timedelta(minutes=moment)
    day, since, until = span_of(kind, None, TOKYO, now)
    assert day == now.astimezone(TOKYO).date()
    assert since < until == now
    day, since, until = span_of(kind, date(2026, 3, 18), TOKYO, now)
    assert day == date(2026, 3, 18)
    assert since < until
    assert until <= max(now, since + timedelta(seconds=1))


def test_the_day_asked_for_is_whole():
    later = at("2026-11-24T00:00:00+00:00")
    assert span_of(EditionKind.DAILY, date(2026, 3, 18), TOKYO, later)[1:] == (
        at("2026-03-17T15:00:00+00:00"), at("2026-03-18T15:00:00+00:00"),
    )  # fmt: skip
    assert span_of(EditionKind.WEEKLY, date(2026, 3, 18), TOKYO, later)[1] == at(
        "2026-03-11T15:00:00+00:00"
    )
