"""The politeness score sheet over the whole newsroom: store, rounds, client (reliability C15-C24, P8, P9).

A publisher keeps score of what a real newsroom asks under a clock that the test turns; the points
that one feed's schedule decides are in tests/schedule/test_politeness_sheet.py, C26 in test_websub.py.
"""

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from aggregator.daemon.newsroom import open_newsroom
from aggregator.fetch.article import RobotsCache, fetch_article
from aggregator.fetch.client import Client, FetchOptions
from aggregator.pipeline.round import Round, Wanted
from aggregator.settings.load import load
from tests.fakes.origin import Answer, origin
from tests.flows.newsletter import rss

ITEMS = [("a", "知らせその一", "本文。"), ("b", "知らせその二", "別の本文。")]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def source(name, *urls):
    return {"id": name, "name": name, "feeds": [{"url": url} for url in urls]}


@pytest.fixture
def place(tmp_path, turned_clock):
    """Write a configuration and open newsrooms on it, again and again."""

    def write(sources):
        config = tmp_path / "config"
        config.mkdir(exist_ok=True)
        (tmp_path / "data").mkdir(exist_ok=True)
        settings = {
            "network": {"allow_private": ["127.0.0.0/8:*"]},
            "polling": {"host_spacing": "0s"},
        }
        (config / "settings.yaml").write_text(json.dumps(settings))
        (config / "sources.yaml").write_text(json.dumps({"sources": sources}))
        return config

    @asynccontextmanager
    async def opened(sources, running=False):
        async with open_newsroom(
            load(write(sources), {}), tmp_path / "data", clock=turned_clock, running=running
        ) as newsroom:
            yield newsroom

    return opened


def weekly(name, version, begun):
    """Return a document of a week's entries, one each seven hours, the newest of this number."""
    items = "".join(
        f"<item><title>{name} 第{n}号の知らせ</title><guid>{name}{n}</guid>"
        f"<link>https://{name}.example/{n}</link>"
        f"<pubDate>{format_datetime(begun + n * 7 * HOUR)}</pubDate></item>"
        for n in range(version, version - 24, -1)
    )
    return f"<rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>".encode()


def through_names(newsroom):
    """Let the newsroom's client find every name on loopback."""
    settings = newsroom.configuration.settings
    newsroom.parts.client = Client(
        FetchOptions(
            allow_private=settings.network.allow_private, timeout=settings.polling.timeout
        ),
        lookup=lambda host, port: ["127.0.0.1"],
    )


async def test_c15_p8_fifty_restarts_in_an_hour_ask_nobody_early(place, turned_clock):
    """Some feeds are due again within the hour, most are not: each is asked when due, never before."""
    async with origin() as site:
        paths = [f"/feed{number}" for number in range(6)]
        for path in paths:
            headers = {"ETag": '"1"'} | (
                {"Cache-Control": "max-age=3600"} if path > "/feed1" else {}
            )
            site.answer(path, body=rss(ITEMS, base=f"https://{path[1:]}.example"), headers=headers)
        sources = [source("s", *map(site.url, paths))]
        async with place(sources) as newsroom:
            await Round(newsroom.parts, Wanted()).run()
        for _ in range(50):
            turned_clock.turned += timedelta(seconds=70)
            async with place(sources, running=True) as newsroom:
                feeds = await newsroom.parts.store.feeds()
                before = len(site.requests)
                await Round(newsroom.parts, Wanted()).run()
                now = turned_clock.now()  # what comes due while the round goes on may be asked
                early = {feed.url for feed in feeds if feed.next_poll_at > now}
                asked = {site.url(one.target) for one in site.requests[before:]}
                assert not asked & early
        counts = Counter(one.target for one in site.requests)
        assert [counts[path] for path in paths[2:]] == [1, 1, 1, 1]
        assert all(2 <= counts[path] <= 4 for path in paths[:2])


