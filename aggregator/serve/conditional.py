"""Conditional requests as RFC 9110 13 has them: is what the client holds still current?"""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime


def http_date(at: datetime) -> str:
    """Return a time as HTTP writes it."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


def matches(if_none_match: str, etags: tuple[str, ...]) -> str | None:
    """Return which of our tags a client's `If-None-Match` names, by weak comparison; the first for `*`."""
    if if_none_match.strip() == "*":
        return etags[0]
    held = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return next((etag for etag in etags if etag.removeprefix("W/") in held), None)


def unchanged_since(if_modified_since: str, modified_at: datetime) -> bool:
    """Tell whether nothing changed since a client's date; a date that cannot be read says no."""
    try:
        since = parsedate_to_datetime(if_modified_since)
    except ValueError:
        return False
    if since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    return modified_at.replace(microsecond=0) <= since


def accepts_gzip(accept_encoding: str) -> bool:
    """Tell whether a client takes gzip (RFC 9110 12.5.3)."""
    for part in accept_encoding.lower().split(","):
        coding, _, parameters = part.partition(";")
        if coding.strip() in ("gzip", "x-gzip", "*"):
            return _quality(parameters) > 0
    return False


def prefers_html(accept: str) -> bool:
    """Tell whether a client asks for a page before anything else, as browsers do and feed readers do not."""
    best, best_quality = "", 0.0
    for part in accept.lower().split(","):
        media_type, _, parameters = part.partition(";")
        quality = _quality(parameters)
        if quality > best_quality:
            best, best_quality = media_type.strip(), quality
    return best in ("text/html", "application/xhtml+xml")


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
