"""A subscription at a WebSub hub, which tells us of a feed's news so that we need not ask (W3C WebSub)."""

from dataclasses import dataclass, field
from datetime import datetime

from aggregator.model.identifiers import FeedId, SubscriptionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed's subscription: what we asked of its hub, and what the hub has granted."""

    id: SubscriptionId
    feed: FeedId
    hub: str
    topic: str  # the feed's own name for itself (rel=self)
    callback: str  # where the hub reaches us
    secret: str = field(repr=False)  # signs what the hub delivers
    next_request_at: datetime  # to the hub: the first one, the next try, or the renewal
    asked_at: datetime | None = None  # a request that the hub has yet to verify
    live_since: datetime | None = None
    live_until: datetime | None = None  # the end of the lease
    ended_at: datetime | None = None  # no longer wanted: the callback says so
    failures: int = 0  # requests in a row that led to nothing
    failure: str | None = None  # the last one in plain words, while it lasts

    def is_live(self, now: datetime) -> bool:
        """Tell whether the hub has promised to deliver now."""
        return self.ended_at is None and self.live_until is not None and now < self.live_until
