"""What is wrong, in plain words, with what to do about it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from aggregator.model.feed import Feed, FeedStanding
from aggregator.settings.configuration import Configuration
from aggregator.settings.places import feed_places
from aggregator.store.store import Store

_SILENT: Final = timedelta(days=14)


async def findings(store: Store, configuration: Configuration, data: Path) -> list[str]:
    """Return one line for each thing that is wrong; none when all is well."""
    found = [f"{data}: {problem}" for problem in await store.check()]
    now = await store.now()
    names = {source.id: source.name for source in configuration.sources}
    places = feed_places(configuration.directory)
    found += [
        f"{places.get((feed.source, feed.url), 'sources.yaml')}: {names.get(feed.source, feed.source)}: {feed.url}: {advice}"
        for feed in await store.feeds()
        if (advice := advice_on(feed, now)) is not None
    ]
    if not configuration.sources:
        found.append(f"{configuration.directory / 'sources.yaml'}: no sources: nothing to poll")
    return found


def advice_on(feed: Feed, now: datetime) -> str | None:
    """Return what is wrong with a feed and what to do; None when all is well."""
    since = f" since {feed.failing_since:%Y-%m-%d}" if feed.failing_since else ""
    match feed.standing:
        case FeedStanding.REFUSED:
            return f"{feed.failure}{since}: the site refuses automatic fetching; it is asked once a day. Ask the outlet, or take another feed of theirs"
        case FeedStanding.MISSING:
            return f"{feed.failure}{since}: look for the new address with `aggregator sources discover`"
        case FeedStanding.GONE:
            return (
                "the outlet says that this feed is gone for good: remove its line from sources.yaml"
            )
        case FeedStanding.QUARANTINED:
            return f"{feed.failure}: nothing of it is published; check the address"
        case FeedStanding.FAILING if feed.failures >= 3:
            return f"{feed.failure} ({feed.failures} times in a row{since}); it is tried again by itself"
        case _:
            pass
    if feed.moved_to is not None and feed.moved_seen >= 10:
        return f"moved for good: write `url: {feed.moved_to}` in sources.yaml; its history goes with it"
    newest = feed.arrivals.last_arrival_at
    if newest is not None and now - newest > _SILENT:
        return f"answers, but has had nothing new since {newest:%Y-%m-%d}: the outlet may have moved its feed"
    return None
