"""How often a feed is worth asking: by the rate of its arrivals, bounded by its window.

Two rules decide, on the rate of arrivals expected hour by hour:

    waiting   ask once sqrt(2 * PATIENCE * rate) entries are expected to wait, at the rate of that
              moment. For a steady rate r that is every sqrt(2 * PATIENCE / r) hours, which is how a
              given number of requests has to be shared out among feeds for the least mean delay.
              When a feed falls asleep it is asked before its last entries wait for the night.
    window    ask before a burst can push entries out of the document unseen.

Neither asks more often than `default_interval` (C7) until the window calls for it; then both may, down
to `min_interval`: where the hour has to give way, the feed is asked as often as its rate is worth.
Without validators the day stands in place of the hour until the window calls for more; then the feed
is asked once something new is as good as sure, so that its server sends no document in vain.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from math import ceil, sqrt
from typing import Final

from aggregator.model.feed import ArrivalHistory
from aggregator.schedule.arrivals import expected_rates

# Chosen with benchmarks/politeness.py on its seeds 11 to 16 and 21 to 24, which prints beside them what
# no poller can better: a patience of 0.33 comes to 57.2 to 59.2 % of an hourly poller's requests there,
# and each hundredth less to about half a per cent more and a tenth of a minute less. A burst of 4 is no
# cheaper for its delay, one of 6 goes below the hour without need.
PATIENCE: Final = 0.32  # entry-hours of waiting that one request is worth
_IN_A_DAY: Final = PATIENCE / 24  # entries; what fewer wait for in a day is worth no request
# Entries that make a look at a document without validators worth its bytes: what it costs more than
# another is the document where nothing is new, at 0.7 of a 304 (400 bytes) for each of its entries
# (290, gzipped). The least sum of that and of waiting lies at 1.6 to 3.5 for 0.3 to 5 entries an hour.
_SURELY_NEWS: Final = 2.0
BURST: Final = 5.0  # how many times the expected number may come when news breaks ...
BURST_HOURS: Final = 3.0  # ... and for how long
SILENCE: Final = timedelta(days=30)  # C14
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(hours=24)
_CLEARLY: Final = 0.9  # of the hour; what a window needs is reckoned, C7 yields to needs only
_DAYS_TO_PAY: Final = 30  # in which a better time for a daily poll has to be worth the way to it
_PAYS: Final = 0.98  # of the age that staying would mean
_LEAST_WINDOW: Final = 5  # entries; a document with fewer is a young feed's, not yet full
_LOW_OVERLAP: Final = 1 / 3  # Media Cloud's bound: below it, entries may have been missed
_SURGE: Final = 3.0  # how many times as fast as since the last poll entries may come until the next


@dataclass(frozen=True, slots=True, kw_only=True)
class CadenceOptions:
    """The operator's bounds (`polling` in settings.yaml)."""

    min_interval: timedelta = timedelta(minutes=15)
    default_interval: timedelta = timedelta(hours=1)
    max_interval: timedelta = timedelta(hours=24)


def interval_of(
    arrivals: ArrivalHistory,
    since: datetime | None,
    options: CadenceOptions,
    now: datetime,
    *,
    costly: bool = False,
) -> tuple[timedelta, str]:
    """Return how long to wait after a successful poll, and why.

    Args:
        arrivals: this poll included.
        since: the successful poll before this one; None for the first.
        options: the operator's bounds.
        now: the time of day.
        costly: each poll costs the server a whole document: daily is enough, but for the window.
    """
    low, high = options.min_interval, max(options.max_interval, options.min_interval)
    usual = min(max(options.default_interval, low), high)
    if arrivals.last_arrival_at is not None and now - arrivals.last_arrival_at >= SILENCE:
        return max(high, DAY), "silent for a month: daily"
    if arrivals.observed_days == 0.0:
        return usual, "default: too little is known yet"
    rates = expected_rates(arrivals)
    worth = _until_worth(rates, _hour_of(now), high, _SURELY_NEWS if costly else 0.0)
    waiting = min(max(worth, DAY if costly else usual), high)
    window = _window_interval(arrivals, rates, since, now, usual, waiting)
    window = usual if usual * _CLEARLY <= window < usual else max(window, low)
    if costly:
        least = usual if window < waiting else DAY
    else:
        short = window < usual or _is_short(arrivals, rates, usual * _CLEARLY)
        least = low if short else usual
    interval = min(window, max(worth, least))
    if interval < waiting:
        return interval, "its window turns over fast"
    if costly:
        return interval, "no validators: daily"
    return interval, "adaptive: from when its entries came"


def _is_short(arrivals: ArrivalHistory, rates: tuple[float, ...], limit: timedelta) -> bool:
    """Tell whether a document turns over within its day's busy half, and could before the limit.

    Which hours those are nobody knows before a day has been seen.
    """
    if arrivals.observed_days < 1.0 or not _turns_over(rates, arrivals.window):
        return False
    return _until_window(rates, arrivals.window, rates.index(max(rates)), limit) < limit


def _turns_over(rates: tuple[float, ...], window: int) -> bool:
    """Tell whether the busy half of a day brings as much as a document holds."""
    return sum(rates) >= window and sum(sorted(rates)[12:]) >= window  # most fail the first


