"""What the web side is given by the daemon: where to read, and the few things it may ask for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from aggregator.model.identifiers import SubscriptionId
from aggregator.observe.clock import Clock
from aggregator.observe.health import Health
from aggregator.pipeline.shelf import Document
from aggregator.pipeline.websub import Verification
from aggregator.settings.configuration import Configuration
from aggregator.store.store import Store


class Documents(Protocol):
    """The published documents, as `pipeline/shelf.py` keeps them."""

    def get(self, name: str) -> Document | None:
        """Return a document, or None where nothing of that name is published."""
        ...

    def names(self) -> tuple[str, ...]:
        """Return the names of all that is published, sorted."""
        ...


Act = Callable[[str, tuple[str, ...]], Awaitable[str]]
"""`act(name, arguments)`: split, join, mute or withdraw; returns the ids of the stories it touched.

Raises `UsageError` in plain words where it cannot be done.
"""

OnDemand = Callable[[str], Awaitable[bool]]
"""Puts a document on the shelf that is made only when it is asked for; False where there is none of its name."""


class Postbox(Protocol):
    """Takes in what WebSub hubs deliver, as `pipeline/push.py` does."""

    async def expects(self, id_: SubscriptionId) -> int:
        """Return 202 for a subscription of ours, 410 for one that has ended, else 404."""
        ...

    async def deliver(
        self, id_: SubscriptionId, body: bytes, content_type: str | None, signature: str | None
    ) -> int:
        """Take in a delivery; return the status to answer with."""
        ...


Verify = Callable[[SubscriptionId, Verification], Awaitable[bool]]
"""Tells whether a hub's question is about a subscription that we asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that the pages, feeds and probes are made from."""

    store: Store
    shelf: Documents
    configuration: Callable[[], Configuration]  # the one in force now: a reload changes it
    health: Health
    clock: Clock
    metrics: Callable[[], bytes] | None = None  # Prometheus text
    act: Act | None = None
    on_demand: OnDemand | None = None
    postbox: Postbox | None = None
    verify: Verify | None = None
