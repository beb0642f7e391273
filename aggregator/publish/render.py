"""An output in all its formats; no document leaves here that cannot be read back."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from lxml import etree

from aggregator.errors import RenderFailed
from aggregator.model.output import Audience, Item, Output, Publication
from aggregator.publish.channel import Chain, Channel, channel_of
from aggregator.publish.context import PublishContext
from aggregator.publish.json_feed import render_json
from aggregator.publish.rss_atom import render_atom, render_rss
from aggregator.publish.summary import SNIPPET_LIMIT


def _items_in_xml(document: bytes) -> int:
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    return len(root.findall("{*}entry")) + len(root.findall("channel/item"))


def _items_in_json(document: bytes) -> int:
    return len(json.loads(document)["items"])


_Render = Callable[[Channel, Sequence[Item]], bytes]
_Count = Callable[[bytes], int]
_FORMATS: dict[str, tuple[_Render, _Count]] = {
    "rss": (render_rss, _items_in_xml),
    "atom": (render_atom, _items_in_xml),
    "json": (render_json, _items_in_json),
}
"""One line per format: its extension, what makes its bytes, and what reads them back."""
EXTENSIONS: Final = tuple(_FORMATS)


def render_output(
    output: Output, publications: Sequence[Publication], ctx: PublishContext, pages: int = 0
) -> dict[str, bytes]:
    """Return the documents of an output by name (`feeds/all.rss`), newest item first.

    `pages` is how many archive pages it has; the documents lead to the newest.

    Raises:
        RenderFailed: as of `render_feed`.
    """
    items = _newest_first(p for p in publications if not p.left)[: output.limit]
    channel = channel_of(output, items, ctx)
    previous = f"{channel.address}.{pages}" if pages else None
    return render_feed(
        f"feeds/{output.id}", replace(channel, chain=Chain(previous=previous)), items
    )


def render_archive(
    output: Output,
    number: int,
    pages: int,
    publications: Sequence[Publication],
    ctx: PublishContext,
) -> dict[str, bytes]:
    """Return one archive page of an output (`feeds/all.3.rss`), from 1, the oldest; `pages` there are.

    What was hidden or withdrawn since is left out, and for an audience beyond the operator's own what
    was written when more could be shown.

    Raises:
        RenderFailed: as of `render_feed`.
    """
    items = _newest_first(p for p in publications if p.archived and _may_stand(p, ctx))
    channel = channel_of(output, items, ctx)
    feed = channel.address
    page = replace(
        channel,
        address=f"{feed}.{number}",
        hub=None,
        chain=Chain(
            previous=f"{feed}.{number - 1}" if number > 1 else None,
            following=f"{feed}.{number + 1}" if number < pages else None,
            current=feed,
        ),
    )
    return render_feed(f"feeds/{output.id}.{number}", page, items)


def render_feed(name: str, channel: Channel, items: Sequence[Item]) -> dict[str, bytes]:
    """Return the documents of any feed by name, `name` without extension; items in the order given.

    Raises:
        RenderFailed: one of them cannot be made, or does not read back with all its items.
    """
    documents = {}
    for extension, (render, count) in _FORMATS.items():
        try:
            body = render(channel, items)
            read_back = count(body)
        except (ValueError, etree.LxmlError) as error:
            raise RenderFailed(f"{name}.{extension}: {error}") from error
        if read_back != len(items):
            raise RenderFailed(f"{name}.{extension}: {read_back} of {len(items)} items read back")
        documents[f"{name}.{extension}"] = body
    return documents


def _newest_first(publications: Iterable[Publication]) -> list[Item]:
    return sorted((p.item for p in publications), key=lambda item: item.published, reverse=True)


def _may_stand(publication: Publication, ctx: PublishContext) -> bool:
    short = len(publication.item.summary) <= SNIPPET_LIMIT
    return not publication.hidden and (ctx.audience is Audience.PRIVATE or short)
