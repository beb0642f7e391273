"""Where in sources.yaml each feed stands, so that advice can name the line to change."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from aggregator.model.identifiers import FeedUrl, SourceId
from aggregator.settings.document import read_document
from aggregator.settings.load import MAX_SIZE


def feed_places(directory: Path) -> Mapping[tuple[SourceId, FeedUrl], str]:
    """Return `config/sources.yaml:14:5` for each feed; what cannot be read has no places."""
    file = directory / "sources.yaml"
    try:
        return _places(file, file.read_bytes())
    except OSError:
        return {}


@lru_cache(maxsize=1)  # a page asks again and again; thousands of sources take a second to read
def _places(file: Path, body: bytes) -> Mapping[tuple[SourceId, FeedUrl], str]:
    document = read_document(str(file), body, None, MAX_SIZE[file.name])
    value: Any = document.value
    listed = value.get("sources") if isinstance(value, dict) else None
    places = {}
    for number, source in enumerate(listed if isinstance(listed, list) else ()):
        for path, url in _addresses(source):
            line, column = document.place_of(("sources", number, *path))
            places[SourceId(str(source.get("id"))), FeedUrl(str(url))] = f"{file}:{line}:{column}"
    return places


def _addresses(source: Any) -> list[tuple[tuple[str | int, ...], object]]:
    """Return the addresses of one source, short form or full, with their places in it."""
    if not isinstance(source, dict):
        return []
    if "url" in source:
        return [(("url",), source["url"])]
    feeds = source.get("feeds") or ()
    return [
        (("feeds", number, "url"), feed["url"])
        for number, feed in enumerate(feeds)
        if isinstance(feed, dict) and "url" in feed
    ]
