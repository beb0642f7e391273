"""A round: who is asked, when, and what a publisher's wish does to it."""

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from aggregator.model.identifiers import SourceId
from aggregator.pipeline.round import Round, Wanted
from tests.fakes.origin import origin
from tests.flows.newsletter import rss

ITEMS = [("a", "知らせその一", "本文。"), ("b", "知らせその二", "別の本文。")]


def source(name, *urls):
    return {"id": name, "name": name, "feeds": [{"url": url} for url in urls]}


async def test_feeds_of_one_host_are_asked_one_after_the_other_and_spaced(room):
    async with origin() as site:
        paths = [f"/feed{number}" for number in range(4)]
        for path in paths:
            site.answer(path, body=rss(ITEMS, base=f"https://{path[1:]}.example"), delay=0.05)
        async with room(
            [source("s", *map(site.url, paths))], polling={"host_spacing": "1s"}
        ) as newsroom:
            started = asyncio.get_running_loop().time()
            report = await Round(newsroom.parts, Wanted()).run()
            took = asyncio.get_running_loop().time() - started
        assert report.fetched == 4
        assert took >= 3
        times = [asked.at for asked in site.requests]
        assert all(later - earlier >= 1 for earlier, later in pairwise(times))


async def test_a_429_leaves_the_whole_host_alone_in_this_round_and_the_next(room):
    async with origin() as site:
        site.answer("/first", status=429, headers={"Retry-After": "3600"})
        site.answer("/second", body=rss(ITEMS))
        async with room([source("s", site.url("/first"), site.url("/second"))]) as newsroom:
            report = await Round(newsroom.parts, Wanted(all_feeds=True)).run()
            again = await Round(newsroom.parts, Wanted(all_feeds=True)).run()
        assert (report.failed, report.fetched) == (1, 0)
        assert again.polled == 0
        assert len(site.requests) == 1


async def test_what_is_not_due_is_left_unless_all_is_asked_for(room, turned_clock):
    async with origin() as site:
        site.answer("/feed", body=rss(ITEMS), headers={"ETag": '"1"'})
        async with room([source("s", site.url("/feed"))]) as newsroom:
            assert (await Round(newsroom.parts, Wanted()).run()).fetched == 1
            assert (await Round(newsroom.parts, Wanted()).run()).polled == 0
            assert (await Round(newsroom.parts, Wanted(all_feeds=True)).run()).not_modified == 1
            turned_clock.turned = timedelta(days=2)
            assert (await Round(newsroom.parts, Wanted()).run()).not_modified == 1


async def test_a_feed_that_comes_due_on_a_host_that_is_done_is_left_to_the_next_round(
    room, turned_clock
):
    async with origin() as site:
        paths = ("/now", "/soon")
        for path in paths:
            site.answer(path, body=rss(ITEMS, base=f"https://{path[1:]}.example"), delay=0.5)
        async with room([source("s", *map(site.url, paths))]) as newsroom:
            store = newsroom.parts.store
            soon = next(feed for feed in await store.feeds() if feed.url.endswith("soon"))
            at = turned_clock.now() + timedelta(seconds=0.3)
            await store.update_feeds([replace(soon, next_poll_at=at)])
            async with asyncio.timeout(20):
                await Round(newsroom.parts, Wanted()).run()
                assert len(site.requests) == 1
                await Round(newsroom.parts, Wanted()).run()
        assert [asked.target for asked in site.requests] == ["/now", "/soon"]


async def test_a_round_straight_after_another_waits_for_every_host_that_spacing_holds_back(room):
    async with AsyncExitStack() as sites:
        places = [await sites.enter_async_context(origin(f"127.0.0.{n}")) for n in range(1, 41)]
        listed = [source(f"s{number}", site.url("/feed")) for number, site in enumerate(places)]
        async with room(listed, polling={"host_spacing": "1s"}) as newsroom:
            for delay in (0.01, 0):  # each may be asked again at a moment of its own
                for number, site in enumerate(places):
                    body = rss(ITEMS, base=f"https://{number}.example")
                    site.answer("/feed", body=body, delay=number * delay)
                report = await Round(newsroom.parts, Wanted(all_feeds=True)).run()
                assert (report.polled, report.failed) == (len(places), 0)


async def test_max_age_is_kept_to_even_when_all_is_asked_for(room):
    async with origin() as site:
        site.answer("/feed", body=rss(ITEMS), headers={"Cache-Control": "max-age=7200"})
        async with room([source("s", site.url("/feed"))]) as newsroom:
            await Round(newsroom.parts, Wanted(all_feeds=True)).run()
            assert (await Round(newsroom.parts, Wanted(all_feeds=True)).run()).polled == 0


async def test_only_the_sources_asked_for_are_polled(room):
    async with origin() as site, origin() as other:
        site.answer("/feed", body=rss(ITEMS))
        other.answer("/feed", body=rss(ITEMS))
        async with room(
            [source("s", site.url("/feed")), source("o", other.url("/feed"))]
        ) as newsroom:
            report = await Round(newsroom.parts, Wanted(sources=frozenset({SourceId("o")}))).run()
        assert report.fetched == 1
        assert not site.requests


async def test_a_body_that_is_no_feed_is_an_error_of_that_feed_alone(room):
    async with origin() as site, origin() as other:
        site.answer("/feed", body="<!doctype html><html><body>Please log in</body></html>")
        other.answer("/feed", body=rss(ITEMS))
        async with room(
            [source("s", site.url("/feed")), source("o", other.url("/feed"))]
        ) as newsroom:
            report = await Round(newsroom.parts, Wanted()).run()
            feeds = {feed.source: feed for feed in await newsroom.parts.store.feeds()}
        assert (report.fetched, report.failed) == (1, 1)
        assert report.errors[0].kind == "not_a_feed"
        assert not feeds["s"].validators
        assert feeds["s"].failure


