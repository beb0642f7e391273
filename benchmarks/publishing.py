"""What it costs to publish a new entry, by how much is stored and how many outputs there are.

    AGGREGATOR_SHARED=... python -m benchmarks.publishing [--stored 10000 100000] [--outputs 5 50]

Real headlines of the corpus's streams with the topics and outputs of `config/`, those taken again
under other names where more are asked for. Of what is stored, 10,000 entries are of the last 13 days; the
rest is older, as in a store that has run for a year (archive.py). Entries are tagged, but each is a story of its own: grouping
has a benchmark of its own (understanding.py). Rounds bring 100 new entries; times are processor
milliseconds of the whole process per new entry, medians over rounds. `whole` is the peer, in the same
rounds: every changed output rendered whole and compressed, as it would be without kept fragments.
"""

import argparse
import asyncio
import gzip
import logging
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from typing_extensions import override

from aggregator.daemon.newsroom import Newsroom, open_newsroom
from aggregator.model.change import StoryChange
from aggregator.model.identifiers import OutputId, StoryId, story_id
from aggregator.model.output import Output
from aggregator.model.story import Decision, Layer, Placement
from aggregator.observe.log import configure_logging
from aggregator.pipeline import archives, republish, shelf, special_feeds
from aggregator.pipeline.consume import Understanding
from aggregator.pipeline.import_lines import import_lines
from aggregator.publish.render import render_output
from aggregator.settings.load import load
from aggregator.store.sqlite.connections import Connections
from benchmarks.archive import fill
from benchmarks.understanding import Line, as_lines, joined_headlines, real_headlines

ROOT: Final = Path(__file__).parents[1]
_ROUND: Final = 100
_LIVE: Final = 10_000  # of the stored entries, those of the last days
_PARTS: Final = ("store", "update", "render", "files", "compress")


class _Alone(Understanding):
    """Tags what is in the log, and makes a story of each entry."""

    @override
    async def consume(self, *, as_logged: bool = False) -> frozenset[StoryId]:
        store, rules = self._parts.store, self._parts.orders.rules
        now = await store.now()
        batch = await store.claim_log(limit=500, lease=timedelta(minutes=5), now=now)
        if batch is None or not batch.items:
            return frozenset()
        entries = [item.entry for item in batch.items]
        topics = {entry.id: rules.match(entry.title, entry.summary) for entry in entries}
        placements = {
            entry.id: Placement(
                entry=entry.id, story=story_id(entry.id), decision=Decision(layer=Layer.FIRST)
            )
            for entry in entries
        }
        filed = [
            replace(one, placement=placements[one.entry.id], topics=topics[one.entry.id])
            for one in await store.entries_by_id(list(placements))
        ]
        stories = await self.build_stories(filed)
        await store.apply_stories(
            StoryChange(
                placements=tuple(placements.values()),
                topics=tuple(topics.items()),
                stories=stories,
                at=now,
                consumed=tuple(item.seq for item in batch.items),
                token=batch.token,
            )
        )
        return frozenset(story.id for story in stories)


class Stopwatch:
    """Processor seconds of the parts of publishing, each on the thread that it runs on."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        for owner, name, part in (
            (Connections, "_read", "store"),
            (Connections, "_write", "store"),
            (republish, "update_output", "update"),
            (republish, "render_output", "render"),
            (archives, "render_archive", "render"),
            (special_feeds, "render_feed", "render"),
            (shelf, "_replace_files", "files"),
        ):
            setattr(owner, name, self._watched(getattr(owner, name), part))

    def _watched(self, work: Callable[..., Any], part: str) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:
            with self.watch(part):
                return work(*arguments, **named)

        return watched

    @contextmanager
    def watch(self, part: str) -> Iterator[None]:
        """Count what happens inside."""
        started = time.thread_time()
        try:
            yield
        finally:
            self.seconds[part] += time.thread_time() - started


def _outputs(configured: tuple[Output, ...], count: int) -> tuple[Output, ...]:
    return tuple(
        replace(output, id=OutputId(f"{output.id}-{number}"))
        for number, output in enumerate(islice(cycle(configured), count))
    )


async def _take(
    newsroom: Newsroom, lines: list[Line], start: datetime, step: timedelta, name: str, file: Path
) -> frozenset[StoryId]:
    """Import lines and make stories of them; publish nothing."""
    file.write_text(as_lines(lines, start, step, name), "utf-8")
    report = await import_lines(newsroom.parts, _Alone(newsroom.parts), file)
    if report.new != len(lines):
        sys.exit(f"{report.new} of {len(lines)} lines imported: {report.problems[:3]}")
    return frozenset(report.touched)


async def _round(
    newsroom: Newsroom, touched: frozenset[StoryId], watch: Stopwatch
) -> dict[str, float]:
    """Publish once; return seconds by part, the sum without compressing, and the peer's."""
    documents = {name: newsroom.parts.shelf.get(name) for name in newsroom.parts.shelf.names()}
    watch.seconds.clear()
    started = time.process_time()
    items = await newsroom.publisher.republish(touched)
    figures = {"publish": time.process_time() - started, "items": float(items)}
    changed = [
        name
        for name in newsroom.parts.shelf.names()
        if newsroom.parts.shelf.get(name) is not documents.get(name)
    ]
    with watch.watch("compress"):  # as if each was asked for
        for name in changed:
            _ = getattr(newsroom.parts.shelf.get(name), "compressed", b"")
    figures |= watch.seconds
    orders = newsroom.parts.orders
    redone = [output for output in orders.outputs if f"feeds/{output.id}.rss" in changed]
    started = time.process_time()
    for output in redone:
        shown = await newsroom.parts.store.publications(output.id, output.limit)
        for body in render_output(output, shown, orders.publish).values():
            gzip.compress(body, compresslevel=6)
    return figures | {
        "whole": time.process_time() - started,
        "changed": float(len(redone)),
    }


