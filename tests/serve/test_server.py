import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.serve import server
from aggregator.serve.app import Desk, make_app
from aggregator.serve.server import address_of, open_listener, serve

REQUEST = b"GET /feeds/all.rss HTTP/1.1\r\nHost: x\r\n\r\n"


@contextlib.asynccontextmanager
async def running(app: ASGIApp) -> AsyncIterator[tuple[str, int, asyncio.Event]]:
    """Serve on a free port of the loopback for as long as the block lasts."""
    stop, listening = asyncio.Event(), asyncio.Event()
    addresses: list[str] = []

    def note(address: str) -> None:
        addresses.append(address)
        listening.set()

    task = asyncio.create_task(serve(app, "127.0.0.1", 0, stop, note))
    await asyncio.wait_for(listening.wait(), 5)
    parts = urlsplit(addresses[0])
    try:
        yield str(parts.hostname), int(parts.port or 0), stop
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def ask(host: str, port: int, request: bytes = REQUEST) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


async def test_the_server_answers_and_says_where_it_listens(desk: Desk) -> None:
    async with running(make_app(desk)) as (host, port, _):
        answer = await ask(host, port)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"uvicorn" not in answer.lower()


async def test_it_leaves_the_daemons_signals_alone(desk: Desk) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    async with running(make_app(desk)):
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


async def test_stopping_finishes_an_answer_that_was_begun() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await go_on.wait()
        await PlainTextResponse("finished")(scope, receive, send)

    async with running(slow) as (host, port, stop):
        answer = asyncio.create_task(ask(host, port))
        await asyncio.wait_for(begun.wait(), 5)
        stop.set()
        await asyncio.sleep(0.05)
        go_on.set()
        assert (await answer).endswith(b"finished")


async def test_b25_b29_an_idle_connection_does_not_hold_up_the_stop(desk: Desk) -> None:
    async with running(make_app(desk)) as (host, port, stop):
        _, writer = await asyncio.open_connection(host, port)
        writer.write(REQUEST)
        await writer.drain()
        stop.set()
    writer.close()


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_b25_a_head_that_never_ends_is_not_waited_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.1)
    async with running(make_app(desk)) as (host, port, _):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(sent)
        assert await asyncio.wait_for(reader.read(), 3) == b""
        writer.close()


async def test_b25_a_second_head_is_not_waited_for_either(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.2)
    async with running(make_app(desk)) as (host, port, _):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        writer.write(b"GET / HT")
        assert await asyncio.wait_for(reader.read(), 3) == b""
        writer.close()


async def test_one_connection_may_ask_again_and_again(desk: Desk) -> None:
    async with running(make_app(desk)) as (host, port, _):
        reader, writer = await asyncio.open_connection(host, port)
        for _ in range(3):
            writer.write(REQUEST.replace(b"\r\n\r\n", b"\r\nIf-None-Match: *\r\n\r\n"))
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 3)
            assert head.startswith(b"HTTP/1.1 304")
        writer.close()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"GET /" + b"z" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"\x16\x03\x01\x02\x00 not http\r\n\r\n",
    ],
)
async def test_what_no_client_of_ours_sends_is_refused_at_once(
    desk: Desk, request_bytes: bytes
) -> None:
    async with running(make_app(desk)) as (host, port, _):
        with contextlib.suppress(ConnectionError):  # it may close before it has read all of it
            answer = await ask(host, port, request_bytes)
            assert answer == b"" or answer.split(b" ")[1] in (b"400", b"414", b"431")
        assert (await ask(host, port)).startswith(b"HTTP/1.1 200")


async def test_b25_beyond_the_limit_of_connections_the_answer_is_503(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS", 3)
    async with running(make_app(desk)) as (host, port, _):
        held = [await asyncio.open_connection(host, port) for _ in range(4)]
        await asyncio.sleep(0.05)
        assert (await ask(host, port)).startswith(b"HTTP/1.1 503")
        for _, writer in held:
            writer.close()


async def test_a_taken_address_is_an_error_of_the_one_who_asked(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=r"in use"):
            await serve(make_app(desk), "127.0.0.1", port, asyncio.Event())


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "http://127.0.0.1:{}"), ("0.0.0.0", "http://127.0.0.1:{}")],
)
def test_an_address_is_said_as_one_can_open_it(host: str, shown: str) -> None:
    with open_listener(host, 0) as listener:
        assert address_of(listener) == shown.format(listener.getsockname()[1])


def test_an_ipv6_address_stands_in_brackets() -> None:
    class Listener:
        def getsockname(self) -> tuple[str, int, int, int]:
            return ("::", 8080, 0, 0)

    shown: Callable[..., str] = address_of
    assert shown(Listener()) == "http://[::1]:8080"
