"""What digests need to know beyond the stories: for whom, in which language, and what others judge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from aggregator.model.identifiers import EntryId, SourceId
from aggregator.model.output import Audience
from aggregator.model.query import FiledEntry
from aggregator.model.source import Access, Source


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
    def analysis(self) -> bool:
        """Tell whether it comments on an event and does not report it."""
        ...

    @property
    def video(self) -> bool:
        """Tell whether it is a video."""
        ...

    @property
    def series(self) -> bool:
        """Tell whether it is one part of a series, or an editorial column."""
        ...

    @property
    def paid(self) -> bool:
        """Tell whether the article is for subscribers."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestContext:
    """The configuration as digests use it, and the judgements that other stages lend to them."""

    language: str  # ja | en
    zone: ZoneInfo
    audience: Audience
    sources: Mapping[SourceId, Source] = field(default_factory=dict)
    read_marks: Callable[[str, str | None, Sequence[str]], HeadlineMarks]
    web_address: Callable[[str | None], str | None]  # a URL as a link may carry it
    plain_line: Callable[[str], str]  # a stranger's text as one safe line
    articles: Mapping[EntryId, str] = field(default_factory=dict)  # text of article pages

    def outlet(self, source: SourceId) -> str:
        """Return the name of a source as people read it."""
        known = self.sources.get(source)
        return self.plain_line(known.name if known is not None else source)

    def marks(self, filed: FiledEntry) -> HeadlineMarks:
        """Return the marks of a report."""
        return self.read_marks(filed.entry.title, filed.entry.url, filed.entry.categories)

    def is_paid(self, filed: FiledEntry) -> bool:
        """Tell whether a report is for subscribers."""
        source = self.sources.get(filed.entry.source)
        return self.marks(filed).paid or (source is not None and source.access is Access.PAID)

    def reported_at(self, filed: FiledEntry) -> datetime:
        """Return the time that readers see of a report: its own, unless that lay in the future."""
        entry = filed.entry
        if entry.published is not None and entry.published <= entry.first_seen_at:
            return entry.published
        return entry.first_seen_at
