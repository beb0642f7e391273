"""A client that may ask loopback, with short limits."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.fetch.client import Client, FetchOptions
from tests.fakes.origin import Origin, origin

NOW = datetime(2026, 11, 23, 9, 7, tzinfo=UTC)
OPTIONS = FetchOptions(
    allow_private=("127.0.0.0/8:*",),
    timeout=timedelta(seconds=20),
    idle=timedelta(seconds=10),
    max_body=1024 * 1024,
    contact="https://aggregator.example/bot",
)


@pytest.fixture
async def site() -> AsyncIterator[Origin]:
    async with origin() as server:
        yield server


@pytest.fixture
async def impatient() -> AsyncIterator[Client]:
    """A client that waits less than a second: for servers that never answer."""
    options = replace(OPTIONS, timeout=timedelta(seconds=0.6), idle=timedelta(seconds=0.3))
    async with Client(options) as made:
        yield made


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(OPTIONS) as made:
        yield made
