"""What the tests of the sandbox have done in a worker: top-level, importable, some of it hostile."""

import ctypes
import os
import resource
import signal
import socket
import time
from pathlib import Path
from typing import Any

from aggregator.errors import NotAFeed, SandboxError


def echo(value: object) -> object:
    return value


def kind_and_value(value: object, beside: object) -> tuple[str, object, object]:
    return type(value).__name__, value, beside


def length_of(body: bytes) -> int:
    return len(body)


def pid_after(seconds: float = 0.0) -> int:
    time.sleep(seconds)
    return os.getpid()


def spin() -> None:
    while True:
        pass


def sleep_for_ever() -> None:
    time.sleep(1000)


def eat_memory() -> int:
    held = []
    while True:
        held.append(bytearray(16 * 1024 * 1024))


def leave_full() -> None:
    held = b"x" * (200 * 1024 * 1024)
    os._exit(len(held) - len(held))


def fall_over() -> None:
    ctypes.string_at(0)


def leave() -> None:
    os._exit(3)


def refuse() -> None:
    raise NotAFeed("an HTML page")


def refuse_oddly() -> None:
    raise SandboxError("crash", "of a kind whose constructor takes two arguments")


def fail() -> None:
    raise KeyError("a bug")


def unpicklable() -> object:
    return lambda: None


class Trap:
    """A value that would run code in the daemon if it were read without care."""

    def __reduce__(self) -> tuple[object, tuple[str]]:  # type: ignore[explicit-override]  # Python 3.12 has typing.override
        return os.system, ("true",)


def trap() -> Trap:
    return Trap()


def circumstances() -> dict[str, Any]:
    return {
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "environment": sorted(os.environ),
        "core": resource.getrlimit(resource.RLIMIT_CORE),
        "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
        "sigint_ignored": signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
        "no_new_privileges": "NoNewPrivs:\t1" in Path("/proc/self/status").read_text(),
        "parent": os.getppid(),
    }


def write_a_file(path: str) -> int:
    return Path(path).write_text("x" * 10)


def connect_to(port: int) -> int:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port))
