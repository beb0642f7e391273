"""Addresses of strangers, fit for a link: http or https, ASCII, of a sane length; or none at all."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

_LONGEST: Final = 2048
_REFUSED: Final = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
# What RFC 3986 allows in a path, query or fragment; % so that what is encoded stays as it is.
_KEPT: Final = "!$&'()*+,-./:;=?@_~%"
# Escaped twice by its publisher; and what readers take for a character reference (feedparser drops the
# semicolon of any `&name;` in a link).
_AMPERSAND: Final = re.compile(r"&(?:amp;)+")
_REFERENCE: Final = re.compile(r"&(\w+);")
# What nearly every address is: it comes out as it went in, and need not be taken apart to know it.
_CHARACTER: Final = r"[A-Za-z0-9!$&'()*+,\-./:=@_~]|%[0-9A-Fa-f]{2}"
_ORDINARY: Final = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
    rf"(?:/(?:{_CHARACTER})*)?(?:\?(?:{_CHARACTER}|\?)+)?(?:#(?:{_CHARACTER}|\?)+)?"
)
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


@lru_cache(
    maxsize=4096
)  # an item's addresses are looked at in every format, its feed's in every item
def web_address(url: str | None) -> str | None:
    """Return a URL as a link may carry it, non-ASCII percent-encoded; None where it is no web address."""
    if url is None or _REFUSED.search(url):
        return None
    if len(url) <= _LONGEST and _ORDINARY.fullmatch(url):
        return url
    return _taken_apart(url)


def _taken_apart(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port is not None else ""
        encoded = [_encoded(part) for part in (parts.path, parts.query, parts.fragment)]
    except ValueError:  # also UnicodeError: a host that no name can have, a lone surrogate
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    name = f"[{host}]" if ":" in host else host
    address = urlunsplit((parts.scheme, f"{name}{port}", *encoded))
    return address if len(address) <= _LONGEST else None


def _encoded(part: str) -> str:
    part = _REFERENCE.sub(r"&\1%3B", _AMPERSAND.sub("&", part))
    return quote(_STRAY_PERCENT.sub("%25", part), safe=_KEPT)
