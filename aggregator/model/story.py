"""A story: entries, usually of several sources, that report the same event; and why they do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.model.identifiers import EntryId, SourceId, StoryId, TopicId
from aggregator.model.topic import TopicMatch


class Layer(StrEnum):
    """Which layer of recognition placed an entry; kept with its score and reason, and undoable."""

    FIRST = "first"  # opened the story
    URL = "url"  # same canonical URL as another entry
    TITLE = "title"  # same outlet, same headline, within two days
    TEXT = "text"  # near-identical text: wire copy
    STORY = "story"  # reports the same event
    HAND = "hand"  # a person said so


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """An entry that spoke for a decision."""

    entry: EntryId
    cosine: float
    shared: tuple[str, ...] = ()  # the heaviest terms they share


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Why an entry is where it is: enough to explain it later without the index."""

    layer: Layer
    score: float = 0.0
    threshold: float = 0.0
    decay: float = 1.0
    neighbours: tuple[Neighbour, ...] = ()
    runner_up: StoryId | None = None
    runner_up_score: float = 0.0
    guards: tuple[str, ...] = ()  # what kept it apart, in words: "bulletin series", "live page" ...
    related: tuple[StoryId, ...] = ()  # near, not folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where one entry belongs."""

    entry: EntryId
    story: StoryId
    copy_of: EntryId | None = None
    independent: bool = True  # False for wire copy: outlets are counted apart from sources of news
    credit: str | None = None  # the agency named in the text
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What the live index needs of an entry, so that a restart need not read its text again."""

    entry: EntryId
    reading: int  # how it was made; made in another way it is worth nothing
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story as it stands."""

    id: StoryId
    lead: EntryId
    lead_since: datetime
    title: str  # the lead's
    language: str | None  # the lead's
    entries: tuple[EntryId, ...]  # in order of arrival, copies included
    sources: tuple[SourceId, ...]  # in order of arrival, each once
    independent: int  # sources whose report is not a copy of another's
    topics: tuple[TopicMatch, ...] = ()
    saga: StoryId | None = None  # an earlier story that this one follows
    related: tuple[StoryId, ...] = ()
    muted: bool = False
    first_seen_at: datetime  # of its first entry
    updated_at: datetime  # of its newest entry, or of the last change of lead or text

    def has(self, topic: TopicId) -> bool:
        """Tell whether the story has a topic."""
        return any(match.topic == topic for match in self.topics)


class Hand(StrEnum):
    """What a person can decide; it wins over the machine for ever."""

    SPLIT = "split"  # this entry is a story of its own
    JOIN = "join"  # these two stories are one
    MUTE = "mute"  # hide this story from every output
    WITHDRAW = "withdraw"  # this URL or entry never comes back


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One decision of a person."""

    hand: Hand
    subject: str  # entry id, story id or canonical URL
    object: str | None = None  # join: the story that lives on
    at: datetime
