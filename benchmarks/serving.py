"""What the feed's readers get while the daemon polls and slow clients hold their places.

    python -m benchmarks.serving [--feeds 300] [--seconds 30] [--slow 200] [--threads 1] [--holds]

Starts an origin of many feeds (benchmarks/origin.py) and the whole daemon on them, each feed polled every
30 s and given a new entry as often; holds slow clients (half send a head byte by byte, half take in an
answer a few bytes at a time); then lets wrk ask for the feed of 100 stories: with its ETag (304) and
without (200, gzip), each for as long as all feeds take to be polled once, since the longest waits come
when what is new is understood and published. A quiet phase comes first, against which the delay of polls under load is compared:
how much later than 30 s after the one before each poll came. Everything runs on this one machine: wrk,
the origin and the slow clients take their share of its processors. `--holds` tells which steps of the
daemon kept its event loop longest (benchmarks/holds.py), at some cost to the rest. Without wrk there is no load, and the
command says so. Exit status 1 where a bar is missed.
"""

import argparse
import asyncio
import contextlib
import gzip
import json
import os
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.error import URLError
from urllib.request import Request, urlopen

from benchmarks import holds
from benchmarks.origin import Origin

_EVERY: Final = 30  # seconds between two polls of a feed
_STORIES: Final = 100
_EVER: Final = "3650d"
_CONNECTIONS: Final = 32
_REQUESTS_UNCHANGED: Final = 3000.0  # a second, at least
_REQUESTS_WHOLE: Final = 1500.0
_P99: Final = 50.0  # ms, at most
_POLL_DELAY: Final = 2.0  # seconds that a due feed may wait
_FEED: Final = "/feeds/all.rss"
_UNITS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What wrk measured."""

    name: str
    requests: float  # a second
    p50: float  # ms
    p99: float
    failed: int

    def verdict(self, at_least: float) -> str:
        """Return which bar is missed, if one is."""
        if self.failed:
            return f"{self.failed} answers failed"
        if self.requests < at_least:
            return f"missed: {at_least:.0f} wanted"
        return "ok" if self.p99 < _P99 else f"missed: p99 under {_P99:.0f} ms wanted"


def configure(folder: Path, urls: Sequence[str], port: int) -> None:
    """Write a configuration of one output of 100 stories."""
    folder.mkdir()
    # The origin's stories have dates of their own, long past: each is news here all the same.
    output = {"id": "all", "title": "all", "limit": _STORIES, "backfill": _EVER, "max_age": _EVER}
    sources = [
        {"id": f"outlet-{n}", "name": f"Outlet {n}", "url": url, "every": f"{_EVERY}s"}
        for n, url in enumerate(urls)
    ]
    files: dict[str, Any] = {
        "settings": {
            "network": {"allow_private": ["127.0.0.0/8:*"]},
            "server": {"port": port},
        },
        "sources": {"sources": sources},
        "topics": {"topics": []},
        "outputs": {"outputs": [output]},
    }
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(json.dumps(content), "utf-8")


@contextlib.contextmanager
def daemon(folder: Path, urls: Sequence[str], *, noted: Path | None) -> Iterator[str]:
    """Run the daemon on feeds; yield its address. Its long turns go into the file `noted`, if given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    configure(folder / "config", urls, port)
    options = ["--config", str(folder / "config"), "--data", str(folder / "data"), "-q"]
    program = [sys.executable, "-m", "aggregator", *options]
    # The daemon alone would spread the first polls of so many new feeds over many minutes.
    subprocess.run([*program, "poll", "--all"], check=True)
    if noted is not None:
        program = [sys.executable, "-m", "benchmarks.holds", str(noted), *options]
    process = subprocess.Popen([*program, "run"])
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def wait_for_stories(address: str) -> bytes:
    """Return the feed once it is full."""
    for _ in range(600):
        with contextlib.suppress(URLError, ConnectionError):
            asked = Request(address + _FEED, headers={"Accept-Encoding": "gzip"})
            with urlopen(asked, timeout=30) as answer:
                packed = answer.read()
                if gzip.decompress(packed).count(b"<item>") >= _STORIES:
                    return bytes(packed)
        time.sleep(0.5)
    raise RuntimeError("the feed did not fill up")


