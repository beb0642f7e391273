"""A round: all that is due, host by host, committed in batches.

`claim -> poll each feed of a host, one after the other -> commit`, many hosts side by side. A lease
and its token make sure that no two workers ask one host; a frozen process can still have a packet
in a socket, so no request starts later than `PollOptions.margin` before its lease ends.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from aggregator.model.change import FeedChange, HostCommit, HostLease
from aggregator.model.feed import Feed
from aggregator.model.identifiers import FeedId, HostKey, SourceId
from aggregator.observe.log import get_log
from aggregator.pipeline.parts import Parts
from aggregator.pipeline.poll import poll_feed

_log = get_log("poll")
_AT_ONCE: Final = 0.01  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PollError:
    """A feed that failed in a round."""

    source: SourceId
    feed: str
    kind: str
    message: str


@dataclass(slots=True, kw_only=True)
class RoundReport:
    """What came of a round; the JSON of `aggregator poll` is made from it."""

    feeds: int = 0  # considered: every enabled one that was asked for
    fetched: int = 0
    not_modified: int = 0
    failed: int = 0
    new_entries: int = 0
    updated_entries: int = 0
    errors: list[PollError] = field(default_factory=list)
    new_by_source: dict[SourceId, int] = field(default_factory=dict)

    @property
    def polled(self) -> int:
        """Return how many feeds were asked."""
        return self.fetched + self.not_modified + self.failed

    def add(self, change: FeedChange) -> None:
        """Count one committed poll."""
        record = change.record
        if record.outcome == "fetched":
            self.fetched += 1
        elif record.outcome == "not_modified":
            self.not_modified += 1
        else:
            self.failed += 1
            self.errors.append(
                PollError(
                    source=change.feed.source,
                    feed=change.feed.url,
                    kind=record.outcome,
                    message=record.message or "",
                )
            )
        self.new_entries += record.new
        self.updated_entries += record.updated
        source = change.feed.source
        self.new_by_source[source] = self.new_by_source.get(source, 0) + record.new


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which feeds a round is about."""

    sources: frozenset[SourceId] | None = None  # None: all
    all_feeds: bool = False  # also what is not due by our own cadence


