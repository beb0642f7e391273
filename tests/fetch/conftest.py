"""A client that may ask loopback, with short limits."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.fetch.client import Client, FetchOptions
from tests.fakes.origin import Origin, origin

# A busy machine makes the first example of a run slow; what is too slow, pytest-timeout says.

NOW = datetime(2026, 11, 23, 9, 7, tzinfo=UTC)
OPTIONS = FetchOptions(
    allow_private=("127.0.0.0/8:*",),
    timeout=timedelta(seconds=0.6),
    idle=timedelta(seconds=0.3),
    max_body=1024 * 1024,
    contact="https://aggregator.example/bot",
)


@pytest.fixture
async def site() -> AsyncIterator[Origin]:
    async with origin() as server:
        yield server


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(OPTIONS) as made:
        yield made
