"""Fifty starts of the real daemon, orderly stops and kills in turns: nobody is asked early, or anew."""

import asyncio
import json
import signal
from collections import Counter

import pytest

from tests.fakes.origin import origin
from tests.flows.conftest import LOOPBACK
from tests.flows.newsletter import rss
from tests.flows.test_daemon import ITEMS, fetched, free_port, until

STARTS = 50
PATHS = [f"/feed{number}" for number in range(8)]


@pytest.mark.slow
async def test_c15_c06_p8_fifty_restarts_of_a_real_daemon_ask_nobody_a_second_time(place):
    async with origin() as site:
        for path in PATHS:
            body = rss(ITEMS, base=f"https://{path[1:]}.example")
            site.answer(path, body=body, headers={"ETag": f'"{path}"'})
        port = free_port()
        sources = [{"id": path[1:], "name": path, "url": site.url(path)} for path in PATHS]
        place.write(settings=LOOPBACK | {"server": {"port": port}}, sources={"sources": sources})

        async def swept():
            _, _, metrics = await fetched(f"http://127.0.0.1:{port}/metrics")
            return metrics.count(b"aggregator_") and len(site.requests) >= len(PATHS)

        for start in range(STARTS):
            daemon = await place.start("run")
            try:
                await until(swept)
                await asyncio.sleep(1.5)  # a sweep is due every second
            finally:
                daemon.send_signal(signal.SIGKILL if start % 2 else signal.SIGTERM)
                await daemon.communicate()
        assert Counter(one.target for one in site.requests) == dict.fromkeys(PATHS, 1)

        polled = await place.run("poll", "--all", "--json")
        assert json.loads(polled.out)["not_modified"] == len(PATHS), polled.err
        unconditional = [one for one in site.requests if one.header("If-None-Match") is None]
        assert Counter(one.target for one in unconditional) == dict.fromkeys(PATHS, 1)
