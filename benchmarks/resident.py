"""How much memory the daemon holds: at rest, in a round of new entries, and each of its workers.

The daemon itself (`aggregator run`) on the benchmark's origin, with a year of entries stored behind it that
are no longer live (archive.py). Resident sizes as /proc has them, looked at five times a second.
"""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from benchmarks.archive import fill, retire
from benchmarks.growth import Shortfall
from benchmarks.meter import descendants, resident
from benchmarks.origin import Origin
from benchmarks.rounds import Rounds

_NEW: Final = 3
_EVERY: Final = 120  # seconds between two polls of a feed
_LOOK: Final = 0.2
_PATIENCE: Final = 1800.0
_MB: Final = 1e6
_MAIN: Final = 120.0  # MB at most, and a kilobyte for each live entry
_WORKER: Final = 60.0


class _Sizes:
    """The sizes of a daemon's processes, as they come and go."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.worker = 0.0

    def until(self, reached: Callable[[], bool]) -> tuple[float, float]:
        """Watch until something is so; return the main process's most MB meanwhile, and its last."""
        most, last, started = 0.0, 0.0, time.monotonic()
        while not reached():
            if time.monotonic() - started > _PATIENCE:
                raise Shortfall("the daemon did not get there in half an hour")
            last = resident(self._pid) / _MB
            most = max(most, last)
            others = (resident(pid) / _MB for pid in descendants(self._pid))
            self.worker = max(self.worker, *others, 0.0)
            time.sleep(_LOOK)
        return most, last


def print_memory(feeds: int, stored: int, folder: Path) -> None:
    """Let the daemon live through two rounds, and print what it held."""
    config, data = folder / "config", folder / "data"
    with Origin(feeds) as origin:
        _configure(config, origin.urls)
        with Rounds(config, data) as rounds:
            done = rounds.poll()
        if (done.answered, done.new) != (feeds, origin.published()):
            raise Shortfall(f"{done.answered} feeds answered with {done.new} entries")
        retire(data / "aggregator.db")
        if stored > done.new:
            fill(data / "aggregator.db", stored)
        _run(config, data, origin, feeds)


def _run(config: Path, data: Path, origin: Origin, feeds: int) -> None:
    database = data / "aggregator.db"
    folders = ["--config", str(config), "--data", str(data), "-q"]
    process = subprocess.Popen([sys.executable, "-m", "aggregator", *folders, "run"])
    try:
        sizes = _Sizes(process.pid)
        begun = _count(database, "SELECT max(rowid) FROM poll_records")
        polls = f"SELECT max(rowid) >= {begun + feeds} FROM poll_records"
        polled, rest = sizes.until(lambda: bool(_count(database, polls)))
        wanted = _count(database, "SELECT count(*) FROM placements") + feeds * _NEW
        print(f"{wanted - feeds * _NEW} entries stored, {feeds} feeds; MB resident")
        _tell("a round of 304", polled, rest, 0)
        origin.add(_NEW)
        placed = f"SELECT count(*) = {wanted} FROM placements"
        most, last = sizes.until(lambda: bool(_count(database, placed)))
        _tell(f"a round of {feeds * _NEW} new entries", most, last, feeds * _NEW)
        until = time.monotonic() + _EVERY
        most, last = sizes.until(lambda: time.monotonic() > until)
        _tell("after it", most, last, feeds * _NEW)
        print(f"largest worker {sizes.worker:.0f}, bar {_WORKER:.0f}", flush=True)
    finally:
        process.terminate()
        process.wait(60)


def _tell(phase: str, most: float, last: float, live: int) -> None:
    bar = _MAIN + live * 1000 / _MB
    print(f"  {phase:32} most {most:5.0f}  at its end {last:5.0f}  bar {bar:5.0f}", flush=True)


def _count(database: Path, question: str) -> int:
    with closing(sqlite3.connect(f"file:{os.fspath(database)}?mode=ro", uri=True)) as connection:
        (answer,) = connection.execute(question).fetchone()
    return int(answer or 0)


def _configure(folder: Path, urls: list[str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder.mkdir(parents=True)
    sources = [
        {"id": f"outlet-{n}", "name": f"Outlet {n}", "url": url, "every": f"{_EVERY}s"}
        for n, url in enumerate(urls)
    ]
    files: dict[str, object] = {
        "settings": {"network": {"allow_private": ["127.0.0.0/8:*"]}, "server": {"port": port}},
        "sources": {"sources": sources},
        "topics": {"topics": []},
        "outputs": {"outputs": [{"id": "all", "title": "all"}]},
    }
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(json.dumps(content), "utf-8")
