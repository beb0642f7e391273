"""WebSub: a real hub on loopback, a real publisher, the real callback (reliability A73, B35, C26)."""

import asyncio
import itertools
import json
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime

import aiohttp
import pytest
from lxml import etree

from aggregator.daemon.newsroom import Newsroom, open_newsroom
from aggregator.model.identifiers import SubscriptionId
from aggregator.model.query import EntryQuery
from aggregator.observe.health import Health
from aggregator.pipeline.push import signature_holds
from aggregator.pipeline.round import Wanted
from aggregator.pipeline.websub import is_reachable
from aggregator.serve.app import Desk, make_app
from aggregator.serve.server import serve
from aggregator.settings.load import load
from tests.conftest import TurnedClock
from tests.fakes.hub import Hub, hub
from tests.fakes.origin import Origin, origin
from tests.flows.newsletter import rss

ITEMS = [("a", "知らせその一", "本文。"), ("b", "知らせその二", "別の本文。")]
NEWS = [("c", "届いた知らせ", "ハブから届いた。")]
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Stage:
    """Everybody in one process: publisher, hub, us, and a clock to turn."""

    newsroom: Newsroom
    site: Origin
    hub: Hub
    clock: TurnedClock

    async def feed(self):
        (feed,) = await self.newsroom.parts.store.feeds()
        return feed

    async def subscription(self):
        (subscription,) = await self.newsroom.parts.store.subscriptions()
        return subscription

    async def step(self):
        await self.newsroom.subscriber.step()
        await self.hub.settle()

    async def subscribe(self):
        """Poll once, so that the hub is found, and subscribe."""
        await self.newsroom.poll(Wanted(), defer=True)
        await self.step()
        return await self.subscription()

    async def poll_when_due(self):
        """Turn the clock to when the feed is due, and poll it."""
        due = (await self.feed()).next_poll_at
        self.clock.turned += max(due - self.clock.now(), timedelta()) + timedelta(seconds=1)
        return (await self.newsroom.poll(Wanted(), defer=True)).round

    async def titles(self):
        page = await self.newsroom.parts.store.entries(EntryQuery())
        return {filed.entry.title for filed in page.items}

    async def take_up(self):
        return await self.newsroom.subscriber.postbox.take_up()


@pytest.fixture
def stage(tmp_path, turned_clock):
    """Open the stage; `link`: the hub is named in the Link header, not in the document."""

    @asynccontextmanager
    async def opened(*, link=True, websub=None, public="https://reader.example", every=None):
        config = tmp_path / "config"
        config.mkdir(exist_ok=True)
        (tmp_path / "data").mkdir(exist_ok=True)
        async with origin() as site, hub() as center:
            topic = site.url("/feed")
            headers = {"ETag": '"1"'}
            body = rss(ITEMS)
            if link:
                headers["Link"] = f'<{center.url}>; rel="hub", <{topic}>; rel="self"'
            else:
                links = (
                    f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{center.url}"/>'
                    f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="{topic}"/>'
                )
                body = body.replace(b"<item>", links.encode() + b"<item>", 1)
            site.answer("/feed", body=body, headers=headers)
            feed = {"url": topic} | ({"every": every} if every else {})
            files = {
                "settings": {
                    "public_url": public,
                    "network": {"allow_private": ["127.0.0.0/8:*"]},
                    "polling": {"host_spacing": "0s"},
                    "websub": websub or {},
                },
                "sources": {"sources": [{"id": "s", "name": "s", "feeds": [feed]}]},
            }
            for name, content in files.items():
                (config / f"{name}.yaml").write_text(json.dumps(content))
            async with (
                open_newsroom(load(config, {}), tmp_path / "data", clock=turned_clock) as newsroom,
                served(newsroom) as address,
            ):
                center.reaches = address
                yield Stage(newsroom, site, center, turned_clock)

    return opened


@asynccontextmanager
async def served(newsroom):
    """Serve the newsroom's pages, and with them the callback."""
    parts = newsroom.parts
    desk = Desk(
        store=parts.store,
        shelf=parts.shelf,
        configuration=lambda: newsroom.configuration,
        health=Health(started_at=parts.clock.now(), version="0"),
        clock=parts.clock,
        postbox=newsroom.subscriber.postbox,
        verify=newsroom.subscriber.verify,
    )
    stop = asyncio.Event()
    addresses: asyncio.Queue[str] = asyncio.Queue()
    running = asyncio.create_task(serve(make_app(desk), "127.0.0.1", 0, stop, addresses.put_nowait))
    try:
        yield await addresses.get()
    finally:
        stop.set()
        await running


