"""Feeds and hosts: what the configuration lists, what is due, and who may ask it now."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from aggregator.errors import LeaseLost
from aggregator.model.change import HostLease, PollRecord
from aggregator.model.feed import Feed, FeedStanding
from aggregator.model.identifiers import FeedId, FeedUrl, HostKey, SourceId
from aggregator.model.query import FeedSummary
from aggregator.model.source import FeedSpec, Source
from aggregator.store.codec import microseconds, moment
from aggregator.store.sqlite.rows import (
    INSERT_FEED,
    UPDATE_FEED,
    UPDATE_FEED_ORDERS,
    as_time,
    feed_from_row,
    feed_memory,
    feed_orders,
)

Listed = tuple[Source, FeedSpec, HostKey, datetime]

_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
_UNSAVED: Final = FeedId(0)
_IMPORT: Final = "import:"
_MICROSECOND: Final = timedelta(microseconds=1)

_ORDERS: Final = "SELECT source, url, id, moved_to, host, kind, every, enabled FROM feeds"
_ENABLED: Final = "SELECT * FROM feeds WHERE enabled ORDER BY source, url"
_ENABLED_OF: Final = """
SELECT * FROM feeds WHERE enabled AND source IN (SELECT value FROM json_each(?))
ORDER BY source, url
"""
_SOME: Final = """
SELECT * FROM feeds WHERE enabled AND (source, url) > (?, ?) ORDER BY source, url LIMIT ?
"""
_CHUNK: Final = 200  # with the hashes of its last document a feed takes 8 KB of memory
_STANDINGS: Final = """
SELECT standing, count(*) FROM feeds INDEXED BY feeds_in_brief
WHERE enabled GROUP BY standing ORDER BY standing
"""
_TROUBLED: Final = """
SELECT DISTINCT source FROM feeds INDEXED BY feeds_in_brief
WHERE enabled AND standing NOT IN ('new', 'ok') ORDER BY source
"""
_SPAN: Final = "SELECT min(first_seen_at), max(last_poll_at) FROM feeds WHERE enabled"
_ONE: Final = "SELECT * FROM feeds WHERE source = ? AND url = ?"
_COUNT: Final = """
SELECT count(*) FROM feeds
WHERE enabled AND (:sources IS NULL OR source IN (SELECT value FROM json_each(:sources)))
"""
_DUE: Final = "SELECT * FROM feeds WHERE host = ? AND enabled AND next_poll_at <= ?"
_ASKABLE: Final = """
SELECT * FROM feeds WHERE host = ? AND enabled AND (not_before IS NULL OR not_before <= ?)
"""

_HELD: Final = "SELECT 1 FROM hosts WHERE host = ? AND token = ? AND lease_until > ?"

# A host is due when its earliest feed is, but not before it may be asked again.
_RECKON: Final = """
UPDATE hosts SET next_due = (
  SELECT max(min(next_poll_at), coalesce(hosts.next_allowed_at, 0))
  FROM feeds WHERE feeds.host = hosts.host AND enabled
) WHERE host = ?
"""

_DUE_HOSTS: Final = """
SELECT host FROM hosts
WHERE next_due <= :now AND (lease_until IS NULL OR lease_until <= :now)
ORDER BY next_due, host
"""

# The same for some sources, or for all that may be asked: by name, from where the last claim ended. In
# order of time each claim would pass by whom the round has polled before: 42 ms with 10,000 hosts.
_WANTED_HOSTS: Final = """
SELECT h.host FROM hosts AS h
WHERE h.host > coalesce(:after, '')
  AND h.next_due IS NOT NULL
  AND coalesce(h.next_allowed_at, 0) <= :now
  AND (h.lease_until IS NULL OR h.lease_until <= :now)
  AND EXISTS (
    SELECT 1 FROM feeds AS f
    WHERE f.host = h.host AND f.enabled
      AND (:sources IS NULL OR f.source IN (SELECT value FROM json_each(:sources)))
      AND CASE WHEN :all THEN coalesce(f.not_before, 0) ELSE f.next_poll_at END <= :now
  )
ORDER BY h.host
"""

# Nobody plans a year ahead: a clock did that was wrong for a while (reliability B14). Over a day, by minutes.
_BEYOND_SENSE: Final = timedelta(days=366)
_CALL_BACK_FEEDS: Final = """
UPDATE feeds SET next_poll_at = :now + id % 1440 * 60000000, not_before = NULL
WHERE id IN (SELECT id FROM feeds INDEXED BY feeds_by_due WHERE enabled AND next_poll_at > :limit)
RETURNING host
"""
_CALL_BACK_HOSTS: Final = """
UPDATE hosts SET
  next_allowed_at = CASE WHEN next_allowed_at <= :limit THEN next_allowed_at END,
  lease_until = CASE WHEN lease_until <= :limit THEN lease_until END
