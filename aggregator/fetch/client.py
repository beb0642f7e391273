"""The one HTTP client: asks politely, follows redirects by hand, and takes no more than it must.

`Client.fetch` never raises for what a server or a network does. Outcomes:

    200 whole body          -> Fetched
    304                     -> NotModified
    3xx with Location       -> the next hop, at most five (A51-A54)
    anything else           -> FetchFailed, with a stable `kind` and words for people
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from yarl import URL

from aggregator import __version__
from aggregator.errors import AddressRefused
from aggregator.fetch.answer import Answer
from aggregator.fetch.coding import ACCEPTED, BadCoding
from aggregator.fetch.conditional import conditional_headers, renewed, validators_of
from aggregator.fetch.failure import ExchangeFailed, broken, status_failure
from aggregator.fetch.freshness import freshness_of
from aggregator.fetch.guard import REFUSED_CHARACTERS, AddressGuard
from aggregator.fetch.resolver import Lookup, NameNotFound, system_lookup
from aggregator.fetch.transport import Hop, Transport, TransportOptions
from aggregator.model.exchange import (
    Fetched,
    FetchFailed,
    FetchRequest,
    NotModified,
    Outcome,
    Severity,
)
from aggregator.model.feed import Validators

Permit = Callable[[str], Awaitable[bool]]  # whether a page may be asked for (robots.txt)

_FEED_TYPES: Final = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
_PAGE_TYPES: Final = (
    "text/html, application/xhtml+xml, application/atom+xml;q=0.9, application/rss+xml;q=0.9, "
    "application/feed+json;q=0.9, application/xml;q=0.8, */*;q=0.1"
)
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_REPEATED: Final = frozenset({307, 308})  # those that keep a POST a POST (RFC 9110 15.4)
_PERMANENT: Final = frozenset({301, 308})
_BODIES: Final = frozenset({200})  # whose body is read
_NONE: Final = frozenset[int]()


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions:
    """What a client may spend on one exchange, whom it says it is, and where it may go."""

    timeout: timedelta = timedelta(seconds=30)  # for the whole exchange, redirects included
    idle: timedelta = timedelta(seconds=10)  # between two pieces, and for a connection
    max_body: int = 10 * 1024 * 1024  # bytes, decoded; the same bounds what is on the wire
    max_headers: int = 32 * 1024  # bytes of one response's header
    redirects: int = 5
    user_agent: str = f"Aggregator/{__version__}"
    contact: str = ""  # a URL or mail address for publishers, appended to the above
    allow_private: tuple[str, ...] = ()  # host:port, 10.0.0.5:*, 127.0.0.0/8:*, [::1]:8000
    proxy: str | None = None  # http://host:port, a trusted hop; environment variables are not read
    concurrency: int = 64
    own_addresses: tuple[tuple[str, int], ...] = ()  # what this process listens on: never asked

    @property
    def full_user_agent(self) -> str:
        """Return what we call ourselves: name, version, contact; the same for every request."""
        return f"{self.user_agent} (+{self.contact})" if self.contact else self.user_agent


@dataclass(slots=True, kw_only=True)
class _Exchange:
    """One exchange under way: where it stands, and what came of the hops so far."""

    request: FetchRequest
    accept: str
    permit: Permit | None
    started: float  # by the loop's clock
    now: datetime  # the time of day then
    url: str  # of the present hop
    posted: bytes | None = None  # what is sent; None: a GET
    permanent: bool = True  # every redirect so far was a 301 or 308
    hops: int = 0

    def seconds(self) -> float:
        return asyncio.get_running_loop().time() - self.started

    def answered_at(self) -> datetime:
        """Return the time of day of an answer: a `not_before` counts from here, never from earlier."""
        return self.now + timedelta(seconds=self.seconds())

    @property
    def moved_to(self) -> str | None:
        return self.url if self.hops and self.permanent else None


class Client:
    """Asks servers for feeds and pages; use it as an async context manager."""

    def __init__(self, options: FetchOptions, *, lookup: Lookup = system_lookup) -> None:
        """Prepare; connections are made on first use.

        Args:
            options: limits and identity.
            lookup: how names become addresses.

        Raises:
            ValueError: an `allow_private` pattern or the proxy's address cannot be read.
        """
        self._options = options
        self._lookup = lookup
        proxy = URL(options.proxy) if options.proxy else None
        if proxy is not None and not (proxy.scheme == "http" and proxy.host and proxy.port):
            raise ValueError(f"{options.proxy!r} is not http://host:port")
        place = (proxy.host, proxy.port) if proxy and proxy.host and proxy.port else None
        self._guard = AddressGuard(options.allow_private, options.own_addresses, place)
        self._slots = asyncio.Semaphore(options.concurrency)
        self._transport: Transport | None = None

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections; the client can be used again."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.close()

    async def fetch(self, request: FetchRequest, now: datetime) -> Outcome:
        """Ask for a feed, conditionally where validators are known."""
        return await self._run(request, _FEED_TYPES, None, now)

    async def fetch_page(
        self, url: str, now: datetime, *, permit: Permit | None = None
    ) -> Fetched | FetchFailed:
        """Ask for a web page under the same guard and limits.

        Args:
            url: of the page.
            now: the time of day.
            permit: asked before every hop; False ends the exchange with the kind `robots`.
        """
        outcome = await self._run(FetchRequest(url=url), _PAGE_TYPES, permit, now)
        if isinstance(outcome, NotModified):
            return status_failure(outcome.url, 304, outcome.freshness, outcome.seconds)
        return outcome

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], now: datetime
    ) -> Fetched | FetchFailed:
        """Send something to a hub or webhook, under the same guard and limits.

        Any 2xx is success, whose body is not read. Of redirects only 307 and 308 are followed: the
        others ask for a GET.
        """
        request = FetchRequest(url=url, headers=tuple(headers.items()))
        outcome = await self._run(request, "*/*", None, now, body)
        if isinstance(outcome, NotModified):
            return status_failure(outcome.url, 304, outcome.freshness, outcome.seconds)
        return outcome

    # -- one exchange ---------------------------------------------------------------------------

    async def _run(
        self,
        request: FetchRequest,
        accept: str,
        permit: Permit | None,
        now: datetime,
        posted: bytes | None = None,
    ) -> Outcome:
        exchange = _Exchange(
            request=request,
            accept=accept,
            permit=permit,
            started=asyncio.get_running_loop().time(),
            now=now,
            url=request.url,
            posted=posted,
        )
        limit = self._options.timeout.total_seconds()
        if request.deadline is not None:
            limit = min(limit, request.deadline)
        try:
            waits = self._slots.locked()
            async with asyncio.timeout(request.deadline if waits else limit) as bound, self._slots:
                # Waiting for a slot does not count as waiting for an answer.
                if waits and not bound.expired():
                    ends = asyncio.get_running_loop().time() + limit
                    bound.reschedule(min(ends, bound.when() or ends))
                return await self._follow(exchange)
        except ExchangeFailed as failure:
            return failure.outcome(exchange.url, exchange.seconds())
        except TimeoutError:
            return _out_of_time(limit).outcome(exchange.url, exchange.seconds())
        except (AddressRefused, OSError, ValueError) as error:
            return _broken(error).outcome(exchange.url, exchange.seconds())

    async def _follow(self, exchange: _Exchange) -> Outcome:
        """Make hop after hop until an answer that is no redirect."""
        while True:
            url = self._guard.check_url(exchange.url)
            if exchange.permit is not None and not await exchange.permit(exchange.url):
                raise ExchangeFailed(
                    Severity.SOFT, "robots", "the site's robots.txt asks robots to stay away"
                )
            answer = Answer(
                self._options.max_headers,
                self._options.max_body,
                _BODIES if exchange.posted is None else _NONE,
            )
            hop = Hop(url=url, headers=self._headers(exchange, url), body=exchange.posted)
            await self._open().exchange(hop, answer)
            followed = _REDIRECTS if exchange.posted is None else _REPEATED
            if answer.status not in followed or "Location" not in answer.named:
                return self._conclude(exchange, answer, url)
            self._redirect(exchange, url, answer)

    def _headers(self, exchange: _Exchange, url: URL) -> dict[str, str]:
        """Return what is sent: the same for everybody but for validators and the operator's headers."""
        headers = {
            "User-Agent": self._options.full_user_agent,
            "Accept": exchange.accept,
            "Accept-Encoding": ACCEPTED,
        }
        given = exchange.request.headers
        if given and url.origin() == URL(exchange.request.url).origin():
            headers.update(given)  # may hold credentials: to their origin only
        headers.update(conditional_headers(exchange.request.validators, exchange.url))
        return headers

    def _redirect(self, exchange: _Exchange, url: URL, answer: Answer) -> None:
        """Move the exchange on to where the response points."""
        status = answer.status
        freshness = freshness_of(status, answer.named, exchange.answered_at())
        if "Retry-After" in answer.named and freshness.not_before is not None:
            # RFC 9110 10.2.3: the time to wait before following.
            raise ExchangeFailed(
                Severity.TEMPORARY, f"http_{status}", f"{status}: asked to wait before following a redirect",
                status=status, freshness=freshness,
            )  # fmt: skip
        if exchange.hops >= self._options.redirects:
            raise ExchangeFailed(
                Severity.SOFT, "redirects", f"more than {self._options.redirects} redirects"
            )
        target = self._guard.check_url(_join(url, answer.named["Location"]))
        if url.scheme == "https" and target.scheme == "http":
            raise ExchangeFailed(Severity.SOFT, "downgrade", "redirected from https to plain http")
        exchange.hops += 1
        exchange.permanent = exchange.permanent and status in _PERMANENT
        exchange.url = str(target)

    def _conclude(self, exchange: _Exchange, answer: Answer, url: URL) -> Outcome:
        """Turn the last answer into the outcome."""
        freshness = freshness_of(answer.status, answer.named, exchange.answered_at())
        validators = validators_of(answer.fields, exchange.url)
        if answer.status == 304:
            known = exchange.request.validators
            sent = known if known.url == exchange.url else Validators()
            return NotModified(
                url=exchange.url,
                validators=renewed(sent, validators),
                freshness=freshness,
                moved_to=exchange.moved_to,
                seconds=exchange.seconds(),
            )
        if exchange.posted is not None and 200 <= answer.status < 300:
            return Fetched(url=exchange.url, body=b"", seconds=exchange.seconds())
        if answer.status != 200 or exchange.posted is not None:
            return status_failure(exchange.url, answer.status, freshness, exchange.seconds())
        body = answer.body()
        if not body.strip():
            raise ExchangeFailed(
                Severity.TEMPORARY, "empty", "an empty answer", status=200, freshness=freshness
            )
        links = answer.links(url)
        return Fetched(
            url=exchange.url,
            body=body,
            content_type=answer.content_type,
            charset=answer.charset,
            validators=validators,
            freshness=freshness,
            moved_to=exchange.moved_to,
            hub=links.get("hub"),
            self_url=links.get("self"),
            received=answer.received,
            seconds=exchange.seconds(),
        )

    def _open(self) -> Transport:
        if self._transport is None:
            options = TransportOptions(
                idle=self._options.idle.total_seconds(),
                proxy=self._options.proxy,
            )
            self._transport = Transport(options, self._guard, self._lookup)
        return self._transport


