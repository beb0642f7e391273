"""Small worlds for the contract tests: feeds, entries, polls and stories, through the Protocol only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.model.change import (
    EntryChange,
    FeedChange,
    HostCommit,
    HostLease,
    PollRecord,
    StoryChange,
)
from aggregator.model.entry import Entry
from aggregator.model.feed import Feed
from aggregator.model.identifiers import (
    CanonicalUrl,
    EntryHash,
    EntryId,
    EntryKey,
    FeedUrl,
    Fingerprint,
    HostKey,
    SourceId,
    StoryId,
    entry_id,
    story_id,
)
from aggregator.model.source import FeedSpec, Source
from aggregator.model.story import Decision, Layer, Placement, Story
from aggregator.store.store import Store

NOW = datetime(2026, 11, 23, 7, 0, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class StoppedClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


def listing(
    source: str, path: str = "rss", host: str | None = None, due: datetime = NOW, **more: Any
) -> tuple[Source, FeedSpec, HostKey, datetime]:
    """Return one line of what `sync_feeds` is given."""
    url = path if "://" in path else f"https://{source}.example/{path}"
    spec = FeedSpec(url=FeedUrl(url), every=more.pop("every", None))
    made = Source(id=SourceId(source), name=source.title(), **more)
    return made, spec, HostKey(host or f"{source}.example"), due


def an_entry(feed: Feed, key: str, title: str = "", at: datetime = NOW, **more: Any) -> Entry:
    """Return an entry of a feed; its text says its key where no other is given."""
    url = f"https://{feed.source}.example/{key}"
    made = Entry(
        id=entry_id(feed.url, EntryKey(key)),
        feed=feed.id,
        source=feed.source,
        key=EntryKey(key),
        guid=key,
        url=f"{url}?utm_source=rss",
        canonical_url=CanonicalUrl(url),
        title=title or f"title {key}",
        summary="",
        content="",
        author=None,
        published=None,
        updated=None,
        language="ja",
        categories=(),
        image=None,
        enclosures=(),
        hash=EntryHash(abs(hash(key)) >> 2),
        fingerprint=Fingerprint(1),
        first_seen_at=at,
        stored_at=at,
    )
    return replace(made, **more)


def rewritten(entry: Entry, title: str, at: datetime = NOW + HOUR, **more: Any) -> EntryChange:
    """Return the change of an entry whose title became another."""
    new = replace(
        entry,
        title=title,
        revision=entry.revision + 1,
        fingerprint=Fingerprint(entry.fingerprint + 1),
        stored_at=at,
        **more,
    )
    return EntryChange(entry=new, changed=True)


def a_poll(
    feed: Feed,
    lease: HostLease,
    entries: Sequence[Entry | EntryChange] = (),
    at: datetime = NOW,
    outcome: str = "fetched",
    **more: Any,
) -> HostCommit:
    """Return the commit of one poll of one feed."""
    changes = [one if isinstance(one, EntryChange) else EntryChange(entry=one) for one in entries]
    polled = replace(
        feed, poll_seq=feed.poll_seq + 1, next_poll_at=at + HOUR, last_poll_at=at, **more
    )
    updated = sum(change.changed for change in changes)
    record = PollRecord(
        feed=feed.id, at=at, outcome=outcome, new=len(changes) - updated, updated=updated
    )
    change = FeedChange(feed=polled, entries=tuple(changes), record=record)
    return HostCommit(lease=lease, changes=(change,))


@dataclass
class World:
    """A store with a clock, and the steps that most tests begin with."""

    store: Store
    clock: StoppedClock

    async def listen(self, *sources: str) -> list[Feed]:
        """List one feed for each source and return them."""
        await self.store.sync_feeds([listing(source) for source in sources], self.clock.at)
        feeds = {feed.source: feed for feed in await self.store.feeds()}
        return [feeds[SourceId(source)] for source in sources]

    async def lease(self, host: str, seconds: int = 60) -> HostLease:
        """Lease one host that is due."""
        others = {feed.host for feed in await self.store.feeds()} - {HostKey(host)}
        (lease,) = await self.store.claim_hosts(
            limit=1, lease=timedelta(seconds=seconds), now=self.clock.at, exclude=others
        )
        return lease

    async def poll(self, feed: Feed, *entries: Entry | EntryChange) -> Feed:
        """Poll a feed when it is next due, with this outcome; return it as it is then."""
        (feed,) = [one for one in await self.store.feeds([feed.source]) if one.id == feed.id]
        self.clock.at = max(self.clock.at, feed.next_poll_at)
        lease = await self.lease(feed.host)
        assert await self.store.commit_polls([a_poll(feed, lease, entries, self.clock.at)]) == ()
        (feed,) = [one for one in await self.store.feeds([feed.source]) if one.id == feed.id]
        return feed

    async def understand(self, stories: dict[str, Sequence[Entry]], **more: Any) -> list[Story]:
        """Consume the log and place entries in stories, named by their first entry."""
        batch = await self.store.claim_log(limit=1000, lease=MINUTE, now=self.clock.at)
        made = [a_story(entries) for entries in stories.values()]
        await self.store.apply_stories(
            StoryChange(
                consumed=tuple(item.seq for item in batch.items) if batch else (),
                token=batch.token if batch else None,
                placements=tuple(
                    a_placement(entry, story)
                    for story, entries in zip(made, stories.values(), strict=True)
                    for entry in entries
                ),
                stories=tuple(made),
                at=self.clock.at,
                **more,
            )
        )
        return made


def a_story(entries: Sequence[Entry], **more: Any) -> Story:
    """Return a story of entries that the first of them leads."""
    first = entries[0]
    made = Story(
        id=story_id(first.id),
        lead=first.id,
        lead_since=first.first_seen_at,
        title=first.title,
        language=first.language,
        entries=tuple(entry.id for entry in entries),
        sources=tuple(dict.fromkeys(entry.source for entry in entries)),
        independent=len(entries),
        first_seen_at=first.first_seen_at,
        updated_at=max(entry.first_seen_at for entry in entries),
    )
    return replace(made, **more)


def a_placement(
    entry: Entry, story: Story | StoryId, copy_of: EntryId | None = None, layer: Layer = Layer.FIRST
) -> Placement:
    """Return where an entry belongs."""
    return Placement(
        entry=entry.id,
        story=story.id if isinstance(story, Story) else story,
        copy_of=copy_of,
        decision=Decision(layer=layer),
    )
