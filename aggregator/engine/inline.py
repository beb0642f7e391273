"""The engine of one process: APScheduler's few coarse ticks on our event loop.

Due times of feeds live in the store, never here. APScheduler 3.11 drops late runs after a second
unless told not to (misfire_grace_time=None), and its shutdown cancels running coroutines: so a tick
only takes a step that this engine itself waits for.
"""

import asyncio
import logging
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from aggregator.engine.timetable import Tick
from aggregator.observe.clock import Clock
from aggregator.observe.log import get_log

_log = get_log("engine")
_FAILED_AGAIN = 60  # a step that fails every second is reported once a minute


class InlineEngine:
    """Runs ticks in this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._running: set[asyncio.Task[None]] = set()
        self._failed: dict[str, int] = {}
        # An overlong step is skipped, not queued: expected here, and no reason for a warning a second.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def start(self, ticks: tuple[Tick, ...]) -> None:
        """Begin; each tick runs alone of its name, and once at the start."""
        now = self._clock.now()
        for tick in ticks:
            trigger = IntervalTrigger(seconds=tick.every.total_seconds(), timezone=UTC)
            self._scheduler.add_job(
                self._take, trigger, args=[tick], id=tick.name, next_run_time=now
            )
        self._scheduler.start()

    async def _take(self, tick: Tick) -> None:
        task = asyncio.create_task(tick.step(), name=tick.name)
        self._running.add(task)
        try:
            await asyncio.shield(task)
            self._failed.pop(tick.name, None)
        except Exception as error:  # noqa: BLE001  # a failing step must not end the daemon; it is tried again
            count = self._failed.get(tick.name, 0)
            self._failed[tick.name] = count + 1
            if count % _FAILED_AGAIN == 0:
                _log.error("step failed", step=tick.name, error=repr(error), times=count + 1)
        finally:
            self._running.discard(task)

    async def stop(self) -> None:
        """Begin no more steps and wait for those under way."""
        self._scheduler.pause()
        if self._running:
            await asyncio.gather(*self._running, return_exceptions=True)
        self._scheduler.shutdown(wait=False)
