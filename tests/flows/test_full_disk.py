"""A full disk: what was published is served all the time, and work goes on once there is room."""

import asyncio
import os
import shutil
import signal
import subprocess

import pytest

from tests.fakes.origin import origin
from tests.flows.conftest import LOOPBACK
from tests.flows.newsletter import rss
from tests.flows.test_daemon import fetched, free_port, until


@pytest.fixture
def small_disk(place):
    """Make data/ a file system of a few megabytes; yields its mount point."""
    place.data.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place.data)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield place.data
    finally:
        subprocess.run(["umount", "-l", str(place.data)], check=True)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("mount") is None or os.geteuid() != 0, reason="needs to mount")
async def test_b06_a_full_disk_stops_writing_not_serving_and_passes(place, small_disk):
    items = [(f"a{number}", f"知らせ第{number}号 {number * 7919}", "本文。") for number in range(9)]
    async with origin() as site:
        site.answer("/feed", body=rss(items))
        port = free_port()
        place.write(
            settings=LOOPBACK | {"server": {"port": port}},
            sources={
                "sources": [{"id": "s", "feeds": [{"url": site.url("/feed"), "every": "2s"}]}]
            },
        )
        daemon = await place.start("run")
        base = f"http://127.0.0.1:{port}"

        async def items_served(count):
            status, _, body = await fetched(f"{base}/feeds/all.rss")
            return status == 200 and body.count(b"<item>") == count

        try:
            await until(lambda: items_served(9))
            filler = small_disk / "filler"
            with filler.open("wb", buffering=0) as stream:
                try:
                    while True:
                        stream.write(bytes(1 << 14))
                except OSError:
                    pass
            more = [("b", "満杯のあとに届いた知らせ", "本文。" * 2000), *items]
            site.answer("/feed", body=rss(more))
            await asyncio.sleep(8)
            assert await items_served(9)
            assert (await fetched(f"{base}/healthz"))[0] == 200
            filler.unlink()
            await until(lambda: items_served(10), 60)
        finally:
            daemon.send_signal(signal.SIGTERM)
            _, err = await daemon.communicate()
        assert daemon.returncode == 0, err.decode()
        assert b"Traceback" not in err
