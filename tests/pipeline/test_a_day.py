"""A day of hourly polls: what a reader that subscribed in the morning is sent of an old item."""

import json
import re
from datetime import timedelta

from aggregator.pipeline.round import Wanted
from tests.fakes.origin import origin
from tests.flows.newsletter import rss
from tests.pipeline.test_archives import headline

OLD = ("old", "北海道で初雪 平年より5日早く", "札幌管区気象台は初雪を観測したと発表した。")


def items(newsroom) -> dict[str, bytes]:
    """Return the old item's bytes in each format."""
    found = {}
    for extension, pattern in (("rss", rb"<item>.*?</item>"), ("atom", rb"<entry.*?</entry>")):
        body = newsroom.parts.shelf.get(f"feeds/all.{extension}").body
        (found[extension],) = [
            item for item in re.findall(pattern, body, re.DOTALL) if OLD[1].encode() in item
        ]
    document = json.loads(newsroom.parts.shelf.get("feeds/all.json").body)
    (item,) = [item for item in document["items"] if item["title"] == OLD[1]]
    return found | {"json": json.dumps(item).encode()}


async def test_an_untouched_item_keeps_its_bytes_over_a_day_of_polls_and_a_quiet_hour_all_of_them(
    room, turned_clock
):
    async with origin() as site:
        news = [OLD]
        site.answer("/feed", body=rss(news))
        outlets = [{"id": "minato", "name": "みなと新聞", "url": site.url("/feed")}]
        async with room(outlets) as newsroom:
            await newsroom.poll(Wanted(all_feeds=True))
            morning = items(newsroom)
            for hour in range(24):
                turned_clock.turned += timedelta(hours=1)
                before = newsroom.parts.shelf.get("feeds/all.rss")
                if hour % 3 == 0:
                    news = [(f"g{hour}", headline(hour), ""), *news]
                    site.answer("/feed", body=rss(news))
                await newsroom.poll(Wanted(all_feeds=True))
                after = newsroom.parts.shelf.get("feeds/all.rss")
                assert (after.etag == before.etag) is (hour % 3 != 0)
                assert items(newsroom) == morning
