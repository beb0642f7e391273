"""The sandbox on real processes: what a hostile job can do, and what it cannot."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aggregator.errors import NotAFeed, SandboxError
from aggregator.sandbox.pool import Sandbox, SandboxOptions
from tests.sandbox import jobs


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    box = Sandbox(SandboxOptions())
    yield box
    await box.close()


@contextlib.asynccontextmanager
async def opened(**options: float) -> AsyncIterator[Sandbox]:
    box = Sandbox(SandboxOptions(**options))  # type: ignore[arg-type]  # ints and floats as the tests need them
    try:
        yield box
    finally:
        await box.close()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def until_gone(pid: int) -> bool:
    for _ in range(200):
        if not is_alive(pid):
            return True
        await asyncio.sleep(0.01)
    return False


async def test_a_value_goes_in_and_comes_out(sandbox: Sandbox) -> None:
    assert await sandbox.run(jobs.echo, {"a": [1, "日本"]}) == {"a": [1, "日本"]}


async def test_an_error_of_ours_comes_through_unchanged(sandbox: Sandbox) -> None:
    with pytest.raises(NotAFeed, match=r"^an HTML page$"):
        await sandbox.run(jobs.refuse)


async def test_any_other_error_is_a_crash_that_names_it(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="KeyError: 'a bug'") as caught:
        await sandbox.run(jobs.fail)
    assert caught.value.kind == "crash"
    with pytest.raises(SandboxError, match="SandboxError") as caught:
        await sandbox.run(jobs.refuse_oddly)
    assert caught.value.kind == "crash"


async def test_a_worker_outlives_an_exception(sandbox: Sandbox) -> None:
    async with opened(workers=1) as box:
        before = await box.run(jobs.pid_after)
        with pytest.raises(SandboxError):
            await box.run(jobs.fail)
        assert await box.run(jobs.pid_after) == before


async def test_b18_an_endless_loop_ends_by_processor_time() -> None:
    async with opened(workers=1, cpu_seconds=0.3) as box:
        with pytest.raises(SandboxError, match="processor time") as caught:
            await box.run(jobs.spin)
        assert caught.value.kind == "timeout"
        assert await box.run(jobs.echo, 1) == 1


async def test_b18_a_job_that_waits_for_ever_ends_by_the_clock() -> None:
    async with opened(workers=1, wall_seconds=0.3) as box:
        pid = await box.run(jobs.pid_after)
        with pytest.raises(SandboxError) as caught:
            await box.run(jobs.sleep_for_ever)
        assert caught.value.kind == "timeout"
        assert await until_gone(pid)
        assert await box.run(jobs.echo, 1) == 1


async def test_jobs_that_take_long_hold_up_no_other() -> None:
    async with opened(workers=1) as box:
        await box.run(jobs.echo, 0)
        slow = asyncio.create_task(box.run(jobs.sleep_for_ever))
        await asyncio.sleep(0)
        assert await box.run(jobs.echo, 1) == 1
        assert not slow.done()
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow


async def test_a_worker_too_many_goes_once_the_slow_job_has_ended() -> None:
    async with opened(workers=1) as box:
        slow = asyncio.create_task(box.run(jobs.pid_after, 1.5))
        await asyncio.sleep(0)
        beside = await box.run(jobs.pid_after)
        assert await until_gone(await slow)
        assert await box.run(jobs.pid_after) == beside


async def test_b18_memory_is_bounded() -> None:
    async with opened(workers=1, memory=256 * 1024 * 1024) as box:
        pid = await box.run(jobs.pid_after)
        with pytest.raises(SandboxError) as caught:
            await box.run(jobs.eat_memory)
        assert caught.value.kind == "memory"
        assert await box.run(jobs.pid_after) != pid


async def test_b18_a_worker_without_memory_to_say_so_is_told_by_how_much_it_had() -> None:
    async with opened(workers=1, memory=256 * 1024 * 1024) as box:
        with pytest.raises(SandboxError, match="out of memory") as caught:
            await box.run(jobs.leave_full)
        assert caught.value.kind == "memory"


@pytest.mark.parametrize("job", [jobs.fall_over, jobs.leave])
async def test_b18_a_crash_hurts_nobody_else(job) -> None:
    async with opened(workers=2) as box:
        beside = asyncio.create_task(box.run(jobs.pid_after, 0.3))
        with pytest.raises(SandboxError, match="died") as caught:
            await box.run(job)
        assert caught.value.kind == "crash"
        assert await beside > 0
        assert await box.run(jobs.echo, 1) == 1


async def test_d04_an_answer_that_is_more_than_values_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="no plain value") as caught:
        await sandbox.run(jobs.trap)
    assert caught.value.kind == "crash"


async def test_an_answer_that_cannot_travel_is_a_crash(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match=r"lambda|pickle"):
        await sandbox.run(jobs.unpicklable)


async def test_a_cancelled_call_kills_its_worker_and_frees_its_place() -> None:
    async with opened(workers=1) as box:
        pid = await box.run(jobs.pid_after)
        call = asyncio.create_task(box.run(jobs.spin))
        await asyncio.sleep(0.1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await until_gone(pid)
        assert await box.run(jobs.echo, 1) == 1


async def test_a_call_cancelled_while_it_waits_costs_no_worker() -> None:
    async with opened(workers=1) as box:
        pid = await box.run(jobs.pid_after)
        first = asyncio.create_task(box.run(jobs.pid_after, 0.3))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(box.run(jobs.echo, 2))
        await asyncio.sleep(0.05)
        second.cancel()
        assert await first == pid
        assert await box.run(jobs.pid_after) == pid


async def test_many_jobs_at_once_all_come_back_in_their_own_hands() -> None:
    async with opened(workers=2, jobs_per_worker=50) as box:
        answers = await asyncio.gather(*(box.run(jobs.echo, n) for n in range(300)))
        assert answers == list(range(300))


async def test_jobs_are_taken_in_order_of_arrival() -> None:
    done: list[int] = []

    async def job(box: Sandbox, number: int) -> None:
        await box.run(jobs.echo, number)
        done.append(number)

    async with opened(workers=1) as box:
        await asyncio.gather(*(job(box, number) for number in range(20)))
    assert done == list(range(20))


async def test_d04_a_worker_is_replaced_after_its_share_of_jobs() -> None:
    async with opened(workers=1, jobs_per_worker=3) as box:
        pids = [await box.run(jobs.pid_after) for _ in range(7)]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]


async def test_workers_start_only_when_there_is_work() -> None:
    async with opened(workers=4) as box:
        pids = {await box.run(jobs.pid_after) for _ in range(5)}
    assert len(pids) == 1


async def test_closing_ends_jobs_in_flight_and_all_processes() -> None:
    box = Sandbox(SandboxOptions(workers=1))
    circumstances = await box.run(jobs.circumstances)
    pid = await box.run(jobs.pid_after)
    running = asyncio.create_task(box.run(jobs.spin))
    waiting = asyncio.create_task(box.run(jobs.echo, 1))
    await asyncio.sleep(0.1)
    await box.close()
    for call in (running, waiting):
        with pytest.raises(SandboxError, match="closed"):
            await call
    assert await until_gone(pid)
    assert await until_gone(circumstances["parent"])
    with pytest.raises(SandboxError, match="closed"):
        await box.run(jobs.echo, 1)


async def test_closing_without_any_job_does_nothing() -> None:
    await Sandbox(SandboxOptions()).close()


async def test_a_worker_that_died_idle_is_not_used(sandbox: Sandbox) -> None:
    pid = await sandbox.run(jobs.pid_after)
    os.kill(pid, signal.SIGKILL)
    await until_gone(pid)
    await asyncio.sleep(0.05)
    assert await sandbox.run(jobs.echo, 1) == 1


async def test_b18_a_killed_nursery_is_replaced(sandbox: Sandbox) -> None:
    circumstances = await sandbox.run(jobs.circumstances)
    pid = await sandbox.run(jobs.pid_after)
    os.kill(circumstances["parent"], signal.SIGKILL)
    assert await until_gone(pid)
    await asyncio.sleep(0.05)
    assert await sandbox.run(jobs.echo, 1) == 1


async def test_d04_a_worker_is_confined(sandbox: Sandbox, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    with (tmp_path / "open").open("w"):
        found = await sandbox.run(jobs.circumstances)
    assert found["descriptors"] <= 5  # the three standard ones, its socket, the listing itself
    assert "SECRET_TOKEN" not in found["environment"]
    assert found["core"] == (0, 0)
    assert found["memory"] == SandboxOptions().memory
    assert found["sigint_ignored"]
    assert found["no_new_privileges"]
    with pytest.raises(SandboxError, match="OSError"):
        await sandbox.run(jobs.write_a_file, str(tmp_path / "written"))


def test_d04_a_worker_has_ten_seconds_half_a_gibibyte_and_two_hundred_jobs_at_most() -> None:
    options = SandboxOptions()
    assert options.cpu_seconds <= 10
    assert options.memory <= 512 * 1024 * 1024
    assert options.jobs_per_worker <= 200


async def test_d04_a_worker_reaches_nobody(sandbox: Sandbox) -> None:
    alone = "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x50000000) != 0)"
    if subprocess.run([sys.executable, "-c", alone], check=False).returncode:
        pytest.skip("no network can be made for a process alone on this system")
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)
        assert await sandbox.run(jobs.connect_to, canary.getsockname()[1]) != 0
        with pytest.raises(BlockingIOError):
            canary.accept()


async def test_large_arguments_do_not_hold_up_the_event_loop(sandbox: Sandbox) -> None:
    await sandbox.run(jobs.echo, 1)
    body = bytes(10 * 1024 * 1024)
    call = asyncio.create_task(sandbox.run(jobs.length_of, body))
    longest, last = 0.0, time.thread_time()
    while not call.done():
        await asyncio.sleep(0)
        now = time.thread_time()
        longest, last = max(longest, now - last), now
    assert call.result() == len(body)
    assert longest < 0.05


_DAEMON = """
import asyncio, sys
from aggregator.sandbox.pool import Sandbox, SandboxOptions
from tests.sandbox import jobs
async def main():
    box = Sandbox(SandboxOptions(workers=2))
    print((await box.run(jobs.circumstances))["parent"], await box.run(jobs.pid_after), flush=True)
    await asyncio.gather(box.run(jobs.spin), box.run(jobs.sleep_for_ever))
asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_workers_die_with_the_daemon_however_it_dies(number: signal.Signals) -> None:
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", _DAEMON], cwd=root, stdout=subprocess.PIPE, text=True
    ) as daemon:
        assert daemon.stdout
        nursery, worker = (int(word) for word in daemon.stdout.readline().split())
        await asyncio.sleep(0.1)
        children = Path(f"/proc/{nursery}/task/{nursery}/children").read_text().split()
        assert len(children) == 2
        daemon.send_signal(number)
        daemon.wait()
    for pid in {nursery, worker, *map(int, children)}:
        assert await until_gone(pid)
