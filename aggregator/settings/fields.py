"""The kinds of value that the files hold, each read by one function that says what it expects."""

import ipaddress
import re
import zoneinfo
from datetime import date, timedelta
from functools import cache
from string import Formatter
from typing import Annotated, Final, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    BeforeValidator,
    PlainValidator,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

from aggregator.settings.document import FromEnvironment, quoted
from aggregator.settings.problems import did_you_mean

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"([0-9]{1,9})([smhd])")
_LONGEST: Final = timedelta(days=36500)  # `now` minus it is still a date
_SIZES: Final = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_SIZE: Final = re.compile(r"([0-9]{1,6})(KiB|MiB|GiB)")
_CLOCK: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_QUIET: Final = re.compile(rf"{_CLOCK.pattern} *- *{_CLOCK.pattern}")
_MAX_URL: Final = 2048
_HOST: Final = re.compile(r"[A-Za-z0-9_.\-]+")
# What a request is framed by, or what the fetcher itself must say (RFC 9110 7.6.1, 13.1, 12.5.3).
_OWN_HEADERS: Final = frozenset(
    [
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
        "proxy-authorization",
        "accept-encoding",
        "if-none-match",
        "if-modified-since",
        "if-range",
        "range",
    ]
)
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e\xa0-\xff]{0,8000}")

T = TypeVar("T")
Many = Annotated[tuple[T, ...], Strict(False)]
"""A list in the file, a tuple for us."""


def text_of(value: object) -> str:
    """Return text as a plain string; raise ValueError for anything else."""
    if isinstance(value, str):
        return str(value)
    scalar = isinstance(value, bool | int | float)
    raise ValueError("must be text: put it in quotes" if scalar else "must be text")


