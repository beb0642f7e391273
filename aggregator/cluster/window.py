"""The live index: places each new entry once, as a copy, in a story, or as the first of its own."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp
from typing import Final

from aggregator.cluster.features import Features, features_of
from aggregator.cluster.index import Query, TermIndex
from aggregator.cluster.marks import wire_credit
from aggregator.cluster.options import ClusterOptions
from aggregator.model.entry import Entry
from aggregator.model.identifiers import EntryId, SourceId, StoryId, digest63, story_id
from aggregator.model.query import WindowEntry
from aggregator.model.source import Source
from aggregator.model.story import Decision, Layer, Neighbour, Placement

_DECAY_HOURS: Final = 72.0
_RECENT: Final = 12  # members that speak for a story
_CANDIDATES: Final = 40
_SAME_TITLE: Final = timedelta(hours=48)
_RELATED: Final = 0.8  # of the threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowInput:
    """What placing a new entry needs."""

    entry: Entry
    source: Source
    feed_kind: str = "news"


@dataclass(slots=True)
class _Live:
    """A live entry."""

    id: EntryId
    story: StoryId
    source: SourceId
    fold: bool
    at: float  # its time, seconds
    arrived_at: float
    title: int
    url: int | None
    copy_of: EntryId | None


@dataclass(slots=True)
class _Story:
    """A story with live entries."""

    members: "array[int]" = field(default_factory=lambda: array("I"))
    last_at: float = 0.0
    only: SourceId | None = None  # a source that is never folded keeps its stories to itself


class Window:
    """The entries of the last days, ready to be compared with a new one; no I/O, one thread."""

    def __init__(self, options: ClusterOptions) -> None:
        self._options = options
        self._index = TermIndex()
        self._live: dict[int, _Live] = {}
        self._serials: dict[EntryId, int] = {}
        self._next = 0
        self._stories: dict[StoryId, _Story] = {}
        self._urls: dict[int, int] = {}
        self._titles: dict[int, int] = {}
        self._apart: set[tuple[EntryId, StoryId]] = set()

    def __len__(self) -> int:
        return len(self._serials)

    # -- placing --------------------------------------------------------------------------------

    def assign(self, item: WindowInput, now: datetime) -> Placement:
        """Decide where a new entry belongs, and take it up."""
        self.expire(now)
        entry = item.entry
        features = features_of(entry.title, entry.summary, item.source.name)
        at = entry.time(now - self._options.window).timestamp()
        credit = wire_credit(entry.title, entry.summary)
        query = self._index.query(features.terms)
        placement = self._as_copy(item, features, at, credit) or self._in_story(
            item, query, at, credit
        )
        self._take_up(item, placement, features, at)
        return placement

    def _as_copy(
        self, item: WindowInput, features: Features, at: float, credit: str | None
    ) -> Placement | None:
        entry = item.entry
        title = digest63(features.bare_title.encode())
        serial = self._urls.get(_url_key(entry)) if entry.canonical_url else None
        layer = Layer.URL
        if serial is None:
            serial = self._titles.get(title)
            if serial is None or abs(self._live[serial].at - at) > _SAME_TITLE.total_seconds():
                return None
            same = self._live[serial].source == entry.source
            layer = Layer.TITLE if same else Layer.TEXT
            if not same and len(features.bare_title) < 12:
                return None
        original = self._live[serial]
        if original.source != entry.source and not (item.source.fold and original.fold):
            return None
        if (entry.id, original.story) in self._apart:
            return None
        return Placement(
            entry=entry.id,
            story=original.story,
            copy_of=original.copy_of or original.id,
            independent=False,
            credit=credit,
            decision=Decision(
                layer=layer, score=1.0, neighbours=(Neighbour(entry=original.id, cosine=1.0),)
            ),
        )

    def _in_story(
        self, item: WindowInput, query: Query, at: float, credit: str | None
    ) -> Placement:
        entry = item.entry
        found = self._index.candidates(query)
        best = sorted(found.items(), key=lambda pair: (-pair[1], -pair[0]))[:_CANDIDATES]
        stories: dict[StoryId, None] = {}
        for serial, _ in best:
            if serial in self._live:
                stories[self._live[serial].story] = None
        scores: list[tuple[float, StoryId, float, list[tuple[float, int]]]] = []
        for story in stories:
            if not self._may_join(item, story):
                continue
            members = self._stories[story].members[-_RECENT:]
            cosines = [(self._index.cosine(query, serial), serial) for serial in members]
            decay = exp(-abs(at - self._stories[story].last_at) / 3600 / _DECAY_HOURS)
            score = sum(cosine for cosine, _ in cosines) / len(cosines) * decay
            scores.append((score, story, decay, cosines))
        scores.sort(key=lambda s: (-s[0], s[1]))
        threshold = self._options.threshold
        joined = bool(scores) and scores[0][0] >= threshold
        top = scores[0] if joined else None
        rest = scores[1:] if joined else scores
        neighbours = sorted(top[3], key=lambda c: (-c[0], c[1]))[:3] if top else []
        decision = Decision(
            layer=Layer.STORY if joined else Layer.FIRST,
            score=top[0] if top else 0.0,
            threshold=threshold,
            decay=top[2] if top else 1.0,
            neighbours=tuple(
                Neighbour(
                    entry=self._live[serial].id,
                    cosine=cosine,
                    shared=self._index.shared(query, serial),
                )
                for cosine, serial in neighbours
            ),
            runner_up=rest[0][1] if rest else None,
            runner_up_score=rest[0][0] if rest else 0.0,
            related=tuple(s[1] for s in rest[:3] if s[0] >= threshold * _RELATED),
        )
        return Placement(
            entry=entry.id,
            story=top[1] if top else story_id(entry.id),
            independent=credit is None,
            credit=credit,
            decision=decision,
        )

    def _may_join(self, item: WindowInput, story: StoryId) -> bool:
        if (item.entry.id, story) in self._apart:
            return False
        only = self._stories[story].only
        if only is not None:
            return only == item.entry.source
        if item.source.fold:
            return True
        return all(self._live[s].source == item.entry.source for s in self._stories[story].members)

    def _take_up(
        self, item: WindowInput, placement: Placement, features: Features, at: float
    ) -> None:
        entry = item.entry
        serial = self._next
        self._next += 1
        self._index.add(serial, features.terms)
        live = _Live(
            id=entry.id,
            story=placement.story,
            source=entry.source,
            fold=item.source.fold,
            at=at,
            arrived_at=entry.first_seen_at.timestamp(),
            title=digest63(features.bare_title.encode()),
            url=_url_key(entry) if entry.canonical_url else None,
            copy_of=placement.copy_of,
        )
        self._live[serial] = live
        self._serials[entry.id] = serial
        if live.url is not None:
            self._urls.setdefault(live.url, serial)
        self._titles[live.title] = serial
        story = self._stories.setdefault(placement.story, _Story())
        story.members.append(serial)
        story.last_at = max(story.last_at, at)
        if not item.source.fold:
            story.only = entry.source

    # -- following what others decided ----------------------------------------------------------

    def restore(self, items: Iterable[WindowEntry], fold_of: Mapping[SourceId, Source]) -> None:
        """Take up entries that were placed before, in the order in which they were."""
        for item in items:
            entry = item.entry
            source = fold_of.get(entry.source) or Source(id=entry.source, name=entry.source)
            self.replace(
                WindowInput(entry=entry, source=source, feed_kind=item.feed_kind), item.placement
            )

    def replace(self, item: WindowInput, placement: Placement) -> None:
        """Take an entry up with a place that is given: its text changed, or a person moved it."""
        entry = item.entry
        self.forget((entry.id,))
        features = features_of(entry.title, entry.summary, item.source.name)
        at = entry.time(entry.first_seen_at - self._options.window).timestamp()
        self._take_up(item, placement, features, at)

    def forget(self, ids: Iterable[EntryId]) -> None:
        """Let entries go that were withdrawn."""
        for entry in ids:
            serial = self._serials.pop(entry, None)
            if serial is not None:
                self._leave(serial)

    def join(self, kept: StoryId, gone: StoryId) -> None:
        """Make two stories one."""
        old = self._stories.pop(gone, None)
        if old is None:
            return
        story = self._stories.setdefault(kept, _Story())
        for serial in old.members:
            self._live[serial].story = kept
        story.members = array("I", sorted([*story.members, *old.members]))
        story.last_at = max(story.last_at, old.last_at)

    def split(self, entry: EntryId) -> StoryId:
        """Make an entry a story of its own, for ever apart from the one it was in; return its id."""
        serial = self._serials[entry]
        live = self._live[serial]
        old = live.story
        self.keep_apart(entry, old)
        new = story_id(entry)
        if new in self._stories:
            new = story_id(EntryId(f"{entry}/apart"))
        story = self._stories[old]
        story.members.remove(serial)
        if not story.members:
            del self._stories[old]
        live.story = new
        live.copy_of = None
        self._stories[new] = _Story(members=array("I", [serial]), last_at=live.at)
        return new

    def keep_apart(self, entry: EntryId, story: StoryId) -> None:
        """Never put an entry into a story: a person took it out."""
        self._apart.add((entry, story))

    def expire(self, now: datetime) -> None:
        """Let entries go that arrived before the window."""
        start = (now - self._options.window).timestamp()
        while self._live:
            serial = next(iter(self._live))
            live = self._live[serial]
            if live.arrived_at >= start:
                return
            self._serials.pop(live.id, None)
            self._leave(serial)

    def _leave(self, serial: int) -> None:
        live = self._live.pop(serial)
        self._index.drop_oldest(serial)
        story = self._stories[live.story]
        story.members.remove(serial)
        if not story.members:
            del self._stories[live.story]
        if self._titles.get(live.title) == serial:
            del self._titles[live.title]
        if live.url is not None and self._urls.get(live.url) == serial:
            del self._urls[live.url]


def _url_key(entry: Entry) -> int:
    return digest63(str(entry.canonical_url).encode("utf-8", "surrogatepass"))
