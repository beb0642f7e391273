"""What becomes of memory that strangers' bodies took."""

import ctypes
from typing import Final

_M_MMAP_THRESHOLD: Final = -3  # mallopt(3)
_LARGE: Final = 1024 * 1024  # bytes


def give_back_large_blocks() -> None:
    """Have the C library return blocks of a MiB and more to the system as soon as they are free.

    By default glibc takes the first large block that is freed for a sign that more will come, and
    keeps up to 64 MiB from then on: the ten of a feed's body stay below what comes after them.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc alone has it
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
