"""Which entry stands for a story: by weight, language, access, completeness, kind and time; then it stays."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from aggregator.cluster.marks import Marks, read_marks
from aggregator.model.identifiers import SourceId
from aggregator.model.query import FiledEntry
from aggregator.model.source import Access, FeedKind, Source
from aggregator.model.story import Story

_STICKY: Final = timedelta(hours=24)


def choose_lead(
    members: Sequence[FiledEntry],
    sources: Mapping[SourceId, Source],
    previous: Story | None,
    now: datetime,
    language: str,
) -> FiledEntry:
    """Return the member that leads.

    Once chosen, a lead stays: for 24 hours it gives way when a full report follows a 速報, or a free
    article a paid one; later only when it is withdrawn, corrected or moved to another story.
    """
    ranked = sorted(range(len(members)), key=lambda i: (*_rank(members[i], sources, language), i))
    best = members[ranked[0]]
    held = _held(members, previous)
    if held is None or previous is None or held is best:
        return best
    if now - previous.lead_since > _STICKY:
        return held
    return best if _clearly_better(best, held, sources) else held


def _held(members: Sequence[FiledEntry], previous: Story | None) -> FiledEntry | None:
    if previous is None:
        return None
    return next((m for m in members if m.entry.id == previous.lead), None)


def _clearly_better(best: FiledEntry, held: FiledEntry, sources: Mapping[SourceId, Source]) -> bool:
    new, old = _marks(best), _marks(held)
    if _is_paid(best, new, sources) > _is_paid(held, old, sources):
        return False
    return (old.flash and not new.flash) or (
        _is_paid(held, old, sources) and not _is_paid(best, new, sources)
    )


def _rank(
    filed: FiledEntry, sources: Mapping[SourceId, Source], language: str
) -> tuple[bool, bool, bool, bool, bool, float, bool, bool, float]:
    marks = _marks(filed)
    source = sources.get(filed.entry.source)
    return (
        filed.entry.withdrawn,
        filed.feed_kind != FeedKind.NEWS or marks.video,
        filed.entry.language != language,
        marks.live or marks.series or marks.analysis,
        marks.flash,
        -(source.weight if source else 1.0),
        _is_paid(filed, marks, sources),
        filed.placement is not None and filed.placement.copy_of is not None,
        filed.entry.first_seen_at.timestamp(),
    )


def _is_paid(filed: FiledEntry, marks: Marks, sources: Mapping[SourceId, Source]) -> bool:
    source = sources.get(filed.entry.source)
    return marks.paid or (source is not None and source.access is Access.PAID)


def _marks(filed: FiledEntry) -> Marks:
    return read_marks(filed.entry.title, filed.entry.url, filed.entry.categories)
