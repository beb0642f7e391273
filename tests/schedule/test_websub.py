"""When a hub is asked, what its answers mean, and what a push says of a feed's pace."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.model.identifiers import SubscriptionId
from aggregator.schedule import websub
from aggregator.schedule.arrivals import News
from aggregator.schedule.cadence import CadenceOptions
from aggregator.schedule.settle import settle
from tests.schedule.conftest import DAY, HOUR, MINUTE, NOW, fetched, make_feed, steady, unchanged

OPTIONS = CadenceOptions()
PUSHED = make_feed(
    arrivals=steady(60),
    last_success_at=NOW - HOUR,
    pushed_since=NOW - 2 * HOUR,
    pushed_until=NOW + 9 * DAY,
)


def a_subscription(**changes):
    made = websub.made(
        make_feed(),
        "https://hub.example/",
        "https://news.example/feed",
        "https://reader.example/websub/x",
        SubscriptionId("x"),
        "secret",
        NOW,
    )
    return replace(made, **changes)


def test_a_new_subscription_is_asked_for_at_once():
    made = a_subscription()
    assert made.next_request_at == NOW
    assert not made.is_live(NOW)


def test_requests_that_lead_to_nothing_double_the_wait_up_to_a_day():
    subscription, waits = a_subscription(), []
    for _ in range(8):
        subscription = websub.asked(subscription, NOW)
        waits.append(subscription.next_request_at - NOW)
    assert HOUR <= waits[0] <= 1.1 * HOUR
    assert all(later >= earlier for earlier, later in itertools.pairwise(waits))
    assert DAY <= waits[-1] <= 1.1 * DAY


def test_a_verified_lease_is_renewed_before_it_ends_with_time_for_more_tries():
    live = websub.verified(websub.asked(a_subscription(), NOW), 10 * DAY, NOW)
    assert live.live_until == NOW + 10 * DAY
    assert live.failures == 0
    assert live.failure is None
    at, tries = live.next_request_at, 0
    assert at <= NOW + 7.5 * DAY
    while at < NOW + 10 * DAY:
        live = websub.asked(live, at)
        at, tries = live.next_request_at, tries + 1
    assert tries >= 4


def test_a_renewal_keeps_since_when_the_hub_has_delivered():
    first = websub.verified(a_subscription(), 10 * DAY, NOW)
    again = websub.verified(first, 10 * DAY, NOW + 7 * DAY)
    assert again.live_since == NOW
    assert websub.verified(first, 10 * DAY, NOW + 11 * DAY).live_since == NOW + 11 * DAY


@pytest.mark.parametrize(
    ("given", "granted"),
    [
        (timedelta(), 1 * DAY),
        (None, 1 * DAY),
        (timedelta(seconds=1), 10 * MINUTE),
        (5 * DAY, 5 * DAY),
        (400 * DAY, 30 * DAY),
    ],
)
def test_a_lease_has_a_least_and_a_greatest_length(given, granted):
    assert websub.verified(a_subscription(), given, NOW).live_until == NOW + granted


def test_what_is_refused_lapsed_or_ended_promises_nothing():
    live = websub.verified(a_subscription(), 10 * DAY, NOW)
    refused = websub.denied(live, "no", NOW)
    assert refused.next_request_at >= NOW + DAY
    assert refused.failure == "no"
    for one in (refused, websub.lapsed(live), websub.ended(live, NOW)):
        assert not one.is_live(NOW)
    assert websub.ended(live, NOW).ended_at == NOW
    assert websub.failed(websub.asked(live, NOW), "503").asked_at is None


def test_a_live_subscription_makes_polling_daily():
    for outcome, news in ((unchanged(), None), (fetched(), News(known=20, total=20))):
        _, plan = settle(PUSHED, outcome, news, OPTIONS, NOW)
        assert DAY <= plan.interval <= 1.1 * DAY
        assert "hub" in plan.reason


def test_a_fixed_interval_gives_way_to_a_hub_unless_it_is_longer():
    every = replace(PUSHED, every=30 * MINUTE)
    assert settle(every, unchanged(), None, OPTIONS, NOW)[1].interval == DAY
    rarely = replace(PUSHED, every=3 * DAY)
    assert settle(rarely, unchanged(), None, OPTIONS, NOW)[1].interval == 3 * DAY


@pytest.mark.parametrize(
    ("changes", "arrived", "pushed"),
    [
        ({}, (), True),
        ({"pushed_until": NOW}, (), False),
        ({"pushed_since": None}, (), False),
        ({"pushed_until": None}, (), False),
        ({}, (NOW - 5 * MINUTE,), True),  # may still be on its way
        ({}, (NOW - 40 * MINUTE,), False),  # slipped
        ({"pushed_since": NOW - MINUTE}, (NOW - 40 * MINUTE,), True),  # from before the promise
        ({"last_success_at": None}, (NOW - 40 * MINUTE,), True),
    ],
)
def test_a_hub_is_relied_on_as_long_as_nothing_slips(changes, arrived, pushed):
    news = News(new=len(arrived), total=20, arrived=arrived)
    assert websub.is_pushed(replace(PUSHED, **changes), news, NOW) is pushed


def test_without_a_hub_polling_is_due_when_it_usually_would_be():
    feed = replace(PUSHED, last_poll_at=NOW - 10 * MINUTE)
    due = websub.poll_due_after(feed, OPTIONS, NOW)
    assert NOW + 50 * MINUTE <= due <= NOW + 56 * MINUTE
    assert websub.poll_due_after(replace(feed, every=5 * MINUTE), OPTIONS, NOW) == NOW
    assert websub.poll_due_after(replace(feed, last_poll_at=None), OPTIONS, NOW) > NOW


def test_a_push_counts_what_came_and_leaves_the_plan_alone():
    news = News(new=2, total=2, arrived=(NOW - HOUR, NOW + DAY), signature="theirs")
    after = websub.pushed(PUSHED, news, NOW)
    assert after.poll_seq == PUSHED.poll_seq + 1
    assert sum(after.arrivals.by_hour) == pytest.approx(sum(PUSHED.arrivals.by_hour) + 2)
    assert after.arrivals.last_arrival_at == NOW
    assert after.arrivals.window == PUSHED.arrivals.window
    assert (after.last_change_at, after.signature) == (NOW, "theirs")
    same = ("next_poll_at", "not_before", "last_poll_at", "last_success_at", "validators")
    assert all(getattr(after, name) == getattr(PUSHED, name) for name in same)


def test_an_empty_push_changes_nothing_but_the_count():
    after = websub.pushed(PUSHED, News(), NOW)
    assert replace(after, poll_seq=PUSHED.poll_seq) == PUSHED
