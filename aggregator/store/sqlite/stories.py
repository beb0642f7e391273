"""Reading stories: lists, files with all their entries, and where an id leads."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from aggregator.model.identifiers import EntryId, SourceId, StoryId, TopicId
from aggregator.model.query import (
    FiledEntry,
    Located,
    Page,
    StoryFile,
    StoryQuery,
)
from aggregator.model.story import Story
from aggregator.store.codec import moment
from aggregator.store.cursor import read_cursor, write_cursor
from aggregator.store.sqlite.entries import END_OF_TIME, as_json, feeds_of, filed_in_stories
from aggregator.store.sqlite.rows import (
    RELATED,
    TOPICS,
    as_int,
)

# -- stories ------------------------------------------------------------------------------------------

_STORIES: Final = """
SELECT s.serial, s.updated_at, s.id FROM stories AS s
WHERE s.size > 0 AND (:muted OR NOT s.muted)
  AND s.updated_at >= :since AND s.updated_at < :before
  AND s.updated_at <= :at AND (s.updated_at < :at OR s.id > :name)
  AND s.independent >= :independent
  AND (:output IS NULL OR EXISTS (
    SELECT 1 FROM publications AS p WHERE p.story = s.id AND p.output = :output
      AND NOT (p.gone AND coalesce(json_extract(p.publication, '$.hidden'), 0))))
  AND (:topics IS NULL OR EXISTS (
    SELECT 1 FROM story_topics AS t
    WHERE t.story = s.serial AND t.topic IN (SELECT value FROM json_each(:topics))))
  AND (:feeds IS NULL OR EXISTS (
    SELECT 1 FROM placements AS p JOIN entries AS e ON e.serial = p.entry
    WHERE p.story = s.serial AND NOT e.withdrawn
      AND e.feed IN (SELECT value FROM json_each(:feeds))))
  AND (:languages IS NULL OR EXISTS (
    SELECT 1 FROM json_each(:languages)
    WHERE instr(',' || s.languages || ',', ',' || value || ',')))
ORDER BY s.updated_at DESC, s.id LIMIT :limit
"""
_STORIES_OF_FEEDS: Final = _STORIES.replace(
    "ORDER BY",
    """
    AND s.serial IN (
      SELECT p.story FROM entries AS e JOIN placements AS p ON p.entry = e.serial
      WHERE e.feed IN (SELECT value FROM json_each(:feeds)))
    ORDER BY""",
)
_STORIES_OF_TOPICS: Final = _STORIES.replace(
    "ORDER BY",
    """
    AND s.serial IN (
      SELECT story FROM story_topics WHERE topic IN (SELECT value FROM json_each(:topics)))
    ORDER BY""",
)

_TIMES: Final = """
SELECT s.first_seen_at FROM stories AS s
WHERE s.size > 0 AND NOT s.muted AND s.updated_at >= :since AND s.serial IN (
  SELECT story FROM story_topics WHERE topic IN (SELECT value FROM json_each(:topics)))
"""

# A topic of so many stories is met soon when one walks back in time; a rarer one is looked up.
_COMMON: Final = 1000
_HOW_COMMON: Final = """
SELECT count(*) FROM (
  SELECT 1 FROM story_topics WHERE topic IN (SELECT value FROM json_each(?)) LIMIT ?)
"""

_STORY: Final = """
SELECT s.serial, s.id, l.id, s.lead_since, coalesce(s.title, l.title, ''), s.language,
  s.independent, s.topics, s.saga, s.related, s.muted, s.first_seen_at, s.updated_at
