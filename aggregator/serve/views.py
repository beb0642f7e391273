"""Stories and entries as pages show them: plain values made from what the store gives. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aggregator.model.identifiers import EntryId, SourceId
from aggregator.model.output import Audience
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.model.source import Access, Source
from aggregator.model.topic import Topic
from aggregator.text.normalise import fold, fold_with_offsets
from aggregator.text.script import is_cjk

OTHERS_SHOWN: Final = 6
SNIPPET: Final = (
    100  # characters of others' text beyond a private audience (interface.md, Audience)
)


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
    after: timedelta  # behind the story's first report
    outlet_zone: str | None
    paid: bool
    kind: str
    copies: tuple["ReportLine", ...] = ()
    credit: str | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCard:
    """A story as lists show it."""

    id: str
    lead: ReportLine
    summary: str
    at: datetime
    others: tuple[ReportLine, ...]  # one a source, copies left out
    more: int  # sources beyond those
    independent: int
    copying: int  # sources that carry another's text only
    reports: int
    topics: tuple[tuple[str, str], ...]


class Outlets:
    """Sources by id, also those no longer configured."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources: Mapping[SourceId, Source] = {source.id: source for source in sources}

    def get(self, source: SourceId) -> Source:
        """Return a source; one that left the configuration is known by its id alone."""
        return self._sources.get(source) or Source(id=source, name=source, enabled=False)


def time_of(filed: FiledEntry) -> datetime:
    """Return when a report appeared: as published, unless that is unknown or in the future."""
    entry = filed.entry
    if entry.published is None or entry.published > entry.first_seen_at:
        return entry.first_seen_at
    return entry.published


def report_line(filed: FiledEntry, outlets: Outlets, first: datetime) -> ReportLine:
    """Return an entry as a line."""
    entry, source = filed.entry, outlets.get(filed.entry.source)
    at = time_of(filed)
    return ReportLine(
        entry=entry.id,
        source=entry.source,
        outlet=source.label,
        note=source.note,
        title=entry.title,
        url=entry.url,
        language=entry.language,
        at=at,
        after=max(at - first, timedelta(0)),
        outlet_zone=source.timezone,
        paid=source.access is Access.PAID,
        kind=filed.feed_kind,
        credit=filed.placement.credit if filed.placement else None,
        changed=entry.revision > 0,
    )


def report_lines(story: StoryFile, outlets: Outlets) -> tuple[ReportLine, ...]:
    """Return a story's reports in order of time, each with its copies behind it."""
    first = min(time_of(filed) for filed in story.entries)
    present = {filed.entry.id for filed in story.entries}
    own: list[FiledEntry] = []
    copies: dict[EntryId, list[ReportLine]] = {}
    for filed in sorted(story.entries, key=lambda filed: (time_of(filed), filed.entry.id)):
        original = filed.placement.copy_of if filed.placement else None
        if original is not None and original in present and original != filed.entry.id:
            copies.setdefault(original, []).append(report_line(filed, outlets, first))
        else:
            own.append(filed)
    return tuple(_with_copies(report_line(filed, outlets, first), copies) for filed in own)


def _with_copies(line: ReportLine, copies: Mapping[EntryId, list[ReportLine]]) -> ReportLine:
    # A copy of a copy names its nearest original: the whole chain is one line.
    found: list[ReportLine] = []
    waiting = [line.entry]
    while waiting:
        for copy in copies.get(waiting.pop(), ()):
            found.append(copy)
            waiting.append(copy.entry)
    if not found:
        return line
    return ReportLine(
        **{name: getattr(line, name) for name in ReportLine.__slots__ if name != "copies"},
        copies=tuple(sorted(found, key=lambda copy: (copy.at, copy.entry))),
    )


def story_card(
    story: StoryFile,
    outlets: Outlets,
    topics: Mapping[str, Topic],
    language: str,
    audience: Audience,
) -> StoryCard:
    """Return a story as lists show it."""
    lead = story.lead
    lines = report_lines(story, outlets)
    others = _one_per_source(lines, lead.entry.source)
    first = min(time_of(filed) for filed in story.entries)
    return StoryCard(
        id=story.story.id,
        lead=report_line(lead, outlets, first),
        summary=snippet(lead.entry.summary, lead.entry.title, audience),
        at=story.story.updated_at,
        others=others[:OTHERS_SHOWN],
        more=len(others[OTHERS_SHOWN:]),
        independent=story.story.independent,
        copying=max(0, len(story.story.sources) - story.story.independent),
        reports=len(story.entries),
        topics=topic_labels((match.topic for match in story.story.topics), topics, language),
    )


def _one_per_source(lines: Sequence[ReportLine], without: SourceId) -> tuple[ReportLine, ...]:
    found: dict[SourceId, ReportLine] = {}
    for line in lines:
        if line.source != without:
            found.setdefault(line.source, line)
    return tuple(found.values())


def topic_labels(
    ids: Iterable[str], topics: Mapping[str, Topic], language: str
) -> tuple[tuple[str, str], ...]:
    """Return topics with their names, each once; those no longer configured are left out."""
    return tuple((id, topics[id].name(language)) for id in dict.fromkeys(ids) if id in topics)


def snippet(summary: str, title: str, audience: Audience) -> str:
    """Return a summary as short as the audience may see it; empty where it only repeats the title."""
    if not summary or fold(summary) == fold(title):
        return ""
    longest = 200 if is_cjk(summary) else 400
    return shorten(summary, longest if audience is Audience.PRIVATE else SNIPPET)


def shorten(text: str, longest: int) -> str:
    """Return the beginning of a text, at most so many characters, at a word's end where it has words."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    if not is_cjk(cut):
        cut = cut.rpartition(" ")[0] or cut
    return cut.rstrip() + "…"


def highlight(text: str, words: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Return a text in pieces, each with whether it is one of the words searched for.

    Compared as the search compares: folded, so that 岸恵子 marks 岸惠子.
    """
    folded = fold_with_offsets(text)
    spans: list[tuple[int, int]] = []
    for word in filter(None, (fold(word) for word in words)):
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