def until_fresh(
    arrivals: ArrivalHistory, due: datetime, room: timedelta, share: float
) -> timedelta:
    """Return how much later than `due`, within the room, to make a daily poll find its entries least old.

    That is at the end of the feed's busy hours; at other times of day they are older by up to ten
    hours. A daily poll can only move on, step by step and through the worst hours as well, so that
    a better time is gone for where it pays within a month.

    Args:
        arrivals: of the feed.
        due: the moment that the interval alone would make it.
        room: how much later it may become.
        share: 0 to below 1, always the same for a feed: not everybody comes at once.
    """
    if not room:
        return room
    rates = expected_rates(arrivals) if arrivals.observed_days else (0.0,) * 24
    ages = _ages(rates, arrivals.window)
    at = _hour_of(due) - share  # the place in the hour is the feed's own
    step = room / HOUR
    days = range(1, _DAYS_TO_PAY + 1)
    on_the_way = list(accumulate((_between(ages, at + day * step) for day in days), initial=0.0))

    def age_within_a_month(ahead: float) -> float:
        moving = min(int(ahead / step), _DAYS_TO_PAY)
        return on_the_way[moving] + (_DAYS_TO_PAY - moving) * _between(ages, at + ahead)

    best = min(((hour - at) % 24 for hour in range(24)), key=age_within_a_month)
    pays = age_within_a_month(best) < _PAYS * age_within_a_month(0.0)
    return min(best * HOUR, room) if pays else timedelta(0)


def _between(ages: list[float], hour: float) -> float:
    """Return the value at a time of day, in between those of the full hours."""
    full, part = divmod(hour % 24, 1)
    return ages[int(full)] * (1 - part) + ages[(int(full) + 1) % 24] * part


def _ages(rates: tuple[float, ...], window: int) -> list[float]:
    """Return how many entry-hours what a daily poll finds has waited, by the hour of the poll.

    That is the sum of `rates[hour - back] * back` for `back` from 1 to 24: from one hour to the next
    all entries wait one more, and those of a day ago fall out. Where the document holds less than a
    day's, only its newest are found.
    """
    day = sum(rates)
    if window < day:
        return [_age_of_newest(rates, hour, window) for hour in range(24)]
    first = sum(rates[-back] * back for back in range(1, 25))
    return list(accumulate((day - 24 * rate for rate in rates[:-1]), initial=first))


def _age_of_newest(rates: tuple[float, ...], hour: int, window: int) -> float:
    waited, left = 0.0, float(window)
    for back in range(1, 25):
        taken = min(rates[hour - back], left)
        waited, left = waited + taken * back, left - taken
    return waited


def _hour_of(moment: datetime) -> float:
    """Return the time of day in UTC, in hours."""
    time = moment.astimezone(UTC)
    return time.hour + (time.minute * 60 + time.second) / 3600


def _stretches(
    rates: tuple[float, ...], start: float, limit: timedelta
) -> Iterator[tuple[float, float, float]]:
    """Yield (hours from the start, length in hours, rate) of each stretch of one rate up to the limit."""
    hour, begin, end = int(start), 0.0, limit / HOUR
    until = hour + 1 - start
    while begin < end:
        yield begin, min(until, end) - begin, rates[hour % 24]
        hour, begin, until = hour + 1, until, until + 1


def _until_worth(
    rates: tuple[float, ...], start: float, limit: timedelta, least: float
) -> timedelta:
    """Return when the entries expected from the hour on are worth a request, and `least` in number."""
    expected, least = 0.0, max(least, _IN_A_DAY)
    for begin, length, rate in _stretches(rates, start, limit):
        missing = max(sqrt(2 * PATIENCE * rate), least) - expected
        if missing <= 0.0:
            return begin * HOUR
        if rate * length >= missing:
            return (begin + missing / rate) * HOUR
        expected += rate * length
    return limit


def _window_interval(
    arrivals: ArrivalHistory,
    rates: tuple[float, ...],
    since: datetime | None,
    now: datetime,
    usual: timedelta,
    limit: timedelta,
) -> timedelta:
    """Return how long the document's window can be left unseen: `limit`, if it is longer than that."""
    # What little has been seen may have been the quiet part of a week. But doubt alone is no reason
    # to ask more often than usual (C7): below that the rates themselves have to call for it, of the
    # whole busy half of a day, not of an hour that a handful of entries came in.
    doubt = 1 + 1 / (1 + arrivals.observed_days)
    hour = _hour_of(now)
    safe = _until_window(rates, arrivals.window, hour, limit, doubt)
    if safe < usual:
        short = _turns_over(rates, arrivals.window)
        safe = min(_until_window(rates, arrivals.window, hour, limit), usual) if short else usual
    if since is None or not 0.0 < arrivals.overlap < 1.0:
        return safe
    elapsed = now - since
    surging = safe < usual and elapsed <= BURST_HOURS * HOUR
    if surging or arrivals.overlap < _LOW_OVERLAP:
        return min(safe, elapsed / (_SURGE * (1 - arrivals.overlap)))
    return safe


def _until_window(
    rates: tuple[float, ...], window: int, start: float, limit: timedelta, doubt: float = 1.0
) -> timedelta:
    """Return when as many entries as the document holds could have come, should news break.

    `doubt` is how many times the rates they may come at.
    """
    if window == 0:
        return limit  # an empty document has nothing to lose
    window = max(window, _LEAST_WINDOW)
    # The mean of a Poisson count that stays below the window by three deviations.
    room = ((sqrt(9 + 4 * window) - 3) / 2) ** 2
    most = sum(rates) * ceil(limit / DAY) + (BURST - 1) * max(rates) * (BURST_HOURS + 1)
    if room > most * doubt:
        return limit  # as most feeds', whatever the hour: no need to go through the day
    expected = peak = 0.0
    for begin, length, expectation in _stretches(rates, start, limit):
        rate = expectation * doubt
        peak = max(peak, rate)
        surplus = (BURST - 1) * peak  # entries per hour while the burst lasts
        left = room - expected - surplus * min(begin, BURST_HOURS)
        pace = rate + (surplus if begin < BURST_HOURS else 0.0)
        if left <= pace * length:
            return (begin + (max(left, 0.0) / pace if pace else 0.0)) * HOUR
        expected += rate * length
    return limit
