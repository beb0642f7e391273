"""Stories of a topic in a span -> a digest: what changed, then story by story, then how it came to this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from aggregator.digest.context import DigestContext
from aggregator.digest.folding import fold_related
from aggregator.digest.headline import headline_of, in_language
from aggregator.digest.key_points import key_points
from aggregator.digest.language import written_in
from aggregator.digest.news import News, Span, news_of
from aggregator.digest.relevance import topic_of
from aggregator.digest.timeline import background
from aggregator.digest.wording import Counts, wording
from aggregator.model.digest import Digest, EditionKind, KeyPoint, Reading, Section
from aggregator.model.identifiers import SourceId, TopicId
from aggregator.model.query import FiledEntry, StoryFile

_TOP: Final = 3
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestOptions:
    """How long a digest gets."""

    sections: Mapping[EditionKind, int] = field(
        default_factory=lambda: {
            EditionKind.DAILY: 12,
            EditionKind.MORNING: 10,
            EditionKind.EVENING: 10,
            EditionKind.WEEKLY: 16,
        }
    )
    full_sections: int = 6  # those after them have a key point less
    lone_sections: int = 8  # after them, what one outlet alone reports is counted, not told


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What a digest is to be about."""

    subject: str
    name: str  # of its topic, as people read it
    topics: tuple[TopicId, ...]  # empty: whatever the stories given are about
    topic_names: Mapping[TopicId, str] = field(default_factory=dict)
    by_topic: bool = False  # in sections by topic
    sources: tuple[SourceId, ...] = ()  # these only; empty: all
    kind: EditionKind
    day: date
    since: datetime
    until: datetime
    follows: bool = False  # an edition came out at `since`


def current_news(files: Sequence[StoryFile], issue: Issue, ctx: DigestContext) -> list[News]:
    """Return the stories that the issue tells, the most important first, related ones folded."""
    span = Span(since=issue.since, until=issue.until)
    if issue.sources:
        files = [_restricted(file, issue.sources) for file in files]
    return fold_related(news_of(files, issue.topics, span, ctx))


def compose(
    news: Sequence[News],
    earlier: Sequence[StoryFile],
    issue: Issue,
    ctx: DigestContext,
    options: DigestOptions = DigestOptions(),
) -> Digest:
    """Return the digest of an issue.

    `news` comes from `current_news`, `earlier` are the stories before it that explain it (timeline.py).
    """
    words = wording(ctx.language)
    shown = _shown(news, options.sections[issue.kind], options.lone_sections, ctx)
    sections = [
        _section(one, issue, ctx, less=place >= options.full_sections)
        for place, one in enumerate(shown)
    ]
    since = issue.since.astimezone(ctx.zone)
    changed = (
        words.changed(since, _counts(news), again=issue.follows, left_out=len(news) - len(shown))
        if news
        else words.nothing(since, again=issue.follows)
    )
    return Digest(
        subject=issue.subject,
        title=words.title(
            issue.name, sections[0].headline if sections else "", issue.kind, issue.day
        ),
        language=ctx.language,
        kind=issue.kind,
        day=issue.day,
        since=issue.since,
        until=issue.until,
        changed=changed,
        sections=tuple(_in_order(sections, issue)),
        background=background(earlier, ctx),
        top=_top(shown, ctx),
    )


def _shown(news: Sequence[News], most: int, lone: int, ctx: DigestContext) -> list[News]:
    """Return the stories that get a section: beyond the first few only what several outlets report."""
    told = [
        one
        for place, one in enumerate(news)
        if place < lone or len(one.outlets) > 1 or _correction(one, ctx) is not None
    ]
    return told[:most]


def _restricted(file: StoryFile, sources: Sequence[SourceId]) -> StoryFile:
    return StoryFile(
        story=file.story, entries=tuple(f for f in file.entries if f.entry.source in sources)
    )


def _in_order(sections: Sequence[Section], issue: Issue) -> list[Section]:
    """Return corrections first, then as they are; by topic where the issue asks for it."""
    names = list(issue.topic_names.values())
    return sorted(
        sections,
        key=lambda s: (
            s.correction is None,
            names.index(s.topic) if issue.by_topic and s.topic in names else 0,
        ),
    )


