"""What came in of one story during a span, and how much it weighs in a digest."""

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aggregator.digest.context import DigestContext
from aggregator.digest.headline import best_headline, in_language, most_typical
from aggregator.digest.relevance import belonging, has_topic, is_on_topic
from aggregator.model.identifiers import SourceId, TopicId
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.model.source import FeedKind
from aggregator.model.story import Story

_SHOWS: Final = re.compile(r"^Watch [A-Z]|, (?:and )?[Mm]ore$")
"""A broadcaster's video, or its news in brief, in English as Bloomberg titles them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when (inclusive) to when (exclusive)."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A story as it stood at the end of the span."""

    story: Story
    reports: tuple[FiledEntry, ...]  # all until then that belong to it
    fresh: tuple[FiledEntry, ...]  # those of the span
    lead: FiledEntry
    is_new: bool  # it began in the span
    importance: float
    folded: tuple["News", ...] = ()  # related stories, told in the same section

    @property
    def outlets(self) -> tuple[SourceId, ...]:
        """Return its outlets, each once, those of folded stories too."""
        return tuple(dict.fromkeys(filed.entry.source for filed in self.all_reports))

    @property
    def all_reports(self) -> tuple[FiledEntry, ...]:
        """Return the reports of the story and of those folded under it."""
        return self.reports + tuple(f for other in self.folded for f in other.reports)

    @property
    def all_fresh(self) -> tuple[FiledEntry, ...]:
        """Return the reports of the span, those of folded stories too."""
        return self.fresh + tuple(f for other in self.folded for f in other.fresh)


def news_of(
    files: Sequence[StoryFile], topics: Collection[TopicId], span: Span, ctx: DigestContext
) -> list[News]:
    """Return what came in of each story on the topics, the most important first."""
    found = [one for file in files if (one := _news(file, topics, span, ctx)) is not None]
    return sorted(found, key=lambda one: (-one.importance, one.story.id))


def _news(
    file: StoryFile, topics: Collection[TopicId], span: Span, ctx: DigestContext
) -> News | None:
    known = [f for f in file.entries if f.entry.first_seen_at < span.until]
    if file.story.muted or not any(is_fresh(f, span) for f in known):
        return None
    lead = _lead(file, known, ctx)
    if topics:
        if not is_on_topic(known, lead, topics):
            return None
        own = [f for f in known if has_topic(f, topics)]
        lead = lead if lead in own else _lead(file, own, ctx)
    reports = belonging(known, lead, topics)
    fresh = tuple(f for f in reports if is_fresh(f, span))
    if not fresh:
        return None
    is_new = min(f.entry.first_seen_at for f in reports) >= span.since
    return News(
        story=file.story,
        reports=reports,
        fresh=fresh,
        lead=_headline_report(lead, reports, fresh, ctx),
        is_new=is_new,
        importance=_importance(reports, fresh, lead, span, ctx, is_new=is_new),
    )


def _headline_report(
    lead: FiledEntry, reports: Sequence[FiledEntry], fresh: Sequence[FiledEntry], ctx: DigestContext
) -> FiledEntry:
    """Return the report whose headline tells the story: the lead where it is a report of the span.

    Of a story that goes on, a report of the span says what happened since; one that the reader cannot
    read says less than the lead.
    """
    if lead in fresh and (is_report(lead, ctx) or not any(is_report(f, ctx) for f in fresh)):
        return best_headline(lead, reports, ctx)
    readable = [filed for filed in fresh if in_language(filed, ctx.language)]
    if not readable:
        return best_headline(lead, reports, ctx)
    told = [f for f in readable if f.feed_kind == FeedKind.NEWS and is_report(f, ctx)]
    if not told and in_language(lead, ctx.language) and is_report(lead, ctx):
        return lead
    return most_typical(told or readable, ctx)


def is_fresh(filed: FiledEntry, span: Span) -> bool:
    """Tell whether a report came in during a span; what a source's first poll brought of old does not."""
    entry = filed.entry
    old = entry.first_poll and entry.published is not None and entry.published < span.since
    return span.since <= entry.first_seen_at < span.until and not old


def _lead(file: StoryFile, known: Sequence[FiledEntry], ctx: DigestContext) -> FiledEntry:
    """Return the story's lead, or who would have led when what is known was all there was."""
    for filed in known:
        if filed.entry.id == file.story.lead:
            return filed
    return min(
        known,
        key=lambda f: (
            not in_language(f, ctx.language),
            f.feed_kind != FeedKind.NEWS,
            not is_report(f, ctx),
            ctx.marks(f).flash,
            f.entry.first_seen_at,
            f.entry.id,
        ),
    )


def _importance(
    reports: Sequence[FiledEntry],
    fresh: Sequence[FiledEntry],
    lead: FiledEntry,
    span: Span,
    ctx: DigestContext,
    *,
    is_new: bool,
) -> float:
    """Return how much a story weighs: independent outlets, change since last time, freshness."""
    readable = any(in_language(f, ctx.language) for f in reports)
    newest = max(f.entry.first_seen_at for f in fresh)
    freshness = (newest - span.since) / (span.until - span.since)
    weight = max((s.weight for f in reports if (s := ctx.sources.get(f.entry.source))), default=1.0)
    return (
        math.log2(1 + independent_outlets(reports))
        + 0.5 * math.log2(1 + independent_outlets(fresh))
        + 0.4 * is_new
        + 0.3 * freshness
        + 0.1 * min(weight, 3.0)
        + 0.2 * math.log2(len(fresh))
        - 3.0 * (not readable)  # what the reader can read comes first
        - 0.6 * (not is_report(lead, ctx))
        - 1.5 * _is_bulletin(lead)
    )


def is_report(filed: FiledEntry, ctx: DigestContext) -> bool:
    """Tell whether something reports an event in words: comment, series and videos do not."""
    marks = ctx.marks(filed)
    shows = marks.video or _SHOWS.search(filed.entry.title) is not None
    return not (marks.analysis or marks.series or shows)


def _is_bulletin(filed: FiledEntry) -> bool:
    """Tell whether it is one of many alike: a quake of intensity 1, the dollar at noon."""
    placement = filed.placement
    return placement is not None and any("bulletin" in g for g in placement.decision.guards)


def independent_outlets(reports: Sequence[FiledEntry]) -> int:
    """Return how many outlets report in their own words; at least one."""
    own = {
        filed.entry.source
        for filed in reports
        if filed.placement is None or filed.placement.independent
    }
    return max(1, len(own))
