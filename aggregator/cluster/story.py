"""A story as it stands, from the entries that are in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from aggregator.cluster.lead import choose_lead
from aggregator.model.identifiers import SourceId, StoryId
from aggregator.model.query import FiledEntry
from aggregator.model.source import Source
from aggregator.model.story import Story
from aggregator.model.topic import TopicMatch


def build_story(
    id: StoryId,
    members: Sequence[FiledEntry],
    sources: Mapping[SourceId, Source],
    previous: Story | None,
    topics: tuple[TopicMatch, ...],
    now: datetime,
    language: str,
) -> Story:
    """Return the story that `members` (in order of arrival, at least one) make up.

    `previous` is the story as it was; its lead stays as long as it may, its muting for ever.
    """
    lead = choose_lead(members, sources, previous, now, language)
    changed = previous is None or previous.lead != lead.entry.id
    newest = max(m.entry.first_seen_at for m in members)
    return Story(
        id=id,
        lead=lead.entry.id,
        lead_since=now if changed or previous is None else previous.lead_since,
        title=lead.entry.title,
        language=lead.entry.language,
        entries=tuple(m.entry.id for m in members),
        sources=tuple(dict.fromkeys(m.entry.source for m in members)),
        independent=_independent(members),
        topics=topics,
        saga=previous.saga if previous else None,
        related=_related(id, members),
        muted=previous.muted if previous else False,
        first_seen_at=min(m.entry.first_seen_at for m in members),
        updated_at=max(newest, now) if changed and previous else newest,
    )


def _independent(members: Sequence[FiledEntry]) -> int:
    return max(
        1,
        len({m.entry.source for m in members if m.placement is None or m.placement.independent}),
    )


def _related(id: StoryId, members: Sequence[FiledEntry]) -> tuple[StoryId, ...]:
    found: dict[StoryId, None] = {}
    for member in members:
        if member.placement is not None:
            found.update(dict.fromkeys(member.placement.decision.related))
    found.pop(id, None)
    return tuple(found)
