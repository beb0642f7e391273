"""An output in all its formats; no document leaves here that cannot be read back."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from aggregator.errors import RenderFailed
from aggregator.model.output import Audience, Item, Output, Publication
from aggregator.publish.channel import Chain, Channel, channel_of
from aggregator.publish.context import PublishContext
from aggregator.publish.fragments import Cut, Fragment, Fragments
from aggregator.publish.json_feed import cut_json, render_json
from aggregator.publish.rss_atom import cut_atom, cut_rss, render_atom, render_rss
from aggregator.publish.soundness import sound
from aggregator.publish.summary import SNIPPET_LIMIT


def _items_in_xml(document: bytes) -> int:
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    return len(root.findall("{*}entry")) + len(root.findall("channel/item"))


def _items_in_json(document: bytes) -> int:
    return len(json.loads(document)["items"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    """How a format's bytes are made and taken apart."""

    render: Callable[[Channel, Sequence[Item]], bytes]
    count: Callable[[bytes], int]  # reads a document back
    cut: Callable[[bytes], Cut]


_FORMATS: dict[str, _Format] = {
    "rss": _Format(render=render_rss, count=_items_in_xml, cut=cut_rss),
    "atom": _Format(render=render_atom, count=_items_in_xml, cut=cut_atom),
    "json": _Format(render=render_json, count=_items_in_json, cut=cut_json),
}
"""One line per format: its extension, and how it is made."""
EXTENSIONS: Final = tuple(_FORMATS)


def render_output(
    output: Output,
    publications: Sequence[Publication],
    ctx: PublishContext,
    pages: int = 0,
    fragments: Fragments | None = None,
) -> dict[str, bytes]:
    """Return the documents of an output by name (`feeds/all.rss`), newest item first.

    `pages` is how many archive pages it has; the documents lead to the newest. `fragments` is as of
    `render_feed`.

    Raises:
        RenderFailed: as of `render_feed`.
    """
    items = _newest_first(p for p in publications if not p.left)[: output.limit]
    channel = channel_of(output, items, ctx)
    previous = f"{channel.address}.{pages}" if pages else None
    return render_feed(
        f"feeds/{output.id}", replace(channel, chain=Chain(previous=previous)), items, fragments
    )


def render_archive(
    output: Output,
    number: int,
    pages: int,
    publications: Sequence[Publication],
    ctx: PublishContext,
    fragments: Fragments | None = None,
) -> dict[str, bytes]:
    """Return one archive page of an output (`feeds/all.3.rss`), from 1, the oldest; `pages` there are.

    What was hidden or withdrawn since is left out, and for an audience beyond the operator's own what
    was written when more could be shown. `fragments` is as of `render_feed`.

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
    return render_feed(f"feeds/{output.id}.{number}", page, items, fragments)


def render_feed(
    name: str, channel: Channel, items: Sequence[Item], fragments: Fragments | None = None
) -> dict[str, bytes]:
    """Return the documents of any feed by name, `name` without extension; items in the order given.

    What is rendered is a document of the items that `fragments` does not hold yet, read back and taken
    apart; the others' bytes are put between. So each item is rendered and read back once, and the bytes
    are those of a document rendered whole. `fragments` then holds this feed.

    Raises:
        RenderFailed: one of them cannot be made, or does not read back with all its items.
    """
    held = Fragments() if fragments is None else fragments
    known = [held.get(item) for item in items]
    new = [item for item, fragment in zip(items, known, strict=True) if fragment is None]
    fit = [sound(item) for item in new]
    cuts = {ending: _rendered(f"{name}.{ending}", ending, channel, fit) for ending in _FORMATS}
    made = [
        Fragment({ending: cut.items[number] for ending, cut in cuts.items()})
        for number in range(len(new))
    ]
    rest = iter(made)
    whole = [next(rest) if fragment is None else fragment for fragment in known]
    held.hold(name, whole, zip(new, made, strict=True))
    return {
        f"{name}.{ending}": cut.document(fragment.texts[ending] for fragment in whole)
        for ending, cut in cuts.items()
    }


def _rendered(name: str, ending: str, channel: Channel, items: Sequence[Item]) -> Cut:
    """Render a document, read it back, and take it apart."""
    form = _FORMATS[ending]
    try:
        body = form.render(channel, items)
        read_back = form.count(body)
    except (ValueError, etree.LxmlError) as error:
        raise RenderFailed(f"{name}: {error}") from error
    cut = form.cut(body)
    if not read_back == len(cut.items) == len(items):
        raise RenderFailed(f"{name}: {read_back} of {len(items)} items read back")
    return cut


def _newest_first(publications: Iterable[Publication]) -> list[Item]:
    return sorted((p.item for p in publications), key=lambda item: item.published, reverse=True)


def _may_stand(publication: Publication, ctx: PublishContext) -> bool:
    short = len(publication.item.summary) <= SNIPPET_LIMIT
    return not publication.hidden and (ctx.audience is Audience.PRIVATE or short)
