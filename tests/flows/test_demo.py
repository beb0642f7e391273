"""What the demonstration promises to show, it shows."""

from datetime import timedelta

from aggregator.daemon.newsroom import open_newsroom
from aggregator.demo.news import OUTLETS, RELEASES
from aggregator.demo.newsroom import Newsroom
from aggregator.demo.show import write_configuration
from aggregator.pipeline.export_lines import export_entries
from aggregator.pipeline.round import Wanted
from aggregator.settings.load import load


async def test_the_sample_news_becomes_the_stories_it_was_written_for(tmp_path, turned_clock):
    start = turned_clock.now().replace(microsecond=0)
    with Newsroom(
        OUTLETS, RELEASES, start, lambda: (turned_clock.now() - start).total_seconds()
    ) as newsroom:
        write_configuration(tmp_path / "config", newsroom, 8080)
        data = tmp_path / "data"
        data.mkdir()
        async with open_newsroom(load(tmp_path / "config", {}), data, clock=turned_clock) as room:
            assert await room.digests.make_due() == 0  # its time has not come
            for seconds in range(0, 160, 10):
                turned_clock.turned = timedelta(seconds=seconds)
                await room.poll(Wanted(all_feeds=True))
            found = {}
            async for one in export_entries(room.parts.store, {}, None):
                found[(one["source"], one["url"].rpartition("/")[2])] = one
            combined = room.parts.shelf.get("feeds/combined.rss")
            turned_clock.turned = timedelta(minutes=3)
            assert await room.digests.make_due() == 1
            (edition,) = await room.parts.store.editions("combined", 10)
            digests = room.parts.shelf.get("feeds/digest-combined.rss")
    quakes = {found["chuo", f"quake-{number}"]["story"] for number in range(1, 5)}
    assert len(quakes) == 4, "four earthquakes are four stories"
    talks = [found[outlet, "talks"] for outlet in ("chuo", "tokai", "kaikyo", "minato")]
    assert len({one["story"] for one in talks}) == 1, "the talks in Geneva are one story"
    assert found["kaikyo", "talks"]["copy_of"] == found["chuo", "talks"]["id"]
    assert found["chuo", "talks"]["title"].startswith("米ロ高官"), "the flash became a report"
    assert found["harbour", "talks"]["story"] == talks[0]["story"], "in English too"
    assert found["tokai", "visitors"]["story"] == found["chuo", "visitors"]["story"]
    assert found["kaikyo", "ferry"]["story"] == found["tokai", "ferry"]["story"]
    assert {topic["id"] for topic in talks[3]["topics"]} == {"us-russia", "ukraine-ceasefire"}
    assert combined is not None
    assert combined.body.decode().count("<item>") >= 2
    talking = next(
        s for s in edition.digest.sections if found["minato", "talks"]["story"] == s.story
    )
    assert {"minato", "harbour"} <= set(talking.sources)
    assert talking.points, "the digest quotes the reports"
    assert digests is not None
    assert "米ロ" in digests.body.decode()