async def test_c15_a_reload_asks_nobody_early_and_a_new_feed_once(place):
    async with origin() as site:
        for path in ("/one", "/two"):
            site.answer(path, body=rss(ITEMS, base=f"https://{path[1:]}.example"))
        async with place([source("s", site.url("/one"))]) as newsroom:
            await Round(newsroom.parts, Wanted()).run()
            more = replace(
                newsroom.configuration.sources[0],
                feeds=(
                    *newsroom.configuration.sources[0].feeds,
                    replace(newsroom.configuration.sources[0].feeds[0], url=site.url("/two")),
                ),
            )
            await newsroom.reconfigure(replace(newsroom.configuration, sources=(more,)))
            await Round(newsroom.parts, Wanted()).run()
            await Round(newsroom.parts, Wanted()).run()
        assert Counter(asked.target for asked in site.requests) == {"/one": 1, "/two": 1}


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_c06_p9_in_thirty_days_one_request_is_unconditional_and_all_validators_exact(
    place, turned_clock
):
    """Three feeds whose documents change every few hours; the newsroom is restarted each day."""
    begun = turned_clock.now()
    async with origin() as site:
        given: dict[str, list[tuple[str, str]]] = {}

        def program(path):
            def answer(asked):
                version = int(turned_clock.turned / timedelta(hours=7))
                tag, day = f'W/"{path}-{version}-gzip"', f"the {version}th day, roughly"
                given.setdefault(path, []).append((tag, day))
                return Answer(
                    body=weekly(path[1:], version, begun),
                    headers=(("ETag", tag), ("Last-Modified", day)),
                )

            return answer

        paths = ("/one", "/two", "/three")
        for path in paths:
            site.program(path, program(path))
        sources = [source("s", *map(site.url, paths))]
        while turned_clock.now() < begun + 30 * DAY:
            async with place(sources, running=True) as newsroom:
                end = turned_clock.now() + DAY
                while (due := await newsroom.parts.store.next_due_at()) is not None and due < end:
                    turned_clock.turned += max(due - turned_clock.now(), timedelta()) + timedelta(
                        seconds=1
                    )
                    await Round(newsroom.parts, Wanted()).run()
                turned_clock.turned += max(end - turned_clock.now(), timedelta())
        for path in paths:
            asked = site.asked(path)
            assert len(asked) > 60
            bare = [one for one in asked if one.header("If-None-Match") is None]
            assert bare == asked[:1]
            sent = [(one.header("If-None-Match"), one.header("If-Modified-Since")) for one in asked]
            assert sent[1:] == given[path][:-1]


async def test_c16_the_first_poll_is_the_only_first_request(place):
    async with origin() as site:
        site.answer("/feed", body=rss(ITEMS, title="題"), headers={"ETag": '"1"'})
        async with place([source("s", site.url("/feed"))], running=True) as newsroom:
            await newsroom.poll(Wanted())
            (feed,) = await newsroom.parts.store.feeds()
            stats = await newsroom.parts.store.stats()
        assert (feed.title, stats.entries, feed.validators.etag) == ("題", 2, '"1"')
        assert len(site.requests) == 1


@pytest.mark.parametrize(
    "names", [("a.news.example", "b.news.example"), ("x.github.io", "y.github.io")]
)
async def test_b24_c18_one_connection_at_a_time_to_a_registrable_domain_two_seconds_apart(
    place, turned_clock, names
):
    async with origin() as site:
        urls = []
        for number in range(3):
            site.answer(
                f"/feed{number}", body=rss(ITEMS, base=f"https://{number}.example"), delay=0.3
            )
            urls.append(f"http://{names[number % 2]}:{site.port}/feed{number}")
        async with place([source(f"s{n}", url) for n, url in enumerate(urls)]) as newsroom:
            through_names(newsroom)
            orders = newsroom.parts.orders
            newsroom.parts.orders = replace(
                orders, poll=replace(orders.poll, host_spacing=timedelta(seconds=2))
            )
            report = await Round(newsroom.parts, Wanted()).run()
        assert report.fetched == 3
        times = [asked.at for asked in site.requests]
        # The next request comes two seconds after the answer to the one before, not after its start.
        assert all(later - earlier >= 2.25 for earlier, later in pairwise(times))


