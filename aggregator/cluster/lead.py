"""Which entry stands for a story: by kind, language, completeness, weight, access and time; then it stays."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from aggregator.cluster.marks import Marks, read_marks
from aggregator.model.identifiers import EntryId, SourceId
from aggregator.model.query import FiledEntry
from aggregator.model.source import Access, FeedKind, Source
from aggregator.model.story import Story

_STICKY: Final = timedelta(hours=24)

Rank = tuple[bool, bool, bool, bool, bool, float, bool, bool, datetime]
"""Smaller leads; the parts in order of importance."""


def choose_lead(
    members: Sequence[FiledEntry],
    sources: Mapping[SourceId, Source],
    previous: Story | None,
    now: datetime,
    language: str,
) -> FiledEntry:
    """Return the member that leads (at least one member is given).

    Once chosen, a lead stays. Within 24 hours it gives way when a full report follows a 速報, or a
    free article a paid one; later, and at any time, only to what replaces it: it was withdrawn, has
    moved to another story, or a correction of the same outlet came.
    """
    marks = {member.entry.id: _marks(member) for member in members}

    def rank(member: FiledEntry) -> Rank:
        source = sources.get(member.entry.source)
        own = marks[member.entry.id]
        return (
            member.entry.withdrawn,
            member.feed_kind != FeedKind.NEWS or own.video,
            member.entry.language != language,
            own.live or own.series or own.analysis,
            own.flash,
            -(source.weight if source else 1.0),
            _is_paid(own, source),
            member.placement is not None and member.placement.copy_of is not None,
            member.entry.first_seen_at,
        )

    best = min(members, key=rank)
    held = next((m for m in members if previous and m.entry.id == previous.lead), None)
    if held is None or previous is None or held.entry.withdrawn:
        return best
    correction = _correction_of(held, members, marks)
    if correction is not None:
        return correction
    if now - previous.lead_since > _STICKY or rank(best) >= rank(held):
        return held
    old, new = marks[held.entry.id], marks[best.entry.id]
    fuller = old.flash and not new.flash
    freer = _is_paid(old, sources.get(held.entry.source)) and not _is_paid(
        new, sources.get(best.entry.source)
    )
    return best if fuller or freer else held


def _correction_of(
    held: FiledEntry, members: Sequence[FiledEntry], marks: Mapping[EntryId, Marks]
) -> FiledEntry | None:
    later = [
        member
        for member in members
        if marks[member.entry.id].correction
        and member.entry.source == held.entry.source
        and not member.entry.withdrawn
        and member.entry.first_seen_at > held.entry.first_seen_at
    ]
    return max(later, key=lambda member: member.entry.first_seen_at, default=None)


def _is_paid(marks: Marks, source: Source | None) -> bool:
    return marks.paid or (source is not None and source.access is Access.PAID)


def _marks(member: FiledEntry) -> Marks:
    return read_marks(member.entry.title, member.entry.url, member.entry.categories)
