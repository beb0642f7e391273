"""What it costs to understand a new entry: tag, group, story, publish, at a size of the live index.

    AGGREGATOR_SHARED=... python -m benchmarks.understanding [--live 10000 105000] [--json]

Real headlines of the corpus's streams, with the topics and outputs of `config/`. The index is filled
with headlines as they are and, where there are not enough, with the first half of one joined to the
second half of another. The 2,000 that are measured are real, and come in rounds of 100; the times
are processor seconds of the whole process, the store's threads included, per entry of a round.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final

from typing_extensions import override

from aggregator.daemon.newsroom import Newsroom, open_newsroom
from aggregator.model.identifiers import StoryId
from aggregator.observe.log import configure_logging
from aggregator.pipeline.consume import Understanding
from aggregator.pipeline.import_lines import import_lines
from aggregator.settings.load import load

ROOT: Final = Path(__file__).parents[1]
_MEASURED: Final = 2_000
_ROUND: Final = 100
_DAYS: Final = 12  # over which the live entries are spread; the window is 14 days

Line = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a new entry cost, in milliseconds of processor time."""

    live: int
    understand: float  # tag, group, stories, commit: mean
    understand_p95: float  # over rounds
    publish: float  # mean
    items: int  # written to outputs per round
    index: float  # MB that the process grew by while the index was filled


class _Later(Understanding):
    """Leaves what is imported in the log."""

    @override
    async def consume_all(self, *, as_logged: bool = False) -> frozenset[StoryId]:
        return frozenset()


def headlines(streams: Path) -> list[Line]:
    """Return the streams' headlines, shuffled, each title and outlet once."""
    found: dict[tuple[str, str], Line] = {}
    for file in sorted(streams.rglob("*.jsonl")):
        for text in file.read_text("utf-8").splitlines():
            line = json.loads(text)
            if line.get("title") and line.get("outlet"):
                found.setdefault((line["outlet"], line["title"]), line)
    lines = list(found.values())
    random.Random(7).shuffle(lines)
    return lines


def _crossed(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield headlines that nobody wrote, of the words of those that somebody did."""
    chance = random.Random(11)
    while True:
        one, other = chance.choice(lines), chance.choice(lines)
        if one.get("language") == other.get("language"):
            head, tail = one["title"], other["title"]
            yield {**one, "title": head[: len(head) // 2] + tail[len(tail) // 2 :]}


def _written(lines: Sequence[Line], start: datetime, step: timedelta, name: str) -> str:
    """Return lines as `aggregator import` takes them, one after the other in time."""
    return "\n".join(
        json.dumps(
            {
                "source": f"outlet-{sum(map(ord, line['outlet'])) % 997}",
                "guid": f"{name}-{number}",
                "url": f"https://example.org/{name}/{number}",
                "title": line["title"],
                "summary": line.get("summary") or "",
                "published": (start + number * step).isoformat(),
                "language": line.get("language"),
            }
        )
        for number, line in enumerate(lines)
    )


async def _measure(newsroom: Newsroom, live: int, lines: list[Line], folder: Path) -> Figures:
    now = datetime.now(UTC)
    measured, rest = lines[:_MEASURED], lines[_MEASURED:]
    crossed = _crossed(rest)
    background = rest[:live] + [next(crossed) for _ in range(live - len(rest))]
    random.Random(13).shuffle(background)
    file = folder / "lines.jsonl"
    start = now - timedelta(days=_DAYS)
    step = timedelta(days=_DAYS) / live
    file.write_text(_written(background, start, step, "live"), "utf-8")
    before = _resident()
    report = await newsroom.import_file(file)
    if report.new != live:
        sys.exit(f"{report.new} of {live} lines imported: {report.problems[:3]}")
    grown = _resident() - before
    understand, publish, items = [], [], 0
    for number in range(0, _MEASURED, _ROUND):
        some = measured[number : number + _ROUND]
        at = now - timedelta(minutes=30) + timedelta(seconds=number)
        file.write_text(_written(some, at, timedelta(seconds=1), f"new-{number}"), "utf-8")
        await import_lines(newsroom.parts, _Later(newsroom.parts), file)
        started = time.process_time()
        touched = await newsroom.understanding.consume_all()
        understood = time.process_time()
        items += await newsroom.publisher.republish(touched)
        understand.append((understood - started) / _ROUND * 1000)
        publish.append((time.process_time() - understood) / _ROUND * 1000)
    return Figures(
        live=live,
        understand=mean(understand),
        understand_p95=quantiles(understand, n=20)[-1],
        publish=mean(publish),
        items=items * _ROUND // _MEASURED,
        index=grown / 1e6,
    )


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def _run(live: int, lines: list[Line], folder: Path) -> Figures:
    configuration = load(ROOT / "config", os.environ)
    async with open_newsroom(configuration, folder / "data") as newsroom:
        return await _measure(newsroom, live, lines, folder)


def _main() -> None:
    parser = argparse.ArgumentParser(description="Measure what understanding a new entry costs.")
    parser.add_argument("--live", nargs="+", type=int, default=[10_000, 105_000])
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    configure_logging(level=logging.WARNING)
    shared = Path(os.environ.get("AGGREGATOR_SHARED", ROOT.parent / "shared"))
    streams = shared / "corpus" / "streams"
    if not streams.is_dir():
        print(f"skipped: no real headlines at {streams}", file=sys.stderr)
        return
    lines = headlines(streams)
    results = []
    for live in options.live:
        with TemporaryDirectory(prefix="understanding-") as temporary:
            (Path(temporary) / "data").mkdir()
            figures = asyncio.run(_run(live, lines, Path(temporary)))
            results.append(figures)
            if not options.json:
                print(
                    f"{figures.live:7} live: understand {figures.understand:.2f} ms of CPU per new entry "
                    f"(p95 of rounds {figures.understand_p95:.2f}), publish {figures.publish:.2f} ms "
                    f"({figures.items} items a round); the process grew by {figures.index:.0f} MB",
                    flush=True,
                )
    if options.json:
        print(json.dumps([asdict(one) for one in results], indent=1))


if __name__ == "__main__":
    _main()
