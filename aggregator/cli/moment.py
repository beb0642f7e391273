"""A moment as people type it: a date, a time, or how long ago."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aggregator.errors import UsageError

_AGO: Final = re.compile(r"(\d+)([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the time that `text` means: `7d` is a week before `now`, `2026-11-24` begins in `zone`.

    Raises:
        UsageError: it is none of the three.
    """
    if ago := _AGO.fullmatch(text):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text}: not a date, a time or a duration such as 7d") from error
    return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)
