"""Editions as items of the digest feeds: full content, an id for good, `updated` moved by revisions only."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from aggregator.model.digest import Digest, Edition
from aggregator.model.identifiers import SourceId, StoryId, TopicId
from aggregator.model.output import Item
from aggregator.publish.channel import GENERATOR, Channel, newest
from aggregator.publish.context import PublishContext, links_to_own_pages, own_page
from aggregator.publish.digest_html import digest_html
from aggregator.publish.digest_labels import digest_labels
from aggregator.publish.plain_text import plain_line

_EDITIONS: Final = uuid.UUID("7d9c1f0e-52ab-5b6e-8f0d-3a4c86d3e1b7")  # name space of edition ids
_CHANNELS: Final = uuid.UUID("2f6c9a34-8e1d-5c7b-9b1e-6d2a05f4c8e9")  # name space of their feeds


def edition_id(subject: str, name: str) -> str:
    """Return the id of an edition's item: the same for each of its revisions."""
    return uuid.uuid5(_EDITIONS, f"{subject}/{name}").urn


def digest_items(
    editions: Sequence[Edition], names: Mapping[str, str], ctx: PublishContext
) -> list[Item]:
    """Return editions as items, newest first; `names` are those of their subjects."""
    items = [
        _item(edition, names.get(edition.subject, edition.subject), ctx) for edition in editions
    ]
    return sorted(items, key=lambda item: item.published, reverse=True)


def digests_channel(
    file: str, name: str | None, items: Sequence[Item], ctx: PublishContext
) -> Channel:
    """Return what a feed of digests says of itself; `name` of its subject, None for that of all."""
    address = own_page(ctx, f"feeds/{file}")
    title = plain_line(digest_labels(ctx.language).digest_of(name))
    return Channel(
        id=uuid.uuid5(_CHANNELS, address).urn,
        title=title,
        description=title,
        language=ctx.language,
        home_url=own_page(ctx, ""),
        address=address,
        updated=newest(items),
        hub=ctx.hub,
    )


def _item(edition: Edition, name: str, ctx: PublishContext) -> Item:
    digest = edition.digest
    id = edition_id(edition.subject, edition.name)
    page = own_page(ctx, f"digests/{edition.subject}/{edition.name}")
    return Item(
        id=id,
        story=StoryId(id.removeprefix("urn:uuid:")),
        url=page if links_to_own_pages(ctx) else None,
        title=plain_line(digest.title),
        html=digest_html(digest, ZoneInfo(ctx.timezone)),
        summary=plain_line(digest.changed),
        outlet=GENERATOR,
        source=SourceId("aggregator"),
        feed_title=plain_line(digest_labels(digest.language).digest_of(name)),
        feed_url=own_page(ctx, f"feeds/digest-{edition.subject}.rss"),
        language=digest.language,
        published=edition.published_at.replace(microsecond=0),
        updated=(edition.revised_at or edition.published_at).replace(microsecond=0),
        topics=_topics(edition, ctx),
        sources=_sources(digest),
        entries=tuple(dict.fromkeys(p.entry for s in digest.sections for p in s.points)),
    )


def _topics(edition: Edition, ctx: PublishContext) -> tuple[tuple[TopicId, str], ...]:
    known = (ctx.topics.get(TopicId(topic)) for topic in edition.subject.split("+"))
    language = edition.digest.language
    return tuple((t.id, plain_line(t.name(language))) for t in known if t is not None)


def _sources(digest: Digest) -> tuple[SourceId, ...]:
    return tuple(dict.fromkeys(source for section in digest.sections for source in section.sources))
