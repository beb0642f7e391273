"""When a feed's entries came, and how many to expect hour by hour."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from aggregator.model.feed import ArrivalHistory, FeedHints

DAY: Final = timedelta(hours=24)
_HALF_LIFE: Final = timedelta(days=14)  # of what was learnt
_SPAN: Final = timedelta(days=30)  # entries older than this say nothing about the rate
_SHORTEST_SPAN: Final = timedelta(minutes=15)  # dates closer together are the time of building
_OUTPACED: Final = 8  # times the pace of the whole: days, nights and bursts differ by less
_DAYS_TO_TRUST: Final = 1.0  # after which the hours of day count as much as the mean ...
_ENTRIES_TO_TRUST: Final = 24.0  # ... and the number of entries that it takes as well


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
        by_hour=_counted([seen * kept for seen in arrivals.by_hour], fresh),
        observed_days=arrivals.observed_days * kept + elapsed / DAY,
        window=news.total if news is not None and news.total else arrivals.window,
        overlap=overlap,
        last_arrival_at=max(fresh, default=arrivals.last_arrival_at),
    )


def with_push(arrivals: ArrivalHistory, news: News, now: datetime) -> ArrivalHistory:
    """Return the history with the entries that a hub delivered in it.

    The time in which they came is counted by the polls; a push need not be the whole document, so
    that window and overlap say nothing.
    """
    times = [max(min(time, now), now - DAY) for time in news.arrived]
    return replace(
        arrivals,
        by_hour=_counted(list(arrivals.by_hour), times),
        last_arrival_at=max(times, default=arrivals.last_arrival_at),
    )


def _first_look(arrivals: ArrivalHistory, news: News, now: datetime) -> ArrivalHistory:
    """Learn what a first document's own dates tell: its entries came in the time that they span.

    Where some are older than counts, the newer half speaks alone if it came many times faster than the
    whole: what stays in a document for months, such as a guide, tells nothing of the others' pace.
    """
    times = sorted(min(time, now) for time in news.arrived)
    usable, span = _spanned(times, now)
    newer, shorter = _spanned(times[len(times) // 2 :], now)
    stretched = len(usable) < len(times) and shorter >= _SHORTEST_SPAN
    if stretched and len(newer) * span > _OUTPACED * len(usable) * shorter:
        usable, span = newer, shorter
    if span < _SHORTEST_SPAN:
        usable, span = [], timedelta(0)
    return ArrivalHistory(
        by_hour=_counted([0.0] * 24, usable),
        observed_days=span / DAY,
        window=news.total or arrivals.window,
        overlap=1.0,
        last_arrival_at=times[-1] if times else None,
    )


def _spanned(times: list[datetime], now: datetime) -> tuple[list[datetime], timedelta]:
    """Return the times that are young enough to count, and in how long they came."""
    recent = [time for time in times if now - time <= _SPAN]
    if not recent:
        return [], timedelta(0)
    return recent, now - recent[0] if len(recent) == len(times) else _SPAN


def _counted(by_hour: list[float], times: list[datetime]) -> tuple[float, ...]:
    for time in times:
        by_hour[time.astimezone(UTC).hour] += 1
    return tuple(by_hour)


def expected_rates(arrivals: ArrivalHistory) -> tuple[float, ...]:
    """Return the rate of arrivals to expect, entries per hour, for each hour of the day in UTC.

    An hour's share is smoothed over its neighbours, and trusted as days and entries come in: a
    handful of entries shows no rhythm, nor does half a day.
    """
    counts, total = arrivals.by_hour, sum(arrivals.by_hour)
    days = arrivals.observed_days
    mean = total / days / 24
    if total == 0.0:
        return (0.0,) * 24
    trust = (days / (days + _DAYS_TO_TRUST)) * (total / (total + _ENTRIES_TO_TRUST))
    around = zip(counts[-1:] + counts[:-1], counts, counts[1:] + counts[:1], strict=True)
    return tuple(
        [
            mean * (trust * ((before + 2 * count + after) * 6 / total) + 1 - trust)
            for before, count, after in around
        ]
    )
