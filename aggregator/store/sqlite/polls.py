"""What polls and imports bring in: feeds, entries, revisions, search index and log, all or nothing."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aggregator.model.change import EntryChange, HostCommit, PollRecord
from aggregator.model.entry import Entry, KnownEntry
from aggregator.model.identifiers import CanonicalUrl, EntryId, FeedId
from aggregator.store.codec import microseconds, moment
from aggregator.store.sqlite.feeds import reckon
from aggregator.store.sqlite.rows import (
    INSERT_ENTRY,
    UPDATE_ENTRY,
    UPDATE_FEED,
    as_int,
    entry_identity,
    entry_text,
    feed_memory,
    restore,
    storable,
    url_hash,
)
from aggregator.store.sqlite.search_index import Searchable, add_to_search, remove_from_search

_KNOWN: Final = """
SELECT id, fingerprint, hash, revision, first_seen_at FROM entries
WHERE id IN (SELECT value FROM json_each(?))
"""

# The `+` keeps SQLite from reading all entries that the feed ever had.
_KNOWN_URLS: Final = """
SELECT url, canonical_url, id, fingerprint, hash, revision, first_seen_at FROM entries
WHERE url_hash IN (SELECT value FROM json_each(?)) AND +feed = ?
ORDER BY serial
"""

_STORED: Final = """
SELECT id, serial, withdrawn, revision, title, summary, content FROM entries
WHERE id IN (SELECT value FROM json_each(?))
"""

_WITHDRAWN: Final = """
SELECT subject FROM withdrawals WHERE subject IN (SELECT value FROM json_each(?))
"""

_RECORD: Final = """
INSERT INTO poll_records (feed, at, outcome, new, updated, received, seconds, message, quiet)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_REVISION: Final = """
INSERT INTO revisions (entry, number, replaced_at, title, summary, content)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""

_LOG: Final = "INSERT INTO entry_log (entry, changed) VALUES (?, ?)"

_RELEASE: Final = """
UPDATE hosts SET
  lease_until = CASE WHEN ? THEN NULL ELSE lease_until END,
  next_allowed_at = coalesce(?, next_allowed_at)
WHERE host = ?
"""


def known_entries(
    connection: sqlite3.Connection, ids: Collection[EntryId]
) -> Mapping[EntryId, KnownEntry]:
    """Return what is stored of these entries."""
    return {row[0]: _known(row) for row in connection.execute(_KNOWN, (json.dumps(list(ids)),))}


def known_document(
    connection: sqlite3.Connection, feed: FeedId, entries: Mapping[EntryId, CanonicalUrl | None]
) -> tuple[Mapping[EntryId, KnownEntry], Mapping[CanonicalUrl, tuple[KnownEntry, ...]]]:
    """Return what is stored of a document's entries: of their ids, and under the others' URLs."""
    known = known_entries(connection, entries.keys())
    others = {url for id_, url in entries.items() if id_ not in known and url is not None}
    return known, _known_urls(connection, feed, others) if others else {}


def _known_urls(
    connection: sqlite3.Connection, feed: FeedId, urls: Collection[CanonicalUrl]
) -> Mapping[CanonicalUrl, tuple[KnownEntry, ...]]:
    """Return what is stored of a feed's entries with these URLs."""
    found: dict[CanonicalUrl, list[KnownEntry]] = {}
    hashes = json.dumps([url_hash(url) for url in urls])
    for url, short, *rest in connection.execute(_KNOWN_URLS, (hashes, feed)):
        canonical = CanonicalUrl(restore(short, url) or "")
        if canonical in urls:
            found.setdefault(canonical, []).append(_known(rest))
    return {url: tuple(entries) for url, entries in found.items()}


def _known(row: Sequence[Any]) -> KnownEntry:
    id_, fingerprint, hash_, revision, first_seen_at = row
    return KnownEntry(id_, fingerprint, hash_, revision, moment(first_seen_at))


def commit_polls(
    connection: sqlite3.Connection, commits: Sequence[HostCommit]
) -> tuple[HostCommit, ...]:
    """Apply polls; return those that came too late."""
    accepted, refused = _sort_out(connection, commits)
    changes = [change for commit in accepted for change in commit.changes]
    store_entries(connection, [one for change in changes for one in change.entries])
    connection.executemany(
        UPDATE_FEED, [(*feed_memory(change.feed), change.feed.id) for change in changes]
    )
    connection.executemany(_RECORD, [_record_row(change.record) for change in changes])
    connection.executemany(
        _RELEASE,
        [
            (commit.release, as_int(commit.next_allowed_at), commit.lease.host)
            for commit in accepted
        ],
    )
    reckon(connection, {commit.lease.host for commit in accepted})
    return tuple(refused)


