"""A sound copy of a database that is in use."""

import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from aggregator.errors import CorruptStore


def copy_database(source: sqlite3.Connection, file: Path) -> None:
    """Write a whole, checked copy to `file`; what was there is replaced only then.

    Raises:
        CorruptStore: the copy is not sound.
    """
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    os.close(handle)
    part = Path(name)
    try:
        with closing(sqlite3.connect(part, isolation_level=None)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
            _expect_sound(copy, file)
        _sync(part)
        part.replace(file)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    _sync(file.parent)


def _expect_sound(copy: sqlite3.Connection, file: Path) -> None:
    (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise CorruptStore(f"{file}: the copy is not sound: {found}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
