"""The Protocol that every store keeps: narrow, transactional, in the words of the domain.

Facts out (reads), decisions in (`commit_*`, `apply_*`): each call is one transaction, so that
atomicity is never the caller's duty. SQLite, PostgreSQL and the memory store pass the same contract
tests (tests/store). Times are aware UTC. Errors are `StoreError`s; no driver's exception leaves.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

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


class Store(Protocol):
    """Everything that is remembered."""

    # -- life -----------------------------------------------------------------------------------

    async def open(self) -> None:
        """Open, or create; bring the schema up to date (a copy of the file is kept first).

        Raises:
            SchemaTooNew: a newer version wrote it.
            CorruptStore: it is damaged.
        """
        ...

    async def close(self) -> None:
        """Finish what was begun and let go."""
        ...

    async def now(self) -> datetime:
        """Return the store's clock: leases and due times are measured by it alone."""
        ...

    # -- sources and feeds ------------------------------------------------------------------------

    async def sync_feeds(
        self,
        feeds: Sequence[tuple[Source, FeedSpec, HostKey, datetime]],
        now: datetime,
    ) -> None:
        """Make the stored feeds those of the configuration: new ones due at the time given.

        A feed is the same as before when its source and URL are. Where a source lists a URL that a
        stored feed of it `moved_to`, that feed takes the new URL and keeps its history. Feeds no
        longer listed, and those of sources that are not enabled, stay, disabled.
        """
        ...

    async def feeds(self, sources: Collection[SourceId] | None = None) -> tuple[Feed, ...]:
        """Return the enabled feeds, in order of source and URL."""
        ...

    def each_feed(self) -> AsyncIterator[Feed]:
        """Yield the enabled feeds, in order of source and URL, some in memory at a time."""
        ...

    async def feed_count(self, sources: Collection[SourceId] | None = None) -> int:
        """Return how many enabled feeds there are, of these sources or of all."""
        ...

    async def feed_summary(self) -> FeedSummary:
        """Return the enabled feeds at a glance: counted where they are stored, none of them read."""
        ...

    async def feed_span(self) -> tuple[datetime | None, datetime | None]:
        """Return when the first enabled feed was taken up, and when one was last polled."""
        ...

    async def feed_for_import(self, source: SourceId, now: datetime) -> Feed:
        """Return the unpolled feed `import:SOURCE`, made on first use; it is never due."""
        ...

    async def update_feeds(self, feeds: Sequence[Feed]) -> None:
        """Write feeds outside a poll (an operator revives one that was gone)."""
        ...

    async def feed(self, feed: FeedId) -> Feed | None:
        """Return one enabled feed."""
        ...

    async def poll_records(self, feed: FeedId, limit: int = 50) -> tuple[PollRecord, ...]:
        """Return a feed's last polls, newest first; all that changed or failed, 304s for a week."""
        ...

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
        """Lease up to `limit` free hosts that have a feed due and may be asked again, longest due first.

        `all_feeds`: due is every enabled feed whose `not_before` has passed. `exclude`: hosts that
        this round is done with. Of `all_feeds`, or of some sources, hosts are taken by name instead,
        those after `after`: a round takes all of them, and must not pass by those it has had each time.
        """
        ...

    async def claim_host(
        self, host: HostKey, *, lease: timedelta, now: datetime
    ) -> HostLease | None:
        """Lease one host whatever is due there; None while another has it."""
        ...

    async def claim_idle_host(
        self, host: HostKey, *, at_least: timedelta, lease: timedelta, now: datetime
    ) -> HostLease | None:
        """Lease a host, known or not, for something else than its feeds; until the next is due at the latest.

        None where that leaves less than `at_least`, where another has the host, or where it may not
        be asked yet.
        """
        ...

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
        """Return up to `limit` due feeds of each leased host, longest due first, in one reading.

        A host whose lease is no longer ours is left out.
        """
        ...

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
        """Return due feeds of a leased host, longest due first.

        Raises:
            LeaseLost: the lease is no longer ours.
        """
        ...

    async def next_due_at(
        self,
        *,
        sources: Collection[SourceId] | None = None,
        all_feeds: bool = False,
        exclude: Collection[FeedId] = (),
    ) -> datetime | None:
        """Return when the next of these feeds is due on a host that may be asked; None: there is none."""
        ...

    async def known_entries(self, ids: Collection[EntryId]) -> Mapping[EntryId, KnownEntry]:
        """Return what is stored of these entries, withdrawn ones too."""
        ...

    async def known_document(
        self, feed: FeedId, entries: Mapping[EntryId, CanonicalUrl | None]
    ) -> tuple[Mapping[EntryId, KnownEntry], Mapping[CanonicalUrl, tuple[KnownEntry, ...]]]:
        """Return what is stored of a document's entries: of their ids, and under the others' URLs.

        Under a canonical URL are entries of this feed alone, in order of arrival.
        """
        ...

    async def commit_polls(self, commits: Sequence[HostCommit]) -> tuple[HostCommit, ...]:
        """Apply polls in one transaction: feeds, entries, revisions, search index, log; leases released.

        Of an entry that changed, the stored text goes to the revisions first.

        A commit whose lease is lost, or whose feed's `poll_seq` has moved on, is left out whole and
        returned; the others are applied. An entry that is already stored as new is not stored again.
        Entries whose id or canonical URL was withdrawn by a person are not stored.
        """
        ...

    async def commit_import(self, changes: Sequence[EntryChange]) -> None:
        """Apply entries of `import:` feeds, logged in the order given; no lease needed.

        What is already stored, changed or withdrawn is treated as in `commit_polls`.
        """
        ...

    # -- subscriptions at hubs --------------------------------------------------------------------

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Return the subscriptions that have not ended, in order of id."""
        ...

    async def subscription(self, id_: SubscriptionId) -> Subscription | None:
        """Return one subscription, ended or not."""
        ...

    async def save_subscription(
        self, subscription: Subscription, due: datetime | None = None
    ) -> None:
        """Write a subscription; its feed is `pushed_since` and `pushed_until` as it says.

        `due`: the feed is polled then at the latest, though not before its publisher's word.
        """
        ...

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
        """Return entries of these sources whose page was not asked for yet, or is to be again; newest first.

        Only news entries first seen since then, in a story with one of the topics (None: in any); a
        page that two entries lead to is wanted once.
        """
        ...

    async def save_article(self, article: Article) -> None:
        """Keep what came of asking for an entry's page, in the place of an earlier try.

        Nothing is kept of an entry that is not stored, or that was withdrawn.
        """
        ...

    async def article_texts(self, entries: Collection[EntryId]) -> Mapping[EntryId, str]:
        """Return the texts of the pages that are kept of these entries."""
        ...

    # -- understanding ----------------------------------------------------------------------------

    async def claim_log(self, *, limit: int, lease: timedelta, now: datetime) -> LogBatch | None:
        """Lease the entry log for its one consumer and return its oldest rows; None: empty or taken."""
        ...

    async def apply_stories(self, change: StoryChange) -> None:
        """Apply what was understood, and delete the consumed log rows, in one transaction.

        Raises:
            LeaseLost: the log has another consumer now.
        """
        ...

    def window_entries(self, since: datetime) -> AsyncIterator[WindowEntry]:
        """Yield the placed entries first seen since then, in order of placement; `content` is left out."""
        ...

    def window_rows(self, since: datetime) -> AsyncIterator[Sequence[WindowRow]]:
        """Yield what fills the live index with the entries of `window_entries`, in that order, in chunks."""
        ...

    async def window_stories(self, since: datetime) -> tuple[Story, ...]:
        """Return the stories updated since then."""
        ...

    async def corrections(self) -> tuple[Correction, ...]:
        """Return every decision of a person, oldest first."""
        ...

    # -- publishing -------------------------------------------------------------------------------

    async def publications(self, output: OutputId, limit: int) -> tuple[Publication, ...]:
        """Return the newest publications of an output, by `item.published`, those that left excluded."""
        ...

    async def publications_of(
        self, output: OutputId | None, stories: Collection[StoryId]
    ) -> tuple[Publication, ...]:
        """Return the publications of these stories in an output, or in all; those that left included."""
        ...

    async def publications_by_item(
        self, output: OutputId, items: Collection[str]
    ) -> tuple[Publication, ...]:
        """Return the publications of these items in an output, those that left included, newest first."""
        ...

    async def apply_publications(self, changes: Sequence[OutputChange]) -> None:
        """Write publications, by output and item id, in one transaction."""
        ...

    async def editions(self, subject: str, limit: int = 50) -> tuple[Edition, ...]:
        """Return a digest's editions, newest first, the last revision of each."""
        ...

    async def edition(self, subject: str, name: str) -> EditionPlace | None:
        """Return the last revision of one edition, and its neighbours, however old it is."""
        ...

    async def add_edition(self, edition: Edition) -> bool:
        """Keep an edition; False when that revision exists already (then nothing changes)."""
        ...

    # -- reading ----------------------------------------------------------------------------------

    async def stories(self, query: StoryQuery) -> Page[Story]:
        """Return stories."""
        ...

    async def story_counts(self, topic: TopicId, starts: Sequence[datetime]) -> tuple[int, ...]:
        """Return how many of a topic's stories were first seen from each start to the next.

        Muted ones are left out; `starts` ascends, and one more of them is given than counts come back.
        """
        ...

    async def entry_counts(self, source: SourceId, starts: Sequence[datetime]) -> tuple[int, ...]:
        """Return how many of a source's entries were first seen from each start to the next."""
        ...

    async def story_files(
        self, ids: Collection[StoryId], *, content: bool = True
    ) -> tuple[StoryFile, ...]:
        """Return stories with their entries, in the order of `ids`; unknown ones left out.

        Without `content` the entries come without their bodies, which lists do not show.
        """
        ...

    async def entries(self, query: EntryQuery) -> Page[FiledEntry]:
        """Return entries."""
        ...

    async def entries_by_id(self, ids: Collection[EntryId]) -> tuple[FiledEntry, ...]:
        """Return these entries, in the order of `ids`; unknown ones left out."""
        ...

    async def entries_by_url(self, url: CanonicalUrl) -> tuple[FiledEntry, ...]:
        """Return the entries with this canonical URL, in order of arrival."""
        ...

    async def locate(self, id_or_prefix: str) -> Located | None:
        """Return the story that a story id, entry id, or an unambiguous beginning of one, leads to."""
        ...

    async def revisions(self, entry: EntryId) -> tuple[Revision, ...]:
        """Return what an entry said before, oldest first."""
        ...

    async def search(self, query: SearchQuery) -> Page[FiledEntry]:
        """Return entries that hold all the words; two-character Japanese words are found."""
        ...

    async def stats(self) -> Stats:
        """Return counts."""
        ...

    # -- keeping ----------------------------------------------------------------------------------

    async def expire(
        self,
        *,
        stored_before: datetime,
        revised_before: datetime,
        articles_before: datetime | None = None,
        sketches_before: datetime | None = None,
    ) -> int:
        """Delete entries stored before then (their stories too once empty); return how many.

        Of articles fetched before `articles_before` the text is deleted; that they were asked for
        is remembered as long as their entry. Of entries first seen before `sketches_before` what the
        live index needs is deleted.
        """
        ...

    async def backup(self, file: Path) -> None:
        """Write a sound copy while the store is in use; an existing file is replaced only by a whole one."""
        ...

    async def check(self) -> list[str]:
        """Return what is wrong with the stored data, in plain words; empty when sound."""
        ...

    async def state(self, key: str) -> str | None:
        """Return a small named value (last retention run, generation of the outputs ...)."""
        ...

    async def set_state(self, key: str, value: str) -> None:
        """Keep a small named value."""
        ...

    async def read_entry(self, entry: EntryId) -> Entry | None:
        """Return one entry whole, withdrawn or not."""
        ...
