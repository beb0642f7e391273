"""What strangers' bytes reach, as functions of bytes that raise nothing but what is promised.

`python -m tests.fuzz NAME` lets atheris look for bytes that break one; test_targets.py runs all of
them over the seeds, over what was found before (files in seeds/), and over random changes of both.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from aggregator.errors import AddressRefused, DocumentError
from aggregator.fetch.guard import check_url
from aggregator.identify.canonical_url import canonical_url
from aggregator.model.feed import Feed
from aggregator.model.identifiers import FeedId, FeedUrl, HostKey, SourceId
from aggregator.model.source import Source
from aggregator.parse.dates import parse_date
from aggregator.parse.document import ParseHints
from aggregator.parse.markup import clean_html
from aggregator.parse.urls import safe_url
from aggregator.pipeline.read import read_body, reading_of

NOW: Final = datetime(2026, 11, 23, 9, 7, tzinfo=UTC)
_BASE: Final = "https://news.example/feed"
_FEED: Final = Feed(
    id=FeedId(1),
    source=SourceId("s"),
    url=FeedUrl(_BASE),
    host=HostKey("news.example"),
    next_poll_at=NOW,
    first_seen_at=NOW,
)
_SOURCE: Final = Source(id=SourceId("s"), name="s", timezone="Asia/Tokyo")
_READING: Final = reading_of(_FEED, _SOURCE)


def read(data: bytes) -> None:
    """Read a body as a worker does; every time is aware, every URL of an entry http(s)."""
    try:
        parsed, keyed, _ = read_body(data, ParseHints(url=_BASE, now=NOW), _READING)
    except DocumentError:
        return
    assert len(keyed.entries) <= len(parsed.entries)
    for entry in parsed.entries:
        assert entry.published is None or entry.published.tzinfo is not None
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        assert "\n" not in entry.title
        assert "<script" not in entry.content


def dates(data: bytes) -> None:
    """Read a date; it is aware or none."""
    found = parse_date(data.decode("utf-8", "replace"), "Asia/Tokyo")
    assert found is None or found.tzinfo is not None


def markup(data: bytes) -> None:
    """Clean HTML; nothing active is left, and cleaning again changes nothing but white space.

    HTML drops the first line end inside `pre` whenever it is parsed.
    """
    clean = clean_html(data.decode("utf-8", "replace"), _BASE)
    assert "<script" not in clean.lower()
    assert "".join(clean_html(clean, _BASE).split()) == "".join(clean.split())


def urls(data: bytes) -> None:
    """Read an address in the three ways that it is read."""
    text = data.decode("utf-8", "replace")
    found = safe_url(text, _BASE)
    assert found is None or found.startswith(("http://", "https://"))
    canonical = canonical_url(text)
    assert canonical is None or canonical_url(canonical) == canonical
    try:
        check_url(text)
    except AddressRefused:
        return


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    "read": read,
    "dates": dates,
    "markup": markup,
    "urls": urls,
}
