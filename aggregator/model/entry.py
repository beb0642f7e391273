"""An entry: one item of one feed. As its document had it, and as we keep it."""

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.feed import FeedHints
from aggregator.model.identifiers import (
    CanonicalUrl,
    EntryHash,
    EntryId,
    EntryKey,
    FeedId,
    Fingerprint,
    SourceId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that comes with an entry."""

    url: str
    type: str | None = None
    length: int = 0  # bytes; 0 where unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One item as its document has it: decoded, absolute URLs, cleaned; nothing decided yet."""

    guid: str | None = None
    url: str | None = None  # absolute http(s); None where there is none
    title: str = ""  # plain text, one line
    summary: str = ""  # plain text
    content: str = (
        ""  # clean HTML (parse/markup.py); "" where the feed has no more than the summary
    )
    author: str | None = None
    published: datetime | None = None  # aware UTC, as given (perhaps in the future)
    updated: datetime | None = None
    language: str | None = None
    categories: tuple[str, ...] = ()
    image: str | None = None  # a thumbnail's URL
    enclosures: tuple[Enclosure, ...] = ()
    hash: EntryHash  # over the entry's own bytes and what it inherits from its document


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """One document: what it says of itself, and its entries in document order."""

    format: str  # rss20 rss10 rss09 atom10 atom03 json ...
    title: str | None = None
    homepage: str | None = None
    language: str | None = None
    hints: FeedHints
    entries: tuple[ParsedEntry, ...]  # those whose hash was not known beforehand
    hashes: frozenset[EntryHash]  # of every entry in the document, skipped ones too
    total: int  # entries in the document
    dropped: int = 0  # entries beyond the limit per document
    malformed: str | None = None  # what was wrong with the document, where it could still be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as we keep it."""

    id: EntryId
    feed: FeedId
    source: SourceId
    key: EntryKey
    guid: str | None
    url: str | None
    canonical_url: CanonicalUrl | None
    title: str
    summary: str
    content: str
    author: str | None
    published: datetime | None  # as given
    updated: datetime | None
    language: str | None  # two letters; declared, or detected by script
    categories: tuple[str, ...]
    image: str | None
    enclosures: tuple[Enclosure, ...]
    hash: EntryHash
    fingerprint: Fingerprint
    first_seen_at: datetime  # the `now` of the stage that first saw it (an import: its own time)
    stored_at: datetime  # by the real clock; retention counts from here
    first_poll: bool = False  # came with its source's first poll: only fresh ones make items
    revision: int = 0  # how often its fingerprint has changed
    withdrawn: bool = False

    def time(self, window_start: datetime) -> datetime:
        """Return the time used for grouping: `published` where it can be trusted, else first seen."""
        if self.published is not None and window_start <= self.published <= self.first_seen_at:
            return self.published
        return self.first_seen_at


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """The little that identify needs of an entry that is already stored."""

    id: EntryId
    fingerprint: Fingerprint
    hash: EntryHash
    revision: int
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an entry said before it changed."""

    entry: EntryId
    number: int  # 0 is the first text
    replaced_at: datetime
    title: str
    summary: str
    content: str
