"""When a feed's entries came, and how many to expect hour by hour."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Final

from aggregator.model.feed import ArrivalHistory, FeedHints

DAY: Final = timedelta(hours=24)
_HALF_LIFE: Final = timedelta(days=14)  # of what was learnt
_SPAN: Final = timedelta(days=30)  # entries older than this say nothing about the rate
_SHORTEST_SPAN: Final = timedelta(minutes=15)  # dates closer together are the time of building
_OUTPACED: Final = 8  # times the pace of the whole: days, nights and bursts differ by less
_DAYS_TO_TRUST: Final = 1.0  # after which the hours of day count as much as the mean
# As many entries tell of the hours of day as much as is known without. Of 46 real documents of two
# days and more, of which one part had to foretell the other, these came out best (with a width of six
# hours for the shape): 0.19 nats an entry better than no rhythm, three hours and 24 entries alone 0.13.
_ENTRIES_TO_SHAPE: Final = 4.0
_ENTRIES_TO_EDGES: Final = 50.0
_HOUR: Final = timedelta(hours=1)
# Of what was expected, what is believed to have come in hours that no document shows any more: with
# all of it, a daily poll would look for the best time in the hours it knows least of.
_MISSED: Final = 0.8


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
    times = [] if news is None else [min(time, now) for time in news.arrived]
    by_hour = [seen * kept for seen in arrivals.by_hour]
    if overlap == 0.0 and times:
        oldest = min(times)
        if arrivals.observed_days and since < oldest <= now - _SHORTEST_SPAN:
            by_hour = _with_missed(by_hour, expected_rates(arrivals), since, oldest)
        elif arrivals.overlap == 0.0:
            times = []  # new ids for old entries (A43), not news at this rate
    fresh = [time if now - time <= elapsed + DAY else now for time in times]
    return ArrivalHistory(
        by_hour=_counted(by_hour, fresh),
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


def _with_missed(
    by_hour: list[float], rates: tuple[float, ...], since: datetime, until: datetime
) -> list[float]:
    """Count what came and went unseen, where a document held only the newest since the last poll."""
    hours, first = int((until - since) / _HOUR), since.astimezone(UTC).hour
    return [
        seen + _MISSED * rate * ((hours + 23 - (hour - first) % 24) // 24)
        for hour, (seen, rate) in enumerate(zip(by_hour, rates, strict=True))
    ]


def _counted(by_hour: list[float], times: list[datetime]) -> tuple[float, ...]:
    for time in times:
        by_hour[time.astimezone(UTC).hour] += 1
    return tuple(by_hour)


def expected_rates(arrivals: ArrivalHistory) -> tuple[float, ...]:
    """Return the rate of arrivals to expect, entries per hour, for each hour of the day in UTC.

    A handful of entries shows no rhythm, nor does half a day. A dozen show the shape of the day, each
    hour taken with the five before and after it; dozens more its edges, an hour with its neighbours.
    """
    counts, total = arrivals.by_hour, sum(arrivals.by_hour)
    days = max(arrivals.observed_days, _SHORTEST_SPAN / DAY)
    if total == 0.0:
        return (0.0,) * 24
    seen = days / (days + _DAYS_TO_TRUST)
    edges = seen * total / (total + _ENTRIES_TO_EDGES)
    shape = (1 - edges) * seen * total / (total + _ENTRIES_TO_SHAPE)
    steady = (1 - edges - shape) * total / days / 24
    narrow, wide = edges / days / 4, shape / days / 36  # the sums of the weights below
    # Sums of sums: their second difference over six hours weighs 1 2 3 4 5 6 5 4 3 2 1.
    sums = tuple(accumulate(accumulate(counts[-6:] + counts + counts[:5], initial=0.0)))
    before, after = counts[-1:] + counts[:-1], counts[1:] + counts[:1]
    around = zip(before, counts, after, sums[:24], sums[6:30], sums[12:], strict=True)
    return tuple(
        [
            steady + narrow * (last + 2 * this + following) + wide * (first - 2 * middle + end)
            for last, this, following, first, middle, end in around
        ]
    )
