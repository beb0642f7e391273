"""What the configuration asks for that needs a package which is not installed."""

from aggregator.pipeline.full_text import MISSING, full_text_sources, is_installed
from aggregator.settings.configuration import Configuration


def missing_extras(configuration: Configuration) -> list[str]:
    """Return one line for each optional package that is missed, with how to get it."""
    wanted = full_text_sources({source.id: source for source in configuration.sources})
    if not wanted or is_installed():
        return []
    return [f"{configuration.directory / 'sources.yaml'}: {', '.join(sorted(wanted))}: {MISSING}"]
