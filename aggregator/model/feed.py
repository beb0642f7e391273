"""A feed: one document at one URL that we poll, and all that we remember of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from aggregator.model.identifiers import EntryHash, FeedId, FeedUrl, HostKey, SourceId
from aggregator.model.source import FeedKind


class KeyPolicy(StrEnum):
    """What makes an entry of this feed the same next time, best first; it only ever degrades."""

    ID = "id"  # guid or atom:id
    LINK = "link"  # canonical link
    LINK_TITLE = "link+title"  # one link for many entries
    FINGERPRINT = "fingerprint"


class FeedStanding(StrEnum):
    """What an operator should know of a feed at a glance."""

    NEW = "new"  # never polled
    OK = "ok"
    FAILING = "failing"  # errors that may pass
    REFUSED = "refused"  # 401, 403, a bot wall: an ordinary, visible state
    MISSING = "missing"  # 404
    GONE = "gone"  # 410, seen twice: not polled until the operator says so
    QUARANTINED = "quarantined"  # another publisher's feed seems to answer here


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave us to ask again with: opaque, echoed byte for byte (RFC 9110 13.1)."""

    etag: str | None = None
    last_modified: str | None = None
    url: str | None = None  # the final URL they belong to; sent nowhere else

    def __bool__(self) -> bool:
        """Tell whether there is anything to send."""
        return self.etag is not None or self.last_modified is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHints:
    """What the publisher asked for inside the document; advice, never a command to stop."""

    ttl: timedelta | None = None  # RSS ttl, or sy:updatePeriod / sy:updateFrequency as an interval
    skip_hours: frozenset[int] = frozenset()  # hours of the day in GMT
    skip_days: frozenset[int] = frozenset()  # Monday is 0
    hub: str | None = None  # WebSub hub
    self_url: str | None = None  # WebSub topic


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalHistory:
    """What a feed's cadence is computed from: how many entries came when (schedule/cadence.py)."""

    by_hour: tuple[float, ...] = (0.0,) * 24  # decayed count of new entries per hour of day, UTC
    observed_days: float = 0.0  # decayed number of days behind `by_hour`
    window: int = 0  # entries in the last document
    overlap: float = 1.0  # share of the last document that was already known
    last_arrival_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as the store knows it, before a poll and, replaced, after it."""

    id: FeedId
    source: SourceId
    url: FeedUrl  # as configured: the feed's identity
    host: HostKey
    kind: FeedKind = FeedKind.NEWS
    every: timedelta | None = None
    enabled: bool = True
    title: str | None = None
    homepage: str | None = None
    language: str | None = None
    validators: Validators = field(default_factory=Validators)
    body_hash: int | None = None  # of the last 200's decoded body
    entry_hashes: frozenset[EntryHash] = frozenset()  # of the entries in the last document
    key_policy: KeyPolicy = KeyPolicy.ID
    hints: FeedHints = field(default_factory=FeedHints)
    arrivals: ArrivalHistory = field(default_factory=ArrivalHistory)
    standing: FeedStanding = FeedStanding.NEW
    failures: int = 0  # in a row
    failure: str | None = None  # the last one in plain words, while it lasts
    failing_since: datetime | None = None
    next_poll_at: datetime  # our own plan
    not_before: datetime | None = None  # what the publisher asked for; `poll --all` keeps to it too
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    last_change_at: datetime | None = None  # when a poll last brought something new
    poll_seq: int = 0  # polls so far; compared and set, so that a stale result is refused
    moved_to: str | None = None  # where permanent redirects point
    moved_seen: int = 0
    moved_since: datetime | None = None
    signature: str | None = None  # link hosts, language and authors in short: who publishes here
    first_seen_at: datetime
    # Since and until when a hub has promised to tell us of news; polls leave both as they are.
    pushed_since: datetime | None = None
    pushed_until: datetime | None = None
