"""Pollers that live through the same publications, and what each of them costs and brings."""

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aggregator.model.exchange import Fetched, Freshness, NotModified, Outcome
from aggregator.model.feed import Feed, FeedStanding, Validators
from aggregator.model.identifiers import FeedId, FeedUrl, HostKey, SourceId
from aggregator.schedule.settle import CadenceOptions, News, settle
from benchmarks.publishers import HOUR, START, Publisher

FLOOR = timedelta(minutes=15) * 1.1  # the shortest interval, with its jitter
# Of an answer by the wire: the headers of any, and each entry of a gzipped document (the median of
# the corpus's documents with nine entries or more).
HEADER_BYTES = 400
ENTRY_BYTES = 290


@dataclass(slots=True)
class Tally:
    """What a poller did and got."""

    requests: int = 0
    bodies: int = 0
    delays: list[float] = field(default_factory=list)  # hours
    lost: int = 0
    received: int = 0  # bytes
    # Lost although they stood in the document for longer than anybody has to wait.
    avoidable: int = 0
    breaches: list[str] = field(default_factory=list)

    def mean(self) -> float:
        """Return the mean delay in minutes."""
        return 60 * sum(self.delays) / max(1, len(self.delays))

    def percentile(self, share: float) -> float:
        """Return a percentile of the delay in minutes."""
        return 60 * sorted(self.delays)[int(share * (len(self.delays) - 1))] if self.delays else 0.0


class Reader:
    """Sees a publisher's document now and then, and keeps count."""

    def __init__(self, publisher: Publisher, tally: Tally) -> None:
        self.publisher = publisher
        self.tally = tally
        self.seen = 0  # entries published so far that cannot be new any more
        self.first = True
        quiet = len(publisher.hints.skip_hours) * HOUR
        # An entry that stood for less could not have been seen by anybody who keeps to the wishes.
        # Quiet hours end for everybody at once: half an hour goes by until all have been.
        quiet += HOUR if quiet else timedelta(0)
        wishes = (wish * 1.2 for wish in publisher.wishes())
        self.shortest = max(FLOOR / HOUR, quiet / HOUR, *wishes)

    def look(self, at: float) -> tuple[Sequence[float], int]:
        """Return the times of new entries, and the number in the document."""
        times, window = self.publisher.published, self.publisher.window
        end = bisect_right(times, at)
        start = max(0, end - window)
        fresh = times[max(start, self.seen) : end]
        self.tally.requests += 1
        whole = bool(fresh) or self.first or not self.publisher.validators
        self.tally.bodies += whole
        self.tally.received += HEADER_BYTES + whole * (end - start) * ENTRY_BYTES
        if not self.first:
            for index in range(self.seen, start):
                self.tally.lost += 1
                gone_at = times[index + window]
                self.tally.avoidable += gone_at - times[index] > self.shortest
            self.tally.delays.extend(at - time for time in fresh)
        self.first, self.seen = False, end
        return fresh, end - start


def poll_by_settle(publisher: Publisher, days: int, tally: Tally, options: CadenceOptions) -> None:
    """Let the daemon's own schedule poll one feed."""
    reader, feed = Reader(publisher, tally), new_feed(publisher)
    now, end = feed.next_poll_at, START + timedelta(days=days)
    unconditional = 0
    while now < end:
        fresh, total = reader.look((now - START) / HOUR)
        unconditional += not feed.validators
        before = feed
        outcome = answer(publisher, feed, bool(fresh), now)
        arrived = tuple(START + timedelta(hours=time) for time in fresh)
        news = News(
            new=len(fresh), known=total - len(fresh), total=total, arrived=arrived, hints=publisher.hints
        )  # fmt: skip
        feed, plan = settle(
            feed, outcome, news if isinstance(outcome, Fetched) else None, options, now
        )
        tally.breaches.extend(breaches(publisher, before, now))
        now = plan.next_poll_at + timedelta(seconds=1)
    if publisher.validators and unconditional > 1:
        tally.breaches.append("C6 more than one unconditional request")


def new_feed(publisher: Publisher) -> Feed:
    """Return a feed that was never polled."""
    return Feed(
        id=FeedId(publisher.number),
        source=SourceId(f"s{publisher.number}"),
        url=FeedUrl(f"https://s{publisher.number}.example/feed"),
        host=HostKey(f"s{publisher.number}.example"),
        standing=FeedStanding.NEW,
        next_poll_at=START,
        first_seen_at=START,
    )


