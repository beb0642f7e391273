"""Rounds of polls in one process that stays: what a round costs the daemon, without its start.

    python -m benchmarks.rounds CONFIG DATA

For each line of its input, the id of a source or an empty line for all, it polls once and prints a line
of JSON: seconds of processor time of all its processes, and what came of it. `Rounds` is that process
seen from a benchmark.
"""

import asyncio
import json
import logging
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from aggregator.daemon.newsroom import Newsroom, open_newsroom
from aggregator.model.identifiers import SourceId
from aggregator.observe.log import configure_logging
from aggregator.pipeline.round import Wanted
from aggregator.settings.load import load
from benchmarks.meter import descendants

_TICK: Final = 1 / os.sysconf("SC_CLK_TCK")
_APART: Final = 2.5  # seconds: a host is asked every two at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round took and brought."""

    cpu: float  # seconds, of all processes
    answered: int  # feeds
    new: int  # entries


class Rounds:
    """A process that polls when it is told to."""

    def __init__(self, config: Path, data: Path) -> None:
        data.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.rounds", str(config), str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ended = 0.0

    def poll(self, source: str = "") -> Round:
        """Poll all feeds, or those of one source, once."""
        time.sleep(max(0.0, self._ended + _APART - time.monotonic()))
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(source + "\n")
        self._process.stdin.flush()
        found = json.loads(self._process.stdout.readline())
        self._ended = time.monotonic()
        return Round(**found)

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=60)

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.close()


def _spent() -> float:
    """Return the processor seconds of this process and of all below it, the ended ones too."""
    others = 0
    for pid in descendants(os.getpid()):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        others += sum(map(int, stat[11:15]))  # user and system, of it and of those it waited for
    return time.process_time() + others * _TICK


async def _poll(newsroom: Newsroom, source: str) -> Round:
    started = _spent()
    sources = frozenset({SourceId(source)}) if source else None
    report = await newsroom.poll(Wanted(sources=sources, all_feeds=True), defer=True)
    return Round(
        cpu=_spent() - started,
        answered=report.round.fetched + report.round.not_modified,
        new=report.round.new_entries,
    )


async def _serve(config: Path, data: Path) -> None:
    async with open_newsroom(load(config, os.environ), data) as newsroom:
        while line := await asyncio.to_thread(sys.stdin.readline):
            done = await _poll(newsroom, line.strip())
            print(
                json.dumps({"cpu": done.cpu, "answered": done.answered, "new": done.new}),
                flush=True,
            )


if __name__ == "__main__":
    configure_logging(level=logging.WARNING)
    asyncio.run(_serve(Path(sys.argv[1]), Path(sys.argv[2])))
