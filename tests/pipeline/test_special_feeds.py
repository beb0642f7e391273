"""The program's own feeds in a newsroom with a real store."""

import asyncio
import json
from datetime import timedelta

import pytest

from aggregator.pipeline.special_feeds import is_special_feed
from tests.fakes.origin import origin
from tests.pipeline.test_understanding import STREAM, by_guid, entry

OTHERS = (
    "北海道・根室の水産倉庫で火事、冷凍庫から出火か 従業員は無事",
    "金融庁、地方銀行に業務改善命令 顧客情報の持ち出しで",
    "市町村の3割で図書館の開館日が減少 全国調査、昨年度",
    "小型衛星6基、種子島から来春に打ち上げへ",
    "レタスの卸値、前年より4割高 夏の雨不足が響く",
    "長野・飯山市 高校生が「雪の学校」で講師に 雪国の暮らし伝える",
)


def recent(clock, *entries, minutes=30):
    """Return entries as if they had come within the last minutes, in this order."""
    now = clock.now().replace(microsecond=0)
    return [
        one | {"published": (now - timedelta(minutes=minutes - number)).isoformat()}
        for number, one in enumerate(entries)
    ]


def feed(newsroom, name):
    document = newsroom.parts.shelf.get(f"feeds/{name}.json")
    assert document is not None
    return json.loads(document.body)


def titles(newsroom, name):
    return [item["title"] for item in feed(newsroom, name)["items"]]


def bodies(newsroom, name):
    found = [newsroom.parts.shelf.get(f"feeds/{name}.{e}") for e in ("rss", "atom", "json")]
    return [document.body for document in found if document is not None]


async def test_a_changed_headline_is_listed_with_what_changed(room, lines, turned_clock):
    first = recent(turned_clock, *STREAM)
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*first))
        assert titles(newsroom, "edits") == []
        await newsroom.import_file(
            lines(first[2] | {"title": "将棋の名人戦第3局、挑戦者が勝ち3勝1敗に"})
        )
        (item,) = feed(newsroom, "edits")["items"]
        assert item["title"] == "将棋の名人戦第3局、挑戦者が勝ち3勝1敗に"
        assert "<del>2</del><ins>3</ins>" in item["content_html"]
        before = bodies(newsroom, "edits")
        story = (await by_guid(newsroom))["c2"]["story"]
        assert await newsroom.publisher.special.make(f"feeds/story-{story}.json")
        (report,) = feed(newsroom, f"story-{story}")["items"]
        assert report["date_modified"] > report["date_published"]
        await newsroom.publish()
    async with room([]) as newsroom:
        await newsroom.publish()
        assert bodies(newsroom, "edits") == before
        await newsroom.correct("withdraw", (first[2]["url"],))
        assert titles(newsroom, "edits") == []


async def test_what_was_folded_or_left_out_is_listed_with_its_reason(room, lines, turned_clock):
    outputs = [{"id": "all", "title": "すべて", "exclude": ["将棋"]}]
    async with room([], outputs=outputs) as newsroom:
        await newsroom.import_file(lines(*recent(turned_clock, *STREAM)))
        items = {item["title"]: item for item in feed(newsroom, "suppressed")["items"]}
        folded = items["台風24号、九州南部に上陸 鹿児島県で約6万戸が停電（まとめ済み）"]
        assert folded["content_html"] != "<p></p>"
        hidden = items["将棋の名人戦第3局、挑戦者が勝ち2勝1敗に（掲載なし）"]
        assert "exclude の語「将棋」" in hidden["content_html"]
        assert len(items) == 2
        found = await by_guid(newsroom)
        await newsroom.correct("split", (found["c1"]["id"],))
        assert titles(newsroom, "suppressed") == [hidden["title"]]
        await newsroom.correct("mute", (found["m2"]["story"],))
        assert any("手で隠した" in i["summary"] for i in feed(newsroom, "suppressed")["items"])


async def test_items_keep_their_bytes_while_nothing_changes(room, lines, turned_clock):
    stream = recent(turned_clock, *STREAM)
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*stream))
        before = bodies(newsroom, "suppressed")
        turned_clock.turned += timedelta(hours=3)
        await newsroom.import_file(lines(*stream))
        await newsroom.publish()
        assert bodies(newsroom, "suppressed") == before
    async with room([]) as newsroom:
        await newsroom.publish()
        assert bodies(newsroom, "suppressed") == before


