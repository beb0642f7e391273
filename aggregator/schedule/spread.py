"""Keeps feeds from being asked at the same moment: stable jitter, and a slow start for many at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from aggregator.model.feed import Feed
from aggregator.model.identifiers import FeedUrl, HostKey, digest63

JITTER: Final = 0.10  # of an interval, at most (C17)
DRIFT: Final = 0.01  # of one between polls that are apart already: each per cent is a delay
AT_ONCE: Final = 50  # feeds that a first round may ask without waiting
_SLOT: Final = timedelta(seconds=2.5)  # per newly imported feed: at most one in 2 s (C19) ...
_SLOTS_PER_HOST: Final = 24  # from one feed of a host to the next: a minute
_WITHIN_SLOT: Final = timedelta(seconds=0.5)  # ... and not to the beat of a clock


def fraction(url: FeedUrl, salt: str = "") -> float:
    """Return a number from 0 to below 1 that is always the same for a feed."""
    return digest63(f"{salt}\n{url}".encode("utf-8", "surrogatepass")) / 2**63


def first_polls(
    new: Sequence[tuple[FeedUrl, HostKey]], now: datetime, running: bool
) -> list[datetime]:
    """Return when newly listed feeds are due first, in their order.

    Args:
        new: each feed with whom we are polite to.
        now: the time of day.
        running: whether they were added to a running daemon. A first round, `poll` and `demo` ask
            at once whatever the number.
    """
    if not running or len(new) <= AT_ONCE:
        return [now] * len(new)
    taken: set[int] = set()
    free: dict[HostKey, int] = {}  # the first slot in which a host may be asked
    dues = []
    first = 0
    for url, host in new:
        slot = free.get(host, first)
        while slot in taken:
            slot += 1
        taken.add(slot)
        while first in taken:
            first += 1
        free[host] = slot + _SLOTS_PER_HOST
        dues.append(now + slot * _SLOT + fraction(url) * _WITHIN_SLOT)
    return dues


def may_be_asked(feed: Feed, now: datetime) -> bool:
    """Tell whether a feed may be asked ahead of our own plan (`poll --all`): its publisher decides."""
    return feed.enabled and (feed.not_before is None or feed.not_before <= now)
