"""What bodies that mean harm cost: a real newsroom polls them from a real server, good feeds beside.

    python -m benchmarks.hostile [--only WORD] [--json FILE]

Bars (reliability P3), for every body of up to 10 MiB:

    time      10 s of processor time in the worker. The time by the clock is printed beside it: with
              nothing else on the machine it is that and the transport's; slow servers have 30 s
    worker    512 MiB peak memory
    daemon    32 MiB more memory than before
    loop      200 ms without a turn of the event loop. A loaded machine lets any process wait, so
              that the processor time that the loop's thread spent between two turns is judged;
              the longest wait is printed beside it.
    others    good feeds of the same round stored within 1 s of what they take alone, and of the
              second for which a round gathers what it commits
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final

from typing_extensions import override

from aggregator.daemon.newsroom import Newsroom, open_newsroom
from aggregator.model.identifiers import SourceId
from aggregator.observe.log import configure_logging
from aggregator.pipeline.round import Round, Wanted
from aggregator.settings.load import load
from benchmarks.hostile_bodies import BODIES, CODED, MANNERS

NAMES: Final = (*BODIES, *CODED, *MANNERS)
GOOD: Final = tuple(f"good{number}" for number in range(5))
SLOW: Final = frozenset(MANNERS)


@dataclass(slots=True)
class Cost:
    """What one body cost."""

    name: str
    outcome: str = ""
    wall: float = 0.0  # seconds
    worker_cpu: float = 0.0
    worker_peak: float = 0.0  # MiB
    daemon_growth: float = 0.0  # MiB
    stall: float = 0.0  # milliseconds without a turn of the loop
    loop: float = 0.0  # milliseconds of processor time between two turns
    bodies: int = 1  # at once
    others: float = 0.0  # seconds until the last good feed was stored

    def breaches(self, usual: float) -> list[str]:
        """Return the bars that it broke; `usual`: what the good feeds take alone."""
        bars = {
            "time": self.worker_cpu > 10 or (self.name in SLOW and self.wall > 35),
            "worker": self.worker_peak > 512,
            "daemon": self.daemon_growth > 32 * self.bodies,
            "loop": self.loop > 200,
            "others": self.others > usual + 2,
        }
        return [name for name, broken in bars.items() if broken]


# -- the origin: a process of its own, so that its memory is not ours ---------------------------------


class Handler(BaseHTTPRequestHandler):
    """Answers `/NUMBER` with the body of that number and `/good/N` with a small feed, new each time."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        with contextlib.suppress(OSError):
            _, kind, *rest = self.path.split("/")
            if kind == "good":
                return self._send(_small_feed(rest[0]))
            name = NAMES[int(kind)]
            if name in BODIES:
                return self._send(BODIES[name]())
            if name in CODED:
                coding, body = CODED[name]
                return self._send(body(), {"Content-Encoding": coding})
            return self._misbehave(name)

    def _send(self, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(200)
        kind = "application/json" if body[:1] in b"[{" else "application/rss+xml"
        for key, value in ({"Content-Type": kind} | (headers or {})).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _misbehave(self, name: str) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        if name == "endless header":
            for number in range(10**6):
                self.wfile.write(f"X-{number}: {'x' * 100}\r\n".encode())
        length = b"" if name == "endless body" else b"Content-Length: 9000000\r\n"
        self.wfile.write(b"Content-Type: text/xml\r\n" + length + b"\r\n")
        if name == "endless body":
            while True:
                self.wfile.write(b"<item/>" * 10_000)
        if name == "cut short":
            self.wfile.write(b"<rss>" * 10_000)
            return
        for _ in range(120):
            if name == "one byte a second":
                self.wfile.write(b"<")
            time.sleep(1)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Origin(socketserver.ThreadingTCPServer):
    """Every address of loopback, one port."""

    daemon_threads = True
    request_queue_size = 64

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up on a hostile body does right."""


def _small_feed(name: str) -> bytes:
    now = time.time_ns()
    items = "".join(
        f"<item><title>{name} {now} {n}</title><guid>{name}-{now}-{n}</guid></item>"
        for n in range(20)
    )
    return f"<rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>".encode()


def serve_bodies() -> None:
    """Serve until killed; the port is printed."""
    with Origin(("0.0.0.0", 0), Handler) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


# -- measuring ----------------------------------------------------------------------------------------


class Workers(threading.Thread):
    """Watches the memory and processor time of every worker, also of those that die."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak, self.cpu = 0.0, 0.0
        self._begun: dict[int, float] = {}
        self._going = True

    @override
    def run(self) -> None:
        """Look every 10 ms."""
        while self._going:
            for pid in _grandchildren():
                self._look(pid)
            time.sleep(0.01)

    def forget(self) -> None:
        """Begin anew: what a worker has used before does not count."""
        for pid in _grandchildren():
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")
        self._begun = {pid: _cpu(pid) for pid in _grandchildren()}
        self.peak = self.cpu = 0.0

    def stop(self) -> None:
        """Stop looking."""
        self._going = False

    def _look(self, pid: int) -> None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            used = _cpu(pid) - self._begun.setdefault(pid, 0.0)
            self.cpu = max(self.cpu, used)
            self.peak = max(self.peak, _memory(pid, "VmHWM"))


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]


def _grandchildren() -> list[int]:
    """Return the workers: children of the nursery, which is our child."""
    return [worker for nursery in _children(os.getpid()) for worker in _children(nursery)]


def _cpu(pid: int) -> float:
    """Return the seconds of processor time of a process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int | str, name: str) -> float:
    """Return a figure of /proc/PID/status in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


