"""Small feeds for tests, and the corpus where there is one."""

import csv
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.model.entry import ParsedEntry, ParsedFeed
from aggregator.parse.document import ParseHints, ParseLimits, parse

SHARED = Path(os.environ.get("AGGREGATOR_SHARED", Path(__file__).resolve().parents[3] / "shared"))
HINTS = ParseHints(
    url="https://news.example/feeds/all.rss",
    timezone="Asia/Tokyo",
    now=datetime(2026, 11, 23, tzinfo=UTC),
)
_NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)


def rss(*items: str, channel: str = "", attributes: str = "") -> bytes:
    """Return an RSS 2.0 document; each item is the inside of one."""
    inside = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {_NAMESPACES} {attributes}>'
        f"<channel><title>毎朝新聞</title><link>https://news.example/</link>{channel}{inside}</channel></rss>"
    ).encode()


def atom(*entries: str, head: str = "", attributes: str = "") -> bytes:
    """Return an Atom 1.0 document; each entry is the inside of one."""
    inside = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" {attributes}>'
        f"<title>Morning News</title>{head}{inside}</feed>"
    ).encode()


def read(body: bytes, limits: ParseLimits | None = None, **hints: object) -> ParsedFeed:
    """Parse with the usual hints."""
    given = {"url": HINTS.url, "timezone": HINTS.timezone, "now": HINTS.now, **hints}
    return parse(body, ParseHints(**given), limits=limits or ParseLimits())  # type: ignore[arg-type]  # a test's own hints


def read_one(item: str) -> ParsedEntry:
    """Return the only entry of an RSS document with one item."""
    (entry,) = read(rss(item)).entries
    return entry


def corpus() -> Iterator[tuple[str, dict[str, str], bytes]]:
    """Yield name, description and body of every document of the corpus; skip the test where it is absent."""
    folder = SHARED / "corpus" / "feeds"
    if not (folder / "index.csv").exists():
        pytest.skip("the shared corpus is not here (AGGREGATOR_SHARED)")
    with (folder / "index.csv").open(encoding="utf-8") as index:
        for row in csv.DictReader(index):
            yield row["file"], row, (folder / row["file"]).read_bytes()