WHERE next_allowed_at > :limit OR lease_until > :limit
RETURNING host
"""

_LEASE: Final = "UPDATE hosts SET token = token + 1, lease_until = ? WHERE host = ? RETURNING token"

_LEASE_FREE: Final = """
UPDATE hosts SET token = token + 1, lease_until = ?
WHERE host = ? AND (lease_until IS NULL OR lease_until <= ?) RETURNING token
"""

_NEXT_DUE: Final = """
SELECT min(max(next_due, coalesce(lease_until, 0))) FROM hosts WHERE next_due IS NOT NULL
"""

_NEXT_WANTED: Final = """
SELECT min(max(
  CASE WHEN :all THEN coalesce(f.not_before, f.first_seen_at) ELSE f.next_poll_at END,
  coalesce(h.next_allowed_at, 0),
  coalesce(h.lease_until, 0)
))
FROM feeds AS f CROSS JOIN hosts AS h ON h.host = f.host
WHERE f.enabled
  AND (:sources IS NULL OR f.source IN (SELECT value FROM json_each(:sources)))
  AND f.id NOT IN (SELECT value FROM json_each(:exclude))
"""

_STANDING: Final = "SELECT next_due, next_allowed_at, lease_until FROM hosts WHERE host = ?"

_RECORDS: Final = """
SELECT at, outcome, new, updated, received, seconds, message
FROM poll_records WHERE feed = ? ORDER BY at DESC, rowid DESC LIMIT ?
"""


# -- what the configuration lists ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ordered:
    """What the configuration once said of a stored feed: all that need be read of most of them."""

    id: FeedId
    moved_to: FeedUrl | None
    host: str
    kind: str
    every: int | None  # microseconds
    enabled: int

    def is_as(self, spec: FeedSpec, host: HostKey) -> bool:
        """Tell whether it says the same today."""
        every = None if spec.every is None else spec.every // _MICROSECOND
        said = (self.host, self.kind, self.every, bool(self.enabled))
        return said == (host, spec.kind.value, every, True)


def sync_feeds(connection: sqlite3.Connection, listed: Sequence[Listed], now: datetime) -> None:
    """Make the stored feeds those of the configuration, and their plans such as can be meant."""
    stored = {(row[0], row[1]): _Ordered(*row[2:]) for row in connection.execute(_ORDERS)}
    wanted = [one for one in listed if one[0].enabled]
    names = {(source.id, spec.url) for source, spec, _, _ in wanted}
    moved = {
        (source, feed.moved_to): feed.id
        for (source, url), feed in stored.items()
        if feed.moved_to is not None and (source, url) not in names
    }
    kept: set[FeedId] = set()
    hosts: set[str] = set()  # those whose feeds are others now
    for source, spec, host, due in wanted:
        name = (source.id, spec.url)
        known = stored.get(name)
        if known is not None:
            kept.add(known.id)
            if known.is_as(spec, host):
                continue
            hosts |= {known.host, host}
            _reorder(connection, _one(connection, known.id), spec, host)
        elif (mover := moved.pop(name, None)) is not None:
            kept.add(mover)
            arrived = replace(
                _one(connection, mover), moved_to=None, moved_seen=0, moved_since=None
            )
            hosts |= {arrived.host, host}
            _reorder(connection, arrived, spec, host)
        else:
            hosts.add(host)
            new = _new_feed(source.id, spec, host, due, now)
            connection.execute(INSERT_FEED, feed_memory(new) + feed_orders(new))
    gone = [feed for feed in stored.values() if feed.enabled and feed.id not in kept]
    connection.executemany("UPDATE feeds SET enabled = 0 WHERE id = ?", ((f.id,) for f in gone))
    hosts.update(feed.host for feed in gone)
    connection.executemany(
        "INSERT INTO hosts (host) VALUES (?) ON CONFLICT DO NOTHING", ((host,) for host in hosts)
    )
    times = {"now": microseconds(now), "limit": microseconds(now + _BEYOND_SENSE)}
    for call_back in (_CALL_BACK_FEEDS, _CALL_BACK_HOSTS):
        hosts.update(host for (host,) in connection.execute(call_back, times))
    reckon(connection, hosts)


def _one(connection: sqlite3.Connection, feed: FeedId) -> Feed:
    return feed_from_row(connection.execute("SELECT * FROM feeds WHERE id = ?", (feed,)).fetchone())


def _reorder(connection: sqlite3.Connection, feed: Feed, spec: FeedSpec, host: HostKey) -> None:
    """Write a stored feed as the configuration has it now."""
    _update(
        connection,
        [replace(feed, url=spec.url, host=host, kind=spec.kind, every=spec.every, enabled=True)],
    )


def feeds(connection: sqlite3.Connection, sources: Collection[SourceId] | None) -> tuple[Feed, ...]:
    """Return the enabled feeds."""
    if sources is None:
        rows = connection.execute(_ENABLED)
    else:
        rows = connection.execute(_ENABLED_OF, (_as_json(sources),))
    return tuple(map(feed_from_row, rows))


def feeds_after(connection: sqlite3.Connection, last: Feed | None) -> tuple[Feed, ...]:
    """Return some enabled feeds, the first or those after one."""
    after = ("", "") if last is None else (last.source, last.url)
    return tuple(map(feed_from_row, connection.execute(_SOME, (*after, _CHUNK))))


def feed_summary(connection: sqlite3.Connection) -> FeedSummary:
    """Return the enabled feeds at a glance."""
    return FeedSummary(
        standings=tuple(
            (FeedStanding(standing), count) for standing, count in connection.execute(_STANDINGS)
        ),
        troubled=tuple(source for (source,) in connection.execute(_TROUBLED)),
    )


def feed_span(connection: sqlite3.Connection) -> tuple[datetime | None, datetime | None]:
    """Return when the first enabled feed was taken up, and when one was last polled."""
    first, last = connection.execute(_SPAN).fetchone()
    return as_time(first), as_time(last)


def feed(connection: sqlite3.Connection, id_: FeedId) -> Feed | None:
    """Return one enabled feed."""
    row = connection.execute("SELECT * FROM feeds WHERE id = ? AND enabled", (id_,)).fetchone()
    return None if row is None else feed_from_row(row)


def feed_count(connection: sqlite3.Connection, sources: Collection[SourceId] | None) -> int:
    """Return how many enabled feeds there are."""
    (count,) = connection.execute(_COUNT, {"sources": _as_json(sources)}).fetchone()
    return int(count)


def feed_for_import(connection: sqlite3.Connection, source: SourceId, now: datetime) -> Feed:
    """Return the feed that a source's imported entries belong to."""
    url = FeedUrl(_IMPORT + source)
    row = connection.execute(_ONE, (source, url)).fetchone()
    if row is None:
        feed = replace(
            _new_feed(source, FeedSpec(url=url), HostKey(url), _NEVER, now), enabled=False
        )
        connection.execute(INSERT_FEED, feed_memory(feed) + feed_orders(feed))
        row = connection.execute(_ONE, (source, url)).fetchone()
    return feed_from_row(row)


