"""A call that fails anywhere leaves nothing behind; SQLite's errors leave as ours."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aggregator.errors import CorruptStore, StoreError, StoreFull
from aggregator.model.change import EntryChange, OutputChange, StoryChange
from aggregator.model.query import EntryQuery, SearchQuery, StoryQuery
from aggregator.model.story import Correction, Hand
from aggregator.store.sqlite.store import SqliteStore
from tests.store.samples import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    StoppedClock,
    World,
    a_placement,
    a_poll,
    a_story,
    an_entry,
    listing,
    rewritten,
)
from tests.store.test_keeping import a_publication, an_edition


class Failing(sqlite3.Connection):
    """A connection on which the statement that `fail_at` counts down to fails."""

    fail_at = 0
    error: sqlite3.Error = sqlite3.OperationalError("disk I/O error")

    def _step(self) -> None:
        if Failing.fail_at:
            Failing.fail_at -= 1
            if not Failing.fail_at:
                raise Failing.error

    def execute(self, *arguments: Any) -> sqlite3.Cursor:  # type: ignore[explicit-override]  # `override` is of Python 3.12
        self._step()
        return super().execute(*arguments)

    def executemany(self, sql: str, rows: Iterable[Any]) -> sqlite3.Cursor:  # type: ignore[explicit-override]  # `override` is of Python 3.12
        self._step()
        return super().executemany(sql, rows)


async def a_world(folder: Path) -> World:
    clock = StoppedClock()
    store = SqliteStore(folder / "a.db", clock, kind=Failing)
    await store.open()
    world = World(store, clock)
    nhk, tbs = await world.listen("nhk", "tbs")
    first, second = an_entry(nhk, "1", "停戦"), an_entry(tbs, "2", "停戦協議")
    await world.poll(nhk, first)
    await world.poll(tbs, second)
    await world.understand({"a": [first], "b": [second]})
    await world.poll(nhk, an_entry(nhk, "3", "地震"))
    return world


def everything(file: Path) -> list[str]:
    """Return all rows that the file holds; those of the search index as it stores them."""
    connection = sqlite3.connect(file)
    try:
        tables = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'entry_search'"
        ).fetchall()
        return [
            f"{name}: {row}"
            for (name,) in tables
            for row in connection.execute(f"SELECT * FROM {name}")
        ]
    finally:
        connection.close()


async def commit(world: World) -> None:
    (nhk, _) = await world.store.feeds()
    world.clock.at += DAY
    lease = await world.lease("nhk.example")
    changed = rewritten(an_entry(nhk, "1", "停戦"), "停戦合意")
    entries = [EntryChange(entry=an_entry(nhk, "9", "新しい")), changed]
    await world.store.commit_polls([a_poll(nhk, lease, entries, world.clock.at)])


async def understand(world: World) -> None:
    (nhk, tbs) = await world.store.feeds()
    first, second, third = (
        an_entry(nhk, "1", "停戦"),
        an_entry(tbs, "2", "停戦協議"),
        an_entry(nhk, "3", "地震"),
    )
    batch = await world.store.claim_log(limit=9, lease=MINUTE, now=world.clock.at)
    assert batch is not None
    joined = replace(a_story([first, second, third]), updated_at=NOW + HOUR)
    await world.store.apply_stories(
        StoryChange(
            consumed=tuple(item.seq for item in batch.items),
            token=batch.token,
            placements=(a_placement(second, joined), a_placement(third, joined)),
            stories=(joined,),
            redirects=((a_story([second]).id, joined.id),),
            corrections=(Correction(hand=Hand.WITHDRAW, subject=first.id, at=NOW),),
            withdrawn=(first.id,),
            at=NOW,
        )
    )


async def import_lines(world: World) -> None:
    (nhk, _) = await world.store.feeds()
    await world.store.commit_import([EntryChange(entry=an_entry(nhk, "8", "過去"))])


async def publish(world: World) -> None:
    publications = (a_publication("a"), a_publication("b"))
    change = OutputChange(output=publications[0].output, publications=publications)
    await world.store.apply_publications([change, change])


async def issue(world: World) -> None:
    await world.store.add_edition(an_edition("2026-11-23-daily"))


async def relist(world: World) -> None:
    await world.store.sync_feeds([listing("nhk", every=MINUTE), listing("jiji")], NOW)


async def expire(world: World) -> None:
    await world.store.expire(stored_before=NOW + DAY, revised_before=NOW)


@pytest.mark.parametrize("call", [commit, understand, import_lines, publish, issue, relist])
async def test_b07_a_call_that_fails_at_any_statement_writes_nothing(
    call: Callable[[World], Awaitable[None]], tmp_path: Path
) -> None:
    world = await a_world(tmp_path)
    file = tmp_path / "a.db"
    statement, failed = 0, True
    while failed:
        statement += 1
        before = everything(file)
        Failing.fail_at = statement
        try:
            await call(world)
            failed = False
        except StoreError:
            # a claim may have gone before, in a transaction of its own: it is all that differs
            after = everything(file)
            changed = set(before) ^ set(after)
            assert all(line.startswith(("hosts:", "consumers:")) for line in changed)
            world.clock.at += DAY
        finally:
            Failing.fail_at = 0
    assert statement > 3
    assert await world.store.check() == []
    await world.store.close()


async def test_an_expiry_that_fails_can_be_taken_up_again(tmp_path: Path) -> None:
    world = await a_world(tmp_path)
    failed, statement = True, 0
    while failed:
        statement += 1
        Failing.fail_at = statement
        try:
            await expire(world)
            failed = False
        except StoreError:
            Failing.fail_at = 0
            assert await world.store.check() == []
        finally:
            Failing.fail_at = 0
    assert (await world.store.stats()).entries == 0
    await world.store.close()


async def test_the_cause_of_an_error_is_chained(tmp_path: Path) -> None:
    world = await a_world(tmp_path)
    Failing.fail_at = 1
    with pytest.raises(StoreError, match="disk I/O error") as caught:
        await world.store.set_state("a", "b")
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    await world.store.close()


async def test_b06_a_full_disk_is_told_apart_and_reading_goes_on(tmp_path: Path) -> None:
    world = await a_world(tmp_path)
    store = world.store
    assert isinstance(store, SqliteStore)
    await store._connections.prepare(lambda db: db.execute("PRAGMA max_page_count = 1").fetchall())
    with pytest.raises(StoreFull, match="disk full"):
        await store.set_state("a", "b" * 1_000_000)
    assert len((await store.search(SearchQuery(text="停戦"))).items) == 2
    await store._connections.prepare(
        lambda db: db.execute("PRAGMA max_page_count = 100000").fetchall()
    )
    await store.set_state("a", "b" * 1_000_000)
    await store.close()


async def test_readers_see_whole_transactions_while_polls_are_written(tmp_path: Path) -> None:
    clock = StoppedClock()
    store = SqliteStore(tmp_path / "a.db", clock)
    await store.open()
    world = World(store, clock)
    (feed,) = await world.listen("nhk")

    async def write() -> None:
        for n in range(15):
            await world.poll(feed, *(an_entry(feed, f"{n}-{m}") for m in range(10)))

    writing = asyncio.create_task(write())
    while not writing.done():
        stats, page = await asyncio.gather(store.stats(), store.entries(EntryQuery(limit=1000)))
        assert stats.entries % 10 == 0
        assert len(page.items) % 10 == 0
        assert (await store.stories(StoryQuery())).items == ()
    await writing
    assert (await store.stats()).entries == 150
    await store.close()


async def test_b09_a_damaged_page_found_while_reading_is_called_damage(tmp_path: Path) -> None:
    world = await a_world(tmp_path)
    Failing.error = sqlite3.DatabaseError("database disk image is malformed")
    Failing.error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    Failing.fail_at = 1
    try:
        with pytest.raises(CorruptStore):
            await world.store.set_state("a", "b")
    finally:
        Failing.fail_at = 0
        Failing.error = sqlite3.OperationalError("disk I/O error")
    await world.store.close()
