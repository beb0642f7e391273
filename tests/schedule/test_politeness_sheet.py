"""The politeness score sheet C1-C26 (reference: reliability, table C), point by point.

A publisher keeps score: a real server on loopback is asked by the real client at the times that
`settle` gives, under a clock that the test moves. What the store and the pipeline must keep (C15,
C16, C18: due times over a restart, one fetch at first, leases per host) is proven with them. C25,
delta encoding, is left out: what is tested is that nobody is told otherwise, and no delta taken.
"""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from aggregator.fetch.client import Client, FetchOptions
from aggregator.fetch.politeness import host_key
from aggregator.model.exchange import Fetched, FetchFailed, FetchRequest, NotModified, Outcome
from aggregator.model.feed import Feed, FeedHints, FeedStanding
from aggregator.model.identifiers import FeedUrl, HostKey
from aggregator.schedule.moves import poll_url
from aggregator.schedule.settle import CadenceOptions, News, first_polls, settle
from tests.fakes.origin import Answer, Asked, Origin, origin
from tests.schedule.conftest import DAY, HOUR, MINUTE, NOW, new_feed

OPTIONS = CadenceOptions()


class Life:
    """A feed that is polled over days, each poll at the time that the one before planned."""

    def __init__(self, client: Client, url: str, hints: FeedHints | None = None) -> None:
        self.client = client
        self.feed: Feed = new_feed(url=FeedUrl(url), host=host_key(url))
        self.hints = hints
        self.now: datetime = NOW
        self.polls: list[tuple[datetime, Outcome]] = []

    async def poll(self, news: News | None = None) -> Outcome:
        """Poll once, now, and go on to when the next poll is due."""
        request = FetchRequest(url=poll_url(self.feed, self.now), validators=self.feed.validators)
        outcome = await self.client.fetch(request, self.now)
        if not isinstance(outcome, Fetched):
            news = None
        elif news is None:
            first = not self.polls
            times = tuple(self.now - n * 6 * HOUR for n in range(1, 31)) if first else (self.now,)
            news = News(new=len(times), known=30 - len(times), total=30, arrived=times)
        if news is not None:
            news = replace(news, hints=self.hints)
        self.feed, plan = settle(self.feed, outcome, news, OPTIONS, self.now)
        self.polls.append((self.now, outcome))
        self.now = plan.next_poll_at
        return outcome

    async def live(self, time: timedelta) -> list[timedelta]:
        """Poll until so much time has gone by; return the gaps between polls."""
        end = self.now + time
        while self.now < end:
            await self.poll()
        times = [at for at, _ in self.polls] + [self.now]
        return [after - before for before, after in itertools.pairwise(times)]


@pytest.fixture
async def site() -> AsyncIterator[Origin]:
    async with origin() as server:
        yield server


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(
        FetchOptions(allow_private=("127.0.0.0/8:*",), contact="https://a.example")
    ) as made:
        yield made


def changing(site: Origin, hours: int = 24) -> None:
    """Let the feed change now and then: every so many requests a new body and new validators."""
    count = 0

    def program(asked: Asked) -> Answer:
        nonlocal count
        count += 1
        version = count // hours
        return Answer(
            body=b"<rss>%d</rss>" % version,
            headers=(("ETag", f'W/"v{version}-gzip"'), ("Last-Modified", f"the {version}th day")),
        )

    site.program("/feed", program)


async def test_c01_c02_c03_both_validators_are_echoed_byte_for_byte(site, client):
    changing(site)
    life = Life(client, site.url("/feed"))
    await life.live(3 * DAY)
    for (_, before), asked in zip(life.polls, site.requests[1:], strict=False):
        assert not isinstance(before, FetchFailed)
        assert asked.header("If-None-Match") == before.validators.etag
        assert asked.header("If-Modified-Since") == before.validators.last_modified


async def test_c04_validators_are_replaced_even_if_the_body_is_the_same(site, client):
    answers = [
        Answer(body=b"same", headers=(("ETag", f'"{n}"'),), conditional=False) for n in range(5)
    ]
    site.program("/feed", *answers)
    life = Life(client, site.url("/feed"))
    for _ in range(5):
        await life.poll(News(known=30, total=30))
    sent = [asked.header("If-None-Match") for asked in site.requests]
    assert sent == [None, '"0"', '"1"', '"2"', '"3"']


