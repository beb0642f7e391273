"""What a restart costs before the first new entry is understood: filling the live index from the store.

    AGGREGATOR_SHARED=... python -m benchmarks.restart [--live 10000 100000] [--regroup] [--json]

Real headlines of the corpus's streams, spread over twelve days; where there are not enough, headlines
that nobody wrote: the first half of one joined to the second half of another (`benchmarks.understanding`).
Each index is filled twice from one store, in turn, and the cheaper of the two counts: from the sketches
that were kept, and as a peer by reading every headline anew, which is what an upgrade that reads
headlines differently pays once. Seconds are those of the whole process, the store's threads included.
`--regroup` also decides every entry of the store anew, as `aggregator regroup` does.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import sqlite3
import sys
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aggregator.daemon.newsroom import Newsroom, open_newsroom
from aggregator.observe.log import configure_logging
from aggregator.settings.load import load
from benchmarks.understanding import ROOT, Line, as_lines, joined_headlines, real_headlines

_DAYS: Final = 12  # over which the live entries are spread; the window is 14 days
_TURNS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one way of filling the index cost."""

    way: str
    live: int
    cpu: float  # seconds
    wall: float
    bytes_live: float | None = None  # memory of the filled index per entry
    bytes_stored: float | None = None  # of the file, for the sketch of an entry


async def _filled(newsroom: Newsroom, live: int) -> tuple[float, float]:
    """Fill the index anew; return seconds of processor and wall."""
    newsroom.understanding.forget_window()
    wall, cpu = time.perf_counter(), time.process_time()
    window = await newsroom.understanding.window()
    spent = time.process_time() - cpu, time.perf_counter() - wall
    if len(window) != live:
        sys.exit(f"{len(window)} of {live} entries are live")
    return spent


async def _memory(newsroom: Newsroom) -> float:
    newsroom.understanding.forget_window()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    window = await newsroom.understanding.window()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return grown / len(window)


def _without_sketches(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE sketches SET reading = -1")


def _stored(file: Path) -> int:
    with sqlite3.connect(file) as connection:
        (size,) = connection.execute(
            "SELECT sum(pgsize) FROM dbstat WHERE name = 'sketches'"
        ).fetchone()
    return int(size)


async def _measure(newsroom: Newsroom, file: Path, live: int) -> list[Figures]:
    kept, anew = [], []
    for _ in range(_TURNS):
        kept.append(await _filled(newsroom, live))
        _without_sketches(file)
        anew.append(await _filled(newsroom, live))
    memory = await _memory(newsroom)
    stored = _stored(file) / live
    return [
        Figures(
            way=way,
            live=live,
            cpu=min(cpu for cpu, _ in spent),
            wall=min(wall for _, wall in spent),
            bytes_live=memory,
            bytes_stored=stored,
        )
        for way, spent in (("sketches", kept), ("titles anew", anew))
    ]


async def _regrouped(newsroom: Newsroom, live: int) -> Figures:
    """Decide all entries anew, as after a change of rules: imported in batches, they are where they would be."""
    wall, cpu = time.perf_counter(), time.process_time()
    report = await newsroom.regroup()
    spent = time.process_time() - cpu, time.perf_counter() - wall
    print(f"{len(report.moved)} of {live} moved", file=sys.stderr)
    return Figures(way="regroup", live=live, cpu=spent[0], wall=spent[1])


async def _run(live: int, lines: Sequence[Line], folder: Path, regroup: bool) -> list[Figures]:
    entries = [*lines[:live], *islice(joined_headlines(lines), max(0, live - len(lines)))]
    random.Random(13).shuffle(entries)
    start, step = datetime.now(UTC) - timedelta(days=_DAYS), timedelta(days=_DAYS) / live
    file = folder / "lines.jsonl"
    file.write_text(as_lines(entries, start, step, "live"), "utf-8")
    configuration = load(ROOT / "config", os.environ)
    async with open_newsroom(configuration, folder / "data") as newsroom:
        report = await newsroom.import_file(file)
        if report.new != live:
            sys.exit(f"{report.new} of {live} lines imported: {report.problems[:3]}")
        found = await _measure(newsroom, folder / "data" / "aggregator.db", live)
        return [*found, await _regrouped(newsroom, live)] if regroup else found


def _main() -> None:
    parser = argparse.ArgumentParser(description="Measure what filling the live index costs.")
    parser.add_argument("--live", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--regroup", action="store_true", help="decide every entry anew, too")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    configure_logging(level=logging.WARNING)
    lines = real_headlines()
    results: list[Figures] = []
    if not options.json:
        print(f"{len(lines)} real headlines")
        print(
            f"{'live':>7}  {'filled from':12}{'CPU s':>7}{'wall s':>8}{'us/entry':>10}"
            f"{'B/entry live':>14}{'B/entry stored':>16}"
        )
    for live in options.live:
        with TemporaryDirectory(prefix="restart-") as temporary:
            (Path(temporary) / "data").mkdir()
            for one in asyncio.run(_run(live, lines, Path(temporary), options.regroup)):
                results.append(one)
                if not options.json:
                    print(
                        f"{one.live:7}  {one.way:12}{one.cpu:7.2f}{one.wall:8.2f}"
                        f"{one.cpu / one.live * 1e6:10.1f}{one.bytes_live or 0:14.0f}{one.bytes_stored or 0:16.0f}",
                        flush=True,
                    )
    if options.json:
        print(json.dumps([asdict(one) for one in results], indent=1))


if __name__ == "__main__":
    _main()
