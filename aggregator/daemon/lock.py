"""One process owns the data directory: `data/lock`, held for as long as it lives."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from aggregator.errors import LockedError


class DataLock:
    """An advisory lock on the data directory; the kernel lets it go when the process ends, however."""

    def __init__(self, data: Path) -> None:
        self._path = data / "lock"
        self._handle: int | None = None

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            LockedError: another process has it; the message names it.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
            os.close(handle)
            raise LockedError(
                f"{self._path.parent} is in use by another aggregator (process {owner or 'unknown'})"
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._handle = handle
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the lock go; the file stays, so that no one locks a file that is being removed."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