async def test_c05_validators_stay_with_their_url(site, client):
    site.answer("/one", body=b"x", headers={"ETag": '"1"'})
    site.answer("/two", body=b"x", headers={"ETag": '"2"'})
    site.redirect("/feed", "/one", 302)
    life = Life(client, site.url("/feed"))
    await life.poll()
    site.redirect("/feed", "/two", 302)
    await life.poll()
    assert site.asked("/two")[0].header("If-None-Match") is None


async def test_c06_exactly_one_request_in_thirty_days_is_unconditional(site, client):
    changing(site, 7)
    life = Life(client, site.url("/feed"))
    await life.live(30 * DAY)
    unconditional = [asked for asked in site.requests if asked.header("If-None-Match") is None]
    assert len(unconditional) == 1
    assert len(site.requests) > 100


async def test_c07_an_hour_at_least_and_a_day_without_validators(site, client):
    changing(site)
    site.answer("/bare", body=b"x", headers={"Cache-Control": "no-cache"})
    assert min(await Life(client, site.url("/feed")).live(5 * DAY)) >= HOUR
    assert min((await Life(client, site.url("/bare")).live(20 * DAY))[1:]) >= DAY


@pytest.mark.parametrize("status", [200, 304, 429])
async def test_c08_max_age_less_age_is_kept_to(site, client, status):
    headers = (("Cache-Control", "max-age=50400"), ("Age", "7200"))
    answer = Answer(status=status, body=b"x" if status != 304 else b"", headers=headers)
    site.program("/feed", answer)
    life = Life(client, site.url("/feed"))
    await life.poll()
    assert life.feed.not_before is not None
    assert life.feed.not_before >= NOW + 12 * HOUR
    assert life.now >= life.feed.not_before


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Control": "max-age=315360000, no-cache"},
        {"Cache-Control": "no-store, max-age=86400"},
        {"Cache-Control": "max-age=315360000"},
        {"Expires": "Thu, 31 Dec 2099 00:00:00 GMT"},
        {"Expires": "Thu, 31 Dec 2099 00:00:00 GMT", "Cache-Control": "max-age=60"},
    ],
)
async def test_c09_odd_cache_headers_neither_stop_nor_hasten_a_feed(site, client, headers):
    site.answer("/feed", body=b"x", headers={"ETag": '"1"'} | headers)
    gaps = await Life(client, site.url("/feed")).live(6 * DAY)
    assert min(gaps) >= HOUR
    assert max(gaps) <= 2 * DAY + HOUR


@pytest.mark.parametrize("status", [429, 503])
async def test_c10_retry_after_is_kept_to_for_the_whole_domain(site, client, status):
    site.answer("/seconds", status=status, headers={"Retry-After": "86400"})
    site.answer(
        "/date",
        status=status,
        headers={
            "Retry-After": "Tue, 24 Nov 2026 09:07:00 GMT",
            "Date": "Mon, 23 Nov 2026 09:07:00 GMT",
        },
    )
    for path in ("/seconds", "/date"):
        life = Life(client, site.url(path))
        outcome = await life.poll()
        assert outcome.freshness.whole_host
        assert life.now >= NOW + DAY
    assert host_key("https://a.news.example/") == host_key("https://b.news.example/")


@pytest.mark.parametrize("status", [429, 403])
async def test_c11_without_retry_after_four_hours_doubling(site, client, status):
    site.answer("/feed", status=status)
    gaps = await Life(client, site.url("/feed")).live(2 * DAY)
    assert gaps[0] >= 4 * HOUR
    assert gaps[1] >= 8 * HOUR
    assert all(gap >= 16 * HOUR for gap in gaps[2:])


@pytest.mark.parametrize(("ttl", "least"), [(1440, 24), (180, 3), (1, 1)])
async def test_c12_ttl_lengthens_and_never_shortens(site, client, ttl, least):
    changing(site)
    life = Life(client, site.url("/feed"), FeedHints(ttl=ttl * MINUTE))
    assert min(await life.live(5 * DAY)) >= least * HOUR


async def test_c13_skip_hours_and_days_are_skipped(site, client):
    changing(site)
    hints = FeedHints(skip_hours=frozenset(range(12)), skip_days=frozenset({5, 6}))
    life = Life(client, site.url("/feed"), hints)
    await life.live(14 * DAY)
    times = [at for at, _ in life.polls[1:]]
    assert all(at.hour >= 12 and at.weekday() < 5 for at in times)


