from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.exchange import Freshness, Outcome, Severity
from aggregator.model.feed import Feed, FeedHints, FeedStanding, Validators
from aggregator.model.identifiers import FeedUrl
from aggregator.schedule.hints import outside_quiet_hours
from aggregator.schedule.settle import CadenceOptions, News, settle
from tests.schedule.conftest import (
    DAY,
    HOUR,
    KNOWN,
    MINUTE,
    NOW,
    OPTIONS,
    URL,
    asks_to_wait,
    failed,
    fetched,
    make_feed,
    new_feed,
    steady,
    unchanged,
)

NEWS = News(new=2, known=18, total=20, arrived=(NOW - HOUR, NOW - 2 * HOUR))
SIGNATURE = "news.example|ja|記者"


def settled(feed: Feed, outcome: Outcome, news: News | None = None, now: datetime = NOW) -> Feed:
    return settle(feed, outcome, news, OPTIONS, now)[0]


def wait(feed: Feed, outcome: Outcome, news: News | None = None, now: datetime = NOW) -> timedelta:
    after, plan = settle(feed, outcome, news, OPTIONS, now)
    assert after.next_poll_at == plan.next_poll_at
    assert after.not_before == plan.not_before
    assert plan.reason
    return plan.next_poll_at - now


# -- success --------------------------------------------------------------------------------------


def test_a_200_ends_all_failure_and_remembers_what_the_document_says():
    feed = make_feed(
        standing=FeedStanding.FAILING, failures=3, failure="x", failing_since=NOW - DAY
    )
    news = replace(
        NEWS, title="毎日", homepage="https://news.example/", language="ja", signature=SIGNATURE
    )
    after = settled(feed, fetched(validators=Validators(etag='"2"', url=URL)), news)
    assert after.standing is FeedStanding.OK
    assert (after.failures, after.failure, after.failing_since) == (0, None, None)
    assert (after.title, after.homepage, after.language) == ("毎日", "https://news.example/", "ja")
    assert after.signature == SIGNATURE
    assert after.validators.etag == '"2"'
    assert after.last_poll_at == after.last_success_at == after.last_change_at == NOW
    assert after.poll_seq == feed.poll_seq + 1
    assert sum(after.arrivals.by_hour) == 2


def test_what_a_document_does_not_say_stays_as_it_was():
    feed = make_feed(title="毎日", homepage="https://x/", language="ja", signature=SIGNATURE)
    after = settled(feed, fetched(), replace(NEWS, new=0, arrived=()))
    assert (after.title, after.homepage, after.language) == ("毎日", "https://x/", "ja")
    assert after.signature == SIGNATURE
    assert after.last_change_at is None


def test_a_304_keeps_the_validators_it_was_given():
    after = settled(make_feed(), unchanged())
    assert after.validators == KNOWN
    assert after.standing is FeedStanding.OK
    assert after.last_success_at == NOW
    assert after.last_change_at is None


def test_what_the_pipeline_owns_is_left_alone():
    feed = make_feed(body_hash=5)
    after = settled(feed, fetched(), NEWS)
    for name in (
        "id",
        "source",
        "url",
        "host",
        "kind",
        "every",
        "enabled",
        "body_hash",
        "entry_hashes",
        "key_policy",
    ):
        assert getattr(after, name) == getattr(feed, name)


def test_a_hub_in_the_link_header_goes_before_the_documents_own():
    hints = FeedHints(hub="https://old/", self_url="https://self/")
    after = settled(make_feed(), fetched(hub="https://hub/"), replace(NEWS, hints=hints))
    assert (after.hints.hub, after.hints.self_url) == ("https://hub/", "https://self/")
    again = settled(after, fetched())
    assert again.hints == after.hints


def test_a_first_poll_without_dates_is_followed_after_an_hour():
    outcome = fetched()
    assert HOUR <= wait(new_feed(), outcome, News(new=1, total=1, arrived=(NOW,))) <= 1.1 * HOUR


