"""A source: a publisher the operator chose, with its feeds. In text that people read: the outlet."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from aggregator.model.identifiers import FeedUrl, SourceId


class Access(StrEnum):
    """How much of a source's articles can be read without paying."""

    FREE = "free"
    MIXED = "mixed"
    PAID = "paid"


class FeedKind(StrEnum):
    """What a feed carries; video and audio never lead a story."""

    NEWS = "news"
    VIDEO = "video"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """One feed as the operator listed it."""

    url: FeedUrl
    every: timedelta | None = None  # a fixed interval instead of the adaptive one
    kind: FeedKind = FeedKind.NEWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A publisher as the operator described it in sources.yaml."""

    id: SourceId
    name: str  # as people read it
    short: str | None = None
    note: str | None = None  # shown beside the name
    homepage: str | None = None
    language: str | None = None  # of its entries; None: detected per entry
    timezone: str | None = None  # for dates without a zone; an IANA name
    weight: float = 1.0  # 0 to 10: which entry leads a story
    access: Access = Access.FREE
    fold: bool = True  # False: never fold its entries into another source's story
    full_text: bool = False
    images: bool = False
    enabled: bool = True
    keep_query: tuple[str, ...] = ()  # query parameters that are identity
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # may hold secrets
    feeds: tuple[FeedSpec, ...] = ()

    @property
    def label(self) -> str:
        """Return the short name where there is one."""
        return self.short or self.name
