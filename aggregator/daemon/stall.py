"""Tells of an event loop that does not turn, and of what holds it up, while it is held up (B17)."""

import asyncio
import contextlib
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Final

from aggregator.observe.clock import Clock
from aggregator.observe.log import get_log

_log = get_log("daemon")
_PATIENCE: Final = 2.0  # seconds; ten times what the worst of feeds may take of the loop at once
_FRAMES: Final = 12  # of the stack, the innermost


@contextlib.contextmanager
def watched_loop(clock: Clock, patience: float = _PATIENCE) -> Iterator[None]:
    """Watch the running loop from a thread of its own, for as long as the block lasts.

    Each standstill of more than `patience` seconds is one line, with the stack of what the loop is at.
    To end it is the supervisor's: such a loop feeds no watchdog either.
    """
    watch = _Watch(clock, patience)
    beating = asyncio.get_running_loop().create_task(watch.beat(), name="stall watch")
    thread = threading.Thread(target=watch.look, name="stall watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        beating.cancel()
        watch.over.set()


class _Watch:
    def __init__(self, clock: Clock, patience: float) -> None:
        self.over = threading.Event()
        self._clock = clock
        self._patience = patience
        self._loops_thread = threading.get_ident()
        self._turned_at = clock.monotonic()

    async def beat(self) -> None:
        """Note that the loop turns."""
        while True:
            self._turned_at = self._clock.monotonic()
            await asyncio.sleep(self._patience / 4)

    def look(self) -> None:
        """Look after the loop until it is over."""
        told_of = None
        while not self.over.wait(self._patience / 4):
            turned_at = self._turned_at
            still = self._clock.monotonic() - turned_at
            if still > self._patience and told_of != turned_at:
                told_of = turned_at
                _log.error("the event loop stands still", seconds=round(still, 1), at=self._stack())

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._loops_thread)  # the documented way
        lines = traceback.extract_stack(frame)[-_FRAMES:]
        return " > ".join(f"{line.name} ({line.filename}:{line.lineno})" for line in lines)
