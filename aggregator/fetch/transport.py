"""HTTP/1.1 exchanges over libcurl's multi interface: the only home of pycurl.

What is asked, and what an answer means, is the client's business. Here it is sent to addresses that
our own resolver found and the guard let through, and what comes is given to the answer bit by bit.

    loop --- one descriptor ---> epoll of our own ---> socket_action(fd) for each that is ready
      ^                                                        |
      +--- future of the exchange <--- done, failed, enough <--+---> Answer.add_line, add_piece

libcurl's sockets are in an epoll set of our own, which the loop watches as one descriptor: all that
is ready is served in one turn, and a thread would be no cheaper (docs/performance.md).
"""

import asyncio
import math
import select
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pycurl
from yarl import URL

from aggregator.errors import AddressRefused
from aggregator.fetch.answer import Answer
from aggregator.fetch.failure import ExchangeFailed, broken, fell_silent, header_too_large
from aggregator.fetch.guard import AddressGuard, literal
from aggregator.fetch.resolver import Lookup, Resolver

LIBCURL_VERSION: Final[str] = pycurl.version_info()[1]
_AT_ONCE: Final = 64  # sockets that are served before the loop gets its turn back, ...
_TURN: Final = (
    0.01  # ... and seconds: a handshake takes 1 ms, a packed body of zeros ten times that
)
_KEPT_FOR: Final = 15  # seconds that an idle connection is used again
# Connections, those in use included: as many idle ones as busy ones. Whenever one more falls idle,
# libcurl walks along all that it keeps, by default four times as many as are in use.
_KEPT: Final = 128
_FOREVER: Final = 10**9  # milliseconds
_SUPPRESS_CONNECT_HEADERS: Final = 265  # an option that pycurl 7.49 has no name for
_TOO_LARGE: Final = 100  # and a code: a header beyond libcurl's own measure
# Those of browsers but for the hybrid that withstands quantum computers: it takes a tenth of the cost
# of an exchange, and a feed is public.
_CURVES: Final = "X25519:P-256:P-384:P-521"
_EVENTS: Final = {
    pycurl.POLL_NONE: 0,
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}
_READY: Final = {
    select.EPOLLIN: pycurl.CSELECT_IN,
    select.EPOLLOUT: pycurl.CSELECT_OUT,
    select.EPOLLIN | select.EPOLLOUT: pycurl.CSELECT_IN | pycurl.CSELECT_OUT,
}  # anything else has an error in it
_FAILURES: Final = {
    pycurl.E_COULDNT_CONNECT: "connect",
    pycurl.E_SSL_CONNECT_ERROR: "tls",
    pycurl.E_SSL_CIPHER: "tls",
    pycurl.E_PEER_FAILED_VERIFICATION: "certificate",
    pycurl.E_SSL_ISSUER_ERROR: "certificate",
    pycurl.E_PARTIAL_FILE: "cut_short",
    pycurl.E_FTP_WEIRD_SERVER_REPLY: "protocol",
    pycurl.E_UNSUPPORTED_PROTOCOL: "protocol",  # an answer without a header (HTTP/0.9)
    pycurl.E_BAD_CONTENT_ENCODING: "protocol",  # a Transfer-Encoding that nobody asked for
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One request: where it goes and what is sent."""

    url: URL  # one that the guard has read and let through
    headers: Mapping[str, str]
    body: bytes | None = None  # of a POST; None: a GET

    def lines(self) -> list[bytes]:
        """Return the header as libcurl takes it.

        Raises:
            ValueError: it cannot be said in HTTP.
        """
        # libcurl would say "Proxy-Connection", and before a POST "Expect": "Name:" leaves a field out.
        lines = [
            f"{name}: {value}" if value else f"{name};" for name, value in self.headers.items()
        ]
        lines.append("Proxy-Connection:")
        if (self.url.raw_host or "").endswith("."):
            lines.append(f"Host: {self.url.host_port_subcomponent}")  # without the dot
        if self.body is not None:
            lines.append("Expect:")
            if "Content-Type" not in self.headers:
                lines.append("Content-Type: application/octet-stream")
        whole = "".join(lines)
        if "\r" in whole or "\n" in whole or "\0" in whole:
            raise ValueError("a header that is to be sent has a line end in it")
        return [line.encode() for line in lines]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportOptions:
    """What one exchange may take, and its way."""

    idle: float  # seconds between two pieces, and for a connection
    proxy: str | None = None  # http://host:port


class Transport:
    """libcurl on the running loop."""

    def __init__(self, options: TransportOptions, guard: AddressGuard, lookup: Lookup) -> None:
        """Open it: names are looked up with `lookup`, sockets opened by `guard`."""
        self._options = options
        self._settings = _settings(options)
        self._guard = guard
        self._resolver = Resolver(guard, lookup)
        self._proxy = URL(options.proxy) if options.proxy else None
        self._loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._loop.add_reader(self._epoll.fileno(), self._serve_sockets)
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, _KEPT)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._wake_in)
        self._timer: asyncio.TimerHandle | None = None
        self._due = math.inf  # when libcurl wants to be called, by the loop's clock
        self._watchdog: asyncio.TimerHandle | None = None
        self._free: list[_Channel] = []
        self._busy: dict[pycurl.Curl, _Channel] = {}
        self._satisfied: list[_Channel] = []  # those that want no more, though more may come

    async def exchange(self, hop: Hop, answer: Answer) -> None:
        """Send a request and fill the answer; return when all of it that is wanted came.

        Raises:
            ExchangeFailed: the network, the server or a limit ended it.
            BadCoding: the answer could not be decoded.
            AddressRefused: no address that it could go to is ours to ask.
            NameNotFound: the host has no address.
            ValueError: what is to be sent cannot be said in HTTP.
        """
        lines = hop.lines()
        begun = self._loop.time()
        via = self._proxy or hop.url
        pins = await self._pins(via)
        if self._multi.closed:  # while the name was looked up
            raise broken("connection")
        channel = self._free.pop() if self._free else self._make()
        channel.start(hop, via, lines, pins, answer, begun)
        self._busy[channel.handle] = channel
        self._multi.add_handle(channel.handle)
        if self._watchdog is None:  # else it goes off before this exchange can have been silent
            self._watchdog = self._loop.call_at(begun + self._options.idle, self._check_idle)
        try:
            failure = await channel.ended
        finally:
            self._release(channel)
            channel.forget()
            if hop.body is None:
                self._free.append(channel)
            else:  # libcurl would keep what a POST has set
                channel.handle.close()
        if failure is not None:
            raise failure

    async def close(self) -> None:
        """Close the connections and let the resolver's threads go; exchanges under way fail."""
        for channel in tuple(self._busy.values()):
            channel.end(broken("connection"))
            self._release(channel)
        for timer in (self._timer, self._watchdog):
            if timer is not None:
                timer.cancel()
        for channel in self._free:
            channel.handle.close()
        self._free.clear()
        self._multi.close()
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()
        await self._resolver.close()

    def _make(self) -> "_Channel":
        return _Channel(self._options, self._settings, self._guard, self._loop, self._satisfied)

    def _release(self, channel: "_Channel") -> None:
        """Take a channel out of libcurl's hands; an exchange that is not over loses its connection."""
        if self._busy.pop(channel.handle, None) is not None:
            self._multi.remove_handle(channel.handle)

    async def _pins(self, url: URL) -> list[str]:
        """Return what libcurl is told of a host's addresses: it never looks a name up itself."""
        host, port = (url.raw_host or "").lower(), url.port or 0
        if literal(host) is not None:
            return []
        try:
            async with asyncio.timeout(self._options.idle):
                addresses = await self._resolver.resolve(host, port)
        except TimeoutError:
            raise fell_silent(self._options.idle) from None
        # "+": the entry ends by itself; until then the next exchange with this host replaces it.
        return [f"+{host}:{port}:{','.join(addresses)}"]

    def _check_idle(self) -> None:
        """End the exchanges in which nothing came for too long; look again when one could be."""
        idle, now = self._options.idle, self._loop.time()
        for channel in self._busy.values():
            if channel.heard + idle <= now:
                channel.end(fell_silent(idle))
        times = [channel.heard for channel in self._busy.values() if not channel.ended.done()]
        self._watchdog = self._loop.call_at(min(times) + idle, self._check_idle) if times else None

    # -- what libcurl calls, and what calls libcurl ------------------------------------------------

    def _watch(self, what: int, descriptor: int, _multi: object, _data: object) -> None:
        """Have a socket watched as libcurl asks."""
        if what == pycurl.POLL_REMOVE:
            self._epoll.unregister(descriptor)
            return
        try:
            self._epoll.register(descriptor, _EVENTS[what])
        except FileExistsError:
            self._epoll.modify(descriptor, _EVENTS[what])

    def _wake_in(self, milliseconds: int) -> None:
        """Have the one timer go off as libcurl asks, never from in here.

        It asks twice in each exchange. A timer that is set stays where it is early enough, and is
        set on when it goes off: most of what is asked is asked otherwise long before.
        """
        self._due = self._loop.time() + milliseconds / 1000 if milliseconds >= 0 else math.inf
        if self._timer is None or self._due < self._timer.when():
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due < math.inf:
            self._timer = self._loop.call_at(self._due, self._serve_timer)

    def _serve_timer(self) -> None:
        early = self._timer is not None and self._timer.when() < self._due
        self._timer = None
        if early:
            self._set_timer()
            return
        self._due = math.inf
        self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        self._settle()

    def _serve_sockets(self) -> None:
        """Serve sockets that are ready for a turn; the loop comes back for the others."""
        until = self._loop.time() + _TURN
        for descriptor, events in self._epoll.poll(0, _AT_ONCE):
            self._multi.socket_action(descriptor, _READY.get(events, pycurl.CSELECT_ERR))
            if self._loop.time() > until:
                break
        self._settle()

    def _settle(self) -> None:
        """End the exchanges that are over."""
        queued = 1
        while queued:
            queued, done, failed = self._multi.info_read()
            for handle in done:
                self._busy[handle].succeed()
            for handle, code, words in failed:
                self._busy[handle].fail(code, words)
        for channel in self._satisfied:
            channel.end(None)
        self._satisfied.clear()


class _Channel:
    """One easy handle, with the exchange that it is at."""

    def __init__(
        self,
        options: TransportOptions,
        settings: Mapping[int, Any],
        guard: AddressGuard,
        loop: asyncio.AbstractEventLoop,
        satisfied: "list[_Channel]",
    ) -> None:
        self._options = options
        self._guard = guard
        self._loop = loop
        self._satisfied = satisfied
        self._forgotten: list[str] = []  # the last exchange's host, in libcurl's words
        self.handle = pycurl.Curl()
        for option, value in settings.items():
            self.handle.setopt(option, value)
        # libcurl remembers the address of each host for a minute, of literal ones too, and looks
        # through all of that at every exchange. So each channel has a memory of its own, and
        # forgets the host before; in one memory for all that could be another's of this moment.
        names = pycurl.CurlShare()
        names.setopt(pycurl.SH_SHARE, pycurl.LOCK_DATA_DNS)
        self.handle.setopt(pycurl.SHARE, names)
        self.handle.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        self.handle.setopt(pycurl.PREREQFUNCTION, self._connected)
        self.handle.setopt(pycurl.HEADERFUNCTION, self._take_line)
        self.handle.setopt(pycurl.WRITEFUNCTION, self._take_piece)

    def start(
        self,
        hop: Hop,
        via: URL,
        lines: list[bytes],
        pins: list[str],
        answer: Answer,
        begun: float,
    ) -> None:
        """Make ready for an exchange that has begun."""
        self._answer = answer
        self._error: Exception | None = None  # of the answer
        self._refusal: AddressRefused | None = None
        self._opened = False  # a socket, so far
        self.heard = begun  # when anything came last, by the loop's clock
        self.ended: asyncio.Future[Exception | None] = self._loop.create_future()
        url, handle = hop.url, self.handle
        proxied = self._options.proxy is not None and url.scheme == "http"
        handle.setopt(pycurl.URL, f"{url.scheme}://{url.raw_authority}/")
        handle.setopt(pycurl.REQUEST_TARGET, str(url) if proxied else url.raw_path_qs)
        handle.setopt(pycurl.HTTPHEADER, lines)
        handle.setopt(pycurl.RESOLVE, self._forgotten + pins)
        self._forgotten = [f"-{via.raw_host}:{via.port}"]
        if hop.body is not None:
            handle.setopt(pycurl.POSTFIELDS, hop.body)
            # On a connection that turns out to be dead libcurl would send it a second time.
            handle.setopt(pycurl.FRESH_CONNECT, 1)

    def forget(self) -> None:
        """Let go of the answer: free channels would keep as many bodies, each with its decoder."""
        del self._answer

    def end(self, failure: Exception | None) -> None:
        """Let the exchange return, or raise."""
        if not self.ended.done():
            self.ended.set_result(failure)

    def succeed(self) -> None:
        """End an exchange that libcurl is content with; it is so with half a header too."""
        self.end(None if self._answer.status else broken("connection"))

    def fail(self, code: int, words: str) -> None:
        """End the exchange with what libcurl's code and words for an error mean here."""
        if self._error is None and (self._answer.is_enough or self._is_end(words)):
            self.end(None)
        else:
            self.end(self._error or self._failure(code, words))

    def _is_end(self, words: str) -> bool:
        """Tell whether an error is how a server without manners ends a body of no stated length."""
        return self._answer.is_open_ended and "unexpected eof" in words  # no close_notify (TLS)

    def _failure(self, code: int, words: str) -> Exception:
        if self._refusal is not None and not self._opened:
            return self._refusal
        if self.handle.getinfo(pycurl.HTTP_CONNECTCODE) // 100 not in (0, 2):
            return broken("protocol")  # the proxy's own answer
        if code == pycurl.E_RECV_ERROR and self._answer.status:
            return broken("protocol" if "chunk" in words else "cut_short")
        if code == _TOO_LARGE:
            return header_too_large(self._answer.max_headers)
        return broken(_FAILURES.get(code, "connection"))

    # -- libcurl's calls: an exception in one of them would only be printed ------------------------

    def _open_socket(self, _purpose: int, address: Any) -> int:
        try:
            opened = self._guard.open_socket(
                (address.family, address.socktype, address.protocol, "", address.addr)
            )
        except AddressRefused as refusal:
            self._refusal = refusal
            return pycurl.SOCKET_BAD
        except OSError:  # no more descriptors
            return pycurl.SOCKET_BAD
        self._opened = True
        return opened.detach()  # libcurl closes it

    def _connected(self, *_: object) -> int:
        self.heard = self._loop.time()
        return pycurl.PREREQFUNC_OK

    def _take_line(self, line: bytes) -> int:
        self.heard = self._loop.time()
        answer = self._answer
        try:
            had_enough = answer.is_enough
            answer.add_line(line)
        except (ExchangeFailed, ValueError) as error:
            self._error = error
            return -1
        if answer.is_enough and not had_enough:
            self._satisfied.append(self)
        return len(line)

    def _take_piece(self, data: bytes) -> int:
        self.heard = self._loop.time()
        try:
            self._answer.add_piece(data)
        except (ExchangeFailed, ValueError) as error:
            self._error = error
            return -1
        return len(data)


def _settings(options: TransportOptions) -> dict[int, Any]:
    """Return what holds for every exchange of a channel.

    libcurl keeps no cookies, reads no .netrc, follows no redirect and undoes no content coding
    unless it is told to.
    """
    settings: dict[int, Any] = {
        pycurl.NOSIGNAL: 1,
        pycurl.PROTOCOLS: pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS,
        pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
        pycurl.SSLVERSION: pycurl.SSLVERSION_TLSv1_2,
        pycurl.SSL_EC_CURVES: _CURVES,
        pycurl.PROXY: options.proxy or "",  # "": not that of the environment either
        pycurl.NOPROXY: "",
        pycurl.PROXYHEADER: ["User-Agent:", "Proxy-Connection:"],
        _SUPPRESS_CONNECT_HEADERS: 1,
        pycurl.MAXAGE_CONN: _KEPT_FOR,
        pycurl.BUFFERSIZE: 64 * 1024,
        pycurl.CONNECTTIMEOUT_MS: _FOREVER,  # the watchdog has the time
    }
    return settings | _trusted()


def _trusted() -> dict[int, str | None]:
    """Return where the certificates are that this system, or its environment, trusts."""
    paths = (
        ssl.get_default_verify_paths()
    )  # None, the folder too, unsets where libcurl was built to look
    return {pycurl.CAINFO: paths.cafile, pycurl.CAPATH: paths.capath}