# -- every ------------------------------------------------------------------------------------------


def test_every_replaces_cadence_hints_and_jitter():
    hints = FeedHints(ttl=DAY, skip_hours=frozenset(range(23)))
    feed = make_feed(every=7 * MINUTE, hints=hints, arrivals=steady(0.1))
    assert wait(feed, unchanged()) == 7 * MINUTE
    assert wait(feed, fetched(validators=Validators()), NEWS) == 7 * MINUTE


def test_every_is_lengthened_by_max_age_errors_and_410():
    feed = make_feed(every=7 * MINUTE)
    assert HOUR <= wait(feed, unchanged(freshness=asks_to_wait(HOUR))) <= HOUR + MINUTE
    assert wait(feed, failed()) == 7 * MINUTE
    assert wait(replace(feed, failures=3), failed()) == 56 * MINUTE
    assert wait(replace(feed, failures=30), failed()) == DAY
    assert wait(feed, failed(410)) == DAY


def test_an_every_of_days_is_kept_through_failures():
    feed = make_feed(every=3 * DAY, failures=5)
    assert wait(feed, failed()) == 3 * DAY
    assert wait(feed, failed(404)) == 3 * DAY


# -- hints and the publisher's word -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("ttl", "shortest", "longest"),
    [
        (timedelta(0), HOUR, 1.1 * HOUR),
        (5 * MINUTE, HOUR, 1.1 * HOUR),
        (3 * HOUR, 3 * HOUR, 3.3 * HOUR),
        (DAY, DAY, 1.1 * DAY),
        (timedelta(days=700), DAY, 1.1 * DAY),
    ],
)
def test_a67_ttl_lengthens_up_to_a_day_and_never_shortens(ttl, shortest, longest):
    feed = make_feed(hints=FeedHints(ttl=ttl), arrivals=steady(48, window=500))
    assert shortest <= wait(feed, unchanged()) <= longest


def test_a_short_ttl_leaves_the_window_rule_alone():
    feed = make_feed(hints=FeedHints(ttl=20 * MINUTE), arrivals=steady(500, window=10))
    assert 20 * MINUTE <= wait(feed, unchanged()) <= 22 * MINUTE


def test_jitter_sets_feeds_apart_and_then_keeps_them_so():
    waits = {
        seq: [
            wait(
                make_feed(url=FeedUrl(f"{URL}/{n}"), poll_seq=seq, arrivals=steady(48, window=500)),
                unchanged(),
            )
            for n in range(50)
        ]
        for seq in (3, 30)
    }
    assert HOUR <= min(waits[3]) < max(waits[3]) <= 1.1 * HOUR
    assert HOUR <= min(waits[30]) < max(waits[30]) <= 1.01 * HOUR
    assert len(set(waits[30])) == 50


def test_skip_hours_are_skipped_and_nobody_comes_at_their_very_end():
    waits = set()
    for n in range(20):
        hints = FeedHints(skip_hours=frozenset({10, 11}))
        feed = make_feed(url=FeedUrl(f"{URL}/{n}"), hints=hints, arrivals=steady(48, window=500))
        due = NOW + wait(feed, unchanged())
        assert due.hour == 12
        waits.add(due.minute)
    assert len(waits) > 10


def test_nobody_comes_so_late_before_skip_hours_that_a_short_wait_leads_into_them():
    hints = FeedHints(skip_hours=frozenset({10, 11}))
    for second in (0, 59):
        moment = NOW.replace(hour=9, minute=59, second=second)
        assert outside_quiet_hours(moment, HOUR, hints, 0.5).hour == 12
    early = NOW.replace(hour=9, minute=58, second=59)
    assert outside_quiet_hours(early, HOUR, hints, 0.5) == early