# -- subscribing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", [True, False])
async def test_the_hub_of_the_link_header_or_the_document_is_asked_and_verified(stage, link):
    async with stage(link=link) as on:
        subscription = await on.subscribe()
        (form,) = on.hub.asked
        assert form["hub.mode"] == "subscribe"
        assert form["hub.topic"] == on.site.url("/feed")
        assert re.fullmatch(r"https://reader\.example/websub/[\w-]{32}", form["hub.callback"])
        assert 32 <= len(form["hub.secret"]) < 200
        assert on.hub.verified == [(200, "c" * 40)]
        assert subscription.is_live(on.clock.now())
        feed = await on.feed()
        assert feed.pushed_until == subscription.live_until


async def test_every_subscription_has_a_callback_and_a_secret_of_its_own(stage):
    async with stage() as on:
        first = await on.subscribe()
        again = await on.newsroom.subscriber._begin(await on.feed(), on.clock.now())
        assert first.id != again.id
        assert first.secret != again.secret
        assert first.secret not in repr(first)


@pytest.mark.parametrize(
    ("public", "reachable"),
    [
        ("https://reader.example", True),
        ("https://203.0.113.9", False),
        ("https://8.8.8.8:8443/news", True),
        ("http://127.0.0.1:8080", False),
        ("http://localhost:8080", False),
        ("http://[::1]:8080", False),
        ("http://192.168.1.9:8080", False),
        ("http://reader.local", False),
        ("http://reader", False),
    ],
)
def test_only_an_address_that_hubs_can_reach_is_given_to_them(public, reachable):
    assert is_reachable(public) is reachable


@pytest.mark.parametrize(
    "how", [{"public": "http://127.0.0.1:8080"}, {"websub": {"subscribe": False}}]
)
async def test_no_hub_is_asked_unless_wished_and_possible(stage, how):
    async with stage(**how) as on:
        await on.newsroom.poll(Wanted(), defer=True)
        await on.step()
        assert not on.hub.asked
        assert await on.newsroom.parts.store.subscriptions() == ()


async def test_a_topic_of_another_publisher_is_not_subscribed_to(stage):
    async with stage() as on:
        link = f'<{on.hub.url}>; rel="hub", <https://victim.example/feed>; rel="self"'
        on.site.answer("/feed", body=rss(ITEMS), headers={"Link": link})
        await on.newsroom.poll(Wanted(), defer=True)
        await on.step()
        assert not on.hub.asked


async def test_a_hub_inside_our_own_network_is_not_asked(stage):
    async with stage() as on:
        link = f'<http://169.254.169.254/hub>; rel="hub", <{on.site.url("/feed")}>; rel="self"'
        on.site.answer("/feed", body=rss(ITEMS), headers={"Link": link})
        await on.newsroom.poll(Wanted(), defer=True)
        await on.step()
        subscription = await on.subscription()
        assert "not on the public internet" in (subscription.failure or "")


async def test_a_hub_that_redirects_with_308_is_followed(stage):
    async with stage() as on:
        on.hub.redirects = True
        assert (await on.subscribe()).is_live(on.clock.now())


# -- what a hub may ask: A73 --------------------------------------------------------------------------


async def test_a73_a_challenge_is_echoed_only_for_what_was_asked_for(stage):
    async with stage() as on:
        on.hub.verifies = False
        await on.subscribe()
        (form,) = on.hub.asked
        callback, topic = form["hub.callback"], form["hub.topic"]
        assert await on.hub.ask(callback, "https://other.example/feed") == (404, "404\n")
        assert (await on.hub.ask(callback, topic, "unsubscribe"))[0] == 404
        assert (await on.hub.ask(callback, topic, "nonsense"))[0] == 404
        assert (await on.hub.ask(callback[:-1] + "x", topic))[0] == 404
        assert (await on.hub.ask(callback, topic, **{"hub.challenge": "c" * 2000}))[0] == 404
        assert not (await on.subscription()).is_live(on.clock.now())
        assert await on.hub.ask(callback, topic, **{"hub.challenge": "<b>"}) == (200, "<b>")
        assert (await on.subscription()).is_live(on.clock.now())
        assert (await on.hub.ask(callback, topic))[0] == 404  # verified already


async def test_a_verification_that_comes_days_late_is_refused(stage):
    async with stage() as on:
        on.hub.verifies = False
        await on.subscribe()
        on.clock.turned += 2 * DAY
        form = on.hub.asked[0]
        assert (await on.hub.ask(form["hub.callback"], form["hub.topic"]))[0] == 404


