"""Dates as publishers write them, read as aware UTC; never an exception, None for what is no date.

feedparser reads JST as UTC, 2026/11/23 as the first of the month, and takes times without a zone
for UTC: so it is asked only for what is not read here.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_LONGEST: Final = 100  # characters of anything that can be a date
_JAPAN: Final = timezone(timedelta(hours=9))
# Hours east of Greenwich. CST, EST ... as RFC 822 has them; BST and IST as today's feeds mean them.
_ZONES: Final = {
    "jst": 9, "kst": 9, "utc": 0, "gmt": 0, "ut": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2,
    "met": 1, "mest": 2, "eet": 2, "eest": 3, "msk": 3, "msd": 4, "trt": 3, "ist": 5.5, "pkt": 5, "npt": 5.75,
    "wib": 7, "ict": 7, "hkt": 8, "sgt": 8, "awst": 8, "pht": 8, "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11,
    "aet": 10, "nzst": 12, "nzdt": 13, "ast": -4, "adt": -3, "nst": -3.5, "ndt": -2.5, "brt": -3, "art": -3,
    "est": -5, "edt": -4, "et": -5, "cst": -6, "cdt": -5, "ct": -6, "mst": -7, "mdt": -6, "mt": -7, "pst": -8,
    "pdt": -7, "pt": -8, "akst": -9, "akdt": -8, "hst": -10,
}  # fmt: skip
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan ene gen", "feb fev fév", "mar mär mrz", "apr abr avr", "may mai mag maj", "jun juin giu", "jul juil lug",
         "aug ago aoû", "sep set", "oct okt out ott", "nov", "dec dez dic déc"), 1)
    for name in names.split()
}  # fmt: skip
_ERAS: Final = {"令和": 2018, "平成": 1988, "昭和": 1925, "r": 2018, "h": 1988, "s": 1925}

_CLOCK: Final = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
)
_ZONE: Final = (
    r"(?:\s*(?:(?P<name>[a-z]{1,5})\b(?![+-]?\d))|\s*(?:gmt|utc)?\s*(?P<sign>[+\-−])(?P<east>\d{1,2})(?::?(?P<past>\d{2}))?)?"
    r"\s*(?:\([^)]*\)|\[[^\]]*\]|[a-z]{2,5})?"
)
_NUMERIC: Final = re.compile(
    r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?:(?P=sep)(?P<day>\d{1,2}))?(?:(?:\s*t\s*|[\s,]+)"
    + _CLOCK
    + r")?"
    + _ZONE
)
_COMPACT: Final = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:t?(?P<hour>\d{2}):?(?P<minute>\d{2}):?(?P<second>\d{2})?(?:[.,]\d+)?)?"
    + _ZONE
)
_WORDS: Final = re.compile(
    r"(?:[^\W\d_]+\.?[\s,]*)?(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?[\s,/-]*(?:de\s+)?(?P<word>[^\W\d_]{3,12})\.?[\s,/-]*(?:de\s+)?"
    r"(?P<year>\d{4}|\d{2})(?:(?:[\s,t]|\bat\b)+" + _CLOCK + r")?" + _ZONE
)
_MONTH_FIRST: Final = re.compile(
    r"(?:[^\W\d_]{2,10}\.?[\s,]+)?(?P<word>[^\W\d_]{3,12})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s,]+"
    r"(?P<year>\d{4})(?:(?:[\s,]|\bat\b)+" + _CLOCK + r")?" + _ZONE
)
_ASCTIME: Final = re.compile(
    r"[a-z]{3,9},?\s+(?P<word>[a-z]{3,9})\s+(?P<day>\d{1,2})\s+"
    + _CLOCK
    + r"(?:\s+(?P<name>[a-z]{1,5})|\s+(?:gmt|utc)?(?P<sign>[+-])(?P<east>\d{2}):?(?P<past>\d{2}))?\s+(?P<year>\d{4})"
)
_DAY_FIRST: Final = re.compile(
    r"(?P<day>\d{1,2})(?P<sep>[./-])(?P<month>\d{1,2})(?P=sep)(?P<year>\d{4})(?:[\s,]+"
    + _CLOCK
    + r")?"
    + _ZONE
)
_JAPANESE: Final = re.compile(
    r"(?:(?P<era>令和|平成|昭和|[rhs])\s*)?(?P<year>元|\d{1,4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日"
    r"\s*(?:[(（]?[日月火水木金土](?:曜日?)?[)）]?)?[\s,、]*"
    r"(?:(?P<noon>午前|午後)?\s*(?P<hour>\d{1,2})\s*[時:](?:\s*(?P<minute>\d{1,2})\s*(?:分|\b)(?::?\s*(?P<second>\d{1,2})\s*秒?)?|(?P<halfpast>半))?)?"
    + _ZONE
)
_PATTERNS: Final = (_NUMERIC, _WORDS, _JAPANESE, _COMPACT, _ASCTIME, _MONTH_FIRST, _DAY_FIRST)
_WORD: Final = re.compile(r"[^\W\d_]{2}|[年월]")
_EPOCH: Final = re.compile(r"\d{9,10}|\d{12,13}")


def parse_date(raw: str, zone: str | None = None) -> datetime | None:
    """Read a date; one without a zone is in `zone` (an IANA name), Japanese ones else in Japan's."""
    text = raw.strip()
    return _read(text, zone) if 0 < len(text) <= _LONGEST else None


