"""Thirty days of a thousand feeds under a virtual clock: what polling them costs and brings.

    python -m benchmarks.politeness [--feeds 1000] [--days 30] [--seed 1]
    python -m benchmarks.politeness --score     the sheet C1-C26, point by point

Pollers that live through the same publications:

    aggregator    schedule.settle(), as the daemon uses it
    hourly        every feed once an hour, whatever happens
    hourly, polite   the same, but keeping ttl, max-age, skipHours, and daily without validators: what
                  the publishers' wishes alone cost in delay
    miniflux      the `entry_frequency` formula of Miniflux 2.3, written afresh: 7 days / entries of
                  the last week, within 5 minutes and 24 hours, at least ttl and max-age
    miniflux x    the same with its factor chosen so that it makes as many requests as ours

Publications: a Poisson process per feed. Means per day are spread over feeds as in the 160 real
documents of the corpus that carry dates (half below 2, a quarter above 13, one in ten above 65),
with the hours of day of its region, half as much at weekends, one entry in ten on the full hour,
and once in two weeks three hours of breaking news at three times the rate. Documents hold 9 to 200
entries as theirs do. Nine servers of ten give validators, one in five says max-age, one in ten
a ttl, one in fifty has quiet hours.
"""

import argparse
import math
import random
import re
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from aggregator.model.exchange import Fetched, Freshness, NotModified, Outcome
from aggregator.model.feed import Feed, FeedHints, FeedStanding, Validators
from aggregator.model.identifiers import FeedId, FeedUrl, HostKey, SourceId
from aggregator.schedule.settle import CadenceOptions, News, settle

START = datetime(2026, 11, 23, 9, 7, tzinfo=UTC)
FLOOR = timedelta(minutes=15) * 1.1  # the shortest interval, with its jitter
HOUR = timedelta(hours=1)
# Read off the corpus: (share of feeds, value at most), interpolated in between on a log scale.
RATES = ((0.0, 0.02), (0.25, 0.3), (0.5, 2), (0.75, 13), (0.9, 65), (0.95, 90), (1.0, 200))
WINDOWS = ((0.0, 9), (0.25, 15), (0.5, 25), (0.75, 33), (0.9, 50), (0.95, 55), (1.0, 200))


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """One feed as its server has it."""

    number: int
    rate: float  # entries per day, on average
    window: int
    published: tuple[float, ...]  # hours since START, ascending; negative ones came before
    validators: bool
    max_age: timedelta | None
    hints: FeedHints


@dataclass(slots=True)
class Tally:
    """What a poller did and got."""

    requests: int = 0
    bodies: int = 0
    delays: list[float] = field(default_factory=list)  # hours
    lost: int = 0
    avoidable: int = (
        0  # lost although they stood in the document for longer than anybody has to wait
    )
    breaches: list[str] = field(default_factory=list)

    def mean(self) -> float:
        """Return the mean delay in minutes."""
        return 60 * sum(self.delays) / max(1, len(self.delays))

    def percentile(self, share: float) -> float:
        """Return a percentile of the delay in minutes."""
        return 60 * sorted(self.delays)[int(share * (len(self.delays) - 1))] if self.delays else 0.0


def quantile(curve: Sequence[tuple[float, float]], share: float) -> float:
    """Return the value of a curve at a share."""
    for (left, low), (right, high) in pairwise(curve):
        if share <= right:
            part = (share - left) / (right - left)
            return math.exp(math.log(low) * (1 - part) + math.log(high) * part)
    raise ValueError(share)


def publish(dice: random.Random, rate: float, before: float, days: int) -> tuple[float, ...]:
    """Return the hours at which a publisher's entries appear."""
    midnight = dice.choice((-9, 0, 5)) + dice.uniform(-1, 1)  # Japan, Europe, America
    shape = [0.15, 0.1, 0.1, 0.1, 0.2, 0.6, 1.1, 1.3, 1.4, 1.5, 1.6, 1.7,
             1.7, 1.5, 1.5, 1.6, 1.7, 1.7, 1.5, 1.2, 0.9, 0.7, 0.5, 0.3]  # fmt: skip
    scale = 24 / sum(shape) / (6 / 7)  # the weekend's half is made up for on the other days
    begin, end = -24 * before, days * 24.0
    news = [dice.uniform(begin, end) for _ in range(int((end - begin) / 24 / 14) + 1)]
    found, at, peak = [], begin, rate / 24 * 1.7 * scale * 3
    while at < end:
        at += dice.expovariate(peak)
        moment = START + timedelta(hours=at - midnight)
        level = rate / 24 * shape[moment.hour] * scale * (0.5 if moment.weekday() >= 5 else 1)
        level *= 3 if any(0 <= at - begun < 3 for begun in news) else 1
        if dice.random() < level / peak:
            on_the_hour = dice.random() < 0.1
            minutes = (START.minute / 60 + at) % 1
            found.append(at - minutes if on_the_hour else at)
    return tuple(sorted(time for time in found if time < end))