def update_feeds(connection: sqlite3.Connection, changed: Sequence[Feed]) -> None:
    """Write feeds as they are given."""
    _update(connection, changed)
    reckon(connection, {feed.host for feed in changed})


def poll_records(
    connection: sqlite3.Connection, feed: FeedId, limit: int
) -> tuple[PollRecord, ...]:
    """Return a feed's last polls."""
    return tuple(
        PollRecord(
            feed=feed,
            at=moment(at),
            outcome=outcome,
            new=new,
            updated=updated,
            received=received,
            seconds=seconds,
            message=message,
        )
        for at, outcome, new, updated, received, seconds, message in connection.execute(
            _RECORDS, (feed, limit)
        )
    )


def _update(connection: sqlite3.Connection, changed: Sequence[Feed]) -> None:
    connection.executemany(UPDATE_FEED, [(*feed_memory(feed), feed.id) for feed in changed])
    connection.executemany(UPDATE_FEED_ORDERS, [(*feed_orders(feed), feed.id) for feed in changed])


def _new_feed(
    source: SourceId, spec: FeedSpec, host: HostKey, due: datetime, now: datetime
) -> Feed:
    return Feed(
        id=_UNSAVED,
        source=source,
        url=spec.url,
        host=host,
        kind=spec.kind,
        every=spec.every,
        next_poll_at=due,
        first_seen_at=now,
    )


# -- what is due --------------------------------------------------------------------------------------


