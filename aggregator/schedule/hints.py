"""What a publisher asks for inside the document: it lengthens, never shortens, never says never."""

from datetime import UTC, datetime, timedelta
from typing import Final

from aggregator.model.feed import FeedHints

LONGEST_TTL: Final = timedelta(hours=24)  # A67: advice, never "never"
_AFTERWARDS: Final = timedelta(minutes=30)  # over which feeds come back when quiet hours end
_BEFORE: Final = timedelta(minutes=10)  # over which feeds come before quiet hours begin
_LATENESS: Final = timedelta(minutes=1)  # a due feed waits for its turn, not into quiet hours
_HOURS: Final = frozenset(range(24))
_DAYS: Final = frozenset(range(7))


def lengthened(interval: timedelta, hints: FeedHints) -> timedelta:
    """Return an interval made long enough for `ttl` or `sy:updatePeriod` (C12)."""
    return interval if hints.ttl is None else max(interval, min(hints.ttl, LONGEST_TTL))


def outside_quiet_hours(
    moment: datetime, interval: timedelta, hints: FeedHints, spread: float
) -> datetime:
    """Return the moment, or the next one outside of `skipHours` and `skipDays` (C13).

    The last poll before they begin comes shortly before: what it misses waits for their end, and
    may have left the document by then.

    Args:
        moment: aware, in any zone; the hints are in GMT.
        interval: from this poll to the next one.
        hints: of the feed. A set that leaves no hour or no day is taken as absent (A67).
        spread: 0 to below 1, where in the first free half hour: not everybody at :00.
    """
    if not (hints.skip_hours or hints.skip_days):
        return moment
    hours = hints.skip_hours if _HOURS - hints.skip_hours else frozenset()
    days = hints.skip_days if _DAYS - hints.skip_days else frozenset()

    def is_quiet(time: datetime) -> bool:
        return time.hour in hours or time.weekday() in days

    start = moment.astimezone(UTC)
    late = start + _LATENESS
    hour = late.replace(minute=0, second=0, microsecond=0)
    if is_quiet(start) or is_quiet(late):
        while is_quiet(hour):  # at most seven days of hours
            hour += timedelta(hours=1)
        return hour + spread * _AFTERWARDS
    if not is_quiet(start + interval):
        return moment
    while not is_quiet(hour):
        hour += timedelta(hours=1)
    return max(moment, hour - 2 * _LATENESS - spread * _BEFORE)