def publishers(count: int, days: int, seed: int) -> Iterator[Publisher]:
    """Yield feeds that are the same for a seed."""
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")
        rate = quantile(RATES, (number + 0.5) / count)
        window = round(quantile(WINDOWS, dice.random()))
        yield Publisher(
            number=number,
            rate=rate,
            window=window,
            published=publish(dice, rate, max(40, 1.5 * window / rate), days),
            validators=dice.random() < 0.9,
            max_age=timedelta(seconds=dice.choice((60, 300, 900, 3600, 7200)))
            if dice.random() < 0.2
            else None,
            hints=FeedHints(
                ttl=timedelta(minutes=dice.choice((5, 15, 30, 60, 60, 120, 1440)))
                if dice.random() < 0.1
                else None,
                skip_hours=frozenset(range(6)) if dice.random() < 0.02 else frozenset(),
            ),
        )


class Reader:
    """Sees a publisher's document now and then, and keeps count."""

    def __init__(self, publisher: Publisher, tally: Tally) -> None:
        self.publisher = publisher
        self.tally = tally
        self.seen = 0  # entries published so far that cannot be new any more
        self.first = True
        asked = (publisher.max_age, publisher.hints.ttl)
        quiet = len(publisher.hints.skip_hours) * HOUR
        # An entry that stood for less could not have been seen by anybody who keeps to the wishes.
        # Quiet hours end for everybody at once: half an hour goes by until all have been.
        quiet += HOUR if quiet else timedelta(0)
        self.shortest = max(FLOOR, quiet, *(wish * 1.2 for wish in asked if wish)) / HOUR

    def look(self, at: float) -> tuple[Sequence[float], int]:
        """Return the times of new entries, and the number in the document."""
        times, window = self.publisher.published, self.publisher.window
        end = bisect_right(times, at)
        start = max(0, end - window)
        fresh = times[max(start, self.seen) : end]
        self.tally.requests += 1
        self.tally.bodies += bool(fresh) or self.first or not self.publisher.validators
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


def shortest_turnover(publisher: Publisher, at: float) -> float:
    """Return the shortest time, in hours, in which a whole window was replaced in the last week."""
    times, window = publisher.published, publisher.window
    last = bisect_right(times, at)
    first = max(bisect_left(times, at - 7 * 24) - window, 0)
    return min(
        (times[i + window] - times[i] for i in range(first, last - window)), default=math.inf
    )


def breaches(publisher: Publisher, before: Feed, now: datetime) -> Iterator[str]:
    """Yield what a publisher that keeps score would hold against a poll now."""
    if before.last_poll_at is None:
        return
    since = now - before.last_poll_at
    hours = publisher.hints.skip_hours
    turnover = shortest_turnover(publisher, (now - START) / HOUR)
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
    allowed = publisher.hints.ttl or publisher.max_age
    if (
        not publisher.validators
        and not allowed
        and since < timedelta(hours=24)
        and turnover > 8 * 24
    ):
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
        asked = [wait / HOUR for wait in (publisher.hints.ttl, publisher.max_age) if wait]
        return min(max(hours, 5 / 60, *asked, 0), 24.0)

    return interval


def polite_hour(publisher: Publisher, at: float) -> float:
    """Return an hour, or as much more as the publisher asks for: what cadence has to be measured by."""
    wishes = [wish / HOUR for wish in (publisher.hints.ttl, publisher.max_age) if wish]
    wait = min(max(1.0, *wishes, 0), 24.0) if publisher.validators or wishes else 24.0
    hour = (START + (at + wait) * HOUR).hour
    quiet = publisher.hints.skip_hours
    return wait + (max(quiet) + 1 - hour if hour in quiet else 0)


def is_demanding(publisher: Publisher) -> bool:
    """Tell whether a publisher asks for less than hourly polls, or makes each one costly."""
    wishes = [wish for wish in (publisher.hints.ttl, publisher.max_age) if wish]
    costly = not publisher.validators and not wishes
    return costly or bool(publisher.hints.skip_hours) or any(wish > HOUR for wish in wishes)


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


def report(name: str, tally: Tally, hourly: Tally) -> None:
    """Print one line."""
    print(
        f"{name:<16}{tally.requests:>9}{tally.requests / hourly.requests:>6.0%}{tally.bodies:>9}"
        f"{tally.mean():>8.1f}{tally.percentile(0.95):>7.0f}{len(tally.delays):>9}{tally.lost:>7}"
        f"{tally.avoidable:>11}{len(tally.breaches):>8}"
    )


