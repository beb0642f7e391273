"""Small charts as numbers for inline SVG: readable without a script, a style or a third party."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.serve.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar, in the units of the chart's view box; `label` is what it stands for."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """Bars from left to right in a view box."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    highest: float
    total: float

    @property
    def path(self) -> str:
        """Return all bars as one SVG path, where a page holds hundreds of charts."""
        return "".join(
            f"M{bar.x:g} {self.height}v{-bar.height:g}h{bar.width:g}v{bar.height:g}z"
            for bar in self.bars
            if bar.height
        )


def bar_chart(values: Sequence[tuple[str, float]], *, step: int = 8, height: int = 40) -> BarChart:
    """Return one bar for each (label, value), the highest as high as the chart.

    A value above nothing is always to be seen: one story in a month of hundreds is still news.
    """
    highest = max((value for _, value in values), default=0.0)
    bars = []
    for i, (label, value) in enumerate(values):
        tall = max(height * value / highest, 2.0) if value > 0 else 0.0
        bars.append(
            Bar(
                x=i * step,
                y=round(height - tall, 2),
                width=step - 2,
                height=round(tall, 2),
                label=label,
                value=value,
            )
        )
    return BarChart(
        width=max(step, len(values) * step),
        height=height,
        bars=tuple(bars),
        highest=highest,
        total=sum(value for _, value in values),
    )


def day_starts(visit: Visit, days: int) -> tuple[datetime, ...]:
    """Return when each of the last days began in the reader's zone, and when today ends."""
    today = visit.now.astimezone(visit.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return tuple(today + timedelta(days=day) for day in range(1 - days, 2))


def per_day(counts: Sequence[int], starts: Sequence[datetime], visit: Visit) -> BarChart:
    """Return a bar for the count of each day that begins at one of these starts; the last one only ends."""
    return bar_chart([(visit.short_day(day), n) for day, n in zip(starts, counts, strict=False)])


def by_hour(counts: Sequence[float], offset_hours: int) -> BarChart:
    """Return a day's rhythm from counts by hour in UTC, turned to the reader's zone."""
    turned = [(hour, counts[(hour - offset_hours) % 24]) for hour in range(24)]
    return bar_chart([(f"{hour:02d}:00", value) for hour, value in turned], step=4, height=16)