def _sort_out(
    connection: sqlite3.Connection, commits: Sequence[HostCommit]
) -> tuple[list[HostCommit], list[HostCommit]]:
    """Return the commits that may be applied, and those whose lease or poll number is stale."""
    hosts = json.dumps(list({commit.lease.host for commit in commits}))
    tokens = dict(
        connection.execute(
            "SELECT host, token FROM hosts WHERE host IN (SELECT value FROM json_each(?))",
            (hosts,),
        )
    )
    ids = json.dumps(list({change.feed.id for commit in commits for change in commit.changes}))
    polls = dict(
        connection.execute(
            "SELECT id, poll_seq FROM feeds WHERE id IN (SELECT value FROM json_each(?))", (ids,)
        )
    )
    accepted: list[HostCommit] = []
    refused: list[HostCommit] = []
    for commit in commits:
        after = dict(polls)
        timely = tokens.get(commit.lease.host) == commit.lease.token
        for change in commit.changes:
            timely = timely and after.get(change.feed.id) == change.feed.poll_seq - 1
            after[change.feed.id] = change.feed.poll_seq
        if timely:
            polls = after
        (accepted if timely else refused).append(commit)
    return accepted, refused


def _record_row(record: PollRecord) -> tuple[Any, ...]:
    quiet = record.outcome in ("fetched", "not_modified", "pushed") and not (
        record.new or record.updated
    )
    return (
        record.feed,
        microseconds(record.at),
        record.outcome,
        record.new,
        record.updated,
        record.received,
        record.seconds,
        record.message,
        quiet,
    )


# -- entries ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Rows:
    """What a batch writes, table by table."""

    inserts: list[tuple[Any, ...]] = field(default_factory=list)
    updates: list[tuple[Any, ...]] = field(default_factory=list)
    revisions: list[tuple[Any, ...]] = field(default_factory=list)
    unindex: dict[int, Searchable] = field(default_factory=dict)  # as stored before the batch
    index: dict[int, Searchable] = field(default_factory=dict)  # as stored after it
    log: list[tuple[int, bool]] = field(default_factory=list)
    arrived: dict[FeedId, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Stored:
    """What is stored of an entry that a batch names."""

    serial: int
    withdrawn: bool
    revision: int
    title: str
    summary: str | None
    content: str | None


def store_entries(connection: sqlite3.Connection, changes: Sequence[EntryChange]) -> None:
    """Store new and changed entries; what is stored already, or withdrawn, is passed over."""
    if not changes:
        return
    ids = json.dumps([change.entry.id for change in changes])
    stored = {id_: _Stored(*rest) for id_, *rest in connection.execute(_STORED, (ids,))}
    banned = _withdrawn(connection, [change.entry for change in changes])
    (serial,) = connection.execute("SELECT coalesce(max(serial), 0) FROM entries").fetchone()
    rows = _Rows()
    for change in changes:
        entry = storable(change.entry)
        old = stored.get(entry.id)
        if old is not None:
            if change.changed and not old.withdrawn and entry.revision > old.revision:
                _change(rows, old, entry)
                stored[entry.id] = _as_stored(old.serial, entry)
        elif not (entry.id in banned or entry.canonical_url in banned):
            serial += 1
            _add(rows, serial, entry)
            stored[entry.id] = _as_stored(serial, entry)
    _write(connection, rows)


def _as_stored(serial: int, entry: Entry) -> _Stored:
    return _Stored(serial, False, entry.revision, entry.title, entry.summary, entry.content)


def _withdrawn(connection: sqlite3.Connection, entries: Iterable[Entry]) -> frozenset[str]:
    """Return those ids and canonical URLs among the entries' that a person withdrew."""
    if connection.execute("SELECT 1 FROM withdrawals LIMIT 1").fetchone() is None:
        return frozenset()
    subjects = [
        subject for entry in entries for subject in (entry.id, entry.canonical_url) if subject
    ]
    return frozenset(row[0] for row in connection.execute(_WITHDRAWN, (json.dumps(subjects),)))


def _add(rows: _Rows, serial: int, entry: Entry) -> None:
    rows.inserts.append(entry_text(entry) + entry_identity(serial, entry))
    rows.index[serial] = (serial, entry.title, entry.summary)
    rows.log.append((serial, False))
    rows.arrived[entry.feed] = rows.arrived.get(entry.feed, 0) + 1


def _change(rows: _Rows, old: _Stored, entry: Entry) -> None:
    rows.revisions.append(
        (
            old.serial,
            old.revision,
            microseconds(entry.stored_at),
            old.title,
            old.summary or None,
            old.content or None,
        )
    )
    rows.updates.append((*entry_text(entry), old.serial))
    if old.serial not in rows.index:  # else it came, or changed, in this very batch
        rows.unindex[old.serial] = (old.serial, old.title, old.summary)
    rows.index[old.serial] = (old.serial, entry.title, entry.summary)
    rows.log.append((old.serial, True))


def _write(connection: sqlite3.Connection, rows: _Rows) -> None:
    connection.executemany(INSERT_ENTRY, rows.inserts)
    connection.executemany(_REVISION, rows.revisions)
    connection.executemany(UPDATE_ENTRY, rows.updates)
    remove_from_search(connection, rows.unindex.values())
    add_to_search(connection, rows.index.values())
    connection.executemany(_LOG, rows.log)
    connection.executemany(
        "UPDATE feeds SET entries = entries + ? WHERE id = ?",
        [(count, feed) for feed, count in rows.arrived.items()],
    )
