"""Keeping: retention, counts, and what a sound store looks like."""

import sqlite3
from typing import Final

from aggregator.model.query import Stats
from aggregator.store.sqlite.search_index import remove_from_search
from aggregator.store.sqlite.understanding import count_members

EXPIRY_CHUNK: Final = 2_000  # entries deleted in one transaction, so that polls get in between

_OLD: Final = (
    "SELECT serial, title, summary, withdrawn, feed FROM entries WHERE stored_at < ? LIMIT ?"
)

_NEW_LEAD: Final = """
UPDATE stories SET title = NULL, lead = (
  SELECT p.entry FROM placements AS p JOIN entries AS e ON e.serial = p.entry
  WHERE p.story = stories.serial AND NOT e.withdrawn ORDER BY p.placed LIMIT 1
) WHERE serial = ? AND NOT EXISTS (SELECT 1 FROM entries WHERE serial = stories.lead)
"""

_STALE_PUBLICATIONS: Final = """
DELETE FROM publications WHERE published < ? AND story NOT IN (SELECT id FROM stories)
"""

_OLD_SKETCHES: Final = """
DELETE FROM sketches WHERE (SELECT first_seen_at FROM entries WHERE serial = sketches.entry) < ?
"""

_COUNTS: Final = """
SELECT
  (SELECT count(*) FROM placements WHERE copy_of IS NOT NULL),
  (SELECT count(*) FROM stories WHERE size > 0),
  (SELECT count(*) FROM entry_log),
  (SELECT count(*) FROM entries INDEXED BY entries_withdrawn WHERE withdrawn)
"""

_BY_SOURCE: Final = """
SELECT source, sum(enabled), sum(entries) FROM feeds INDEXED BY feeds_in_brief
GROUP BY source HAVING sum(enabled) > 0 OR sum(entries) > 0 ORDER BY source
"""

# What must never be so, in words.
_FAULTS: Final = (
    ("stories without an entry", "SELECT count(*) FROM stories AS s WHERE NOT EXISTS (SELECT 1 FROM placements WHERE story = s.serial)"),
    ("stories whose number of entries is counted wrong", """
      SELECT count(*) FROM stories AS s WHERE size <> (
        SELECT count(*) FROM placements AS p JOIN entries AS e ON e.serial = p.entry
        WHERE p.story = s.serial AND NOT e.withdrawn)"""),
    ("feeds whose number of entries is counted wrong", """
      SELECT count(*) FROM feeds AS f WHERE entries <> (SELECT count(*) FROM entries WHERE feed = f.id)"""),
    ("redirects that lead nowhere", """
      SELECT count(*) FROM story_redirects AS r
      WHERE NOT EXISTS (SELECT 1 FROM stories WHERE id = r.lives_on)"""),
    ("entries that are neither understood nor waiting for it", """
      SELECT count(*) FROM entries AS e WHERE NOT withdrawn
        AND NOT EXISTS (SELECT 1 FROM placements WHERE entry = e.serial)
        AND NOT EXISTS (SELECT 1 FROM entry_log WHERE entry = e.serial)"""),
)  # fmt: skip


def expire_chunk(connection: sqlite3.Connection, stored_before: int) -> int:
    """Delete some of the entries stored before then; return how many."""
    rows = connection.execute(_OLD, (stored_before, EXPIRY_CHUNK)).fetchall()
    remove_from_search(connection, [row[:3] for row in rows if not row[3]])
    serials = [(row[0],) for row in rows]
    touched: set[int] = set()
    for serial in serials:
        touched.update(
            story
            for (story,) in connection.execute(
                "SELECT story FROM placements WHERE entry = ?", serial
            )
        )
    connection.executemany("DELETE FROM entries WHERE serial = ?", serials)
    connection.executemany(
        "UPDATE feeds SET entries = entries - 1 WHERE id = ?", [(row[4],) for row in rows]
    )
    count_members(connection, touched)
    connection.executemany(_NEW_LEAD, [(story,) for story in touched])
    return len(rows)


def expire_rest(
    connection: sqlite3.Connection,
    *,
    stored_before: int,
    revised_before: int,
    articles_before: int | None,
    sketches_before: int | None,
    quiet_before: int,
) -> None:
    """Delete what outlived its use beside entries: revisions, quiet polls, ended subscriptions ..."""
    connection.execute("DELETE FROM revisions WHERE replaced_at < ?", (revised_before,))
    connection.execute(
        "UPDATE articles SET text = NULL WHERE text IS NOT NULL AND fetched_at < ?",
        (articles_before,),
    )
    connection.execute(_OLD_SKETCHES, (sketches_before,))
    connection.execute("DELETE FROM poll_records WHERE quiet AND at < ?", (quiet_before,))
    connection.execute("DELETE FROM subscriptions WHERE ended_at < ?", (revised_before,))
    connection.execute(_STALE_PUBLICATIONS, (stored_before,))
    connection.execute("DELETE FROM story_redirects WHERE lives_on NOT IN (SELECT id FROM stories)")


def stats(connection: sqlite3.Connection) -> Stats:
    """Return counts."""
    copies, stories, log, withdrawn = connection.execute(_COUNTS).fetchone()
    by_source = connection.execute(_BY_SOURCE).fetchall()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    return Stats(
        sources=len(by_source),
        feeds=sum(enabled for _, enabled, _ in by_source),
        entries=sum(entries for *_, entries in by_source),
        copies=copies,
        stories=stories,
        store_bytes=pages * page_size,
        log=log,
        withdrawn=withdrawn,
        by_source=tuple((source, entries) for source, _, entries in by_source if entries),
    )


def check(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong with the stored data, in plain words."""
    problems = [
        f"the file is damaged: {found}"
        for (found,) in connection.execute("PRAGMA integrity_check(20)")
        if found != "ok"
    ]
    if problems:
        return problems
    broken = {row[0] for row in connection.execute("PRAGMA foreign_key_check")}
    problems += [f"rows of {table} point to rows that are not there" for table in sorted(broken)]
    for fault, sql in _FAULTS:
        (count,) = connection.execute(sql).fetchone()
        if count:
            problems.append(f"{count} {fault}")
    return problems


def state(connection: sqlite3.Connection, key: str) -> str | None:
    """Return a small named value."""
    row = connection.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
    return None if row is None else row[0]


def set_state(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Keep a small named value."""
    connection.execute(
        "INSERT INTO state (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        (key, value),
    )