async def _fill(folder: Path, stored: int, lines: list[Line], now: datetime) -> None:
    """Store entries, the last of them just before the first that is measured."""
    live, crossed = min(stored, _LIVE), joined_headlines(lines)
    background = lines[:live] + [next(crossed) for _ in range(live - len(lines))]
    async with open_newsroom(load(ROOT / "config", os.environ), folder / "data") as newsroom:
        start, step = now - timedelta(days=13, hours=1), timedelta(days=13) / live
        await _take(newsroom, background, start, step, "stored", folder / "lines.jsonl")
        await newsroom.publisher.republish_all()
    if stored > live:
        fill(folder / "data" / "aggregator.db", stored)


async def _measure(
    folder: Path, stored: int, counts: list[int], lines: list[Line], rounds: int, watch: Stopwatch
) -> None:
    now, file = datetime.now(UTC), folder / "lines.jsonl"
    await _fill(folder, stored, lines[rounds * _ROUND * len(counts) :], now)
    async with open_newsroom(load(ROOT / "config", os.environ), folder / "data") as newsroom:
        orders = newsroom.parts.orders
        for place, count in enumerate(counts):
            newsroom.parts.orders = replace(orders, outputs=_outputs(orders.outputs, count))
            await newsroom.publisher.republish_all()
            taken = []
            for number in range(rounds):
                first = (place * rounds + number) * _ROUND
                some = lines[first : first + _ROUND]
                at = now - timedelta(minutes=40) + timedelta(seconds=first)
                touched = await _take(
                    newsroom, some, at, timedelta(seconds=1), f"new-{first}", file
                )
                taken.append(await _round(newsroom, touched, watch))
            idle = time.process_time()
            await newsroom.publisher.republish(())
            idle = time.process_time() - idle
            middle = {key: median(one.get(key, 0.0) for one in taken) for key in taken[0]}
            each = {key: seconds * 1000 / _ROUND for key, seconds in middle.items()}
            parts = " ".join(f"{each.get(part, 0):8.2f}" for part in _PARTS)
            print(
                f"{stored:8} {count:7} {middle['changed']:7.0f} {middle['items']:6.0f} "
                f"{each['publish']:8.2f} {each['publish'] * _ROUND / middle['items']:8.3f} "
                f"{each['publish'] * _ROUND / max(middle['changed'], 1):8.2f} "
                f"{parts} {each['whole']:8.2f} {idle * 1000:8.2f}",
                flush=True,
            )


def _main() -> None:
    parser = argparse.ArgumentParser(description="Measure what publishing a new entry costs.")
    parser.add_argument("--stored", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--outputs", nargs="+", type=int, default=[5, 13, 50])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    configure_logging(level=logging.WARNING)
    lines, watch = real_headlines(), Stopwatch()
    print("ms of CPU: per new entry, but for an item, an output, and a round without anything new")
    print(
        "  stored outputs changed  items  publish  an item  an outp.    store   update   render"
        "    files compress    whole  nothing"
    )
    for stored in options.stored:
        with TemporaryDirectory(prefix="publishing-") as temporary:
            (Path(temporary) / "data").mkdir()
            asyncio.run(
                _measure(Path(temporary), stored, options.outputs, lines, options.rounds, watch)
            )


if __name__ == "__main__":
    _main()