async def test_c18_it_holds_from_one_lease_to_the_next_and_over_a_restart(place):
    async with origin() as site:
        for number in range(2):
            site.answer(f"/feed{number}", body=rss(ITEMS, base=f"https://{number}.example"))
        one, two = (source(f"s{n}", site.url(f"/feed{n}")) for n in range(2))
        for sources in ([one], [one, two]):
            async with place(sources) as newsroom:
                orders = newsroom.parts.orders
                newsroom.parts.orders = replace(
                    orders, poll=replace(orders.poll, host_spacing=timedelta(seconds=2))
                )
                await Round(newsroom.parts, Wanted()).run()
        first, second = (asked.at for asked in site.requests)
        assert second - first >= 2


async def test_b24_c10_a_429_of_one_host_of_a_domain_pauses_the_others(place):
    async with origin() as site:
        site.answer("/a", status=429, headers={"Retry-After": "7200"})
        site.answer("/b", body=rss(ITEMS))
        urls = [
            f"http://a.news.example:{site.port}/a",
            f"http://b.news.example:{site.port}/b",
        ]
        async with place([source("a", urls[0])]) as newsroom:
            through_names(newsroom)
            await Round(newsroom.parts, Wanted()).run()
        async with place([source("a", urls[0]), source("b", urls[1])]) as newsroom:
            through_names(newsroom)
            await Round(newsroom.parts, Wanted(all_feeds=True)).run()
        assert [asked.target for asked in site.requests] == ["/a"]


async def test_c19_an_import_into_a_running_newsroom_is_spread(place, turned_clock):
    async with origin() as site:
        for number in range(60):
            site.answer(f"/feed{number}", status=304)
        urls = [site.url(f"/feed{number}") for number in range(60)]
        async with place([source("s", *urls)], running=True) as newsroom:
            feeds = await newsroom.parts.store.feeds()
            dues = sorted(feed.next_poll_at for feed in feeds)
            assert all(
                later - earlier >= timedelta(seconds=59) for earlier, later in pairwise(dues)
            )
            await Round(newsroom.parts, Wanted()).run()
        assert len(site.requests) == 1


async def test_c20_c21_every_request_names_us_alike_and_carries_nothing_else(place):
    async with origin() as site:
        site.answer("/feed", body=rss(ITEMS), headers={"Set-Cookie": "track=1", "ETag": '"1"'})
        site.answer("/article", body="<html>x</html>")
        site.answer("/robots.txt", status=404)
        async with place([source("s", site.url("/feed"))]) as newsroom:
            for _ in range(3):
                await Round(newsroom.parts, Wanted(all_feeds=True)).run()
            parts = newsroom.parts
            await fetch_article(
                parts.client, site.url("/article"), RobotsCache(), parts.clock.now()
            )
            await parts.client.post(site.url("/hub"), b"x", {}, parts.clock.now())
        agents = {asked.header("User-Agent") for asked in site.requests}
        assert len(agents) == 1
        assert (agents.pop() or "").startswith("Aggregator/")
        for asked in site.requests:
            assert {"Cookie", "Referer", "From"}.isdisjoint(name for name, _ in asked.headers)
            assert "gzip" in (asked.header("Accept-Encoding") or "")
            assert "?" not in asked.target
        feeds = site.asked("/feed")
        assert len(feeds) == 3
        assert all("rss+xml" in (asked.header("Accept") or "") for asked in feeds)


