"""The program's own feeds: incidents of sources, changed headlines, what was suppressed, single stories.

The first three keep their items as small named values of the store, frozen once made. A story's own
feed, and archive pages of outputs, are made when they are asked for, and again a minute later: from
the same facts come the same bytes.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from aggregator.cluster.explain import explain
from aggregator.identify.revision_diff import changed_spans
from aggregator.model.identifiers import EntryId, StoryId
from aggregator.model.incident import Incident
from aggregator.model.output import Item
from aggregator.model.query import FiledEntry, StoryFile, StoryQuery
from aggregator.model.story import Placement
from aggregator.pipeline.archives import Archives
from aggregator.pipeline.documents import put_documents
from aggregator.pipeline.parts import Parts
from aggregator.publish.edits import edit_drafts
from aggregator.publish.incidents import follow_incidents, incident_drafts, rewritten
from aggregator.publish.render import render_feed
from aggregator.publish.special import Draft, merged, special_channel
from aggregator.publish.story_feed import story_channel, story_items
from aggregator.publish.suppressed import suppressed_drafts
from aggregator.schedule.advice import troubles_of
from aggregator.store.codec import Codec

NAMES: Final = ("status", "edits", "suppressed")
STORY: Final = "story-"
_ITEMS: Final = Codec(tuple[Item, ...])
_INCIDENTS: Final = Codec(tuple[Incident, ...])
_FRESH: Final = timedelta(minutes=1)  # as long as clients may keep it
_KEPT: Final = 100  # feeds made on demand that are in memory at once
_FOLLOWERS: Final = 2000  # later stories that are looked through for those that follow one


def is_special_feed(name: str) -> bool:
    """Tell whether a document of the shelf is looked after here."""
    stem = _stem(name)
    return name.startswith("feeds/") and (
        stem in NAMES or stem.startswith(STORY) or Archives.is_page(stem)
    )


class SpecialFeeds:
    """Keeps the program's own feeds."""

    def __init__(self, parts: Parts, archives: Archives) -> None:
        self._parts = parts
        self._archives = archives
        self._items: dict[str, tuple[Item, ...]] = {}
        self._making: dict[str, asyncio.Task[bool]] = {}
        self._made: dict[str, datetime] = {}

    # -- kept feeds -------------------------------------------------------------------------------

    async def take_up(
        self, ids: Collection[StoryId], files: Sequence[StoryFile], now: datetime
    ) -> None:
        """Let edits and suppressed follow the touched stories; those not in `files` exist no more."""
        orders = self._parts.orders
        suppressed = await asyncio.to_thread(self._suppressed, files)
        edits = [
            draft
            for file in files
            if not file.story.muted
            for filed in file.entries
            if filed.entry.revision
            for draft in edit_drafts(
                filed, await self._parts.store.revisions(filed.entry.id), orders.publish, _diff
            )
        ]
        gone = set(ids) - {file.story.id for file in files}
        await self._merge("suppressed", ids, gone, suppressed, now)
        await self._merge("edits", ids, gone, edits, now)

    async def look_at_feeds(self) -> None:
        """Let the status feed follow how the sources' feeds are."""
        store, ctx = self._parts.store, self._parts.orders.publish
        now = await store.now()
        troubles = [
            trouble
            async for feed in store.each_feed()
            for trouble in troubles_of(feed, now, ctx.language)
        ]
        state = await store.state("incidents")
        followed = follow_incidents(_INCIDENTS.load(state) if state else (), troubles, now)
        if not (followed.begun or followed.spread or followed.over):
            return
        items = rewritten(await self._known("status"), followed, troubles, ctx, now)
        drafts = incident_drafts(followed, troubles, ctx, now)
        await self._keep("status", merged(items, drafts, (), now))
        await self._parts.shelf.write_files()
        await store.set_state("incidents", _INCIDENTS.dump(followed.lasting))

    async def render(self) -> None:
        """Put the kept feeds on the shelf, under the configuration of now."""
        for name in NAMES:
            await self._put(name, await self._known(name))

    async def _merge(
        self,
        name: str,
        touched: Collection[StoryId],
        gone: Collection[StoryId],
        drafts: Sequence[Draft],
        now: datetime,
    ) -> None:
        known = await self._known(name)
        wanted = {draft.id for draft in drafts}
        dropped = {
            item.id
            for item in known
            if item.story in touched and (item.id not in wanted or item.story in gone)
        }
        await self._keep(name, await asyncio.to_thread(merged, known, drafts, dropped, now))

    def _suppressed(self, files: Sequence[StoryFile]) -> list[Draft]:
        orders = self._parts.orders
        return [
            draft
            for file in files
            for draft in suppressed_drafts(file, orders.outputs, orders.publish, self._explain)
        ]

    async def _known(self, name: str) -> tuple[Item, ...]:
        if name not in self._items:
            state = await self._parts.store.state(f"feed:{name}")
            self._items[name] = _ITEMS.load(state) if state else ()
        return self._items[name]

    async def _keep(self, name: str, items: tuple[Item, ...]) -> None:
        if items != await self._known(name):
            state = await asyncio.to_thread(_ITEMS.dump, items)
            await self._parts.store.set_state(f"feed:{name}", state)
            self._items[name] = items
            await self._put(name, items)

    async def _put(self, name: str, items: Sequence[Item]) -> None:
        channel = special_channel(name, items, self._parts.orders.publish)
        await put_documents(
            self._parts,
            lambda: render_feed(f"feeds/{name}", channel, items, self._parts.fragments),
            channel.updated,
        )

    def _explain(self, placement: Placement, file: StoryFile) -> str:
        orders = self._parts.orders
        named = {one.entry.id: one.entry for one in file.entries}
        outlets = {str(source.id): source.name for source in orders.sources.values()}
        return explain(placement, named, orders.language, None, outlets)

    # -- feeds made on demand ---------------------------------------------------------------------

    async def make(self, name: str) -> bool:
        """Put a story's own feed or an archive page on the shelf; False where there is none of that name.

        Asked for by many at once, it is made once.
        """
        stem = _stem(name)
        making = self._making.get(stem)
        if making is None:
            making = asyncio.ensure_future(self._make(stem))
            self._making[stem] = making
            making.add_done_callback(lambda _: self._making.pop(stem, None))
        return await asyncio.shield(making) and self._parts.shelf.get(name) is not None

    def forget_stale(self) -> None:
        """Let what was made on demand go from memory: who asks again gets it as it is by then."""
        now = self._parts.clock.now()
        self._forget(stem for stem, at in self._made.items() if now - at >= _FRESH)

    async def _make(self, stem: str) -> bool:
        if Archives.is_page(stem):
            made = await self._archives.render_page(stem)
        elif stem.startswith(STORY):
            made = await self._make_story(StoryId(stem.removeprefix(STORY)))
        else:
            return False
        if made:
            self._made[stem] = self._parts.clock.now()
            self._forget(list(self._made)[:-_KEPT])
        return made

    async def _make_story(self, id: StoryId) -> bool:
        store, ctx = self._parts.store, self._parts.orders.publish
        now = await store.now()
        files = await store.story_files([id])
        if not files or files[0].story.muted:
            return False
        file = files[0]
        items = story_items(
            file, await self._followers(file), await self._revised(file.entries), ctx, now
        )
        channel = story_channel(file, items, ctx)
        await put_documents(
            self._parts,
            lambda: render_feed(f"feeds/{STORY}{id}", channel, items),
            channel.updated,
            private=True,  # no file: nobody would take it away again
        )
        return True

    async def _followers(self, file: StoryFile) -> tuple[StoryFile, ...]:
        """Return the stories that follow this one, or one that does, in order of time."""
        page = await self._parts.store.stories(
            StoryQuery(updated_since=file.story.first_seen_at, limit=_FOLLOWERS)
        )
        chain = {file.story.id}
        found = []
        for story in sorted(page.items, key=lambda story: (story.first_seen_at, story.id)):
            if story.saga in chain:
                chain.add(story.id)
                found.append(story.id)
        return await self._parts.store.story_files(found)

    async def _revised(self, entries: Iterable[FiledEntry]) -> Mapping[EntryId, datetime]:
        revised: dict[EntryId, datetime] = {}
        for filed in entries:
            if filed.entry.revision:
                revisions = await self._parts.store.revisions(filed.entry.id)
                revised |= {one.entry: one.replaced_at for one in revisions}
        return revised

    def _forget(self, stems: Iterable[str]) -> None:
        for stem in tuple(stems):
            self._made.pop(stem, None)
            for name in self._parts.shelf.names():
                if name.startswith(f"feeds/{stem}.") and _stem(name) == stem:
                    self._parts.shelf.forget(name)


def _diff(before: str, after: str) -> list[tuple[str, str]]:
    return [(segment.kind.value, segment.text) for segment in changed_spans(before, after)]


def _stem(name: str) -> str:
    return name.removeprefix("feeds/").rpartition(".")[0]
