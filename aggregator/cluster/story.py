"""A story as it stands, from the entries that are in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from aggregator.cluster.batch import FOLLOWS, LONG_RUNNING
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

    `previous` is the story as it was: its lead stays as long as it may, and it stays muted. `language`
    is the one that readers prefer. `updated_at` moves with a new entry and with a change of lead.
    """
    lead = choose_lead(members, sources, previous, now, language)
    standing = [member for member in members if not member.entry.withdrawn] or list(members)
    newest = max(member.entry.first_seen_at for member in standing)
    same_lead = previous is not None and previous.lead == lead.entry.id
    return Story(
        id=id,
        lead=lead.entry.id,
        lead_since=previous.lead_since if previous is not None and same_lead else now,
        title=lead.entry.title,
        language=lead.entry.language,
        entries=tuple(member.entry.id for member in members),
        sources=tuple(dict.fromkeys(member.entry.source for member in standing)),
        independent=_independent(standing),
        topics=topics,
        saga=_saga(members) or (previous.saga if previous is not None else None),
        related=_related(id, members),
        muted=previous is not None and previous.muted,
        first_seen_at=min(member.entry.first_seen_at for member in members),
        updated_at=_updated_at(previous, newest, now, lead),
    )


def _updated_at(
    previous: Story | None, newest: datetime, now: datetime, lead: FiledEntry
) -> datetime:
    if previous is None:
        return newest
    changed = previous.lead != lead.entry.id or previous.title != lead.entry.title
    return max(newest, previous.updated_at, now) if changed else max(newest, previous.updated_at)


def _independent(members: Sequence[FiledEntry]) -> int:
    """Count sources with a report of their own; a story of copies alone still has one."""
    own = {m.entry.source for m in members if m.placement is None or m.placement.independent}
    return max(1, len(own))


def _saga(members: Sequence[FiledEntry]) -> StoryId | None:
    """Return the earlier story that the opening entry was found to follow."""
    for member in members:
        if member.placement is not None and {FOLLOWS, LONG_RUNNING} & {
            *member.placement.decision.guards
        }:
            return member.placement.decision.runner_up
    return None


def _related(id: StoryId, members: Sequence[FiledEntry]) -> tuple[StoryId, ...]:
    found: dict[StoryId, None] = {}
    for member in members:
        if member.placement is not None:
            found.update(dict.fromkeys(member.placement.decision.related))
    found.pop(id, None)
    return tuple(found)