async def test_a_lease_is_never_perpetual(stage):
    async with stage() as on:
        on.hub.lease = 10**11
        subscription = await on.subscribe()
        assert subscription.live_until - on.clock.now() <= 30 * DAY


async def test_a_hub_that_names_no_lease_is_believed_for_a_day(stage):
    async with stage() as on:
        on.hub.lease = None
        subscription = await on.subscribe()
        assert subscription.live_until - on.clock.now() <= DAY


# -- deliveries: A73 ----------------------------------------------------------------------------------


async def test_a73_what_a_hub_delivers_is_stored_as_a_poll_would_and_twice_is_once(stage):
    async with stage() as on:
        await on.subscribe()
        before = await on.feed()
        assert await on.hub.deliver(rss(NEWS)) == 202
        assert await on.take_up() is True
        assert "届いた知らせ" in await on.titles()
        after = await on.feed()
        assert after.validators == before.validators
        assert after.body_hash == before.body_hash
        assert after.next_poll_at == before.next_poll_at
        assert after.last_change_at > before.last_change_at
        (record, *_) = await on.newsroom.parts.store.poll_records(after.id)
        assert (record.outcome, record.new) == ("pushed", 1)
        assert await on.hub.deliver(rss(NEWS)) == 202  # a replay
        assert await on.take_up() is False
        assert len(await on.titles()) == 3


async def test_a_delivered_entry_becomes_a_story_and_is_published(stage):
    async with stage() as on:
        await on.subscribe()
        await on.hub.deliver(rss(NEWS))
        await on.take_up()
        await on.newsroom.understand()
        document = on.newsroom.parts.shelf.get("feeds/all.json")
        assert "届いた知らせ" in document.body.decode()


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "wrong"},
        {"signature": ""},
        {"signature": "sha256="},
        {"signature": "md5=d41d8cd98f00b204e9800998ecf8427e"},
        {"method": "sha1"},
    ],
)
async def test_a73_a_delivery_without_a_valid_signature_is_answered_and_ignored(stage, how):
    async with stage() as on:
        await on.subscribe()
        assert await on.hub.deliver(rss(NEWS), **how) == 202
        assert await on.take_up() is False
        assert "届いた知らせ" not in await on.titles()


async def test_sha1_is_believed_where_the_operator_allows_it(stage):
    async with stage(websub={"allow_sha1": True}) as on:
        await on.subscribe()
        await on.hub.deliver(rss(NEWS), method="sha1")
        assert await on.take_up() is True


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
async def test_every_stronger_signature_is_known(stage, method):
    async with stage() as on:
        await on.subscribe()
        await on.hub.deliver(rss(NEWS), method=method)
        assert await on.take_up() is True


async def test_a_signature_of_odd_characters_is_only_wrong(stage):
    async with stage() as on:
        subscription = await on.subscribe()
        for odd in ("sha256=é", "sha256", "=", None, "sha256=" + "0" * 10_000):
            assert not signature_holds(subscription, b"x", odd, allow_sha1=True)


async def test_a73_an_unknown_callback_is_404_and_one_that_has_ended_410(stage):
    async with stage() as on:
        subscription = await on.subscribe()
        form = on.hub.asked[0]
        unknown = form | {"hub.callback": "https://reader.example/websub/guess"}
        assert await on.hub.deliver(rss(NEWS), to=unknown) == 404
        on.newsroom.parts.orders = _without_hubs(on.newsroom.parts.orders)
        await on.step()
        assert await on.hub.deliver(rss(NEWS)) == 410
        ended = await on.newsroom.parts.store.subscription(subscription.id)
        assert ended is not None
        assert ended.ended_at is not None
        assert (await on.hub.ask(form["hub.callback"], form["hub.topic"], "unsubscribe"))[0] == 200
        assert (await on.hub.ask(form["hub.callback"], form["hub.topic"]))[0] == 404


async def test_a73_a_body_beyond_the_limit_is_refused_whether_it_says_so_or_not(stage):
    async with stage() as on:
        await on.subscribe()
        assert await on.hub.deliver(b"x" * (11 << 20)) == 413

        async def endless():
            for _ in range(4000):
                yield b"x" * 65536

        async with aiohttp.ClientSession() as session:
            address = on.hub._found(on.hub.asked[0]["hub.callback"])
            status = 413
            try:
                async with session.post(address, data=endless()) as answer:
                    status = answer.status
            except aiohttp.ClientError:
                pass  # hung up on, which is as good
            assert status == 413
        assert await on.take_up() is False