class Turns:
    """A task that wakes every 5 ms and notes how long the loop kept it waiting."""

    def __init__(self) -> None:
        self.stall = self.loop = 0.0
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        at, used = time.perf_counter(), time.thread_time()
        while True:
            await asyncio.sleep(0.005)
            now, spent = time.perf_counter(), time.thread_time()
            self.stall = max(self.stall, 1000 * (now - at - 0.005))
            self.loop = max(self.loop, 1000 * (spent - used))
            at, used = now, spent

    def forget(self) -> None:
        """Begin anew."""
        self.stall = self.loop = 0.0

    def stop(self) -> None:
        """Stop watching."""
        self._task.cancel()


class Bench:
    """One newsroom, measured."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.workers, self.turns = Workers(), Turns()
        self.workers.start()
        self._stored: dict[str, float] = {}
        commit = newsroom.parts.store.commit_polls

        async def noted(commits: Any) -> Any:
            refused = await commit(commits)
            for one in commits:
                for change in one.changes:
                    self._stored[change.feed.source] = time.perf_counter()
            return refused

        newsroom.parts.store.commit_polls = noted  # type: ignore[method-assign]  # to watch it

    async def poll(self, *names: str) -> tuple[dict[str, float], dict[str, str]]:
        """Poll sources in one round; return when each was stored, and how those that failed did."""
        self._stored = {}
        begun = time.perf_counter()
        wanted = Wanted(sources=frozenset(map(SourceId, names)), all_feeds=True)
        report = await Round(self.newsroom.parts, wanted).run()
        failed = {str(error.source): error.kind for error in report.errors}
        return {name: at - begun for name, at in self._stored.items()}, failed

    async def measure(self, label: str, *hostile: str) -> Cost:
        """Poll hostile sources beside the good ones."""
        self.workers.forget()
        self.turns.forget()
        Path("/proc/self/clear_refs").write_text("5")
        before = _memory("self", "VmRSS")
        stored, failed = await self.poll(*hostile, *GOOD)
        await asyncio.sleep(0.02)
        return Cost(
            name=label,
            bodies=len(hostile),
            outcome=failed.get(hostile[0], "taken"),
            wall=max(stored[name] for name in hostile),
            worker_cpu=self.workers.cpu,
            worker_peak=self.workers.peak,
            daemon_growth=_memory("self", "VmHWM") - before,
            stall=self.turns.stall,
            loop=self.turns.loop,
            others=max(stored[name] for name in GOOD),
        )


def write_configuration(folder: Path, port: int) -> Path:
    """Write a configuration whose sources lie each on an address of its own."""
    config = folder / "config"
    config.mkdir()
    (folder / "data").mkdir()
    sources = [
        {"id": f"h{n}", "name": name, "url": f"http://127.1.{n // 200}.{n % 200 + 1}:{port}/{n}"}
        for n, name in enumerate(NAMES)
    ]
    sources += [
        {"id": name, "name": name, "url": f"http://127.2.0.{n + 1}:{port}/good/{name}"}
        for n, name in enumerate(GOOD)
    ]
    (config / "sources.yaml").write_text(json.dumps({"sources": sources}))
    settings = {
        "network": {"allow_private": ["127.0.0.0/8:*"]},
        "polling": {"host_spacing": "0s"},
    }
    (config / "settings.yaml").write_text(json.dumps(settings))
    return config


def report(cost: Cost, usual: float) -> bool:
    """Print one line; tell whether every bar held."""
    broken = cost.breaches(usual)
    print(
        f"{cost.name:<34}{cost.outcome:<18}{cost.wall:>7.2f}{cost.worker_cpu:>8.2f}"
        f"{cost.worker_peak:>8.0f}{cost.daemon_growth:>8.1f}{cost.loop:>7.0f}{cost.stall:>8.0f}"
        f"{cost.others:>8.2f}  {', '.join(broken) or 'ok'}",
        flush=True,
    )
    return not broken


async def run(port: int, only: str, file: Path | None) -> bool:
    """Measure all bodies and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        config = write_configuration(Path(folder), port)
        async with open_newsroom(load(config, {}), Path(folder) / "data") as newsroom:
            bench = Bench(newsroom)
            await bench.poll(*GOOD)  # starts the workers
            usual = max((await bench.poll(*GOOD))[0].values())
            print(f"good feeds alone: {usual:.2f} s")
            print(
                f"{'body':<34}{'outcome':<18}{'wall s':>7}{'cpu s':>8}{'MiB':>8}{'daemon':>8}"
                f"{'loop':>7}{'stall':>8}{'others':>8}"
            )
            costs, sound = [], True
            for number, name in enumerate(NAMES):
                if only.lower() in name.lower():
                    costs.append(await bench.measure(name, f"h{number}"))
                    sound = report(costs[-1], usual) and sound
            worst = sorted(costs, key=lambda cost: -cost.worker_cpu)[:4]
            numbers = [f"h{NAMES.index(cost.name)}" for cost in worst]
            together = await bench.measure(f"the {len(worst)} costliest at once", *numbers)
            print()
            sound = report(together, usual) and sound
            bench.workers.stop()
            bench.turns.stop()
    if file is not None:
        file.write_text(json.dumps([asdict(cost) for cost in (*costs, together)], indent=1))
    return sound


def main() -> None:
    """Start the origin, measure, and end with status 1 if a bar was broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="bodies whose name has this word")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--origin", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.origin:
        serve_bodies()
        return
    configure_logging("text", logging.CRITICAL)
    command = [sys.executable, "-m", "benchmarks.hostile", "--origin"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as origin:
        try:
            assert origin.stdout is not None
            port = int(origin.stdout.readline())
            sound = asyncio.run(run(port, chosen.only, chosen.json))
        finally:
            origin.kill()
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