async def test_c14_after_a_silent_month_daily_at_most(site, client):
    site.answer("/feed", body=b"x", headers={"ETag": '"1"'})
    life = Life(client, site.url("/feed"))
    await life.live(32 * DAY)
    before = len(life.polls)
    gaps = (await life.live(30 * DAY))[before:]
    assert min(gaps) >= DAY
    assert max(gaps) < 1.2 * DAY


async def test_c17_jitter_is_stable_and_nobody_comes_on_the_hour(site, client):
    site.answer("/feed", body=b"x", headers={"ETag": '"1"'})
    dues = set()
    for n in range(40):
        life, twin = (Life(client, site.url(f"/feed?{n}")) for _ in range(2))
        for one in (life, twin):
            await one.poll(News(total=1, new=1, arrived=(NOW,)))
        assert life.now == twin.now
        assert HOUR <= life.now - NOW <= 1.1 * HOUR
        dues.add(life.now)
    assert len(dues) == 40


def test_c19_an_import_is_spread():
    new = [(FeedUrl(f"https://{n}.example/"), HostKey(f"{n % 500}.example")) for n in range(1000)]
    dues = first_polls(new, NOW, running=True)
    gaps = [after - before for before, after in itertools.pairwise(sorted(dues))]
    assert min(gaps) >= timedelta(seconds=2)
    assert all(dues[n + 500] - dues[n] >= timedelta(seconds=59) for n in range(500))


async def test_c20_c21_the_request_names_us_and_carries_nothing_else(site, client):
    changing(site)
    await Life(client, site.url("/feed")).live(2 * DAY)
    agents = {asked.header("User-Agent") for asked in site.requests}
    assert len(agents) == 1
    assert str(agents.pop()).startswith("Aggregator/")
    allowed = {
        "Host",
        "User-Agent",
        "Accept",
        "Accept-Encoding",
        "If-None-Match",
        "If-Modified-Since",
    }
    for asked in site.requests:
        assert {name for name, _ in asked.headers} <= allowed
        assert "rss+xml" in (asked.header("Accept") or "")
        assert asked.target == "/feed"


async def test_c22_a_permanent_move_is_stored_after_proof_and_the_old_url_left_alone(site, client):
    site.answer("/new", body=b"x", headers={"ETag": '"1"'})
    site.redirect("/feed", "/new", 301)
    life = Life(client, site.url("/feed"))
    await life.live(14 * DAY)
    asked_at = len(site.asked("/feed"))
    await life.live(14 * DAY)
    assert asked_at >= 10
    assert len(site.asked("/feed")) == asked_at
    assert len(site.asked("/new")) > asked_at


async def test_c22_a_temporary_one_never(site, client):
    site.answer("/new", body=b"x", headers={"ETag": '"1"'})
    site.redirect("/feed", "/new", 302)
    await Life(client, site.url("/feed")).live(20 * DAY)
    assert len(site.asked("/feed")) == len(site.asked("/new"))


async def test_c23_410_stops_and_404_becomes_rare(site, client):
    site.answer("/gone", status=410)
    site.answer("/missing", status=404)
    gone, missing = Life(client, site.url("/gone")), Life(client, site.url("/missing"))
    await gone.live(90 * DAY)
    await missing.live(120 * DAY)
    assert gone.feed.standing is FeedStanding.GONE
    assert len(site.asked("/gone")) <= 5
    late = [at for at, _ in missing.polls if at > NOW + 31 * DAY]
    assert missing.feed.standing is FeedStanding.MISSING
    assert 1 <= len(late) <= 4


async def test_c25_a_delta_is_neither_asked_for_nor_taken_and_the_whole_feed_is_asked_for_again(
    site, client
):
    whole = Answer(body=b"x", headers=(("ETag", '"1"'),))
    delta = Answer(
        status=226, body=b"y", headers=(("ETag", '"2"'), ("IM", "feed")), conditional=False
    )
    site.program("/feed", whole, delta, whole)
    life = Life(client, site.url("/feed"))
    outcomes = [await life.poll() for _ in range(3)]
    assert [type(outcome) for outcome in outcomes] == [Fetched, FetchFailed, NotModified]
    assert [asked.header("A-IM") for asked in site.requests] == [None] * 3
    # The delta's validator names a document that we never had.
    assert [asked.header("If-None-Match") for asked in site.requests] == [None, '"1"', '"1"']
