"""A desk with the canned library on it, and applications and clients made from it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from aggregator.observe.health import Health
from aggregator.pipeline.shelf import MEDIA_TYPES, Document
from aggregator.serve.app import Desk, make_app
from aggregator.settings.configuration import Configuration
from aggregator.store.store import Store
from tests.fakes.library import NOW, Library, configuration

ClientFactory = Callable[..., TestClient]


class StoppedClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class OpenShelf:
    """Published documents in memory alone: no file is written, none synced."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}

    def put(self, name: str, body: bytes) -> None:
        self._documents[name] = Document(
            body=body,
            etag=f'"{len(body)}"',
            modified_at=NOW - timedelta(minutes=3),
            media_type=MEDIA_TYPES[Path(name).suffix],
        )

    def get(self, name: str) -> Document | None:
        return self._documents.get(name)

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._documents))


def make_desk(
    library: Library | None = None, config: Configuration | None = None, **values: Any
) -> Desk:
    """Return a desk with published feeds on its shelf."""
    shelf = OpenShelf()
    for name in ("all", "combined", "diary", "us-russia", "status"):
        for extension in (".rss", ".atom", ".json"):
            body = f"<{name}{extension}>".encode() * 300
            shelf.put(f"feeds/{name}{extension}", body)
    shelf.put("feeds.opml", b"<opml/>")
    shelf.put("sources.opml", b"<opml/>")
    shown = config or configuration()
    desk = Desk(
        store=cast("Store", library or Library()),
        shelf=shelf,
        configuration=lambda: shown,
        health=Health(
            started_at=NOW - timedelta(hours=3, minutes=12),
            version="0.1.0",
            outputs_ready=True,
            last_round_at=NOW - timedelta(minutes=4),
            config_loaded_at=NOW - timedelta(hours=3),
            last_publish_at=NOW - timedelta(minutes=3),
        ),
        clock=StoppedClock(),
        metrics=lambda: b"aggregator_up 1\n",
    )
    return replace(desk, **values)


@pytest.fixture
def desk() -> Desk:
    """Return the desk with the whole library."""
    return make_desk()


@pytest.fixture
def client_of() -> ClientFactory:
    """Return what makes a client of a desk; it follows no redirects."""

    def make(desk: Desk, **values: Any) -> TestClient:
        return TestClient(make_app(desk), follow_redirects=False, **values)

    return make


@pytest.fixture
def client(desk: Desk, client_of: ClientFactory) -> TestClient:
    """Return a client of the whole library."""
    return client_of(desk)
