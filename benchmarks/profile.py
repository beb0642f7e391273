"""Where the time of one round goes: loading, the loop's thread, the store's threads, the workers.

    python -m benchmarks.profile [--scenario 304] [--feeds 300] [--lines 25]

The round is taken in this process, every thread under a profiler of its own; what the workers do is
profiled by reading the same bodies here, apart. A profiler doubles what Python code costs and adds
nothing to what C code does: read shares, not seconds; the seconds above them are without it.
"""

import argparse
import asyncio
import cProfile
import ctypes
import logging
import os
import pstats
import resource
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.request import urlopen

from aggregator.daemon.assemble import parts_from
from aggregator.daemon.newsroom import open_newsroom
from aggregator.observe.clock import SystemClock
from aggregator.observe.log import configure_logging
from aggregator.parse.document import ParseHints
from aggregator.pipeline.read import read_body, reading_of
from aggregator.pipeline.round import Wanted
from aggregator.settings.load import load
from aggregator.store.sqlite.connections import Connections
from benchmarks.origin import Origin
from benchmarks.peers import Aggregator
from benchmarks.polling import SCENARIOS

_PR_SET_CHILD_SUBREAPER: Final = 36


class Threads:
    """The processor time of the store's threads, and their profiles."""

    def __init__(self, *, profiled: bool) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.profiles: dict[str, list[cProfile.Profile]] = defaultdict(list)
        self._profiled = profiled
        for name in ("_write", "_read", "_prepare"):
            setattr(Connections, name, self._watched(name, getattr(Connections, name)))

    def _watched(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any) -> Any:
            started = time.thread_time()
            profile = cProfile.Profile(time.thread_time) if self._profiled else None
            try:
                return profile.runcall(work, *arguments) if profile else work(*arguments)
            finally:
                self.seconds[name.strip("_")] += time.thread_time() - started
                if profile:
                    self.profiles[name.strip("_")].append(profile)

        return watched


async def _round(folder: Path, threads: Threads, profile: cProfile.Profile | None) -> None:
    started = time.process_time()
    configuration = load(folder / "config", {})
    print(f"  load the configuration {time.process_time() - started:8.2f} s")
    started = time.process_time()
    async with open_newsroom(configuration, folder / "data") as newsroom:
        print(f"  open, sync feeds       {time.process_time() - started:8.2f} s")
        threads.seconds.clear()
        whole, main = time.process_time(), time.thread_time()
        if profile:
            profile.enable()
        report = await newsroom.poll(Wanted(all_feeds=True), defer=True)
        if profile:
            profile.disable()
        print(f"  round, loop's thread   {time.thread_time() - main:8.2f} s")
        for name, seconds in threads.seconds.items():
            print(f"  round, store: {name:8} {seconds:8.2f} s")
        rest = (
            time.process_time()
            - whole
            - (time.thread_time() - main)
            - sum(threads.seconds.values())
        )
        print(f"  round, threads' ways   {rest:8.2f} s")
        done = report.round
        print(
            f"  {done.fetched} fetched, {done.not_modified} not modified, {done.new_entries} new entries"
        )


def _take(folder: Path, *, profiled: bool) -> tuple[cProfile.Profile | None, Threads]:
    threads = Threads(profiled=profiled)
    profile = cProfile.Profile(time.thread_time) if profiled else None
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    asyncio.run(_round(folder, threads, profile))
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"  nursery and workers    {spent:8.2f} s")
    return profile, threads


def _show(title: str, profiles: list[cProfile.Profile], options: argparse.Namespace) -> None:
    if profiles:
        print(f"\n== {title}")
        stats = pstats.Stats(profiles[0])
        for one in profiles[1:]:
            stats.add(one)
        stats.strip_dirs().sort_stats(options.sort).print_stats(options.lines)


def _read_here(folder: Path, options: argparse.Namespace) -> None:
    """Profile what a worker does with the bodies as they are now."""
    parts = parts_from(load(folder / "config", {}), folder / "data", SystemClock(), alone=False)

    async def stored() -> Any:
        await parts.store.open()
        feeds = await parts.store.feeds()
        await parts.store.close()
        return feeds

    profile = cProfile.Profile(time.thread_time)
    for feed in asyncio.run(stored()):
        with urlopen(feed.url) as answer:
            body = answer.read()
        hints = ParseHints(url=feed.url, charset="utf-8", now=datetime.now(UTC))
        profile.runcall(read_body, body, hints, reading_of(feed, parts.orders.source(feed.source)))
    _show("in a worker", [profile], options)


def _know_feeds(folder: Path) -> None:
    """List the feeds in the store without polling them."""

    async def opened() -> None:
        async with open_newsroom(load(folder / "config", {}), folder / "data"):
            return

    (folder / "data").mkdir()
    asyncio.run(opened())


def _main() -> None:
    parser = argparse.ArgumentParser(description="Show where the time of one round goes.")
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--scenario", choices=SCENARIOS, default="304")
    parser.add_argument("--lines", type=int, default=25)
    parser.add_argument("--sort", default="tottime", help="of pstats: tottime, cumtime, ...")
    options = parser.parse_args()
    configure_logging(level=logging.WARNING)
    with TemporaryDirectory(prefix="profile-") as temporary:
        for profiled in (False, True):
            folder = Path(temporary) / str(profiled)
            program = Aggregator(folder)
            with Origin(options.feeds) as origin:
                program.configure(origin.urls)
                if options.scenario == "cold":
                    _know_feeds(folder)
                else:
                    program.run()
                origin.forget(options.scenario == "same")
                if options.scenario == "other":
                    origin.stamp()
                if options.scenario == "new":
                    origin.add(3)
                if profiled and options.scenario in ("cold", "other", "new"):
                    _read_here(folder, options)
                print(f"\n{options.scenario}, {options.feeds} feeds" + ", profiled" * profiled)
                _take_apart(folder, options, profiled=profiled)


def _take_apart(folder: Path, options: argparse.Namespace, *, profiled: bool) -> None:
    """Take the round in a child, so that waiting for orphans does not wait for the origin."""
    pid = os.fork()
    if pid == 0:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        profile, threads = _take(folder, profiled=profiled)
        if profile:
            _show("the loop's thread", [profile], options)
        for name, profiles in threads.profiles.items():
            _show(f"the store's threads: {name}", profiles, options)
        os._exit(0)
    os.waitpid(pid, 0)


if __name__ == "__main__":
    _main()
