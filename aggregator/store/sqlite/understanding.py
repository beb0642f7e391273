"""What was understood: placements, topics, stories, and a person's corrections."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from aggregator.errors import LeaseLost
from aggregator.model.change import StoryChange
from aggregator.model.identifiers import EntryId, StoryId
from aggregator.model.story import Correction, Hand, Story
from aggregator.store.codec import microseconds, moment
from aggregator.store.sqlite.rows import (
    DECISION,
    RELATED,
    TOPIC,
    TOPICS,
)
from aggregator.store.sqlite.search_index import remove_from_search
from aggregator.store.sqlite.sketches import keep_sketches

_STORY: Final = """
INSERT INTO stories (
  id, lead, lead_since, title, language, independent, topics, saga, related, muted, first_seen_at,
  updated_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
  lead = excluded.lead, lead_since = excluded.lead_since, title = excluded.title,
  language = excluded.language, independent = excluded.independent, topics = excluded.topics,
  saga = excluded.saga, related = excluded.related, muted = excluded.muted,
  first_seen_at = excluded.first_seen_at, updated_at = excluded.updated_at
"""

_PLACE: Final = """
INSERT INTO placements (entry, placed, story, copy_of, independent, credit, decision)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (entry) DO UPDATE SET
  story = excluded.story, copy_of = excluded.copy_of, independent = excluded.independent,
  credit = excluded.credit, decision = excluded.decision
"""

_COUNT: Final = """
UPDATE stories SET (size, languages) = (
  SELECT count(*), group_concat(DISTINCT e.language)
  FROM placements AS p JOIN entries AS e ON e.serial = p.entry
  WHERE p.story = stories.serial AND NOT e.withdrawn
) WHERE serial = ?
"""

_TOPIC_OF_STORY: Final = """
INSERT INTO story_topics (topic, updated_at, story, first_seen_at, independent)
SELECT ?, updated_at, serial, first_seen_at, independent FROM stories WHERE id = ?
ON CONFLICT DO NOTHING
"""

_CORRECTION: Final = "INSERT INTO corrections (hand, subject, object, at) VALUES (?, ?, ?, ?)"


# -- what was understood ----------------------------------------------------------------------------


def _consume(connection: sqlite3.Connection, token: int | None, consumed: Iterable[int]) -> None:
    """Take rows out of the log and let it go, if it is still ours."""
    if token is not None:
        ours = connection.execute(
            "UPDATE consumers SET lease_until = NULL WHERE name = 'log' AND token = ?", (token,)
        )
        if ours.rowcount == 0:
            raise LeaseLost("the log has another consumer now")
    connection.executemany("DELETE FROM entry_log WHERE seq = ?", [(seq,) for seq in consumed])


def apply_stories(connection: sqlite3.Connection, change: StoryChange) -> None:
    """Apply what was understood."""
    _consume(connection, change.token, change.consumed)
    serials = _entry_serials(connection, change)
    touched = _redirect_from(connection, change.redirects)
    _write_stories(connection, change.stories, serials)
    story_serials = _story_serials(connection, change)
    touched |= set(story_serials.values())
    touched |= _redirect_to(connection, change.redirects, story_serials)
    touched |= _place(connection, change, serials, story_serials)
    _write_topics(connection, change, serials)
    _write_corrections(connection, change.corrections)
    touched |= _withdraw(connection, change.withdrawn)
    keep_sketches(connection, change.sketches)
    count_members(connection, touched)


def _entry_serials(
    connection: sqlite3.Connection, change: StoryChange
) -> dict[EntryId, tuple[int, str]]:
    """Return serial and title of every entry that the change names."""
    named = {story.lead for story in change.stories} | {entry for entry, _ in change.topics}
    for placement in change.placements:
        named.add(placement.entry)
        if placement.copy_of is not None:
            named.add(placement.copy_of)
    rows = connection.execute(
        "SELECT id, serial, title FROM entries WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(named)),),
    )
    return {id_: (serial, title) for id_, serial, title in rows}


def _story_serials(connection: sqlite3.Connection, change: StoryChange) -> dict[StoryId, int]:
    named = {story.id for story in change.stories}
    named |= {placement.story for placement in change.placements}
    named |= {lives_on for _, lives_on in change.redirects}
    rows = connection.execute(
        "SELECT id, serial FROM stories WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(named)),),
    )
    return dict(rows.fetchall())


def _write_stories(
    connection: sqlite3.Connection,
    stories: Sequence[Story],
    serials: dict[EntryId, tuple[int, str]],
) -> None:
    if not stories:
        return
    connection.executemany(
        _STORY, [_story_row(story, *serials.get(story.lead, (None, None))) for story in stories]
    )
    connection.executemany(
        "DELETE FROM story_redirects WHERE gone = ?", [(story.id,) for story in stories]
    )
    connection.executemany(
        "DELETE FROM story_topics WHERE story = (SELECT serial FROM stories WHERE id = ?)",
        [(story.id,) for story in stories],
    )
    connection.executemany(
        _TOPIC_OF_STORY, [(match.topic, story.id) for story in stories for match in story.topics]
    )


def _story_row(story: Story, lead: int | None, lead_title: str | None) -> tuple[Any, ...]:
    return (
        story.id,
        lead,
        microseconds(story.lead_since),
        None if story.title == lead_title else story.title,
        story.language,
        story.independent,
        TOPICS.dump(story.topics) if story.topics else None,
        story.saga,
        RELATED.dump(story.related) if story.related else None,
        story.muted,
        microseconds(story.first_seen_at),
        microseconds(story.updated_at),
    )


def _place(
    connection: sqlite3.Connection,
    change: StoryChange,
    serials: dict[EntryId, tuple[int, str]],
    stories: dict[StoryId, int],
) -> set[int]:
    """Write placements; return the stories that entries left."""
    placements = [one for one in change.placements if one.entry in serials]
    if not placements:
        return set()
    left = {
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT story FROM placements WHERE entry IN (SELECT value FROM json_each(?))",
            (json.dumps([serials[one.entry][0] for one in placements]),),
        )
    }
    (last,) = connection.execute("SELECT coalesce(max(placed), 0) FROM placements").fetchone()
    connection.executemany(
        _PLACE,
        [
            (
                serials[one.entry][0],
                last + number,
                stories.get(one.story),
                serials[one.copy_of][0] if one.copy_of in serials else None,
                one.independent,
                one.credit,
                DECISION.dump(one.decision),
            )
            for number, one in enumerate(placements, 1)
        ],
    )
    return left


def _write_topics(
    connection: sqlite3.Connection, change: StoryChange, serials: dict[EntryId, tuple[int, str]]
) -> None:
    topics = [(serials[entry][0], matches) for entry, matches in change.topics if entry in serials]
    connection.executemany(
        "DELETE FROM entry_topics WHERE entry = ?", [(serial,) for serial, _ in topics]
    )
    connection.executemany(
        "INSERT INTO entry_topics (entry, position, topic, match) VALUES (?, ?, ?, ?)",
        [
            (serial, position, match.topic, TOPIC.dump(match))
            for serial, matches in topics
            for position, match in enumerate(matches)
        ],
    )


def count_members(connection: sqlite3.Connection, stories: Collection[int]) -> None:
    """Count the entries of stories anew, and delete those that all entries have left."""
    connection.executemany(_COUNT, [(serial,) for serial in stories])
    connection.executemany(
        "DELETE FROM stories WHERE serial = ? AND NOT EXISTS (SELECT 1 FROM placements WHERE story = stories.serial)",
        [(serial,) for serial in stories],
    )


def _redirect_from(
    connection: sqlite3.Connection, redirects: Sequence[tuple[StoryId, StoryId]]
) -> set[int]:
    """Remember where joined stories live on; return their rows."""
    connection.executemany(
        "UPDATE story_redirects SET lives_on = ? WHERE lives_on = ?",
        [(lives_on, gone) for gone, lives_on in redirects],
    )
    connection.executemany(
        "INSERT INTO story_redirects (gone, lives_on) VALUES (?, ?) ON CONFLICT DO UPDATE SET lives_on = excluded.lives_on",
        redirects,
    )
    rows = connection.execute(
        "SELECT serial FROM stories WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps([gone for gone, _ in redirects]),),
    )
    return {serial for (serial,) in rows}


def _redirect_to(
    connection: sqlite3.Connection,
    redirects: Sequence[tuple[StoryId, StoryId]],
    stories: dict[StoryId, int],
) -> set[int]:
    """Move what is left in joined stories along."""
    connection.executemany(
        "UPDATE placements SET story = ? WHERE story = (SELECT serial FROM stories WHERE id = ?)",
        [(stories[lives_on], gone) for gone, lives_on in redirects if lives_on in stories],
    )
    return {stories[lives_on] for _, lives_on in redirects if lives_on in stories}


# -- a person's hand ----------------------------------------------------------------------------------


def corrections(connection: sqlite3.Connection) -> tuple[Correction, ...]:
    """Return every decision of a person."""
    return tuple(
        Correction(hand=Hand(hand), subject=subject, object=object_, at=moment(at))
        for hand, subject, object_, at in connection.execute(
            "SELECT hand, subject, object, at FROM corrections ORDER BY at, seq"
        )
    )


def _write_corrections(connection: sqlite3.Connection, made: Sequence[Correction]) -> None:
    connection.executemany(
        _CORRECTION,
        [(one.hand.value, one.subject, one.object, microseconds(one.at)) for one in made],
    )
    _ban(connection, [one.subject for one in made if one.hand is Hand.WITHDRAW])


def _ban(connection: sqlite3.Connection, subjects: Iterable[str]) -> None:
    connection.executemany(
        "INSERT INTO withdrawals (subject) VALUES (?) ON CONFLICT DO NOTHING",
        [(subject,) for subject in subjects],
    )


def _withdraw(connection: sqlite3.Connection, ids: Sequence[EntryId]) -> set[int]:
    """Hide entries from everything; return the stories they were in."""
    if not ids:
        return set()
    _ban(connection, ids)
    rows = connection.execute(
        "SELECT serial, title, summary FROM entries WHERE NOT withdrawn AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    ).fetchall()
    remove_from_search(connection, rows)
    serials = [(serial,) for serial, _, _ in rows]
    connection.executemany("UPDATE entries SET withdrawn = 1 WHERE serial = ?", serials)
    connection.executemany("DELETE FROM entry_log WHERE entry = ?", serials)
    connection.executemany("DELETE FROM articles WHERE entry = ?", serials)
    connection.executemany("DELETE FROM sketches WHERE entry = ?", serials)
    left = connection.execute(
        "SELECT DISTINCT story FROM placements WHERE entry IN (SELECT value FROM json_each(?))",
        (json.dumps([serial for (serial,) in serials]),),
    )
    return {story for (story,) in left}
