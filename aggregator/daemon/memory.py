"""What becomes of memory that is free again: the system has use for it.

All of this is glibc's own; on another C library nothing is done.
"""

import asyncio
import ctypes
from typing import Final

_M_MMAP_THRESHOLD: Final = -3  # mallopt(3)
_M_ARENA_MAX: Final = -8
_LARGE: Final = 1024 * 1024  # bytes


def keep_little_memory() -> None:
    """Have the C library keep one heap for all threads, and no large block that is free.

    By default glibc gives each of our dozen threads a heap of its own, between which free memory is
    not shared: it held 15 of 146 MB in a round of 3,000 new entries. And it takes the first large
    block that is freed for a sign that more will come, and keeps up to 64 MiB from then on: the ten of
    a feed's body stay below what comes after them. Call it before there are threads.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, _LARGE)


async def give_back_free_pages() -> None:
    """Have the C library return the pages between what is in use.

    By itself it returns no more than the end of its heap: after a round of 3,000 new entries, 9 of
    131 MB were such pages.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        await asyncio.to_thread(trim, 0)
