"""What a publisher asks for inside the document: it lengthens, never shortens, never says never."""

from datetime import UTC, datetime, timedelta
from typing import Final

from aggregator.model.feed import FeedHints

LONGEST_TTL: Final = timedelta(hours=24)  # A67: advice, never "never"
_AFTERWARDS: Final = timedelta(minutes=30)  # over which feeds come back when quiet hours end
_LATENESS: Final = timedelta(minutes=1)  # a due feed waits for its turn, not into quiet hours
_HOURS: Final = frozenset(range(24))
_DAYS: Final = frozenset(range(7))


def lengthened(interval: timedelta, hints: FeedHints) -> timedelta:
    """Return an interval made long enough for `ttl` or `sy:updatePeriod` (C12)."""
    return interval if hints.ttl is None else max(interval, min(hints.ttl, LONGEST_TTL))


def outside_quiet_hours(moment: datetime, hints: FeedHints, spread: float) -> datetime:
    """Return the moment, or the next one outside of `skipHours` and `skipDays` (C13).

    Args:
        moment: aware, in any zone; the hints are in GMT.
        hints: of the feed. A set that leaves no hour or no day is taken as absent (A67).
        spread: 0 to below 1, where in the first free half hour: not everybody at :00.
    """
    hours = hints.skip_hours if _HOURS - hints.skip_hours else frozenset()
    days = hints.skip_days if _DAYS - hints.skip_days else frozenset()

    def is_quiet(time: datetime) -> bool:
        return time.hour in hours or time.weekday() in days

    start = moment.astimezone(UTC)
    late = start + _LATENESS
    if not is_quiet(start) and not is_quiet(late):
        return moment
    hour = late.replace(minute=0, second=0, microsecond=0)
    while is_quiet(hour):  # at most seven days of hours
        hour += timedelta(hours=1)
    return hour + spread * _AFTERWARDS
