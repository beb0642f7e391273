"""Putting a backup back: checked first, and what was there is kept."""

import asyncio
import shutil
from pathlib import Path

from aggregator.daemon.assemble import store_from
from aggregator.errors import UsageError
from aggregator.observe.clock import SystemClock
from aggregator.settings.configuration import Configuration


def restore(configuration: Configuration, data: Path, file: Path) -> Path | None:
    """Replace the database by a backup; return where the old one is kept, None where there was none.

    Raises:
        UsageError: the backup is not sound; nothing was changed.
    """
    trial = data / "restore"
    shutil.rmtree(trial, ignore_errors=True)
    trial.mkdir(parents=True)
    try:
        shutil.copyfile(file, trial / "aggregator.db")
        problems = asyncio.run(_check(configuration, trial))
        if problems:
            raise UsageError(f"{file}: not a sound backup: {'; '.join(problems)}")
        database = data / "aggregator.db"
        kept = None
        if database.exists():
            kept = data / "aggregator.before-restore.db"
            for ending in ("-wal", "-shm", ""):
                old = database.with_name(database.name + ending)
                if old.exists():
                    old.replace(kept.with_name(kept.name + ending))
        (trial / "aggregator.db").replace(database)
        return kept
    finally:
        shutil.rmtree(trial, ignore_errors=True)


async def _check(configuration: Configuration, folder: Path) -> list[str]:
    store = store_from(configuration, folder, SystemClock())
    await store.open()
    try:
        return await store.check()
    finally:
        await store.close()
