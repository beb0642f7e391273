"""Entries for tests of grouping: short to write, alike in everything that does not matter."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.cluster.window import WindowInput
from aggregator.model.entry import Entry
from aggregator.model.identifiers import (
    CanonicalUrl,
    EntryHash,
    EntryId,
    EntryKey,
    FeedId,
    Fingerprint,
    SourceId,
)
from aggregator.model.query import FiledEntry
from aggregator.model.source import Access, Source
from aggregator.model.story import Placement

SHARED = Path(os.environ.get("AGGREGATOR_SHARED", Path(__file__).parents[2] / ".." / "shared"))
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def an_entry(
    id: str,
    title: str,
    *,
    outlet: str = "毎日新聞",
    summary: str = "",
    url: str | None = None,
    at: datetime = NOW,
    language: str | None = "ja",
    categories: tuple[str, ...] = (),
    withdrawn: bool = False,
) -> Entry:
    return Entry(
        id=EntryId(id),
        feed=FeedId(1),
        source=SourceId(outlet),
        key=EntryKey(id),
        guid=id,
        url=url,
        canonical_url=CanonicalUrl(url) if url else None,
        title=title,
        summary=summary,
        content="",
        author=None,
        published=at,
        updated=None,
        language=language,
        categories=categories,
        image=None,
        enclosures=(),
        hash=EntryHash(0),
        fingerprint=Fingerprint(0),
        first_seen_at=at,
        stored_at=at,
        withdrawn=withdrawn,
    )


def a_source(
    outlet: str = "毎日新聞",
    *,
    fold: bool = True,
    weight: float = 1.0,
    access: Access = Access.FREE,
) -> Source:
    return Source(id=SourceId(outlet), name=outlet, fold=fold, weight=weight, access=access)


def an_input(
    id: str,
    title: str,
    *,
    outlet: str = "毎日新聞",
    summary: str = "",
    url: str | None = None,
    at: datetime = NOW,
    fold: bool = True,
) -> WindowInput:
    entry = an_entry(id, title, outlet=outlet, summary=summary, url=url, at=at)
    return WindowInput(entry=entry, source=a_source(outlet, fold=fold))


def filed(entry: Entry, placement: Placement | None = None, kind: str = "news") -> FiledEntry:
    return FiledEntry(
        entry=entry,
        feed_url="https://x.example/",
        feed_title=None,
        feed_kind=kind,
        placement=placement,
    )


def hours(n: float) -> timedelta:
    return timedelta(hours=n)
