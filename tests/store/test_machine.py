"""Any sequence of polls, understanding, corrections and retention, beside a model in plain dictionaries."""

import asyncio
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from aggregator.model.change import StoryChange
from aggregator.model.entry import Entry
from aggregator.model.feed import Feed
from aggregator.model.identifiers import EntryId, StoryId, story_id
from aggregator.model.query import EntryQuery, Located, SearchQuery, StoryQuery
from aggregator.model.story import Correction, Hand, Layer
from aggregator.store.sqlite.store import SqliteStore
from aggregator.text.normalise import fold
from tests.store.samples import (
    DAY,
    NOW,
    StoppedClock,
    World,
    a_placement,
    a_story,
    an_entry,
    rewritten,
)

T = TypeVar("T")
_KEYS = st.sampled_from("abcdef")
_TITLES = st.text("東京都停戦 a1", min_size=1, max_size=6)
_PLACES = st.integers(0, 999)


@dataclass
class Model:
    """What a store should hold."""

    entries: dict[EntryId, Entry] = field(default_factory=dict)  # withdrawn ones too
    said: dict[EntryId, list[str]] = field(default_factory=dict)  # titles before
    log: list[EntryId] = field(default_factory=list)
    story_of: dict[EntryId, StoryId] = field(default_factory=dict)
    placed: list[EntryId] = field(default_factory=list)
    banned: set[str] = field(default_factory=set)
    redirects: dict[StoryId, StoryId] = field(default_factory=dict)

    def visible(self) -> list[Entry]:
        """Return what may be seen, newest first."""
        seen = [one for one in self.entries.values() if not one.withdrawn]
        seen.sort(key=lambda one: one.id)
        seen.sort(key=lambda one: one.first_seen_at, reverse=True)
        return seen

    def stories(self) -> dict[StoryId, tuple[EntryId, ...]]:
        """Return the entries of each story that may be seen, in order of placement."""
        members: dict[StoryId, tuple[EntryId, ...]] = {}
        for entry in self.placed:
            if not self.entries[entry].withdrawn:
                story = self.story_of[entry]
                members[story] = (*members.get(story, ()), entry)
        return members

    def forget(self, entry: EntryId) -> None:
        """Take out all that hangs on an entry."""
        del self.entries[entry]
        self.said.pop(entry, None)
        self.story_of.pop(entry, None)
        self.placed = [one for one in self.placed if one != entry]
        self.log = [one for one in self.log if one != entry]


