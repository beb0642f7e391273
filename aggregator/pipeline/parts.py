"""The parts that every step of the flow works with."""

import asyncio
from dataclasses import dataclass, field

from aggregator.fetch.client import Client
from aggregator.observe.clock import Clock
from aggregator.observe.metrics import Metrics
from aggregator.pipeline.first_looks import FirstLooks
from aggregator.pipeline.orders import Orders
from aggregator.pipeline.outage import NetworkWatch
from aggregator.pipeline.progress import Progress, unseen
from aggregator.pipeline.shelf import Shelf
from aggregator.pipeline.showcase import Showcase
from aggregator.publish.fragments import Fragments
from aggregator.sandbox.pool import Sandbox
from aggregator.store.store import Store


@dataclass(slots=True, kw_only=True)
class Parts:
    """The edges, and the orders of the moment; only `orders` is ever replaced."""

    store: Store
    client: Client
    sandbox: Sandbox
    showcase: Showcase
    shelf: Shelf
    fragments: Fragments = field(default_factory=Fragments)
    rendering: asyncio.Lock = field(default_factory=asyncio.Lock)  # who holds it has the fragments
    clock: Clock
    metrics: Metrics
    network: NetworkWatch = field(default_factory=NetworkWatch)
    news: set[str] = field(default_factory=set)  # documents that changed and no hub was told of
    first_looks: FirstLooks
    orders: Orders
    progress: Progress = unseen
