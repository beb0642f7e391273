"""What hubs deliver: a push is a poll whose body came by itself, and takes the same way."""

import hashlib
import hmac
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from aggregator.model.change import FeedChange, HostCommit
from aggregator.model.identifiers import FeedId, SubscriptionId
from aggregator.model.websub import Subscription
from aggregator.observe.log import get_log
from aggregator.pipeline.parts import Parts
from aggregator.pipeline.poll import push_feed

_log = get_log("websub")
_SIGNATURES: Final = {
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
    "sha1": hashlib.sha1,  # only where the operator allows it
}
_LEASE: Final = timedelta(minutes=2)  # of the host, while one push is read and stored
_PER_STEP: Final = 50  # pushes taken up in one step


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Something signed that waits to be taken up."""

    feed: FeedId
    body: bytes = field(repr=False)
    content_type: str | None


class Postbox:
    """Takes in what hubs deliver at once, and takes it up one after the other."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._waiting: deque[Delivery] = deque()
        self._bytes = 0

    async def expects(self, id_: SubscriptionId) -> int:
        """Return 202 for a subscription of ours, 410 for one that has ended, else 404."""
        subscription = await self._parts.store.subscription(id_)
        if subscription is None:
            return 404
        return 202 if subscription.ended_at is None else 410

    async def deliver(
        self, id_: SubscriptionId, body: bytes, content_type: str | None, signature: str | None
    ) -> int:
        """Take in a delivery; return the status to answer with.

        That of `expects`; 503 when too much waits; else 202, also where the signature is wrong, so
        that a forger learns nothing (7.1).
        """
        subscription = await self._parts.store.subscription(id_)
        if subscription is None or subscription.ended_at is not None:
            return 404 if subscription is None else 410
        options = self._parts.orders.websub
        if not signature_holds(subscription, body, signature, allow_sha1=options.allow_sha1):
            _log.warning("delivery without a valid signature ignored", topic=subscription.topic)
            return 202
        if self._bytes + len(body) > options.waiting_bytes:
            return 503
        self._bytes += len(body)
        self._waiting.append(Delivery(feed=subscription.feed, body=body, content_type=content_type))
        return 202

    async def take_up(self) -> bool:
        """Read and store what waits; tell whether that brought or changed entries.

        A host that is being polled just now keeps its deliveries waiting until the next step.
        """
        brought = False
        for _ in range(min(len(self._waiting), _PER_STEP)):
            delivery = self._waiting.popleft()
            change = await self._store(delivery)
            if change is None:
                self._waiting.append(delivery)
                continue
            self._bytes -= len(delivery.body)
            brought = brought or change
        return brought

    async def _store(self, delivery: Delivery) -> bool | None:
        """Store one delivery and tell whether it brought anything; None where its host is not free."""
        store = self._parts.store
        feed = await store.feed(delivery.feed)
        if feed is None:  # no longer configured
            return False
        lease = await store.claim_host(feed.host, lease=_LEASE, now=await store.now())
        if lease is None:
            return None
        changes: tuple[FeedChange, ...] = ()
        try:
            feed = await store.feed(delivery.feed) or feed  # a poll may have changed it meanwhile
            change = await push_feed(self._parts, feed, delivery.body, delivery.content_type)
            changes = () if change is None else (change,)
        finally:
            refused = await store.commit_polls([HostCommit(lease=lease, changes=changes)])
        return bool(changes and changes[0].entries and not refused)


def signature_holds(
    subscription: Subscription, body: bytes, signature: str | None, *, allow_sha1: bool
) -> bool:
    """Tell whether a body carries a valid `X-Hub-Signature` (7.1), such as `sha256=...`."""
    method, _, given = (signature or "").strip().partition("=")
    kind = _SIGNATURES.get(method.lower())
    if kind is None or (kind is hashlib.sha1 and not allow_sha1):
        return False
    expected = hmac.new(subscription.secret.encode(), body, kind).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode())