@contextlib.asynccontextmanager
async def slow_clients(address: str, count: int) -> AsyncIterator[None]:
    """Hold so many connections that hardly move, each taken up again when we are let go."""
    host, port = address.removeprefix("http://").split(":")
    kinds = (_send_slowly, _read_slowly)
    tasks = [asyncio.create_task(_keep_up(kinds[n % 2], host, int(port))) for n in range(count)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_up(kind: Any, host: str, port: int) -> None:
    while True:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.setblocking(False)
        with contextlib.suppress(OSError), connection:
            await asyncio.get_running_loop().sock_connect(connection, (host, port))
            await kind(connection)


async def _send_slowly(connection: socket.socket) -> None:
    for byte in f"GET {_FEED} HTTP/1.1\r\nHost: slow.example\r\n".encode():
        await asyncio.get_running_loop().sock_sendall(connection, bytes([byte]))
        await asyncio.sleep(1)


async def _read_slowly(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(
        connection, f"GET {_FEED} HTTP/1.1\r\nHost: slow.example\r\n\r\n".encode()
    )
    while await loop.sock_recv(connection, 64):
        await asyncio.sleep(1)


async def load(name: str, address: str, seconds: int, threads: int, *headers: str) -> Load:
    """Let wrk ask for the feed and return what it measured."""
    asked = [part for header in headers for part in ("-H", header)]
    process = await asyncio.create_subprocess_exec(
        "wrk", f"-t{threads}", f"-c{_CONNECTIONS}", f"-d{seconds}s", "--latency", *asked,
        address + _FEED,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed = (await process.communicate())[0].decode()
    return Load(
        name=name,
        requests=float(_after(r"Requests/sec:\s+([\d.]+)", printed) or 0),
        p50=_milliseconds(r"50%\s+([\d.]+)(us|ms|s|m)\b", printed),
        p99=_milliseconds(r"99%\s+([\d.]+)(us|ms|s|m)\b", printed),
        failed=int(_after(r"Non-2xx or 3xx responses: (\d+)", printed) or 0)
        + sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", printed))),
    )


def _after(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found.group(1) if found else None


def _milliseconds(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    return float(found.group(1)) * _UNITS[found.group(2)] if found else float("inf")


def poll_delays(folder: Path, since: float, until: float) -> list[float]:
    """Return by how many seconds each poll of a span came later than its feed's interval."""
    database = sqlite3.connect(f"file:{folder / 'data' / 'aggregator.db'}?mode=ro", uri=True)
    with contextlib.closing(database):
        rows = database.execute("SELECT feed, at FROM poll_records ORDER BY feed, at").fetchall()
    return sorted(
        (at - before) / 1e6 - _EVERY
        for (feed, before), (again, at) in pairwise(rows)
        if feed == again and since <= at / 1e6 < until
    )


async def _give_news(origin: Origin) -> None:
    """Let each feed have something new as often as it is polled."""
    while True:
        await asyncio.sleep(_EVERY)
        await asyncio.to_thread(origin.add, 1)


async def _measure(folder: Path, origin: Origin, options: argparse.Namespace) -> bool:
    noted = folder / "holds.jsonl" if options.holds else None
    with daemon(folder, origin.urls, noted=noted) as address:
        packed = await asyncio.to_thread(wait_for_stories, address)
        news = asyncio.create_task(_give_news(origin))
        await asyncio.sleep(2 * _EVERY)  # every feed has been polled twice
        quiet = time.time()
        await asyncio.sleep(_EVERY)
        busy = time.time()
        loads = []
        async with slow_clients(address, options.slow):
            await asyncio.sleep(1)
            if shutil.which("wrk") is None:
                print("wrk is not installed: no load was put on the feed")
            else:
                etag = _etag(address)
                loads = [
                    await load("304", address, options.seconds, options.threads, f"If-None-Match: {etag}", "Accept-Encoding: gzip"),
                    await load("200 gzip", address, options.seconds, options.threads, "Accept-Encoding: gzip"),
                ]  # fmt: skip
            await asyncio.sleep(max(0.0, busy + _EVERY - time.time()))
        ended = time.time()
        news.cancel()
    if noted is not None:
        holds.print_table(hold for hold in holds.read(noted) if hold.at >= quiet)
    return _print_table(
        loads, len(packed), poll_delays(folder, quiet, busy), poll_delays(folder, busy, ended)
    )


def _etag(address: str) -> str:
    asked = Request(address + _FEED, headers={"Accept-Encoding": "gzip"})
    with urlopen(asked) as answer:
        return str(answer.headers["ETag"])


def _print_table(
    loads: Sequence[Load], packed: int, quiet: Sequence[float], busy: Sequence[float]
) -> bool:
    """Print what was measured; return whether all bars are held."""
    print(f"feed of {_STORIES} stories, {packed / 1024:.1f} KB compressed")
    print(f"{'answer':10} {'a second':>9} {'p50 ms':>8} {'p99 ms':>8}")
    held = []
    for one, wanted in zip(loads, (_REQUESTS_UNCHANGED, _REQUESTS_WHOLE), strict=False):
        verdict = one.verdict(wanted)
        held.append(verdict == "ok")
        print(f"{one.name:10} {one.requests:9.0f} {one.p50:8.1f} {one.p99:8.1f}  {verdict}")
    print(
        f"{'polls':10} {'number':>9} {'median s':>8} {'p99 s':>8} {'most s':>8}  behind their time"
    )
    for name, delays in (("quiet", quiet), ("under load", busy)):
        if delays:
            p99 = delays[int(len(delays) * 0.99)]
            print(
                f"{name:10} {len(delays):9} {statistics.median(delays):8.2f} {p99:8.2f} {delays[-1]:8.2f}"
            )
    on_time = bool(busy) and busy[int(len(busy) * 0.99)] <= max(_POLL_DELAY, quiet[-1])
    print(
        "polls under load:", "ok" if on_time else f"missed: p99 within {_POLL_DELAY:.0f} s wanted"
    )
    print(f"load average: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    return all(held) and on_time


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="The feed under load while the daemon polls.")
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=_EVERY)
    parser.add_argument("--slow", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--holds", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as temporary, Origin(options.feeds) as origin:
        held = asyncio.run(_measure(Path(temporary), origin, options))
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
