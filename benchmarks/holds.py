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
from typing import Any, Final

from aggregator.__main__ import main

_LONG: Final = 5.0  # milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One turn that took long."""

    at: float  # seconds since 1970
    whose: str
    wall: float  # milliseconds
    cpu: float  # milliseconds of the loop's thread


def watch(file: Path) -> None:
    """Note every long turn of every event loop of this process from now on."""
    run = asyncio.Handle._run

    def watched(self: asyncio.Handle) -> None:
        used, begun = time.thread_time(), time.perf_counter()
        run(self)
        wall = 1000 * (time.perf_counter() - begun)
        if wall >= _LONG:
            _note(file, _whose(self), wall, 1000 * (time.thread_time() - used))

    asyncio.Handle._run = watched  # type: ignore[method-assign]  # the one place that all turns pass


def watch_garbage(file: Path) -> None:
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


def _note(file: Path, whose: str, wall: float, cpu: float) -> None:
    """Write a line about what just ended, if it took long."""
    if wall >= _LONG:
        hold = Hold(at=time.time() - wall / 1000, whose=whose, wall=wall, cpu=cpu)
        with file.open("a") as noted:
            noted.write(json.dumps(asdict(hold)) + "\n")


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
    """Print the turns of each kind: how many, together, the longest by the clock and by its processor time."""
    by_kind: dict[str, list[Hold]] = {}
    for hold in holds:
        by_kind.setdefault(hold.whose, []).append(hold)
    print(
        f"{f'turns over {_LONG:.0f} ms':40} {'n':>6} {'all ms':>8} {'most ms':>8} {'most cpu':>8}"
    )
    for kind, some in sorted(by_kind.items(), key=lambda one: -sum(h.wall for h in one[1])):
        walls, cpus = [hold.wall for hold in some], [hold.cpu for hold in some]
        print(f"{kind:40} {len(some):6} {sum(walls):8.0f} {max(walls):8.1f} {max(cpus):8.1f}")


if __name__ == "__main__":
    path = Path(sys.argv.pop(1))
    path.touch()
    watch(path)
    watch_garbage(path)
    main()