class StoreMachine(RuleBasedStateMachine):
    """Drives a store and a model through the same steps."""

    @initialize()
    def begin(self) -> None:
        """Open an empty store with two feeds."""
        self.folder = tempfile.TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.clock = StoppedClock()
        self.model = Model()
        self.open()
        self.feeds = self.run(self.world.listen("nhk", "tbs"))

    def open(self) -> None:
        """Open the file."""
        store = SqliteStore(Path(self.folder.name) / "a.db", self.clock)
        self.run(store.open())
        self.world = World(store, self.clock)

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        """Wait for one call."""
        return self.loop.run_until_complete(step)

    def teardown(self) -> None:  # type: ignore[explicit-override]  # `override` is of Python 3.12
        """Close and clean up."""
        if hasattr(self, "loop"):
            self.run(self.world.store.close())
            self.loop.close()
            self.folder.cleanup()

    @rule(number=st.integers(0, 1), items=st.dictionaries(_KEYS, _TITLES, max_size=4))
    def poll(self, number: int, items: dict[str, str]) -> None:
        """Poll a feed that has these items now: new ones, or known ones rewritten."""
        feed: Feed = self.feeds[number]
        at = self.clock.at + DAY
        changes = []
        for key, title in items.items():
            new = an_entry(feed, key, title, at)
            old = self.model.entries.get(new.id)
            changes.append(new if old is None else rewritten(old, title, at))
        self.clock.at = at
        self.run(self.world.poll(feed, *changes))
        for change in changes:
            self._stored(change if isinstance(change, Entry) else change.entry)

    def _stored(self, entry: Entry) -> None:
        old = self.model.entries.get(entry.id)
        if entry.id in self.model.banned or entry.canonical_url in self.model.banned:
            return
        if old is not None:
            self.model.said.setdefault(entry.id, []).append(old.title)
            entry = replace(entry, stored_at=old.stored_at)
        self.model.entries[entry.id] = entry
        self.model.log.append(entry.id)

    @precondition(lambda self: self.model.log)
    @rule(places=st.lists(_PLACES, min_size=12, max_size=12))
    def understand(self, places: list[int]) -> None:
        """Place what waits: in a story of its own, or in one that is there."""
        batch = self.run(self.world.store.claim_log(limit=5, lease=DAY, now=self.clock.at))
        assert batch is not None
        waiting = self.model.log[:5]
        assert [item.entry.id for item in batch.items] == waiting
        assert all(item.entry == self.model.entries[item.entry.id] for item in batch.items)
        for entry, place in zip(dict.fromkeys(waiting), places, strict=False):
            if entry not in self.model.story_of:
                homes = [story_id(entry), *self.model.stories()]
                self.model.story_of[entry] = homes[place % len(homes)]
                self.model.placed.append(entry)
        del self.model.log[:5]
        self._apply(
            placed=list(dict.fromkeys(waiting)),
            consumed=tuple(item.seq for item in batch.items),
            token=batch.token,
        )

    @precondition(lambda self: len(self.model.stories()) > 1)
    @rule(first=_PLACES, second=_PLACES)
    def join(self, first: int, second: int) -> None:
        """Make two stories one."""
        stories = list(self.model.stories())
        kept, gone = stories[first % len(stories)], stories[second % len(stories)]
        if kept == gone:
            return
        moved = [one for one, story in self.model.story_of.items() if story == gone]
        for entry in moved:
            self.model.story_of[entry] = kept
        for old, lives_on in self.model.redirects.items():
            if lives_on == gone:
                self.model.redirects[old] = kept
        self.model.redirects[gone] = kept
        self._apply(placed=moved, redirects=((gone, kept),))

    @precondition(lambda self: self.model.visible())
    @rule(place=_PLACES, by_url=st.booleans())
    def withdraw(self, place: int, by_url: bool) -> None:
        """Withdraw an entry, by its id or its URL."""
        seen = self.model.visible()
        entry = seen[place % len(seen)]
        subject = entry.canonical_url if by_url and entry.canonical_url else entry.id
        self.model.banned |= {entry.id, subject}
        self.model.entries[entry.id] = replace(entry, withdrawn=True)
        self.model.log = [one for one in self.model.log if one != entry.id]
        correction = Correction(hand=Hand.WITHDRAW, subject=subject, at=self.clock.at)
        self._apply(corrections=(correction,), withdrawn=(entry.id,))

    def _apply(self, placed: list[EntryId] | None = None, **more: Any) -> None:
        """Apply the stories as the model has them now."""
        members = self.model.stories()
        stories = tuple(
            replace(a_story([self.model.entries[one] for one in entries]), id=story)
            for story, entries in members.items()
        )
        for story in members:
            self.model.redirects.pop(story, None)
        placements = tuple(
            a_placement(self.model.entries[one], self.model.story_of[one], layer=Layer.STORY)
            for one in placed or ()
            if self.model.story_of[one] in members
        )
        self.run(
            self.world.store.apply_stories(
                StoryChange(placements=placements, stories=stories, at=self.clock.at, **more)
            )
        )

    @rule(days=st.integers(3, 20))
    def expire(self, days: int) -> None:
        """Let old entries go."""
        before = self.clock.at - days * DAY
        old = [one.id for one in self.model.entries.values() if one.stored_at < before]
        count = self.run(self.world.store.expire(stored_before=before, revised_before=NOW - DAY))
        for entry in old:
            self.model.forget(entry)
        alive = set(self.model.story_of.values())
        self.model.redirects = {
            gone: kept for gone, kept in self.model.redirects.items() if kept in alive
        }
        assert count == len(old)

    @rule()
    def reopen(self) -> None:
        """Close the file and open it again."""
        self.run(self.world.store.close())
        self.open()

    @invariant()
    def the_store_holds_what_the_model_holds(self) -> None:
        """Compare every read."""
        if hasattr(self, "world"):
            self.run(self._compare())

    async def _compare(self) -> None:
        model, store = self.model, self.world.store
        seen = model.visible()
        page = await store.entries(EntryQuery(limit=999))
        assert [one.entry for one in page.items] == seen
        for filed in page.items:
            placement = filed.placement
            assert (placement.story if placement else None) == model.story_of.get(filed.entry.id)
            titles = [one.title for one in await store.revisions(filed.entry.id)]
            assert titles == model.said.get(filed.entry.id, [])
        for words in ("東", "停戦", "東京都", "a1"):
            hits = {one.entry.id for one in (await store.search(SearchQuery(text=words))).items}
            assert hits == {one.id for one in seen if _holds(one.title, words)}
        stories = {one.id: one.entries for one in (await store.stories(StoryQuery())).items}
        assert stories == model.stories()
        for gone, kept in model.redirects.items():
            found = await store.locate(gone)
            hidden = kept not in stories
            assert found == (None if hidden else Located(story=kept, redirected_from=gone))
        window = [one.entry.id async for one in store.window_entries(NOW)]
        assert window == [one for one in model.placed if not model.entries[one].withdrawn]
        stats = await store.stats()
        assert (stats.entries, stats.stories, stats.log) == (
            len(model.entries),
            len(stories),
            len(model.log),
        )
        assert await store.check() == []


def _holds(title: str, words: str) -> bool:
    if words.isascii():
        return (
            words
            in fold(title)
            .replace("東", " ")
            .replace("京", " ")
            .translate({ord(c): " " for c in "都停戦"})
            .split()
        )
    return words in fold(title)


StoreMachine.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
test_the_store_does_what_the_model_does = StoreMachine.TestCase