@pytest.mark.parametrize(
    ("due", "interval", "asked"),
    [
        ((7, 30), 2 * HOUR, (7, 30)),  # there is time for another one
        ((8, 30), 2 * HOUR, (9, 53)),
        ((9, 55), 2 * HOUR, (9, 55)),
        ((8, 30), 4 * HOUR, (8, 30)),  # the next one comes after them
    ],
)
def test_the_last_poll_before_skip_hours_comes_shortly_before_them(due, interval, asked):
    hints = FeedHints(skip_hours=frozenset({10, 11}))
    moment = NOW.replace(hour=due[0], minute=due[1])
    found = outside_quiet_hours(moment, interval, hints, 0.5)
    assert (found.hour, found.minute) == asked


def test_skip_days_are_skipped():
    feed = make_feed(hints=FeedHints(skip_days=frozenset({0, 1})))
    assert (NOW + wait(feed, unchanged())).weekday() == 2


@pytest.mark.parametrize(
    "hints", [FeedHints(skip_hours=frozenset(range(24))), FeedHints(skip_days=frozenset(range(7)))]
)
def test_hints_that_leave_no_time_at_all_are_ignored(hints):
    feed = make_feed(hints=hints, arrivals=steady(48, window=500))
    assert wait(feed, unchanged()) <= 1.1 * HOUR


def test_max_age_is_not_before_and_a_shorter_one_changes_nothing():
    feed = make_feed(arrivals=steady(48, window=500))
    after, plan = settle(feed, unchanged(freshness=asks_to_wait(5 * HOUR)), None, OPTIONS, NOW)
    assert after.not_before == NOW + 5 * HOUR
    assert 5 * HOUR <= plan.interval <= 5 * HOUR + MINUTE
    assert wait(feed, unchanged(freshness=asks_to_wait(MINUTE))) <= 1.1 * HOUR


def test_max_age_that_ends_in_skip_hours_leads_past_them():
    skip = frozenset({(NOW + 2 * HOUR).hour})
    feed = make_feed(hints=FeedHints(skip_hours=skip), arrivals=steady(48, window=500))
    after, plan = settle(feed, unchanged(freshness=asks_to_wait(2 * HOUR)), None, OPTIONS, NOW)
    assert after.not_before == NOW + 2 * HOUR
    assert plan.next_poll_at.hour == (NOW + 3 * HOUR).hour


def test_without_a_new_word_the_old_not_before_is_forgotten():
    assert settled(make_feed(not_before=NOW - MINUTE), unchanged()).not_before is None


# -- failure ------------------------------------------------------------------------------------------


def test_a_failure_keeps_validators_and_says_since_when():
    feed = make_feed()
    first = settled(feed, failed())
    second = settled(first, failed(500), now=NOW + HOUR)
    assert first.validators == second.validators == KNOWN
    assert (second.failures, second.failure, second.failing_since) == (2, "500: because", NOW)
    assert second.last_success_at == feed.last_success_at
    assert second.standing is FeedStanding.FAILING


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        (None, FeedStanding.FAILING),
        (401, FeedStanding.REFUSED),
        (402, FeedStanding.REFUSED),
        (403, FeedStanding.REFUSED),
        (451, FeedStanding.REFUSED),
        (404, FeedStanding.MISSING),
        (410, FeedStanding.MISSING),
        (429, FeedStanding.FAILING),
        (500, FeedStanding.FAILING),
    ],
)
def test_a_failure_has_a_visible_standing(status, standing):
    assert settled(make_feed(), failed(status)).standing is standing


def test_a_document_that_is_no_feed_is_waited_for_with_patience():
    outcome = failed(kind="not_a_feed", severity=Severity.HARD, message="HTML: not a feed")
    assert HOUR <= wait(make_feed(arrivals=steady(200, window=5)), outcome) <= 1.1 * HOUR


def doubling(status: int | None, polls: int = 12) -> list[timedelta]:
    """Return the waits after one failure after the other."""
    feed, now, waits = make_feed(arrivals=steady(48, window=500)), NOW, []
    for _ in range(polls):
        feed, plan = settle(feed, failed(status), None, OPTIONS, now)
        waits.append(plan.interval)
        now = plan.next_poll_at
    return waits


