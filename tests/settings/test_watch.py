import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from aggregator.settings.watch import watch


@asynccontextmanager
async def watching(directory: Path) -> AsyncIterator[list[float]]:
    """Collect the times of reports while the block runs."""
    stop, reports = asyncio.Event(), list[float]()
    loop = asyncio.get_running_loop()

    async def collect() -> None:
        async for _ in watch(directory, stop):
            reports.append(loop.time())

    task = asyncio.create_task(collect())
    await asyncio.sleep(0.3)
    try:
        yield reports
    finally:
        stop.set()
        await asyncio.wait_for(task, 3)


async def reported(reports: list[float], count: int = 1) -> None:
    async with asyncio.timeout(5):
        while len(reports) < count:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("save", ["write", "replace", "delete"])
async def test_b27_a_save_is_reported_once_however_the_editor_does_it(tmp_path: Path, save: str):
    file = tmp_path / "sources.yaml"
    file.write_text("sources: []")
    async with watching(tmp_path) as reports:
        if save == "delete":
            file.unlink()
        elif save == "replace":
            (tmp_path / ".sources.yaml.swp").write_text("x")
            (tmp_path / "4913").write_text("x")
            (tmp_path / "4913").unlink()
            file.rename(tmp_path / "sources.yaml~")
            file.write_text("sources: [] # new")
        else:
            file.write_text("sources: [] # new")
        await reported(reports)
        await asyncio.sleep(0.5)
        assert len(reports) == 1


async def test_other_files_are_not_reported(tmp_path: Path):
    async with watching(tmp_path) as reports:
        (tmp_path / "notes.txt").write_text("x")
        await asyncio.sleep(1.5)
        assert reports == []


async def test_b27_someone_who_never_stops_saving_is_served_but_not_at_every_save(tmp_path: Path):
    file = tmp_path / "topics.yaml"
    async with watching(tmp_path) as reports:
        saved_at = 0.0
        for i in range(80):  # twenty a second
            await asyncio.sleep(0.05)
            saved_at = asyncio.get_running_loop().time()
            file.write_text(f"topics: [] # {i}")
        during = len(reports)
        async with asyncio.timeout(5):
            while not reports or reports[-1] < saved_at:
                await asyncio.sleep(0.02)
    assert 1 <= during <= 5
    assert all(later - sooner >= 0.99 for sooner, later in pairwise(reports))


async def test_b27_a_directory_that_is_replaced_as_a_whole_is_noticed(tmp_path: Path):
    real = tmp_path / "v1"
    real.mkdir()
    link = tmp_path / "config"
    link.symlink_to(real)
    async with watching(link) as reports:
        new = tmp_path / "v2"
        shutil.copytree(real, new)
        (new / "outputs.yaml").write_text("outputs: []")
        (tmp_path / "next").symlink_to(new)
        (tmp_path / "next").replace(link)
        await reported(reports)


async def test_a_directory_that_comes_later_is_noticed(tmp_path: Path):
    async with watching(tmp_path / "config") as reports:
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "settings.yaml").write_text("language: en")
        await reported(reports)