def parse_duration(value: object) -> timedelta:
    """Read `90s 15m 6h 7d`."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{quoted(value)} is no duration: write it as 90s, 15m, 6h or 7d")
    span = timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    if span > _LONGEST:
        raise ValueError(f"longer than {_LONGEST.days}d")
    return span


def parse_positive_duration(value: object) -> timedelta:
    """Read a duration that is longer than nothing."""
    span = parse_duration(value)
    if not span:
        raise ValueError("must be longer than 0s")
    return span


def written_duration(span: timedelta) -> str:
    """Write a duration as the files do, in the largest unit that divides it."""
    seconds = int(span.total_seconds())
    unit, size = next(pair for pair in reversed(_UNITS.items()) if seconds % pair[1] == 0)
    return f"{seconds // size}{unit}"


def parse_size(value: object) -> int:
    """Read `512KiB 10MiB 1GiB` as bytes."""
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None or not int(match[1]):
        raise ValueError(f"{quoted(value)} is no size: write it as 512KiB or 10MiB")
    return int(match[1]) * _SIZES[match[2]]


def parse_clock(value: object) -> tuple[int, int]:
    """Read `07:00` as hour and minute."""
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'{quoted(value)} is no time of day: write it as "07:00"')
    return int(match[1]), int(match[2])


def parse_quiet(value: object) -> tuple[int, int]:
    """Read `23:00-07:00` as two minutes of the day."""
    match = _QUIET.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'{quoted(value)} is no span of the day: write it as "23:00-07:00"')
    hour, minute, end_hour, end_minute = map(int, match.groups())
    return hour * 60 + minute, end_hour * 60 + end_minute


def parse_day(value: object) -> date:
    """Read `2026-12-31`."""
    try:
        return date.fromisoformat(text_of(value))
    except ValueError as error:
        raise ValueError(f"{quoted(value)} is no day: write it as 2026-12-31") from error


def parse_time_zone(value: object) -> str:
    """Take an IANA name that this machine knows."""
    name = text_of(value)
    known = _time_zones()
    if name not in known:
        raise ValueError(f"{quoted(value)} is no known time zone{did_you_mean(name, known)}")
    return name


@cache
def _time_zones() -> frozenset[str]:
    """Return the zones of this machine, which are files: looking them up takes milliseconds."""
    return frozenset(zoneinfo.available_timezones())


def parse_url(value: object) -> str:
    """Take an http or https URL that can be connected to as it is written (reliability D2).

    Messages never repeat it: its query may hold a token.
    """
    url = text_of(value)
    if len(url) > _MAX_URL:
        raise ValueError(f"the URL is longer than {_MAX_URL} characters")
    if re.search(r"[\s\\]", url):
        raise ValueError("a URL holds no spaces and no backslashes")
    parts = _split(url)
    if parts.scheme not in ("http", "https") or not url.lower().startswith(f"{parts.scheme}://"):
        raise ValueError("must be a URL that begins with http:// or https://")
    if "@" in parts.netloc:
        raise ValueError("a URL with user and password: give them as `headers` instead")
    _check_host(parts)
    return url


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError("not a URL that can be read") from error
    if port == 0:
        raise ValueError("port 0 cannot be connected to")
    return parts


def _check_host(parts: SplitResult) -> None:
    host = parts.hostname or ""
    if not host:
        raise ValueError("the URL has no host")
    if ":" in host:
        if "%" in host:
            raise ValueError("an address with a zone id is not allowed")
        ipaddress.IPv6Address(host)
        return
    try:
        plain = host.encode("idna").decode("ascii").removesuffix(".")
    except UnicodeError as error:
        raise ValueError("the URL's host is no valid name") from error
    if not _HOST.fullmatch(plain):
        raise ValueError("the URL's host is no valid name")
    if re.fullmatch(r"[0-9]+|0[xX][0-9a-fA-F]*", plain.rpartition(".")[2]):
        _check_ipv4(plain)


def _check_ipv4(host: str) -> None:
    try:
        ipaddress.IPv4Address(host)
    except ValueError as error:
        raise ValueError("an IPv4 address has four decimal numbers") from error


def parse_public_url(value: object) -> str:
    """Take the address under which readers reach us, without a slash at its end."""
    url = parse_url(value)
    if "?" in url or "#" in url:
        raise ValueError("must have no ? and no #")
    return url.rstrip("/")


def parse_proxy(value: object) -> str:
    """Take a proxy's URL; user and password are allowed there."""
    url = text_of(value)
    parts = _split(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a URL that begins with http:// or https://")
    return url


def parse_storage_url(value: object) -> str:
    """Take `sqlite`: of the stores that the format provides for, the one that is built in."""
    url = text_of(value)
    if url.startswith(("postgresql://", "postgres://")):
        raise ValueError("PostgreSQL is not built into this version: write sqlite")
    if url != "sqlite":
        raise ValueError("must be sqlite")
    return url


def parse_private(value: object) -> str:
    """Take `host:port`, `10.0.0.5:*`, `127.0.0.0/8:*` or `[::1]:8080`."""
    host, colon, port = text_of(value).rpartition(":")
    if not colon or not (port == "*" or (port.isdecimal() and 0 < int(port) < 65536)):
        raise ValueError(f"{quoted(value)} needs a port: write it as host:8080 or 10.0.0.5:*")
    bare = host.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_network(bare, strict=False)
    except ValueError as error:
        numeric = re.fullmatch(r"[0-9./]+", bare) or ":" in bare or "/" in bare
        if numeric or not _HOST.fullmatch(bare):
            raise ValueError(f"{quoted(value)} names no host, address or network") from error
    return str(value)


def parse_title_form(value: object) -> str:
    """Take a form that holds `{title}`, and `{outlet}` where wanted."""
    form = text_of(value)
    try:
        fields = {name for _, name, _, _ in Formatter().parse(form) if name is not None}
    except ValueError as error:
        raise ValueError("a brace without its other half") from error
    if "title" not in fields or fields - {"title", "outlet"}:
        raise ValueError('must hold {title}, and may hold {outlet}, like "{title}（{outlet}）"')
    return form


def names_by_language(value: object) -> object:
    """Take one name for all languages as a name by language, its language empty."""
    return {"": value} if isinstance(value, str) else value


def parse_language_key(language: str) -> str:
    """Take a language code, or the empty one of `names_by_language`."""
    if language and not re.fullmatch(_LANGUAGE, language):
        raise ValueError(f"{quoted(language)} is no language code like ja or en")
    return language


def _line(value: object) -> str:
    line = text_of(value).strip()
    if not line or "\n" in line or len(line) > 200:
        raise ValueError("must be one line of text, at most 200 characters")
    return line


def parse_header_name(name: str) -> str:
    """Take a request header that is not the fetcher's own."""
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError(f"{quoted(name)} is no header name")
    if name.lower() in _OWN_HEADERS:
        raise ValueError(f"the header {name} is set by the program itself")
    return name


def parse_header_value(value: object) -> str:
    """Take what a header can carry; messages never repeat it."""
    if isinstance(value, str) and _HEADER_VALUE.fullmatch(value):
        return str(value)
    raise ValueError("must be text (in quotes) that a header can carry")


def _number_from_environment(value: object) -> object:
    """Read `port: ${PORT}` as the number it stands for; text that is written as text stays an error."""
    if isinstance(value, FromEnvironment):
        if re.fullmatch(r"[+-]?[0-9]{1,18}", value):
            return int(value)
        if re.fullmatch(r"[+-]?[0-9]{1,18}\.[0-9]{1,18}", value):
            return float(value)
    return value


def _switch_from_environment(value: object) -> object:
    if isinstance(value, FromEnvironment):
        return {"true": True, "false": False}.get(value.lower(), value)
    return value


_LANGUAGE: Final = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"

VARIABLE: Final = BeforeValidator(_number_from_environment)
"""Beside a number's bounds: it may stand in an environment variable."""
Switch = Annotated[bool, BeforeValidator(_switch_from_environment)]
Line = Annotated[
    str,
    PlainValidator(_line),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200}),
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Language = Annotated[str, StringConstraints(pattern=f"^{_LANGUAGE}$")]
_DURATION_SCHEMA: Final = {"type": "string", "pattern": r"^[0-9]{1,9}[smhd]$|\$\{"}
Duration = Annotated[
    timedelta, PlainValidator(parse_positive_duration), WithJsonSchema(_DURATION_SCHEMA)
]
DurationOrZero = Annotated[
    timedelta, PlainValidator(parse_duration), WithJsonSchema(_DURATION_SCHEMA)
]
Size = Annotated[
    int,
    PlainValidator(parse_size),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,6}(KiB|MiB|GiB)$|\$\{"}),
]
Clock = Annotated[
    tuple[int, int],
    PlainValidator(parse_clock),
    WithJsonSchema({"type": "string", "pattern": f"^{_CLOCK.pattern}$"}),
]
_URL_SCHEMA: Final = {"type": "string", "pattern": r"^https?://|\$\{"}
Url = Annotated[str, PlainValidator(parse_url), WithJsonSchema(_URL_SCHEMA)]
TimeZone = Annotated[
    str, PlainValidator(parse_time_zone), WithJsonSchema({"type": "string", "minLength": 1})
]
