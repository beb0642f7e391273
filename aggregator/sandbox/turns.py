"""Who is next: small jobs before large ones, and a job that takes long keeps nobody waiting."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from heapq import heappop, heappush
from itertools import count


class Turns:
    """So many jobs at once, the smallest of those that wait first.

    A job that has not ended after a while steps aside: its place goes to the next, while it goes on
    beside. As many may be aside as have a place, so that jobs never number more than twice that.

    Args:
        places: jobs at once.
        patience: seconds after which a job steps aside.
    """

    def __init__(self, places: int, patience: float) -> None:
        self._free = self._room_aside = places
        self._patience = patience
        self._number = count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    @contextlib.asynccontextmanager
    async def turn(self, size: int) -> AsyncIterator[None]:
        """Wait for a place, and hold it as long as the context lasts."""
        await self._place(size)
        loop = asyncio.get_running_loop()
        aside = False
        timer: asyncio.TimerHandle

        def step_aside() -> None:
            nonlocal aside, timer
            if self._room_aside:
                self._room_aside -= 1
                aside = True
                self._pass_on()
            else:
                timer = loop.call_later(self._patience, step_aside)

        timer = loop.call_later(self._patience, step_aside)
        try:
            yield
        finally:
            timer.cancel()
            if aside:
                self._room_aside += 1
            else:
                self._pass_on()

    async def _place(self, size: int) -> None:
        if self._free:
            self._free -= 1
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (size, next(self._number), mine))
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():  # the place had been given just before
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            _, _, next_one = heappop(self._waiting)
            if not next_one.done():
                next_one.set_result(None)
                return
        self._free += 1
