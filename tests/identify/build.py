"""Short ways to build what identify works on."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aggregator.identify.decide import Identified, decide
from aggregator.identify.keys import Keyed, key_entries
from aggregator.model.entry import Entry, KnownEntry, ParsedEntry, ParsedFeed
from aggregator.model.feed import Feed, FeedHints
from aggregator.model.identifiers import (
    CanonicalUrl,
    EntryHash,
    EntryId,
    FeedId,
    FeedUrl,
    HostKey,
    SourceId,
    digest63,
)
from aggregator.model.source import Source

NOW = datetime(2026, 8, 1, 9, 0, tzinfo=UTC)
SOURCE = Source(id=SourceId("mainichi"), name="毎日新聞")


def feed(url: str = "https://example.com/feed", **changes: Any) -> Feed:
    return replace(
        Feed(
            id=FeedId(1),
            source=SOURCE.id,
            url=FeedUrl(url),
            host=HostKey("example.com"),
            next_poll_at=NOW,
            first_seen_at=NOW,
        ),
        **changes,
    )


def item(
    guid: str | None = None, url: str | None = None, title: str = "", **more: Any
) -> ParsedEntry:
    content = repr((guid, url, title, sorted(more.items())))
    return ParsedEntry(
        guid=guid, url=url, title=title, hash=EntryHash(digest63(content.encode())), **more
    )


def document(*entries: ParsedEntry, skipped: Iterable[ParsedEntry] = (), **more: Any) -> ParsedFeed:
    hashes = frozenset(entry.hash for entry in (*entries, *skipped))
    return ParsedFeed(
        format="rss20",
        hints=FeedHints(),
        entries=entries,
        hashes=hashes,
        total=len(entries) + len(tuple(skipped)),
        **more,
    )


class Archive:
    """What a store would remember between polls of one feed, for identify alone."""

    def __init__(self, at: Feed | None = None, source: Source = SOURCE) -> None:
        self.feed = at or feed()
        self.source = source
        self.entries: dict[EntryId, Entry] = {}

    def keyed(self, *entries: ParsedEntry) -> Keyed:
        return self._keyed(document(*entries))

    def _keyed(self, parsed: ParsedFeed) -> Keyed:
        keep_query = self.source.keep_query
        return key_entries(parsed, self.feed.url, self.feed.key_policy, keep_query)

    def poll(self, *entries: ParsedEntry, now: datetime = NOW, **more: Any) -> Identified:
        """Poll a document with these entries, those skipped whose hash the last one had."""
        fresh = [entry for entry in entries if entry.hash not in self.feed.entry_hashes]
        known_ones = [entry for entry in entries if entry.hash in self.feed.entry_hashes]
        parsed = document(*fresh, skipped=known_ones, **more)
        keyed = self._keyed(parsed)
        known = {
            entry.id: self._known(self.entries[entry.id])
            for entry in keyed.entries
            if entry.id in self.entries
        }
        result = decide(
            keyed, parsed, known, self._by_url(), self.feed, self.source, now, now, not self.entries
        )
        for change in result.changes:
            self.entries[change.entry.id] = change.entry
        self.feed = replace(
            self.feed, key_policy=keyed.policy, entry_hashes=parsed.hashes - result.deferred
        )
        return result

    def _by_url(self) -> dict[CanonicalUrl, tuple[KnownEntry, ...]]:
        found: dict[CanonicalUrl, tuple[KnownEntry, ...]] = {}
        for entry in self.entries.values():
            if entry.canonical_url:
                earlier = found.get(entry.canonical_url, ())
                found[entry.canonical_url] = (*earlier, self._known(entry))
        return found

    @staticmethod
    def _known(entry: Entry) -> KnownEntry:
        return KnownEntry(
            entry.id, entry.fingerprint, entry.hash, entry.revision, entry.first_seen_at
        )


def new(result: Identified) -> list[str]:
    return [change.entry.title for change in result.changes if not change.changed]


def changed(result: Identified) -> list[str]:
    return [change.entry.title for change in result.changes if change.changed]
