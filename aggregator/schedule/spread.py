"""Keeps feeds from being asked at the same moment: stable jitter, and a slow start for many at once."""

from datetime import datetime, timedelta
from typing import Final

from aggregator.model.feed import Feed
from aggregator.model.identifiers import FeedUrl, digest63

JITTER: Final = 0.10  # of an interval, at most (C17)
AT_ONCE: Final = 50  # feeds that a first round may ask without waiting
_SLOT: Final = timedelta(seconds=2.5)  # per newly imported feed: at most one in 2 s (C19) ...
_WITHIN_SLOT: Final = timedelta(seconds=0.5)  # ... and not to the beat of a clock


def fraction(url: FeedUrl, salt: str = "") -> float:
    """Return a number from 0 to below 1 that is always the same for a feed."""
    return digest63(f"{salt}\n{url}".encode("utf-8", "surrogatepass")) / 2**63


def first_poll_at(
    feed_url: FeedUrl, index: int, total: int, now: datetime, running: bool
) -> datetime:
    """Return when a newly listed feed is due first.

    Args:
        feed_url: of the feed.
        index: its place among the new feeds, from 0.
        total: how many are new.
        now: the time of day.
        running: whether they were added to a running daemon. A first round, `poll` and `demo` ask
            at once whatever the number.
    """
    if not running or total <= AT_ONCE:
        return now
    return now + index * _SLOT + fraction(feed_url) * _WITHIN_SLOT


def may_be_asked(feed: Feed, now: datetime) -> bool:
    """Tell whether a feed may be asked ahead of our own plan (`poll --all`): its publisher decides."""
    return feed.enabled and (feed.not_before is None or feed.not_before <= now)
