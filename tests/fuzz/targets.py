"""What strangers' bytes reach, as functions of bytes that raise nothing but what is promised.

`python -m tests.fuzz NAME` lets atheris look for bytes that break one; test_targets.py runs all of
them over the seeds, over what was found before (files in seeds/), and over random changes of both.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from yarl import URL

from aggregator.errors import AddressRefused, DocumentError
from aggregator.fetch.answer import Answer
from aggregator.fetch.coding import BadCoding
from aggregator.fetch.conditional import MAX_VALIDATOR, validators_of
from aggregator.fetch.failure import ExchangeFailed
from aggregator.fetch.freshness import LONGEST_RETRY, freshness_of
from aggregator.fetch.guard import check_url
from aggregator.identify.canonical_url import canonical_url
from aggregator.model.feed import Feed
from aggregator.model.identifiers import FeedId, FeedUrl, HostKey, SourceId
from aggregator.model.source import Source
from aggregator.parse.dates import parse_date
from aggregator.parse.decode import to_utf8
from aggregator.parse.document import ParseHints, parse
from aggregator.parse.markup import clean_html
from aggregator.parse.urls import safe_url
from aggregator.pipeline.read import read_body, reading_of
from tests.parse.reference import (
    NO_HASH,
    as_it_comes,
    entries_alone,
    has_spaced_namespace,
    is_read_as_alone,
    parsed,
    said,
)

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
_HINTS: Final = ParseHints(url=_BASE, now=NOW)


def read(data: bytes) -> None:
    """Read a body as a worker does; every time is aware, every URL of an entry http(s)."""
    try:
        parsed, keyed, _ = read_body(data, _HINTS, _READING)
    except DocumentError:
        return
    assert len(keyed.entries) <= len(parsed.entries)
    for entry in parsed.entries:
        assert entry.published is None or entry.published.tzinfo is not None
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        assert "\n" not in entry.title
        assert "<script" not in entry.content


def driver(data: bytes) -> None:
    """Have feedparser told of a document by our driver, and by the usual one: where that can, the same comes out."""
    try:
        document = to_utf8(data, None).body
        with as_it_comes():
            theirs = said(parsed(document))
    except Exception:  # noqa: BLE001  # feedparser by itself breaks off in some documents
        return
    assert has_spaced_namespace(document) or said(parsed(document)) == theirs


def ladder(data: bytes) -> None:
    """Read a document whole, and with every other entry known: as feedparser alone reads it, and as without."""
    try:
        whole = parse(data, _HINTS)
    except DocumentError:
        return
    known = frozenset(sorted(whole.hashes)[::2])
    part = parse(data, _HINTS, known)
    left_out = whole.dropped or part.dropped
    new = tuple(entry for entry in whole.entries if entry.hash not in known)
    assert left_out or part.entries == new
    assert replace(part, entries=(), dropped=0) == replace(whole, entries=(), dropped=0)
    if whole.format != "json" and not left_out and is_read_as_alone(data):
        try:
            theirs = entries_alone(data, _HINTS)
        except Exception:  # noqa: BLE001  # as above
            return
        assert [replace(entry, hash=NO_HASH) for entry in whole.entries] == theirs


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


def answer(data: bytes) -> None:
    """Take a header, line by line, and behind an empty one a body; read all that is read of it."""
    header, _, body = data.partition(b"\n\n")
    taken = Answer(max_headers=4096, max_body=65536, wanted=frozenset((200,)))
    try:
        for line in (*header.split(b"\n"), b""):
            taken.add_line(line + b"\r\n")
        for start in range(0, len(body), 64):
            taken.add_piece(body[start : start + 64])
        assert len(taken.body()) <= 65536
    except (ExchangeFailed, BadCoding):
        return
    again = freshness_of(taken.status, taken.named, NOW).not_before
    assert again is None or NOW < again <= NOW + LONGEST_RETRY
    kept = validators_of(taken.fields, _BASE)
    assert all(
        len((value or "").encode()) <= MAX_VALIDATOR for value in (kept.etag, kept.last_modified)
    )
    taken.links(URL(_BASE))
    assert taken.charset is None or "\n" not in taken.charset
    assert taken.content_type is None or "/" in taken.content_type or taken.content_type == ""


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    "read": read,
    "driver": driver,
    "ladder": ladder,
    "dates": dates,
    "markup": markup,
    "urls": urls,
    "answer": answer,
}


def seeds_of(name: str) -> Path:
    """Return the folder of a target's seeds; what reads feeds shares one."""
    return Path(__file__).parent / "seeds" / ("read" if name in ("driver", "ladder") else name)
