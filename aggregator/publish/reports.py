"""The reports of a story as the lines that an item shows: one an article, its copies behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aggregator.model.identifiers import EntryId, SourceId
from aggregator.model.output import Report
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.model.source import Access, FeedKind
from aggregator.publish.address import web_address
from aggregator.publish.context import PublishContext
from aggregator.publish.plain_text import language_tag, plain_line
from aggregator.publish.summary import headline_of
from aggregator.publish.view import is_independent

LISTED: Final = 12
"""How many other reports an item lists; the rest is a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One text, with the outlets that carry it: the lead where it is among them, else who had it first."""

    shown: FiledEntry
    copies: tuple[FiledEntry, ...]  # in other outlets, each once, in order of arrival
    credit: str | None  # the agency that the text names


def articles_of(view: StoryFile) -> tuple[Article, ...]:
    """Return the articles of a story, the lead's first, the others in order of arrival."""
    by_id = {filed.entry.id: filed for filed in view.entries}
    groups: dict[EntryId, list[FiledEntry]] = {}
    for filed in view.entries:
        groups.setdefault(_origin(filed, by_id), []).append(filed)
    articles = [_article(group, view.lead) for group in groups.values()]
    return tuple(sorted(articles, key=lambda article: article.shown is not view.lead))


def listed(others: Sequence[Article]) -> tuple[Article, ...]:
    """Return the articles that an item lists, by time: each outlet's first before anybody's second."""
    first: list[Article] = []
    again: list[Article] = []
    outlets: set[SourceId] = set()
    for article in others:
        known = article.shown.entry.source in outlets
        (again if known else first).append(article)
        outlets.add(article.shown.entry.source)
    chosen = [*first, *again][:LISTED]
    return tuple(sorted(chosen, key=lambda a: (reported_at(a.shown), a.shown.entry.id)))


def outlets_and_origins(view: StoryFile, others: Sequence[Article]) -> tuple[int, int]:
    """Return how many outlets report beside the lead, and how many of them in their own words."""
    lead, shown = view.lead.entry.id, [article.shown for article in others]
    carried = [f for article in articles_of(view) for f in article.copies]
    return (
        len({f.entry.source for f in (*shown, *carried) if f.entry.id != lead}),
        len({f.entry.source for f in shown if is_independent(f)}),
    )


def report_of(article: Article, ctx: PublishContext) -> Report:
    """Return an article as a line of an item."""
    entry = article.shown.entry
    return Report(
        entry=entry.id,
        source=entry.source,
        outlet=plain_line(ctx.outlet(entry.source)),
        title=headline_of(entry.title, entry.summary),
        url=web_address(entry.url),
        at=reported_at(article.shown),
        language=language_tag(entry.language),
        paid=is_paid(article.shown, ctx),
        kind=_kind(article.shown, ctx),
        copies=carriers(article, ctx),
    )


def carriers(article: Article, ctx: PublishContext) -> tuple[str, ...]:
    """Return the names of the other outlets that carry an article."""
    return tuple(plain_line(ctx.outlet(filed.entry.source)) for filed in article.copies)


def reported_at(filed: FiledEntry) -> datetime:
    """Return the time that readers see of a report: its own, unless that lay in the future."""
    entry = filed.entry
    if entry.published is not None and entry.published <= entry.first_seen_at:
        return entry.published
    return entry.first_seen_at


def is_paid(filed: FiledEntry, ctx: PublishContext) -> bool:
    """Tell whether an article is for subscribers: by its own marks, or because all of its outlet's are."""
    source = ctx.sources.get(filed.entry.source)
    return ctx.marks(filed).paid or (source is not None and source.access is Access.PAID)


def _kind(filed: FiledEntry, ctx: PublishContext) -> str:
    if filed.feed_kind == FeedKind.NEWS and ctx.marks(filed).video:
        return FeedKind.VIDEO.value
    return filed.feed_kind


def _origin(filed: FiledEntry, by_id: dict[EntryId, FiledEntry]) -> EntryId:
    """Return the id that all copies of one text share: the entry at the end of the chain of copies."""
    seen = {filed.entry.id}
    at = filed.entry.id
    while (known := by_id.get(at)) is not None and known.placement is not None:
        following = known.placement.copy_of
        if following is None or following in seen:
            break
        at = following
        seen.add(at)
    return at


def _article(group: Sequence[FiledEntry], lead: FiledEntry) -> Article:
    shown = next((filed for filed in group if filed is lead), group[0])
    copies: dict[SourceId, FiledEntry] = {}
    for filed in group:
        if filed.entry.source != shown.entry.source:
            copies.setdefault(filed.entry.source, filed)
    credits = (f.placement.credit for f in group if f.placement is not None and f.placement.credit)
    return Article(shown=shown, copies=tuple(copies.values()), credit=next(credits, None))