def _join(base: URL, location: str) -> str:
    """Return where a Location leads from a URL.

    Raises:
        AddressRefused: it leads nowhere.
    """
    target = location.strip(" \t").replace(" ", "%20")  # sent unescaped often enough
    unreadable = AddressRefused("the redirect's address cannot be read")
    if REFUSED_CHARACTERS.search(target):  # yarl would drop tabs and line ends silently
        raise unreadable
    try:
        return str(base.join(URL(target, encoded=target.isascii())))
    except (ValueError, IndexError):  # as in guard.parse_url
        raise unreadable from None


def _out_of_time(seconds: float) -> ExchangeFailed:
    """Return the failure for the limit of the whole exchange."""
    return ExchangeFailed(Severity.TEMPORARY, "timeout", f"no answer within {seconds:g} s")


def _broken(error: Exception) -> ExchangeFailed:
    """Return the failure for an exception of the guard, the resolver or the decoder."""
    match error:
        case AddressRefused():
            return ExchangeFailed(Severity.HARD, "refused_address", f"not asked: {error}")
        case NameNotFound():
            return ExchangeFailed(Severity.TEMPORARY, "dns", str(error))
        case BadCoding():
            return ExchangeFailed(Severity.TEMPORARY, "coding", str(error))
        case _:
            return broken("connection")
