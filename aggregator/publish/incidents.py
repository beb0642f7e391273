"""`/feeds/status`: one item per incident of a source, closed by one item."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aggregator.model.identifiers import SourceId, StoryId
from aggregator.model.incident import Incident, IncidentKind, Trouble
from aggregator.model.output import Item
from aggregator.publish.address import web_address
from aggregator.publish.context import PublishContext, links_to_own_pages, own_page
from aggregator.publish.labels import labels
from aggregator.publish.moments import latest_free
from aggregator.publish.plain_text import markup, plain_line
from aggregator.publish.special import Draft, special_id
from aggregator.publish.special_labels import special_labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What became of the incidents: those that last, those that began or spread, those that are over."""

    lasting: tuple[Incident, ...]
    begun: tuple[Incident, ...]
    spread: tuple[Incident, ...]
    over: tuple[Incident, ...]


def follow_incidents(
    known: Sequence[Incident], troubles: Sequence[Trouble], now: datetime
) -> Followed:
    """Compare the incidents that are open with what is wrong now."""
    wrong: dict[tuple[SourceId, IncidentKind], list[str]] = {}
    for trouble in troubles:
        wrong.setdefault((trouble.source, trouble.kind), []).append(trouble.feed)
    open_now = {(incident.source, incident.kind): incident for incident in known}
    lasting: list[Incident] = []
    begun: list[Incident] = []
    spread: list[Incident] = []
    for (source, kind), feeds in wrong.items():
        before = open_now.get((source, kind))
        if before is None:
            incident = Incident(source=source, kind=kind, since=now, feeds=tuple(feeds))
            begun.append(incident)
        else:
            incident = replace(before, feeds=tuple(dict.fromkeys((*before.feeds, *feeds))))
            if incident != before:
                spread.append(incident)
        lasting.append(incident)
    over = [incident for key, incident in open_now.items() if key not in wrong]
    return Followed(
        lasting=tuple(lasting), begun=tuple(begun), spread=tuple(spread), over=tuple(over)
    )


def incident_drafts(
    followed: Followed, troubles: Sequence[Trouble], ctx: PublishContext, now: datetime
) -> tuple[Draft, ...]:
    """Return the items that begin and close incidents."""

    def opening(incident: Incident) -> Draft:
        return Draft(
            id=_id(incident),
            at=now,
            make=lambda at: _opening(incident, troubles, ctx, at),
        )

    def closing(incident: Incident) -> Draft:
        return Draft(id=_id(incident, "over"), at=now, make=lambda at: _closing(incident, ctx, at))

    return (*map(opening, followed.begun), *map(closing, followed.over))


def rewritten(
    items: Sequence[Item],
    followed: Followed,
    troubles: Sequence[Trouble],
    ctx: PublishContext,
    now: datetime,
) -> tuple[Item, ...]:
    """Return the items with those of incidents that spread to further feeds rewritten, in their places."""
    spread = {_id(incident): incident for incident in followed.spread}
    taken = {item.updated for item in items}

    def at_last(item: Item) -> Item:
        if item.id not in spread:
            return item
        updated = latest_free(now, now, taken)
        taken.add(updated)
        opening = _opening(spread[item.id], troubles, ctx, item.published)
        return replace(opening, updated=updated)

    return tuple(map(at_last, items))


def _id(incident: Incident, *more: str) -> str:
    return special_id(incident.source, incident.kind, incident.since.isoformat(), *more)


def _opening(
    incident: Incident, troubles: Sequence[Trouble], ctx: PublishContext, at: datetime
) -> Item:
    words = special_labels(ctx.language)
    outlet = plain_line(ctx.outlet(incident.source))
    advice = {
        trouble.feed: plain_line(trouble.advice)
        for trouble in troubles
        if (trouble.source, trouble.kind) == (incident.source, incident.kind)
    }
    lines = "".join(
        f"<li>{markup(_shown(feed))}<br>{markup(text)}</li>" for feed, text in advice.items()
    )
    return _item(
        incident,
        ctx,
        id=_id(incident),
        title=words.opened.format(outlet=outlet, what=words.incidents[incident.kind]),
        html=f"<ul>{lines}</ul>",
        summary=next(iter(advice.values()), ""),
        at=at,
    )


def _closing(incident: Incident, ctx: PublishContext, at: datetime) -> Item:
    words = special_labels(ctx.language)
    outlet = plain_line(ctx.outlet(incident.source))
    since = labels(ctx.language).moment(incident.since.astimezone(ZoneInfo(ctx.timezone)))
    text = words.closed_more.format(at=since)
    feeds = words.feeds.format(feeds=" ".join(map(_shown, incident.feeds)))
    return _item(
        incident,
        ctx,
        id=_id(incident, "over"),
        title=words.closed.format(outlet=outlet, what=words.incidents[incident.kind]),
        html=f"<p>{markup(text)}</p><p>{markup(feeds)}</p>",
        summary=text,
        at=at,
    )


def _item(
    incident: Incident,
    ctx: PublishContext,
    *,
    id: str,
    title: str,
    html: str,
    summary: str,
    at: datetime,
) -> Item:
    source = ctx.sources.get(incident.source)
    outlet = plain_line(ctx.outlet(incident.source))
    page = own_page(ctx, f"sources/{incident.source}") if links_to_own_pages(ctx) else None
    return Item(
        id=id,
        story=StoryId(""),
        url=page or web_address(source.homepage if source is not None else None),
        title=title,
        html=html,
        summary=summary,
        outlet=outlet,
        source=incident.source,
        feed_title=outlet,
        feed_url=_shown(incident.feeds[0]),
        language=ctx.language,
        published=at,
        updated=at,
        topics=(),
        sources=(incident.source,),
    )


def _shown(feed: str) -> str:
    """Return a feed's address without its query, where some sites want a reader's own key."""
    parts = urlsplit(feed)
    place = parts.netloc.rpartition("@")[2]
    return plain_line(f"{parts.scheme}://{place}{parts.path}" if place else feed)
