"""A feed and its exchanges, made with as few words as possible."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.model.exchange import Fetched, FetchFailed, Freshness, NotModified, Severity
from aggregator.model.feed import ArrivalHistory, Feed, FeedStanding, Validators
from aggregator.model.identifiers import FeedId, FeedUrl, HostKey, SourceId
from aggregator.schedule.cadence import CadenceOptions

# A busy machine makes the first example of a run slow; what is too slow, pytest-timeout says.

NOW = datetime(2026, 11, 23, 9, 7, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
URL = "https://news.example/feed"
KNOWN = Validators(etag='"1"', url=URL)
OPTIONS = CadenceOptions()


def make_feed(**changes: Any) -> Feed:
    """Return a feed that has been polled an hour ago, with changes."""
    feed = Feed(
        id=FeedId(1),
        source=SourceId("news"),
        url=FeedUrl(URL),
        host=HostKey("news.example"),
        standing=FeedStanding.OK,
        validators=KNOWN,
        next_poll_at=NOW,
        last_poll_at=NOW - HOUR,
        last_success_at=NOW - HOUR,
        poll_seq=7,
        first_seen_at=NOW - 100 * DAY,
    )
    return replace(feed, **changes)


def new_feed(**changes: Any) -> Feed:
    """Return a feed that was never polled."""
    blank: dict[str, Any] = {
        "standing": FeedStanding.NEW,
        "validators": Validators(),
        "last_poll_at": None,
        "last_success_at": None,
        "poll_seq": 0,
        "first_seen_at": NOW,
    }
    return make_feed(**(blank | changes))


def fetched(**changes: Any) -> Fetched:
    """Return a 200."""
    return replace(Fetched(url=URL, body=b"x", validators=KNOWN), **changes)


def unchanged(**changes: Any) -> NotModified:
    """Return a 304."""
    return replace(NotModified(url=URL, validators=KNOWN), **changes)


def failed(status: int | None = None, **changes: Any) -> FetchFailed:
    """Return a failure, by its status or a timeout."""
    severity = {410: Severity.HARD, 403: Severity.SOFT, 404: Severity.SOFT, 429: Severity.SOFT}
    failure = FetchFailed(
        url=URL,
        severity=severity.get(status or 0, Severity.TEMPORARY),
        kind=f"http_{status}" if status else "timeout",
        message=f"{status}: because" if status else "no answer within 30 s",
        status=status,
    )
    return replace(failure, **changes)


def asks_to_wait(time: timedelta, **changes: Any) -> Freshness:
    """Return a server's word that it wants to be left alone so long."""
    return Freshness(not_before=NOW + time, **changes)


def steady(per_day: float, window: int = 20, **changes: Any) -> ArrivalHistory:
    """Return the history of a feed with a steady rate, observed for twenty days."""
    history = ArrivalHistory(
        by_hour=(per_day * 20 / 24,) * 24,
        observed_days=20.0,
        window=window,
        overlap=1.0,
        last_arrival_at=NOW - HOUR,
    )
    return replace(history, **changes)
