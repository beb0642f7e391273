"""What it costs to understand a new entry: identify, tag, group; with stories and publishing too.

    AGGREGATOR_SHARED=... python -m benchmarks.understanding [--live 10000 105000] [--topics 5 500]
                                                             [--daemon 10000] [--json]

Real headlines of the corpus's streams, with the topics and outputs of `config/`. The index is filled
with headlines as they are and, where there are not enough, with the first half of one joined to the
second half of another; those that are measured are real. `--live` measures the pure stages
(stages.py), `--topics` what many topics cost beside them (topics.py), `--daemon` the whole path
through log and store and the publishing after it: 2,000 entries in rounds of 100, in processor time
of the whole process, the store's threads included, per entry of a round.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
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
from aggregator.tag.rules import compile_topics
from benchmarks.stages import StageCost, stage_costs
from benchmarks.topics import TopicCost, topic_costs

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


def real_headlines() -> list[Line]:
    """Return the corpus's headlines; where they are not, say so and end the program."""
    shared = Path(os.environ.get("AGGREGATOR_SHARED", ROOT.parent / "shared"))
    streams = shared / "corpus" / "streams"
    if not streams.is_dir():
        print(f"skipped: no real headlines at {streams}", file=sys.stderr)
        sys.exit(0)
    return _headlines(streams)


def _headlines(streams: Path) -> list[Line]:
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


def joined_headlines(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield headlines that nobody wrote, of the words of those that somebody did."""
    chance = random.Random(11)
    while True:
        one, other = chance.choice(lines), chance.choice(lines)
        if one.get("language") == other.get("language"):
            head, tail = one["title"], other["title"]
            yield {**one, "title": head[: len(head) // 2] + tail[len(tail) // 2 :]}


def as_lines(lines: Sequence[Line], start: datetime, step: timedelta, name: str) -> str:
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


def _apart(lines: list[Line], live: int) -> tuple[list[Line], list[Line]]:
    """Return the headlines that are measured, and those that are live before them."""
    measured, rest = lines[:_MEASURED], lines[_MEASURED:]
    crossed = joined_headlines(rest)
    background = rest[:live] + [next(crossed) for _ in range(live - len(rest))]
    random.Random(13).shuffle(background)
    return measured, background


async def _measure(newsroom: Newsroom, live: int, lines: list[Line], folder: Path) -> Figures:
    now = datetime.now(UTC)
    measured, background = _apart(lines, live)
    file = folder / "lines.jsonl"
    start = now - timedelta(days=_DAYS)
    step = timedelta(days=_DAYS) / live
    file.write_text(as_lines(background, start, step, "live"), "utf-8")
    before = _resident()
    report = await newsroom.import_file(file)
    if report.new != live:
        sys.exit(f"{report.new} of {live} lines imported: {report.problems[:3]}")
    grown = _resident() - before
    understand, publish, items = [], [], 0
    for number in range(0, _MEASURED, _ROUND):
        some = measured[number : number + _ROUND]
        at = now - timedelta(minutes=30) + timedelta(seconds=number)
        file.write_text(as_lines(some, at, timedelta(seconds=1), f"new-{number}"), "utf-8")
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


def _daemon(live: int, lines: list[Line]) -> Figures:
    with TemporaryDirectory(prefix="understanding-") as temporary:
        (Path(temporary) / "data").mkdir()
        return asyncio.run(_run(live, lines, Path(temporary)))


def _stages_table(costs: Iterable[StageCost]) -> None:
    print(
        "live entries | way | identify | tag | group | whole | p95 | p99.9 | bytes per live entry"
    )
    for one in costs:
        tail = "-" if one.p999 is None else f"{one.p999:.2f}"
        print(
            f"{one.live} | {one.way} | {one.identify:.3f} | {one.tag:.3f} | {one.group:.3f} | "
            f"{one.whole:.3f} | {one.p95:.2f} | {tail} | {one.memory}",
            flush=True,
        )


def _topics_table(costs: Iterable[TopicCost], beside: float | None) -> None:
    """Print what topics cost, by themselves and with identifying and grouping beside them."""
    print("kind | topics | matches per entry | tag | x fewest | whole | x fewest | naive")
    least: dict[str, float] = {}
    for one in costs:
        first = least.setdefault(one.kind, one.tag)
        whole, ratio = "-", "-"
        if beside is not None:
            whole = f"{beside + one.tag:.3f}"
            ratio = f"{(beside + one.tag) / (beside + first):.2f}"
        print(
            f"{one.kind} | {one.topics} | {one.matches:.2f} | {one.tag:.4f} | "
            f"{one.tag / first:.2f} | {whole} | {ratio} | {one.naive:.3f}",
            flush=True,
        )


def _daemon_table(results: Iterable[Figures]) -> None:
    print("live entries | understand | p95 over rounds | publish | items a round | index MB")
    for one in results:
        print(
            f"{one.live} | {one.understand:.2f} | {one.understand_p95:.2f} | {one.publish:.2f} | "
            f"{one.items} | {one.index:.0f}",
            flush=True,
        )


def _main() -> None:
    parser = argparse.ArgumentParser(description="Measure what understanding a new entry costs.")
    parser.add_argument("--live", nargs="*", type=int, default=[10_000, 105_000])
    parser.add_argument("--topics", nargs="*", type=int, default=[5, 500])
    parser.add_argument("--daemon", nargs="*", type=int, default=[])
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    configure_logging(level=logging.WARNING)
    lines = real_headlines()
    shipped = load(ROOT / "config", os.environ).topics
    rules = compile_topics(shipped)
    stages: list[StageCost] = []
    for live in options.live:
        measured, background = _apart(lines, live)
        stages += stage_costs(background, measured, rules)
    topics = list(topic_costs(lines, options.topics, shipped)) if options.topics else []
    daemon = [_daemon(live, lines) for live in options.daemon]
    if options.json:
        tables = {
            "stages": [asdict(one) for one in stages],
            "topics": [asdict(one) for one in topics],
            "daemon": [asdict(one) for one in daemon],
        }
        print(json.dumps(tables, indent=1))
        return
    if stages:
        _stages_table(stages)
    if topics:
        _topics_table(topics, stages[0].identify + stages[0].group if stages else None)
    if daemon:
        _daemon_table(daemon)


if __name__ == "__main__":
    _main()
