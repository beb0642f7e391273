"""Noticing that the operator saved something."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from watchfiles import awatch

from aggregator.settings.schema import FILES

_QUIET: Final = 200  # ms without a further change: an editor is done with its several steps
_LONGEST_WAIT: Final = 2000  # ms: someone who never stops saving is served all the same
_LOOK: Final = 1000  # ms: what the kernel does not tell is looked for (NFS, a swapped directory)
_SPACING: Final = 1.0  # seconds between two reports

Snapshot = tuple[tuple[int, int, int] | None, ...]
"""Inode, size and time of each file; None for one that is not there."""


async def watch(directory: Path, stop: asyncio.Event) -> AsyncIterator[None]:
    """Yield whenever the four files have changed and settled, at most once a second, until `stop`.

    The kernel's word only makes it quick; what counts is that a file looks different now. So
    editors' swap files are not reported, and symbolic links, network file systems and a directory
    that is replaced as a whole are noticed within a second.
    """
    seen = _snapshot(directory)
    async for _ in _stirrings(directory, stop):
        now = _snapshot(directory)
        if now != seen:
            seen = now
            yield
            await _pause(stop, _SPACING)


async def _stirrings(directory: Path, stop: asyncio.Event) -> AsyncIterator[None]:
    """Yield at every change in the directory, and once a second besides."""
    while not stop.is_set():
        try:
            async for _ in awatch(
                directory,
                stop_event=stop,
                debounce=_LONGEST_WAIT,
                step=_QUIET,
                rust_timeout=_LOOK,
                yield_on_timeout=True,
                recursive=False,
            ):
                yield
        except OSError:  # the directory is not there, or the kernel grants no more watches
            await _pause(stop, _LOOK / 1000)
            yield


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _snapshot(directory: Path) -> Snapshot:
    return tuple(_look(directory / name) for name in FILES)


def _look(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
