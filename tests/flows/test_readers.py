"""The combined feed in three real readers: what arrives, what a new round adds, what an update does."""

import asyncio
import os
import shutil
import sqlite3
import sys
import time
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import default
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from mailbox import Maildir
from pathlib import Path
from threading import Thread

import pytest
from typing_extensions import override

from tests.fakes.origin import origin
from tests.flows.conftest import LOOPBACK
from tests.flows.newsletter import rss

MORNING = [
    ("a1", "首相、来週訪米へ 日米首脳会談を調整", "首相は来週、米国を訪問する方向で調整に入った。"),
    (
        "a2",
        "北海道で初雪 平年より5日早く",
        "札幌管区気象台は初雪を観測したと発表した。平年より5日早い。",
    ),
]
EVENING = [
    ("a3", "日本海側で大雪のおそれ 気象庁が警戒呼びかけ", "気象庁は大雪に警戒するよう呼びかけた。"),
    *MORNING,
]


class Quiet(SimpleHTTPRequestHandler):
    """Serves published files, as any web server would."""

    extensions_map = {".rss": "application/rss+xml"}  # noqa: RUF012  # as its base class has it

    @override
    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Note how each request was answered."""
        assert isinstance(self.server, Published)
        self.server.answered.append((self.headers.get("User-Agent", ""), str(int(str(code)))))

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


class Published(ThreadingHTTPServer):
    """A web server on the published files, with what it answered to whom."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
        self.answered: list[tuple[str, str]] = []

    @property
    def base(self) -> str:
        """Return where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def statuses(self) -> list[str]:
        """Return how requests were answered since this was last asked."""
        statuses = [status for _, status in self.answered]
        self.answered.clear()
        return statuses


@asynccontextmanager
async def published(place):
    """Poll one outlet, serve what is published as files; yields (the outlet's site, the web server)."""
    async with origin() as site:
        site.answer("/feed", body=rss(MORNING))
        place.write(
            settings=LOOPBACK,
            sources={"sources": [{"id": "minato", "name": "みなと新聞", "url": site.url("/feed")}]},
        )
        done = await place.run("poll", "--all", "--json")
        assert done.json["new_entries"] == 2, done.err
        server = Published(place.data / "public")
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield site, server
        finally:
            server.shutdown()
            server.server_close()


async def a_second_later(place) -> None:
    """Wait until a file written now is newer to a web server, which tells times by the second."""
    written = (place.data / "public/feeds/combined.rss").stat().st_mtime
    while int(time.time()) <= int(written):
        await asyncio.sleep(0.02)


async def next_round(place, site) -> None:
    await a_second_later(place)
    site.answer("/feed", body=rss(EVENING))
    done = await place.run("poll", "--all", "--json")
    assert done.json["new_entries"] == 1, done.err


async def corrected_round(place, site) -> None:
    """Let the outlet correct its oldest story, which changes that item and no other."""
    await a_second_later(place)
    before = items_of(place)
    guid, title, text = MORNING[0]
    site.answer("/feed", body=rss([*EVENING[:1], (guid, f"【訂正】{title}", text), *EVENING[2:]]))
    done = await place.run("poll", "--all", "--json")
    assert done.json["updated_entries"] == 1, done.err
    changed = [after != item for after, item in zip(items_of(place), before, strict=True)]
    assert changed == [False, True, False]


def items_of(place) -> list[bytes]:
    """Return the items of the published feed, byte for byte."""
    document: bytes = (place.data / "public/feeds/combined.rss").read_bytes()
    return document.split(b"<item>")[1:]


@pytest.mark.reader
async def test_newsboat_shows_the_combined_feed_and_only_new_stories_as_new(place, tmp_path):
    newsboat = shutil.which("newsboat")
    if newsboat is None:
        assert not os.environ.get("CI"), "newsboat is not installed"
        pytest.skip("newsboat is not installed")
    async with published(place) as (site, server):
        urls, cache = tmp_path / "urls", tmp_path / "cache.db"
        urls.write_text(f"{server.base}/feeds/combined.rss\n")

        async def reload() -> list[tuple[str, str, str, int, int]]:
            process = await asyncio.create_subprocess_exec(
                newsboat, "-u", str(urls), "-c", str(cache), "-C", os.devnull, "-x", "reload",
                env=os.environ | {"HOME": str(tmp_path), "LANG": "C.UTF-8"},
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            _, err = await asyncio.wait_for(process.communicate(), 60)
            assert process.returncode == 0, err
            with sqlite3.connect(cache) as database:
                return database.execute(
                    "select guid, title, url, pubDate, unread from rss_item order by pubDate desc"
                ).fetchall()

        before = await reload()
        assert [title for _, title, *_ in before] == [title for _, title, _ in MORNING]
        assert all(guid.startswith("urn:uuid:") for guid, *_ in before)
        assert [url for _, _, url, *_ in before] == [
            f"https://news.example/{guid}" for guid, *_ in MORNING
        ]
        assert all(date > 0 for *_, date, _ in before)
        with sqlite3.connect(cache) as database:
            database.execute("update rss_item set unread = 0")
            database.commit()
        await next_round(place, site)
        server.statuses()
        after = await reload()
        assert [title for _, title, *_, unread in after if unread] == [EVENING[0][1]]
        assert after[1:] == [(*row[:4], 0) for row in before]
        assert await reload() == after
        assert server.statuses() == ["200", "304"]
        await corrected_round(place, site)
        assert [row[0] for row in await reload()] == [row[0] for row in after]


async def test_lemon24_reader_takes_the_combined_feed_and_only_new_stories_as_new(place, tmp_path):
    reader_module = pytest.importorskip("reader")
    async with published(place) as (site, server):
        reader = reader_module.make_reader(str(tmp_path / "reader.db"))
        url = f"{server.base}/feeds/combined.rss"
        try:
            reader.add_feed(url)
            await asyncio.to_thread(reader.update_feed, url)
            before = list(reader.get_entries())
            assert {entry.title for entry in before} == {title for _, title, _ in MORNING}
            assert all(entry.id.startswith("urn:uuid:") and entry.published for entry in before)
            assert {entry.link for entry in before} == {
                f"https://news.example/{guid}" for guid, *_ in MORNING
            }
            for entry in before:
                reader.mark_entry_as_read(entry)
            await next_round(place, site)
            await asyncio.to_thread(reader.update_feed, url)
            assert [entry.title for entry in reader.get_entries(read=False)] == [EVENING[0][1]]
            assert len(list(reader.get_entries())) == 3
            server.statuses()
            await asyncio.to_thread(reader.update_feed, url)
            assert server.statuses() == ["304"]
            await corrected_round(place, site)
            await asyncio.to_thread(reader.update_feed, url)
            assert [entry.title for entry in reader.get_entries(read=False)] == [EVENING[0][1]]
            assert len(list(reader.get_entries())) == 3
        finally:
            reader.close()


async def test_rss2email_sends_each_story_once_whatever_becomes_of_it(place, tmp_path):
    pytest.importorskip("rss2email")
    inbox = tmp_path / "mail"
    inbox.mkdir()
    Maildir(inbox / "news", create=True)
    settings = f"""
[DEFAULT]
to = reader@localhost
from = news@localhost
email-protocol = maildir
maildir-path = {inbox}
maildir-mailbox = news
"""
    (tmp_path / "r2e.cfg").write_text(settings)
    files = ("-c", str(tmp_path / "r2e.cfg"), "-d", str(tmp_path / "r2e.json"))

    async def r2e(*arguments: str) -> list[str]:
        """Run it; return the headlines of the mails that came."""
        known = set(inbox.rglob("new/*"))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from rss2email.main import run; run()", *files, *arguments,
            env=os.environ | {"HOME": str(tmp_path), "LANG": "C.UTF-8"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, out
        come = sorted(set(inbox.rglob("new/*")) - known)
        mails = [message_from_bytes(file.read_bytes(), policy=default) for file in come]
        return sorted(mail["Subject"] for mail in mails)

    async with published(place) as (site, server):
        await r2e("add", "news", f"{server.base}/feeds/combined.rss")
        assert await r2e("run") == sorted(title for _, title, _ in MORNING)
        server.statuses()
        assert await r2e("run") == []
        assert server.statuses() == ["304"]
        await next_round(place, site)
        assert await r2e("run") == [EVENING[0][1]]
        await corrected_round(place, site)
        assert await r2e("run") == []
        assert server.statuses() == ["200", "200"]
