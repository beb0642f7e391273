"""Today's rules on stored entries: what they would change, and the change itself.

Entries are taken in the order in which they were first placed, each with its own time as `now`.
What a person decided is kept: entries placed by hand stay with the story they were put into, and
pairs that were split stay apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from aggregator.cluster.window import Window, WindowInput
from aggregator.model.change import StoryChange
from aggregator.model.identifiers import EntryId, StoryId, TopicId
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.model.story import Layer, Placement
from aggregator.model.topic import TopicMatch
from aggregator.pipeline.consume import Understanding, first_seen, keep_split_apart, rounds
from aggregator.pipeline.parts import Parts

_BATCH = 500


@dataclass(slots=True, kw_only=True)
class Retagged:
    """What today's topic rules change."""

    entries: int = 0  # looked at
    gained: dict[TopicId, list[str]] = field(default_factory=dict)  # titles
    lost: dict[TopicId, list[str]] = field(default_factory=dict)
    stories: set[StoryId] = field(default_factory=set)  # touched


@dataclass(slots=True, kw_only=True)
class Regrouped:
    """What today's grouping changes."""

    entries: int = 0  # looked at
    moved: dict[EntryId, tuple[StoryId, StoryId]] = field(default_factory=dict)  # from, to
    stories: set[StoryId] = field(default_factory=set)  # touched


class Replay:
    """Applies today's rules to what is stored since a time, or only says what they would change."""

    def __init__(self, parts: Parts, understanding: Understanding, *, apply: bool) -> None:
        self._parts = parts
        self._understanding = understanding
        self._apply = apply

    async def retag(self, since: datetime) -> Retagged:
        """Match today's topics on the entries placed since then, and on their stories."""
        report = Retagged()
        batch: list[EntryId] = []
        async for live in self._parts.store.window_entries(since):
            batch.append(live.entry.id)
            if len(batch) == _BATCH:
                await self._retag(batch, report)
                batch = []
        await self._retag(batch, report)
        return report

    async def _retag(self, ids: list[EntryId], report: Retagged) -> None:
        changed: dict[EntryId, FiledEntry] = {}
        for one in await self._parts.store.entries_by_id(ids):
            report.entries += 1
            topics = self._parts.orders.rules.match(one.entry.title, one.entry.summary)
            if topics != one.topics:
                changed[one.entry.id] = replace(one, topics=topics)
                _note(report.gained, topics, one.topics, one.entry.title)
                _note(report.lost, one.topics, topics, one.entry.title)
        if not changed:
            return
        stories = await self._understanding.build_stories(list(changed.values()))
        report.stories |= {story.id for story in stories}
        if self._apply:
            await self._parts.store.apply_stories(
                StoryChange(
                    topics=tuple((one.entry.id, one.topics) for one in changed.values()),
                    stories=stories,
                    at=await self._parts.store.now(),
                )
            )

    async def regroup(self, since: datetime) -> Regrouped:
        """Group the entries placed since then anew."""
        report = Regrouped()
        orders = self._parts.orders
        window = Window(orders.cluster)
        await keep_split_apart(window, self._parts.store)
        before: dict[EntryId, Placement] = {}
        after: dict[EntryId, Placement] = {}
        anchors: dict[StoryId, EntryId] = {}  # the first entry of each story as it was
        waiting: list[WindowInput] = []
        async for live in self._parts.store.window_entries(since):
            anchors.setdefault(live.placement.story, live.entry.id)
            before[live.entry.id] = live.placement
            arrival = WindowInput(
                entry=live.entry,
                source=orders.source(live.entry.source),
                feed_kind=live.feed_kind,
            )
            if live.placement.decision.layer is not Layer.HAND:
                waiting.append(arrival)
                if len(waiting) >= _BATCH:
                    over, waiting = _over(waiting)
                    after |= _assigned(window, over)
            else:
                after |= _assigned(window, waiting)
                waiting = []
                after[live.entry.id] = _by_hand(live.placement, anchors, after)
                window.replace(arrival, after[live.entry.id])
        after |= _assigned(window, waiting)
        report.entries = len(before)
        for entry, placement in after.items():
            if placement.story != before[entry].story:
                report.moved[entry] = (before[entry].story, placement.story)
        changed = [
            placement
            for entry, placement in after.items()
            if (placement.story, placement.copy_of) != (before[entry].story, before[entry].copy_of)
        ]
        report.stories = {one.story for one in changed} | {
            before[one.entry].story for one in changed
        }
        if self._apply and changed:
            await self._apply_regroup(changed, before, after, anchors, report.stories)
        return report

    async def _apply_regroup(
        self,
        changed: Iterable[Placement],
        before: Mapping[EntryId, Placement],
        after: Mapping[EntryId, Placement],
        anchors: Mapping[StoryId, EntryId],
        touched: Iterable[StoryId],
    ) -> None:
        """Store the new places, the stories built from them, and where emptied stories went."""
        store = self._parts.store
        members: dict[StoryId, list[EntryId]] = {}
        for entry, placement in after.items():
            members.setdefault(placement.story, []).append(entry)
        old: dict[StoryId, StoryFile] = {
            file.story.id: file for file in await store.story_files(sorted(touched))
        }
        stories, redirects = [], []
        for story in sorted(touched):
            if story not in members:
                redirects.append((story, after[anchors[story]].story))
                continue
            files = [
                replace(one, placement=after[one.entry.id])
                for one in await store.entries_by_id(members[story])
            ]
            previous = old[story].story if story in old else None
            stories.append(self._understanding.story_of(story, files, previous))
        await store.apply_stories(
            StoryChange(
                placements=tuple(changed),
                stories=tuple(stories),
                redirects=tuple(redirects),
                at=await store.now(),
            )
        )
        self._understanding.forget_window()


def _over(arrivals: list[WindowInput]) -> tuple[list[WindowInput], list[WindowInput]]:
    """Part what came in rounds that are over from the round that may go on.

    A round longer than a batch is cut, as it was when it was understood first.
    """
    last = list(rounds(arrivals, first_seen))[-1]
    whole = len(arrivals) - len(last)
    return (arrivals[:whole], arrivals[whole:]) if whole else (arrivals, [])


def _assigned(window: Window, arrivals: Sequence[WindowInput]) -> dict[EntryId, Placement]:
    """Return the machine's places of today for entries, in rounds as they came in."""
    return {
        placement.entry: placement
        for together in rounds(arrivals, first_seen)
        for placement in window.assign_batch(together, together[-1].entry.first_seen_at)
    }


def _by_hand(
    placement: Placement,
    anchors: Mapping[StoryId, EntryId],
    after: Mapping[EntryId, Placement],
) -> Placement:
    """Return a person's place: the story is where its first entry is today."""
    anchor = after.get(anchors[placement.story])
    return replace(placement, story=anchor.story) if anchor is not None else placement


def _note(
    into: dict[TopicId, list[str]],
    these: Iterable[TopicMatch],
    not_these: Iterable[TopicMatch],
    title: str,
) -> None:
    other = {match.topic for match in not_these}
    for match in these:
        if match.topic not in other:
            into.setdefault(match.topic, []).append(title)