POINTS = {
    1: "If-None-Match is the last ETag, byte for byte",
    2: "If-Modified-Since is the last Last-Modified, byte for byte",
    3: "both are sent where both are known",
    4: "validators are replaced after every 200, even of the same body",
    5: "validators stay with their URL",
    6: "one unconditional request per feed in thirty days, restarts included",
    7: "an hour at least by default; a day without validators",
    8: "max-age less Age is kept to, after 200, 304 and 429",
    9: "odd cache headers neither stop nor hasten a feed",
    10: "Retry-After of 429 and 503 counts for the whole domain",
    11: "429 and 403 without it: four hours, doubling",
    12: "ttl and sy:update* lengthen, never shorten",
    13: "skipHours and skipDays are skipped",
    14: "after a silent month, daily at most",
    15: "a restart or reload asks nobody early",
    16: "the first fetch is the only first fetch",
    17: "stable jitter, nobody on the hour",
    18: "one connection at a time per registrable domain or platform, two seconds apart",
    19: "an import is spread: one in two seconds, one a minute per domain",
    20: "one user agent with name, version and contact",
    21: "feed types in Accept, gzip, no cookie, no referrer, no query of ours",
    22: "a permanent move is stored after proof, a temporary one never",
    23: "410 ends it, 404 becomes rare",
    24: "no icons; articles once, by robots.txt",
    25: "delta encoding (A-IM: feed)",
    26: "WebSub slows polling to daily; our outputs do the same for others",
}
LEFT_OUT = frozenset({25})
SHEETS = (
    "tests/schedule/test_politeness_sheet.py",
    "tests/pipeline/test_politeness_sheet.py",
    "tests/pipeline/test_websub.py",
    "tests/flows/test_sources.py",
)


class ScoreKeeper:
    """A pytest plugin: which points the tests named `test_cNN_...` prove."""

    def __init__(self) -> None:
        self.passed: dict[int, int] = {}
        self.failed: dict[int, int] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests that are about a point."""
        items[:] = [item for item in items if self._points(item.nodeid)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one test, by every point in its name."""
        counts = self.passed if report.passed else self.failed
        if report.when == "call" or not report.passed:
            for point in self._points(report.nodeid):
                counts[point] = counts.get(point, 0) + 1

    def holds(self, point: int) -> bool:
        """Tell whether a point is proven."""
        return self.passed.get(point, 0) > 0 and not self.failed.get(point)

    @staticmethod
    def _points(name: str) -> list[int]:
        return [int(digits) for digits in re.findall(r"_c(\d\d)(?=_)", name)]


def score() -> bool:
    """Run the sheet's tests and print it; tell whether every point but those left out holds."""
    keeper = ScoreKeeper()
    pytest.main(["-q", "--no-header", "-p", "no:randomly", *SHEETS], plugins=[keeper])
    print()
    for point, words in POINTS.items():
        state = "left out" if point in LEFT_OUT else "pass" if keeper.holds(point) else "FAIL"
        tests = keeper.passed.get(point, 0) + keeper.failed.get(point, 0)
        print(f"C{point:<4}{state:<10}{tests:>3} tests  {words}")
    reached = sum(map(keeper.holds, POINTS))
    print(f"\n{reached} of {len(POINTS) - len(LEFT_OUT)} points")
    return reached == len(POINTS) - len(LEFT_OUT)


def main() -> None:
    """Run and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--score", action="store_true", help="print the sheet C1-C26")
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.score:
        sys.exit(0 if score() else 1)
    begun, days = time.perf_counter(), chosen.days
    feeds = list(publishers(chosen.feeds, days, chosen.seed))
    options = CadenceOptions()
    ours = run(feeds, lambda publisher, tally: poll_by_settle(publisher, days, tally, options))
    factor = equal_factor(feeds, days, together(ours).requests)
    rows = [
        ("aggregator", ours),
        ("hourly", run(feeds, every(days, lambda *_: 1.0))),
        ("hourly, polite", run(feeds, every(days, polite_hour))),
        ("miniflux", run(feeds, every(days, miniflux(1.0)))),
        (f"miniflux x{factor:.2f}", run(feeds, every(days, miniflux(factor)))),
    ]
    print(f"{chosen.feeds} feeds, {days} days, seed {chosen.seed}; delays in minutes")
    for title, wanted in (
        ("all feeds", lambda _: True),
        ("feeds whose publishers ask for no more than an hour", lambda one: not is_demanding(one)),
        ("the others: ttl, max-age, quiet hours, or no validators", is_demanding),
    ):
        chosen_ones = [number for number, publisher in enumerate(feeds) if wanted(publisher)]
        print(f"\n{title} ({len(chosen_ones)})")
        print(
            f"{'':<16}{'requests':>9}{'':>6}{'bodies':>9}{'mean':>8}{'p95':>7}{'entries':>9}"
            f"{'lost':>7}{'avoidable':>11}{'breach':>8}"
        )
        sums = [(name, together(tallies[n] for n in chosen_ones)) for name, tallies in rows]
        for name, tally in sums:
            report(name, tally, sums[1][1])
    for breach in sorted({breach for tally in ours for breach in tally.breaches}):
        print(f"  breach: {breach}: {sum(tally.breaches.count(breach) for tally in ours)}")
    print(f"\n{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
