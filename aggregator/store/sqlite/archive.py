"""Reading: stories with their entries, entries, search, and where an id leads.

Each question is answered in two steps: which rows, by the index that suits it; then those rows,
whole, in a few queries however many they are.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from aggregator.model.entry import Entry, Revision
from aggregator.model.identifiers import CanonicalUrl, EntryId, SourceId, StoryId
from aggregator.model.query import (
    EntryQuery,
    FiledEntry,
    Located,
    Page,
    SearchQuery,
    StoryFile,
    StoryQuery,
)
from aggregator.model.story import Story
from aggregator.store.codec import moment
from aggregator.store.cursor import read_cursor, write_cursor
from aggregator.store.sqlite.rows import (
    RELATED,
    TOPIC,
    TOPICS,
    as_int,
    entry_from_row,
    placement_from_row,
    url_hash,
)
from aggregator.store.sqlite.search_index import ask

if TYPE_CHECKING:
    from aggregator.model.topic import TopicMatch

_RARE: Final = 2_000  # so many hits are sorted; of more, the newest entries are tried one by one

# -- entries ------------------------------------------------------------------------------------------

_ENTRIES: Final = """
SELECT e.serial, e.first_seen_at, e.id FROM entries AS e
WHERE NOT e.withdrawn
  AND (:feeds IS NULL OR e.feed IN (SELECT value FROM json_each(:feeds)))
  AND (:languages IS NULL OR e.language IN (SELECT value FROM json_each(:languages)))
  AND e.first_seen_at >= :since AND e.first_seen_at < :before
  AND e.first_seen_at <= :at AND (e.first_seen_at < :at OR e.id > :name)
