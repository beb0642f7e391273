"""An output: a feed we publish; and an item of it, frozen until a milestone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from aggregator.model.entry import Enclosure
from aggregator.model.identifiers import EntryId, OutputId, SourceId, StoryId, TopicId


class Items(StrEnum):
    """What one item of an output is."""

    STORIES = "stories"
    ENTRIES = "entries"


class Updates(StrEnum):
    """Whether a major turn of a story makes an item of its own."""

    SILENT = "silent"
    AGAIN = "again"


class Audience(StrEnum):
    """How much of others' text is shown."""

    PRIVATE = "private"
    TEAM = "team"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Whom to tell, once per story."""

    url: str
    kind: str = "ntfy"  # ntfy | webhook
    min_independent: int = 1
    quiet: tuple[int, int] | None = None  # minutes of the day, from and to, in settings.timezone
    max_per_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A feed we publish, as outputs.yaml defines it."""

    id: OutputId
    title: str
    topics: tuple[TopicId, ...] = ()  # any of them; empty: every story
    sources: tuple[SourceId, ...] = ()  # these only; empty: all
    languages: tuple[str, ...] = ()
    language: str = "ja"  # the lead and all labels, whenever a report in it exists
    min_sources: int = 1
    exclude: tuple[str, ...] = ()
    items: Items = Items.STORIES
    limit: int = 100
    max_age: timedelta = timedelta(days=14)
    backfill: timedelta = timedelta(hours=24)
    per_source: int | None = None
    updates: Updates = Updates.SILENT
    title_form: str = "{title}"
    private: bool = False
    notify: Notify | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Another outlet's report as one line of an item."""

    entry: EntryId
    source: SourceId
    outlet: str
    title: str
    url: str | None
    at: datetime
    language: str | None
    paid: bool = False
    kind: str = "news"
    copies: tuple[str, ...] = ()  # outlets that carry the same text


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of an output as it was last rendered: RSS, Atom and JSON Feed say the same from it.

    Kept with its output and replaced only at a milestone, so that its bytes change only when
    `updated` changes.
    """

    id: str  # urn:uuid:..., for the life of the story
    story: StoryId
    url: str | None  # the lead's article at its outlet
    title: str
    html: str  # the content, complete and clean
    summary: str  # plain text
    outlet: str
    source: SourceId
    feed_title: str  # of the lead's feed
    feed_url: str
    language: str | None
    published: datetime  # whole seconds, distinct within the output
    updated: datetime  # the same
    topics: tuple[tuple[TopicId, str], ...]  # (id, label)
    related: tuple[Report, ...] = ()
    sources: tuple[SourceId, ...] = ()
    entries: tuple[EntryId, ...] = ()
    image: str | None = None
    enclosure: Enclosure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """An item in its output, with what decides when it may change."""

    output: OutputId
    item: Item
    lead: EntryId
    lead_since: datetime
    independent: int  # sources at the last milestone
    milestones: tuple[datetime, ...] = ()  # of the last day: at most six
    left: bool = False  # not shown any more; by age or limit: never returns
    hidden: bool = (
        False  # left because muted, withdrawn or no longer matching: returns with the cause
    )
    notified: bool = False
    archived: bool = False  # stands in an archive page (RFC 5005) of its output
