"""JSON Lines out: every stored entry as its feed gave it, with what was understood of it."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from aggregator.model.identifiers import SourceId, StoryId, story_id
from aggregator.model.query import EntryQuery, FiledEntry, StoryFile, StoryQuery
from aggregator.model.story import Story
from aggregator.model.topic import Evidence, TopicMatch
from aggregator.store.store import Store
from aggregator.tag.inherit import inherited

_PAGE = 500


async def export_entries(
    store: Store, names: Mapping[SourceId, str], since: datetime | None
) -> AsyncIterator[dict[str, Any]]:
    """Yield one object for each stored entry, newest first; withdrawn ones are left out."""
    cursor: str | None = None
    while True:
        page = await store.entries(EntryQuery(since=since, cursor=cursor, limit=_PAGE))
        stories = await _stories(store, page.items)
        for filed in page.items:
            placement = filed.placement
            story = stories.get(placement.story) if placement is not None else None
            yield entry_object(filed, story, names.get(filed.entry.source, filed.entry.source))
        cursor = page.next_cursor
        if cursor is None:
            return


async def export_stories(
    store: Store, names: Mapping[SourceId, str], since: datetime | None
) -> AsyncIterator[dict[str, Any]]:
    """Yield one object for each story updated since then, newest first."""
    del names  # a story's object names its sources by id
    cursor: str | None = None
    while True:
        page = await store.stories(
            StoryQuery(updated_since=since, muted=True, cursor=cursor, limit=_PAGE)
        )
        for file in await store.story_files([story.id for story in page.items]):
            yield story_object(file)
        cursor = page.next_cursor
        if cursor is None:
            return


async def _stories(store: Store, entries: tuple[FiledEntry, ...]) -> Mapping[StoryId, Story]:
    ids = list({one.placement.story for one in entries if one.placement is not None})
    return {file.story.id: file.story for file in await store.story_files(ids)}


def entry_object(filed: FiledEntry, story: Story | None, outlet: str) -> dict[str, Any]:
    """Return an entry as one JSON object, the form that `import` takes and more."""
    entry, placement = filed.entry, filed.placement
    return {
        "id": entry.id,
        "source": entry.source,
        "outlet": outlet,
        "feed": filed.feed_url,
        "guid": entry.guid,
        "url": entry.url,
        "canonical_url": entry.canonical_url,
        "title": entry.title,
        "summary": entry.summary,
        "content": entry.content or None,
        "author": entry.author,
        "published": time_text(entry.published),
        "updated": time_text(entry.updated),
        "language": entry.language,
        "categories": list(entry.categories),
        "first_seen": time_text(entry.first_seen_at),
        # An entry that waits to be understood has the story that it would open.
        "story": placement.story if placement is not None else story_id(entry.id),
        "copy_of": placement.copy_of if placement is not None else None,
        "topics": [
            topic_object(match) for match in inherited(filed.topics, story.topics if story else ())
        ],
    }


def story_object(file: StoryFile) -> dict[str, Any]:
    """Return a story as one JSON object."""
    story = file.story
    return {
        "id": story.id,
        "title": story.title,
        "lead": story.lead,
        "entries": list(story.entries),
        "sources": list(story.sources),
        "first_seen": time_text(story.first_seen_at),
        "updated": time_text(story.updated_at),
        "topics": [topic_object(match) for match in story.topics],
    }


def topic_object(match: TopicMatch) -> dict[str, Any]:
    """Return a tag with its evidence as one JSON object."""
    return {
        "id": match.topic,
        "score": match.score,
        "evidence": [_evidence_object(one) for one in match.evidence],
        "by": match.by,
    }


def _evidence_object(one: Evidence) -> dict[str, Any]:
    return {
        "list": one.list,
        "term": one.term,
        "field": one.field,
        "start": one.start,
        "end": one.end,
        "points": one.points,
    }


def time_text(at: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC, None for none."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")
