"""A store that has run for a year: what is stored is multiplied, each copy older than the one before.

Every copy is a story of its own with its topics and, where outputs showed the entry, publications that
have left them; ids and digests are new ones, so that they lie anywhere in their indexes, as real ones do.
Nothing of it is live: the youngest copy is older than the window of stories.
"""

import sqlite3
from base64 import b32encode
from hashlib import blake2b
from pathlib import Path
from typing import Final

from aggregator.model.identifiers import EntryId, story_id
from aggregator.text.terms import search_terms

_DAY: Final = 24 * 3600 * 1_000_000  # microseconds, as the store counts
_YOUNGEST: Final = 20 * _DAY  # days back that copies begin: the window is 14 days
_SPAN: Final = 340 * _DAY  # and spread over

_STORIES: Final = """
INSERT INTO stories (
  serial, id, lead, lead_since, language, independent, topics, muted, first_seen_at, updated_at, size,
  languages
)
SELECT serial, story_of(id), serial, first_seen_at, language, 1, (
    SELECT '[' || group_concat(match) || ']' FROM entry_topics WHERE entry = e.serial
  ), 0, first_seen_at, first_seen_at, 1, language
FROM entries AS e WHERE serial > :after
"""
_PLACEMENTS: Final = """
INSERT INTO placements (entry, placed, story, independent, decision)
SELECT serial, serial, serial, 1, '{"layer": "first"}' FROM entries WHERE serial > :after
"""
_ENTRY_TOPICS: Final = """
INSERT INTO entry_topics (entry, position, topic, match)
SELECT entry + :by, position, topic, match FROM entry_topics
WHERE entry BETWEEN 1 AND :present AND entry + :by <= :wanted
"""
_STORY_TOPICS: Final = """
INSERT INTO story_topics (topic, updated_at, story, first_seen_at, independent)
SELECT DISTINCT t.topic, s.updated_at, s.serial, s.first_seen_at, 1
FROM entry_topics AS t JOIN stories AS s ON s.serial = t.entry WHERE t.entry > :after
"""
_PUBLICATIONS: Final = """
INSERT INTO publications (output, item, story, published, gone, publication)
SELECT p.output, p.item || '-' || :by, s.id, s.updated_at, 1, p.publication
FROM publications AS p JOIN stories AS old ON old.id = p.story JOIN placements AS m ON m.story = old.serial
JOIN stories AS s ON s.serial = m.entry + :by
WHERE m.entry BETWEEN 1 AND :present ON CONFLICT DO NOTHING
"""


def fill(database: Path, wanted: int) -> None:
    """Multiply what is stored, index and all, until there are so many entries."""
    connection = _open(database)
    (present,) = connection.execute("SELECT max(serial) FROM entries").fetchone()
    terms = _terms(connection)
    # What is placed already stays behind the copies: a restart reads placements from the window on.
    connection.execute("UPDATE placements SET placed = placed + ?", (wanted,))
    for by in range(present, wanted, present):
        _copy(connection, terms, by=by, present=present, wanted=wanted)
        connection.commit()
    connection.execute(
        "UPDATE feeds SET entries = (SELECT count(*) FROM entries WHERE feed = feeds.id)"
    )
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def retire(database: Path) -> None:
    """Make all that is stored and waits to be understood a thing of the past, each entry its own story."""
    connection = _open(database)
    for column in ("first_seen_at", "stored_at", "published", "updated"):
        connection.execute(f"UPDATE entries SET {column} = {column} - ?", (_YOUNGEST,))
    connection.execute("DELETE FROM entry_log")
    for statement in (_STORIES, _PLACEMENTS):
        connection.execute(statement, {"after": 0})
    connection.commit()
    connection.close()


def _open(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(database)
    connection.create_function("id_of", 2, _id_of, deterministic=True)
    connection.create_function("hash_of", 2, _hash_of, deterministic=True)
    connection.create_function("story_of", 1, _story_of, deterministic=True)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -262144")
    return connection


def _copy(
    connection: sqlite3.Connection,
    terms: list[tuple[int, str]],
    *,
    by: int,
    present: int,
    wanted: int,
) -> None:
    columns = [row[1] for row in connection.execute("PRAGMA table_info(entries)")]
    changed = {
        "serial": "serial + :by",
        "id": "id_of(id, :by)",
        "url_hash": "hash_of(url_hash, :by)",
        "first_seen_at": "first_seen_at - :age",
        "stored_at": "stored_at - :age",
        "published": "published - :age",
        "updated": "updated - :age",
    }
    chosen = ", ".join(changed.get(name, name) for name in columns)
    values = {
        "by": by,
        "present": present,
        "wanted": wanted,
        "after": by,
        # The first copies are the oldest: serials count in order of arrival.
        "age": _YOUNGEST + _SPAN * (wanted - by) // wanted,
    }
    connection.execute(
        f"INSERT INTO entries ({', '.join(columns)}) SELECT {chosen} FROM entries "
        "WHERE serial <= :present AND serial + :by <= :wanted",
        values,
    )
    for statement in (_ENTRY_TOPICS, _STORIES, _PLACEMENTS, _STORY_TOPICS, _PUBLICATIONS):
        connection.execute(statement, values)
    connection.executemany(
        "INSERT INTO entry_search (rowid, terms) VALUES (?, ?)",
        [(serial + by, words) for serial, words in terms if serial + by <= wanted],
    )


def _id_of(id_: str, by: int) -> str:
    digest = blake2b(f"{id_}/{by}".encode(), digest_size=8).digest()
    return b32encode(digest).decode().rstrip("=").lower()


def _story_of(id_: str) -> str:
    return story_id(EntryId(id_))


def _hash_of(value: int | None, by: int) -> int | None:
    if value is None:
        return None
    return int.from_bytes(blake2b(f"{value}/{by}".encode(), digest_size=8).digest(), "big") >> 1


def _terms(connection: sqlite3.Connection) -> list[tuple[int, str]]:
    rows = connection.execute("SELECT serial, title, summary FROM entries").fetchall()
    return [
        (serial, " ".join({*search_terms(title), *search_terms(summary or "")}))
        for serial, title, summary in rows
    ]
