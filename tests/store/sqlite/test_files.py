"""The file: opening, migrating, damage, backup, and a process that dies."""

import asyncio
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import aggregator
from aggregator.errors import CorruptStore, SchemaTooNew, StoreError, StoreFull
from aggregator.model.article import Article
from aggregator.model.change import OutputChange, StoryChange
from aggregator.model.feed import ArrivalHistory, Feed
from aggregator.model.identifiers import TopicId
from aggregator.model.query import SearchQuery, StoryQuery
from aggregator.model.story import Correction, Hand, Sketch
from aggregator.store.sqlite import migrations
from aggregator.store.sqlite.store import SqliteStore
from tests.store.samples import (
    MINUTE,
    NOW,
    StoppedClock,
    World,
    a_placement,
    an_entry,
    rewritten,
)
from tests.store.test_keeping import a_publication, an_edition
from tests.store.test_subscriptions import a_subscription
from tests.store.test_understanding import a_match


@asynccontextmanager
async def opened(file: Path, **more: bool) -> AsyncIterator[World]:
    clock = StoppedClock()
    store = SqliteStore(file, clock, **more)  # type: ignore[arg-type]  # only `alone` is given
    try:
        await store.open()
        yield World(store, clock)
    finally:
        await store.close()


async def filled(file: Path, entries: int = 3) -> None:
    async with opened(file) as world:
        (feed,) = await world.listen("nhk")
        await world.poll(feed, *(an_entry(feed, str(n), f"停戦 {n}") for n in range(entries)))


async def test_what_was_stored_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    await filled(tmp_path / "a.db")
    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]
    async with opened(tmp_path / "a.db") as world:
        assert (await world.store.stats()).entries == 3


async def test_a_file_with_something_in_every_table_passes_the_check_at_opening(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.db"
    async with opened(file) as world:
        await fill_every_table(world)
    connection = sqlite3.connect(file)
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'entry_search%'"
    )
    empty = [
        name for (name,) in tables if not connection.execute(f"SELECT 1 FROM {name}").fetchone()
    ]
    connection.close()
    assert empty == []
    async with opened(file) as world:
        assert await world.store.check() == []


async def fill_every_table(world: World) -> None:
    store = world.store
    (feed,) = await world.listen("nhk")
    first, second, third = (an_entry(feed, key, f"停戦 {key}") for key in "abc")
    await world.poll(feed, first, second)
    made = await world.understand({"a": [first], "b": [second]})
    await world.poll(feed, third, rewritten(first, "停戦 合意"))
    story = replace(made[0], topics=(a_match("war"),))
    copy = a_placement(second, story, copy_of=first.id)
    await store.apply_stories(
        StoryChange(
            placements=(copy,),
            topics=((first.id, (a_match("war"),)),),
            stories=(story,),
            redirects=((made[1].id, story.id),),
            corrections=(Correction(hand=Hand.WITHDRAW, subject="https://x.example/", at=NOW),),
            sketches=(Sketch(entry=first.id, reading=1, data=b"s"),),
            at=NOW,
        )
    )
    publication = a_publication("a")
    await store.apply_publications(
        [OutputChange(output=publication.output, publications=(publication,))]
    )
    await store.add_edition(an_edition("2026-11-23-daily"))
    await store.set_state("a", "b")
    await store.save_article(Article(entry=third.id, fetched_at=NOW, outcome="http_404"))
    await store.save_subscription(a_subscription(feed))


