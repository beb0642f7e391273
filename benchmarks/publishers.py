"""A thousand publishers made up after real ones: when their entries appear, and what they ask for.

A Poisson process per feed. Means per day are spread over feeds as in the 160 real documents of the
corpus that carry dates (half below 2, a quarter above 13, one in ten above 65), with the hours of
day of its region, half as much at weekends, one entry in ten on the full hour, and once in two
weeks three hours of breaking news at three times the rate. Documents hold 9 to 200 entries as
theirs do. Nine servers of ten give validators, one in five says max-age, one in ten a ttl, one in
fifty has quiet hours.
"""

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from aggregator.model.feed import FeedHints

START = datetime(2026, 11, 23, 9, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
# Read off the corpus: (share of feeds, value at most), interpolated in between on a log scale.
RATES = ((0.0, 0.02), (0.25, 0.3), (0.5, 2), (0.75, 13), (0.9, 65), (0.95, 90), (1.0, 200))
WINDOWS = ((0.0, 9), (0.25, 15), (0.5, 25), (0.75, 33), (0.9, 50), (0.95, 55), (1.0, 200))
# How much is published in each hour of a region's day, and on a day of its weekend.
SHAPE = (0.15, 0.1, 0.1, 0.1, 0.2, 0.6, 1.1, 1.3, 1.4, 1.5, 1.6, 1.7,
         1.7, 1.5, 1.5, 1.6, 1.7, 1.7, 1.5, 1.2, 0.9, 0.7, 0.5, 0.3)  # fmt: skip
WEEKEND = 0.5


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

    def shortest_turnover(self, since: float, until: float) -> float:
        """Return the shortest time, in hours, in which a whole window was replaced in a span of time."""
        times, window = self.published, self.window
        last = bisect_right(times, until)
        first = max(bisect_left(times, since) - window, 0)
        return min(
            (times[i + window] - times[i] for i in range(first, last - window)), default=math.inf
        )

    def wishes(self) -> list[float]:
        """Return the intervals, in hours, that the publisher asks for: never more than a day counts."""
        asked = (self.hints.ttl, self.max_age)
        return [min(wish / HOUR, 24.0) for wish in asked if wish]

    def is_costly(self) -> bool:
        """Tell whether each poll costs a whole document and nothing says that this is welcome (C7)."""
        return not self.validators and not self.wishes()

    def is_demanding(self) -> bool:
        """Tell whether it asks for less than hourly polls, or makes each one costly."""
        longer = any(wish > 1 for wish in self.wishes())
        return self.is_costly() or bool(self.hints.skip_hours) or longer

    def asks(self) -> str:
        """Return what it asks for, in short."""
        if self.is_costly():
            return "a day: no validators"
        longest = max(self.wishes(), default=0.0)
        if longest > 1:
            return "a day: ttl" if longest >= 24 else "two hours"
        if self.hints.skip_hours:
            return "quiet hours"
        return "an hour, 13+ a day" if self.rate >= 13 else "an hour, fewer"


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
    scale = 24 / sum(SHAPE) / (6 / 7)  # the weekend's half is made up for on the other days
    begin, end = -24 * before, days * 24.0
    news = [dice.uniform(begin, end) for _ in range(int((end - begin) / 24 / 14) + 1)]
    found, at, peak = [], begin, rate / 24 * 1.7 * scale * 3
    while at < end:
        at += dice.expovariate(peak)
        moment = START + timedelta(hours=at - midnight)
        level = rate / 24 * SHAPE[moment.hour] * scale * (WEEKEND if moment.weekday() >= 5 else 1)
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
