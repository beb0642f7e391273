"""The sources as a list that other readers take: OPML."""

from collections.abc import Iterable

from aggregator.model.source import Source
from aggregator.sources.opml import OpmlFeed, render_opml


def sources_opml(sources: Iterable[Source]) -> bytes:
    """Return the enabled sources' feeds as OPML, each under its outlet's name."""
    return render_opml(
        "Aggregator",
        [
            OpmlFeed(title=source.name, url=feed.url, homepage=source.homepage)
            for source in sources
            if source.enabled
            for feed in source.feeds
        ],
    )