async def test_an_up_to_date_file_is_opened_without_sqlite_utils(tmp_path: Path) -> None:
    await filled(tmp_path / "a.db")
    script = f"""
import asyncio, sys
from pathlib import Path
from aggregator.observe.clock import SystemClock
from aggregator.store.sqlite.store import SqliteStore
store = SqliteStore(Path({str(tmp_path / "a.db")!r}), SystemClock())
asyncio.run(store.open())
assert "sqlite_utils" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=_root(), env=_environment())


def _root() -> Path:
    return Path(aggregator.__file__).parent.parent


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(_root())}


# -- migrations ---------------------------------------------------------------------------------------


async def test_b13_a_file_of_an_older_schema_is_copied_and_then_migrated(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    _make_old(file, steps=1)
    async with opened(file) as world:
        hits = await world.store.search(SearchQuery(text="停戦"))
        assert [hit.entry.title for hit in hits.items] == ["停戦で合意"]
        of_topic = await world.store.stories(StoryQuery(topics=(TopicId("war"),)))
        assert [story.id for story in of_topic.items] == ["s1"]
        assert await world.store.check() == []
    copy = sqlite3.connect(tmp_path / f"a.db.before-{len(migrations.STEPS)}")
    assert copy.execute("PRAGMA user_version").fetchone() == (1,)
    assert copy.execute("SELECT title FROM entries").fetchall() == [("停戦で合意",)]
    copy.close()


async def test_arrivals_that_an_older_version_wrote_are_read_and_packed(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    _make_old(file, steps=1)
    hours = tuple(hour / 7 for hour in range(24))
    old = sqlite3.connect(file)
    text = json.dumps({"by_hour": hours, "observed_days": 2.5, "last_arrival_at": 3_600_000_000})
    old.execute("UPDATE feeds SET arrivals = ?", (text,))
    old.commit()
    old.close()
    async with opened(file) as world:
        (feed,) = await world.store.feeds()
    assert feed.arrivals == ArrivalHistory(
        by_hour=hours,
        observed_days=2.5,
        last_arrival_at=datetime(1970, 1, 1, 1, tzinfo=UTC),
    )
    migrated = sqlite3.connect(file)
    ((packed,),) = migrated.execute("SELECT arrivals FROM feeds").fetchall()
    migrated.close()
    assert len(packed) < len(text)


def _make_old(file: Path, steps: int) -> None:
    """Make a file as an older version left it, by the list of migrations itself."""
    connection = sqlite3.connect(file, isolation_level=None)
    migrations.migrate(connection, steps)
    connection.executescript("""
        INSERT INTO feeds (id, source, url, host, kind, enabled, key_policy, standing, failures,
          next_poll_at, poll_seq, moved_seen, first_seen_at, entries)
        VALUES (1, 'nhk', 'u', 'h', 'news', 1, 'id', 'new', 0, 0, 0, 0, 0, 1);
        INSERT INTO entries (id, feed, first_poll, revision, hash, fingerprint, first_seen_at,
          stored_at, title, key)
        VALUES ('e1', 1, 0, 0, 1, 1, 0, 0, '停戦で合意', 'k');
        INSERT INTO stories (id, lead, lead_since, independent, muted, first_seen_at, updated_at, size)
        VALUES ('s1', 1, 0, 1, 0, 0, 0, 1);
        INSERT INTO placements (entry, placed, story, independent, decision)
        VALUES (1, 1, 1, 1, '{"layer":"first"}');
        INSERT INTO story_topics (topic, story) VALUES ('war', 1);
    """)
    connection.close()


@pytest.mark.parametrize("fails_at", [0, 1])
async def test_b13_a_migration_that_is_interrupted_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    file = tmp_path / "a.db"
    _make_old(file, steps=fails_at) if fails_at else None

    def power_cut(_: object) -> None:
        raise KeyboardInterrupt

    steps = list(migrations.STEPS)
    broken = [*steps[:fails_at], (steps[fails_at][0], power_cut), *steps[fails_at + 1 :]]
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "STEPS", tuple(broken))
        connection = sqlite3.connect(file, isolation_level=None)
        with pytest.raises(KeyboardInterrupt):
            migrations.migrate(connection)
        assert connection.execute("PRAGMA user_version").fetchone() == (fails_at,)
        connection.close()
    async with opened(file) as world:
        assert await world.store.check() == []


async def test_b13_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    await filled(file)
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(SchemaTooNew, match="99"):
        async with opened(file):
            pass
    assert file.read_bytes() == before


async def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    for version in (0, 1):
        connection.execute(f"PRAGMA user_version = {version}")
        with pytest.raises(CorruptStore, match="another program"):
            async with opened(file):
                pass
    connection.close()


# -- damage -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["header", "pages", "cut"])
async def test_b09_damage_is_found_at_opening(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "a.db"
    await filled(file, 200)
    raw = bytearray(file.read_bytes())
    if damage == "header":
        raw[:16] = b"not a database!!"
    elif damage == "pages":
        for page in range(8192, len(raw), 8192):
            raw[page : page + 64] = bytes(64)
    else:
        del raw[len(raw) // 2 :]
    file.write_bytes(raw)
    with pytest.raises(CorruptStore):
        async with opened(file):
            pass


async def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open"):
        async with opened(tmp_path / "none" / "a.db"):
            pass


async def test_check_says_what_is_wrong_in_plain_words(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    await filled(file)
    connection = sqlite3.connect(file)
    connection.execute("UPDATE feeds SET entries = 7")
    connection.execute("DELETE FROM entry_log")
    connection.execute("INSERT INTO entry_log (entry, changed) VALUES (99, 0)")
    connection.execute("INSERT INTO story_redirects VALUES ('a', 'b')")
    connection.commit()
    connection.close()
    async with opened(file) as world:
        problems = await world.store.check()
    assert problems == [
        "rows of entry_log point to rows that are not there",
        "1 feeds whose number of entries is counted wrong",
        "1 redirects that lead nowhere",
        "3 entries that are neither understood nor waiting for it",
    ]


# -- backup -------------------------------------------------------------------------------------------


async def test_b31_a_backup_made_while_polls_are_written_is_whole(tmp_path: Path) -> None:
    copy = tmp_path / "backup.db"
    async with opened(tmp_path / "a.db") as world:
        (feed,) = await world.listen("nhk")

        async def write() -> None:
            for n in range(10):
                await world.poll(feed, *(an_entry(feed, f"{n}-{m}", "停戦") for m in range(20)))

        writing = asyncio.create_task(write())
        while not writing.done():
            await world.store.backup(copy)
        await writing
        await world.store.backup(copy)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.db", "backup.db"]
    async with opened(copy) as restored:
        assert (await restored.store.stats()).entries == 200
        assert await restored.store.check() == []
        assert len((await restored.store.search(SearchQuery(text="停戦", limit=999))).items) == 200


async def test_b31_a_backup_that_fails_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "backup.db"
    async with opened(tmp_path / "a.db") as world:
        await world.listen("nhk")
        await world.store.backup(copy)
        before = copy.read_bytes()
        await world.listen("tbs")

        def full(*_: object) -> None:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

        monkeypatch.setattr("aggregator.store.sqlite.copying._sync", full)
        with pytest.raises(StoreFull):
            await world.store.backup(copy)
    assert copy.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.db", "backup.db"]


# -- processes ----------------------------------------------------------------------------------------


async def test_leases_of_a_dead_process_are_void_for_whoever_has_the_folder_alone(
    tmp_path: Path,
) -> None:
    await filled(tmp_path / "a.db")
    async with opened(tmp_path / "a.db") as world:
        world.clock.at += 90 * MINUTE
        await world.lease("nhk.example", seconds=9999)
        assert await world.store.claim_log(limit=1, lease=900 * MINUTE, now=NOW) is not None
    async with opened(tmp_path / "a.db") as reader:
        assert await reader.store.claim_log(limit=1, lease=MINUTE, now=NOW) is None
    async with opened(tmp_path / "a.db", alone=True) as world:
        world.clock.at += 90 * MINUTE
        assert await world.store.claim_log(limit=1, lease=MINUTE, now=NOW) is not None
        await world.lease("nhk.example")


_WRITER = """
import asyncio, sys
from pathlib import Path
from aggregator.store.sqlite.store import SqliteStore
from tests.store.samples import StoppedClock, World, an_entry

