"""Sketches: what fills the live index after a restart, without reading the entries' texts again."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from aggregator.model.query import WindowRow
from aggregator.model.story import Sketch
from aggregator.store.codec import microseconds

CHUNK: Final = 2_000  # rows read at a time: a snapshot is held for some 20 ms only

# Along the placements from a place on, without sorting.
_ROWS: Final = """
SELECT p.placed, e.id, f.source, s.id, c.id, p.credit, k.reading, k.sketch
FROM placements AS p
CROSS JOIN entries AS e ON e.serial = p.entry
CROSS JOIN feeds AS f ON f.id = e.feed
CROSS JOIN stories AS s ON s.serial = p.story
LEFT JOIN sketches AS k ON k.entry = p.entry
LEFT JOIN entries AS c ON c.serial = p.copy_of AND NOT c.withdrawn
WHERE p.placed >= ? AND e.first_seen_at >= ? AND NOT e.withdrawn
ORDER BY p.placed LIMIT ?
"""

_KEEP: Final = """
INSERT INTO sketches (entry, reading, sketch)
SELECT serial, ?, ? FROM entries WHERE id = ? AND NOT withdrawn
ON CONFLICT (entry) DO UPDATE SET reading = excluded.reading, sketch = excluded.sketch
"""


def window_rows(
    connection: sqlite3.Connection, since: datetime, start: int
) -> tuple[list[WindowRow], int | None]:
    """Return some rows of the window from a place on, and the place to go on from."""
    found = connection.execute(_ROWS, (start, microseconds(since), CHUNK)).fetchall()
    rows = [WindowRow._make(row[1:]) for row in found]
    return rows, found[-1][0] + 1 if len(found) == CHUNK else None


def keep_sketches(connection: sqlite3.Connection, sketches: Sequence[Sketch]) -> None:
    """Write sketches in the place of earlier ones."""
    connection.executemany(_KEEP, [(one.reading, one.data, one.entry) for one in sketches])
