"""Reading entries: lists, search, single ones, and what they said before.

Each question is answered in two steps: which rows, by the index that suits it; then those rows,
whole, in a few queries however many they are.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Final

from aggregator.model.entry import Entry, Revision
from aggregator.model.identifiers import CanonicalUrl, EntryId, SourceId
from aggregator.model.query import (
    EntryQuery,
    FiledEntry,
    Page,
    SearchQuery,
)
from aggregator.store.codec import microseconds, moment
from aggregator.store.cursor import read_cursor, write_cursor
from aggregator.store.sqlite.rows import (
    TOPIC,
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
_FILED_WITHOUT_CONTENT: Final = """
SELECT serial,
  id, feed, source, withdrawn, first_poll, revision, hash, fingerprint, first_seen_at, stored_at,
  published, updated, language, title, url, guid, canonical_url, key, author, categories, image,
  enclosures, summary, NULL AS content,
  feed_url, feed_title, feed_kind, story, copy_of, independent, credit, decision, story_serial, placed
FROM filed WHERE serial IN (SELECT value FROM json_each(?))
"""
_IN_SPAN: Final = """
SELECT count(*) FROM entries
WHERE feed IN (SELECT value FROM json_each(?)) AND first_seen_at >= ? AND first_seen_at < ?
  AND serial NOT IN (SELECT serial FROM entries INDEXED BY entries_withdrawn WHERE withdrawn)
"""
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
    asked["topics"] = as_json(query.topics)
    if query.topics:
        sql = _ENTRIES_OF_TOPICS
    else:
        sql = _ENTRIES if asked["feeds"] is None else _ENTRIES_OF_FEEDS
    return _page(connection, connection.execute(sql, asked).fetchall(), query.limit)


def entry_counts(
    connection: sqlite3.Connection, source: SourceId, starts: Sequence[datetime]
) -> tuple[int, ...]:
    """Return how many of a source's entries were first seen in each span, from one start to the next."""
    feeds, spans = feeds_of(connection, (source,)), pairwise(map(microseconds, starts))
    return tuple(connection.execute(_IN_SPAN, (feeds, *span)).fetchone()[0] for span in spans)


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
    at, name = read_cursor(query.cursor) if query.cursor else (END_OF_TIME, "")
    return {
        "feeds": feeds_of(connection, sources),
        "languages": as_json(query.languages),
        "since": as_int(query.since) if query.since else -END_OF_TIME,
        "before": as_int(query.before) if query.before else END_OF_TIME,
        "at": at,
        "name": name,
        "limit": query.limit + 1,
    }


END_OF_TIME: Final = 1 << 62


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
    return {serial: filed for serial, _, _, filed in filed_in_stories(connection, serials)}


def filed_in_stories(
    connection: sqlite3.Connection, serials: Iterable[int], *, content: bool = True
) -> list[tuple[int, int | None, int | None, FiledEntry]]:
    """Return entries as (serial, story, place in the order of placement, entry)."""
    wanted = json.dumps(list(serials))
    topics: dict[int, list[TopicMatch]] = {}
    for serial, match in connection.execute(_TOPICS, (wanted,)):
        topics.setdefault(serial, []).append(TOPIC.load(match))
    found = []
    for row in connection.execute(_FILED if content else _FILED_WITHOUT_CONTENT, (wanted,)):
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


def feeds_of(connection: sqlite3.Connection, sources: Collection[SourceId]) -> str | None:
    """Return the feeds of sources as JSON; None where every source will do."""
    if not sources:
        return None
    rows = connection.execute(
        "SELECT id FROM feeds WHERE source IN (SELECT value FROM json_each(?))",
        (json.dumps(list(sources)),),
    )
    return json.dumps([id_ for (id_,) in rows])


def as_json(values: Collection[str]) -> str | None:
    """Return the values of a filter as JSON; None where there is no filter."""
    return json.dumps(list(values)) if values else None
