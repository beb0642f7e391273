"""A loop that stands still is told of while it does, and feeds no watchdog (B17)."""

import asyncio
import contextlib
import socket
import time
from datetime import datetime

from structlog.testing import capture_logs

from aggregator.daemon.run import Daemon, DaemonOptions
from aggregator.daemon.stall import watched_loop


class HandClock:
    """Time passes when the test says so: a busy machine is no loop that stands still."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> datetime:
        raise NotImplementedError


def a_plug_in_that_hangs(clock, lines, told):
    """Let five seconds pass in the loop, and go on once so many lines tell of it."""
    clock.at += 5
    waiting = time.monotonic() + 30
    while len(lines) < told:
        assert time.monotonic() < waiting
        time.sleep(0.01)
    time.sleep(0.1)  # and it is looked at again and again


async def test_b17_what_holds_up_the_loop_is_named_once_with_its_stack():
    clock = HandClock()
    with capture_logs() as lines, watched_loop(clock, patience=0.1):
        await asyncio.sleep(0.1)
        assert lines == []
        a_plug_in_that_hangs(clock, lines, 1)
        await asyncio.sleep(0.1)
        (line,) = lines
    assert (line["log_level"], line["seconds"]) == ("error", 5)
    assert "a_plug_in_that_hangs" in line["at"]


async def test_b17_every_standstill_is_told():
    clock = HandClock()
    with capture_logs() as lines, watched_loop(clock, patience=0.1):
        for told in (1, 2):
            a_plug_in_that_hangs(clock, lines, told)
            await asyncio.sleep(0.1)
    assert [line["event"] for line in lines] == ["the event loop stands still"] * 2


async def test_b17_the_watchdog_is_fed_by_a_loop_that_turns_alone(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "20000")  # fed every 10 ms
        daemon = Daemon(DaemonOptions(config=tmp_path, data=tmp_path))
        feeding = asyncio.create_task(daemon._watchdog())

        def fed():
            times = 0
            with contextlib.suppress(BlockingIOError):
                while listener.recv(100) == b"WATCHDOG=1":
                    times += 1
            return times

        async with asyncio.timeout(10):
            meals = 0
            while meals < 3:
                await asyncio.sleep(0.01)
                meals += fed()
        time.sleep(0.3)  # the loop's own thread
        assert fed() == 0
        feeding.cancel()
        await feeding
