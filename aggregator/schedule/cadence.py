"""How often a feed is worth asking: learnt from when its entries came, bounded by its window.

Two rules decide, on the rate of arrivals expected hour by hour:

    waiting   ask once the entries we expect will have waited PATIENCE entry-hours together. For a
              steady rate r that is every sqrt(2 * PATIENCE / r) hours, which is how a given number
              of requests has to be shared out among feeds for the least mean delay.
    window    ask before a burst can push entries out of the document unseen.

The first never asks more often than `default_interval` (C7), the second may, down to `min_interval`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from aggregator.model.feed import ArrivalHistory, FeedHints

PATIENCE: Final = 0.5  # entry-hours of waiting that one request is worth
BURST: Final = 3.0  # how many times the expected number may come when news breaks
SILENCE: Final = timedelta(days=30)  # C14
DAY: Final = timedelta(hours=24)
_HALF_LIFE: Final = timedelta(days=14)  # of what was learnt
_SPAN: Final = timedelta(days=30)  # entries older than this say nothing about the rate
_SHORTEST_SPAN: Final = timedelta(minutes=15)  # dates closer together are the time of building
_DAYS_FOR_PROFILE: Final = 3.0  # days after which the hours of day count as much as the mean
_STEP: Final = timedelta(minutes=5)
_LOW_OVERLAP: Final = 1 / 3  # Media Cloud's bound: below it, entries may have been missed


@dataclass(frozen=True, slots=True, kw_only=True)
class CadenceOptions:
    """The operator's bounds (`polling` in settings.yaml)."""

    min_interval: timedelta = timedelta(minutes=15)
    default_interval: timedelta = timedelta(hours=1)
    max_interval: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a document brought, as `identify` saw it."""

    new: int = 0
    updated: int = 0
    known: int = 0  # entries that were stored before, updated ones included
    total: int = 0  # entries in the document
    arrived: tuple[datetime, ...] = ()  # times of the new entries: published, else now
    hints: FeedHints | None = None
    title: str | None = None
    homepage: str | None = None
    language: str | None = None
    signature: str | None = None  # publisher.signature_of


def observed(
    arrivals: ArrivalHistory, news: News | None, since: datetime | None, now: datetime
) -> ArrivalHistory:
    """Return the history with one more successful poll in it.

    Args:
        arrivals: the history so far.
        news: what came; None for an unchanged document.
        since: the last successful poll; None for the first.
        now: of this poll.
    """
    if since is None:
        return _first_look(arrivals, news or News(), now)
    elapsed = max(now - since, timedelta(0))
    kept = 0.5 ** (elapsed / _HALF_LIFE)
    overlap = 1.0 if news is None or news.total == 0 else max(0.0, 1 - news.new / news.total)
    if news is not None and overlap == arrivals.overlap == 0.0:
        news = replace(news, arrived=())  # new ids for old entries (A43), not news at this rate
    times = [] if news is None else [min(time, now) for time in news.arrived]
    fresh = [time if now - time <= elapsed + DAY else now for time in times]
    return ArrivalHistory(
        by_hour=_counted([count * kept for count in arrivals.by_hour], fresh),
        observed_days=arrivals.observed_days * kept + elapsed / DAY,
        window=news.total if news is not None and news.total else arrivals.window,
        overlap=overlap,
        last_arrival_at=max(fresh, default=arrivals.last_arrival_at),
    )


def _first_look(arrivals: ArrivalHistory, news: News, now: datetime) -> ArrivalHistory:
    """Learn what a first document's own dates tell: its entries came in the time that they span."""
    recent = [min(time, now) for time in news.arrived if now - time <= _SPAN]
    all_recent = len(recent) == len(news.arrived)
    span = (now - min(recent) if all_recent else _SPAN) if recent else timedelta(0)
    usable = recent if span >= _SHORTEST_SPAN else []
    return ArrivalHistory(
        by_hour=_counted([0.0] * 24, usable),
        observed_days=span / DAY if usable else 0.0,
        window=news.total or arrivals.window,
        overlap=1.0,
        last_arrival_at=max((min(time, now) for time in news.arrived), default=None),
    )


def _counted(by_hour: list[float], times: list[datetime]) -> tuple[float, ...]:
    for time in times:
        by_hour[time.astimezone(UTC).hour] += 1
    return tuple(by_hour)


def interval_of(
    arrivals: ArrivalHistory, since: datetime | None, options: CadenceOptions, now: datetime
) -> tuple[timedelta, str]:
    """Return how long to wait after a successful poll, and why.

    Args:
        arrivals: this poll included.
        since: the successful poll before this one; None for the first.
        options: the operator's bounds.
        now: the time of day.
    """
    low, high = options.min_interval, max(options.max_interval, options.min_interval)
    usual = min(max(options.default_interval, low), high)
    if arrivals.last_arrival_at is not None and now - arrivals.last_arrival_at >= SILENCE:
        return max(high, DAY), "silent for a month: daily"
    if arrivals.observed_days == 0.0:
        return usual, "default: too little is known yet"
    rate = expected_rate(arrivals)
    waiting = min(max(_until_waited(rate, now, high), usual), high)
    window = min(max(_until_window(rate, arrivals.window, now, high), low), high)
    if since is not None and 0.0 < arrivals.overlap < _LOW_OVERLAP:
        window = min(window, max((now - since) / 2, low))
    if window < waiting:
        return window, "its window turns over fast"
    return waiting, "adaptive: from when its entries came"


def expected_rate(arrivals: ArrivalHistory) -> Callable[[datetime], float]:
    """Return the rate of arrivals to expect, entries per hour, as a function of the time."""
    total = sum(arrivals.by_hour)
    mean = total / arrivals.observed_days / 24
    trust = arrivals.observed_days / (arrivals.observed_days + _DAYS_FOR_PROFILE)
    counts = arrivals.by_hour
    shares = [
        (counts[hour - 1] + 2 * counts[hour] + counts[(hour + 1) % 24]) / 4 * 24 / total
        if total
        else 1.0
        for hour in range(24)
    ]
    rates = tuple(mean * (trust * share + 1 - trust) for share in shares)
    return lambda time: rates[time.astimezone(UTC).hour]


def _until_waited(rate: Callable[[datetime], float], now: datetime, limit: timedelta) -> timedelta:
    """Return when the entries expected from now on will have waited PATIENCE entry-hours together."""
    step = _STEP / timedelta(hours=1)
    after, expected, waited = timedelta(0), 0.0, 0.0
    while after < limit and waited < PATIENCE:
        arriving = rate(now + after) * step
        waited += expected * step + arriving * step / 2
        expected += arriving
        after += _STEP
    return after


def _until_window(
    rate: Callable[[datetime], float], window: int, now: datetime, limit: timedelta
) -> timedelta:
    """Return when a burst could have brought as many entries as the document holds."""
    step = _STEP / timedelta(hours=1)
    after, expected = timedelta(0), 0.0
    while after < limit and window:
        expected += rate(now + after) * step
        if expected * BURST >= window:
            break
        after += _STEP
    return after if window else limit