@pytest.mark.parametrize(("status", "first"), [(None, 1), (500, 1), (404, 1), (403, 4), (429, 4)])
def test_a65_waits_double_up_to_a_day(status, first):
    waits = [w / HOUR for w in doubling(status)]
    share = waits[0] / first
    assert 1 <= share <= 1.1
    for n, hours in enumerate(waits):
        assert hours == pytest.approx(min(first * 2**n, 24) * share)


@pytest.mark.parametrize(("status", "days"), [(404, 30), (None, 7), (403, 7)])
def test_after_a_month_of_failures_a_feed_is_still_looked_at_now_and_then(status, days):
    feed = make_feed(failures=40, failing_since=NOW - 30 * DAY)
    assert days * DAY <= wait(feed, failed(status)) <= days * DAY * 1.1


def test_a_429_without_retry_after_is_the_publishers_word_too():
    after = settled(make_feed(), failed(429))
    assert after.not_before == after.next_poll_at >= NOW + 4 * HOUR


def test_retry_after_goes_before_our_own_backoff_only_where_it_is_longer():
    short = failed(429, freshness=asks_to_wait(MINUTE, whole_host=True))
    long = failed(503, freshness=asks_to_wait(10 * HOUR, whole_host=True))
    assert wait(make_feed(), short) >= 4 * HOUR
    assert settled(make_feed(), short).not_before == NOW + MINUTE
    assert 10 * HOUR <= wait(make_feed(), long) <= 10 * HOUR + MINUTE


def test_410_twice_a_day_apart_is_gone_and_not_for_ever():
    feed, plan = settle(make_feed(), failed(410), None, OPTIONS, NOW)
    assert feed.standing is FeedStanding.MISSING
    assert feed.not_before is not None
    assert feed.not_before >= NOW + DAY
    again = plan.next_poll_at
    feed, plan = settle(feed, failed(410), None, OPTIONS, again)
    assert feed.standing is FeedStanding.GONE
    assert 30 * DAY <= plan.interval <= 33 * DAY
    assert feed.not_before == plan.next_poll_at
    feed, plan = settle(feed, failed(410), None, OPTIONS, plan.next_poll_at)
    assert feed.standing is FeedStanding.GONE
    feed, plan = settle(feed, fetched(), NEWS, OPTIONS, plan.next_poll_at)
    assert feed.standing is FeedStanding.OK


def test_what_is_gone_stays_gone_over_an_outage_of_our_own():
    feed = make_feed(standing=FeedStanding.GONE, failure="410: because", last_poll_at=NOW - HOUR)
    after, plan = settle(feed, failed(410), None, OPTIONS, NOW)
    assert after.standing is FeedStanding.GONE
    assert plan.interval >= 30 * DAY


def test_a_410_is_no_proof_after_another_failure_or_too_soon():
    soon = settled(settled(make_feed(), failed(410)), failed(410), now=NOW + HOUR)
    other = settled(settled(make_feed(), failed(404)), failed(410), now=NOW + 2 * DAY)
    assert soon.standing is other.standing is FeedStanding.MISSING


def test_b22_an_outage_of_the_whole_network_counts_against_no_feed():
    feeds = [make_feed(url=FeedUrl(f"{URL}/{n}"), failures=2, failure="x") for n in range(200)]
    outage = failed(kind="network_down", message="no network")
    dues = []
    for feed in feeds:
        after, plan = settle(feed, outage, None, OPTIONS, NOW)
        changed = {f.name for f in fields(Feed) if getattr(after, f.name) != getattr(feed, f.name)}
        assert changed == {"next_poll_at", "last_poll_at", "poll_seq"}
        dues.append(plan.next_poll_at - NOW)
    assert min(dues) >= 5 * MINUTE
    assert max(dues) - min(dues) >= 9 * MINUTE
    assert max(dues) <= 15 * MINUTE


