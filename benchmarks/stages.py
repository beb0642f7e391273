"""What the pure stages cost an entry: identify, tag, group, by how many entries are live.

No store, no files: entries are identified as documents of one entry each and placed one at a time,
then in rounds of 100. Memory is what `tracemalloc` counts for an index filled again with the same
entries at their places; the entries themselves are not part of it.
"""

import gc
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import mean, quantiles
from typing import Any, Final, TypeVar

from aggregator.cluster.options import ClusterOptions
from aggregator.cluster.window import Window, WindowInput
from aggregator.identify.decide import decide
from aggregator.identify.keys import key_entries
from aggregator.model.entry import Entry, ParsedEntry, ParsedFeed
from aggregator.model.feed import Feed, FeedHints
from aggregator.model.identifiers import EntryHash, FeedId, FeedUrl, HostKey, SourceId
from aggregator.model.query import WindowRow
from aggregator.model.source import Source
from aggregator.model.story import Placement
from aggregator.tag.rules import Rules

T = TypeVar("T")

_ROUND: Final = 100
_DAYS: Final = 12
_NOW: Final = datetime(2026, 7, 20, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCost:
    """What an entry cost, in milliseconds of processor time."""

    live: int
    way: str  # "one by one", "rounds of 100"
    identify: float
    tag: float
    group: float
    whole: float
    p95: float  # over entries, or over rounds of what an entry of them cost
    p999: float | None  # over entries
    memory: int  # bytes per live entry


class _Stages:
    """Identifies, tags and places entries, and notes the processor time of each stage."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._number = 0
        self.window = Window(ClusterOptions())
        self.sources: dict[SourceId, Source] = {}
        self.placed: list[tuple[Entry, Placement]] = []
        self.spent: list[tuple[float, float, float]] = []  # of each round, per entry

    def take(self, lines: Sequence[dict[str, Any]], at: datetime) -> None:
        """Understand entries that arrive together."""
        given = [self._document(line, at) for line in lines]
        started = time.thread_time()
        entries = [_identified(*one) for one in given]
        identified = time.thread_time()
        for entry in entries:
            self._rules.match(entry.title, entry.summary)
        tagged = time.thread_time()
        items = [WindowInput(entry=e, source=self.sources[e.source]) for e in entries]
        placements = self.window.assign_batch(items, at)
        ended = time.thread_time()
        times = identified - started, tagged - identified, ended - tagged
        self.spent.append((times[0] / len(lines), times[1] / len(lines), times[2] / len(lines)))
        self.placed += zip(entries, placements, strict=True)

    def _document(
        self, line: dict[str, Any], at: datetime
    ) -> tuple[ParsedFeed, Feed, Source, datetime]:
        """Return a headline as its outlet's feed brings it."""
        self._number += 1
        outlet = SourceId(f"outlet-{sum(map(ord, line['outlet'])) % 997}")
        source = self.sources.setdefault(outlet, Source(id=outlet, name=line["outlet"]))
        url = f"https://{outlet}.example/news/{self._number}?utm_source=rss"
        parsed = ParsedEntry(
            guid=url,
            url=url,
            title=line["title"],
            summary=line.get("summary") or "",
            published=at,
            hash=EntryHash(self._number),
        )
        document = ParsedFeed(
            format="rss20",
            hints=FeedHints(),
            entries=(parsed,),
            hashes=frozenset({parsed.hash}),
            total=1,
        )
        feed = Feed(
            id=FeedId(1),
            source=outlet,
            url=FeedUrl(f"https://{outlet}.example/rss"),
            host=HostKey(""),
            next_poll_at=at,
            first_seen_at=at,
        )
        return document, feed, source, at


def _identified(document: ParsedFeed, feed: Feed, source: Source, at: datetime) -> Entry:
    keyed = key_entries(document, feed.url, feed.key_policy)
    [change] = decide(keyed, document, {}, {}, feed, source, at, at, False).changes
    return change.entry


def stage_costs(
    background: Sequence[dict[str, Any]], measured: Sequence[dict[str, Any]], rules: Rules
) -> Iterator[StageCost]:
    """Yield what entries cost beside a live background, taken one by one and in rounds."""
    stages = _Stages(rules)
    live, step = len(background), timedelta(days=_DAYS) / len(background)
    for number, some in _rounds(background):
        stages.take(some, _NOW - timedelta(days=_DAYS) + (number + len(some)) * step)
    memory = _memory(stages) // live
    stages.placed.clear()  # no part of the daemon, yet the garbage collector would go through it
    gc.collect()
    half = len(measured) // 2
    for way, lines, together in (
        ("one by one", measured[:half], 1),
        (f"rounds of {_ROUND}", measured[half:], _ROUND),
    ):
        stages.spent.clear()
        for number, some in _rounds(lines, together):
            stages.take(some, _NOW + timedelta(seconds=number))
        yield _cost(stages.spent, live=live, way=way, memory=memory)


def _rounds(lines: Sequence[T], together: int = _ROUND) -> Iterator[tuple[int, Sequence[T]]]:
    for number in range(0, len(lines), together):
        yield number, lines[number : number + together]


def _cost(spent: Sequence[tuple[float, float, float]], **known: Any) -> StageCost:
    identify, tag, group = (mean(column) * 1000 for column in zip(*spent, strict=True))
    whole = [sum(one) * 1000 for one in spent]
    return StageCost(
        identify=identify,
        tag=tag,
        group=group,
        whole=mean(whole),
        p95=quantiles(whole, n=20)[-1],
        p999=quantiles(whole, n=1000)[-1] if len(whole) >= 1000 else None,
        **known,
    )


def _memory(stages: _Stages) -> int:
    """Return the bytes of an index that holds what was placed."""
    rows = [
        WindowRow(
            entry=entry.id,
            source=entry.source,
            story=placement.story,
            copy_of=placement.copy_of,
            credit=placement.credit,
        )
        for entry, placement in stages.placed
    ]
    texts = {entry.id: entry for entry, _ in stages.placed}
    window = Window(ClusterOptions())
    tracemalloc.start()
    window.restoring(stages.sources).add(rows, texts)
    window.sketches(_NOW)  # handed over to the store, as the daemon does
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size
