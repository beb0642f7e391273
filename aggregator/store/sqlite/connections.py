"""The connections to one database file: one that writes, a few that read, each on its own thread.

Readers see whole transactions only (WAL) and never wait for the writer. All checkpoints are made by
the writer: SQLite before 3.51.3 can lose a commit when two connections checkpoint at once.
"""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from aggregator.errors import CorruptStore, StoreError, StoreFull

T = TypeVar("T")

READERS: Final = 3
_BUSY: Final = 5.0  # seconds to wait for another process's lock
_PRAGMAS: Final = (
    "PRAGMA synchronous = NORMAL",  # a power cut may take the last commits, never the soundness
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = OFF",  # Debian's build turns it on; it doubles the cost of deleting
    "PRAGMA temp_store = MEMORY",
)
_WRITER_PRAGMAS: Final = (
    "PRAGMA cache_size = -3072",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA journal_size_limit = 67108864",
)
_READER_PRAGMAS: Final = (
    "PRAGMA query_only = ON",
    "PRAGMA wal_autocheckpoint = 0",
    "PRAGMA cache_size = -1024",
)


class Connections:
    """Runs work on the connections of one file; a piece of work is one transaction."""

    def __init__(self, path: Path, kind: type[sqlite3.Connection] = sqlite3.Connection) -> None:
        self._path = path
        self._kind = kind
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._readers = ThreadPoolExecutor(READERS, "store-reader")

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in the one writing transaction; nothing of it stays when it fails."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._write, work)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on one unchanging view of the data."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def prepare(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on the writing connection outside of a transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._prepare, work)

    async def close(self) -> None:
        """Finish what was begun; the writer goes last and leaves one whole file."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._readers.shutdown(wait=True)
        self._writer.shutdown(wait=True)
        with translated():
            for connection in reversed(self._opened):
                connection.close()
        self._opened.clear()

    def _prepare(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with translated():
            return work(self._connection(_WRITER_PRAGMAS))

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with translated():
            connection = self._connection(_WRITER_PRAGMAS)
            with transaction(connection, "BEGIN IMMEDIATE"):
                return work(connection)

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with translated():
            connection = self._connection(_READER_PRAGMAS)
            with transaction(connection, "BEGIN"):
                return work(connection)

    def _connection(self, pragmas: tuple[str, ...]) -> sqlite3.Connection:
        """Return this thread's connection; the first one opened is the writer's."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self._path,
                timeout=_BUSY,
                isolation_level=None,
                factory=self._kind,
                check_same_thread=False,  # closed by another thread, once its own has ended
                cached_statements=256,
            )
            self._opened.append(connection)
            for pragma in _PRAGMAS + pragmas:
                connection.execute(pragma)
            self._local.connection = connection
        return connection


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    """Commit what is done inside, or nothing of it."""
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite has rolled back by itself when the disk was full
            connection.rollback()
        raise


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise SQLite's errors as ours, with the cause chained."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise StoreFull("disk full: nothing was written") from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise CorruptStore(f"the database is damaged: {error}") from error
        raise StoreError(f"the database failed: {error}") from error
