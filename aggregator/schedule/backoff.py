"""How long to leave a feed alone after a failure; never a tight retry, never given up for ever."""

from datetime import datetime, timedelta
from typing import Final

from aggregator.model.exchange import FetchFailed, Severity
from aggregator.model.feed import Feed, FeedStanding

DAY: Final = timedelta(hours=24)
_SLOW_DOWN: Final = timedelta(hours=4)  # 429 and 403 without a Retry-After (C11)
_SOFT: Final = timedelta(hours=1)  # the shortest wait after 404 and its like
_LONG: Final = timedelta(days=30)  # of failing: then it is news to nobody any more
_RARE: Final = timedelta(days=7)  # between two looks then
RARELY: Final = timedelta(days=30)  # between two looks at what is gone
GONE: Final = 410
_MISSING: Final = 404
_SLOW_DOWN_STATUSES: Final = frozenset({403, 429})


def retry_interval(feed: Feed, failure: FetchFailed, usual: timedelta, now: datetime) -> timedelta:
    """Return how long to wait after a failure.

    Args:
        feed: as it was before: `failures` and `failing_since` do not count this one yet.
        failure: what happened.
        usual: the interval if all were well; no failure is followed by less.
        now: the time of day.
    """
    if failure.status == GONE:
        return RARELY if is_gone(feed, now) else max(usual, DAY)
    if feed.failing_since is not None and now - feed.failing_since >= _LONG:
        return max(usual, RARELY if failure.status == _MISSING else _RARE)
    if failure.status in _SLOW_DOWN_STATUSES:
        first = max(usual, _SLOW_DOWN)
    elif failure.severity is Severity.TEMPORARY:
        first = usual
    else:
        first = max(usual, _SOFT)
    doublings = min(feed.failures, 10)  # 1 << 10 hours is beyond the cap, whatever comes first
    return max(usual, min(first * (1 << doublings), DAY))


def is_gone(feed: Feed, now: datetime) -> bool:
    """Tell whether a 410 now is the second one at least, a day or more after the first (A65).

    The failure's words begin with the status, so that the previous answer is known to have been a
    410 as well; `last_poll_at` is when.
    """
    if feed.standing is FeedStanding.GONE:
        return True
    again = feed.failure is not None and feed.failure.startswith(f"{GONE}:")
    return again and feed.last_poll_at is not None and now - feed.last_poll_at >= DAY
