"""Questions to the archive and their answers: the pages, the API, the outputs and the terminal ask the same."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from aggregator.model.entry import Entry
from aggregator.model.feed import FeedStanding
from aggregator.model.identifiers import EntryId, FeedId, OutputId, SourceId, StoryId, TopicId
from aggregator.model.story import Placement, Story
from aggregator.model.topic import TopicMatch

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryQuery:
    """Which stories; empty means all. Newest `updated_at` first, then by id."""

    topics: tuple[TopicId, ...] = ()  # any of them
    sources: tuple[SourceId, ...] = ()  # with an entry of any of them
    languages: tuple[str, ...] = ()  # with an entry in any of them
    updated_since: datetime | None = None
    updated_before: datetime | None = None
    muted: bool = False  # True: muted ones too
    output: OutputId | None = (
        None  # with an item that this output shows, or showed until it grew old
    )
    min_independent: int = 1  # sources that report of their own
    widest: bool = False  # those that most sources report of their own come first; no cursor then
    cursor: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryQuery:
    """Which entries; newest first seen first, then by id."""

    sources: tuple[SourceId, ...] = ()
    topics: tuple[TopicId, ...] = ()
    languages: tuple[str, ...] = ()
    feed: FeedId | None = None
    since: datetime | None = None  # first seen at or after
    before: datetime | None = None
    cursor: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """Words to find in titles and summaries; all must occur. Newest first."""

    text: str
    sources: tuple[SourceId, ...] = ()
    languages: tuple[str, ...] = ()
    since: datetime | None = None
    before: datetime | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some answers, and where to go on."""

    items: tuple[T, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledEntry:
    """An entry with what was understood of it."""

    entry: Entry
    feed_url: str
    feed_title: str | None
    feed_kind: str  # news | video | audio
    placement: Placement | None  # None: still in the log
    topics: tuple[TopicMatch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFile:
    """A story with all its entries, withdrawn ones left out: what publishing and pages work on."""

    story: Story
    entries: tuple[FiledEntry, ...]  # in order of arrival

    @property
    def lead(self) -> FiledEntry:
        """Return the entry that stands for the story."""
        for filed in self.entries:
            if filed.entry.id == self.story.lead:
                return filed
        return self.entries[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowEntry:
    """An entry of the window with its place: what a replay works on."""

    entry: Entry
    placement: Placement
    feed_kind: str


class WindowRow(NamedTuple):  # a tuple: made for every entry of a restart
    """What the live index needs to take an entry up again after a restart."""

    entry: EntryId
    source: SourceId
    story: StoryId
    copy_of: EntryId | None = None
    credit: str | None = None
    reading: int | None = None  # of the sketch; None: none is kept
    sketch: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Counts, at least these."""

    sources: int
    feeds: int
    entries: int  # every stored one, copies included
    copies: int
    stories: int
    store_bytes: int
    log: int = 0  # entries not yet understood
    withdrawn: int = 0
    by_source: tuple[tuple[SourceId, int], ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSummary:
    """The enabled feeds at a glance, without reading each."""

    standings: tuple[tuple[FeedStanding, int], ...] = ()  # how many stand so; none of zero
    troubled: tuple[SourceId, ...] = ()  # sources with a feed that is neither new nor ok, in order

    @property
    def feeds(self) -> int:
        """Return how many there are."""
        return sum(count for _, count in self.standings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Where an id led: a story that was joined to another redirects."""

    story: StoryId
    redirected_from: StoryId | None = None
    entry: EntryId | None = None
