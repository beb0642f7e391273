"""What libcurl brings with it: pinned names, opened sockets, kept connections, odd ends."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.fetch.answer import Answer as OurAnswer
from aggregator.fetch.client import Client, FetchOptions
from aggregator.fetch.guard import AddressGuard
from aggregator.model.exchange import Fetched, FetchFailed, FetchRequest, Outcome
from tests.fakes.origin import Answer, origin
from tests.fetch.conftest import NOW, OPTIONS

FEED = b"<rss/>"


async def ask(client: Client, url: str) -> Outcome:
    return await client.fetch(FetchRequest(url=url), NOW)


async def kind_of(client: Client, url: str) -> str:
    outcome = await ask(client, url)
    return outcome.kind if isinstance(outcome, FetchFailed) else type(outcome).__name__


async def test_a_channel_that_is_free_keeps_no_answer(site):
    body = FEED.ljust(7777)
    site.answer("/", body=body)
    async with Client(OPTIONS) as client:
        await ask(client, site.url("/"))
        answers = [one for one in gc.get_objects() if isinstance(one, OurAnswer)]
    assert not [one for one in answers if one.received == len(body)]


# -- names and sockets --------------------------------------------------------------------------


async def test_b21_d03_a_name_is_looked_up_by_us_for_each_exchange_and_leads_where_we_were_told():
    told = iter([["127.0.0.2"], ["127.0.0.3"]])
    async with origin("127.0.0.2") as first:
        second = await asyncio.start_server(
            lambda _, writer: writer.close(), "127.0.0.3", first.port
        )
        first.answer("/", body=FEED, headers={"Connection": "close"})
        async with Client(OPTIONS, lookup=lambda host, port: next(told)) as client:
            url = f"http://moving.test:{first.port}/"
            assert isinstance(await ask(client, url), Fetched)
            assert await kind_of(client, url) == "connection"  # of the other one, which hangs up
        second.close()
        await second.wait_closed()
    assert [asked.header("Host") for asked in first.requests] == [f"moving.test:{first.port}"]


async def test_an_address_that_is_refused_does_not_keep_from_one_that_is_not(site):
    site.answer("/", body=FEED)
    options = FetchOptions(allow_private=(site.place,))
    addresses = ["10.0.0.1", "::1", "127.0.0.1"]
    async with Client(options, lookup=lambda host, port: addresses) as client:
        assert isinstance(await ask(client, f"http://many.test:{site.port}/"), Fetched)
    options = FetchOptions(allow_private=(f"[::1]:{site.port}",))
    async with Client(options, lookup=lambda host, port: addresses) as client:
        assert await kind_of(client, f"http://many.test:{site.port}/") == "connect"  # one was tried
    assert len(site.requests) == 1


async def test_d03_the_guard_opens_the_socket_of_every_connection(site, monkeypatch):
    opened = []
    real = AddressGuard.open_socket

    def noted(self: AddressGuard, info: tuple[object, ...]) -> socket.socket:
        opened.append(info[4])
        return real(self, info)

    monkeypatch.setattr(AddressGuard, "open_socket", noted)
    site.answer("/", body=FEED)
    async with Client(OPTIONS) as client:
        await ask(client, site.url("/"))
        await ask(client, site.url("/"))
    assert opened == [("127.0.0.1", site.port)]


async def test_b34_without_descriptors_nothing_is_connected_to_and_nothing_raised(
    site, monkeypatch
):
    def exhausted(*_: object) -> socket.socket:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(AddressGuard, "open_socket", exhausted)
    async with Client(OPTIONS) as client:
        assert await kind_of(client, site.url("/")) == "connect"


# -- connections --------------------------------------------------------------------------------


async def test_a_connection_is_used_again_also_after_an_answer_whose_body_nobody_wants(
    site, client
):
    site.answer("/feed", body=FEED)
    site.answer("/gone", status=404, body=b"nothing here")
    for path in ("/feed", "/gone", "/feed"):
        await ask(client, site.url(path))
    assert site.connections == 1


async def test_a_kept_connection_that_has_died_is_no_failure(site, client):
    site.program("/feed", Answer(body=FEED), Answer(hang_up=True), Answer(body=FEED))
    assert isinstance(await ask(client, site.url("/feed")), Fetched)
    assert isinstance(await ask(client, site.url("/feed")), Fetched)
    assert len(site.requests) == 3


async def test_a_post_is_never_sent_twice(site, client):
    site.program("/hub", Answer(status=202), Answer(hang_up=True), Answer(status=202))
    await client.post(site.url("/hub"), b"x", {}, NOW)
    outcome = await client.post(site.url("/hub"), b"x", {}, NOW)
    assert isinstance(outcome, FetchFailed)
    assert [asked.body for asked in site.requests] == [b"x", b"x"]
    assert site.requests[0].header("Content-Type") == "application/octet-stream"
    assert site.requests[0].header("Expect") is None


async def test_an_endless_body_that_nobody_wants_is_not_waited_for(site, client):
    site.answer("/feed", status=500, endless=b"x" * 65536)
    assert await kind_of(client, site.url("/feed")) == "http_500"


async def test_an_exchange_that_is_given_up_leaves_the_others_alone(site, client):
    site.answer("/late", body=FEED, delay=30)
    site.answer("/feed", body=FEED)
    late = asyncio.create_task(ask(client, site.url("/late")))
    while not site.requests:
        await asyncio.sleep(0)
    late.cancel()
    assert isinstance(await ask(client, site.url("/feed")), Fetched)
    with pytest.raises(asyncio.CancelledError):
        await late


async def test_closing_ends_the_exchanges_under_way(site):
    site.answer("/late", body=FEED, delay=30)
    client = Client(OPTIONS)
    late = asyncio.create_task(ask(client, site.url("/late")))
    while not site.requests:
        await asyncio.sleep(0)
    await client.close()
    outcome = await late
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind == "connection"


async def test_a_silent_exchange_ends_while_a_lively_one_goes_on(site):
    site.answer("/silent", body=b"x" * 100, silent=True)
    site.answer("/drip", body=b"x" * 30, drip=0.05)
    async with Client(replace(OPTIONS, idle=timedelta(seconds=0.4))) as client:
        silent, lively = await asyncio.gather(
            ask(client, site.url("/silent")), ask(client, site.url("/drip"))
        )
    assert isinstance(silent, FetchFailed)
    assert silent.message == "nothing came for 0.4 s"
    assert isinstance(lively, Fetched)


# -- what is sent -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "/a/../b",
        "/./a",
        "//a//b/",
        "/%7Ea?x=%2f+%20",
        "/a?",
        "/a;b=c?d?e",
        '/a[1]{2}|^`"<>',
        "/%zz",
    ],
)
async def test_a_target_is_sent_as_written(site, client, target):
    await ask(client, site.url(target))
    assert site.requests[0].target == target.removesuffix("?")


@pytest.mark.parametrize("value", ["a\r\nX-Injected: b", "a\nb", "a\0b"])
async def test_a_header_with_a_line_end_in_it_is_not_sent(site, client, value):
    request = FetchRequest(url=site.url("/"), headers=(("X-Key", value),))
    assert isinstance(await client.fetch(request, NOW), FetchFailed)
    assert not site.requests


async def test_an_empty_header_is_sent_and_the_dot_at_the_end_of_a_name_is_not(site):
    async with Client(OPTIONS, lookup=lambda host, port: ["127.0.0.1"]) as client:
        url = f"http://name.test.:{site.port}/"
        await client.fetch(FetchRequest(url=url, headers=(("X-Empty", ""),)), NOW)
    (asked,) = site.requests
    assert asked.header("X-Empty") == ""
    assert asked.header("Host") == f"name.test:{site.port}"


# -- odd ends -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", "connection"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "connection"),
        (b"HTTP/1.1 404 Not Found\r\n", "connection"),
        (b"<rss/>", "protocol"),
        (b"220 mail ESMTP\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: nonsense\r\n\r\nx", "protocol"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "cut_short"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "cut_short"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "http_101"),
        (b"HTTP/1.1 200 OK\n\n<rss/>", "Fetched"),
        (b"HTTP/1.0 200 OK\r\n\r\n<rss/>", "Fetched"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>", "Fetched"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 6000 + b"\r\n", "headers_too_large"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", "headers_too_large"),
    ],
)  # fmt: skip
async def test_an_answer_that_ends_or_begins_oddly_has_its_kind(site, client, raw, kind):
    site.program("/feed", Answer(raw=raw))
    assert await kind_of(client, site.url("/feed")) == kind


# -- a proxy ------------------------------------------------------------------------------------


@asynccontextmanager
async def proxy(reply: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answer every request so; yields its address and the requests."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(reply)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"http://proxy.test:{port}", asked
    server.close()
    await server.wait_closed()


async def test_a_proxy_that_makes_no_tunnel_is_a_failure_and_learns_nothing_of_us():
    def lookup(host: str, port: int) -> list[str]:
        assert host == "proxy.test"  # the site's name is the proxy's to look up
        return ["127.0.0.1"]

    async with proxy(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as (place, asked):
        options = replace(OPTIONS, proxy=place, allow_private=())
        async with Client(options, lookup=lookup) as client:
            assert await kind_of(client, "https://site.example/feed") == "protocol"
    assert asked == [b"CONNECT site.example:443 HTTP/1.1\r\nHost: site.example:443\r\n\r\n"]
