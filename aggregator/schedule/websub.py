"""WebSub: when to ask a hub, what its answers mean, and what a push says of a feed's pace.

A subscription goes `made -> asked -> verified -> asked again before the lease ends`; a request that is
never verified is a failure, and the next one waits longer. Polling goes on all the while: daily as
long as the hub has promised to deliver and keeps its word, at the usual pace otherwise (B35).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from aggregator.model.feed import Feed
from aggregator.model.identifiers import FeedUrl, SubscriptionId
from aggregator.model.websub import Subscription
from aggregator.schedule.arrivals import News, with_push
from aggregator.schedule.cadence import CadenceOptions
from aggregator.schedule.spread import fraction

__all__ = ["asked", "denied", "ended", "failed", "is_pushed", "lapsed", "made", "poll_due_after", "pushed", "verified"]  # fmt: skip

WISHED_LEASE: Final = timedelta(days=10)
LONGEST_LEASE: Final = timedelta(days=30)  # never perpetual
_SHORTEST_LEASE: Final = timedelta(minutes=10)
_RENEWED_AT: Final = 0.75  # of the lease: time for some tries before it ends
_FIRST_RETRY: Final = timedelta(hours=1)
_LONGEST_RETRY: Final = timedelta(hours=24)
_SLIPPED: Final = timedelta(minutes=15)  # what is younger may still be on its way from the hub


def made(
    feed: Feed, hub: str, topic: str, callback: str, id_: SubscriptionId, secret: str, now: datetime
) -> Subscription:
    """Return a new subscription; `id_` and `secret` cannot be guessed."""
    return Subscription(
        id=id_,
        feed=feed.id,
        hub=hub,
        topic=topic,
        callback=callback,
        secret=secret,
        next_request_at=now,
    )


def asked(subscription: Subscription, now: datetime) -> Subscription:
    """Return a subscription that its hub is asked for now: without a verification it is a failure."""
    wait = min(_FIRST_RETRY * (1 << min(subscription.failures, 10)), _LONGEST_RETRY)
    if subscription.live_until is not None:  # a renewal: some tries have to fit into the lease
        wait = min(wait, max((subscription.live_until - now) / 4, _SHORTEST_LEASE / 2))
    return replace(
        subscription,
        asked_at=now,
        next_request_at=now + wait * (1 + _jitter(subscription)),
        failures=subscription.failures + 1,
        failure=subscription.failure or "the hub has not verified the subscription yet",
    )


def failed(subscription: Subscription, why: str) -> Subscription:
    """Return a subscription whose request the hub did not take."""
    return replace(subscription, asked_at=None, failure=why)


def verified(subscription: Subscription, lease: timedelta | None, now: datetime) -> Subscription:
    """Return a subscription that its hub has verified; without a lease of its own for a day."""
    granted = min(max(lease or timedelta(days=1), _SHORTEST_LEASE), LONGEST_LEASE)
    again = subscription.is_live(now)
    return replace(
        subscription,
        asked_at=None,
        next_request_at=now + granted * _RENEWED_AT * (1 - _jitter(subscription)),
        live_since=subscription.live_since if again else now,
        live_until=now + granted,
        failures=0,
        failure=None,
    )


def denied(subscription: Subscription, why: str, now: datetime) -> Subscription:
    """Return a subscription that its hub refuses, or ends: it is asked again on another day."""
    return replace(
        subscription,
        asked_at=None,
        next_request_at=now + _LONGEST_RETRY * (1 + _jitter(subscription)),
        live_since=None,
        live_until=None,
        failures=subscription.failures + 1,
        failure=why,
    )


def lapsed(subscription: Subscription) -> Subscription:
    """Return a subscription whose lease has ended without a renewal."""
    return replace(subscription, live_since=None, live_until=None)


def ended(subscription: Subscription, now: datetime) -> Subscription:
    """Return a subscription that is no longer wanted."""
    return replace(lapsed(subscription), ended_at=now, asked_at=None)


def poll_due_after(feed: Feed, options: CadenceOptions, now: datetime) -> datetime:
    """Return when a feed is due at the latest whose hub has stopped telling us of its news."""
    usual = feed.every or options.default_interval
    return max(now, (feed.last_poll_at or now) + usual * (1 + fraction(feed.url) / 10))


def is_pushed(feed: Feed, news: News | None, now: datetime) -> bool:
    """Tell whether a hub's promise stands after a poll.

    What the poll brought that the hub should have told us of shows that it does not: then the feed
    is polled at its usual pace until a poll finds nothing that had slipped.
    """
    since, until = feed.pushed_since, feed.pushed_until
    if since is None or until is None or until <= now:
        return False
    polled_before = feed.last_success_at is not None and feed.last_success_at >= since
    arrived = news.arrived if news is not None else ()
    return not (polled_before and any(time < now - _SLIPPED for time in arrived))


def pushed(feed: Feed, news: News, now: datetime) -> Feed:
    """Return the feed after its hub delivered something: when to poll stays as it was."""
    return replace(
        feed,
        arrivals=with_push(feed.arrivals, news, now),
        signature=news.signature or feed.signature,
        last_change_at=now if news.new else feed.last_change_at,
        poll_seq=feed.poll_seq + 1,
    )


def _jitter(subscription: Subscription) -> float:
    return fraction(FeedUrl(subscription.topic), subscription.id) / 10
