"""The live index: places each new entry once, as a copy, in a story, or as the first of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aggregator.cluster.batch import Batch
from aggregator.cluster.index import TermIndex
from aggregator.cluster.live import LiveEntries
from aggregator.cluster.marks import agency_of, wire_credit
from aggregator.cluster.options import ClusterOptions
from aggregator.cluster.traits import Flag, Traits, pack, reading_of, traits_of, unpack
from aggregator.model.entry import Entry
from aggregator.model.identifiers import EntryId, SourceId, StoryId, story_id
from aggregator.model.query import WindowRow
from aggregator.model.source import Source
from aggregator.model.story import Placement, Sketch

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
        self._readings: dict[SourceId, int] = {}
        self._unkept: dict[EntryId, None] = {}  # whose sketch was not asked for since it changed

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
                self._take_up(
                    item.entry.id,
                    item.source,
                    wire_credit(item.entry.title, item.entry.summary),
                    self._read(item),
                )
                for item in some
            ]
            self._unkept.update(dict.fromkeys(item.entry.id for item in some))
            batch = Batch(self._index, self._live, self._options.threshold, self._apart)
            placements += batch.decide(serials)
        return placements

    def _read(self, item: WindowInput) -> Traits:
        entry = item.entry
        at = entry.time(entry.first_seen_at - self._options.window).timestamp()
        return traits_of(entry, at, item.source.name)

    def _take_up(self, id_: EntryId, source: Source, credit: str | None, traits: Traits) -> int:
        self._readings[source.id] = reading_of(source.name)
        serial = self._index.add(traits)
        fold = Flag.FOLD if source.fold else 0
        self._live.add(id_, source.id, credit or agency_of(source.name) or "", traits, fold)
        return serial

    def expire(self, now: datetime) -> None:
        """Let entries go that arrived before the window began."""
        start = (now - self._options.window).timestamp()
        while (oldest := self._live.oldest_arrival()) is not None and oldest < start:
            self._live.expire_oldest()
            self._index.drop_oldest()

    # -- what was decided elsewhere ---------------------------------------------------------------

    def restoring(self, sources: Mapping[SourceId, Source]) -> "Restoring":
        """Begin to take up entries that were placed before."""
        return Restoring(self, sources)

    def sketches(self, now: datetime) -> tuple[Sketch, ...]:
        """Return the sketches of entries that are new, or became others, since this was last asked.

        Those that a window of `now` does not reach are left out: an import brings many.
        """
        live, start = self._live, (now - self._options.window).timestamp()
        self._unkept.update(dict.fromkeys(live.newly_marked()))
        serials = map(live.serials.get, self._unkept)
        made = tuple(
            self._sketch(serial)
            for serial in serials
            if serial is not None and live.arrived_at(serial) >= start
        )
        self._unkept.clear()
        return made

    def _sketch(self, serial: int) -> Sketch:
        live = self._live
        terms, tfs, kinds = self._index.terms(serial)
        traits = Traits(
            flags=live.flags(serial) & Flag.TEXT,
            at=live.at(serial),
            arrived_at=live.arrived_at(serial),
            title=live.title(serial),
            template=live.template(serial),
            url=live.url(serial),
            terms=terms,
            tfs=tfs,
            kinds=kinds,
        )
        reading = self._readings[live.source_id(serial)]
        return Sketch(entry=live.id(serial), reading=reading, data=pack(traits))

    def replace(self, item: WindowInput, placement: Placement) -> None:
        """Take an entry up with a place that is given: its text changed, or a person moved it."""
        id_ = item.entry.id
        self.forget((id_,))
        number = self._live.number_of(placement.story)
        serial = self._take_up(id_, item.source, placement.credit, self._read(item))
        self._put(serial, placement.story, number)
        self._copy(serial, placement.copy_of)
        self._unkept[id_] = None

    def _put(self, serial: int, story: StoryId, number: int | None) -> None:
        """Put an entry into a story that is here, or open one that has no live entry."""
        if number is not None:
            self._live.enter(serial, number)
        elif story != story_id(self._live.id(serial)):
            self._live.open_story(serial, story)

    def _copy(self, serial: int, original: EntryId | None) -> None:
        if original is not None:
            self._live.mark_copy(serial, self._live.serials.get(original, -1))

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


class Restoring:
    """Brings entries back that were placed before, in the order in which they were, some at a time."""

    def __init__(self, window: Window, sources: Mapping[SourceId, Source]) -> None:
        self._window = window
        self._sources = dict(sources)
        self._numbers: dict[StoryId, int] = {}  # of the stories restored

    def unread(self, rows: Iterable[WindowRow]) -> list[EntryId]:
        """Return the entries without a sketch that was made as it would be made today."""
        return [row.entry for row in rows if row.reading != reading_of(self._source(row).name)]

    def add(self, rows: Iterable[WindowRow], texts: Mapping[EntryId, Entry]) -> None:
        """Take entries up; those that are `unread` by their text, if it is still there."""
        for row in rows:
            source = self._source(row)
            if row.sketch is not None and row.reading == reading_of(source.name):
                self._add(row, source, unpack(row.sketch))
            elif (entry := texts.get(row.entry)) is not None:
                given = WindowInput(entry=entry, source=source)
                self._add(row, source, self._window._read(given))
                self._window._unkept[row.entry] = None

    def _source(self, row: WindowRow) -> Source:
        source = self._sources.get(row.source)
        if source is None:
            source = self._sources[row.source] = Source(id=row.source, name=row.source)
        return source

    def _add(self, row: WindowRow, source: Source, traits: Traits) -> None:
        window = self._window
        serial = window._take_up(row.entry, source, row.credit, traits)
        number = self._numbers.setdefault(row.story, serial)
        window._put(serial, row.story, None if number == serial else number)
        window._copy(serial, row.copy_of)
