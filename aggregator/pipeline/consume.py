"""The one consumer of the entry log: `log -> tag -> cluster -> commit`.

Each batch is sorted by time, source and entry key, so that stories do not depend on which feed
answered first. `now` is always the entry's own first-seen time: a replay decides as it was decided
live. The live index is filled from the store when the log first has something, and again after any
failure, so that it never runs ahead of what is stored.

What is computed (tags, places, stories) is computed on a thread, or whoever asks for a feed meanwhile
would wait for a whole batch. Only the one consumer touches the index, and it waits for the thread.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from aggregator.cluster.story import build_story
from aggregator.cluster.window import Window, WindowInput
from aggregator.model.change import LogItem, StoryChange
from aggregator.model.identifiers import EntryId, StoryId
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.model.story import Hand, Placement, Story
from aggregator.model.topic import TopicMatch
from aggregator.observe.log import get_log
from aggregator.pipeline.orders import Orders
from aggregator.pipeline.parts import Parts
from aggregator.store.store import Store
from aggregator.tag.inherit import story_topics

T = TypeVar("T")

_log = get_log("understand")
_LEASE = timedelta(minutes=5)
_ROUND = timedelta(minutes=15)  # polling.min_interval's default: how often a busy feed is asked
BATCH = 500  # entries understood in one transaction


class Understanding:
    """What is understood of the entries that came in; holds the live index."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._window: Window | None = None
        self._stopping = False

    async def consume(self, *, as_logged: bool = False) -> frozenset[StoryId]:
        """Understand one batch; return the stories it touched, none when the log is empty.

        `as_logged` keeps the order of the log: an import has put it in order already.
        """
        store = self._parts.store
        batch = await store.claim_log(limit=BATCH, lease=_LEASE, now=await store.now())
        if batch is None or not batch.items:
            return frozenset()
        items = batch.items if as_logged else self._in_order(batch.items)
        window = await self.window()
        try:
            change = await self._understand(window, items)
            await store.apply_stories(
                replace(change, consumed=tuple(item.seq for item in items), token=batch.token)
            )
        except BaseException:
            self._window = None
            raise
        return frozenset(story.id for story in change.stories)

    async def consume_all(self, *, as_logged: bool = False) -> frozenset[StoryId]:
        """Understand all that waits; return the stories touched."""
        touched: set[StoryId] = set()
        while not self._stopping and (stories := await self.consume(as_logged=as_logged)):
            touched |= stories
        return frozenset(touched)

    def stop(self) -> None:
        """Begin no further batch: what waits in the log is understood after the next start."""
        self._stopping = True

    async def window(self) -> Window:
        """Return the live index, filled from the store when it is not there."""
        if self._window is None:
            orders, store = self._parts.orders, self._parts.store
            window = Window(orders.cluster)
            await _fill(window, orders, store)
            await keep_split_apart(window, store)
            self._window = window
            _log.debug("index filled", entries=len(window))
        return self._window

    def forget_window(self) -> None:
        """Drop the live index; the next batch fills it anew, under the orders of that time."""
        self._window = None

    def _in_order(self, items: Sequence[LogItem]) -> tuple[LogItem, ...]:
        window = self._parts.orders.cluster.window
        return tuple(
            sorted(
                items,
                key=lambda item: (
                    item.entry.time(item.entry.first_seen_at - window),
                    item.entry.source,
                    item.entry.key,
                    item.seq,
                ),
            )
        )

    async def _understand(self, window: Window, items: Sequence[LogItem]) -> StoryChange:
        """Tag and place entries in order, then build the stories that they touch."""
        store = self._parts.store
        filed = {
            one.entry.id: one
            for one in await store.entries_by_id(list({item.entry.id for item in items}))
        }
        placements, topics = await asyncio.to_thread(self._place, window, items, filed)
        for placement in placements:
            self._parts.metrics.placements.labels(placement.decision.layer.value).inc()
        stories = await self.build_stories(list(filed.values()))
        now = await store.now()
        return StoryChange(
            placements=placements,
            topics=tuple(topics.items()),
            stories=stories,
            sketches=window.sketches(now),
            at=now,
        )

    def _place(
        self, window: Window, items: Sequence[LogItem], filed: dict[EntryId, FiledEntry]
    ) -> tuple[tuple[Placement, ...], dict[EntryId, tuple[TopicMatch, ...]]]:
        """Return the places of new entries and the topics of all; `filed` takes both up."""
        orders = self._parts.orders
        topics: dict[EntryId, tuple[TopicMatch, ...]] = {}
        arrivals: dict[EntryId, WindowInput] = {}
        for item in items:
            entry = item.entry
            if entry.id not in filed or entry.id in topics:  # withdrawn or expired while it waited
                continue
            topics[entry.id] = orders.rules.match(entry.title, entry.summary)
            arrival = WindowInput(
                entry=entry,
                source=orders.source(entry.source),
                feed_kind=filed[entry.id].feed_kind,
            )
            placed = filed[entry.id].placement
            if placed is None:
                arrivals[entry.id] = arrival
            else:
                window.replace(arrival, placed)
            filed[entry.id] = replace(filed[entry.id], topics=topics[entry.id])
        placements = tuple(
            placement
            for together in rounds(list(arrivals.values()), first_seen)
            for placement in window.assign_batch(together, together[-1].entry.first_seen_at)
        )
        for placement in placements:
            filed[placement.entry] = replace(filed[placement.entry], placement=placement)
        return placements, topics

    async def build_stories(self, changed: Sequence[FiledEntry]) -> tuple[Story, ...]:
        """Return the stories of these entries as they are to be, stored members included."""
        members: dict[StoryId, dict[EntryId, FiledEntry]] = {}
        for one in changed:
            if one.placement is not None:
                members.setdefault(one.placement.story, {})[one.entry.id] = one
        stored: dict[StoryId, StoryFile] = {
            file.story.id: file for file in await self._parts.store.story_files(list(members))
        }
        return await asyncio.to_thread(self._built, members, stored)

    def _built(
        self,
        members: Mapping[StoryId, Mapping[EntryId, FiledEntry]],
        stored: Mapping[StoryId, StoryFile],
    ) -> tuple[Story, ...]:
        return tuple(
            self._story(story, list(changed.values()), stored.get(story))
            for story, changed in members.items()
        )

    def _story(
        self, story: StoryId, changed: Sequence[FiledEntry], stored: StoryFile | None
    ) -> Story:
        files = {one.entry.id: one for one in stored.entries} if stored is not None else {}
        files |= {one.entry.id: one for one in changed}
        return self.story_of(story, list(files.values()), stored.story if stored else None)

    def story_of(
        self, story: StoryId, members: Sequence[FiledEntry], previous: Story | None
    ) -> Story:
        """Return a story built from all its members: lead, counts, topics."""
        orders = self._parts.orders
        now = max(one.entry.first_seen_at for one in members)
        built = build_story(story, members, orders.sources, previous, (), now, orders.language)
        matches = [(one.entry.id, one.topics) for one in members]
        return replace(built, topics=story_topics(matches, built.lead))


