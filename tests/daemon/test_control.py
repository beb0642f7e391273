"""Commands handed to a running daemon."""

import asyncio

import pytest

from aggregator.daemon.control import ControlServer, Reply, Request, ask_daemon, short_name
from aggregator.errors import StoreError, UsageError


@pytest.fixture
def deep(tmp_path):
    """A data directory whose path is too long for a socket address."""
    data = tmp_path / ("d" * 60) / ("e" * 60)
    data.mkdir(parents=True)
    return data


async def answer(request: Request) -> Reply:
    if request.command == "wrong":
        raise UsageError("no such thing")
    if request.command == "broken":
        raise StoreError("disk full")
    return Reply(output={"got": [request.command, *request.arguments], **request.options})


async def ask(data, request: Request) -> Reply:
    reply = await asyncio.to_thread(ask_daemon, data, request)
    assert reply is not None
    return reply


async def test_a_command_reaches_the_daemon_and_its_answer_comes_back(deep):
    server = ControlServer(deep, answer)
    await server.start()
    try:
        reply = await ask(deep, Request(command="poll", arguments=("jiji",), options={"all": True}))
        assert reply == Reply(output={"got": ["poll", "jiji"], "all": True})
        assert (await ask(deep, Request(command="wrong"))).status == 2
        failed = await ask(deep, Request(command="broken"))
        assert (failed.status, failed.error) == (1, "disk full")
    finally:
        await server.stop()


async def test_without_a_daemon_there_is_no_answer(deep):
    assert ask_daemon(deep, Request(command="poll")) is None


async def test_the_socket_of_a_killed_daemon_is_no_daemon_and_is_replaced(deep):
    first = ControlServer(deep, answer)
    await first.start()
    left = deep / "left"
    (deep / "control.sock").rename(left)
    await first.stop()
    left.rename(deep / "control.sock")  # as after a kill: the file stays, nobody listens
    assert await asyncio.to_thread(ask_daemon, deep, Request(command="poll")) is None
    second = ControlServer(deep, answer)
    await second.start()
    assert (await ask(deep, Request(command="poll"))).status == 0
    assert (deep / "control.sock").stat().st_mode & 0o777 == 0o600
    await second.stop()


async def test_nonsense_on_the_socket_is_refused(deep):
    server = ControlServer(deep, answer)
    await server.start()
    with short_name(deep / "control.sock") as address:
        reader, writer = await asyncio.open_unix_connection(address)
    writer.write(b"not json\n")
    assert b'"status": 2' in await reader.readline()
    writer.close()
    await writer.wait_closed()
    await server.stop()
