"""What publishing needs to know beyond the stories: the operator's configuration, and marks of headlines."""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from aggregator.model.identifiers import SourceId, TopicId
from aggregator.model.output import Audience
from aggregator.model.query import FiledEntry
from aggregator.model.source import Source
from aggregator.model.story import Story
from aggregator.model.topic import Topic


class HeadlineMarks(Protocol):
    """What an outlet says of its own article by the way it writes the headline."""

    @property
    def flash(self) -> bool:
        """Tell whether it is a 速報, to be followed by a report."""
        ...

    @property
    def correction(self) -> bool:
        """Tell whether it corrects an earlier report."""
        ...

    @property
    def paid(self) -> bool:
        """Tell whether the article is for subscribers."""
        ...

    @property
    def video(self) -> bool:
        """Tell whether it is a video."""
        ...


ReadMarks = Callable[[str, str | None, Sequence[str]], HeadlineMarks]
"""Reads the marks of a title, URL and categories."""

ChooseLead = Callable[
    [Sequence[FiledEntry], Mapping[SourceId, Source], Story | None, datetime, str], FiledEntry
]
"""Chooses among members, by sources, the story with its lead so far (None: none yet), now, language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishContext:
    """The configuration as publishing uses it, and the two judgements that grouping lends to it."""

    sources: Mapping[SourceId, Source]
    topics: Mapping[TopicId, Topic]
    mutes: tuple[tuple[tuple[str, ...], datetime | None], ...] = ()  # (words, until)
    public_url: str
    audience: Audience
    timezone: str  # an IANA name: of the times in items
    language: str  # of pages
    hub: str | None = None  # WebSub hub to name in outputs
    read_marks: ReadMarks
    choose_lead: ChooseLead

    def outlet(self, source: SourceId) -> str:
        """Return the name of a source as people read it; its id where it is no longer configured."""
        known = self.sources.get(source)
        return known.name if known is not None else source

    def marks(self, filed: FiledEntry) -> HeadlineMarks:
        """Return the marks of an entry."""
        return self.read_marks(filed.entry.title, filed.entry.url, filed.entry.categories)


def links_to_own_pages(ctx: PublishContext) -> bool:
    """Tell whether items may link to our pages: not while they are reachable from this machine only."""
    host = urlsplit(ctx.public_url).hostname or "localhost"
    if host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return True
    return not (address.is_loopback or address.is_unspecified)


def own_page(ctx: PublishContext, path: str) -> str:
    """Return the address of one of our pages or feeds, `path` without a leading slash."""
    return f"{ctx.public_url.rstrip('/')}/{path}"
