"""What becomes of memory that is free again: the system has use for it.

All of this is glibc's own; on another C library nothing is done.
"""

import asyncio
import ctypes
from typing import Final

_M_MMAP_THRESHOLD: Final = -3  # mallopt(3)
_LARGE: Final = 1024 * 1024  # bytes


def give_back_large_blocks() -> None:
    """Have the C library return blocks of a MiB and more to the system as soon as they are free.

    By default glibc takes the first large block that is freed for a sign that more will come, and
    keeps up to 64 MiB from then on: the ten of a feed's body stay below what comes after them.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)


async def give_back_free_pages() -> None:
    """Have the C library return the pages between what is in use, of all threads' heaps.

    By itself it returns no more than the end of a heap, and each thread has one: with 15,000 new
    entries of 5,000 feeds, 23 of 195 MB were such pages.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        await asyncio.to_thread(trim, 0)
