"""The live index: places each new entry once, as a copy, in a story, or as the first of its own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zlib import crc32

from aggregator.cluster.batch import Batch
from aggregator.cluster.features import Features, features_of
from aggregator.cluster.index import TermIndex
from aggregator.cluster.live import Flag, LiveEntries, LiveEntry
from aggregator.cluster.marks import agency_of, is_bulletin, is_silent, wire_credit
from aggregator.cluster.options import ClusterOptions
from aggregator.model.entry import Entry
from aggregator.model.identifiers import EntryId, SourceId, StoryId, digest63, story_id
from aggregator.model.query import WindowEntry
from aggregator.model.source import Source
from aggregator.model.story import Layer, Placement

_LONG_CJK: Final = 12  # characters of a headline that is known again at another outlet
_LONG_WORDS: Final = 6
_DIGITS: Final = re.compile(rb"\d+")
_TOGETHER: Final = 500  # entries decided together at most


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowInput:
    """What placing a new entry needs."""

    entry: Entry
    source: Source
    feed_kind: str = "news"


class Window:
    """The entries of the last days, ready to be compared with new ones; no I/O, one thread.

    The same entries in the same order (and, for `assign_batch`, in the same batches) get the same
    places. After a restart `restore` brings the same state back: nothing depends on what has expired.
    """

    def __init__(self, options: ClusterOptions) -> None:
        self._options = options
        self._index = TermIndex()
        self._live = LiveEntries()
        self._apart: dict[EntryId, set[str]] = {}

    def __len__(self) -> int:
        return len(self._live)

    # -- new entries ------------------------------------------------------------------------------

    def assign(self, item: WindowInput, now: datetime) -> Placement:
        """Decide where a new entry belongs, and take it up."""
        return self.assign_batch((item,), now)[0]

    def assign_batch(self, items: Sequence[WindowInput], now: datetime) -> list[Placement]:
        """Decide where entries that arrived together belong, and take them up.

        Their likeliest pairs are joined first, so their order among themselves matters little:
        better than one by one wherever several are at hand. Returned in the order given.
        """
        self.expire(now)
        placements: list[Placement] = []
        for start in range(0, len(items), _TOGETHER):
            some = items[start : start + _TOGETHER]
            self.forget(item.entry.id for item in some)
            serials = [
                self._take_up(item, now, wire_credit(item.entry.title, item.entry.summary))
                for item in some
            ]
            batch = Batch(self._index, self._live, self._options.threshold, self._apart)
            placements += batch.decide(serials)
        return placements

    def _take_up(self, item: WindowInput, now: datetime, credit: str | None) -> int:
        entry = item.entry
        features = features_of(entry.title, entry.summary, item.source.name)
        serial = self._index.add(features)
        # 32 bits are enough: headlines are only compared where their terms agree already.
        title = features.title.encode("utf-8", "surrogatepass")
        self._live.add(
            LiveEntry(
                id=entry.id,
                source=entry.source,
                flags=_flags(item, features),
                at=entry.time(now - self._options.window).timestamp(),
                arrived_at=entry.first_seen_at.timestamp(),
                title=crc32(title),
                template=crc32(_DIGITS.sub(b"0", title)),
                url=_digest(entry.canonical_url) if entry.canonical_url else 0,
                credit=credit or agency_of(item.source.name) or "",
            )
        )
        return serial

    def expire(self, now: datetime) -> None:
        """Let entries go that arrived before the window began."""
        start = (now - self._options.window).timestamp()
        while (oldest := self._live.oldest_arrival()) is not None and oldest < start:
            self._live.expire_oldest()
            self._index.drop_oldest()

    # -- what was decided elsewhere ---------------------------------------------------------------

    def restore(self, items: Iterable[WindowEntry], fold_of: Mapping[SourceId, Source]) -> None:
        """Take up entries that were placed before, in the order in which they were."""
        live = self._live
        numbers = {live.story_id(live.story(s)): live.story(s) for s in live.serials.values()}
        sources = dict(fold_of)
        for item in items:
            entry, placement = item.entry, item.placement
            source = sources.get(entry.source)
            if source is None:
                source = sources[entry.source] = Source(id=entry.source, name=entry.source)
            if entry.id in live.serials:
                self.forget((entry.id,))
            given = WindowInput(entry=entry, source=source, feed_kind=item.feed_kind)
            serial = self._take_up(given, entry.first_seen_at, placement.credit)
            number = numbers.get(placement.story)
            self._put(serial, placement, number)
            if number is None:
                numbers[placement.story] = serial

    def replace(self, item: WindowInput, placement: Placement) -> None:
        """Take an entry up with a place that is given: its text changed, or a person moved it."""
        self.forget((item.entry.id,))
        number = self._live.number_of(placement.story)
        serial = self._take_up(item, item.entry.first_seen_at, placement.credit)
        self._put(serial, placement, number)

    def _put(self, serial: int, placement: Placement, number: int | None) -> None:
        if number is not None:
            self._live.enter(serial, number)
        elif placement.decision.layer is not Layer.FIRST and placement.story != story_id(
            placement.entry
        ):
            self._live.open_story(serial, placement.story)
        if placement.copy_of is not None:
            self._live.mark_copy(serial, self._live.serials.get(placement.copy_of, -1))

    def forget(self, ids: Iterable[EntryId]) -> None:
        """Let entries go that were withdrawn."""
        for entry in ids:
            serial = self._live.serials.get(entry)
            if serial is not None:
                self._live.remove(serial)

    def join(self, kept: StoryId, gone: StoryId) -> None:
        """Make two stories one, under the first id."""
        old, new = self._live.number_of(gone), self._live.number_of(kept)
        if old is None or old == new:
            return
        if new is None:
            members = list(self._live.members(old))
            for serial in members:
                self._live.leave(serial)
            self._live.open_story(members[0], kept)
            for serial in members[1:]:
                self._live.enter(serial, members[0])
        else:
            self._live.merge(new, old)

    def split(self, entry: EntryId) -> StoryId:
        """Make an entry a story of its own, for ever apart from the one it was in; return its id."""
        live = self._live
        serial = live.serials[entry]
        old = live.story_id(live.story(serial))
        if len(live.members(live.story(serial))) == 1:
            return old
        members = [live.id(m) for m in live.members(live.story(serial)) if m != serial]
        self.keep_apart(entry, old, members)
        live.leave(serial)
        live.mark_copy(serial, -1)
        new = story_id(entry)
        if new == old:  # the others keep the id that this one had given the story
            new = story_id(EntryId(f"{entry}/apart"))
            live.open_story(serial, new)
        return new

    def keep_apart(self, entry: EntryId, story: StoryId, members: Sequence[EntryId] = ()) -> None:
        """Never put an entry into a story, nor together with these members of it: a person said so."""
        self._apart.setdefault(entry, set()).update((story, *members))
        for member in members:
            self._apart.setdefault(member, set()).add(entry)


def _flags(item: WindowInput, features: Features) -> int:
    flags = 0
    if features.cjk:
        flags |= Flag.CJK
    if item.source.fold:
        flags |= Flag.FOLD
    if (
        len(features.title) >= _LONG_CJK
        if features.cjk
        else features.title.count(" ") + 1 >= _LONG_WORDS
    ):
        flags |= Flag.LONG
    if features.cjk and is_bulletin(features.title):
        flags |= Flag.BULLETIN
    if is_silent(features.folded):
        flags |= Flag.SILENT
    return flags


def _digest(text: str) -> int:
    return digest63(text.encode("utf-8", "surrogatepass"))