async def main():
    clock = StoppedClock()
    store = SqliteStore(Path(sys.argv[1]), clock)
    await store.open()
    world = World(store, clock)
    (feed,) = await world.listen("nhk")
    for n in range(100_000):
        await world.poll(feed, *(an_entry(feed, f"{n}-{m}", "停戦") for m in range(7)))
        print(n + 1, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("polls", [1, 25])
async def test_b01_b05_a_writer_killed_at_any_moment_loses_no_poll_that_was_committed(
    tmp_path: Path, polls: int
) -> None:
    file = tmp_path / "a.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(file)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=_root(),
        env=_environment(),
    )
    assert writer.stdout is not None
    committed = 0
    while committed < polls:
        committed = int(writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    rest = writer.stdout.read().split()
    writer.stdout.close()
    writer.wait()
    committed = int(rest[-1]) if rest else committed
    async with opened(file) as world:
        assert await world.store.check() == []
        (feed,) = await world.store.feeds()
        assert feed.poll_seq in (committed, committed + 1)
        stats = await world.store.stats()
        assert stats.entries == stats.log == 7 * feed.poll_seq
        assert len(await world.store.poll_records(feed.id, 10_000)) == feed.poll_seq


async def test_b12_the_log_of_writes_shrinks_once_a_long_reader_lets_go(tmp_path: Path) -> None:
    """While somebody reads one view of the data for long, nothing of the log can be taken up."""
    log = tmp_path / "a.db-wal"
    async with opened(tmp_path / "a.db") as world:
        reader = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM feeds").fetchone()
        for n in range(9):
            await world.store.set_state("a", str(n) * (8 << 20))
        assert log.stat().st_size > 70 << 20
        reader.execute("COMMIT")
        reader.close()
        for n in range(3):
            await world.store.set_state("a", str(n))
        assert log.stat().st_size <= 64 << 20


@pytest.mark.parametrize("seed", range(3))
async def test_b05_a_copy_taken_at_any_instant_is_a_sound_database(
    tmp_path: Path, seed: int
) -> None:
    """What lies on the disk when the power goes: the file and its log as they are, nobody closing them.

    So little is written that no checkpoint comes between the two copies.
    """
    dice = random.Random(seed)
    async with opened(tmp_path / "a.db") as world:
        (feed,) = await world.listen("nhk")
        writing = asyncio.create_task(_keep_polling(world, feed))
        copies = []
        for n in range(5):
            await asyncio.sleep(dice.uniform(0.0, 0.05))
            folder = tmp_path / str(n)
            folder.mkdir()
            for name in ("a.db", "a.db-wal"):  # the log last: it may be ahead, never behind
                shutil.copyfile(tmp_path / name, folder / name)
            copies.append(folder / "a.db")
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    polls = []
    for copy in copies:
        async with opened(copy) as found:
            assert await found.store.check() == []
            (feed,) = await found.store.feeds()
            stats = await found.store.stats()
            assert stats.entries == stats.log == 7 * feed.poll_seq
            polls.append(feed.poll_seq)
    assert polls == sorted(polls)


async def _keep_polling(world: World, feed: Feed) -> None:
    for n in range(100_000):
        await world.poll(feed, *(an_entry(feed, f"{n}-{m}", "停戦") for m in range(7)))


async def test_b10_only_the_writer_makes_checkpoints(tmp_path: Path) -> None:
    """SQLite before 3.51.3 may lose a commit when two connections checkpoint at once."""
    async with opened(tmp_path / "a.db") as world:
        assert isinstance(world.store, SqliteStore)

        def asked(connection: sqlite3.Connection) -> tuple[int, int]:
            (pages,) = connection.execute("PRAGMA wal_autocheckpoint").fetchone()
            (reads_alone,) = connection.execute("PRAGMA query_only").fetchone()
            return pages, reads_alone

        connections = world.store._connections
        assert await asyncio.gather(*(connections.read(asked) for _ in range(9))) == [(0, 1)] * 9
        pages, reads_alone = await connections.prepare(asked)
        assert pages > 0
        assert not reads_alone


async def test_b11_a_database_that_another_process_holds_is_waited_for(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as world:
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN EXCLUSIVE")
        writing = asyncio.create_task(world.store.set_state("a", "b"))
        await asyncio.sleep(0.3)
        assert not writing.done()
        assert await world.store.state("a") is None  # reading waits for nobody
        other.execute("COMMIT")
        await writing
        assert await world.store.state("a") == "b"
        other.close()
