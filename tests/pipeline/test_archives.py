"""Archive pages behind the outputs of a newsroom, and documents that must not replace sound ones."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import feedparser

from aggregator.daemon.newsroom import Newsroom
from tests.pipeline.test_understanding import by_guid, entry

SMALL = [{"id": "all", "title": "すべて", "limit": 4}]


def stream(clock, numbers):
    at = clock.now().replace(microsecond=0) - timedelta(hours=2)
    return [
        entry("minato", f"g{n}", headline(n), "06:00")
        | {"published": (at + timedelta(minutes=n)).isoformat()}
        for n in numbers
    ]


def headline(number):
    """Return a headline that shares no word with any other."""
    words = hashlib.sha256(str(number).encode()).hexdigest()
    return f"{words[:9]} {words[9:18]} {words[18:27]}"


async def crawled(newsroom: Newsroom, name: str = "feeds/all.atom") -> list[str]:
    """Return the ids of all that a reader finds that follows prev-archive to the end."""
    ids: list[str] = []
    while True:
        document = newsroom.parts.shelf.get(name)
        if document is None:
            assert await newsroom.publisher.special.make(name)
            document = newsroom.parts.shelf.get(name)
        assert document is not None
        parsed = feedparser.parse(document.body)
        ids += [one.id for one in parsed.entries]
        before = [link.href for link in parsed.feed.links if link.rel == "prev-archive"]
        if not before:
            return ids
        name = before[0].partition("8080/")[2]


async def test_a_reader_that_comes_late_finds_every_item_behind_the_output(
    room, lines, turned_clock, tmp_path
):
    async with room([], outputs=SMALL) as newsroom:
        for start in range(0, 9, 3):
            await newsroom.import_file(lines(*stream(turned_clock, range(start, start + 3))))
        ids = await crawled(newsroom)
        assert len(set(ids)) == 9
        files = tmp_path / "data/public/feeds"
        first = (files / "all.1.json").read_bytes()
        assert len(json.loads(first)["items"]) == 2
        turned_clock.turned += timedelta(minutes=2)
    async with room([], outputs=SMALL) as newsroom:
        await newsroom.publish()
        assert await crawled(newsroom) == ids
        document = newsroom.parts.shelf.get("feeds/all.1.json")
        assert document is not None
        assert document.body == first


async def test_what_is_withdrawn_is_gone_from_pages_in_memory_and_on_the_disk(
    room, lines, turned_clock, tmp_path
):
    async with room([], outputs=SMALL) as newsroom:
        entries = stream(turned_clock, range(6))
        for start in (0, 3):
            await newsroom.import_file(lines(*entries[start : start + 3]))
        oldest = (await by_guid(newsroom))["g0"]["story"]
        assert f"urn:uuid:{oldest}" in await crawled(newsroom)
        await newsroom.correct("withdraw", (entries[0]["url"],))
        file = tmp_path / "data/public/feeds/all.1.rss"
        assert oldest not in file.read_text()
        turned_clock.turned += timedelta(minutes=2)
        newsroom.publisher.special.forget_stale()
        assert f"urn:uuid:{oldest}" not in await crawled(newsroom)


async def test_an_output_that_becomes_private_takes_its_pages_files_away(
    room, lines, turned_clock, tmp_path
):
    async with room([], outputs=SMALL) as newsroom:
        for start in (0, 3):
            await newsroom.import_file(lines(*stream(turned_clock, range(start, start + 3))))
    page = tmp_path / "data/public/feeds/all.1.rss"
    assert page.exists()
    async with room([], outputs=[SMALL[0] | {"private": True}]) as newsroom:
        await newsroom.publish()
        assert not page.exists()
        assert len(set(await crawled(newsroom))) == 6
        assert not page.exists()


async def test_pages_files_follow_what_the_output_says_of_itself(
    room, lines, turned_clock, tmp_path
):
    page = tmp_path / "data/public/feeds/all.1.atom"
    async with room([], outputs=SMALL) as newsroom:
        for start in (0, 3):
            await newsroom.import_file(lines(*stream(turned_clock, range(start, start + 3))))
        await newsroom.publish()
        before = page.stat().st_mtime_ns, feedparser.parse(page.read_bytes())
    async with room([], outputs=SMALL) as newsroom:
        await newsroom.publish()
        assert page.stat().st_mtime_ns == before[0]
    async with room([], outputs=[SMALL[0] | {"title": "みんなの記事"}]) as newsroom:
        await newsroom.publish()
        titled = feedparser.parse(page.read_bytes())
        assert titled.feed.title == "みんなの記事"
        orders = newsroom.parts.orders
        newsroom.parts.orders = replace(
            orders, publish=replace(orders.publish, public_url="https://news.example")
        )
        await newsroom.publish()
        moved = feedparser.parse(page.read_bytes())
    assert "https://news.example/feeds/all.1.atom" in [link.href for link in moved.feed.links]
    for after in (titled, moved):
        assert [one.id for one in after.entries] == [one.id for one in before[1].entries]


async def test_an_output_that_becomes_public_again_has_its_pages_files_back(
    room, lines, turned_clock, tmp_path
):
    page = tmp_path / "data/public/feeds/all.1.rss"
    async with room([], outputs=SMALL) as newsroom:
        for start in (0, 3):
            await newsroom.import_file(lines(*stream(turned_clock, range(start, start + 3))))
        await newsroom.publish()
    for private in (True, False):
        async with room([], outputs=[SMALL[0] | {"private": private}]) as newsroom:
            await newsroom.publish()
            assert page.exists() is not private


async def test_d05_a_document_that_is_not_sound_leaves_the_old_one_and_is_counted(
    room, lines, turned_clock
):
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*stream(turned_clock, range(2))))
        before = newsroom.parts.shelf.get("feeds/all.rss")
        orders = newsroom.parts.orders
        # An illegal character that no configuration lets through stands for any fault of ours.
        newsroom.parts.orders = replace(
            orders, outputs=(replace(orders.outputs[0], language="\x00"),)
        )
        await newsroom.import_file(lines(*stream(turned_clock, range(2, 4))))
        assert newsroom.parts.shelf.get("feeds/all.rss") is before
        assert b"aggregator_refused_documents_total 1.0" in newsroom.parts.metrics.render()
        newsroom.parts.orders = orders
        await newsroom.publish()
        after = newsroom.parts.shelf.get("feeds/all.rss")
        assert after is not None
        assert after.body.count(b"<item>") == 4
