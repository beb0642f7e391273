"""What no poller can better: the least mean delay that a number of requests can buy.

For Poisson arrivals whose rates are known hour by hour, the times of polls that cost the least
(entry-hours of waiting + patience * requests) are found exactly by dynamic programming over a week,
on a grid of a quarter of an hour, with no interval shorter than the publisher allows nor longer
than a day. One patience for all feeds, as high as the requests allow, gives the least delay of
all: for steady rates that is polling in proportion to sqrt(rate). A real poller has to learn the
rates, keeps jitter and quiet hours, cannot tell when news breaks, and must ask in time for the
window whatever it costs; the bound knows all rates and does none of that.

How far below the hour and the day it may go there are two answers to: wherever the sheet's judge
would let it pass (`least_interval`), and only where our own rules see a need (`needed_interval`),
which is the bound for a poller of our manners.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import cache

from aggregator.model.feed import ArrivalHistory
from aggregator.schedule.cadence import CadenceOptions, interval_of
from benchmarks.publishers import HOUR, SHAPE, START, WEEKEND, Publisher

CELLS = 4  # per hour
DAY = 24 * CELLS
WEEK = 7 * DAY
# Entries that a feed with one per hour publishes in each cell of a week.
RATES = [
    SHAPE[hour] * 24 / sum(SHAPE) / (6 / 7) * (WEEKEND if day >= 5 else 1) / CELLS
    for day in range(7)
    for hour in range(24)
    for _ in range(CELLS)
]
LOOKS = 5  # per fastest turnover of a window: more than these no need can call for
STEP = 1.15  # from one patience to the next: the cost is flat around its least
LEASTS = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 80)  # cells; others count as the next shorter one


def least_interval(publisher: Publisher, days: int) -> float:
    """Return the shortest interval in hours by the publisher's wishes and the sheet, needs known in advance."""
    turnover = publisher.shortest_turnover(0, days * 24.0)
    floor = 0.25 if turnover <= 12 else 1.0
    if publisher.is_costly():
        floor = max(floor, min(turnover / LOOKS, 24.0))
    return max([floor, *publisher.wishes()])


def needed_interval(publisher: Publisher, days: int) -> float:
    """Return the shortest interval in hours that our own rules allow where they know the rates."""
    a_day = (len(publisher.published) - bisect_right(publisher.published, 0.0)) / days
    history = ArrivalHistory(
        by_hour=tuple(30 * a_day * share / sum(SHAPE) for share in SHAPE),
        observed_days=30.0,
        window=publisher.window,
    )
    costly, options = publisher.is_costly(), CadenceOptions()
    shortest = min(
        interval_of(history, None, options, START + hour * HOUR, costly=costly)[0]
        for hour in range(24)
    )
    usual = timedelta(hours=24 if costly else 1)
    floor = usual if shortest >= usual else HOUR if costly else options.min_interval
    return max([floor / HOUR, *publisher.wishes()])


@cache
def best_week(least: int, step: int) -> tuple[float, float]:
    """Return the mean delay in hours, and polls per hour, for one entry per hour and a patience of STEP**step."""
    entries, moments = [0.0], [0.0]  # so many until a cell; the sum of their times
    for cell in range(WEEK + DAY):
        rate = RATES[cell % WEEK]
        entries.append(entries[-1] + rate)
        moments.append(moments[-1] + rate * (cell + 0.5))
    patience = STEP**step
    costs, following = [0.0] * (WEEK + DAY + 1), [0] * WEEK
    for _ in range(2):  # the second week knows what its end leads to
        costs[WEEK:] = costs[: DAY + 1]
        lowest = min(costs[WEEK:])
        for cell in reversed(range(WEEK)):
            best = math.inf
            for end in range(cell + least, cell + DAY + 1):
                waited = (entries[end] - entries[cell]) * end - moments[end] + moments[cell]
                cost = waited / CELLS + patience
                if cost + lowest >= best:
                    break  # waiting costs more and more
                if cost + costs[end] < best:
                    best, following[cell] = cost + costs[end], end
            costs[cell] = best
            lowest = min(lowest, best)
    return _run(following, entries, moments)


def _run(
    following: Sequence[int], entries: Sequence[float], moments: Sequence[float]
) -> tuple[float, float]:
    """Return the mean delay in hours and the polls per hour of following polls round and round."""
    at, waited, polls, cells = 0, 0.0, 0, 0
    while cells < 20 * WEEK:
        end = following[at]
        waited += (entries[end] - entries[at]) * end - moments[end] + moments[at]
        polls, cells, at = polls + 1, cells + end - at, end % WEEK
    return waited / cells, polls * CELLS / cells


def best_daily(publisher: Publisher) -> tuple[float, float]:
    """Return the mean delay in hours of what a poll a day can see, at the best hour, and how many entries that is."""
    found = []
    for hour in range(24):
        waited = seen = 0.0
        for back in range(24):
            rate = publisher.rate * SHAPE[(hour - 1 - back) % 24] / sum(SHAPE)
            taken = min(rate, publisher.window - seen)
            waited, seen = waited + taken * (back + 0.5), seen + taken
        found.append((waited / seen, seen))
    return min(found)


class Bound:
    """The least mean delay of some feeds."""

    def __init__(
        self,
        feeds: Iterable[Publisher],
        days: int,
        least: Callable[[Publisher, int], float] = least_interval,
    ) -> None:
        self._days = days
        self._feeds = [
            (publisher, len(publisher.published) - bisect_right(publisher.published, 0.0))
            for publisher in feeds
        ]
        self._least = [least(publisher, days) for publisher, _ in self._feeds]

    def at(self, requests: float) -> tuple[float, float]:
        """Return the least mean delay in minutes for so many requests, and how many of them it takes."""
        return self.cost(self.patience(requests))

    def patience(self, requests: float) -> float:
        """Return what a request has to be worth, in entry-hours, for so many to be made."""
        low, high = 1e-4, 100.0
        for _ in range(16):
            patience = math.sqrt(low * high)
            low, high = (patience, high) if self.cost(patience)[1] > requests else (low, patience)
        return high

    def cost(self, patience: float) -> tuple[float, float]:
        """Return the least mean delay in minutes, and the requests, where each has to be worth so much."""
        waited = polls = seen = 0.0
        for (publisher, entries), least in zip(self._feeds, self._least, strict=True):
            if not entries or least >= 24:
                delay, a_day = best_daily(publisher)
                caught, asked = min(entries, a_day * self._days), 1 / 24
            else:
                rate = entries / self._days / 24
                step = round(math.log(patience / rate) / math.log(STEP))
                cells = max(one for one in LEASTS if one <= least * CELLS)
                (delay, asked), caught = best_week(cells, max(-60, min(step, 45))), entries
            waited += delay * caught
            seen += caught
            polls += asked * self._days * 24
        return 60 * waited / max(seen, 1), polls
