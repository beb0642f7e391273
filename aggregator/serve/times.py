"""Times and spans as people write them in Japanese and English."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_DAYS: Final = {
    "ja": ("月", "火", "水", "木", "金", "土", "日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def weekday(number: int, language: str) -> str:
    """Return a day of the week, Monday being 0: `月`, `Mon`."""
    return _DAYS["ja" if language == "ja" else "en"][number]


def clock(at: datetime, zone: ZoneInfo) -> str:
    """Return the time of day: `09:05`."""
    return f"{at.astimezone(zone):%H:%M}"


def day(at: datetime, zone: ZoneInfo, language: str) -> str:
    """Return the day without its year: `11月24日(火)`, `Tue 24 November`."""
    local = at.astimezone(zone)
    name = weekday(local.weekday(), language)
    if language == "ja":
        return f"{local.month}月{local.day}日({name})"
    return f"{name} {local.day} {_MONTHS[local.month - 1]}"


def short_day(at: datetime, zone: ZoneInfo, language: str, this_year: int) -> str:
    """Return the day as a narrow column has it, with its year where that is another: `3月12日`, `12 Mar`."""
    local = at.astimezone(zone)
    other = local.year != this_year
    if language == "ja":
        return (
            f"{local.year}年{local.month}月{local.day}日"
            if other
            else f"{local.month}月{local.day}日"
        )
    return f"{local.day} {_MONTHS[local.month - 1][:3]}" + (f" {local.year}" if other else "")


def full(at: datetime, zone: ZoneInfo, language: str) -> str:
    """Return day, year and time: `2026年11月24日(火) 09:05`, `Tue 24 November 2026, 09:05`."""
    local = at.astimezone(zone)
    if language == "ja":
        return f"{local.year}年{day(at, zone, language)} {local:%H:%M}"
    return f"{day(at, zone, language)} {local.year}, {local:%H:%M}"


def stamp(at: datetime, zone: ZoneInfo, language: str) -> str:
    """Return day and time, without the year: `3月12日 09:10`, `12 March, 09:10`."""
    local = at.astimezone(zone)
    if language == "ja":
        return f"{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {_MONTHS[local.month - 1]}, {local:%H:%M}"


def span(length: timedelta, language: str) -> str:
    """Return a length of time in its one or two largest units: `3時間12分`, `3 h 12 min`."""
    minutes = max(0, round(length.total_seconds() / 60))
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    units = ("日", "時間", "分") if language == "ja" else (" d", " h", " min")
    parts = [f"{n}{unit}" for n, unit in zip((days, hours, minutes), units, strict=True) if n]
    return ("" if language == "ja" else " ").join(parts[:2]) or f"0{units[2]}"
