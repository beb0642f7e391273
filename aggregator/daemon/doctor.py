"""What is wrong, in plain words, with what to do about it."""

from pathlib import Path

from aggregator.daemon.extras import missing_extras
from aggregator.settings.advice import advice_on
from aggregator.settings.configuration import Configuration
from aggregator.store.store import Store


async def findings(store: Store, configuration: Configuration, data: Path) -> list[str]:
    """Return one line for each thing that is wrong; none when all is well."""
    found = [f"{data}: {problem}" for problem in await store.check()]
    now = await store.now()
    names = {source.id: source.name for source in configuration.sources}
    for advice in advice_on(await store.feeds(), configuration.directory, now):
        trouble, place = advice.trouble, advice.place or "sources.yaml"
        name = names.get(trouble.source, trouble.source)
        found.append(f"{place}: {name}: {trouble.feed}: {trouble.advice}")
    found += missing_extras(configuration)
    if not configuration.sources:
        found.append(f"{configuration.directory / 'sources.yaml'}: no sources: nothing to poll")
    return found
