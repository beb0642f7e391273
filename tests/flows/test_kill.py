"""A killed round: nothing is lost, nothing comes twice."""

import asyncio
import random
import signal
from contextlib import AsyncExitStack

from tests.fakes.origin import origin
from tests.flows.conftest import LOOPBACK
from tests.flows.newsletter import rss

FEEDS, ENTRIES = 24, 20


async def test_b01_a_round_killed_at_any_moment_is_made_good_by_the_next(place):
    async with AsyncExitStack() as stack:
        sources = []
        for number in range(FEEDS):
            site = await stack.enter_async_context(origin(host=f"127.2.0.{number + 1}"))
            items = [
                (
                    f"f{number}e{one}",
                    f"第{number}局の{one}番目の知らせ {number * 7919 + one}",
                    "本文。",
                )
                for one in range(ENTRIES)
            ]
            site.answer("/feed", body=rss(items, base=f"https://o{number}.example"), delay=0.02)
            sources.append({"id": f"s{number}", "name": f"第{number}局", "url": site.url("/feed")})
        place.write(
            settings=LOOPBACK | {"polling": {"host_spacing": "0s", "concurrency": 4}},
            sources={"sources": sources},
        )
        dice = random.Random(1)
        for _ in range(4):
            process = await place.start("poll", "--all")
            await asyncio.sleep(dice.uniform(0.7, 2.0))
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            await process.communicate()
        done = await place.run("poll", "--all", "--json")
        assert done.status == 0, done.err
        entries = await place.entries()
        assert len(entries) == FEEDS * ENTRIES
        assert len({entry["id"] for entry in entries}) == FEEDS * ENTRIES
        assert all(entry["story"] for entry in entries)
        quiet = await place.run("poll", "--all", "--json")
        assert (quiet.json["new_entries"], quiet.json["updated_entries"]) == (0, 0)
        assert len(await place.entries()) == FEEDS * ENTRIES