async def test_a_refusing_source_has_one_incident_until_it_answers_again(room, turned_clock):
    rss = "<rss version='2.0'><channel><title>f</title><item><guid>1</guid><title>見出し</title></item></channel></rss>"
    async with origin() as site:
        site.answer("/feed", status=403)
        sources = [{"id": "minato", "name": "みなと新聞", "url": site.url("/feed")}]
        async with room(sources) as newsroom:
            await newsroom.poll(wanted())
            assert titles(newsroom, "status") == ["みなと新聞：取得を断られています"]
            before = bodies(newsroom, "status")
            await newsroom.poll(wanted(all_feeds=True))
            assert bodies(newsroom, "status") == before
        turned_clock.turned += timedelta(days=2)
        async with room(sources) as newsroom:
            await newsroom.publish()
            assert bodies(newsroom, "status") == before
            site.answer("/feed", body=rss)
            await newsroom.poll(wanted(all_feeds=True))
            assert titles(newsroom, "status") == [
                "みなと新聞：解消（取得を断られています）",
                "みなと新聞：取得を断られています",
            ]


def wanted(*, all_feeds=False):
    from aggregator.pipeline.round import Wanted

    return Wanted(all_feeds=all_feeds)


async def test_b26_a_storys_feed_is_made_when_asked_for_and_lies_in_no_file(
    room, lines, tmp_path, turned_clock
):
    async with room([]) as newsroom:
        special, shelf = newsroom.publisher.special, newsroom.parts.shelf
        await newsroom.import_file(lines(*recent(turned_clock, *STREAM)))
        story = (await by_guid(newsroom))["m1"]["story"]
        name = f"feeds/story-{story}.atom"
        assert shelf.get(name) is None
        made = await asyncio.gather(*(special.make(name) for _ in range(5)))
        assert made == [True] * 5
        assert len(feed(newsroom, f"story-{story}")["items"]) == 2
        assert not (tmp_path / "data/public" / name).exists()
        before = shelf.get(name)
        special.forget_stale()
        assert shelf.get(name) is before
        turned_clock.turned += timedelta(minutes=2)
        special.forget_stale()
        assert shelf.get(name) is None
        assert await special.make(name)
        again = shelf.get(name)
        assert before is not None
        assert again is not None
        assert (again.etag, again.modified_at) == (before.etag, before.modified_at)


async def test_what_follows_a_story_is_in_its_feed(room, lines, turned_clock):
    """Found to follow by the machine itself: near a story of a day and a half before, but no report of the same event."""
    day = turned_clock.now().replace(microsecond=0) - timedelta(days=3)
    elsewhere = [
        entry("chuo", f"e{n}", title, "06:00") | {"published": day.isoformat()}
        for n, title in enumerate(OTHERS)
    ]
    first = entry(
        "minato", "g1", "北岳ダムの水門開放は「避難の完了後」 県の対策本部が説明", "06:00"
    ) | {"published": day.isoformat()}
    later = entry(
        "chuo", "g2", "北岳ダムの町長、水門開放案に同意せず 「避難完了が先」", "06:00"
    ) | {"published": (day + timedelta(hours=39)).isoformat()}
    async with room([], stories={"sensitivity": "strict"}) as newsroom:
        await newsroom.import_file(lines(*elsewhere, first, later))
        found = await by_guid(newsroom)
        story = found["g1"]["story"]
        assert found["g2"]["story"] != story
        assert await newsroom.publisher.special.make(f"feeds/story-{story}.rss")
        assert titles(newsroom, f"story-{story}") == [
            f"続く話題：{later['title']}",
            first["title"],
        ]


async def test_unknown_and_hidden_stories_and_other_names_have_no_feed(room, lines, turned_clock):
    async with room([]) as newsroom:
        make = newsroom.publisher.special.make
        await newsroom.import_file(lines(*recent(turned_clock, *STREAM)))
        story = (await by_guid(newsroom))["c2"]["story"]
        await newsroom.correct("mute", (story,))
        for name in (f"story-{story}", "story-unknown", "other", "all.1", "gone.1"):
            assert not await make(f"feeds/{name}.rss")


async def test_only_so_many_feeds_made_on_demand_are_in_memory(room, lines, turned_clock):
    stream = [
        entry("minato", f"g{n}", f"固有の見出し{n}号 {n * 7919}", "06:00") for n in range(102)
    ]
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*recent(turned_clock, *stream)))
        stories = {one["story"] for one in (await by_guid(newsroom)).values()}
        assert len(stories) > 100
        for story in stories:
            assert await newsroom.publisher.special.make(f"feeds/story-{story}.rss")
        kept = {n for n in newsroom.parts.shelf.names() if n.startswith("feeds/story-")}
        assert len(kept) == 300  # a hundred in three formats


@pytest.mark.parametrize(
    ("name", "special"),
    [
        ("feeds/status.rss", True),
        ("feeds/story-1.atom", True),
        ("feeds/all.2.json", True),
        ("feeds/all.json", False),
        ("feeds.opml", False),
    ],
)
def test_which_documents_are_the_programs_own(name, special):
    assert is_special_feed(name) is special
