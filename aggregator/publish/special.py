"""The feeds of the program itself beside the outputs: what their items have in common."""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aggregator.model.identifiers import OutputId, StoryId
from aggregator.model.output import Item, Output
from aggregator.model.query import FiledEntry
from aggregator.publish.address import web_address
from aggregator.publish.channel import Channel, channel_of
from aggregator.publish.context import PublishContext
from aggregator.publish.moments import latest_free
from aggregator.publish.plain_text import language_tag, plain_line
from aggregator.publish.special_labels import special_labels

LIMIT: Final = 200
"""How many items each of these feeds keeps."""
MAX_AGE: Final = timedelta(days=14)
_SPECIAL: Final = uuid.UUID("3f0e2f3a-7a55-5c0e-8a2b-5d0a9be6c1d4")  # name space of their item ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An item that a feed would have: made only where it is not there yet."""

    id: str
    at: datetime
    make: Callable[[datetime], Item]  # given its time, distinct in the feed


def special_id(*parts: str) -> str:
    """Return the id of an item, the same whenever these parts are the same."""
    return uuid.uuid5(_SPECIAL, "/".join(parts)).urn


def merged(
    known: Sequence[Item], drafts: Sequence[Draft], gone: Collection[str], now: datetime
) -> tuple[Item, ...]:
    """Return a feed's items, newest first, after new ones came and `gone` ones went; known ones stay as they are."""
    kept = {item.id: item for item in known if item.id not in gone}
    taken = {at for item in kept.values() for at in (item.published, item.updated)}
    oldest = now - MAX_AGE
    if len(kept) >= LIMIT:
        oldest = max(oldest, min(item.published for item in kept.values()))
    new = [draft for draft in drafts if draft.id not in kept and draft.at >= oldest]
    new.sort(key=lambda draft: (draft.at, draft.id), reverse=True)
    at = now
    for draft in new[:LIMIT]:
        # What lies between the draft before, which is later, and its place is taken: hundreds can come at once.
        at = latest_free(min(draft.at, at), now, taken)
        taken.add(at)
        kept[draft.id] = draft.make(at)
    return tuple(sorted(kept.values(), key=lambda item: item.published, reverse=True)[:LIMIT])


def special_channel(name: str, items: Sequence[Item], ctx: PublishContext) -> Channel:
    """Return what one of these feeds says of itself; `name`: status, edits or suppressed."""
    title, description = special_labels(ctx.language).channels[name]
    return own_channel(name, title, description, items, ctx)


def own_channel(
    name: str, title: str, description: str, items: Sequence[Item], ctx: PublishContext
) -> Channel:
    """Return what a feed of the program itself says of itself."""
    output = Output(id=OutputId(name), title=title, language=ctx.language)
    channel = channel_of(output, items, ctx)
    return Channel(
        id=channel.id,
        title=channel.title,
        description=plain_line(description),
        language=channel.language,
        home_url=channel.home_url,
        address=channel.address,
        updated=channel.updated,
    )


def item_about(
    filed: FiledEntry,
    ctx: PublishContext,
    *,
    id: str,
    title: str,
    html: str,
    summary: str,
    published: datetime,
    updated: datetime | None = None,
) -> Item:
    """Return an item about one entry: it leads to the article and names its outlet."""
    entry = filed.entry
    placed = filed.placement.story if filed.placement is not None else StoryId("")
    outlet = plain_line(ctx.outlet(entry.source))
    return Item(
        id=id,
        story=placed,
        url=web_address(entry.url),
        title=title,
        html=html,
        summary=summary,
        outlet=outlet,
        source=entry.source,
        feed_title=plain_line(filed.feed_title or "") or outlet,
        feed_url=web_address(filed.feed_url) or plain_line(filed.feed_url),
        language=language_tag(entry.language),
        published=published,
        updated=updated or published,
        topics=(),
        sources=(entry.source,),
        entries=(entry.id,),
    )
