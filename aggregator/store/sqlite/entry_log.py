"""The entry log and its one consumer; the window that fills the live index after a restart."""

import sqlite3
from datetime import datetime, timedelta
from typing import Final

from aggregator.model.change import LogBatch, LogItem
from aggregator.model.query import WindowEntry
from aggregator.store.codec import microseconds
from aggregator.store.sqlite.rows import (
    entry_from_row,
    placement_from_row,
)

WINDOW_CHUNK: Final = 2_000  # entries read at a time: a snapshot is held for some 50 ms only

_LEASE_LOG: Final = """
INSERT INTO consumers (name, token, lease_until) VALUES ('log', 1, :until)
ON CONFLICT (name) DO UPDATE SET token = token + 1, lease_until = :until
WHERE lease_until IS NULL OR lease_until <= :now
RETURNING token
"""

_LOG: Final = """
SELECT l.seq, l.changed, filed.* FROM entry_log AS l JOIN filed ON filed.serial = l.entry
ORDER BY l.seq LIMIT ?
"""

# CROSS JOIN keeps the order: from the entries of the window, not along all placements there ever were.
_WINDOW_START: Final = """
SELECT min(p.placed) FROM entries AS e CROSS JOIN placements AS p ON p.entry = e.serial
WHERE e.first_seen_at >= ?
"""

# Here: along the placements from there on, without sorting.
_WINDOW: Final = """
SELECT p.placed,
  e.id, e.feed, f.source, e.withdrawn, e.first_poll, e.revision, e.hash, e.fingerprint,
  e.first_seen_at, e.stored_at, e.published, e.updated, e.language, e.title, e.url, e.guid,
  e.canonical_url, e.key, e.author, e.categories, e.image, e.enclosures, e.summary, NULL,
  f.kind, s.id, c.id, p.independent, p.credit, p.decision
FROM placements AS p
CROSS JOIN entries AS e ON e.serial = p.entry
CROSS JOIN feeds AS f ON f.id = e.feed
CROSS JOIN stories AS s ON s.serial = p.story
LEFT JOIN entries AS c ON c.serial = p.copy_of AND NOT c.withdrawn
WHERE p.placed >= ? AND e.first_seen_at >= ? AND NOT e.withdrawn
ORDER BY p.placed LIMIT ?
"""


# -- the log ------------------------------------------------------------------------------------------


def claim_log(
    connection: sqlite3.Connection, *, limit: int, lease: timedelta, now: datetime
) -> LogBatch | None:
    """Lease the log and return its oldest rows."""
    if connection.execute("SELECT 1 FROM entry_log LIMIT 1").fetchone() is None:
        return None
    times = {"until": microseconds(now + lease), "now": microseconds(now)}
    row = connection.execute(_LEASE_LOG, times).fetchone()
    if row is None:
        return None
    items = tuple(
        LogItem(seq=row[0], changed=bool(row[1]), entry=entry_from_row(row[3:27]))
        for row in connection.execute(_LOG, (limit,))
    )
    return LogBatch(token=row[0], items=items)


# -- the live index -----------------------------------------------------------------------------------


def window_start(connection: sqlite3.Connection, since: datetime) -> int | None:
    """Return the first place in the order of placement that an entry of the window has."""
    (placed,) = connection.execute(_WINDOW_START, (microseconds(since),)).fetchone()
    return None if placed is None else int(placed)


def window_chunk(
    connection: sqlite3.Connection, since: datetime, start: int
) -> tuple[list[WindowEntry], int | None]:
    """Return some entries of the window from a place on, and the place to go on from."""
    rows = connection.execute(_WINDOW, (start, microseconds(since), WINDOW_CHUNK)).fetchall()
    entries = []
    for row in rows:
        entry = entry_from_row(row[1:25])
        placement = placement_from_row(entry.id, row[26:31])
        if placement is not None:
            entries.append(WindowEntry(entry=entry, placement=placement, feed_kind=row[25]))
    return entries, rows[-1][0] + 1 if len(rows) == WINDOW_CHUNK else None
