"""The few regular steps, and what drives them."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

Step = Callable[[], Coroutine[object, object, None]]


@dataclass(frozen=True, slots=True)
class Tick:
    """A step that is taken again and again; one that is late is taken once, not made up for."""

    name: str
    every: timedelta
    step: Step


class Engine(Protocol):
    """Drives ticks: in one process, or as jobs of many workers."""

    def start(self, ticks: tuple[Tick, ...]) -> None:
        """Begin; each tick runs alone of its name, and once at the start."""
        ...

    async def stop(self) -> None:
        """Begin no more steps and wait for those under way."""
        ...
