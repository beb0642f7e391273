"""uvicorn inside our own loop: it takes no signals, holds its limits, and stops when told."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Generator
from typing import Final, cast

from starlette.types import ASGIApp
from typing_extensions import override
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

CONNECTIONS: Final = 1000  # beyond it: 503, at once
HEAD_BYTES: Final = 32 * 1024  # of a request's line and headers
HEAD_SECONDS: Final = 10.0  # from the first byte we could read to the end of the headers
KEEP_ALIVE_SECONDS: Final = 15
STALLED_MILLISECONDS: Final = 30_000  # a client that reads nothing of what we sent is let go
STOP_SECONDS: Final = 5


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that waits for a request's head only so long.

    uvicorn sets a timer between requests alone: a client that never ends its first head, or that
    sends one byte a minute of the next, would hold its place for ever.
    """

    _head_timer: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn types it
        super().connection_made(transport)
        self._wait_for_head()

    @override
    def data_received(self, data: bytes) -> None:
        # None before the first request, which uvicorn's types leave out.
        before = cast("RequestResponseCycle | None", self.cycle)
        super().data_received(data)
        head_complete = self.cycle is not before
        if head_complete:
            self._stop_waiting()
        elif before is None or before.response_complete:
            self._wait_for_head()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class EmbeddedServer(Server):
    """A server in a loop that is not its own: signals belong to the daemon."""

    def __init__(self, config: Config, started: asyncio.Event) -> None:
        super().__init__(config)
        self._started = started

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started.set()


def open_listener(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        OSError: the address is taken or not ours.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # accepted sockets inherit it on Linux
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_MILLISECONDS)
        listener.bind(address)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def address_of(listener: socket.socket) -> str:
    """Return where a listener is reached from this machine."""
    host, port = listener.getsockname()[:2]
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared with, not bound
    return f"http://[{local}]:{port}" if ":" in local else f"http://{local}:{port}"


async def serve(
    app: ASGIApp,
    host: str,
    port: int,
    stop: asyncio.Event,
    on_listening: Callable[[str], None] | None = None,
) -> None:
    """Serve `app` until `stop` is set, then finish what was begun within some seconds.

    Args:
        app: what answers.
        host: the address to bind; a name is looked up.
        port: 0 takes any free one.
        stop: set by the daemon when it is to end.
        on_listening: called once with our address, such as `http://127.0.0.1:8080`, when connections are taken.

    Raises:
        OSError: the address is taken or not ours.
    """
    listener = open_listener(host, port)
    started = asyncio.Event()
    server = EmbeddedServer(_config(app), started)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(server.serve(sockets=[listener]), name="web server")
        try:
            await started.wait()
            if on_listening is not None:
                on_listening(address_of(listener))
            await stop.wait()
        finally:
            server.should_exit = True
            await running


def _config(app: ASGIApp) -> Config:
    return Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        http=PatientProtocol,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
