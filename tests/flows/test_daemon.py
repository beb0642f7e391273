"""The daemon as a service: start, serve, reload, take commands, stop."""

import asyncio
import contextlib
import gzip
import json
import os
import signal
import socket
import urllib.error
import urllib.request
from contextlib import asynccontextmanager

import pytest

from tests.fakes.origin import origin
from tests.flows.conftest import LOOPBACK
from tests.flows.newsletter import rss

ITEMS = [
    ("a1", "首相、来週訪米へ 日米首脳会談を調整", "首相は来週、米国を訪問する方向で調整に入った。"),
    ("a2", "北海道で初雪 平年より5日早く", "札幌管区気象台は初雪を観測したと発表した。"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(url: str, **headers: str):
    """Return (status, headers, body) of a request."""
    request = urllib.request.Request(
        url, headers={key.replace("_", "-"): value for key, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


async def fetched(url: str, **headers: str):
    return await asyncio.to_thread(get, url, **headers)


async def until(reached, seconds: float = 40):
    """Wait until an async condition gives something true, and return it."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                found = await reached()
            except (OSError, ValueError):
                found = None
            if found:
                return found
            await asyncio.sleep(0.2)


@asynccontextmanager
async def running(place, output=asyncio.subprocess.PIPE, **files):
    """Run a daemon on one outlet; yields (base address, its process, the outlet's site)."""
    async with origin() as site:
        site.answer("/feed", body=rss(ITEMS))
        port = free_port()
        settings = LOOPBACK | {
            "server": {"port": port},
            "public_url": f"http://127.0.0.1:{port}",
        }
        place.write(
            settings=settings,
            sources={"sources": [{"id": "minato", "name": "みなと新聞", "url": site.url("/feed")}]},
            **files,
        )
        process = await place.start("run", output=output)
        base = f"http://127.0.0.1:{port}"
        try:

            async def ready():
                status, _, body = await fetched(f"{base}/feeds/all.rss")
                return status == 200 and body.count(b"<item>") == len(ITEMS)

            await until(ready)
            yield base, process, site
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def test_b29_a_daemon_serves_what_it_polled_and_stops_in_order(place):
    async with running(place) as (base, process, _):
        _, headers, body = await fetched(f"{base}/feeds/all.rss")
        assert headers["Content-Type"].startswith("application/rss+xml")
        assert (await fetched(f"{base}/feeds/all.rss", If_None_Match=headers["ETag"]))[0] == 304
        _, packed, squeezed = await fetched(f"{base}/feeds/all.rss", Accept_Encoding="gzip")
        assert packed["Content-Encoding"] == "gzip"
        assert gzip.decompress(squeezed) == body

        async def filed():  # a file follows what is served
            return (place.data / "public/feeds/all.rss").read_bytes() == body

        await until(filed)
        assert (await fetched(f"{base}/readyz"))[0] == 200
        assert "初雪" in (await fetched(f"{base}/"))[2].decode()
        page = await fetched(f"{base}/feeds/all.rss", Accept="text/html,*/*;q=0.8")
        assert page[1]["Content-Type"].startswith("text/html")

        started = asyncio.get_running_loop().time()
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)  # as when a whole group is signalled
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        assert asyncio.get_running_loop().time() - started < 10
        assert "みなと新聞 (minato): 2 entries" in out.decode()
        assert f"{base}/feeds/all.rss" in out.decode()
        assert not (place.data / "control.sock").exists()


async def test_b29_a_receiver_that_is_slow_to_answer_holds_up_neither_feeds_nor_the_stop(place):
    async with origin() as receiver:
        receiver.answer("/x", silent=True, body="x")
        notify = {"url": receiver.url("/x")}
        outputs = {"outputs": [{"id": "all", "title": "a", "notify": notify}]}
        async with running(place, outputs=outputs) as (base, process, _):

            async def asked():
                return receiver.requests

            await until(asked)
            feed = json.loads((await fetched(f"{base}/feeds/all.json"))[2])
            story = feed["items"][0]["_aggregator"]["story"]
            status, _, body = await fetched(f"{base}/feeds/story-{story}.json")
            assert (status, len(json.loads(body)["items"])) == (200, 1)
            assert (await fetched(f"{base}/feeds/story-unknown.json"))[0] == 404
            assert (await fetched(f"{base}/feeds/status.atom"))[0] == 200
            assert (place.data / "public/feeds/suppressed.rss").exists()
            started = asyncio.get_running_loop().time()
            process.send_signal(signal.SIGTERM)
            _, err = await process.communicate()
            assert process.returncode == 0, err.decode()
            assert asyncio.get_running_loop().time() - started < 5


async def test_b33_a_daemon_whose_output_nobody_reads_polls_serves_and_stops(place):
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"." * 64)
    os.set_blocking(writing, True)
    try:
        async with running(place, output=writing) as (base, process, site):
            site.answer("/feed", body=rss([("a3", "新しい知らせがひとつ届いた", "本文。"), *ITEMS]))
            assert (await place.run("poll", "--all", "--json")).json["new_entries"] == 1
            assert (await fetched(f"{base}/readyz"))[0] == 200
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        os.close(reading)
        os.close(writing)


async def test_commands_go_through_the_running_daemon_or_refuse(place, tmp_path):
    async with running(place) as (_, _, site):
        site.answer("/feed", body=rss([("a3", "新しい知らせがひとつ届いた", "本文。"), *ITEMS]))
        polled = await place.run("poll", "--all", "--json")
        assert polled.json["new_entries"] == 1, polled.err
        assert len(await place.entries()) == 3
        assert (await place.run("search", "初雪", "--json")).json[0]["title"] == ITEMS[1][1]

        stream = tmp_path / "stream.jsonl"
        stream.write_text('{"source": "x", "guid": "1", "title": "過去の記事"}\n')
        refused = await place.run("import", str(stream))
        assert refused.status == 2
        assert "in use" in refused.err
        assert (await place.run("run")).status == 2
        backup = await place.run("backup", str(tmp_path / "copy.db"))
        assert backup.status == 0, backup.err
        assert (await place.run("restore", str(tmp_path / "copy.db"))).status == 2


async def test_b27_a_saved_change_is_taken_up_and_a_broken_one_changes_nothing(place):
    async with running(place) as (base, process, _):
        place.write(outputs={"outputs": [{"id": "mine", "title": "私のフィード"}]})
        process.send_signal(signal.SIGHUP)

        async def taken_up():
            return (await fetched(f"{base}/feeds/mine.rss"))[0] == 200

        await until(taken_up)
        for number in range(30):  # twenty saves a second, every other one half done
            saved = f"outputs: [{{id: o{number}, title: 出力}}, {{id: mine, title: 私の}}]"
            half = len(saved) // (1 + number % 2)
            (place.config / "outputs.yaml").write_text(saved[:half])
            assert await taken_up()
            await asyncio.sleep(0.05)
        (place.config / "outputs.yaml").write_text("outputs:\n  - idd: oops\n")

        async def reported():
            health = json.loads((await fetched(f"{base}/healthz"))[2])
            problems = health["problems"] if health["config"] == "broken" else ()
            return any("outputs.yaml:2:5: outputs[0].idd" in problem for problem in problems)

        await until(reported, 15)  # what was half saved may be reported before
        assert (await fetched(f"{base}/feeds/mine.rss"))[0] == 200
        process.send_signal(signal.SIGTERM)
        await process.communicate()

        restarted = await place.start("run")
        try:
            await until(taken_up)  # the last good configuration, over a restart too
        finally:
            restarted.send_signal(signal.SIGTERM)
            await restarted.communicate()


async def test_what_needs_a_restart_is_said_until_it_is_undone(place):
    async with running(place) as (base, _, _):

        async def health():
            return json.loads((await fetched(f"{base}/healthz"))[2])

        async def waits_for_one():
            return (await health())["restart_needed"] == ["server"]

        file = place.config / "settings.yaml"
        before = json.loads(file.read_text())
        place.write(settings=before | {"server": {"port": before["server"]["port"], "host": "::1"}})
        await until(waits_for_one)
        place.write(outputs={"outputs": [{"id": "mine", "title": "私のフィード", "private": True}]})

        async def taken_up():
            return (await fetched(f"{base}/feeds/mine.rss"))[0] == 401

        await until(taken_up)
        assert await waits_for_one()  # a later change does not make it forgotten
        place.write(settings=before)

        async def waits_no_more():
            return (await health())["restart_needed"] == []

        await until(waits_no_more)


async def test_b09_b31_a_backup_is_put_back(place, tmp_path):
    async with origin() as site:
        site.answer("/feed", body=rss(ITEMS))
        place.write(
            settings=LOOPBACK,
            sources={"sources": [{"id": "minato", "name": "みなと新聞", "url": site.url("/feed")}]},
        )
        await place.run("poll", "--all")
        copy = tmp_path / "copy.db"
        assert (await place.run("backup", str(copy))).status == 0
        nowhere = await place.run("backup", str(tmp_path / "nowhere" / "copy.db"))
        assert (nowhere.status, nowhere.err) == (2, f"{tmp_path / 'nowhere'}: no such folder\n")
        site.answer("/feed", body=rss([("a3", "あとから届いた知らせ", "本文。"), *ITEMS]))
        await place.run("poll", "--all")
        assert len(await place.entries()) == 3
        restored = await place.run("restore", str(copy))
        assert restored.status == 0, restored.err
        assert len(await place.entries()) == 2
        (tmp_path / "rubbish.db").write_bytes(b"not a database" * 100)
        assert (await place.run("restore", str(tmp_path / "rubbish.db"))).status in (1, 2)
        assert len(await place.entries()) == 2

        with (place.data / "aggregator.db").open("r+b") as database:
            database.write(b"not a database!!")
        damaged = await place.run("run")
        assert (damaged.status, damaged.out) == (1, "")
        assert "damaged" in damaged.err
        assert "`aggregator restore FILE` puts a backup back" in damaged.err
        assert (await place.run("restore", str(copy))).status == 0
        assert len(await place.entries()) == 2


@pytest.mark.parametrize("shape", ["no folder", "a file"])
async def test_b08_a_data_folder_that_cannot_be_used_is_one_clear_line(place, shape):
    blocked = place.folder / "blocked"
    blocked.write_text("")
    data = str(blocked / "data") if shape == "no folder" else str(blocked)
    done = await place.run("poll", "--data", data)
    assert done.status != 0
    assert "Traceback" not in done.err
    assert "blocked" in done.err


async def test_a_deferred_poll_leaves_entries_for_the_next_run(place):
    async with origin() as site:
        site.answer("/feed", body=rss(ITEMS))
        place.write(
            settings=LOOPBACK,
            sources={"sources": [{"id": "minato", "name": "みなと新聞", "url": site.url("/feed")}]},
        )
        deferred = await place.run("poll", "--all", "--defer", "--json")
        assert (deferred.json["new_entries"], deferred.json["new_stories"]) == (2, 0)
        assert not (place.data / "public/feeds/all.rss").exists()
        assert all(entry["story"] for entry in await place.entries())
        assert (await place.run("poll", "--json")).json["new_stories"] == 2
        assert (place.data / "public/feeds/all.rss").read_bytes().count(b"<item>") == 2
