"""One worker process: takes jobs from its socket, bounded in memory and time, with nothing of its parent's."""

import ctypes
import gc
import importlib
import io
import os
import resource
import signal
import socket
from typing import Any, Final

from aggregator.errors import AggregatorError
from aggregator.sandbox import wire

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_NETWORK_OF_ITS_OWN: Final = 0x10000000 | 0x40000000  # CLONE_NEWUSER | CLONE_NEWNET of unshare(2)
_OPEN_FILES: Final = 64  # it imports; it has no other business with files


def confine(memory: int, parent: int) -> None:
    """Give up what a worker needs not: memory beyond its share, dumps, privileges, files, a life of its own.

    And the network: it gets one of its own with nobody in it, where the system lets us make one. That
    comes first, since it undoes the wish to die with the parent.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.unshare(_NETWORK_OF_ITS_OWN)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked to be told
        os._exit(1)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    # Ctrl-C and service managers signal whole groups: only the daemon decides when workers end.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)


def work(sock: socket.socket, cpu_seconds: float) -> None:
    """Take jobs until the other end closes. Processor time over the limit ends the process."""
    while True:
        try:
            module, name, args, keywords = wire.receive_job(sock)
        except wire.Closed:
            return
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)  # SIGPROF's default is death
        outcome, answer = _answer(module, name, args, keywords)
        del args, keywords
        signal.setitimer(signal.ITIMER_PROF, 0)
        wire.send_answer(sock, answer)
        if outcome == "memory":
            return  # what is left of the heap is in pieces


def _answer(
    module: str, name: str, args: tuple[Any, ...], keywords: dict[str, Any]
) -> tuple[str, bytes]:
    """Return how a job ended, and the answer that says so."""
    try:
        function = getattr(importlib.import_module(module), name)
        return "done", wire.pack(("done", function(*args, **keywords)))
    except AggregatorError as error:
        ending = _carried(error)
    except MemoryError:
        ending = "memory", "out of memory"
    except Exception as error:  # noqa: BLE001  # whatever a job does, the daemon gets an answer
        ending = "crash", f"{type(error).__name__}: {error}"[:500]
    return ending[0], wire.pack(ending)


def _carried(error: AggregatorError) -> tuple[str, Any]:
    """Return an error of ours so that it arrives as it is, without its traceback."""
    plain = error.with_traceback(None)
    plain.__cause__ = plain.__context__ = None
    try:
        wire.unpack_plain(io.BytesIO(wire.pack(plain)))
    except Exception:  # noqa: BLE001  # constructors with arguments of their own do not travel
        return "crash", f"{type(error).__name__}: {error}"[:500]
    return "raised", plain


def prepare() -> None:
    """Make what is loaded so far cheap to share: no collection touches it in the children."""
    gc.collect()
    gc.freeze()
