"""Permanent redirects: followed at once, believed only after proof, forgotten when they fail."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from aggregator.model.exchange import Fetched, NotModified
from aggregator.model.feed import Feed

PROOF_POLLS: Final = 10  # A55: NewsBlur waits for 10, Bloglines did for 14 days
PROOF_TIME: Final = timedelta(days=7)
_DOUBT: Final = 3  # failures in a row at the new address, after which the old one is asked again


def is_proven(feed: Feed, now: datetime) -> bool:
    """Tell whether a permanent redirect has been seen often and long enough to be believed."""
    return (
        feed.moved_to is not None
        and feed.moved_since is not None
        and feed.moved_seen >= PROOF_POLLS
        and now - feed.moved_since >= PROOF_TIME
    )


def poll_url(feed: Feed, now: datetime) -> str:
    """Return the address to ask: the feed's own, or the one it has moved to for good (C22)."""
    if feed.moved_to is not None and is_proven(feed, now) and feed.failures < _DOUBT:
        return feed.moved_to
    return feed.url


def with_move(feed: Feed, outcome: Fetched | NotModified, now: datetime) -> Feed:
    """Return the feed with what a successful poll says of its address; `feed` is as it was before the poll."""
    if is_proven(feed, now) and outcome.url == feed.moved_to:
        return feed  # asked at its new address, or led there once more
    if outcome.moved_to is None:
        if feed.moved_to is None:
            return feed
        return replace(feed, moved_to=None, moved_seen=0, moved_since=None)
    if outcome.moved_to == feed.moved_to:
        return replace(feed, moved_seen=feed.moved_seen + 1)
    return replace(feed, moved_to=outcome.moved_to, moved_seen=1, moved_since=now)
