"""Which editions are due: each exactly once, over daylight saving, restarts and gaps."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aggregator.model.digest import DigestPlan, EditionKind, EditionTime

_DAY: Final = timedelta(days=1)
_STANDARD: Final = {
    EditionKind.DAILY: (7, 0),
    EditionKind.MORNING: (7, 0),
    EditionKind.EVENING: (18, 0),
    EditionKind.WEEKLY: (7, 0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionDue:
    """An edition whose time has come, and the span that it covers."""

    name: str
    kind: EditionKind
    day: date
    since: datetime
    until: datetime


def due(
    plan: DigestPlan,
    zone: ZoneInfo,
    published_names: Collection[str],
    last_checked: datetime | None,
    now: datetime,
) -> tuple[EditionDue, ...]:
    """Return the editions whose time has come after `last_checked` and that are not published, in order.

    Never looked before: none, since there is nothing that a reader could have missed. A time that a
    day does not have (the clock goes forward) comes as long after midnight as on any other day; one
    that it has twice comes the first time (PEP 495, fold 0).
    """
    if last_checked is None:
        return ()
    found = []
    for edition in plan.editions:
        day = last_checked.astimezone(zone).date() - _DAY
        while day <= now.astimezone(zone).date():
            at = moment_of(edition, day, zone)
            name = edition_name(day, edition.kind)
            if at is not None and last_checked < at <= now and name not in published_names:
                found.append(
                    EditionDue(
                        name=name,
                        kind=edition.kind,
                        day=day,
                        since=_before(plan, edition, day, at, zone),
                        until=at,
                    )
                )
            day += _DAY
    return tuple(sorted(found, key=lambda one: (one.until, one.name)))


def edition_name(day: date, kind: EditionKind) -> str:
    """Return the name of an edition: `2026-11-23-daily`."""
    return f"{day.isoformat()}-{kind.value}"


def span_of(
    kind: EditionKind, day: date | None, zone: ZoneInfo, now: datetime
) -> tuple[date, datetime, datetime]:
    """Return day, beginning and end of a digest that is asked for outside its times.

    With a day it is about that day: the whole of it, its first half up to the evening edition, the
    week that ends with it. Without one it is about the time up to now.
    """
    if day is None:
        length = {EditionKind.DAILY: _DAY, EditionKind.WEEKLY: 7 * _DAY}.get(kind, _DAY / 2)
        return now.astimezone(zone).date(), now - length, now
    begin, end = _instant(day, 0, 0, zone), _instant(day + _DAY, 0, 0, zone)
    match kind:
        case EditionKind.MORNING:
            begin = _instant(day - _DAY, *_STANDARD[EditionKind.EVENING], zone)
            end = _instant(day, *_STANDARD[EditionKind.MORNING], zone)
        case EditionKind.EVENING:
            begin = _instant(day, *_STANDARD[EditionKind.MORNING], zone)
            end = _instant(day, *_STANDARD[EditionKind.EVENING], zone)
        case EditionKind.WEEKLY:
            begin = _instant(day - 6 * _DAY, 0, 0, zone)
        case EditionKind.DAILY:
            pass
    return day, begin, max(min(end, now), begin + timedelta(seconds=1))


def moment_of(edition: EditionTime, day: date, zone: ZoneInfo) -> datetime | None:
    """Return when an edition of a day comes out; None where that day has none."""
    if edition.weekday is not None and day.weekday() != edition.weekday:
        return None
    return _instant(day, edition.hour, edition.minute, zone)


def _instant(day: date, hour: int, minute: int, zone: ZoneInfo) -> datetime:
    """Return a local time as an instant."""
    return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)


def _before(
    plan: DigestPlan, edition: EditionTime, day: date, at: datetime, zone: ZoneInfo
) -> datetime:
    """Return when the edition before came out: of the same rhythm, morning and evening being one."""
    halves = {EditionKind.MORNING, EditionKind.EVENING}
    rhythm = [
        e for e in plan.editions if e.kind is edition.kind or {e.kind, edition.kind} <= halves
    ]
    return max(_moments_before(rhythm, day, at, zone))


def _moments_before(
    rhythm: list[EditionTime], day: date, at: datetime, zone: ZoneInfo
) -> Iterator[datetime]:
    for edition in rhythm:
        for days in range(8):
            earlier = moment_of(edition, day - days * _DAY, zone)
            if earlier is not None and earlier < at:
                yield earlier
                break
