from datetime import timedelta

import pytest

from aggregator.fetch.article import RobotsCache, fetch_article
from aggregator.model.exchange import Fetched, FetchFailed
from tests.fakes.origin import origin
from tests.fetch.conftest import NOW


async def kind(client, url, cache=None, now=NOW) -> str:
    outcome = await fetch_article(client, url, cache or RobotsCache(), now)
    return "fetched" if isinstance(outcome, Fetched) else outcome.kind


@pytest.fixture
def paper(site):
    site.answer("/news/1", body=b"<html>1</html>")
    site.answer("/private/1", body=b"<html>2</html>")
    return site


async def test_robots_txt_is_obeyed_and_asked_once_a_day(paper, client):
    paper.answer("/robots.txt", body="User-agent: *\nDisallow: /private")
    cache = RobotsCache()
    assert await kind(client, paper.url("/news/1"), cache) == "fetched"
    assert await kind(client, paper.url("/private/1"), cache) == "robots"
    assert not paper.asked("/private/1")
    await kind(client, paper.url("/news/1"), cache, NOW + timedelta(hours=23))
    assert len(paper.asked("/robots.txt")) == 1
    await kind(client, paper.url("/news/1"), cache, NOW + timedelta(hours=24))
    assert len(paper.asked("/robots.txt")) == 2


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, "fetched"), (403, "fetched"), (500, "robots"), (503, "robots"), (429, "robots")],
)
async def test_a_site_without_robots_txt_is_open_and_one_in_trouble_closed(
    paper, client, status, expected
):
    paper.answer("/robots.txt", status=status, body=b"x")
    assert await kind(client, paper.url("/news/1")) == expected


async def test_an_empty_robots_txt_allows_all(paper, client):
    paper.answer("/robots.txt", body=b"")
    assert await kind(client, paper.url("/news/1")) == "fetched"


async def test_a_failure_is_remembered_for_an_hour_only(paper, client):
    paper.answer("/robots.txt", status=500)
    cache = RobotsCache()
    assert await kind(client, paper.url("/news/1"), cache) == "robots"
    paper.answer("/robots.txt", status=404)
    assert await kind(client, paper.url("/news/1"), cache) == "robots"
    assert await kind(client, paper.url("/news/1"), cache, NOW + timedelta(hours=1)) == "fetched"


async def test_a_redirect_leads_nowhere_that_robots_txt_forbids(paper, client):
    async with origin("127.0.0.2") as other:
        other.answer("/robots.txt", body="User-agent: *\nDisallow: /")
        paper.redirect("/news/2", other.url("/news/2"), 302)
        assert await kind(client, paper.url("/news/2")) == "robots"
        assert not other.asked("/news/2")


async def test_robots_txt_itself_needs_no_permission(paper, client):
    paper.answer("/robots.txt", body="User-agent: *\nDisallow: /")
    assert await kind(client, paper.url("/robots.txt")) == "fetched"


async def test_only_so_many_sites_are_remembered(paper, client, monkeypatch):
    monkeypatch.setattr("aggregator.fetch.article._SITES", 1)
    cache = RobotsCache()
    async with origin("127.0.0.2") as other:
        for url in (paper.url("/news/1"), other.url("/x"), paper.url("/news/1")):
            await fetch_article(client, url, cache, NOW)
    assert len(paper.asked("/robots.txt")) == 2


async def test_a_refused_address_is_not_asked_for_robots_txt_either(client):
    outcome = await fetch_article(client, "http://10.0.0.1/a", RobotsCache(), NOW)
    assert isinstance(outcome, FetchFailed)


async def test_a_host_that_is_not_held_is_asked_for_nothing(paper, client):
    held: list[str] = []

    async def hold(url: str) -> bool:
        held.append(url)
        return False

    outcome = await fetch_article(client, paper.url("/news/1"), RobotsCache(), NOW, hold=hold)
    assert isinstance(outcome, FetchFailed)
    assert set(held) == {paper.url("/news/1")}
    assert not paper.requests


async def test_the_page_comes_a_pause_after_robots_txt(paper, client):
    cache, pause = RobotsCache(), timedelta(seconds=0.3)
    for _ in range(2):
        await fetch_article(client, paper.url("/news/1"), cache, NOW, spacing=pause)
    rules, first, second = paper.requests
    assert first.at - rules.at >= 0.3
    assert second.at - first.at < 0.3  # nothing was asked for before it