ORDER BY e.first_seen_at DESC, e.id LIMIT :limit
"""


def _of_feeds(sql: str) -> str:
    """Return a question about entries for when it is asked of some feeds only."""
    return sql.replace("FROM entries AS e", "FROM entries AS e INDEXED BY entries_by_feed").replace(
        "ORDER BY", "AND e.feed IN (SELECT value FROM json_each(:feeds)) ORDER BY"
    )


_ENTRIES_OF_FEEDS: Final = _of_feeds(_ENTRIES)
_ENTRIES_OF_TOPICS: Final = _ENTRIES.replace(
    "ORDER BY",
    """
    AND e.serial IN (
      SELECT entry FROM entry_topics WHERE topic IN (SELECT value FROM json_each(:topics)))
    ORDER BY""",
)
# No limit: some hits are to be refused by their text, and the rows are taken one by one.
_FOUND_RARE: Final = (
    _ENTRIES.replace("e.id FROM", "e.id, e.title, e.summary FROM")
    .replace(
        "ORDER BY",
        "AND e.serial IN (SELECT rowid FROM entry_search WHERE entry_search MATCH :words) ORDER BY",
    )
    .replace("LIMIT :limit", "")
)
# The `+` keeps SQLite from starting at the hits: it walks the entries, newest first, and stops early.
_FOUND_OFTEN: Final = _FOUND_RARE.replace("AND e.serial", "AND +e.serial")
_FOUND_OFTEN_IN_FEEDS: Final = _of_feeds(_FOUND_OFTEN)
_HITS: Final = """
SELECT count(*) FROM (SELECT rowid FROM entry_search WHERE entry_search MATCH ? LIMIT ?)
"""

_FILED: Final = "SELECT * FROM filed WHERE serial IN (SELECT value FROM json_each(?))"
_TOPICS: Final = """
SELECT entry, match FROM entry_topics WHERE entry IN (SELECT value FROM json_each(?))
ORDER BY entry, position
"""


def entries(connection: sqlite3.Connection, query: EntryQuery) -> Page[FiledEntry]:
    """Return entries, newest first."""
    asked = _asked(connection, query, query.sources)
    if query.feed is not None:
        among = None if asked["feeds"] is None else json.loads(asked["feeds"])
        asked["feeds"] = json.dumps([query.feed] if among is None or query.feed in among else [])
    asked["topics"] = _as_json(query.topics)
    if query.topics:
        sql = _ENTRIES_OF_TOPICS
    else:
        sql = _ENTRIES if asked["feeds"] is None else _ENTRIES_OF_FEEDS
    return _page(connection, connection.execute(sql, asked).fetchall(), query.limit)


def search(connection: sqlite3.Connection, query: SearchQuery) -> Page[FiledEntry]:
    """Return entries that hold all the words, newest first."""
    words = ask(query.text)
    if words is None:
        return Page(items=())
    asked = _asked(connection, query, query.sources) | {"words": words.expression}
    (hits,) = connection.execute(_HITS, (words.expression, _RARE + 1)).fetchone()
    often = _FOUND_OFTEN if asked["feeds"] is None else _FOUND_OFTEN_IN_FEEDS
    found = connection.execute(_FOUND_RARE if hits <= _RARE else often, asked)
    proved = (row[:3] for row in found if words.proved_by(*row[3:]))
    return _page(connection, list(islice(proved, query.limit + 1)), query.limit)


def _asked(
    connection: sqlite3.Connection,
    query: EntryQuery | SearchQuery,
    sources: Collection[SourceId],
) -> dict[str, Any]:
    """Return the values that the filters of a question about entries need."""
    at, name = read_cursor(query.cursor) if query.cursor else (_END_OF_TIME, "")
    return {
        "feeds": _feeds_of(connection, sources),
        "languages": _as_json(query.languages),
        "since": as_int(query.since) if query.since else -_END_OF_TIME,
        "before": as_int(query.before) if query.before else _END_OF_TIME,
        "at": at,
        "name": name,
        "limit": query.limit + 1,
    }


_END_OF_TIME: Final = 1 << 62


def _page(
    connection: sqlite3.Connection, rows: Sequence[tuple[int, int, str]], limit: int
) -> Page[FiledEntry]:
    """Return a page of the entries found, of which there is one too many where more follow."""
    serials = [serial for serial, _, _ in rows[:limit]]
    filed = filed_entries(connection, serials)
    more = len(rows) > limit > 0
    return Page(
        items=tuple(filed[serial] for serial in serials),
        next_cursor=write_cursor(*rows[limit - 1][1:]) if more else None,
    )


def entries_by_id(
    connection: sqlite3.Connection, ids: Collection[EntryId]
) -> tuple[FiledEntry, ...]:
    """Return these entries, in the order of `ids`."""
    rows = connection.execute(
        "SELECT id, serial FROM entries WHERE NOT withdrawn AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    ).fetchall()
    serials = dict(rows)
    filed = filed_entries(connection, serials.values())
    return tuple(filed[serials[id_]] for id_ in ids if id_ in serials)


def entries_by_url(connection: sqlite3.Connection, url: CanonicalUrl) -> tuple[FiledEntry, ...]:
    """Return the entries with this canonical URL, in order of arrival."""
    rows = connection.execute(
        "SELECT serial FROM entries WHERE url_hash = ? AND NOT withdrawn ORDER BY serial",
        (url_hash(url),),
    )
    filed = filed_entries(connection, [serial for (serial,) in rows])
    return tuple(one for _, one in sorted(filed.items()) if one.entry.canonical_url == url)


def read_entry(connection: sqlite3.Connection, entry: EntryId) -> Entry | None:
    """Return one entry whole, withdrawn or not."""
    row = connection.execute("SELECT * FROM filed WHERE id = ?", (entry,)).fetchone()
    return None if row is None else entry_from_row(row[1:25])


def revisions(connection: sqlite3.Connection, entry: EntryId) -> tuple[Revision, ...]:
    """Return what an entry said before, oldest first."""
    rows = connection.execute(
        """
        SELECT r.number, r.replaced_at, r.title, r.summary, r.content
        FROM revisions AS r JOIN entries AS e ON e.serial = r.entry
        WHERE e.id = ? AND NOT e.withdrawn ORDER BY r.number
        """,
        (entry,),
    )
    return tuple(
        Revision(
            entry=entry,
            number=number,
            replaced_at=moment(replaced_at),
            title=title,
            summary=summary or "",
            content=content or "",
        )
        for number, replaced_at, title, summary, content in rows
    )


def filed_entries(connection: sqlite3.Connection, serials: Iterable[int]) -> dict[int, FiledEntry]:
    """Return entries with what was understood of them, by serial."""
    return {serial: filed for serial, _, _, filed in _filed(connection, serials)}


def _filed(
    connection: sqlite3.Connection, serials: Iterable[int]
) -> list[tuple[int, int | None, int | None, FiledEntry]]:
    """Return entries as (serial, story, place in the order of placement, entry)."""
    wanted = json.dumps(list(serials))
    topics: dict[int, list[TopicMatch]] = {}
    for serial, match in connection.execute(_TOPICS, (wanted,)):
        topics.setdefault(serial, []).append(TOPIC.load(match))
    found = []
    for row in connection.execute(_FILED, (wanted,)):
        entry = entry_from_row(row[1:25])
        filed = FiledEntry(
            entry=entry,
            feed_url=row[25],
            feed_title=row[26],
            feed_kind=row[27],
            placement=placement_from_row(entry.id, row[28:33]),
            topics=tuple(topics.get(row[0], ())),
        )
        found.append((row[0], row[33], row[34], filed))
    return found


# -- stories ------------------------------------------------------------------------------------------

_STORIES: Final = """
SELECT s.serial, s.updated_at, s.id FROM stories AS s
WHERE s.size > 0 AND (:muted OR NOT s.muted)
  AND s.updated_at >= :since AND s.updated_at < :before
  AND s.updated_at <= :at AND (s.updated_at < :at OR s.id > :name)
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
    at, name = read_cursor(query.cursor) if query.cursor else (_END_OF_TIME, "")
    asked = {
        "topics": _as_json(query.topics),
        "feeds": _feeds_of(connection, query.sources),
        "languages": _as_json(query.languages),
        "since": as_int(query.updated_since) if query.updated_since else -_END_OF_TIME,
        "before": as_int(query.updated_before) if query.updated_before else _END_OF_TIME,
        "muted": query.muted,
        "at": at,
        "name": name,
        "limit": query.limit + 1,
    }
    sql = _STORIES_OF_TOPICS if query.topics else _STORIES_OF_FEEDS if query.sources else _STORIES
    rows = connection.execute(sql, asked).fetchall()
    serials = [serial for serial, _, _ in rows[: query.limit]]
    found = stories_by_serial(connection, serials)
    more = len(rows) > query.limit > 0
    return Page(
        items=tuple(found[serial] for serial in serials),
        next_cursor=write_cursor(*rows[query.limit - 1][1:]) if more else None,
    )


def window_stories(connection: sqlite3.Connection, since: int) -> tuple[Story, ...]:
    """Return the stories updated since then, oldest first."""
    rows = connection.execute(
        "SELECT serial FROM stories WHERE size > 0 AND updated_at >= ? ORDER BY updated_at, id",
        (since,),
    )
    serials = [serial for (serial,) in rows]
    found = stories_by_serial(connection, serials)
    return tuple(found[serial] for serial in serials)


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
    for _, story, placed, one in _filed(connection, [entry for (entry,) in members]):
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


def _feeds_of(connection: sqlite3.Connection, sources: Collection[SourceId]) -> str | None:
    """Return the feeds of sources as JSON; None where every source will do."""
    if not sources:
        return None
    rows = connection.execute(
        "SELECT id FROM feeds WHERE source IN (SELECT value FROM json_each(?))",
        (json.dumps(list(sources)),),
    )
    return json.dumps([id_ for (id_,) in rows])


def _as_json(values: Collection[str]) -> str | None:
    return json.dumps(list(values)) if values else None
