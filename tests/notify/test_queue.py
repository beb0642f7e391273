"""Whom to tell when: once, not at night, not too often, and again where nobody answered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.identifiers import StoryId
from aggregator.model.output import Notify
from aggregator.notify.queue import (
    Candidate,
    NotifyState,
    decide,
    failed,
    is_quiet,
    skipped,
    told,
)

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # in Tokyo
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PLAIN = Notify(url="https://ntfy.example/x")
NIGHT = replace(PLAIN, quiet=(23 * 60, 7 * 60))
STATE = NotifyState(since=NOON - 24 * HOUR)


def candidate(name="s", independent=1, published=NOON):
    return Candidate(story=StoryId(name), published=published, independent=independent)


def test_a_story_is_told_of_once():
    first = decide(STATE, [candidate()], PLAIN, TOKYO, NOON)
    assert first.tell == ("s",)
    assert decide(told(first.state, StoryId("s")), [], PLAIN, TOKYO, NOON).tell == ()


def test_a_story_waits_until_enough_sources_report_it():
    three = replace(PLAIN, min_independent=3)
    early = decide(STATE, [candidate(independent=2)], three, TOKYO, NOON)
    assert (early.tell, early.state.waiting) == ((), ())
    assert decide(early.state, [candidate(independent=3)], three, TOKYO, NOON).tell == ("s",)


def test_what_appeared_before_notifying_was_set_up_is_no_news():
    state = NotifyState(since=NOON)
    old = candidate("old", published=NOON - 4 * HOUR)
    fresh = candidate("fresh", published=NOON - 2 * HOUR)
    assert decide(state, [old, fresh], PLAIN, TOKYO, NOON).tell == ("fresh",)


@pytest.mark.parametrize(
    ("quiet", "clock", "expected"),
    [
        ((23 * 60, 7 * 60), "22:59", False),
        ((23 * 60, 7 * 60), "23:00", True),
        ((23 * 60, 7 * 60), "00:00", True),
        ((23 * 60, 7 * 60), "06:59", True),
        ((23 * 60, 7 * 60), "07:00", False),
        ((12 * 60, 13 * 60), "12:30", True),
        ((12 * 60, 13 * 60), "13:00", False),
        (None, "03:00", False),
    ],
)
def test_quiet_hours_go_by_the_operators_clock_and_may_span_midnight(quiet, clock, expected):
    hour, minute = map(int, clock.split(":"))
    now = datetime(2026, 11, 24, hour, minute, tzinfo=TOKYO)
    assert is_quiet(replace(PLAIN, quiet=quiet), TOKYO, now) is expected


def test_what_comes_at_night_is_told_in_the_morning_even_if_it_has_left_by_then():
    night = datetime(2026, 11, 24, 2, 0, tzinfo=TOKYO)
    held = decide(STATE, [candidate(published=night)], NIGHT, TOKYO, night)
    assert held.tell == held.skip == ()
    morning = decide(held.state, [], NIGHT, TOKYO, night + 5 * HOUR)
    assert morning.tell == ("s",)


def test_beyond_the_days_number_the_most_reported_are_told_and_the_others_never():
    two = replace(PLAIN, max_per_day=2)
    stories = [candidate(name, independent=n) for n, name in enumerate("abcd", 1)]
    decision = decide(STATE, stories, two, TOKYO, NOON)
    assert (decision.tell, decision.skip) == (("d", "c"), ("b", "a"))


def test_the_days_number_counts_from_local_midnight():
    one = replace(PLAIN, max_per_day=1)
    before = datetime(2026, 11, 24, 23, 50, tzinfo=TOKYO)
    state = told(decide(STATE, [candidate()], one, TOKYO, before).state, StoryId("s"))
    assert decide(state, [candidate("t")], one, TOKYO, before + 5 * MINUTE).skip == ("t",)
    assert decide(state, [candidate("t")], one, TOKYO, before + 15 * MINUTE).tell == ("t",)


def test_what_nobody_took_is_tried_again_at_growing_intervals_up_to_an_hour():
    state, waits = decide(STATE, [candidate()], PLAIN, TOKYO, NOON).state, []
    for _ in range(9):
        state = failed(state, NOON, None)
        assert state.retry_at is not None
        waits.append((state.retry_at - NOON) / MINUTE)
        assert decide(state, [], PLAIN, TOKYO, state.retry_at - MINUTE / 2).tell == ()
        assert decide(state, [], PLAIN, TOKYO, state.retry_at).tell == ("s",)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert told(state, StoryId("s")).retry_at is None


def test_a_receiver_that_asks_to_wait_is_left_alone_so_long():
    state = failed(STATE, NOON, NOON + 5 * HOUR)
    assert state.retry_at == NOON + 5 * HOUR


def test_what_could_not_be_told_for_a_day_is_no_news_any_more():
    state = failed(decide(STATE, [candidate()], PLAIN, TOKYO, NOON).state, NOON, None)
    late = decide(state, [candidate("new", published=NOON)], PLAIN, TOKYO, NOON + 24 * HOUR)
    assert (late.tell, late.skip) == (("new",), ("s",))
    assert [one.story for one in skipped(late.state, StoryId("s")).waiting] == ["new"]


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 5)), max_size=30),
    st.integers(0, 3),
)
def test_however_often_asked_no_story_is_told_twice_and_no_day_has_too_many(seen, most):
    notify = replace(NIGHT, max_per_day=most)
    state, now, told_of, done = STATE, NOON, [], set()
    for name, independent in seen:
        now += 37 * MINUTE
        new = [candidate(name, independent)] if name not in done else []
        decision = decide(state, new, notify, TOKYO, now)
        state = decision.state
        for story in decision.skip:
            state = skipped(state, story)
            done.add(story)
        for story in decision.tell:
            state = told(state, story)
            done.add(story)
            told_of.append((story, f"{now.astimezone(TOKYO):%d}"))
            assert not is_quiet(notify, TOKYO, now)
    assert len({story for story, _ in told_of}) == len(told_of)
    days = [day for _, day in told_of]
    assert all(days.count(day) <= most for day in days)