async def test_c22_a_proven_move_is_stored_and_the_old_address_left_alone(place, turned_clock):
    async with origin() as site:
        site.redirect("/old", "/new", 301)
        site.answer("/new", body=rss(ITEMS), headers={"ETag": '"1"'})
        site.redirect("/temporary", "/there", 302)
        site.answer("/there", body=rss(ITEMS, base="https://t.example"), headers={"ETag": '"2"'})
        async with place([source("s", site.url("/old"), site.url("/temporary"))]) as newsroom:
            for _ in range(14):
                await Round(newsroom.parts, Wanted(all_feeds=True)).run()
                turned_clock.turned += DAY
            before = len(site.asked("/old"))
            for _ in range(5):
                await Round(newsroom.parts, Wanted(all_feeds=True)).run()
                turned_clock.turned += DAY
        assert before >= 10
        assert len(site.asked("/old")) == before
        assert len(site.asked("/new")) == 19
        assert len(site.asked("/temporary")) == len(site.asked("/there")) == 19


async def test_c23_gone_is_believed_the_second_time_and_then_looked_at_once_a_month(
    place, turned_clock
):
    async with origin() as site:
        site.answer("/gone", status=410)
        async with place([source("s", site.url("/gone"))]) as newsroom:
            end = turned_clock.now() + 90 * DAY
            while turned_clock.now() < end:
                (feed,) = await newsroom.parts.store.feeds()
                turned_clock.turned += feed.next_poll_at - turned_clock.now() + timedelta(seconds=1)
                await Round(newsroom.parts, Wanted()).run()
            (feed,) = await newsroom.parts.store.feeds()
        assert feed.standing == "gone"
        assert len(site.requests) <= 6


async def test_a38_c24_no_icon_no_image_and_no_article_is_fetched_by_itself(place):
    async with origin() as site:
        items = "".join(
            f"<item><title>記事 {n}</title><link>{site.url(f'/article{n}')}</link>"
            f"<enclosure url='{site.url('/image.png')}' type='image/png' length='9'/></item>"
            for n in range(5)
        )
        body = (
            "<rss version='2.0'><channel><title>題</title>"
            f"<link>{site.url('/')}</link><image><url>{site.url('/logo.png')}</url></image>{items}</channel></rss>"
        )
        site.answer("/feed", body=body)
        async with place([source("s", site.url("/feed"))]) as newsroom:
            await newsroom.poll(Wanted())
        assert [asked.target for asked in site.requests] == ["/feed"]


async def test_c24_robots_txt_is_asked_for_once_a_day_and_obeyed_for_articles(turned_clock):
    async with origin() as site, Client(FetchOptions(allow_private=("127.0.0.0/8:*",))) as client:
        site.answer("/robots.txt", body="User-agent: *\nDisallow: /closed\n")
        site.answer("/open", body="<html>x</html>")
        robots, now = RobotsCache(), turned_clock.now()
        for hours in (0, 1, 23):
            for path in ("/open", "/closed"):
                await fetch_article(client, site.url(path), robots, now + hours * HOUR)
        assert len(site.asked("/robots.txt")) == 1
        assert not site.asked("/closed")
        await fetch_article(client, site.url("/open"), robots, now + 25 * HOUR)
        assert len(site.asked("/robots.txt")) == 2


async def test_b22_after_an_outage_feeds_come_back_spread(place, turned_clock):
    """Nobody can be reached; the error counts stay, and the next tries lie apart."""
    urls = [f"http://n{number}.example/feed" for number in range(40)]
    async with place([source("s", *urls)]) as newsroom:
        settings = newsroom.configuration.settings

        def nothing(host, port):
            raise OSError("no network")

        newsroom.parts.client = Client(
            FetchOptions(timeout=settings.polling.timeout), lookup=nothing
        )
        async with asyncio.timeout(60):
            await Round(newsroom.parts, Wanted()).run()
        feeds = await newsroom.parts.store.feeds()
    assert sum(feed.failures == 0 for feed in feeds) >= 30
    dues = sorted(feed.next_poll_at for feed in feeds if feed.failures == 0)
    assert dues[-1] - dues[0] >= timedelta(minutes=7)
