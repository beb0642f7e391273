"""SqliteStore: the Protocol over one SQLite file. What each call does is in the module of its theme."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

from aggregator.model.article import Article, WantedArticle
from aggregator.model.change import (
    EntryChange,
    HostCommit,
    HostLease,
    LogBatch,
    OutputChange,
    PollRecord,
    StoryChange,
)
from aggregator.model.digest import Edition, EditionPlace
from aggregator.model.entry import Entry, KnownEntry, Revision
from aggregator.model.feed import Feed
from aggregator.model.identifiers import (
    CanonicalUrl,
    EntryId,
    FeedId,
    HostKey,
    OutputId,
    SourceId,
    StoryId,
    SubscriptionId,
    TopicId,
)
from aggregator.model.output import Publication
from aggregator.model.query import (
    EntryQuery,
    FeedSummary,
    FiledEntry,
    Located,
    Page,
    SearchQuery,
    Stats,
    StoryFile,
    StoryQuery,
    WindowEntry,
    WindowRow,
)
from aggregator.model.source import FeedSpec, Source
from aggregator.model.story import Correction, Story
from aggregator.model.websub import Subscription
from aggregator.observe.clock import Clock
from aggregator.store.codec import microseconds
from aggregator.store.sqlite import articles as article_rows
from aggregator.store.sqlite import entries as entry_rows
from aggregator.store.sqlite import entry_log, keeping, polls, publishing, sketches, understanding
from aggregator.store.sqlite import feeds as feed_rows
from aggregator.store.sqlite import stories as story_rows
from aggregator.store.sqlite import subscriptions as subscription_rows
from aggregator.store.sqlite.connections import Connections
from aggregator.store.sqlite.copying import copy_database
from aggregator.store.sqlite.migrations import bring_up_to_date
from aggregator.store.sqlite.rows import as_int

P = ParamSpec("P")
T = TypeVar("T")
_Work = Callable[Concatenate[sqlite3.Connection, P], T]

_QUIET_KEPT: Final = timedelta(days=7)  # polls that brought nothing


class SqliteStore:
    """Everything that is remembered, in one file.

    Args:
        path: the file; made when it is not there.
        clock: what `now` returns.
        alone: this process holds the lock on the file's folder, so that any lease found at opening
            is one that a dead process left, and void.
        kind: the class of the connections.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        alone: bool = False,
        kind: type[sqlite3.Connection] = sqlite3.Connection,
    ) -> None:
        self._path = path
        self._clock = clock
        self._alone = alone
        self._connections = Connections(path, kind)

    # -- life -----------------------------------------------------------------------------------

    async def open(self) -> None:
        """Open, or create; check; bring the schema up to date."""
        await self._connections.prepare(partial(bring_up_to_date, path=self._path))
        if self._alone:
            await self._write(feed_rows.void_leases)

    async def close(self) -> None:
        """Finish what was begun and let go."""
        await self._connections.close()

    async def now(self) -> datetime:
        """Return the store's clock."""
        return self._clock.now()

    # -- sources and feeds ------------------------------------------------------------------------

    async def sync_feeds(
        self,
        feeds: Sequence[tuple[Source, FeedSpec, HostKey, datetime]],
        now: datetime,
    ) -> None:
        """Make the stored feeds those of the configuration: new ones due at the time given."""
        await self._write(feed_rows.sync_feeds, feeds, now)

    async def feeds(self, sources: Collection[SourceId] | None = None) -> tuple[Feed, ...]:
        """Return the enabled feeds, in order of source and URL."""
        return await self._read(feed_rows.feeds, sources)

    async def each_feed(self) -> AsyncIterator[Feed]:
        """Yield the enabled feeds, in order of source and URL, some in memory at a time."""
        last: Feed | None = None
        while some := await self._read(feed_rows.feeds_after, last):
            for feed in some:
                yield feed
            last = some[-1]

    async def feed_count(self, sources: Collection[SourceId] | None = None) -> int:
        """Return how many enabled feeds there are."""
        return await self._read(feed_rows.feed_count, sources)

    async def feed_summary(self) -> FeedSummary:
        """Return the enabled feeds at a glance."""
        return await self._read(feed_rows.feed_summary)

    async def feed_span(self) -> tuple[datetime | None, datetime | None]:
        """Return when the first enabled feed was taken up, and when one was last polled."""
        return await self._read(feed_rows.feed_span)

    async def feed_for_import(self, source: SourceId, now: datetime) -> Feed:
        """Return the unpolled feed `import:SOURCE`, made on first use."""
        return await self._write(feed_rows.feed_for_import, source, now)

    async def update_feeds(self, feeds: Sequence[Feed]) -> None:
        """Write feeds outside a poll (an operator revives one that was gone)."""
        await self._write(feed_rows.update_feeds, feeds)

    async def feed(self, feed: FeedId) -> Feed | None:
        """Return one enabled feed."""
        return await self._read(feed_rows.feed, feed)

    async def poll_records(self, feed: FeedId, limit: int = 50) -> tuple[PollRecord, ...]:
        """Return a feed's last polls, newest first."""
        return await self._read(feed_rows.poll_records, feed, limit)

    # -- polling ------------------------------------------------------------------------------------

    async def claim_hosts(
        self,
        *,
        limit: int,
        lease: timedelta,
        now: datetime,
        sources: Collection[SourceId] | None = None,
        all_feeds: bool = False,
        exclude: Collection[HostKey] = (),
        after: HostKey | None = None,
    ) -> tuple[HostLease, ...]:
        """Lease up to `limit` free hosts that have a feed due and may be asked again, longest due first."""
        return await self._write(
            feed_rows.claim_hosts,
            limit=limit,
            lease=lease,
            now=now,
            sources=sources,
            all_feeds=all_feeds,
            exclude=exclude,
            after=after,
        )

    async def claim_host(
        self, host: HostKey, *, lease: timedelta, now: datetime
    ) -> HostLease | None:
        """Lease one host whatever is due there; None while another has it."""
        return await self._write(feed_rows.claim_host, host, lease=lease, now=now)

    async def claim_idle_host(
        self, host: HostKey, *, at_least: timedelta, lease: timedelta, now: datetime
    ) -> HostLease | None:
        """Lease a host for something else than its feeds; until the next is due at the latest."""
        return await self._write(
            feed_rows.claim_idle_host, host, at_least=at_least, lease=lease, now=now
        )

    async def due_feeds_of(
        self,
        leases: Sequence[HostLease],
        *,
        now: datetime,
        limit: int,
        sources: Collection[SourceId] | None = None,
        all_feeds: bool = False,
        exclude: Collection[FeedId] = (),
    ) -> Mapping[HostKey, tuple[Feed, ...]]:
        """Return due feeds of leased hosts, longest due first; a host whose lease is lost is left out."""
        return await self._read(
            feed_rows.due_feeds_of,
            leases,
            now=now,
            limit=limit,
            sources=sources,
            all_feeds=all_feeds,
            exclude=exclude,
        )

    async def due_feeds(
        self,
        lease: HostLease,
        *,
        now: datetime,
        limit: int,
        sources: Collection[SourceId] | None = None,
        all_feeds: bool = False,
        exclude: Collection[FeedId] = (),
    ) -> tuple[Feed, ...]:
        """Return due feeds of a leased host, longest due first."""
        return await self._read(
            feed_rows.due_feeds,
            lease,
            now=now,
            limit=limit,
            sources=sources,
            all_feeds=all_feeds,
            exclude=exclude,
        )

    async def next_due_at(
        self,
        *,
        sources: Collection[SourceId] | None = None,
        all_feeds: bool = False,
        exclude: Collection[FeedId] = (),
    ) -> datetime | None:
        """Return when the next of these feeds is due on a host that may be asked."""
        return await self._read(
            feed_rows.next_due_at, sources=sources, all_feeds=all_feeds, exclude=exclude
        )

    async def known_entries(self, ids: Collection[EntryId]) -> Mapping[EntryId, KnownEntry]:
        """Return what is stored of these entries, withdrawn ones too."""
        return await self._read(polls.known_entries, ids) if ids else {}

    async def known_document(
        self, feed: FeedId, entries: Mapping[EntryId, CanonicalUrl | None]
    ) -> tuple[Mapping[EntryId, KnownEntry], Mapping[CanonicalUrl, tuple[KnownEntry, ...]]]:
        """Return what is stored of a document's entries: of their ids, and under the others' URLs."""
        return await self._read(polls.known_document, feed, entries) if entries else ({}, {})

    async def commit_polls(self, commits: Sequence[HostCommit]) -> tuple[HostCommit, ...]:
        """Apply polls in one transaction: feeds, entries, revisions, search index, log."""
        return await self._write(polls.commit_polls, commits)

    async def commit_import(self, changes: Sequence[EntryChange]) -> None:
        """Apply entries of `import:` feeds, logged in the order given."""
        await self._write(polls.store_entries, changes)

    # -- subscriptions at hubs --------------------------------------------------------------------

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Return the subscriptions that have not ended, in order of id."""
        return await self._read(subscription_rows.subscriptions)

    async def subscription(self, id_: SubscriptionId) -> Subscription | None:
        """Return one subscription, ended or not."""
        return await self._read(subscription_rows.subscription, id_)

    async def save_subscription(
        self, subscription: Subscription, due: datetime | None = None
    ) -> None:
        """Write a subscription, and on its feed what it promises."""
        await self._write(subscription_rows.save_subscription, subscription, due)

    # -- article pages ----------------------------------------------------------------------------

    async def wanted_articles(
        self,
        *,
        sources: Collection[SourceId],
        topics: Collection[TopicId] | None,
        since: datetime,
        now: datetime,
        limit: int,
    ) -> tuple[WantedArticle, ...]:
        """Return entries of these sources whose page was not asked for yet, or is to be again."""
        return await self._read(
            article_rows.wanted_articles,
            sources=sources,
            topics=topics,
            since=since,
            now=now,
            limit=limit,
        )

    async def save_article(self, article: Article) -> None:
        """Keep what came of asking for an entry's page."""
        await self._write(article_rows.save_article, article)

    async def article_texts(self, entries: Collection[EntryId]) -> Mapping[EntryId, str]:
        """Return the texts of the pages that are kept of these entries."""
        return await self._read(article_rows.article_texts, entries)

    # -- understanding ----------------------------------------------------------------------------

    async def claim_log(self, *, limit: int, lease: timedelta, now: datetime) -> LogBatch | None:
        """Lease the entry log for its one consumer and return its oldest rows."""
        return await self._write(entry_log.claim_log, limit=limit, lease=lease, now=now)

    async def apply_stories(self, change: StoryChange) -> None:
        """Apply what was understood, and delete the consumed log rows, in one transaction."""
        await self._write(understanding.apply_stories, change)

    async def window_entries(self, since: datetime) -> AsyncIterator[WindowEntry]:
        """Yield the placed entries first seen since then, a chunk of them in memory at a time."""
        start = await self._read(entry_log.window_start, since)
        while start is not None:
            entries, start = await self._read(entry_log.window_chunk, since, start)
            for entry in entries:
                yield entry

    async def window_rows(self, since: datetime) -> AsyncIterator[Sequence[WindowRow]]:
        """Yield what fills the live index, in order of placement, a chunk in memory at a time."""
        start = await self._read(entry_log.window_start, since)
        while start is not None:
            rows, start = await self._read(sketches.window_rows, since, start)
            yield rows

    async def window_stories(self, since: datetime) -> tuple[Story, ...]:
        """Return the stories updated since then."""
        return await self._read(story_rows.window_stories, microseconds(since))

    async def corrections(self) -> tuple[Correction, ...]:
        """Return every decision of a person, oldest first."""
        return await self._read(understanding.corrections)

    # -- publishing -------------------------------------------------------------------------------

    async def publications(self, output: OutputId, limit: int) -> tuple[Publication, ...]:
        """Return the newest publications of an output, by `item.published`, those that left excluded."""
        return await self._read(publishing.publications, output, limit)

    async def publications_of(
        self, output: OutputId | None, stories: Collection[StoryId]
    ) -> tuple[Publication, ...]:
        """Return the publications of these stories in an output, or in all; those that left included."""
        return await self._read(publishing.publications_of, output, stories)

    async def publications_by_item(
        self, output: OutputId, items: Collection[str]
    ) -> tuple[Publication, ...]:
        """Return the publications of these items in an output, those that left included."""
        return await self._read(publishing.publications_by_item, output, items)

    async def apply_publications(self, changes: Sequence[OutputChange]) -> None:
        """Write publications, by output and item id, in one transaction."""
        await self._write(publishing.apply_publications, changes)

    async def editions(self, subject: str, limit: int = 50) -> tuple[Edition, ...]:
        """Return a digest's editions, newest first, the last revision of each."""
        return await self._read(publishing.editions, subject, limit)

    async def edition(self, subject: str, name: str) -> EditionPlace | None:
        """Return the last revision of one edition, and its neighbours."""
        return await self._read(publishing.edition, subject, name)

    async def add_edition(self, edition: Edition) -> bool:
        """Keep an edition."""
        return await self._write(publishing.add_edition, edition)

    # -- reading ----------------------------------------------------------------------------------

    async def stories(self, query: StoryQuery) -> Page[Story]:
        """Return stories."""
        return await self._read(story_rows.stories, query)

    async def story_counts(self, topic: TopicId, starts: Sequence[datetime]) -> tuple[int, ...]:
        """Return how many of a topic's stories were first seen from each start to the next."""
        return await self._read(story_rows.story_counts, topic, starts)

    async def entry_counts(self, source: SourceId, starts: Sequence[datetime]) -> tuple[int, ...]:
        """Return how many of a source's entries were first seen from each start to the next."""
        return await self._read(entry_rows.entry_counts, source, starts)

    async def story_files(
        self, ids: Collection[StoryId], *, content: bool = True
    ) -> tuple[StoryFile, ...]:
        """Return stories with their entries, in the order of `ids`."""
        return await self._read(story_rows.story_files, ids, content)

    async def entries(self, query: EntryQuery) -> Page[FiledEntry]:
        """Return entries."""
        return await self._read(entry_rows.entries, query)

    async def entries_by_id(self, ids: Collection[EntryId]) -> tuple[FiledEntry, ...]:
        """Return these entries, in the order of `ids`."""
        return await self._read(entry_rows.entries_by_id, ids)

    async def entries_by_url(self, url: CanonicalUrl) -> tuple[FiledEntry, ...]:
        """Return the entries with this canonical URL, in order of arrival."""
        return await self._read(entry_rows.entries_by_url, url)

    async def locate(self, id_or_prefix: str) -> Located | None:
        """Return the story that a story id, entry id, or an unambiguous beginning of one, leads to."""
        return await self._read(story_rows.locate, id_or_prefix)

    async def revisions(self, entry: EntryId) -> tuple[Revision, ...]:
        """Return what an entry said before, oldest first."""
        return await self._read(entry_rows.revisions, entry)

    async def search(self, query: SearchQuery) -> Page[FiledEntry]:
        """Return entries that hold all the words."""
        return await self._read(entry_rows.search, query)

    async def stats(self) -> Stats:
        """Return counts."""
        return await self._read(keeping.stats)

    # -- keeping ----------------------------------------------------------------------------------

    async def expire(
        self,
        *,
        stored_before: datetime,
        revised_before: datetime,
        articles_before: datetime | None = None,
        sketches_before: datetime | None = None,
    ) -> int:
        """Delete old entries, a chunk in a transaction; then revisions, quiet polls, publications."""
        count = 0
        while gone := await self._write(keeping.expire_chunk, microseconds(stored_before)):
            count += gone
        await self._write(
            keeping.expire_rest,
            stored_before=microseconds(stored_before),
            revised_before=microseconds(revised_before),
            articles_before=as_int(articles_before),
            sketches_before=as_int(sketches_before),
            quiet_before=microseconds(self._clock.now() - _QUIET_KEPT),
        )
        return count

    async def backup(self, file: Path) -> None:
        """Write a sound copy while the store is in use."""
        await self._read(copy_database, file)

    async def check(self) -> list[str]:
        """Return what is wrong with the stored data, in plain words."""
        return await self._read(keeping.check)

    async def state(self, key: str) -> str | None:
        """Return a small named value (last retention run, generation of the outputs ...)."""
        return await self._read(keeping.state, key)

    async def set_state(self, key: str, value: str) -> None:
        """Keep a small named value."""
        await self._write(keeping.set_state, key, value)

    async def read_entry(self, entry: EntryId) -> Entry | None:
        """Return one entry whole, withdrawn or not."""
        return await self._read(entry_rows.read_entry, entry)

    # -- the two kinds of work ----------------------------------------------------------------------

    async def _read(self, work: "_Work[P, T]", *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._connections.read(lambda connection: work(connection, *args, **kwargs))

    async def _write(self, work: "_Work[P, T]", *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._connections.write(lambda connection: work(connection, *args, **kwargs))
