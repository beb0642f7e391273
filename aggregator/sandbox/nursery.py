"""The nursery: a small process that has everything imported already, and forks workers from itself.

The daemon never forks: it has threads. The nursery has one, and sees no hostile byte. It ends with
the daemon, and its workers end with it, whatever kills them.
"""

import contextlib
import importlib
import os
import select
import signal
import socket
import sys

from aggregator.sandbox.worker import confine, prepare, work

_MESSAGE = 65536  # bytes of one message at most


def serve(descriptor: int) -> None:
    """Do as the daemon says until its end of the socket closes.

    Messages are packets of words: in come `fork MEMORY CPU_SECONDS MODULE...` with the worker's
    socket, and `kill PID`; out go `forked PID` and `ended PID STATUS PEAK_BYTES`.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=descriptor)
    wakeup, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    workers: set[int] = set()
    try:
        while True:
            ready, _, _ = select.select([control.fileno(), wakeup], [], [])
            if wakeup in ready:
                os.read(wakeup, 4096)
                _reap(control, workers)
            if control.fileno() in ready and not _obey(control, workers, (wakeup, woken)):
                return
    except (BrokenPipeError, ConnectionResetError):
        return
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGKILL)


def _obey(control: socket.socket, workers: set[int], inherited: tuple[int, int]) -> bool:
    message, descriptors, _, _ = socket.recv_fds(control, _MESSAGE, 1)
    if not message:
        return False
    word, *rest = message.decode().split(" ")
    if word == "kill":
        pid = int(rest[0])
        if pid in workers:  # not reaped yet: the number is still its own
            os.kill(pid, signal.SIGKILL)
        return True
    memory, cpu_seconds, *modules = rest
    for module in modules:
        _load(module)
    pid = _fork(control, descriptors[0], inherited, int(memory), float(cpu_seconds))
    workers.add(pid)
    os.close(descriptors[0])
    control.send(f"forked {pid}".encode())
    return True


def _load(module: str) -> None:
    """Import what workers will need, once, here; a module may name more in `LOADED_LATER`."""
    if module not in sys.modules:
        with contextlib.suppress(ImportError):  # the job will say so itself
            for needed in getattr(importlib.import_module(module), "LOADED_LATER", ()):
                importlib.import_module(needed)
        prepare()


def _fork(
    control: socket.socket,
    descriptor: int,
    inherited: tuple[int, int],
    memory: int,
    cpu_seconds: float,
) -> int:
    nursery = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control.close()
        for number in inherited:
            os.close(number)
        confine(memory, nursery)
        work(socket.socket(fileno=descriptor), cpu_seconds)
    finally:
        os._exit(0)


def _reap(control: socket.socket, workers: set[int]) -> None:
    for pid in tuple(workers):
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            workers.discard(pid)
            control.send(f"ended {pid} {status} {usage.ru_maxrss * 1024}".encode())