def claim_hosts(
    connection: sqlite3.Connection,
    *,
    limit: int,
    lease: timedelta,
    now: datetime,
    sources: Collection[SourceId] | None,
    all_feeds: bool,
    exclude: Collection[HostKey],
    after: HostKey | None,
) -> tuple[HostLease, ...]:
    """Lease hosts that have something due."""
    wanted = {
        "now": microseconds(now),
        "sources": _as_json(sources),
        "all": all_feeds,
        "after": after,
    }
    query = _DUE_HOSTS if sources is None and not all_feeds else _WANTED_HOSTS
    hosts: list[HostKey] = []
    for (host,) in connection.execute(query, wanted):
        if len(hosts) == limit:
            break
        if host not in exclude:
            hosts.append(host)
    until = now + lease
    leases = []
    for host in hosts:
        (token,) = connection.execute(_LEASE, (microseconds(until), host)).fetchone()
        leases.append(HostLease(host=host, token=token, until=until))
    return tuple(leases)


def claim_host(
    connection: sqlite3.Connection, host: HostKey, *, lease: timedelta, now: datetime
) -> HostLease | None:
    """Lease one host, if nobody has it."""
    until = now + lease
    row = connection.execute(_LEASE_FREE, (microseconds(until), host, microseconds(now))).fetchone()
    return None if row is None else HostLease(host=host, token=row[0], until=until)


def claim_idle_host(
    connection: sqlite3.Connection,
    host: HostKey,
    *,
    at_least: timedelta,
    lease: timedelta,
    now: datetime,
) -> HostLease | None:
    """Lease a host for as long as its feeds do not need it."""
    connection.execute("INSERT INTO hosts (host) VALUES (?) ON CONFLICT DO NOTHING", (host,))
    next_due, allowed, leased = connection.execute(_STANDING, (host,)).fetchone()
    at = microseconds(now)
    if max(allowed or 0, leased or 0) > at:
        return None
    until = now + lease if next_due is None else min(now + lease, moment(next_due))
    if until - now < at_least:
        return None
    (token,) = connection.execute(_LEASE, (microseconds(until), host)).fetchone()
    return HostLease(host=host, token=token, until=until)


def void_leases(connection: sqlite3.Connection) -> None:
    """Free every host and the log: whoever leased them is dead."""
    connection.execute("UPDATE hosts SET lease_until = NULL WHERE lease_until IS NOT NULL")
    connection.execute("UPDATE consumers SET lease_until = NULL WHERE lease_until IS NOT NULL")


def due_feeds(
    connection: sqlite3.Connection,
    lease: HostLease,
    *,
    now: datetime,
    limit: int,
    sources: Collection[SourceId] | None,
    all_feeds: bool,
    exclude: Collection[FeedId],
) -> tuple[Feed, ...]:
    """Return due feeds of a leased host."""
    found = due_feeds_of(
        connection,
        [lease],
        now=now,
        limit=limit,
        sources=sources,
        all_feeds=all_feeds,
        exclude=exclude,
    )
    if lease.host not in found:
        raise LeaseLost(f"{lease.host}: the lease is no longer ours")
    return found[lease.host]


def due_feeds_of(
    connection: sqlite3.Connection,
    leases: Sequence[HostLease],
    *,
    now: datetime,
    limit: int,
    sources: Collection[SourceId] | None,
    all_feeds: bool,
    exclude: Collection[FeedId],
) -> dict[HostKey, tuple[Feed, ...]]:
    """Return due feeds of those hosts whose lease holds."""
    at = microseconds(now)
    due: dict[HostKey, tuple[Feed, ...]] = {}
    for lease in leases:
        if connection.execute(_HELD, (lease.host, lease.token, at)).fetchone() is None:
            continue
        rows = connection.execute(_ASKABLE if all_feeds else _DUE, (lease.host, at))
        found = [
            feed
            for feed in map(feed_from_row, rows)
            if (sources is None or feed.source in sources) and feed.id not in exclude
        ]
        found.sort(key=lambda feed: (feed.next_poll_at, feed.id))
        due[lease.host] = tuple(found[:limit])
    return due


def next_due_at(
    connection: sqlite3.Connection,
    *,
    sources: Collection[SourceId] | None,
    all_feeds: bool,
    exclude: Collection[FeedId],
) -> datetime | None:
    """Return when the next of these feeds may be asked."""
    if sources is None and not all_feeds and not exclude:
        (at,) = connection.execute(_NEXT_DUE).fetchone()
    else:
        (at,) = connection.execute(
            _NEXT_WANTED,
            {"sources": _as_json(sources), "all": all_feeds, "exclude": _as_json(exclude)},
        ).fetchone()
    return as_time(at)


def reckon(connection: sqlite3.Connection, hosts: Collection[str]) -> None:
    """Bring the due times of hosts up to date with their feeds."""
    connection.executemany(_RECKON, [(host,) for host in hosts])


def _as_json(values: Collection[object] | None) -> str | None:
    return None if values is None else json.dumps(list(values))
