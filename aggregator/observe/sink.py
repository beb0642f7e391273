"""A way out for lines that never keeps who writes them waiting: what nobody takes is dropped and counted."""

import contextlib
import os
import queue
import select
import threading
from collections.abc import Callable
from typing import Final

_LINES: Final = 1000  # that wait; a line of the log has 2 KiB at most


class Sink:
    """Lines onto a descriptor, written by a thread of its own.

    A pipe that nobody reads, a terminal that is held, a full disk: a write may take for ever, and the
    event loop must not wait for it (B33). The descriptor is written to past Python's streams, whose locks
    would hold up the end of the process as well.

    Args:
        descriptor: where lines go.
        dropped: makes the line that says how many are missing; without it nothing says so.
    """

    def __init__(self, descriptor: int, dropped: Callable[[int], str] | None = None) -> None:
        self._descriptor = descriptor
        self._say_dropped = dropped
        self._dropped = 0
        self._lines: queue.Queue[str | threading.Event] = queue.Queue(_LINES)
        threading.Thread(target=self._work, name="sink", daemon=True).start()

    def write(self, text: str) -> int:
        """Take a text to be written soon, or not at all."""
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            self._dropped += 1
        return len(text)

    def flush(self) -> None:
        """Do nothing: lines are written as fast as they are taken."""

    def drain(self, seconds: float) -> None:
        """Wait until all that was taken is written, but only so long."""
        reached = threading.Event()
        with contextlib.suppress(queue.Full):
            self._lines.put(reached, timeout=seconds)
            reached.wait(seconds)

    def _work(self) -> None:
        while True:
            item = self._lines.get()
            if isinstance(item, str):
                self._put(item)
            if self._dropped and self._say_dropped is not None and self._lines.empty():
                dropped, self._dropped = self._dropped, 0
                self._put(self._say_dropped(dropped))
            if isinstance(item, threading.Event):
                item.set()

    def _put(self, text: str) -> None:
        rest = text.encode("utf-8", "backslashreplace")
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:  # another holder of the terminal has made it so
                select.select([], [self._descriptor], [])
            except OSError:  # the reader has gone, the disk is full
                self._dropped += 1
                return