FROM stories AS s LEFT JOIN entries AS l ON l.serial = s.lead
WHERE s.size > 0 AND s.serial IN (SELECT value FROM json_each(?))
"""

_MEMBERS: Final = """
SELECT p.story, e.id, f.source
FROM placements AS p JOIN entries AS e ON e.serial = p.entry JOIN feeds AS f ON f.id = e.feed
WHERE p.story IN (SELECT value FROM json_each(?)) AND NOT e.withdrawn
ORDER BY p.story, p.placed
"""


def stories(connection: sqlite3.Connection, query: StoryQuery) -> Page[Story]:
    """Return stories, latest first."""
    at, name = read_cursor(query.cursor) if query.cursor else (END_OF_TIME, "")
    asked = {
        "topics": as_json(query.topics),
        "feeds": feeds_of(connection, query.sources),
        "languages": as_json(query.languages),
        "since": as_int(query.updated_since) if query.updated_since else -END_OF_TIME,
        "before": as_int(query.updated_before) if query.updated_before else END_OF_TIME,
        "muted": query.muted,
        "output": query.output,
        "independent": query.min_independent,
        "at": at,
        "name": name,
        "limit": query.limit + 1,
    }
    rows = connection.execute(_query(connection, query), asked).fetchall()
    serials = [serial for serial, _, _ in rows[: query.limit]]
    found = stories_by_serial(connection, serials)
    more = len(rows) > query.limit > 0
    return Page(
        items=tuple(found[serial] for serial in serials),
        next_cursor=write_cursor(*rows[query.limit - 1][1:]) if more else None,
    )


def _query(connection: sqlite3.Connection, query: StoryQuery) -> str:
    """Return the statement that finds these stories soonest."""
    if query.topics:
        (known,) = connection.execute(_HOW_COMMON, (as_json(query.topics), _COMMON)).fetchone()
        if known < _COMMON:
            return _STORIES_OF_TOPICS
    return _STORIES_OF_FEEDS if query.sources else _STORIES


def window_stories(connection: sqlite3.Connection, since: int) -> tuple[Story, ...]:
    """Return the stories updated since then, oldest first."""
    rows = connection.execute(
        "SELECT serial FROM stories WHERE size > 0 AND updated_at >= ? ORDER BY updated_at, id",
        (since,),
    )
    serials = [serial for (serial,) in rows]
    found = stories_by_serial(connection, serials)
    return tuple(found[serial] for serial in serials)


def story_times(
    connection: sqlite3.Connection, topics: Collection[TopicId], since: datetime
) -> tuple[datetime, ...]:
    """Return when the stories of topics that moved since then were first seen."""
    asked = {"topics": json.dumps(list(topics)), "since": as_int(since)}
    return tuple(moment(at) for (at,) in connection.execute(_TIMES, asked))


def story_files(connection: sqlite3.Connection, ids: Collection[StoryId]) -> tuple[StoryFile, ...]:
    """Return stories with their entries, in the order of `ids`."""
    rows = connection.execute(
        "SELECT id, serial FROM stories WHERE size > 0 AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    ).fetchall()
    serials = dict(rows)
    members = connection.execute(
        "SELECT entry FROM placements WHERE story IN (SELECT value FROM json_each(?))",
        (json.dumps(list(serials.values())),),
    ).fetchall()
    filed: dict[int, list[tuple[int, FiledEntry]]] = {}
    for _, story, placed, one in filed_in_stories(connection, [entry for (entry,) in members]):
        if story is not None and placed is not None and not one.entry.withdrawn:
            filed.setdefault(story, []).append((placed, one))
    for members_filed in filed.values():
        members_filed.sort(key=lambda pair: pair[0])
    entries_of = {
        story: [(one.entry.id, one.entry.source) for _, one in members_filed]
        for story, members_filed in filed.items()
    }
    found = _stories(connection, list(serials.values()), entries_of)
    return tuple(
        StoryFile(
            story=found[serials[id_]],
            entries=tuple(one for _, one in filed[serials[id_]]),
        )
        for id_ in ids
        if id_ in serials
    )


def stories_by_serial(connection: sqlite3.Connection, serials: Sequence[int]) -> dict[int, Story]:
    """Return stories whole, by serial."""
    members: dict[int, list[tuple[EntryId, SourceId]]] = {}
    for story, entry, source in connection.execute(_MEMBERS, (json.dumps(list(serials)),)):
        members.setdefault(story, []).append((entry, source))
    return _stories(connection, serials, members)


def _stories(
    connection: sqlite3.Connection,
    serials: Sequence[int],
    members: dict[int, list[tuple[EntryId, SourceId]]],
) -> dict[int, Story]:
    return {
        row[0]: _story(row[1:], members[row[0]])
        for row in connection.execute(_STORY, (json.dumps(list(serials)),))
    }


def _story(row: Sequence[Any], members: Sequence[tuple[EntryId, SourceId]]) -> Story:
    (
        id_, lead, lead_since, title, language, independent, topics, saga, related, muted,
        first_seen_at, updated_at,
    ) = row  # fmt: skip
    return Story(
        id=id_,
        lead=lead or members[0][0],
        lead_since=moment(lead_since),
        title=title,
        language=language,
        entries=tuple(entry for entry, _ in members),
        sources=tuple(dict.fromkeys(source for _, source in members)),
        independent=independent,
        topics=TOPICS.load(topics) if topics else (),
        saga=saga,
        related=RELATED.load(related) if related else (),
        muted=bool(muted),
        first_seen_at=moment(first_seen_at),
        updated_at=moment(updated_at),
    )


# -- where an id leads --------------------------------------------------------------------------------

_BEGINNING: Final = """
SELECT * FROM (
  SELECT 'story' AS kind, id, id AS story FROM stories WHERE id >= :low AND id < :high AND size > 0
  UNION ALL
  SELECT 'redirect', r.gone, r.lives_on FROM story_redirects AS r
  JOIN stories AS s ON s.id = r.lives_on AND s.size > 0
  WHERE r.gone >= :low AND r.gone < :high
  UNION ALL
  SELECT 'entry', e.id, s.id FROM entries AS e
  JOIN placements AS p ON p.entry = e.serial JOIN stories AS s ON s.serial = p.story
  WHERE e.id >= :low AND e.id < :high AND NOT e.withdrawn
) ORDER BY id <> :low LIMIT 2
"""


def locate(connection: sqlite3.Connection, id_or_prefix: str) -> Located | None:
    """Return the story that an id, or an unambiguous beginning of one, leads to."""
    low = id_or_prefix.strip().lower()
    if not low:
        return None
    rows = connection.execute(_BEGINNING, {"low": low, "high": low + "\U0010ffff"}).fetchall()
    if not rows or (len(rows) > 1 and rows[0][1] != low):
        return None
    kind, id_, story = rows[0]
    return Located(
        story=story,
        redirected_from=id_ if kind == "redirect" else None,
        entry=id_ if kind == "entry" else None,
    )