# -- who publishes here -------------------------------------------------------------------------------


def test_a57_a_feed_that_another_publisher_answers_is_quarantined():
    feed = make_feed(title="毎日", signature=SIGNATURE)
    after = settled(feed, failed(kind="hijacked"))
    assert after.standing is FeedStanding.QUARANTINED
    assert (after.title, after.signature) == ("毎日", SIGNATURE)


def test_a_quarantine_outlasts_failures_and_ends_when_the_publisher_is_back():
    feed = make_feed(title="毎日", signature=SIGNATURE, standing=FeedStanding.QUARANTINED)
    assert settled(feed, failed(403)).standing is FeedStanding.QUARANTINED
    back = settled(feed, fetched(), replace(NEWS, known=0, new=20, signature=SIGNATURE))
    assert back.standing is FeedStanding.OK


# -- bounds -------------------------------------------------------------------------------------------


outcomes = st.one_of(
    st.builds(lambda f: fetched(freshness=f), st.builds(Freshness)),
    st.builds(lambda h: unchanged(freshness=asks_to_wait(h * HOUR)), st.integers(0, 300)),
    st.builds(failed, st.sampled_from([None, 401, 403, 404, 410, 429, 500, 503])),
    st.just(failed(kind="network_down")),
)


@given(
    st.lists(st.tuples(outcomes, st.integers(0, 30)), max_size=25),
    st.none() | st.timedeltas(MINUTE, 10 * DAY),
    st.builds(
        FeedHints,
        ttl=st.none() | st.timedeltas(-DAY, 100 * DAY),
        skip_hours=st.frozensets(st.integers(0, 23)),
        skip_days=st.frozensets(st.integers(0, 6)),
    ),
)
def test_whatever_happens_a_feed_is_asked_again_neither_too_soon_nor_never(polls, every, hints):
    feed, now = new_feed(every=every, hints=hints), NOW
    for outcome, new in polls:
        if outcome.freshness.not_before is not None:
            late = outcome.freshness.not_before - NOW
            outcome = replace(outcome, freshness=Freshness(not_before=now + late))
        news = News(new=new, known=30 - new, total=30, arrived=(now,) * new)
        feed, plan = settle(feed, outcome, news, OPTIONS, now)
        floor = min(every or OPTIONS.min_interval, 5 * MINUTE)
        assert floor <= plan.next_poll_at - now <= 45 * DAY
        assert feed.not_before is None or plan.next_poll_at >= feed.not_before
        assert feed.next_poll_at == plan.next_poll_at
        now = plan.next_poll_at


@given(st.timedeltas(MINUTE, 3 * DAY), st.timedeltas(MINUTE, 3 * DAY))
def test_the_operators_bounds_hold_for_the_adaptive_interval(one, other):
    low, high = sorted((one, other))
    options = CadenceOptions(min_interval=low, default_interval=low, max_interval=high)
    _, plan = settle(make_feed(arrivals=steady(3)), unchanged(), None, options, NOW)
    assert low <= plan.interval <= high * 1.1 + MINUTE


def test_a_feed_that_asks_for_a_day_is_soon_asked_at_its_best_time_never_early():
    by_hour = tuple(20.0 if 6 <= hour < 18 else 1.0 for hour in range(24))
    feed, now = (
        make_feed(hints=FeedHints(ttl=DAY), arrivals=replace(steady(24), by_hour=by_hour)),
        NOW,
    )
    polls = []
    for _ in range(14):
        feed, plan = settle(feed, unchanged(), None, OPTIONS, now)
        assert DAY <= plan.next_poll_at - now <= 1.1 * DAY
        now = plan.next_poll_at
        polls.append(now)
    assert {poll.hour for poll in polls[-5:]} <= {18, 19}
    assert polls[-1] - polls[-2] == DAY
