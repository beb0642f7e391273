"""Which sources want their article pages read, and whether what reads them is installed."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final

from aggregator.model.identifiers import SourceId
from aggregator.model.source import Source

MISSING: Final = (
    "full_text: true needs trafilatura, which is not installed; until it is, no article page is "
    "read: pip install 'aggregator[fulltext]'"
)


def full_text_sources(sources: Mapping[SourceId, Source]) -> frozenset[SourceId]:
    """Return the sources whose article pages are read."""
    return frozenset(id for id, source in sources.items() if source.full_text and source.enabled)


def is_installed() -> bool:
    """Tell whether what reads article pages is installed."""
    return find_spec("trafilatura") is not None
