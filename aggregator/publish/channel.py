"""What a feed says of itself, the same in every format."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aggregator.model.entry import Enclosure
from aggregator.model.output import Item, Output
from aggregator.publish.context import PublishContext, own_page
from aggregator.publish.labels import labels
from aggregator.publish.plain_text import plain_line

GENERATOR: Final = "Aggregator"
EMPTY_SINCE: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Date of a feed without items: a constant, so that its bytes stay the same."""
_CHANNELS: Final = uuid.UUID("a6a4b2fb-0d0b-5c55-8c9a-1d9d1f6f3a52")  # name space of feed ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Where a feed's other documents are (RFC 5005 4): addresses without their extension."""

    previous: str | None = None  # the archive page before this document
    following: str | None = None  # the archive page after it
    current: str | None = None  # the feed itself; given in archive pages alone

    def links(self) -> tuple[tuple[str, str], ...]:
        """Return the addresses with the relations that they have to this document."""
        named = (
            ("prev-archive", self.previous),
            ("next-archive", self.following),
            ("current", self.current),
        )
        return tuple((rel, address) for rel, address in named if address is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A feed without its items."""

    id: str  # an IRI, for good
    title: str
    description: str
    language: str
    home_url: str
    address: str  # of the feed, without its extension
    updated: datetime  # of the newest item: never now
    hub: str | None = None  # WebSub
    chain: Chain = Chain()

    def self_url(self, extension: str) -> str:
        """Return the address of the feed in one format."""
        return f"{self.address}.{extension}"


def channel_of(output: Output, items: Sequence[Item], ctx: PublishContext) -> Channel:
    """Return what an output says of itself."""
    address = own_page(ctx, f"feeds/{output.id}")
    title = plain_line(output.title)
    return Channel(
        id=uuid.uuid5(_CHANNELS, address).urn,
        title=title,
        description=labels(output.language).channel(title),
        language=output.language,
        home_url=own_page(ctx, ""),
        address=address,
        updated=newest(items),
        hub=None if output.private else ctx.hub,  # a hub could not read it without the token
    )


def newest(items: Sequence[Item]) -> datetime:
    """Return when a feed of these items last changed."""
    return max((item.updated for item in items), default=EMPTY_SINCE)


def media_type_of(enclosure: Enclosure) -> str:
    """Return an enclosure's media type, which every format demands; any bytes where it is unknown."""
    return enclosure.type or "application/octet-stream"
