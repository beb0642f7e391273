"""Small jobs go first, one that takes long steps aside, and no place is lost."""

import asyncio
import contextlib

from aggregator.sandbox.turns import Turns

FOR_EVER = 1000.0


class Crowd:
    """Jobs that hold their turn until they are told to leave."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.at_it: list[str] = []
        self._leave: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *jobs: tuple[str, int]) -> None:
        for name, size in jobs:
            self._leave[name] = asyncio.Event()
            self._tasks[name] = asyncio.create_task(self._be(name, size))
        await asyncio.sleep(0)

    async def go(self, name: str) -> None:
        self._leave[name].set()
        await self._tasks[name]
        await asyncio.sleep(0)

    async def cancel(self, name: str) -> None:
        self._tasks[name].cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._tasks[name]

    async def until(self, *names: str) -> None:
        async with asyncio.timeout(10):
            while not set(names) <= set(self.at_it):
                await asyncio.sleep(0.001)

    async def _be(self, name: str, size: int) -> None:
        async with self.turns.turn(size):
            self.at_it.append(name)
            await self._leave[name].wait()


async def test_the_smallest_of_those_that_wait_is_next_and_equals_come_in_order() -> None:
    crowd = Crowd(Turns(1, FOR_EVER))
    await crowd.come(("first", 9), ("large", 9), ("small", 1), ("small too", 1))
    for name in ("first", "small", "small too", "large"):
        await crowd.go(name)
    assert crowd.at_it == ["first", "small", "small too", "large"]


async def test_a_job_that_takes_long_steps_aside_for_as_many_as_have_a_place() -> None:
    crowd = Crowd(Turns(2, 0.01))
    await crowd.come(("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 1))
    await crowd.until("a", "b", "c", "d")
    await asyncio.sleep(0.1)  # there is no room aside for a third
    assert "e" not in crowd.at_it
    await crowd.go("a")
    await crowd.until("e")


async def test_who_was_aside_gives_room_back_and_no_place() -> None:
    crowd = Crowd(Turns(1, 0.01))
    await crowd.come(("a", 1), ("b", 1))
    await crowd.until("a", "b")
    await crowd.go("a")
    await crowd.come(("c", 1))
    await crowd.until("c")  # b is aside now
    await crowd.come(("d", 1))
    await asyncio.sleep(0.1)
    assert "d" not in crowd.at_it
    await crowd.go("b")
    await crowd.go("c")
    await crowd.until("d")


async def test_a_job_that_is_given_up_while_it_waits_or_as_it_is_called_loses_no_place() -> None:
    crowd = Crowd(Turns(1, FOR_EVER))
    await crowd.come(("a", 1), ("b", 1), ("c", 2), ("d", 3))
    await crowd.cancel("b")
    crowd._leave["a"].set()
    await asyncio.sleep(0)  # a leaves, c is called but has not run yet
    await crowd.cancel("c")
    await crowd.until("d")
    await crowd.go("d")
    await crowd.come(("e", 1))
    await crowd.until("e")