def rounds(arrivals: Sequence[T], at: Callable[[T], datetime]) -> Iterator[Sequence[T]]:
    """Yield what arrived together: as a round of polls would have brought it, were it live.

    A log of live polls is one round by itself; an imported stream of days is cut into rounds.
    """
    start = 0
    for number, arrival in enumerate(arrivals):
        if at(arrival) - at(arrivals[start]) > _ROUND:
            yield arrivals[start:number]
            start = number
    if arrivals:
        yield arrivals[start:]


def first_seen(arrival: WindowInput) -> datetime:
    """Return when an entry arrived."""
    return arrival.entry.first_seen_at


async def _fill(window: Window, orders: Orders, store: Store) -> None:
    """Fill a live index from the store; keep the sketches of entries that had to be read again."""
    now = await store.now()
    restoring = window.restoring(orders.sources)
    async for rows in store.window_rows(now - orders.cluster.window):
        unread = restoring.unread(rows)
        filed = await store.entries_by_id(unread) if unread else ()
        texts = {one.entry.id: one.entry for one in filed}
        await asyncio.to_thread(restoring.add, rows, texts)  # readers are answered meanwhile
        if sketches := window.sketches(now):
            await store.apply_stories(StoryChange(sketches=sketches, at=now))


async def keep_split_apart(window: Window, store: Store) -> None:
    """Tell the index which entries a person took out of which stories, and away from whom."""
    splits = [one for one in await store.corrections() if one.hand is Hand.SPLIT and one.object]
    stories = {StoryId(one.object) for one in splits if one.object}
    files = {file.story.id: file for file in await store.story_files(sorted(stories))}
    for one in splits:
        story = StoryId(one.object or "")
        members = files[story].story.entries if story in files else ()
        window.keep_apart(EntryId(one.subject), story, members)
