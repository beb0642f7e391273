"""The engine of one process: ticks are taken late rather than dropped, alone of their name, and awaited."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import timedelta

import pytest

from aggregator.engine.inline import InlineEngine
from aggregator.engine.timetable import Tick
from aggregator.observe.clock import SystemClock

Step = Callable[[], Coroutine[object, object, None]]


@pytest.fixture
async def engine() -> AsyncIterator[InlineEngine]:
    made = InlineEngine(SystemClock())
    yield made
    await made.stop()


def tick(step: Step, seconds: float = 0.01) -> Tick:
    return Tick(step.__name__, timedelta(seconds=seconds), step)


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not reached():  # steps are taken by the engine, not by an event
            await asyncio.sleep(0.005)


@pytest.mark.slow
async def test_b16_a_step_that_comes_too_late_is_taken_all_the_same(engine: InlineEngine) -> None:
    taken = 0

    async def step() -> None:
        nonlocal taken
        taken += 1

    engine.start((tick(step, 1.6),))
    await until(lambda: taken == 1)
    time.sleep(2.8)  # one run passes, by more than APScheduler waits for by itself
    for _ in range(50):  # turns of the loop, not time: the next run is not due yet
        await asyncio.sleep(0)
    assert taken == 2


async def test_b16_a_step_runs_alone_of_its_name_and_leaves_the_others_alone(
    engine: InlineEngine,
) -> None:
    together = most = beside = 0

    async def slow() -> None:
        nonlocal together, most
        together += 1
        most = max(most, together)
        await asyncio.sleep(0.2)
        together -= 1

    async def quick() -> None:
        nonlocal beside
        beside += 1

    engine.start((tick(slow), tick(quick)))
    await until(lambda: beside >= 5)
    assert most == 1


async def test_a_step_that_fails_is_said_and_taken_again(
    engine: InlineEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = 0

    async def step() -> None:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise OSError("no room")

    engine.start((tick(step),))
    await until(lambda: calls >= 4)
    said = capsys.readouterr()
    assert (said.out + said.err).count("no room") == 1  # of two failures in a row


async def test_a_stop_waits_for_the_step_under_way_and_begins_no_other() -> None:
    begun = done = 0

    async def step() -> None:
        nonlocal begun, done
        begun += 1
        await asyncio.sleep(0.1)
        done += 1

    engine = InlineEngine(SystemClock())
    engine.start((tick(step),))
    await until(lambda: begun == 1)
    await engine.stop()
    assert (begun, done) == (1, 1)
    await asyncio.sleep(0.05)
    assert begun == 1
