"""Subscriptions at hubs, and what they promise of a feed."""

import sqlite3
from datetime import datetime
from typing import Final

from aggregator.model.identifiers import HostKey, SubscriptionId
from aggregator.model.websub import Subscription
from aggregator.store.sqlite.feeds import reckon
from aggregator.store.sqlite.rows import SUBSCRIPTION, as_int

_SAVE: Final = """
INSERT INTO subscriptions (id, feed, ended_at, subscription) VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
  feed = excluded.feed, ended_at = excluded.ended_at, subscription = excluded.subscription
"""

_PROMISE: Final = """
UPDATE feeds SET
  pushed_since = :since,
  pushed_until = :until,
  next_poll_at = coalesce(min(next_poll_at, max(:due, coalesce(not_before, 0))), next_poll_at)
WHERE id = :feed RETURNING host
"""


def subscriptions(connection: sqlite3.Connection) -> tuple[Subscription, ...]:
    """Return the subscriptions that have not ended."""
    query = "SELECT subscription FROM subscriptions WHERE ended_at IS NULL ORDER BY id"
    return tuple(SUBSCRIPTION.load(text) for (text,) in connection.execute(query))


def subscription(connection: sqlite3.Connection, id_: SubscriptionId) -> Subscription | None:
    """Return one subscription."""
    query = "SELECT subscription FROM subscriptions WHERE id = ?"
    row = connection.execute(query, (id_,)).fetchone()
    return None if row is None else SUBSCRIPTION.load(row[0])


def save_subscription(
    connection: sqlite3.Connection, subscription: Subscription, due: datetime | None
) -> None:
    """Write a subscription and what it promises."""
    connection.execute(
        _SAVE,
        (
            subscription.id,
            subscription.feed,
            as_int(subscription.ended_at),
            SUBSCRIPTION.dump(subscription),
        ),
    )
    ended = subscription.ended_at is not None
    promise = {
        "since": None if ended else as_int(subscription.live_since),
        "until": None if ended else as_int(subscription.live_until),
        "due": as_int(due),
        "feed": subscription.feed,
    }
    hosts = [HostKey(host) for (host,) in connection.execute(_PROMISE, promise).fetchall()]
    reckon(connection, hosts)
