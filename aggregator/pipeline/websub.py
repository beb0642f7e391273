"""WebSub subscriber: asks hubs to tell us of news, answers their verifications, renews before leases end.

W3C Recommendation WebSub of 23 January 2018; section numbers below are its.
"""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlencode, urlsplit

from aggregator.fetch.guard import is_public
from aggregator.fetch.politeness import host_key
from aggregator.model.exchange import FetchFailed
from aggregator.model.feed import Feed
from aggregator.model.identifiers import FeedId, HostKey, SubscriptionId
from aggregator.model.websub import Subscription
from aggregator.observe.log import get_log
from aggregator.pipeline.parts import Parts
from aggregator.pipeline.push import Postbox
from aggregator.schedule import websub as schedule

_log = get_log("websub")
CALLBACK_PATH: Final = "/websub/"
_PER_STEP: Final = 20  # requests to hubs; the others wait for the next step
_PENDING: Final = timedelta(hours=24)  # in which a verification may come


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a hub asks at the callback (5.3)."""

    mode: str  # subscribe | unsubscribe | denied
    topic: str
    lease: timedelta | None = None
    reason: str = ""


class Subscriber:
    """Keeps a subscription for every feed that names a hub; one for the daemon."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.postbox = Postbox(parts)
        self._one_change = asyncio.Lock()  # verifications come while hubs are being asked

    async def step(self) -> None:
        """End what is not wanted any more, note lapsed leases, ask hubs that are due."""
        wanted = {feed.id: feed for feed in await self._wanted()}
        async with self._one_change:
            now = await self._parts.store.now()
            kept = await self._kept(wanted, now)
            kept += [await self._begin(feed, now) for feed in wanted.values()]
        await self._ask_hubs([one for one in kept if one.next_request_at <= now])

    async def _kept(self, wanted: dict[FeedId, Feed], now: datetime) -> list[Subscription]:
        """Return the subscriptions that stay; their feeds leave `wanted`."""
        kept = []
        for subscription in await self._parts.store.subscriptions():
            feed = wanted.get(subscription.feed)
            if feed is None or not self._is_the_same(subscription, feed):
                await self._save_without_lease(schedule.ended(subscription, now))
                continue
            del wanted[feed.id]
            kept.append(subscription)
            if subscription.live_until is not None and not subscription.is_live(now):
                _log.warning("lease lapsed", hub=subscription.hub, topic=subscription.topic)
                await self._save_without_lease(schedule.lapsed(subscription))
        return kept

    async def verify(self, id_: SubscriptionId, asked: Verification) -> bool:
        """Tell whether a hub's question is about something that we asked for, and note the answer."""
        store = self._parts.store
        async with self._one_change:
            subscription = await store.subscription(id_)
            if subscription is None or asked.topic != subscription.topic:
                return False
            return await self._answer(subscription, asked, await store.now())

    async def _answer(self, subscription: Subscription, asked: Verification, now: datetime) -> bool:
        if asked.mode == "unsubscribe":
            return subscription.ended_at is not None
        if subscription.ended_at is not None:
            return False
        if asked.mode == "denied":
            why = f"the hub refuses: {asked.reason}" if asked.reason else "the hub refuses"
            refused = schedule.denied(subscription, why, now)
            await self._save_without_lease(refused)
            return True
        pending = subscription.asked_at is not None and now - subscription.asked_at < _PENDING
        if asked.mode != "subscribe" or not pending:
            return False
        live = schedule.verified(subscription, asked.lease, now)
        await self._parts.store.save_subscription(live)
        _log.info("subscribed", topic=live.topic, hub=live.hub, until=str(live.live_until))
        return True

    # -- what is wanted ---------------------------------------------------------------------------

    async def _wanted(self) -> list[Feed]:
        """Return the feeds that can be subscribed to."""
        options = self._parts.orders.websub
        if not (options.subscribe and is_reachable(options.public_url)):
            return []
        return [
            feed
            async for feed in self._parts.store.each_feed()
            if feed.hints.hub is not None and topic_of(feed) is not None
        ]

    def _is_the_same(self, subscription: Subscription, feed: Feed) -> bool:
        """Tell whether a subscription is still the one that its feed and the settings ask for."""
        address = self._callback(subscription.id)
        return (subscription.hub, subscription.topic, subscription.callback) == (
            feed.hints.hub,
            topic_of(feed),
            address,
        )

    def _callback(self, id_: SubscriptionId) -> str:
        return self._parts.orders.websub.public_url + CALLBACK_PATH + id_

    async def _begin(self, feed: Feed, now: datetime) -> Subscription:
        """Make a subscription whose address and secret nobody can guess."""
        id_ = SubscriptionId(secrets.token_urlsafe(24))
        subscription = schedule.made(
            feed,
            feed.hints.hub or "",
            topic_of(feed) or "",
            self._callback(id_),
            id_,
            secrets.token_hex(32),
            now,
        )
        await self._parts.store.save_subscription(subscription)
        return subscription

    async def _save_without_lease(self, subscription: Subscription) -> None:
        """Save a subscription that promises nothing any more: polling takes over (B35)."""
        parts, due = self._parts, None
        feed = await parts.store.feed(subscription.feed)
        if feed is not None and feed.pushed_until is not None:
            due = schedule.poll_due_after(feed, parts.orders.cadence, await parts.store.now())
        await parts.store.save_subscription(subscription, due)

    # -- asking hubs ------------------------------------------------------------------------------

    async def _ask_hubs(self, due: list[Subscription]) -> None:
        """Ask for some subscriptions, one after the other; each hub after a pause."""
        asked: set[HostKey] = set()
        for subscription in sorted(due, key=lambda one: one.next_request_at)[:_PER_STEP]:
            host = host_key(subscription.hub)
            if host in asked:
                await asyncio.sleep(self._parts.orders.poll.host_spacing.total_seconds())
            asked.add(host)
            await self._ask(subscription.id)

    async def _ask(self, id_: SubscriptionId) -> None:
        """Send one subscription request (5.1); the hub may verify it before it answers."""
        store = self._parts.store
        async with self._one_change:
            now, subscription = await store.now(), await store.subscription(id_)
            if subscription is None or subscription.next_request_at > now:
                return
            await store.save_subscription(schedule.asked(subscription, now))
        form = {
            "hub.callback": subscription.callback,
            "hub.mode": "subscribe",
            "hub.topic": subscription.topic,
            "hub.secret": subscription.secret,
            "hub.lease_seconds": str(int(schedule.WISHED_LEASE.total_seconds())),
        }
        outcome = await self._parts.client.post(
            subscription.hub,
            urlencode(form).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
            now,
        )
        if isinstance(outcome, FetchFailed):
            _log.warning("hub failed", hub=subscription.hub, why=outcome.message)
            async with self._one_change:
                current = await store.subscription(id_)
                if current is not None and current.asked_at is not None:
                    await store.save_subscription(schedule.failed(current, outcome.message))


def topic_of(feed: Feed) -> str | None:
    """Return what a hub knows a feed as: its rel=self, if that is the feed's own publisher's."""
    topic = feed.hints.self_url
    if topic is None or urlsplit(topic).scheme not in ("http", "https"):
        return None
    own = {feed.host, host_key(feed.moved_to or feed.url)}
    return topic if host_key(topic) in own else None


def is_reachable(public_url: str) -> bool:
    """Tell whether hubs on the internet could reach an address of ours."""
    host = (urlsplit(public_url).hostname or "").rstrip(".").lower()
    try:
        return is_public(ip_address(host))
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".internal", ".lan"))