def _counts(news: Sequence[News]) -> Counts:
    stories = [one for head in news for one in (head, *head.folded)]
    fresh = [filed for head in news for filed in head.all_fresh]
    return Counts(
        new=sum(one.is_new for one in stories),
        followed=sum(not one.is_new for one in stories),
        outlets=len({filed.entry.source for filed in fresh}),
        reports=len(fresh),
    )


def _section(one: News, issue: Issue, ctx: DigestContext, *, less: bool) -> Section:
    published = min(ctx.reported_at(filed) for filed in one.reports)
    updated = max(ctx.reported_at(filed) for filed in one.all_reports)
    points = _points(one, ctx)
    topic = topic_of(StoryFile(story=one.story, entries=one.reports), issue.topics)
    return Section(
        story=one.story.id,
        headline=headline_of(one.lead, ctx),
        published=published,
        updated=updated if updated - published >= _MINUTE else None,
        points=points[:2] if less else points,
        readings=_readings(one, ctx),
        sources=one.outlets,
        correction=_correction(one, ctx),
        topic=issue.topic_names.get(topic) if issue.by_topic and topic is not None else None,
    )


def _points(one: News, ctx: DigestContext) -> tuple[KeyPoint, ...]:
    """Return the story's own key points, else those of the stories folded under it.

    Where its own reports are in another language, those that the reader can read come first.
    """
    own = key_points(one.fresh, one.lead, ctx)
    if not one.folded or any(written_in(point.text, ctx.language) for point in own):
        return own
    together = key_points(one.all_fresh, one.lead, ctx)
    native = any(written_in(point.text, ctx.language) for point in together)
    return together if native or not own else own


def _readings(one: News, ctx: DigestContext) -> tuple[Reading, ...]:
    """Return a link for every outlet; a folded story's own headline is always among them."""
    found: dict[str, Reading] = {}
    outlets: set[str] = set()
    for story in (one, *one.folded):
        for filed in _best_of_each_outlet(story, ctx):
            reading = _reading(filed, ctx)
            key = reading.url or f"{reading.outlet} {reading.title}"
            if key in found or (reading.outlet in outlets and filed is not story.lead):
                continue
            found[key] = reading
            outlets.add(reading.outlet)
    return tuple(found.values())


def _best_of_each_outlet(one: News, ctx: DigestContext) -> list[FiledEntry]:
    """Return each outlet's report that is best read: in the reader's language, free, full, latest."""
    best: dict[SourceId, FiledEntry] = {}
    ranked = sorted(
        one.reports,
        key=lambda f: (
            f is not one.lead,
            not in_language(f, ctx.language),
            ctx.is_paid(f),
            ctx.marks(f).flash,
            -ctx.reported_at(f).timestamp(),
            f.entry.id,
        ),
    )
    for filed in ranked:
        best.setdefault(filed.entry.source, filed)
    return sorted(best.values(), key=lambda f: (f is not one.lead, ctx.reported_at(f), f.entry.id))


def _reading(filed: FiledEntry, ctx: DigestContext) -> Reading:
    return Reading(
        outlet=ctx.outlet(filed.entry.source),
        title=headline_of(filed, ctx),
        url=ctx.web_address(filed.entry.url) or "",
        paid=ctx.is_paid(filed),
        entry=filed.entry.id,
    )


def _correction(one: News, ctx: DigestContext) -> str | None:
    corrected = [filed for filed in one.all_fresh if ctx.marks(filed).correction]
    if not corrected:
        return None
    latest = max(corrected, key=lambda f: (ctx.reported_at(f), f.entry.id))
    at = ctx.reported_at(latest).astimezone(ctx.zone)
    return wording(ctx.language).report(
        ctx.outlet(latest.entry.source), headline_of(latest, ctx), at
    )


def _top(shown: Sequence[News], ctx: DigestContext) -> tuple[tuple[str, int, str | None], ...]:
    """Return the three most widely reported headlines."""
    ranked = sorted(shown, key=lambda one: -len(one.outlets))[:_TOP]
    return tuple(
        (headline_of(one.lead, ctx), len(one.outlets), ctx.web_address(one.lead.entry.url))
        for one in ranked
    )
