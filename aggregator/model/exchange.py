"""One exchange with a publisher's server: what we ask, and the three ways it ends."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from aggregator.model.feed import Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """What to ask for."""

    url: str
    validators: Validators = field(default_factory=Validators)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    deadline: float | None = None  # seconds from now that the caller can wait at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """What the response says of when to come again; the publisher's word."""

    not_before: datetime | None = None  # max-age less Age, Expires or Retry-After, clamped
    whole_host: bool = False  # 429 and 503: the host is to be left alone, not just this feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A 200 with a complete body."""

    url: str  # final, after redirects
    body: bytes = field(repr=False)  # decoded from its content coding
    content_type: str | None = None
    charset: str | None = None  # from the Content-Type header
    validators: Validators = field(default_factory=Validators)
    freshness: Freshness = field(default_factory=Freshness)
    moved_to: str | None = None  # where an unbroken chain of permanent redirects led
    hub: str | None = None  # WebSub, from the Link header
    self_url: str | None = None
    received: int = 0  # bytes on the wire, body only
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A 304: nothing new, perhaps new validators (RFC 9111 4.3.4)."""

    url: str
    validators: Validators
    freshness: Freshness = field(default_factory=Freshness)
    moved_to: str | None = None
    seconds: float = 0.0


class Severity(StrEnum):
    """How bad a failure is, and so how long to wait."""

    TEMPORARY = "temporary"  # the network, a timeout, 5xx
    SOFT = "soft"  # 404, 429, 403: may well come back
    HARD = "hard"  # 410, not a feed, refused address: will not mend by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """Anything else, with the reason in plain words."""

    url: str
    severity: Severity
    kind: str  # a short stable word: timeout, dns, tls, refused_address, http_403, too_large, not_a_feed ...
    message: str  # for people: "403: refused by the site"
    status: int | None = None
    freshness: Freshness = field(default_factory=Freshness)
    seconds: float = 0.0


Outcome = Fetched | NotModified | FetchFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPlan:
    """When to poll next, and why then."""

    next_poll_at: datetime
    not_before: datetime | None = None  # the publisher's word
    interval: timedelta
    reason: str  # in words: "hourly default", "backoff after 3 failures", "max-age" ...
