"""An article's page: which one is wanted, and what came of asking for it, once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.model.identifiers import EntryId, SourceId


class PageRead(StrEnum):
    """What a page turned out to be."""

    TEXT = "text"  # an article that can be read whole
    PAYWALL = "paywall"  # for members or subscribers: left alone
    SHORT = "short"  # a teaser, a video, a gallery: no more than the feed says
    OTHER = "other"  # not a web page, or one without an article


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedArticle:
    """An entry whose page is to be asked for."""

    entry: EntryId
    source: SourceId
    url: str
    title: str
    language: str | None
    tries: int = 0  # so far


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What came of asking for an entry's page."""

    entry: EntryId
    fetched_at: datetime
    outcome: str  # a PageRead, or the kind of a failure
    text: str = ""  # of the article, a line a paragraph; never shown but for quoted sentences
    tries: int = 1
    again_at: datetime | None = None  # when it is tried again; None: never
