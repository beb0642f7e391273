"""Reading stories: lists, files with all their entries, and where an id leads."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import pairwise
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
from aggregator.store.codec import microseconds, moment
from aggregator.store.cursor import read_cursor, write_cursor
from aggregator.store.sqlite.entries import END_OF_TIME, feeds_of, filed_in_stories
from aggregator.store.sqlite.rows import (
    RELATED,
    TOPICS,
    as_int,
)

# -- stories ------------------------------------------------------------------------------------------

# `along` is the table whose order the walk follows: it says when a story moved, and how wide it is.
_WALK: Final = """
SELECT s.serial, {along}.updated_at, s.id, {along}.independent FROM {tables}
WHERE {only} s.size > 0 AND (:muted OR NOT s.muted)
  AND {along}.updated_at >= :since AND {along}.updated_at < :before
  AND {along}.updated_at <= :at AND ({along}.updated_at < :at OR s.id > :name)
  AND {along}.independent >= :independent
  AND (:output IS NULL OR EXISTS (
    SELECT 1 FROM publications AS p INDEXED BY publications_shown WHERE p.story = s.id AND p.output = :output
      AND NOT (p.gone AND coalesce(json_extract(p.publication, '$.hidden'), 0))))
  AND (:feeds IS NULL OR EXISTS (
    SELECT 1 FROM placements AS p JOIN entries AS e ON e.serial = p.entry
    WHERE p.story = s.serial AND NOT e.withdrawn
      AND e.feed IN (SELECT value FROM json_each(:feeds))))
ORDER BY {along}.updated_at DESC, s.id LIMIT :limit
"""
_STORIES: Final = _WALK.format(along="s", tables="stories AS s", only="")
_STORIES_OF_TOPIC: Final = _WALK.format(
    along="t",
    tables="story_topics AS t CROSS JOIN stories AS s ON s.serial = t.story",
    only="t.topic = :topic AND",
)
_STORIES_OF_FEEDS: Final = _WALK.format(
    along="s",
    tables="stories AS s",
    only="""s.serial IN (
      SELECT p.story FROM entries AS e JOIN placements AS p ON p.entry = e.serial
      WHERE e.feed IN (SELECT value FROM json_each(:feeds))) AND""",
)
_LATEST: Final = "ORDER BY"
_WIDEST: Final = "ORDER BY s.independent DESC,"

_IN_SPAN: Final = """
SELECT count(*) FROM story_topics
WHERE topic = ? AND first_seen_at >= ? AND first_seen_at < ?
  AND story NOT IN (SELECT serial FROM stories WHERE size = 0 OR muted)
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
        "feeds": feeds_of(connection, query.sources),
        "since": as_int(query.updated_since) if query.updated_since else -END_OF_TIME,
        "before": as_int(query.updated_before) if query.updated_before else END_OF_TIME,
        "muted": query.muted,
        "output": query.output,
        "independent": query.min_independent,
        "at": at,
        "name": name,
        "limit": query.limit + 1,
    }
    rows = _found(connection, query, asked)
    serials = [row[0] for row in rows[: query.limit]]
    found = stories_by_serial(connection, serials)
    more = len(rows) > query.limit > 0 and not query.widest
    return Page(
        items=tuple(found[serial] for serial in serials),
        next_cursor=write_cursor(*rows[query.limit - 1][1:3]) if more else None,
    )


def _found(
    connection: sqlite3.Connection, query: StoryQuery, asked: dict[str, Any]
) -> list[tuple[int, int, str, int]]:
    """Return (serial, time, id, breadth) of the stories in order, by the walk that finds them soonest."""
    languages, words = _in_languages(query.languages)
    asked |= words
    rest = languages + (_WIDEST if query.widest else _LATEST)
    if not query.topics:
        walk = _STORIES_OF_FEEDS if query.sources else _STORIES
        return connection.execute(walk.replace("ORDER BY", rest), asked).fetchall()
    sql = _STORIES_OF_TOPIC.replace("ORDER BY", rest)
    of_topics = {
        row for topic in query.topics for row in connection.execute(sql, asked | {"topic": topic})
    }
    return sorted(of_topics, key=_widest if query.widest else _latest)[: asked["limit"]]


def _latest(row: tuple[int, int, str, int]) -> tuple[int, str]:
    return -row[1], row[2]


def _widest(row: tuple[int, int, str, int]) -> tuple[int, int, str]:
    return -row[3], -row[1], row[2]


def _in_languages(languages: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the condition that keeps to stories with an entry in one of these languages, and its values."""
    words = {f"language{n}": f",{language}," for n, language in enumerate(languages)}
    tests = " OR ".join(f"instr(',' || s.languages || ',', :{name})" for name in words)
    return (f"AND ({tests}) " if tests else ""), words


def window_stories(connection: sqlite3.Connection, since: int) -> tuple[Story, ...]:
    """Return the stories updated since then, oldest first."""
    rows = connection.execute(
        "SELECT serial FROM stories WHERE size > 0 AND updated_at >= ? ORDER BY updated_at, id",
        (since,),
    )
    serials = [serial for (serial,) in rows]
    found = stories_by_serial(connection, serials)
    return tuple(found[serial] for serial in serials)


def story_counts(
    connection: sqlite3.Connection, topic: TopicId, starts: Sequence[datetime]
) -> tuple[int, ...]:
    """Return how many of a topic's stories were first seen in each span, from one start to the next."""
    spans = pairwise(map(microseconds, starts))
    return tuple(connection.execute(_IN_SPAN, (topic, *span)).fetchone()[0] for span in spans)


def story_files(
    connection: sqlite3.Connection, ids: Collection[StoryId], content: bool
) -> tuple[StoryFile, ...]:
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
    wanted = [entry for (entry,) in members]
    for _, story, placed, one in filed_in_stories(connection, wanted, content=content):
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
