"""What is wrong, in plain words, with what to do about it."""

from pathlib import Path

from aggregator.daemon.extras import missing_extras
from aggregator.schedule.advice import advice_on
from aggregator.settings.configuration import Configuration
from aggregator.settings.places import feed_places
from aggregator.store.store import Store


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
    found += missing_extras(configuration)
    if not configuration.sources:
        found.append(f"{configuration.directory / 'sources.yaml'}: no sources: nothing to poll")
    return found
