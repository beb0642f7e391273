"""No descriptors left: fewer connections for a while, and nothing lost."""

import asyncio
import resource
import signal
import socket
from pathlib import Path

import pytest

from tests.fakes.origin import origin
from tests.flows.conftest import LOOPBACK
from tests.flows.newsletter import rss
from tests.flows.test_daemon import fetched, free_port, until

FIRST = [(f"a{number}", f"知らせ第{number}号 {number * 7919}", "本文。") for number in range(5)]
LATER = [("b", "受付が埋まっている間の知らせ", "本文。")]


@pytest.mark.slow
async def test_b34_without_descriptors_a_daemon_stays_up_says_so_and_makes_up_for_it(place):
    async with origin() as site:
        site.answer("/feed", body=rss(FIRST))
        port = free_port()
        feed = {"url": site.url("/feed"), "every": "2s"}
        place.write(
            settings=LOOPBACK | {"server": {"port": port}},
            sources={"sources": [{"id": "s", "feeds": [feed]}]},
        )
        daemon = await place.start("run")
        held = Path(f"/proc/{daemon.pid}/fd")

        async def served(count):
            _, _, body = await fetched(f"http://127.0.0.1:{port}/feeds/all.rss")
            return body.count(b"<item>") == count

        try:
            await until(lambda: served(len(FIRST)))
            limit = len(list(held.iterdir())) + 3
            _, most = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (limit, most))
            readers = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
            async with asyncio.timeout(20):
                while len(list(held.iterdir())) < limit:  # of another process
                    await asyncio.sleep(0.1)
            site.answer("/feed", body=rss([*LATER, *FIRST]))
            await asyncio.sleep(5)  # polls, and steps that need a file, come and go
            resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (most, most))
            for reader in readers:
                reader.close()
            await until(lambda: served(len(FIRST) + len(LATER)), 60)
        finally:
            daemon.send_signal(signal.SIGTERM)
            _, err = await daemon.communicate()
        assert daemon.returncode == 0, err.decode()
        assert b"out of system resource" in err
