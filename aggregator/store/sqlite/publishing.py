"""Publications of outputs and editions of digests."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from typing import Final

from aggregator.model.change import OutputChange
from aggregator.model.digest import Edition, EditionPlace
from aggregator.model.identifiers import OutputId, StoryId
from aggregator.model.output import Publication
from aggregator.store.codec import microseconds
from aggregator.store.sqlite.rows import EDITION, PUBLICATION

_NEWEST: Final = """
SELECT publication FROM publications WHERE output = ? AND NOT gone
ORDER BY published DESC, item LIMIT ?
"""

_OF_STORIES: Final = """
SELECT publication FROM publications
WHERE story IN (SELECT value FROM json_each(:stories)) AND output = coalesce(:output, output)
ORDER BY published DESC, item
"""

_BY_ITEM: Final = """
SELECT publication FROM publications
WHERE output = ? AND item IN (SELECT value FROM json_each(?)) ORDER BY published DESC, item
"""

_WRITE: Final = """
INSERT INTO publications (output, item, story, published, gone, publication)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (output, item) DO UPDATE SET
  story = excluded.story, published = excluded.published, gone = excluded.gone,
  publication = excluded.publication
"""

# The last revision of each edition; an edition keeps the place that its first revision took.
_EDITIONS: Final = """
SELECT e.edition
FROM (
  SELECT name, max(revision) AS revision, min(published_at) AS first FROM editions
  WHERE subject = :subject GROUP BY name
) AS n
JOIN editions AS e ON e.subject = :subject AND e.name = n.name AND e.revision = n.revision
ORDER BY n.first DESC, n.name DESC LIMIT :limit
"""

_NAMES: Final = """
SELECT name FROM editions WHERE subject = ? GROUP BY name ORDER BY min(published_at), name
"""

_EDITION: Final = """
SELECT edition FROM editions WHERE subject = ? AND name = ? ORDER BY revision DESC LIMIT 1
"""


def publications(
    connection: sqlite3.Connection, output: OutputId, limit: int
) -> tuple[Publication, ...]:
    """Return the newest publications of an output."""
    return tuple(PUBLICATION.load(text) for (text,) in connection.execute(_NEWEST, (output, limit)))


def publications_of(
    connection: sqlite3.Connection, output: OutputId | None, stories: Collection[StoryId]
) -> tuple[Publication, ...]:
    """Return the publications of these stories in an output, or in all."""
    asked = {"stories": json.dumps(list(stories)), "output": output}
    rows = connection.execute(_OF_STORIES, asked)
    return tuple(PUBLICATION.load(text) for (text,) in rows)


def publications_by_item(
    connection: sqlite3.Connection, output: OutputId, items: Collection[str]
) -> tuple[Publication, ...]:
    """Return the publications of these items in an output."""
    rows = connection.execute(_BY_ITEM, (output, json.dumps(list(items))))
    return tuple(PUBLICATION.load(text) for (text,) in rows)


def apply_publications(connection: sqlite3.Connection, changes: Sequence[OutputChange]) -> None:
    """Write publications."""
    connection.executemany(
        _WRITE,
        [
            (
                change.output,
                one.item.id,
                one.item.story,
                microseconds(one.item.published),
                one.left,
                PUBLICATION.dump(one),
            )
            for change in changes
            for one in change.publications
        ],
    )


def editions(connection: sqlite3.Connection, subject: str, limit: int) -> tuple[Edition, ...]:
    """Return a digest's editions, newest first."""
    rows = connection.execute(_EDITIONS, {"subject": subject, "limit": limit})
    return tuple(EDITION.load(text) for (text,) in rows)


def edition(connection: sqlite3.Connection, subject: str, name: str) -> EditionPlace | None:
    """Return one edition with its neighbours."""
    row = connection.execute(_EDITION, (subject, name)).fetchone()
    if row is None:
        return None
    names = [other for (other,) in connection.execute(_NAMES, (subject,))]
    place = names.index(name)
    return EditionPlace(
        edition=EDITION.load(row[0]),
        earlier=names[place - 1] if place else None,
        later=names[place + 1] if place + 1 < len(names) else None,
    )


def add_edition(connection: sqlite3.Connection, edition: Edition) -> bool:
    """Keep an edition, unless that revision exists."""
    added = connection.execute(
        """
        INSERT INTO editions (subject, name, revision, published_at, edition)
        VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """,
        (
            edition.subject,
            edition.name,
            edition.revision,
            microseconds(edition.published_at),
            EDITION.dump(edition),
        ),
    )
    return added.rowcount == 1
