"""Turns host names into addresses: a deadline, threads of its own, no memory."""

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from aggregator.fetch.guard import AddressGuard

Lookup = Callable[[str, int], list[str]]  # host and port -> addresses; may block; raises OSError

DEADLINE: Final = 5.0  # seconds (B21)
_THREADS: Final = 32  # lookups that hang hold a thread each until the system gives up


class NameNotFound(OSError):
    """A host name has no address, or none within the deadline."""


def system_lookup(host: str, port: int) -> list[str]:
    """Ask the operating system for the addresses of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Resolver:
    """Asks anew each time, so that no answer outlives its check."""

    def __init__(self, guard: AddressGuard, lookup: Lookup = system_lookup) -> None:
        self._guard = guard
        self._lookup = lookup
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="lookup")

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return the addresses of a name.

        Raises:
            NameNotFound: there is none, or no answer in time.
        """
        question = asyncio.get_running_loop().run_in_executor(self._pool, self._lookup, host, port)
        try:
            addresses = await asyncio.wait_for(question, DEADLINE)
        except TimeoutError:
            raise NameNotFound(f"no answer about the name within {DEADLINE:.0f} s") from None
        except (OSError, UnicodeError) as error:
            raise NameNotFound("the host name was not found") from error
        self._guard.note_resolved(host, port, addresses)
        # With a zone id: link-local, which the guard refuses anyway.
        usable = [address for address in addresses if "%" not in address]
        if not usable:
            raise NameNotFound("the host name was not found")
        return usable

    async def close(self) -> None:
        """Let the threads go; those that hang end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)