def answer(publisher: Publisher, feed: Feed, changed: bool, now: datetime) -> Outcome:
    """Return what the publisher's server says."""
    freshness = Freshness(not_before=now + publisher.max_age if publisher.max_age else None)
    if publisher.validators and feed.validators and not changed:
        return NotModified(url=feed.url, validators=feed.validators, freshness=freshness)
    validators = Validators(etag=f'"{now}"', url=feed.url) if publisher.validators else Validators()
    return Fetched(url=feed.url, body=b"x", validators=validators, freshness=freshness)


def breaches(publisher: Publisher, before: Feed, now: datetime) -> Iterator[str]:
    """Yield what a publisher that keeps score would hold against a poll now."""
    if before.last_poll_at is None:
        return
    since = now - before.last_poll_at
    hours = publisher.hints.skip_hours
    at = (now - START) / HOUR
    turnover = publisher.shortest_turnover(at - 7 * 24, at)
    if publisher.max_age and since < publisher.max_age:
        yield "C8 earlier than max-age"
    if publisher.hints.ttl and since < min(publisher.hints.ttl, timedelta(hours=24)):
        yield "C12 earlier than ttl"
    if now.hour in hours:
        yield "C13 inside skipHours"
    if since < timedelta(minutes=15):
        yield "C7 under 15 minutes"
    if since < HOUR and turnover > 12:
        yield "C7 under an hour without need of the window"
    if publisher.is_costly() and since < timedelta(hours=24) and turnover > 8 * 24:
        yield "C7 under a day without validators or need of the window"
    silence = now - (before.arrivals.last_arrival_at or now)
    if silence > timedelta(days=32) and since < timedelta(hours=24):
        yield "C14 more than daily after a silent month"


def poll_by_interval(
    publisher: Publisher, days: int, tally: Tally, interval: Callable[[Publisher, float], float]
) -> None:
    """Let a simple poller poll one feed; `interval` is in hours."""
    reader, at = Reader(publisher, tally), 0.0
    reader.look(at)
    at = (
        interval(publisher, at) * random.Random(publisher.number).random()
    )  # its place in the round
    while at < days * 24:
        reader.look(at)
        at += interval(publisher, at)


def miniflux(factor: float) -> Callable[[Publisher, float], float]:
    """Return Miniflux's interval in hours after a poll."""

    def interval(publisher: Publisher, at: float) -> float:
        times = publisher.published
        visible = bisect_right(times, at)
        weekly = visible - max(bisect_left(times, at - 7 * 24), visible - 10**6)
        hours = 7 * 24 / (weekly * factor) if weekly else 24.0
        return min(max(hours, 5 / 60, *publisher.wishes()), 24.0)

    return interval


def polite_hour(publisher: Publisher, at: float) -> float:
    """Return an hour, or as much more as the publisher asks for: what cadence has to be measured by."""
    wait = 24.0 if publisher.is_costly() else max([1.0, *publisher.wishes()])
    hour = (START + (at + wait) * HOUR).hour
    quiet = publisher.hints.skip_hours
    return wait + (max(quiet) + 1 - hour if hour in quiet else 0)


def run(feeds: Sequence[Publisher], poll: Callable[[Publisher, Tally], None]) -> list[Tally]:
    """Return what a poller gets of each feed."""
    tallies = [Tally() for _ in feeds]
    for publisher, tally in zip(feeds, tallies, strict=True):
        poll(publisher, tally)
    return tallies


def together(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of tallies."""
    total = Tally()
    for tally in tallies:
        total.requests += tally.requests
        total.bodies += tally.bodies
        total.received += tally.received
        total.delays += tally.delays
        total.lost += tally.lost
        total.avoidable += tally.avoidable
        total.breaches += tally.breaches
    return total


def every(
    days: int, interval: Callable[[Publisher, float], float]
) -> Callable[[Publisher, Tally], None]:
    """Return a simple poller with this interval."""
    return lambda publisher, tally: poll_by_interval(publisher, days, tally, interval)


def equal_factor(feeds: Sequence[Publisher], days: int, requests: int) -> float:
    """Return the factor with which Miniflux's formula makes about so many requests."""
    low, high = 0.01, 10.0
    sample = feeds[:: max(1, len(feeds) // 250)]
    wanted = requests * len(sample) / len(feeds)
    for _ in range(9):
        middle = math.sqrt(low * high)
        few = together(run(sample, every(days, miniflux(middle)))).requests < wanted
        low, high = (middle, high) if few else (low, middle)
    return math.sqrt(low * high)