async def test_a_hostile_delivery_harms_nothing(stage):
    async with stage() as on:
        await on.subscribe()
        for body in (b"\x00" * 100, b"<rss><channel>" + b"<a>" * 100_000, b"{", b"<html>no feed"):
            assert await on.hub.deliver(body) == 202
        assert await on.take_up() is False
        feed = await on.feed()
        assert (feed.standing, feed.failures) == ("ok", 0)


async def test_a_delivery_of_another_publisher_s_news_is_not_taken_up(stage):
    async with stage() as on:
        await on.subscribe()
        spam = rss(
            [("z1", "Cheap shoes", "Buy."), ("z2", "More shoes", "Buy more.")],
            title="Shoes",
            base="https://shoes.example",
        ).replace(b"<language>ja", b"<language>en")
        await on.hub.deliver(spam)
        await on.take_up()
        assert len(await on.titles()) == 2


async def test_what_comes_while_its_host_is_polled_waits(stage):
    async with stage() as on:
        await on.subscribe()
        feed, store = await on.feed(), on.newsroom.parts.store
        lease = await store.claim_host(feed.host, lease=HOUR, now=on.clock.now())
        assert lease is not None
        await on.hub.deliver(rss(NEWS))
        assert await on.take_up() is False
        on.clock.turned += 2 * HOUR  # whoever had it is dead
        assert await on.take_up() is True


async def test_too_much_that_waits_is_asked_for_again_later(stage):
    async with stage() as on:
        await on.subscribe()
        orders = on.newsroom.parts.orders
        on.newsroom.parts.orders = replace(
            orders, websub=replace(orders.websub, waiting_bytes=len(rss(NEWS)) + 10)
        )
        assert await on.hub.deliver(rss(NEWS)) == 202
        assert await on.hub.deliver(rss(NEWS)) == 503
        await on.take_up()
        assert await on.hub.deliver(rss(NEWS)) == 202


# -- leases, and polling beside them: C26, B35 --------------------------------------------------------


@pytest.mark.parametrize("every", [None, "30m"])
async def test_c26_polling_slows_to_daily_while_a_lease_is_live_and_the_lease_is_renewed(
    stage, every
):
    async with stage(every=every) as on:
        await on.subscribe()
        times = []
        for _ in range(12):
            await on.poll_when_due()
            times.append(on.clock.now())
            await on.step()
        assert all(later - earlier >= DAY for earlier, later in itertools.pairwise(times))
        assert len(on.hub.asked) == 2  # once, and a renewal within ten days
        assert on.hub.asked[0]["hub.callback"] == on.hub.asked[1]["hub.callback"]
        assert (await on.subscription()).is_live(on.clock.now())


async def test_b35_a_lease_that_lapses_brings_polling_back_to_its_pace(stage):
    async with stage() as on:
        on.hub.lease = 2 * 86400
        await on.subscribe()
        await on.poll_when_due()
        assert (await on.feed()).next_poll_at - on.clock.now() >= DAY - timedelta(seconds=5)
        on.hub.status = 500  # the hub is gone
        on.clock.turned += 2 * DAY
        await on.step()
        feed = await on.feed()
        assert feed.pushed_until is None
        assert feed.next_poll_at <= on.clock.now() + timedelta(seconds=1)
        await on.poll_when_due()
        assert (await on.feed()).next_poll_at - on.clock.now() < DAY / 2


async def test_b35_a_hub_that_is_gone_is_asked_again_ever_more_rarely_and_polling_goes_on(stage):
    async with stage() as on:
        on.hub.status = 503
        await on.subscribe()
        times = []
        for _ in range(8):
            subscription = await on.subscription()
            assert "503" in (subscription.failure or "")
            times.append(subscription.next_request_at - on.clock.now())
            on.clock.turned += times[-1] + timedelta(seconds=1)
            await on.step()
        assert times[0] >= timedelta(minutes=59)
        assert all(later >= earlier * 0.9 for earlier, later in itertools.pairwise(times))
        assert times[-1] >= 23 * HOUR
        assert (await on.feed()).next_poll_at <= on.clock.now()
        on.hub.status = 202
        on.clock.turned += 2 * DAY
        await on.step()
        assert (await on.subscription()).is_live(on.clock.now())


