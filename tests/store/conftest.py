"""The stores that the contract tests run over; a further one joins by a line in `STORES`."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from aggregator.store.sqlite.store import SqliteStore
from aggregator.store.store import Store
from tests.store.samples import StoppedClock, World


def _sqlite(folder: Path, clock: StoppedClock) -> Store:
    return SqliteStore(folder / "aggregator.db", clock)


STORES: dict[str, Callable[[Path, StoppedClock], Store]] = {"sqlite": _sqlite}


@pytest.fixture(params=list(STORES))
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Give an empty store of each kind, with its clock."""
    clock = StoppedClock()
    store = STORES[request.param](tmp_path, clock)
    await store.open()
    yield World(store, clock)
    await store.close()


@pytest.fixture
def store(world: World) -> Store:
    """Give the store of the world."""
    return world.store
