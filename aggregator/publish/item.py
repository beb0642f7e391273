"""A story as one item of an output: complete, clean, and frozen until its next milestone."""

import re
import uuid
from datetime import datetime
from typing import Final

from aggregator.model.entry import Enclosure
from aggregator.model.output import Item, Items, Output
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.publish.address import web_address
from aggregator.publish.content import content_of, topics_of
from aggregator.publish.context import PublishContext
from aggregator.publish.labels import labels
from aggregator.publish.plain_text import language_tag, plain_line
from aggregator.publish.reports import articles_of, listed, report_of
from aggregator.publish.summary import headline_of, summary_of

_ITEMS: Final = uuid.UUID("0c0f4f0e-6a0e-5b0b-9d53-3b8d0f2f7c41")  # name space of item ids
_PLACE: Final = re.compile(r"\{title\}|\{outlet\}")
_RECORDING: Final = re.compile(r"(?:audio|video)/[a-z0-9][a-z0-9.+-]{0,80}")


def item_id(view: StoryFile, output: Output, *, follow_up: int = 0) -> str:
    """Return the id of an item: the story's own UUID; of an entry or a 【続報】, one derived from it."""
    if output.items is Items.ENTRIES:
        key = str(view.entries[0].entry.id)
    elif not follow_up:
        return f"urn:uuid:{view.story.id}"
    else:
        key = str(view.story.id)
    return uuid.uuid5(_ITEMS, f"{key}/{follow_up}" if follow_up else key).urn


def make_item(
    file: StoryFile,
    output: Output,
    ctx: PublishContext,
    published: datetime,
    updated: datetime,
    *,
    follow_up: int = 0,
) -> Item:
    """Return the item of a story, led by `file.lead`, with all of `file.entries`.

    What the output does not take is to be left out before (view.py). `follow_up` numbers the 【続報】
    of one story from 1.
    """
    words = labels(output.language)
    lead, entry = file.lead, file.lead.entry
    outlet = plain_line(ctx.outlet(entry.source))
    title = title_of(lead, output, ctx)
    source = ctx.sources.get(entry.source)
    return Item(
        id=item_id(file, output, follow_up=follow_up),
        story=file.story.id,
        url=web_address(entry.url),
        title=words.follow_up(title) if follow_up else title,
        html=content_of(file, output, ctx),
        summary=summary_of(entry.summary, entry.title, ctx.audience),
        outlet=outlet,
        source=entry.source,
        feed_title=plain_line(lead.feed_title or "") or outlet,
        feed_url=web_address(lead.feed_url) or plain_line(lead.feed_url),
        language=language_tag(entry.language),
        published=published,
        updated=updated,
        topics=topics_of(file, output, ctx),
        related=tuple(report_of(a, ctx) for a in listed(articles_of(file)[1:])),
        sources=file.story.sources,
        entries=file.story.entries,
        image=web_address(entry.image) if source is not None and source.images else None,
        enclosure=_enclosure(lead),
    )


def title_of(lead: FiledEntry, output: Output, ctx: PublishContext) -> str:
    """Return the title of an item: the lead's, in the form that the output asks for."""
    title = headline_of(lead.entry.title, lead.entry.summary)
    outlet = plain_line(ctx.outlet(lead.entry.source))
    parts = {"{title}": title or labels(output.language).untitled, "{outlet}": outlet}
    # Not str.format: a headline may hold braces of its own.
    return _PLACE.sub(lambda place: parts[place.group()], output.title_form)


def _enclosure(lead: FiledEntry) -> Enclosure | None:
    """Return the one recording that comes with an item; pictures are thumbnails, not enclosures."""
    for enclosure in lead.entry.enclosures:
        url, kind = web_address(enclosure.url), (enclosure.type or "").strip().lower()
        if url is not None and _RECORDING.fullmatch(kind):
            length = enclosure.length if 0 <= enclosure.length < 2**53 else 0
            return Enclosure(url=url, type=kind, length=length)
    return None
