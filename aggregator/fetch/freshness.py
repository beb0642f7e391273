"""When the publisher wants to be asked again: Cache-Control, Age, Expires, Retry-After (pure)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from aggregator.model.exchange import Freshness

LONGEST_MAX_AGE: Final = timedelta(
    hours=48
)  # ten years and `immutable` stopped feeds for ever (A63)
SHORTEST_RETRY: Final = timedelta(minutes=1)
LONGEST_RETRY: Final = timedelta(days=14)
_FRESH: Final = frozenset({200, 304, 429})  # whose max-age counts (C8)
_HOST_WIDE: Final = frozenset({429, 503})


def freshness_of(status: int, headers: Mapping[str, str], now: datetime) -> Freshness:
    """Return what a response says of when to come again.

    Args:
        status: of the response.
        headers: with case-insensitive names.
        now: when the response came.
    """
    times = []
    if status in _FRESH and (lifetime := _lifetime(headers, now)) is not None:
        times.append(now + lifetime)
    if (status in _HOST_WIDE or 300 <= status < 400) and (
        delay := _retry(headers, now)
    ) is not None:
        times.append(now + delay)
    return Freshness(not_before=max(times, default=None), whole_host=status in _HOST_WIDE)


def _lifetime(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the answer stays fresh, capped; None where it says nothing (RFC 9111 4.2.1)."""
    directives = _cache_control(headers.get("Cache-Control", ""))
    if "no-cache" in directives or "no-store" in directives:
        return None
    if "max-age" in directives:
        seconds = _whole_number(directives["max-age"])
        lifetime = timedelta(seconds=min(seconds, 10**9)) if seconds is not None else None
    else:
        expires = _http_date(headers.get("Expires"))
        # Both by the server's clock where it tells the time, so that a wrong one does no harm.
        lifetime = expires - (_http_date(headers.get("Date")) or now) if expires else None
    if lifetime is None:
        return None
    age = _whole_number(headers.get("Age", "0").strip()) or 0
    left = min(lifetime, LONGEST_MAX_AGE) - timedelta(seconds=min(age, 10**9))
    return left if left > timedelta(0) else None


def _cache_control(value: str) -> dict[str, str]:
    """Return directives with their arguments; the first of several with one name counts."""
    directives: dict[str, str] = {}
    for part in value.split(","):
        name, _, argument = part.partition("=")
        directives.setdefault(name.strip().lower(), argument.strip().strip('"'))
    return directives


def _retry(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return the wait of a Retry-After in either form, clamped; None where it is nonsense (A62)."""
    value = headers.get("Retry-After", "").strip()
    seconds = _whole_number(value)
    if seconds is not None:
        delay = timedelta(seconds=min(seconds, 10**9))
    elif (until := _http_date(value)) is not None:
        delay = until - (_http_date(headers.get("Date")) or now)
    else:
        return None
    return min(max(delay, SHORTEST_RETRY), LONGEST_RETRY)


def _whole_number(text: str) -> int | None:
    return int(text[:20]) if text.isascii() and text.isdigit() else None


def _http_date(text: str | None) -> datetime | None:
    """Return a date header as aware UTC; None where it is no date."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
