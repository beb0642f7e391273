"""A person's hand: split, join, mute, withdraw. Kept for ever; wins over the machine."""

from collections.abc import Sequence
from dataclasses import replace

from aggregator.errors import UsageError
from aggregator.identify.canonical_url import canonical_url
from aggregator.model.change import StoryChange
from aggregator.model.identifiers import EntryId, StoryId, story_id
from aggregator.model.query import FiledEntry, Located, StoryFile
from aggregator.model.story import Correction, Decision, Hand, Layer, Placement, Story
from aggregator.pipeline.consume import Understanding
from aggregator.pipeline.parts import Parts


class Corrector:
    """Carries out what a person decided, in one transaction each."""

    def __init__(self, parts: Parts, understanding: Understanding) -> None:
        self._parts = parts
        self._understanding = understanding

    async def split(self, entry: str) -> frozenset[StoryId]:
        """Make an entry, with its copies, a story of its own; return the stories touched.

        Raises:
            UsageError: no such entry, or it is alone in its story already.
        """
        where = await self._located(entry)
        if where.entry is None:
            raise UsageError(f"{entry}: a story, not an entry; name the entry to split off")
        file = await self._file(where.story)
        moved = {where.entry} | {
            one.entry.id
            for one in file.entries
            if one.placement is not None and one.placement.copy_of == where.entry
        }
        stay = [one for one in file.entries if one.entry.id not in moved]
        go = [one for one in file.entries if one.entry.id in moved]
        if not stay:
            raise UsageError(f"{entry}: alone in its story already")
        new = story_id(where.entry)
        if new == where.story:  # the story bears this entry's name: the others move out instead
            stay, go = go, stay
            new = story_id(go[0].entry.id)
        stories = [
            self._story(where.story, stay, file.story),
            self._story(new, self._moved(go, new), None),
        ]
        return await self._apply(
            Correction(
                hand=Hand.SPLIT,
                subject=where.entry,
                object=where.story,
                at=await self._parts.store.now(),
            ),
            self._moved(go, new),
            stories,
        )

    async def join(self, one: str, other: str) -> frozenset[StoryId]:
        """Make two stories one; the older id lives on and the other redirects to it."""
        files = [await self._file((await self._located(name)).story) for name in (one, other)]
        if files[0].story.id == files[1].story.id:
            raise UsageError(f"{one} and {other} are one story already")
        kept, gone = sorted(files, key=lambda file: (file.story.first_seen_at, file.story.id))
        moved = self._moved(gone.entries, kept.story.id)
        story = self._story(kept.story.id, [*kept.entries, *moved], kept.story)
        touched = await self._apply(
            Correction(
                hand=Hand.JOIN,
                subject=gone.story.id,
                object=kept.story.id,
                at=await self._parts.store.now(),
            ),
            moved,
            [story],
            redirects=((gone.story.id, kept.story.id),),
        )
        return touched | {gone.story.id}

    async def mute(self, story: str) -> frozenset[StoryId]:
        """Hide a story from every output; the archive keeps it."""
        file = await self._file((await self._located(story)).story)
        return await self._apply(
            Correction(hand=Hand.MUTE, subject=file.story.id, at=await self._parts.store.now()),
            (),
            [replace(file.story, muted=True)],
        )

    async def withdraw(self, url_or_entry: str) -> frozenset[StoryId]:
        """Take an entry, or all entries with a URL, out of everything, for ever."""
        store = self._parts.store
        subject, entries = await self._to_withdraw(url_or_entry)
        gone = {one.entry.id for one in entries}
        stories: list[Story] = []
        touched: set[StoryId] = set()
        for file in await store.story_files(
            sorted({one.placement.story for one in entries if one.placement})
        ):
            touched.add(file.story.id)
            rest = [one for one in file.entries if one.entry.id not in gone]
            if rest:
                stories.append(self._story(file.story.id, rest, file.story))
        await self._apply(
            Correction(hand=Hand.WITHDRAW, subject=subject, at=await store.now()),
            (),
            stories,
            withdrawn=tuple(gone),
        )
        return frozenset(touched)

    async def _to_withdraw(self, url_or_entry: str) -> tuple[str, Sequence[FiledEntry]]:
        store = self._parts.store
        if "://" in url_or_entry:
            canonical = canonical_url(url_or_entry)
            if canonical is None:
                raise UsageError(f"{url_or_entry}: not a web address")
            return canonical, await store.entries_by_url(canonical)
        where = await self._located(url_or_entry)
        if where.entry is None:
            raise UsageError(f"{url_or_entry}: a story, not an entry; name the entry or its URL")
        return where.entry, await store.entries_by_id([where.entry])

    async def _apply(
        self,
        correction: Correction,
        moved: Sequence[FiledEntry],
        stories: Sequence[Story],
        *,
        redirects: tuple[tuple[StoryId, StoryId], ...] = (),
        withdrawn: tuple[EntryId, ...] = (),
    ) -> frozenset[StoryId]:
        await self._parts.store.apply_stories(
            StoryChange(
                placements=tuple(one.placement for one in moved if one.placement is not None),
                stories=tuple(stories),
                redirects=redirects,
                corrections=(correction,),
                withdrawn=withdrawn,
                at=correction.at,
            )
        )
        self._understanding.forget_window()
        return frozenset(story.id for story in stories)

    def _story(
        self, story: StoryId, members: Sequence[FiledEntry], previous: Story | None
    ) -> Story:
        return self._understanding.story_of(story, members, previous)

    @staticmethod
    def _moved(entries: Sequence[FiledEntry], story: StoryId) -> list[FiledEntry]:
        """Return entries as placed by hand in a story; copies stay copies of each other."""
        ids = {one.entry.id for one in entries}
        moved = []
        for one in entries:
            old = one.placement
            copy_of = old.copy_of if old is not None and old.copy_of in ids else None
            placement = Placement(
                entry=one.entry.id,
                story=story,
                copy_of=copy_of,
                independent=old.independent if old is not None else True,
                credit=old.credit if old is not None else None,
                decision=Decision(layer=Layer.HAND),
            )
            moved.append(replace(one, placement=placement))
        return moved

    async def _located(self, name: str) -> Located:
        where = await self._parts.store.locate(name)
        if where is None:
            raise UsageError(f"{name}: no such entry or story")
        return where

    async def _file(self, story: StoryId) -> StoryFile:
        files = await self._parts.store.story_files([story])
        if not files:
            raise UsageError(f"{story}: no such story")
        return files[0]
