"""Stories and entries as pages show them: plain values made from what the store gives. No I/O.

What an output's items say is publishing's to decide; the same functions are asked here, so that a
page and a feed never differ in an outlet's time, address or summary.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aggregator.cluster.lead import choose_lead
from aggregator.cluster.marks import read_marks
from aggregator.model.identifiers import EntryId, SourceId
from aggregator.model.output import Audience
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.model.source import Access, FeedKind, Source
from aggregator.model.topic import Topic
from aggregator.publish.address import web_address
from aggregator.publish.reports import reported_at
from aggregator.publish.summary import headline_of, summary_of
from aggregator.text.normalise import fold, fold_with_offsets

OTHERS_SHOWN: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """One entry as a line: who said what, when."""

    entry: EntryId
    source: SourceId
    outlet: str
    note: str | None
    title: str
    url: str | None
    language: str | None
    at: datetime
    outlet_zone: str | None
    paid: bool
    kind: str
    revised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report with its copies behind it, and how long after the story's first it came."""

    line: ReportLine
    after: timedelta
    copies: tuple[ReportLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCard:
    """A story as lists show it."""

    id: str
    lead: ReportLine
    summary: str
    first_seen: datetime
    at: datetime
    others: tuple[ReportLine, ...]  # one a source, copies left out
    more: int  # sources beyond those
    independent: int
    copying: int  # sources that carry another's text only
    topics: tuple[tuple[str, str], ...]


class Outlets:
    """Sources by id, also those no longer configured."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = sources
        self.languages = sorted({source.language for source in sources if source.language})
        self.by_id: Mapping[SourceId, Source] = {source.id: source for source in sources}

    def get(self, source: SourceId) -> Source:
        """Return a source; one that left the configuration is known by its id alone."""
        return self.by_id.get(source) or Source(id=source, name=source, enabled=False)


def report_line(filed: FiledEntry, outlets: Outlets) -> ReportLine:
    """Return an entry as a line; one that says nothing by itself is named by outlet and day."""
    entry, source = filed.entry, outlets.get(filed.entry.source)
    at = reported_at(filed)
    marks = read_marks(entry.title, entry.url, entry.categories)
    return ReportLine(
        entry=entry.id,
        source=entry.source,
        outlet=source.label,
        note=source.note,
        title=headline_of(entry.title, entry.summary) or _outlet_and_day(source, at),
        url=web_address(entry.url),
        language=entry.language,
        at=at,
        outlet_zone=source.timezone,
        paid=marks.paid or source.access is Access.PAID,
        kind=FeedKind.VIDEO.value if marks.video else filed.feed_kind,
        revised=entry.revision > 0,
    )


def _outlet_and_day(source: Source, at: datetime) -> str:
    local = at.astimezone(ZoneInfo(source.timezone)) if source.timezone else at
    return f"{source.label} {local:%Y-%m-%d}"


def reports_of(story: StoryFile, outlets: Outlets) -> tuple[Report, ...]:
    """Return a story's reports in order of time, each with its copies; nothing is left out."""
    first = min(reported_at(filed) for filed in story.entries)
    return tuple(
        Report(
            line=report_line(original, outlets),
            after=reported_at(original) - first,
            copies=tuple(report_line(copy, outlets) for copy in copies),
        )
        for original, copies in _with_copies(story)
    )


def _with_copies(story: StoryFile) -> list[tuple[FiledEntry, list[FiledEntry]]]:
    """Return a story's reports in order of time, the copies behind each."""
    by_id = {filed.entry.id: filed for filed in story.entries}
    groups: dict[EntryId, list[FiledEntry]] = {}
    for filed in sorted(story.entries, key=_by_time):
        groups.setdefault(_original(filed, by_id), []).append(filed)
    reports = [
        (by_id[original], [copy for copy in group if copy.entry.id != original])
        for original, group in groups.items()
    ]
    return sorted(reports, key=lambda report: _by_time(report[0]))


def _by_time(filed: FiledEntry) -> tuple[datetime, EntryId]:
    return reported_at(filed), filed.entry.id


def _original(filed: FiledEntry, by_id: Mapping[EntryId, FiledEntry]) -> EntryId:
    """Return the entry at the end of a chain of copies, as far as the story holds it."""
    seen = [filed.entry.id]
    while (placement := by_id[seen[-1]].placement) is not None:
        earlier = placement.copy_of
        if earlier is None or earlier in seen or earlier not in by_id:
            break
        seen.append(earlier)
    return seen[-1]


def lead_for(
    story: StoryFile, sources: Mapping[SourceId, Source], language: str, now: datetime
) -> FiledEntry:
    """Return the report that stands for a story: one in the reader's language, if there is one."""
    if story.lead.entry.language == language:
        return story.lead
    in_language = [
        filed
        for filed in story.entries
        if filed.entry.language == language and filed.feed_kind == FeedKind.NEWS
    ]
    return choose_lead(in_language, sources, None, now, language) if in_language else story.lead


def story_card(
    story: StoryFile,
    lead: FiledEntry,
    outlets: Outlets,
    topics: Mapping[str, Topic],
    language: str,
    audience: Audience,
) -> StoryCard:
    """Return a story as lists show it."""
    others: dict[SourceId, FiledEntry] = {}
    for report, _ in _with_copies(story):
        if report.entry.source != lead.entry.source:
            others.setdefault(report.entry.source, report)
    shown = list(others.values())[:OTHERS_SHOWN]
    return StoryCard(
        id=story.story.id,
        lead=report_line(lead, outlets),
        summary=summary_of(lead.entry.summary, lead.entry.title, audience),
        first_seen=story.story.first_seen_at,
        at=story.story.updated_at,
        others=tuple(report_line(report, outlets) for report in shown),
        more=len(others) - len(shown),
        independent=story.story.independent,
        copying=max(0, len(story.story.sources) - story.story.independent),
        topics=topic_labels((match.topic for match in story.story.topics), topics, language),
    )


def topic_labels(
    ids: Iterable[str], topics: Mapping[str, Topic], language: str
) -> tuple[tuple[str, str], ...]:
    """Return topics with their names, each once; those no longer configured are left out."""
    return tuple((id, topics[id].name(language)) for id in dict.fromkeys(ids) if id in topics)


def highlight(text: str, words: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Return a text in pieces, each with whether it is one of the words searched for.

    Compared as the search compares: folded, so that 岸恵子 marks 岸惠子.
    """
    folded = fold_with_offsets(text)
    spans: list[tuple[int, int]] = []
    for word in filter(None, map(fold, words)):
        start = folded.text.find(word)
        while start >= 0:
            spans.append(folded.span(start, start + len(word)))
            start = folded.text.find(word, start + len(word))
    pieces: list[tuple[str, bool]] = []
    done = 0
    for start, end in sorted(spans):
        if start >= done:
            pieces += [(text[done:start], False), (text[start:end], True)]
            done = end
    pieces.append((text[done:], False))
    return tuple(piece for piece in pieces if piece[0])
