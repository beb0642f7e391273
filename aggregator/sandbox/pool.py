"""The daemon's side: jobs go to worker processes that can be killed, and come back as values or named errors."""

import asyncio
import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from aggregator.errors import SandboxError
from aggregator.sandbox import wire
from aggregator.sandbox.turns import Turns

P = ParamSpec("P")
T = TypeVar("T")

_START_SECONDS: Final = 30.0  # a nursery imports the parse stage first, perhaps on a busy machine
_PATIENCE: Final = 1.0  # seconds; a document of 10 MiB that means no harm takes less
_LAST_WORDS_SECONDS: Final = 1.0  # how long to wait for the nursery to tell what a worker died of
_NURSERY: Final = (
    "import sys; sys.path[:0] = sys.argv[2:]; "
    "from aggregator.sandbox.nursery import serve; serve(int(sys.argv[1]))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """How many workers there are, and what one job may cost."""

    workers: int = 2  # twice as many while some take long
    cpu_seconds: float = 8.0  # the real bound: with the transport a poll stays below ten seconds
    wall_seconds: float = 60.0  # only for what hangs: on a starved machine honest feeds need long
    memory: int = 512 * 1024 * 1024  # bytes of address space of one worker
    jobs_per_worker: int = 200  # then it is replaced: a leak in a parser never grows


class Sandbox:
    """Runs pure functions on hostile bytes, in bounded time and memory; `Turns` says who is next."""

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._turns = Turns(options.workers, _PATIENCE)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._nursery: _Nursery | None = None
        self._starting = asyncio.Lock()
        self._modules: dict[str, None] = {}  # of all functions so far: what the nursery preloads
        self._closed = False

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call an importable top-level function with picklable arguments in a worker.

        Raises:
            SandboxError: `timeout`, `memory` or `crash`; no other job is affected.
            AggregatorError: What the function itself raised, unchanged.
        """
        self._modules[function.__module__] = None
        job = wire.job_pieces(function.__module__, function.__qualname__, args, kwargs)
        async with self._turns.turn(sum(map(len, job))):
            worker = await self._take_worker()
            try:
                outcome, value = await self._ask(worker, job)
            except BaseException:  # cancelled, too: a worker in the middle of a job is of no use
                self._discard(worker)
                raise
            self._give_back(worker, outcome)
        if outcome == "raised":
            raise value
        if outcome != "done":
            raise SandboxError(outcome, value)
        result: T = value
        return result

    async def close(self) -> None:
        """End all workers; jobs in flight, and waiting ones, fail as `crash`."""
        self._closed = True
        for worker in [*self._idle, *self._busy]:
            worker.close()
        self._idle.clear()
        if self._nursery is not None:
            self._nursery.close()
            self._nursery = None

    async def _take_worker(self) -> "_Worker":
        worker = None
        while self._idle and worker is None:
            candidate = self._idle.pop()
            if candidate.ended.done():
                candidate.close()
            else:
                worker = candidate
        worker = worker or await self._start_worker()
        self._busy.add(worker)
        return worker

    async def _start_worker(self) -> "_Worker":
        async with self._starting:
            for attempt in (1, 2):
                if self._closed:
                    raise SandboxError("crash", "the sandbox is closed")
                if self._nursery is None:
                    self._nursery = _Nursery()
                nursery = self._nursery
                try:
                    async with asyncio.timeout(_START_SECONDS):
                        return await nursery.fork(self._options, self._modules)
                except (OSError, wire.Closed, TimeoutError) as error:
                    nursery.close()
                    self._nursery = None
                    if attempt == 2:
                        raise SandboxError("crash", "no worker could be started") from error
        raise AssertionError  # either attempt returned or raised

    async def _ask(self, worker: "_Worker", job: Sequence[wire.Piece]) -> tuple[str, Any]:
        try:
            async with asyncio.timeout(self._options.wall_seconds):
                return await worker.ask(job)
        except TimeoutError:
            message = f"took more than {self._options.wall_seconds:g} s"
            raise SandboxError("timeout", message) from None
        except (OSError, wire.Closed):
            raise await self._cause_of_death(worker) from None
        except Exception as error:  # noqa: BLE001  # an answer made by hostile hands can raise anything
            raise SandboxError("crash", f"its answer cannot be read: {error}"[:500]) from None

    async def _cause_of_death(self, worker: "_Worker") -> SandboxError:
        if self._closed:
            return SandboxError("crash", "the sandbox was closed")
        try:
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                status, peak = await asyncio.shield(worker.ended)
        except TimeoutError:
            return SandboxError("crash", "the worker is gone")
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if number == signal.SIGPROF:
            limit = self._options.cpu_seconds
            return SandboxError("timeout", f"took more than {limit:g} s of processor time")
        if peak * 2 > self._options.memory:
            # Libraries in C and Rust abort, or fall over, where Python raises MemoryError; and where
            # that leaves no room to say so, the worker just ends.
            return SandboxError("memory", "out of memory")
        name = (
            signal.Signals(number).name if number else f"status {os.waitstatus_to_exitcode(status)}"
        )
        return SandboxError("crash", f"the worker died ({name})")

    def _give_back(self, worker: "_Worker", outcome: str) -> None:
        worker.jobs += 1
        spent = outcome == "memory" or worker.jobs >= self._options.jobs_per_worker
        if self._closed or spent or len(self._idle) >= self._options.workers:
            self._discard(worker)
        else:
            self._busy.discard(worker)
            self._idle.append(worker)

    def _discard(self, worker: "_Worker") -> None:
        self._busy.discard(worker)
        worker.close()


class _Worker:
    """One worker process, seen from the daemon."""

    def __init__(self, sock: socket.socket, pid: int, nursery: "_Nursery") -> None:
        self.ended: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
        self.jobs = 0
        self.pid = pid
        self._sock = sock
        self._nursery = nursery
        self._asked = False

    async def ask(self, job: Sequence[wire.Piece]) -> tuple[str, Any]:
        """Send a job and wait for its answer."""
        self._asked = True
        try:
            return await self._ask(job)
        finally:
            self._asked = False

    async def _ask(self, job: Sequence[wire.Piece]) -> tuple[str, Any]:
        loop = asyncio.get_running_loop()
        for piece in job:
            await loop.sock_sendall(self._sock, piece)
        header = await self._receive(wire.HEADER.size)
        answer = await self._receive(wire.checked_length(header.getbuffer()))
        outcome, value = wire.unpack_plain(answer)
        return str(outcome), value

    def close(self) -> None:
        """Kill it, whatever it is doing."""
        self._nursery.kill(self.pid)
        if self._asked:
            # Whoever waits for the answer sees the end, and closes; closed now, it would wait for ever.
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
        else:
            self._sock.close()

    async def _receive(self, length: int) -> io.BytesIO:
        """Return so many bytes as a stream to read, without a copy of them."""
        loop = asyncio.get_running_loop()
        received = io.BytesIO(bytes(length))
        view = received.getbuffer()
        while view:
            count = await loop.sock_recv_into(self._sock, view)
            if not count:
                raise wire.Closed
            view = view[count:]
        return received


class _Nursery:
    """The process that forks workers, seen from the daemon."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter, our own code
                [sys.executable, "-I", "-c", _NURSERY, str(theirs.fileno()), *_import_path()],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"LC_ALL": "C.UTF-8"},  # ours may hold secrets
                process_group=0,  # a terminal's Ctrl-C is for the daemon alone
            )
        self._control = ours
        self._loop = asyncio.get_running_loop()
        self._forked: asyncio.Future[int] | None = None
        self._workers: dict[int, _Worker] = {}
        self._loop.add_reader(ours, self._listen)

    async def fork(self, options: SandboxOptions, modules: Iterable[str]) -> _Worker:
        """Have a new worker made that has `modules` loaded; one at a time."""
        ours, theirs = socket.socketpair()
        words = " ".join(["fork", str(options.memory), str(options.cpu_seconds), *modules])
        self._forked = self._loop.create_future()
        try:
            with theirs:
                socket.send_fds(self._control, [words.encode()], [theirs.fileno()])
            pid = await self._forked
        except BaseException:
            ours.close()  # the worker, if it comes to be, sees the end at once
            raise
        ours.setblocking(False)
        self._workers[pid] = worker = _Worker(ours, pid, self)
        return worker

    def kill(self, pid: int) -> None:
        """Have a worker killed, if it still lives."""
        if self._workers.pop(pid, None) is not None:
            with contextlib.suppress(OSError):
                self._control.send(f"kill {pid}".encode())

    def close(self) -> None:
        """End the nursery, and with it all its workers."""
        self._loop.remove_reader(self._control)
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._lose_workers()

    def _listen(self) -> None:
        try:
            message = self._control.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if not message:
            self._loop.remove_reader(self._control)
            self._lose_workers()
            return
        word, pid, *rest = message.decode().split(" ")
        if word == "forked":
            if self._forked is not None and not self._forked.done():
                self._forked.set_result(int(pid))
        elif (worker := self._workers.get(int(pid))) and not worker.ended.done():
            worker.ended.set_result((int(rest[0]), int(rest[1])))

    def _lose_workers(self) -> None:
        """Let everyone who waits for the nursery know that nothing more will come."""
        if self._forked is not None and not self._forked.done():
            self._forked.set_exception(wire.Closed())
        for worker in self._workers.values():
            if not worker.ended.done():
                worker.ended.set_result((signal.SIGKILL, 0))
        self._workers.clear()


def _import_path() -> list[str]:
    """Return where we import from, absolute, since the nursery runs in another folder."""
    return [str(Path(entry or ".").resolve()) for entry in sys.path]
