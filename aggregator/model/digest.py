"""A digest: a readable summary of a topic; an edition is one issue of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from aggregator.model.identifiers import EntryId, SourceId, StoryId


class EditionKind(StrEnum):
    """When a digest appears."""

    DAILY = "daily"
    MORNING = "morning"
    EVENING = "evening"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionTime:
    """One regular time of a digest, in the reader's zone."""

    kind: EditionKind
    hour: int
    minute: int
    weekday: int | None = None  # weekly only; Monday is 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPlan:
    """A digest as outputs.yaml asks for it."""

    subject: str  # a topic's id, several joined by "+", or an output's id
    topics: tuple[str, ...] = ()
    output: str | None = None  # one digest in sections, one per topic of this output
    editions: tuple[EditionTime, ...] = ()
    note_when_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPoint:
    """A sentence of a report, word for word, with its credit."""

    text: str
    entry: EntryId
    field: str  # title | summary | content | article
    start: int  # span in that field's plain text, in code points
    end: int
    text_hash: int  # of that plain text, so that the span can be proved later
    outlet: str
    at: datetime
    also: tuple[str, ...] = ()  # outlets that report the same fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One link to read on."""

    outlet: str
    title: str
    url: str  # "" where the report has none
    paid: bool = False
    entry: EntryId | None = None  # so that a withdrawn report can be found again


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One story in a digest."""

    story: StoryId
    headline: str
    published: datetime
    updated: datetime | None  # where it differs
    points: tuple[KeyPoint, ...]
    readings: tuple[Reading, ...]
    sources: tuple[SourceId, ...]
    correction: str | None = None
    topic: str | None = None  # its name, where a digest is in sections by topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """One line of how it came to this."""

    story: StoryId
    at: datetime
    headline: str
    outlet: str
    url: str | None
    entry: EntryId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One digest, composed; pages, feeds, Markdown and text are rendered from it."""

    subject: str
    title: str
    language: str
    kind: EditionKind
    day: date
    since: datetime
    until: datetime
    changed: str  # "what changed", from a template
    sections: tuple[Section, ...]
    background: tuple[Earlier, ...]
    top: tuple[tuple[str, int, str | None], ...]  # (headline, outlets, url), three at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A digest that was published: immutable, corrections are a new revision."""

    subject: str
    name: str  # 2026-11-23-daily
    revision: int
    published_at: datetime  # of its first revision
    digest: Digest
    revised_at: datetime | None = None  # of this revision, where it is not the first


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPlace:
    """An edition, and the names of those before and after it."""

    edition: Edition
    earlier: str | None
    later: str | None
