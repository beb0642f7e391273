"""The steps from an empty file to today's schema, and how a file is brought up to date.

`PRAGMA user_version` counts the steps that a file has seen, so that a file that is up to date is
opened without sqlite-utils, whose import costs more than all the rest of opening (75 ms of CPU).
"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aggregator.errors import CorruptStore, SchemaTooNew
from aggregator.model.feed import ArrivalHistory
from aggregator.store.codec import Codec
from aggregator.store.sqlite.connections import transaction
from aggregator.store.sqlite.copying import copy_database
from aggregator.store.sqlite.search_index import index_all

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

_APPLICATION: Final = 0x41676772  # "Aggr": tells our files from other programs'
_PAGE: Final = 8192  # an entry with its content is some 2 KB: two to a page of 4 KB waste a third
_CHECKED_WHOLE: Final = 16 << 20  # bytes, 15 ms; larger files are checked whole by `check` alone


def add_tables(db: "Database") -> None:
    """Make the tables."""
    _run(db.conn, "schema.sql")


def add_search(db: "Database") -> None:
    """Make the search index, of the entries that are there too."""
    _run(db.conn, "search.sql")
    index_all(db.conn)


def add_lists(db: "Database") -> None:
    """Make what lists of stories and sources are read from."""
    _run(db.conn, "lists.sql")


def add_sketches(db: "Database") -> None:
    """Make what the live index is filled from."""
    _run(db.conn, "sketches.sql")


def pack_arrivals(db: "Database") -> None:
    """Write the numbers of each feed's arrivals as the codec packs them, which older versions cannot read."""
    arrivals = Codec(ArrivalHistory)
    rows = db.conn.execute("SELECT id, arrivals FROM feeds WHERE arrivals IS NOT NULL").fetchall()
    db.conn.executemany(
        "UPDATE feeds SET arrivals = ? WHERE id = ?",
        [(arrivals.dump(arrivals.load(text)), feed) for feed, text in rows],
    )


STEPS: Final[tuple[tuple[str, Callable[["Database"], None]], ...]] = (
    ("tables", add_tables),
    ("search", add_search),
    ("lists", add_lists),
    ("sketches", add_sketches),
    ("arrivals", pack_arrivals),
)


def bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Prepare a file that was just opened: check it, keep a copy where it is old, migrate it.

    Raises:
        SchemaTooNew: a newer version wrote it.
        CorruptStore: it is damaged, or another program's.
    """
    version = _version(connection)
    if version > len(STEPS):
        raise SchemaTooNew(
            f"{path}: written by a newer version (schema {version}, this one knows {len(STEPS)})"
        )
    if version == 0:
        _expect_empty(connection, path)
        connection.execute(f"PRAGMA page_size = {_PAGE}")
    else:
        _expect_sound(connection, path)
        if version < len(STEPS):
            copy_database(connection, path.with_name(f"{path.name}.before-{len(STEPS)}"))
    connection.execute("PRAGMA journal_mode = WAL")
    if version < len(STEPS):
        migrate(connection)


def migrate(connection: sqlite3.Connection, steps: int = len(STEPS)) -> None:
    """Take the steps that are missing, all in one transaction."""
    import sqlite_utils

    migrations = _migrations(sqlite_utils.Migrations)
    stop_before = [name for name, _ in STEPS[steps:]]
    with transaction(connection, "BEGIN IMMEDIATE"):  # inside it sqlite-utils uses savepoints
        if _version(connection) < steps:  # another process may have been faster
            migrations.apply(sqlite_utils.Database(connection), stop_before=stop_before)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {steps}")


def _migrations(kind: "type[Migrations]") -> "Migrations":
    migrations = kind("aggregator")
    for name, step in STEPS:
        migrations(name=name)(step)
    return migrations


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _expect_empty(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
        raise CorruptStore(f"{path}: a database of another program")


def _expect_sound(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != _APPLICATION:
        raise CorruptStore(f"{path}: a database of another program")
    if path.stat().st_size <= _CHECKED_WHOLE:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise CorruptStore(f"{path}: damaged: {found}")


def _run(connection: sqlite3.Connection, name: str) -> None:
    """Run a file of statements one by one: `executescript` would commit first."""
    for statement in _statements(Path(__file__).with_name(name).read_text("utf-8")):
        connection.execute(statement)


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
