"""Outputs follow stories: `select -> item -> render -> shelf`, only what changed.

Items are frozen values in the store; documents are rendered from them and put on the shelf, whole or
not at all. After a crash the shelf is rendered anew from the store.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from aggregator.model.change import OutputChange
from aggregator.model.identifiers import StoryId
from aggregator.model.output import Output, Publication
from aggregator.model.query import StoryFile, StoryQuery
from aggregator.observe.log import get_log
from aggregator.pipeline.archives import Archives
from aggregator.pipeline.digest_edition import digest_feeds, is_digest_feed
from aggregator.pipeline.documents import put_documents
from aggregator.pipeline.parts import Parts
from aggregator.pipeline.special_feeds import SpecialFeeds, is_special_feed
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
        written: dict[str, int] = {}
        ids = sorted(touched)
        for start in range(0, max(len(ids), 1), _STORIES):
            chunk = ids[start : start + _STORIES]
            files = await self._parts.store.story_files(chunk)
            for output in self._parts.orders.outputs:
                written[output.id] = written.get(output.id, 0) + await self._update(
                    output, chunk, files, now
                )
            await self.special.take_up(chunk, files, now)
        for output in self._parts.orders.outputs:
            if written[output.id] or self._parts.shelf.get(f"feeds/{output.id}.rss") is None:
                await self._render(output, now)
        if self._parts.shelf.get("feeds.opml") is None:
            await self.special.render()
            self._put_lists(now)
        return sum(written.values())

    async def republish_all(self) -> int:
        """Take up every story that an output could still hold: after a start or a new configuration."""
        now = await self._parts.store.now()
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
        await self.special.render()
        self._drop_strangers()
        self._put_lists(now)
        return written

    async def _update(
        self,
        output: Output,
        ids: Sequence[StoryId],
        files: Sequence[StoryFile],
        now: datetime,
    ) -> int:
        store = self._parts.store
        current = await store.publications(output.id, output.limit)
        earlier = await store.publications_of(output.id, ids)
        publications = update_output(
            output, current, earlier, files, self._parts.orders.publish, now
        )
        if publications:
            pages = await self._archives.pages(output)
            publications = await self._archives.extend(output, current, publications)
            await store.apply_publications(
                [OutputChange(output=output.id, publications=publications)]
            )
            self._count(publications)
            if await self._archives.pages(output) > pages:
                await self._archives.render_new(output, pages)
            before = {p.item.id for p in (*current, *earlier) if p.archived}
            changed = before.intersection(p.item.id for p in publications)
            await self._archives.render_changed(output, changed)
        return len(publications)

    async def _render(self, output: Output, now: datetime) -> None:
        publications = await self._parts.store.publications(output.id, output.limit)
        pages = await self._archives.pages(output)
        put_documents(
            self._parts,
            lambda: render_output(output, publications, self._parts.orders.publish, pages),
            _modified(publications, now),
            private=output.private,
        )

    def _count(self, publications: Sequence[Publication]) -> None:
        metrics = self._parts.metrics
        metrics.items.inc(len(publications))
        metrics.plain_items.inc(sum(not is_sound(p.item) for p in publications))

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


def _modified(publications: Sequence[Publication], now: datetime) -> datetime:
    """Return when a document last changed: its newest item's time, so that a restart changes nothing."""
    return max((one.item.updated for one in publications), default=now)
