"""An output in all its formats."""

from collections.abc import Sequence

from aggregator.model.output import Item, Output, Publication
from aggregator.publish.channel import Channel, channel_of
from aggregator.publish.context import PublishContext
from aggregator.publish.json_feed import render_json
from aggregator.publish.rss_atom import render_atom, render_rss

_FORMATS = {"rss": render_rss, "atom": render_atom, "json": render_json}
"""One line per format: its extension, and what makes its bytes."""


def render_output(
    output: Output, publications: Sequence[Publication], ctx: PublishContext
) -> dict[str, bytes]:
    """Return the documents of an output by name (`feeds/all.rss`), newest item first."""
    shown = [p.item for p in publications if not p.left]
    items = sorted(shown, key=lambda item: item.published, reverse=True)[: output.limit]
    return render_feed(f"feeds/{output.id}", channel_of(output, items, ctx), items)


def render_feed(name: str, channel: Channel, items: Sequence[Item]) -> dict[str, bytes]:
    """Return the documents of any feed by name, `name` without extension; items in the order given."""
    return {f"{name}.{extension}": render(channel, items) for extension, render in _FORMATS.items()}
