"""Runs `aggregator` and notes every turn of its event loop that kept the others waiting.

    python -m benchmarks.holds FILE run ...

A turn is one step of one task, or one callback; each that took 5 ms or longer is a line of JSON in FILE:
when it began, whose it was, how long it took and how much processor time of the loop's thread. Where
the two differ, the thread had to wait for the interpreter or for a processor. Full garbage collections,
which hold all threads, are lines of their own.
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from aggregator.__main__ import main

_LONG: Final = 5.0  # milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One turn that took long."""

    at: float  # seconds since 1970
    whose: str
    wall: float  # milliseconds
    cpu: float  # milliseconds of the loop's thread


def watch(file: TextIO) -> None:
    """Note every long turn of every event loop of this process from now on."""
    run = asyncio.Handle._run

    def watched(self: asyncio.Handle) -> None:
        used, begun = time.thread_time(), time.perf_counter()
        run(self)
        wall = 1000 * (time.perf_counter() - begun)
        if wall >= _LONG:
            _note(file, _whose(self), wall, 1000 * (time.thread_time() - used))

    asyncio.Handle._run = watched  # type: ignore[method-assign]  # the one place that all turns pass


def watch_garbage(file: TextIO) -> None:
    """Note every long full collection of garbage from now on."""
    begun = 0.0

    def collecting(phase: str, info: dict[str, int]) -> None:
        nonlocal begun
        if info["generation"] == 2 and phase == "start":
            begun = time.perf_counter()
        elif info["generation"] == 2:
            wall = 1000 * (time.perf_counter() - begun)
            _note(file, "garbage collection", wall, wall)

    gc.callbacks.append(collecting)


def _note(file: TextIO, whose: str, wall: float, cpu: float) -> None:
    """Write a line about what just ended, if it took long."""
    if wall >= _LONG:
        hold = Hold(at=time.time() - wall / 1000, whose=whose, wall=wall, cpu=cpu)
        file.write(json.dumps(asdict(hold)) + "\n")
        file.flush()


def _whose(handle: asyncio.Handle) -> str:
    """Return the name that a task was given, else that of its coroutine or callback."""
    callback: Any = handle._callback  # type: ignore[attr-defined]  # nothing public tells
    task = getattr(callback, "__self__", None)
    if not isinstance(task, asyncio.Task):
        return str(getattr(callback, "__qualname__", type(callback).__name__))
    name = task.get_name()
    return getattr(task.get_coro(), "__qualname__", name) if name.startswith("Task-") else name


def read(file: Path) -> list[Hold]:
    """Return what was noted."""
    return [Hold(**json.loads(line)) for line in file.read_text().splitlines()]


def print_table(holds: Iterable[Hold]) -> None:
    """Print the longest turn of each kind."""
    by_kind: dict[str, list[Hold]] = {}
    for hold in holds:
        by_kind.setdefault(hold.whose, []).append(hold)
    print(f"{'turns of the loop':34} {f'{_LONG:.0f} ms+':>7} {'longest ms':>10} {'its cpu':>8}")
    for kind, some in sorted(by_kind.items(), key=lambda one: -max(h.wall for h in one[1])):
        longest = max(some, key=lambda hold: hold.wall)
        print(f"{kind:34} {len(some):7} {longest.wall:10.1f} {longest.cpu:8.1f}")


if __name__ == "__main__":
    with Path(sys.argv.pop(1)).open("w") as noted:
        watch(noted)
        watch_garbage(noted)
        main()