async def test_b35_of_a_hub_that_nobody_answers_for_polling_does_not_hear(stage):
    async with stage() as on:
        nobody = f'<http://127.0.0.1:1/>; rel="hub", <{on.site.url("/feed")}>; rel="self"'
        on.site.answer("/feed", body=rss(ITEMS), headers={"ETag": '"1"', "Link": nobody})
        subscription = await on.subscribe()
        assert subscription.failure == "no connection to the site"
        for _ in range(3):
            before = on.clock.now()
            await on.poll_when_due()
            assert on.clock.now() - before < 2 * HOUR
            await on.step()
        assert len(on.site.asked("/feed")) == 4


async def test_b35_a_hub_that_cannot_reach_us_changes_nothing(stage):
    async with stage() as on:
        on.hub.verifies = False  # it took the request, and was never heard of again
        subscription = await on.subscribe()
        assert not subscription.is_live(on.clock.now())
        await on.poll_when_due()
        assert (await on.feed()).next_poll_at - on.clock.now() < 2 * HOUR


async def test_a_hub_that_says_no_is_left_alone_for_a_day(stage):
    async with stage() as on:
        await on.subscribe()
        await on.poll_when_due()
        form = on.hub.asked[0]
        more = {"hub.reason": "no\r\nmore"}
        said = await on.hub.ask(form["hub.callback"], form["hub.topic"], "denied", **more)
        assert said[0] == 200
        subscription = await on.subscription()
        assert not subscription.is_live(on.clock.now())
        assert subscription.next_request_at - on.clock.now() > 23 * HOUR
        assert (await on.feed()).next_poll_at - on.clock.now() < 2 * HOUR
        await on.step()
        assert len(on.hub.asked) == 1


async def test_a_hub_that_lets_news_slip_is_not_relied_on(stage):
    async with stage() as on:
        await on.subscribe()
        await on.poll_when_due()
        due = (await on.feed()).next_poll_at
        old = format_datetime((due - 3 * HOUR).replace(microsecond=0))
        body = rss([("n", "ハブが黙っていた知らせ", "本文。"), *ITEMS])
        body = re.sub(rb"<pubDate>.*?</pubDate>", f"<pubDate>{old}</pubDate>".encode(), body)
        link = f'<{on.hub.url}>; rel="hub", <{on.site.url("/feed")}>; rel="self"'
        on.site.answer("/feed", body=body, headers={"ETag": '"2"', "Link": link})
        report = await on.poll_when_due()
        assert report.new_entries == 1
        assert (await on.feed()).next_poll_at - on.clock.now() < 12 * HOUR
        await on.poll_when_due()  # nothing slipped this time
        assert (await on.feed()).next_poll_at - on.clock.now() >= DAY - timedelta(seconds=5)


async def test_a_source_that_is_removed_ends_its_subscription(stage):
    async with stage() as on:
        subscription = await on.subscribe()
        await on.newsroom.parts.store.sync_feeds([], on.clock.now())
        await on.step()
        assert await on.newsroom.subscriber.postbox.expects(subscription.id) == 410
        assert await on.newsroom.subscriber.postbox.expects(SubscriptionId("x")) == 404


async def test_c26_our_own_outputs_answer_304_with_etag_max_age_and_gzip(stage):
    async with stage() as on:
        await on.newsroom.poll(Wanted())
        address = f"{on.hub.reaches}/feeds/all.atom"
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            async with session.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
                assert answer.headers["Content-Encoding"] == "gzip"
                assert "max-age" in answer.headers["Cache-Control"]
                tag = answer.headers["ETag"]
            conditional = {"Accept-Encoding": "gzip", "If-None-Match": tag}
            async with session.get(address, headers=conditional) as answer:
                assert answer.status == 304


async def test_c26_our_own_outputs_name_their_hub_and_themselves(stage):
    async with stage(websub={"hub": "https://hub.example/"}) as on:
        await on.newsroom.poll(Wanted())
        shelf, own = on.newsroom.parts.shelf, "https://reader.example/feeds/all"
        for name in ("rss", "atom"):
            feed = etree.fromstring(shelf.get(f"feeds/all.{name}").body)
            channel = feed[0] if name == "rss" else feed
            links = {
                link.get("rel"): link.get("href")
                for link in channel.findall("{http://www.w3.org/2005/Atom}link")
                if link.get("rel") in ("hub", "self")
            }
            assert links == {"hub": "https://hub.example/", "self": f"{own}.{name}"}
        document = json.loads(shelf.get("feeds/all.json").body)
        assert document["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]
        assert document["feed_url"] == f"{own}.json"


def _without_hubs(orders):
    return replace(orders, websub=replace(orders.websub, subscribe=False))
