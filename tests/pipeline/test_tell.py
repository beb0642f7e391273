"""Notifications and hub pings, against real HTTP receivers."""

import asyncio
import hashlib
import hmac
import json
from datetime import timedelta
from urllib.parse import parse_qs

from aggregator.serve.access import load_keys
from tests.fakes.origin import make_answer, origin
from tests.pipeline.test_special_feeds import recent
from tests.pipeline.test_understanding import STREAM, by_guid, entry


def output(site, **notify):
    return [{"id": "all", "title": "すべて", "notify": {"url": site.url("/x"), **notify}}]


def said(site, path="/x"):
    return [asked.body.decode().splitlines()[0] for asked in site.asked(path)]


async def test_each_story_is_told_of_once_over_restarts_too(room, lines, turned_clock):
    async with origin() as site:
        site.answer("/x")
        stream = recent(turned_clock, *STREAM)
        async with room([], outputs=output(site)) as newsroom:
            await newsroom.import_file(lines(*stream[:3]))
            await newsroom.tell()
            await newsroom.tell()
            assert len(said(site)) == len(set(said(site))) == 2
        async with room([], outputs=output(site)) as newsroom:
            await newsroom.publish()
            await newsroom.import_file(lines(*stream))
            await asyncio.gather(newsroom.tell(), newsroom.tell())
        assert said(site)[2:] == [STREAM[3]["title"]]
        assert {asked.method for asked in site.requests} == {"POST"}


async def test_a_story_is_told_of_when_enough_sources_report_it(room, lines, turned_clock):
    async with origin() as site:
        site.answer("/x")
        one, other, *_ = recent(turned_clock, *STREAM)
        third = recent(turned_clock, entry("asahi", "a1", STREAM[0]["title"] + "へ", "06:10"))[0]
        async with room([], outputs=output(site, min_independent=2)) as newsroom:
            await newsroom.import_file(lines(one))
            await newsroom.tell()
            assert said(site) == []
            await newsroom.import_file(lines(other, third))
            await newsroom.tell()
            assert len(said(site)) == 1
            await newsroom.tell()
        assert len(said(site)) == 1


async def test_a_failed_receiver_is_asked_again_later_and_publishing_goes_on(
    room, lines, turned_clock
):
    async with origin() as site:
        site.program("/x", make_answer(status=503), make_answer())
        async with room([], outputs=output(site)) as newsroom:
            await newsroom.import_file(lines(*recent(turned_clock, STREAM[2])))
            await newsroom.tell()
            await newsroom.tell()
            assert len(said(site)) == 1
            document = newsroom.parts.shelf.get("feeds/all.rss")
            assert document is not None
            assert b"<item>" in document.body
        turned_clock.turned += timedelta(minutes=2)
        async with room([], outputs=output(site)) as newsroom:
            await newsroom.tell()
            await newsroom.tell()
        assert said(site) == [STREAM[2]["title"]] * 2


async def test_a_receiver_that_never_answers_holds_up_nothing(room, lines, turned_clock):
    async with origin() as site:
        site.answer("/x", silent=True, body="x")
        polling = {"timeout": "1s"}
        async with room([], outputs=output(site), polling=polling) as newsroom:
            await newsroom.import_file(lines(*recent(turned_clock, STREAM[2])))
            telling = asyncio.create_task(newsroom.tell())
            await asyncio.sleep(0.05)
            await asyncio.wait_for(newsroom.publish(), 0.9)
            assert not telling.done() or said(site)
            await telling


async def test_what_was_hidden_meanwhile_is_not_told_of(room, lines, turned_clock):
    now = turned_clock.now() + timedelta(hours=9)  # in Tokyo
    quiet = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=1):%H:%M}"
    async with origin() as site:
        site.answer("/x")
        async with room([], outputs=output(site, quiet=quiet)) as newsroom:
            await newsroom.import_file(lines(*recent(turned_clock, *STREAM[2:])))
            await newsroom.tell()
            assert said(site) == []
            await newsroom.correct("mute", ((await by_guid(newsroom))["c2"]["story"],))
            turned_clock.turned += timedelta(hours=2)
            await newsroom.tell()
            await newsroom.tell()
        assert said(site) == [STREAM[3]["title"]]