@lru_cache(maxsize=256)  # feedparser asks for each date before we do
def _read(text: str, zone: str | None) -> datetime | None:
    text = (text if text.isascii() else unicodedata.normalize("NFKC", text)).lower()
    if _EPOCH.fullmatch(text):
        return _from_epoch(int(text))
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(text):
            try:
                return _from_parts(match.groupdict(), zone, japanese=pattern is _JAPANESE)
            except (ValueError, OverflowError):  # 30 February, year 0, beyond year 9999
                return None
    return None


def date_from_struct(raw: str, parsed: Sequence[int] | None) -> datetime | None:
    """Return feedparser's reading of what was not read here: dates with words of other languages.

    Of mere numbers it makes something every time: the year 1111 of a row of ones.
    """
    if parsed is None or len(raw) > _LONGEST or not _WORD.search(raw):
        return None
    try:
        day = datetime(parsed[0], parsed[1], parsed[2], tzinfo=UTC)
        return day + timedelta(hours=parsed[3], minutes=parsed[4], seconds=min(parsed[5], 59))
    except (ValueError, OverflowError):
        return None


def _from_epoch(number: int) -> datetime:
    """Read seconds, or milliseconds, since 1970."""
    return datetime.fromtimestamp(number if number < 10**11 else number / 1000, UTC)


def _from_parts(part: dict[str, str | None], zone: str | None, *, japanese: bool) -> datetime:
    day = datetime(_year(part), _month(part), int(part.get("day") or 1))  # noqa: DTZ001  # the zone comes last
    hour = int(part.get("hour") or 0)
    half = part.get("half") or {"午前": "a", "午後": "p"}.get(part.get("noon") or "")
    if half:
        if hour > 12:
            half = "a"  # 午後15時: the clock is meant
        hour = hour % 12 + (12 if half == "p" else 0) if hour <= 12 else hour
    minute = 30 if part.get("halfpast") else int(part.get("minute") or 0)
    second = int(part.get("second") or 0)
    if hour > 24 or minute > 59 or second > 60:  # 24:00 is midnight, :60 a leap second
        raise ValueError("no time of day")
    local = day + timedelta(hours=hour, minutes=minute, seconds=min(second, 59))
    return local.replace(tzinfo=_zone(part, zone, japanese=japanese)).astimezone(UTC)


def _year(part: dict[str, str | None]) -> int:
    written = part["year"] or ""
    if part.get("era"):
        return _ERAS[str(part["era"])] + (1 if written == "元" else int(written))
    year = int(written)
    if len(written) == 2:  # RFC 5322 section 4.3
        year += 2000 if year < 50 else 1900
    return year


def _month(part: dict[str, str | None]) -> int:
    word = part.get("word")
    if word is None:
        return int(part["month"] or 0)
    for length in (4, 3):
        if (number := _MONTHS.get(word[:length])) is not None:
            return number
    raise ValueError("no month")


def _zone(part: dict[str, str | None], zone: str | None, *, japanese: bool) -> tzinfo:
    if part.get("sign"):
        east = timedelta(hours=int(part["east"] or 0), minutes=int(part["past"] or 0))
        return timezone(east if part["sign"] == "+" else -east)
    name = part.get("name")
    if name and name in _ZONES:
        return timezone(timedelta(hours=_ZONES[name]))
    if name:
        return UTC  # an unknown name means nothing (RFC 5322 section 4.3)
    return _named_zone(zone) or (_JAPAN if japanese else UTC)


@lru_cache(maxsize=64)
def _named_zone(zone: str | None) -> tzinfo | None:
    if not zone:
        return None
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # unknown, malformed, a folder's name
        return None