class Round:
    """Poll what is wanted, each feed once, until nothing is left that may be asked.

    An `endless` round is the daemon's sweep: each `step` takes up whatever has come due since.
    """

    def __init__(self, parts: Parts, wanted: Wanted, *, endless: bool = False) -> None:
        self._parts = parts
        self._log = _log.bind()  # made once: the module's is made anew for every line
        self._wanted = wanted
        self._endless = endless
        self.report = RoundReport()
        self.committed = False  # entries were stored since the owner last set this to False
        self.last_poll_at: datetime | None = None
        self.stopping = False
        self._done: set[FeedId] = set()
        self._complete: set[HostKey] = set()
        self._passed: set[HostKey] = set()  # by claims: those that are complete or under way
        self._claimed: HostKey | None = None  # up to which host
        self._tasks: set[asyncio.Task[None]] = set()
        self._finished: list[HostCommit] = []
        self._rows = 0
        self._flushed_at = parts.clock.monotonic()
        self._wake = asyncio.Event()

    async def run(self) -> RoundReport:
        """Poll once everything that is due and commit it; return what came of it.

        Waits for a host's own spacing, not for longer pauses that a publisher asked for.
        """
        flush_after = self._parts.orders.poll.flush_after.total_seconds()
        self.report.feeds = await self._parts.store.feed_count(self._wanted.sources)
        overdue = False
        try:
            while not self.stopping:
                started = await self.step()
                overdue = overdue and not started
                if self._tasks:
                    await self._sleep(flush_after)
                    continue
                if started:
                    continue
                await self._flush()
                pause = await self._pause()
                if pause is None or (overdue and pause <= _AT_ONCE):
                    break  # what has come due since, on a host that is done, is the next round's
                overdue = pause <= _AT_ONCE
                await self._sleep(pause)
        finally:
            await self.drain()
        return self.report

    async def step(self) -> bool:
        """Start on hosts that are due and commit what has come in; tell whether any were started."""
        started = await self._start_hosts()
        options = self._parts.orders.poll
        waited = self._parts.clock.monotonic() - self._flushed_at
        if self._rows >= options.flush_rows or waited >= options.flush_after.total_seconds():
            await self._flush()
        return started

    def stop(self) -> None:
        """Start nothing more; what is under way is finished and committed by `drain`."""
        self.stopping = True
        self._wake.set()

    async def drain(self, grace: float | None = None) -> None:
        """Let what is under way end, for `grace` seconds at most, and commit it."""
        self.stop()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._flush()

    @property
    def _room(self) -> int:
        """Return for how many more hosts there are places."""
        return self._parts.orders.poll.concurrency - len(self._tasks)

    async def _start_hosts(self) -> bool:
        """Claim hosts for the free places and start on them; tell whether there were any."""
        parts, options = self._parts, self._parts.orders.poll
        if self._room <= 0 or self.stopping:
            return False
        leases = await self._claim(self._room)
        due = await parts.store.due_feeds_of(
            leases,
            now=await parts.store.now(),
            limit=options.feeds_per_lease,
            sources=self._wanted.sources,
            all_feeds=self._wanted.all_feeds,
            exclude=self._done,
        )
        for lease in leases:
            if lease.host not in due:
                _log.warning("lease lost", host=lease.host)
                continue
            self._passed.add(lease.host)
            task = asyncio.create_task(self._poll_host(lease, due[lease.host]))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        return bool(due)

    async def _claim(self, room: int) -> tuple[HostLease, ...]:
        """Lease hosts, going on from where the last claim ended, or from the beginning again."""
        leases = await self._claim_after(self._claimed, room)
        if self._claimed and len(leases) < room:
            leases += await self._claim_after(None, room - len(leases))
        by_due = self._wanted == Wanted()  # then those that were polled are not in the way
        self._claimed = leases[-1].host if len(leases) == room and not by_due else None
        return leases

    async def _claim_after(self, host: HostKey | None, room: int) -> tuple[HostLease, ...]:
        return await self._parts.store.claim_hosts(
            limit=room,
            lease=self._parts.orders.poll.lease,
            now=await self._parts.store.now(),
            sources=self._wanted.sources,
            all_feeds=self._wanted.all_feeds,
            exclude=self._passed,
            after=host,
        )

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        # Places are filled a quarter at a time (or after `flush_after`): each claim is a transaction.
        if not self._tasks or self._room * 4 >= self._parts.orders.poll.concurrency:
            self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            _log.error("host failed", error=repr(task.exception()))

    async def _poll_host(self, lease: HostLease, feeds: Sequence[Feed]) -> None:
        """Ask a host's due feeds one after the other; hand over what came of it."""
        parts, options = self._parts, self._parts.orders.poll
        changes: list[FeedChange] = []
        pause: datetime | None = None
        try:
            pause = await self._poll_feeds(lease, feeds, changes)
            if not self._endless and (pause is not None or len(feeds) < options.feeds_per_lease):
                self._complete.add(lease.host)
        finally:
            next_allowed = pause or (await parts.store.now() + options.host_spacing)
            self._hand_over(
                HostCommit(lease=lease, changes=tuple(changes), next_allowed_at=next_allowed)
            )

    async def _poll_feeds(
        self, lease: HostLease, feeds: Sequence[Feed], changes: list[FeedChange]
    ) -> datetime | None:
        """Poll feeds in turn, spaced; stop early when the whole host asks for a pause."""
        parts, options = self._parts, self._parts.orders.poll
        for number, feed in enumerate(feeds):
            if number:
                await self._sleep_unless_stopping(options.host_spacing)
            left = (lease.until - await parts.store.now() - options.margin).total_seconds()
            if left <= 0 or self.stopping:
                return None
            polled = await poll_feed(parts, feed, deadline=left)
            if not self._endless:
                self._done.add(feed.id)
            if self._is_listed(feed):
                changes.append(polled.change)
            record = polled.change.record
            self._log.debug("polled", feed=feed.url, outcome=record.outcome, new=record.new)
            if polled.host_pause is not None:
                return polled.host_pause
        return None

    def _is_listed(self, feed: Feed) -> bool:
        """Tell whether the operator wants a feed: one taken out of the list meanwhile brings nothing (B28)."""
        source = self._parts.orders.source(feed.source)
        return source.enabled and any(spec.url == feed.url for spec in source.feeds)

    def _hand_over(self, commit: HostCommit) -> None:
        self._finished.append(commit)
        self._rows += sum(len(change.entries) + 1 for change in commit.changes)
        if self._rows >= self._parts.orders.poll.flush_rows:
            self._wake.set()

    async def _flush(self) -> None:
        """Commit what has come in, in one transaction; what is refused was another worker's."""
        self._flushed_at = self._parts.clock.monotonic()
        if not self._finished:
            return
        batch, self._finished, self._rows = self._finished, [], 0
        try:
            refused = await self._parts.store.commit_polls(batch)
        finally:  # what could not be written is asked for again when its lease has ended
            self._passed.difference_update({commit.lease.host for commit in batch} - self._complete)
        for commit in refused:
            _log.warning("late result refused", host=commit.lease.host)
        for commit in batch:
            if commit not in refused:
                for change in commit.changes:
                    self._count(change)
                    self.committed = self.committed or bool(change.entries)

    def _count(self, change: FeedChange) -> None:
        if not self._endless:  # a daemon's round would gather errors for ever
            self.report.add(change)
            self._parts.progress("poll", self.report.polled, self.report.feeds)
        metrics, record = self._parts.metrics, change.record
        self.last_poll_at = record.at
        metrics.new_entries.inc(record.new)
        metrics.updated_entries.inc(record.updated)
        if record.outcome not in ("fetched", "not_modified"):
            _log.info("feed failed", feed=change.feed.url, why=record.message)

    async def _pause(self) -> float | None:
        """Return how long to wait for a host that only spacing holds back; None: the round is over."""
        store, options = self._parts.store, self._parts.orders.poll
        due = await store.next_due_at(
            sources=self._wanted.sources,
            all_feeds=self._wanted.all_feeds,
            exclude=self._done,
        )
        if due is None:
            return None
        pause = due - await store.now()
        if pause > options.host_spacing + timedelta(seconds=1):
            return None
        return max(pause.total_seconds(), _AT_ONCE)

    async def _sleep(self, seconds: float) -> None:
        """Sleep until something ends, or so long."""
        self._wake.clear()
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    async def _sleep_unless_stopping(self, interval: timedelta) -> None:
        if not self.stopping:
            await asyncio.sleep(interval.total_seconds())
