"""Outputs follow stories: `select -> item -> render -> shelf`, only what changed.

Items are frozen values in the store; documents are rendered from them and put on the shelf, whole or
not at all. After a crash the shelf is rendered anew from the store.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from aggregator.model.identifiers import OutputId, StoryId
from aggregator.model.output import Output, Publication
from aggregator.model.query import StoryFile, StoryQuery
from aggregator.observe.log import get_log
from aggregator.pipeline.archives import Archives
from aggregator.pipeline.digest_edition import digest_feeds, is_digest_feed
from aggregator.pipeline.documents import put_documents
from aggregator.pipeline.parts import Parts
from aggregator.pipeline.special_feeds import NAMES, SpecialFeeds, is_special_feed
from aggregator.pipeline.subscriptions import sources_opml
from aggregator.publish.opml import outputs_opml
from aggregator.publish.render import render_output
from aggregator.publish.soundness import is_sound
from aggregator.publish.update import update_output

_log = get_log("publish")
_STORIES = 200  # files read at a time


class Publisher:
    """Keeps the shelf true to the store."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._archives = Archives(parts)
        self.special = SpecialFeeds(parts, self._archives)

    async def republish(self, touched: Collection[StoryId]) -> int:
        """Let every output take up what became of these stories; return how many items were written.

        Called without stories it only lets items leave that have grown too old.
        """
        now = await self._parts.store.now()
        written: Counter[OutputId] = Counter()
        ids = sorted(touched)
        for start in range(0, max(len(ids), 1), _STORIES):
            chunk = ids[start : start + _STORIES]
            if start:  # what waits to be written is in memory
                await self._parts.shelf.write_files()
            files = await self._parts.store.story_files(chunk)
            earlier: dict[OutputId, list[Publication]] = {}
            for one in await self._parts.store.publications_of(None, chunk):
                earlier.setdefault(one.output, []).append(one)
            for output in self._parts.orders.outputs:
                known = earlier.get(output.id, [])
                written[output.id] += await self._update(output, known, files, now)
            await self.special.take_up(chunk, files, now)
        for output in self._parts.orders.outputs:
            if written[output.id] or self._parts.shelf.get(f"feeds/{output.id}.rss") is None:
                await self._render(output, now)
        if self._parts.shelf.get("feeds.opml") is None:
            await self.special.render()
            self._put_lists(now)
        await self._let_go()
        await self._parts.shelf.write_files()
        return sum(written.values())

    async def republish_all(self) -> int:
        """Take up every story that an output could still hold: after a start or a new configuration."""
        now = await self._parts.store.now()
        self._parts.showcase.forget()  # limits may be others
        oldest = max((output.max_age for output in self._parts.orders.outputs), default=None)
        touched: set[StoryId] = set()
        cursor: str | None = None
        while oldest is not None:
            page = await self._parts.store.stories(
                StoryQuery(updated_since=now - oldest, muted=True, cursor=cursor, limit=1000)
            )
            touched |= {story.id for story in page.items}
            cursor = page.next_cursor
            if cursor is None:
                break
        written = await self.republish(touched)
        for output in self._parts.orders.outputs:
            await self._render(output, now)
        await self._archives.follow_configuration()
        await self._let_go()
        await self.special.render()
        self._drop_strangers()
        self._put_lists(now)
        await self._parts.shelf.write_files()
        return written

    async def _update(
        self,
        output: Output,
        earlier: Sequence[Publication],
        files: Sequence[StoryFile],
        now: datetime,
    ) -> int:
        current = await self._parts.showcase.shown(output)
        publications = await asyncio.to_thread(
            update_output, output, current, earlier, files, self._parts.orders.publish, now
        )
        if publications:
            pages = await self._archives.pages(output)
            publications = await self._archives.extend(output, current, publications)
            await self._parts.showcase.apply(output.id, publications)
            self._count(publications)
            if await self._archives.pages(output) > pages:
                await self._archives.render_new(output, pages)
            await self._archives.render_changed(
                output, _changed_on_pages((*current, *earlier), publications)
            )
        return len(publications)

    async def _render(self, output: Output, now: datetime) -> None:
        parts = self._parts
        publications = await parts.showcase.shown(output)
        pages = await self._archives.pages(output)
        await put_documents(
            parts,
            lambda: render_output(
                output, publications, parts.orders.publish, pages, parts.fragments
            ),
            _modified(publications, now),
            private=output.private,
        )

    async def _let_go(self) -> None:
        """Let go of fragments that no document needs; the newest page is made anew when one follows it."""
        outputs = self._parts.orders.outputs
        pages = [f"feeds/{one.id}.{await self._archives.pages(one)}" for one in outputs]
        feeds = [f"feeds/{name}" for name in (*NAMES, *(one.id for one in outputs))]
        async with self._parts.rendering:
            self._parts.fragments.keep({*feeds, *pages})

    def _count(self, publications: Sequence[Publication]) -> None:
        metrics = self._parts.metrics
        metrics.items.inc(len(publications))
        metrics.plain_items.inc(sum(not is_sound(p.item) for p in publications if not p.left))

    def _put_lists(self, now: datetime) -> None:
        orders = self._parts.orders
        public = [output for output in orders.outputs if not output.private]
        self._parts.shelf.put(
            "feeds.opml", outputs_opml(public, orders.publish, digests=digest_feeds(orders)), now
        )
        self._parts.shelf.put("sources.opml", sources_opml(orders.sources.values()), now)

    def _drop_strangers(self) -> None:
        """Take documents away whose output is no longer configured."""
        wanted = {f"feeds/{output.id}" for output in self._parts.orders.outputs}
        for name in self._parts.shelf.names():
            if is_digest_feed(name) or is_special_feed(name):  # others look after those
                continue
            folder, _, file = name.partition("/")
            if folder == "feeds" and file and f"feeds/{file.rpartition('.')[0]}" not in wanted:
                self._parts.shelf.drop(name)


def _changed_on_pages(
    before: Iterable[Publication], after: Iterable[Publication]
) -> frozenset[str]:
    """Return the items that stood on archive pages and read otherwise there now; to leave changes nothing."""
    standing = {p.item.id: (p.item, p.hidden, p.archived) for p in before if p.archived}
    return frozenset(
        p.item.id
        for p in after
        if p.item.id in standing and standing[p.item.id] != (p.item, p.hidden, p.archived)
    )


def _modified(publications: Sequence[Publication], now: datetime) -> datetime:
    """Return when a document last changed: its newest item's time, so that a restart changes nothing."""
    return max((one.item.updated for one in publications), default=now)