async def test_a56_a_feed_that_turns_into_another_publisher_s_is_quarantined_and_publishes_nothing(
    room,
):
    theirs = rss(
        [("z1", "Cheap shoes now", "Buy shoes."), ("z2", "More shoes", "Buy more shoes.")],
        title="Shoes",
        base="https://shoes.example",
    ).replace(b"<language>ja", b"<language>en")
    async with origin() as site:
        site.answer("/feed", body=rss(ITEMS))
        async with room([source("s", site.url("/feed"))]) as newsroom:
            await newsroom.poll(Wanted(all_feeds=True))
            site.answer("/feed", body=theirs)
            report = await newsroom.poll(Wanted(all_feeds=True))
            stats = await newsroom.parts.store.stats()
        assert report.round.errors[0].kind == "hijacked"
        assert stats.entries == 2


async def test_b29_a_stopped_round_finishes_what_is_under_way_and_starts_no_more(room):
    async with origin() as site:
        paths = [f"/feed{number}" for number in range(6)]
        for path in paths:
            site.answer(path, body=rss(ITEMS, base=f"https://{path[1:]}.example"), delay=0.2)
        async with room([source("s", *map(site.url, paths))]) as newsroom:
            sweep = Round(newsroom.parts, Wanted(), endless=True)
            await sweep.step()
            await asyncio.sleep(0.3)
            await sweep.drain(5)
            stats = await newsroom.parts.store.stats()
        assert 1 <= len(site.requests) <= 3
        assert stats.entries == 2 * len(site.requests)


async def test_an_endless_round_takes_up_whatever_comes_due(room, turned_clock):
    async with origin() as site:
        site.answer("/feed", body=rss(ITEMS), headers={"ETag": '"1"'})
        async with room([source("s", site.url("/feed"))]) as newsroom:
            sweep = Round(newsroom.parts, Wanted(), endless=True)
            await stepped_until(sweep, lambda: sweep.committed)
            assert len(site.requests) == 1
            turned_clock.turned = timedelta(days=2)
            await stepped_until(sweep, lambda: len(site.requests) == 2)
            await sweep.drain(5)


async def stepped_until(sweep, reached) -> None:
    """Take the daemon's step, as its tick does, until something is reached."""
    async with asyncio.timeout(20):
        while not reached():
            await sweep.step()
            await asyncio.sleep(0.1)


async def test_a_round_of_all_feeds_reaches_every_host_though_places_are_few(room):
    async with AsyncExitStack() as stack:
        sites = [await stack.enter_async_context(origin()) for _ in range(5)]
        for number, site in enumerate(sites):
            site.answer("/feed", body=rss(ITEMS, base=f"https://site{number}.example"))
        sources = [source(f"s{number}", site.url("/feed")) for number, site in enumerate(sites)]
        async with room(sources, polling={"concurrency": 2}) as newsroom:
            report = await Round(newsroom.parts, Wanted(all_feeds=True)).run()
            again = await Round(newsroom.parts, Wanted(all_feeds=True)).run()
        assert (report.fetched, again.polled) == (5, 5)
        assert [len(site.requests) for site in sites] == [2] * 5


async def test_old_dates_tell_of_a_feed_s_pace_in_its_first_document_alone(room, turned_clock):
    old = turned_clock.now() - timedelta(days=40)
    async with origin() as site:
        site.answer("/feed", body=rss([("a1", "昔の知らせ", "本文。")], newest=old))
        async with room([{"id": "s", "name": "s", "url": site.url("/feed")}]) as newsroom:
            await newsroom.poll(Wanted(all_feeds=True))
            [feed] = await newsroom.parts.store.feeds()
            assert feed.arrivals.last_arrival_at == old.replace(microsecond=0) - timedelta(
                minutes=5
            )
            site.answer("/feed", body=rss([("a2", "別の昔の知らせ", "本文。")], newest=old))
            await newsroom.poll(Wanted(all_feeds=True))
            [feed] = await newsroom.parts.store.feeds()
            assert turned_clock.now() - feed.arrivals.last_arrival_at < timedelta(hours=1)


async def test_b28_what_a_feed_brings_that_was_removed_meanwhile_is_in_no_output(room):
    async with origin() as site:
        site.answer("/stays", body=rss(ITEMS))
        site.answer("/leaves", body=rss([("c", "遅れて届いた知らせ", "本文。")]), delay=0.5)
        both = [source(name, site.url(f"/{name}")) for name in ("leaves", "stays")]
        async with room(both) as newsroom:
            whole = newsroom.configuration
            polling = asyncio.create_task(newsroom.poll(Wanted()))
            while not site.asked("/leaves"):
                await asyncio.sleep(0.01)
            await newsroom.reconfigure(replace(whole, sources=whole.sources[1:]))
            report = await polling
            assert report.round.failed == 0
            shown = newsroom.parts.shelf.get("feeds/all.json")
            assert shown is not None
            titles = [item["title"] for item in json.loads(shown.body)["items"]]
            assert "遅れて届いた知らせ" not in titles
            assert "知らせその一" in titles


async def test_a16_how_many_entries_were_too_many_is_told(room):
    async with origin() as site:
        many = [(f"g{number}", f"知らせ第{number}号", "本文。") for number in range(1003)]
        site.answer("/feed", body=rss(many))
        async with room([source("s", site.url("/feed"))]) as newsroom:
            report = await Round(newsroom.parts, Wanted()).run()
            assert report.new_entries == 1000
            [feed] = await newsroom.parts.store.feeds()
            [record] = await newsroom.parts.store.poll_records(feed.id, 1)
            assert record.message is not None
            assert record.message.endswith("; 3 more entries in its document were left out")
