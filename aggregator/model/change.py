"""What was decided, for the store to apply: each batch in one transaction, or not at all."""

from dataclasses import dataclass, field
from datetime import datetime

from aggregator.model.entry import Entry
from aggregator.model.feed import Feed
from aggregator.model.identifiers import EntryId, FeedId, HostKey, OutputId, StoryId
from aggregator.model.output import Publication
from aggregator.model.story import Correction, Placement, Sketch, Story
from aggregator.model.topic import TopicMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLease:
    """That a host is ours for a while; the token proves it when we commit."""

    host: HostKey
    token: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """A new entry, or a stored one whose text changed: the store then keeps what it said before."""

    entry: Entry
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRecord:
    """One line of a feed's history."""

    feed: FeedId
    at: datetime
    outcome: str  # fetched | not_modified | a FetchFailed.kind
    new: int = 0
    updated: int = 0
    received: int = 0  # bytes
    seconds: float = 0.0
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedChange:
    """All that one poll of one feed changes."""

    feed: Feed  # as it is to be; its poll_seq is one more than the stored one
    entries: tuple[EntryChange, ...] = ()
    record: PollRecord
    touched: tuple[
        EntryId, ...
    ] = ()  # seen again unchanged in what a reader sees: only hashes move


@dataclass(frozen=True, slots=True, kw_only=True)
class HostCommit:
    """What was polled of one host under one lease."""

    lease: HostLease
    changes: tuple[FeedChange, ...]
    release: bool = True
    next_allowed_at: datetime | None = None  # spacing, or a whole host's Retry-After


@dataclass(frozen=True, slots=True, kw_only=True)
class LogItem:
    """An entry that waits to be understood."""

    seq: int
    entry: Entry
    changed: bool  # it was understood before and its text changed since


@dataclass(frozen=True, slots=True, kw_only=True)
class LogBatch:
    """Entries that wait to be understood, under a token that proves we are the one consumer."""

    token: int
    items: tuple[LogItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryChange:
    """All that understanding a batch of entries changes."""

    consumed: tuple[int, ...] = ()  # log rows, deleted in the same transaction
    token: int | None = None  # of the batch; None for corrections, retag and regroup
    placements: tuple[Placement, ...] = ()
    topics: tuple[tuple[EntryId, tuple[TopicMatch, ...]], ...] = ()  # replaced for each entry named
    stories: tuple[Story, ...] = ()  # as they are to be
    redirects: tuple[
        tuple[StoryId, StoryId], ...
    ] = ()  # (from, to): joined stories live on elsewhere
    corrections: tuple[Correction, ...] = ()
    withdrawn: tuple[EntryId, ...] = ()
    sketches: tuple[Sketch, ...] = ()  # of the live index, as they are to be
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputChange:
    """What republishing an output changes in the store."""

    output: OutputId
    publications: tuple[Publication, ...] = field(default=())
