"""What a person sees after the first round: per source what came of it, and where to read."""

from aggregator.daemon.newsroom import Newsroom
from aggregator.model.feed import Feed
from aggregator.model.identifiers import SourceId
from aggregator.model.query import EntryQuery


async def summary_of(newsroom: Newsroom) -> str:
    """Return, per source, what came of the first poll, then where to read and what to subscribe to."""
    configuration, store = newsroom.configuration, newsroom.parts.store
    by_source: dict[str, list[Feed]] = {}
    for feed in await store.feeds():
        by_source.setdefault(feed.source, []).append(feed)
    counts = dict((await store.stats()).by_source)
    lines = [""]
    for source in configuration.sources:
        if not source.enabled:
            continue
        failures = [
            feed.failure or "no answer yet"
            for feed in by_source.get(source.id, ())
            if feed.failure or feed.last_success_at is None
        ]
        tagged = await _tagged(newsroom, source.id)
        topics = f", {tagged} on your topics" if configuration.topics else ""
        line = f"{counts.get(source.id, 0)} entries{topics}"
        if failures:
            line = "; ".join([*([line] if counts.get(source.id) else []), *failures])
        lines.append(f"  {source.name} ({source.id}): {line}")
    base = configuration.settings.public_url.rstrip("/")
    lines += ["", f"Read:      {base}/"]
    for output in [one for one in configuration.outputs if not one.private][:3]:
        lines.append(f"Subscribe: {base}/feeds/{output.id}.rss  ({output.title})")
    lines.append(f"All feeds: {base}/feeds")
    if any(output.private for output in configuration.outputs):
        lines.append("Private:   `aggregator token` prints the addresses of private feeds")
    return "\n".join([*lines, "", ""])


async def _tagged(newsroom: Newsroom, source: SourceId) -> int:
    """Return how many of a source's newest entries have a topic."""
    page = await newsroom.parts.store.entries(EntryQuery(sources=(source,), limit=500))
    return sum(bool(one.topics) for one in page.items)