async def test_beyond_the_days_number_nobody_is_told_even_tomorrow(room, lines, turned_clock):
    async with origin() as site:
        site.answer("/x")
        async with room([], outputs=output(site, max_per_day=1)) as newsroom:
            await newsroom.import_file(lines(*recent(turned_clock, *STREAM)))
            await newsroom.tell()
            turned_clock.turned += timedelta(days=1)
            await newsroom.tell()
        assert len(said(site)) == 1
        assert b'notifications_total{outcome="skipped"} 2.0' in newsroom.parts.metrics.render()


async def test_a_webhook_can_prove_that_a_message_is_ours(room, lines, turned_clock):
    async with origin() as site:
        site.answer("/x", status=204)
        async with room([], outputs=output(site, kind="webhook")) as newsroom:
            await newsroom.import_file(lines(*recent(turned_clock, STREAM[2])))
            await newsroom.tell()
            secret = (await load_keys(newsroom.parts.store)).webhook("all")
        (asked,) = site.asked("/x")
        digest = hmac.new(secret.encode(), asked.body, hashlib.sha256).hexdigest()
        assert asked.header("X-Aggregator-Signature") == f"sha256={digest}"
        assert json.loads(asked.body)["title"] == STREAM[2]["title"]


async def test_set_up_anew_it_tells_of_nothing_that_came_in_between(room, lines, turned_clock):
    async with origin() as site:
        site.answer("/x")
        async with room([], outputs=output(site)) as newsroom:
            await newsroom.tell()
        async with room([]) as newsroom:
            await newsroom.import_file(lines(*recent(turned_clock, STREAM[2])))
            await newsroom.tell()
        turned_clock.turned += timedelta(hours=6)
        async with room([], outputs=output(site)) as newsroom:
            await newsroom.tell()
        assert said(site) == []


# -- WebSub -------------------------------------------------------------------------------------------


def with_hub(newsroom, site):
    from dataclasses import replace

    orders = newsroom.parts.orders
    publish = replace(orders.publish, hub=site.url("/hub"), public_url="https://news.example")
    newsroom.parts.orders = replace(orders, publish=publish)


def pinged(site):
    forms = [parse_qs(asked.body.decode()) for asked in site.asked("/hub")]
    assert all(form["hub.mode"] == ["publish"] for form in forms)
    return sorted(form["hub.url"][0] for form in forms)


ALL_THREE = [f"https://news.example/feeds/all.{e}" for e in ("atom", "json", "rss")]


async def test_the_hub_is_told_of_each_changed_document_once(room, lines, turned_clock):
    async with origin() as site:
        site.answer("/hub", status=202)
        async with room([]) as newsroom:
            with_hub(newsroom, site)
            await newsroom.publish()
            await newsroom.tell()
            assert pinged(site) == ALL_THREE
            await newsroom.tell()
            await newsroom.publish()
            await newsroom.tell()
            assert len(site.requests) == 3
            await newsroom.import_file(lines(*recent(turned_clock, STREAM[2])))
            await newsroom.tell()
            assert pinged(site) == sorted(ALL_THREE * 2)
            document = newsroom.parts.shelf.get("feeds/all.atom")
            assert document is not None
            assert site.url("/hub").encode() in document.body
        async with room([]) as newsroom:
            with_hub(newsroom, site)
            await newsroom.publish()
            await newsroom.tell()
        assert len(site.requests) == 6  # a restart changes no document


async def test_a_hub_that_is_down_is_told_later(room, turned_clock):
    async with origin() as site:
        site.program("/hub", make_answer(status=503), make_answer(status=202))
        async with room([]) as newsroom:
            with_hub(newsroom, site)
            await newsroom.publish()
            await newsroom.tell()
            await newsroom.tell()
            assert len(site.requests) == 1
            turned_clock.turned += timedelta(minutes=2)
            await newsroom.tell()
        assert sorted(set(pinged(site))) == ALL_THREE
        assert len(site.requests) == 4


async def test_no_hub_hears_of_private_outputs_or_of_the_programs_own_feeds(room):
    outputs = [{"id": "all", "title": "a"}, {"id": "diary", "title": "d", "private": True}]
    async with origin() as site:
        site.answer("/hub", status=202)
        async with room([], outputs=outputs) as newsroom:
            with_hub(newsroom, site)
            await newsroom.publish()
            await newsroom.tell()
        assert pinged(site) == ALL_THREE
