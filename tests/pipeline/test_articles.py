"""Article pages from a publisher on loopback to the sentence in a digest."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from aggregator.digest.key_points import is_verbatim
from aggregator.errors import StoreFull
from aggregator.model.query import EntryQuery
from aggregator.parse.article import PageHints, article_text
from aggregator.pipeline.round import Wanted
from tests.fakes.origin import origin
from tests.flows.newsletter import rss

PAGES = Path(__file__).parents[1] / "fakes" / "pages"
JA = (PAGES / "ja.html").read_text()
EN = (PAGES / "en.html").read_text()
TITLE = "港の防波堤、完成は2年延期　県が新計画"
HTML = {"Content-Type": "text/html; charset=utf-8"}
TOPICS = [{"id": "harbour", "name": "港", "all": [["防波堤", "harbour wall"]]}]
DIGESTS = [{"topic": "harbour", "editions": {"daily": "07:00"}}]
HOUR = timedelta(hours=1)


def source(site, *, full_text=True, **more):
    return {
        "id": "minato",
        "name": "みなと新聞",
        "url": site.url("/feed"),
        "full_text": full_text,
    } | more


def publish(site, *titles, page=JA, robots="User-agent: *\nAllow: /", **how):
    """Put a feed of these titles on a site, and a page behind each."""
    items = [(f"news/{n}", title, "") for n, title in enumerate(titles)]
    site.answer("/feed", body=rss(items, base=site.url("")))
    site.answer("/robots.txt", body=robots)
    for guid, _, _ in items:
        site.answer(f"/{guid}", body=page, headers=HTML, **how)


def pages(site):
    return [asked.target for asked in site.requests if asked.target.startswith("/news/")]


@pytest.fixture
async def site():
    async with origin() as served:
        yield served


async def texts(newsroom):
    found = (await newsroom.parts.store.entries(EntryQuery())).items
    return await newsroom.parts.store.article_texts([one.entry.id for one in found])


@pytest.mark.parametrize(
    ("title", "page"), [(TITLE, JA), ("Harbour wall delayed by two years", EN)]
)
async def test_a_digest_quotes_the_page_word_for_word(site, room, title, page):
    publish(site, title, page=page)
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted())
        digest = await newsroom.digests.digest_now("harbour")
    (section,) = digest.sections
    text = article_text(page.encode(), PageHints()).text
    assert len(section.points) == 3
    for point in section.points:
        assert point.field == "article"
        assert is_verbatim(point, text)
    assert pages(site) == ["/news/0"]


async def test_a_page_is_asked_for_once(site, room, turned_clock):
    publish(site, TITLE)
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted())
        for _ in range(3):
            turned_clock.turned += HOUR
            await newsroom.poll(Wanted(all_feeds=True))
            await newsroom.articles.step()
        assert len(await texts(newsroom)) == 1
    assert len(pages(site)) == 1
    assert len(site.asked("/robots.txt")) == 1


@pytest.mark.parametrize(
    ("changed", "topics", "digests"),
    [
        ({"full_text": False}, TOPICS, DIGESTS),
        ({}, TOPICS, []),
        ({}, [{"id": "harbour", "all": [["選挙"]]}], DIGESTS),
    ],
    ids=["full_text is off", "no digest", "not on the topic"],
)
async def test_a_page_that_no_digest_quotes_is_not_asked_for(site, room, changed, topics, digests):
    publish(site, TITLE)
    async with room([source(site, **changed)], topics=topics, digests=digests) as newsroom:
        await newsroom.poll(Wanted())
        assert await newsroom.articles.step() == 0
    assert len(site.requests) == 1  # the feed


async def test_a_digest_of_an_output_of_everything_wants_every_story(site, room):
    publish(site, "何か別の知らせ")
    plan = {"output": "all", "editions": {"daily": "07:00"}}
    async with room([source(site)], digests=[plan]) as newsroom:
        await newsroom.poll(Wanted())
    assert pages(site) == ["/news/0"]


async def test_robots_txt_is_obeyed(site, room, turned_clock):
    publish(site, TITLE, robots="User-agent: Aggregator\nDisallow: /news/")
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted())
        for _ in range(4):
            turned_clock.turned += 2 * HOUR
            await newsroom.articles.step()
        assert not await texts(newsroom)
    assert pages(site) == []
    assert len(site.asked("/robots.txt")) == 1


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (JA.replace('"isAccessibleForFree": true', '"isAccessibleForFree": false'), TITLE),
        (JA.replace("</article>", "<p>続きを読むには会員登録が必要です</p></article>"), TITLE),
    ],
)
async def test_a_page_for_members_leaves_no_text(site, room, page, title):
    publish(site, title, page=page)
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted())
        await newsroom.articles.step()
        assert not await texts(newsroom)
        digest = await newsroom.digests.digest_now("harbour")
    assert digest.sections[0].points == ()
    assert len(pages(site)) == 1


async def test_a_headline_that_says_for_members_saves_the_request(site, room):
    publish(site, f"【有料会員限定】{TITLE}")
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted())
        assert await newsroom.articles.step() == 0
    assert len(site.requests) == 1


@pytest.mark.parametrize(("status", "requests"), [(404, 1), (403, 1), (410, 1), (500, 3), (429, 3)])
async def test_temporary_failures_are_tried_twice_more_and_refusals_never(
    site, room, turned_clock, status, requests
):
    publish(site, TITLE, status=status)
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted())
        for _ in range(6):
            turned_clock.turned += 2 * HOUR
            await newsroom.parts.store.update_feeds(await _later(newsroom))
            await newsroom.articles.step()
    assert len(pages(site)) == requests


async def _later(newsroom):
    """Return the feeds as not due for long: articles have the host to themselves."""
    now = await newsroom.parts.store.now()
    return [replace(f, next_poll_at=now + HOUR) for f in await newsroom.parts.store.feeds()]


async def test_requests_to_a_host_are_spaced_and_one_at_a_time(site, room):
    publish(site, *(f"{TITLE}（その{n}）" for n in "甲乙"), delay=0.1)
    async with room(
        [source(site)], topics=TOPICS, digests=DIGESTS, polling={"host_spacing": "1s"}
    ) as newsroom:
        await newsroom.poll(Wanted())
    assert len(pages(site)) == 2
    times = [asked.at for asked in site.requests]
    assert all(later - earlier >= 1 for earlier, later in pairwise(times))


async def test_a_feed_that_is_due_goes_before_pages(site, room, turned_clock):
    publish(site, TITLE)
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted(), defer=True)
        await newsroom.understand()
        (feed,) = await newsroom.parts.store.feeds()
        turned_clock.turned = feed.next_poll_at - turned_clock.now()
        assert await newsroom.articles.step() == 0
        assert pages(site) == []
        await newsroom.poll(Wanted())
    assert len(pages(site)) == 1


async def test_a_slow_page_gives_the_host_back_before_its_feed_is_due(site, room, turned_clock):
    publish(site, TITLE, delay=30)
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted(), defer=True)
        await newsroom.understand()
        (feed,) = await newsroom.parts.store.feeds()
        turned_clock.turned = feed.next_poll_at - turned_clock.now() - timedelta(seconds=5)
        started = asyncio.get_running_loop().time()
        assert await newsroom.articles.step() == 1
        assert 3 < asyncio.get_running_loop().time() - started < 5
        assert await newsroom.parts.store.next_due_at() == feed.next_poll_at


async def test_a_step_that_is_broken_off_lets_go_of_the_page_and_of_its_host(site, room):
    publish(site, TITLE, delay=30)
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted(), defer=True)
        await newsroom.understand()
        step = asyncio.create_task(newsroom.articles.step())
        while not pages(site):
            await asyncio.sleep(0.01)
        step.cancel()
        async with asyncio.timeout(2):
            await asyncio.gather(step, return_exceptions=True)
        site.answer("/news/0", body=JA, headers=HTML)
        assert await newsroom.articles.step() == 1
        assert len(await texts(newsroom)) == 1


async def test_an_article_never_leads_into_the_operators_network(site, room):
    async with origin("127.0.0.2") as canary:
        canary.answer("/news/0", body=JA, headers=HTML)
        site.answer("/feed", body=rss([("news/0", TITLE, "")], base=canary.url("")))
        async with room(
            [source(site)], topics=TOPICS, digests=DIGESTS, private=[site.place]
        ) as newsroom:
            await newsroom.poll(Wanted())
            assert not await texts(newsroom)
        assert not canary.requests
        assert canary.connections == 0


async def test_a_redirect_never_leads_into_the_operators_network(site, room):
    async with origin("127.0.0.2") as canary:
        canary.answer("/news/0", body=JA, headers=HTML)
        publish(site, TITLE)
        site.redirect("/news/0", canary.url("/news/0"), 302)
        async with room(
            [source(site)], topics=TOPICS, digests=DIGESTS, private=[site.place]
        ) as newsroom:
            await newsroom.poll(Wanted())
            assert not await texts(newsroom)
        assert len(pages(site)) == 1
        assert canary.connections == 0


async def test_a_redirect_takes_the_other_host_as_well(site, room, turned_clock):
    async with origin("127.0.0.2") as other:
        other.answer("/robots.txt", body="")
        other.answer("/page", body=JA, headers=HTML)
        publish(site, TITLE)
        site.redirect("/news/0", other.url("/page"), 302)
        async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
            await newsroom.poll(Wanted(), defer=True)
            await newsroom.understand()
            store = newsroom.parts.store
            lease = await store.claim_idle_host(
                other.place, at_least=HOUR / 60, lease=HOUR / 10, now=await store.now()
            )
            assert await newsroom.articles.step() == 1
            assert not other.requests  # somebody is there
            assert lease is not None
            turned_clock.turned += HOUR / 4
            await store.update_feeds(await _later(newsroom))
            assert await newsroom.articles.step() == 1
            assert len(await texts(newsroom)) == 1


async def test_withdraw_removes_the_text(site, room):
    publish(site, TITLE)
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted())
        (entry,) = await texts(newsroom)
        await newsroom.correct("withdraw", (entry,))
        assert not await newsroom.parts.store.article_texts([entry])


async def test_what_was_read_is_not_quoted_once_the_source_does_not_want_it(site, room):
    publish(site, TITLE)
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted())
    async with room([source(site, full_text=False)], topics=TOPICS, digests=DIGESTS) as newsroom:
        assert len(await texts(newsroom)) == 1
        digest = await newsroom.digests.digest_now("harbour")
    assert digest.sections[0].points == ()


async def test_the_text_is_in_no_output_and_no_export(site, room, tmp_path):
    publish(site, TITLE)
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted())
        (text,) = (await texts(newsroom)).values()
        await newsroom.publish()
        found = (await newsroom.parts.store.entries(EntryQuery())).items
    assert "長さ1200メートル" in text
    assert found[0].entry.content == found[0].entry.summary == ""
    written = [file for file in (tmp_path / "data" / "public").rglob("*") if file.is_file()]
    assert written
    assert not [file for file in written if "長さ1200メートル".encode() in file.read_bytes()]


async def test_texts_expire_with_the_retention_of_articles(site, room, turned_clock):
    publish(site, TITLE)
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted())
        turned_clock.turned = timedelta(days=29)
        await newsroom.expire()
        assert len(await texts(newsroom)) == 1
        turned_clock.turned = timedelta(days=31)
        await newsroom.expire()
        assert not await texts(newsroom)


async def test_without_the_extra_nothing_is_asked_for(site, room, monkeypatch):
    monkeypatch.setattr("aggregator.pipeline.articles.is_installed", lambda: False)
    publish(site, TITLE)
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted())
        assert await newsroom.articles.step() == 0
    assert len(site.requests) == 1


async def test_a_store_that_cannot_be_written_is_told_of_as_such(site, room, monkeypatch):
    publish(site, TITLE)
    async with room([source(site)], topics=TOPICS, digests=DIGESTS) as newsroom:
        await newsroom.poll(Wanted(), defer=True)
        await newsroom.understand()

        async def full(article):
            raise StoreFull("the disk is full")

        monkeypatch.setattr(newsroom.parts.store, "save_article", full)
        with pytest.raises(StoreFull):
            await newsroom.articles.step()
