"""From the log to stories and outputs, and a person's hand on them."""

import asyncio
import json
import re
import threading
from datetime import datetime, timedelta
from operator import itemgetter
from pkgutil import resolve_name

import pytest

from aggregator.errors import UsageError
from aggregator.model.identifiers import SourceId
from aggregator.model.query import EntryQuery, SearchQuery, StoryQuery
from aggregator.pipeline.export_lines import export_entries, export_stories
from aggregator.pipeline.reasons import reasons
from aggregator.pipeline.round import Round, Wanted
from tests.fakes.origin import origin
from tests.flows.newsletter import rss
from tests.parse.feeds import SHARED

NAMES = {SourceId("minato"): "みなと新聞", SourceId("chuo"): "中央通信"}


def entry(source, guid, title, at, **more):
    return {
        "source": source,
        "guid": guid,
        "url": f"https://{source}.example/{guid}",
        "title": title,
        "published": f"2026-11-24T{at}:00+09:00",
        **more,
    }


ROOF = "台風24号が九州南部に上陸、鹿児島で6万戸停電"
STREAM = [
    entry("minato", "m1", ROOF, "06:00", summary="台風24号が鹿児島県に上陸した。"),
    entry("chuo", "c1", "台風24号、九州南部に上陸 鹿児島県で約6万戸が停電", "06:20"),
    entry("chuo", "c2", "将棋の名人戦第3局、挑戦者が勝ち2勝1敗に", "06:30"),
    entry("minato", "m2", "ウクライナ停戦、監視団の派遣で合意", "07:00"),
]
TOPICS = [
    {"id": "ceasefire", "name": "停戦", "all": [["ウクライナ"], ["停戦"]]},
]


async def by_guid(newsroom):
    return {one["guid"]: one async for one in export_entries(newsroom.parts.store, NAMES, None)}


async def test_two_outlets_on_one_event_are_one_story_and_one_item(room, lines):
    async with room([], topics=TOPICS) as newsroom:
        report = await newsroom.import_file(lines(*STREAM))
        found = await by_guid(newsroom)
        document = newsroom.parts.shelf.get("feeds/all.rss")
    assert (report.lines, report.new, report.problems) == (4, 4, [])
    assert found["m1"]["story"] == found["c1"]["story"]
    assert len({one["story"] for one in found.values()}) == 3
    assert [topic["id"] for topic in found["m2"]["topics"]] == ["ceasefire"]
    assert found["m2"]["topics"][0]["evidence"]
    assert document is not None


async def test_the_same_lines_again_change_nothing_and_give_the_same_ids(room, lines):
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*STREAM))
        before = await by_guid(newsroom)
        again = await newsroom.import_file(lines(*STREAM))
        assert (again.new, again.updated) == (0, 0)
        assert await by_guid(newsroom) == before


async def test_bad_lines_are_named_and_the_good_ones_kept(room, tmp_path):
    file = tmp_path / "bad.jsonl"
    file.write_text('{"source": "a", "guid": "1", "title": "良い行"}\n{"source": "a"}\nnot json\n')
    async with room([]) as newsroom:
        report = await newsroom.import_file(file)
    assert report.new == 1
    assert [problem.line for problem in report.problems] == [2, 3]


async def test_lines_are_understood_in_order_of_time_not_of_line(room, lines):
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*reversed(STREAM)))
        found = await by_guid(newsroom)
        stories = [one async for one in export_stories(newsroom.parts.store, NAMES, None)]
    story = next(one for one in stories if one["id"] == found["m1"]["story"])
    assert story["entries"] == [found["m1"]["id"], found["c1"]["id"]]
    assert found["m1"]["first_seen"] == "2026-11-23T21:00:00Z"


async def test_a_changed_line_keeps_its_story_and_what_it_said_before(room, lines):
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*STREAM))
        before = await by_guid(newsroom)
        await newsroom.import_file(lines(STREAM[0] | {"title": f"{ROOF}（更新）"}))
        after = await by_guid(newsroom)
        revisions = await newsroom.parts.store.revisions(after["m1"]["id"])
    assert after["m1"]["story"] == before["m1"]["story"]
    assert after["m1"]["title"].endswith("（更新）")
    assert [revision.title for revision in revisions] == [ROOF]


async def test_split_takes_an_entry_out_and_regroup_does_not_undo_it(room, lines):
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*STREAM))
        before = await by_guid(newsroom)
        touched = await newsroom.correct("split", (before["c1"]["id"],))
        after = await by_guid(newsroom)
        assert after["c1"]["story"] != after["m1"]["story"] == before["m1"]["story"]
        assert touched == {after["c1"]["story"], after["m1"]["story"]}
        await newsroom.regroup()
        assert await by_guid(newsroom) == after
        with pytest.raises(UsageError, match="alone"):
            await newsroom.correct("split", (after["c1"]["id"],))


async def test_the_first_entry_of_a_story_can_be_split_off_too(room, lines):
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*STREAM))
        before = await by_guid(newsroom)
        await newsroom.correct("split", (before["m1"]["id"],))
        after = await by_guid(newsroom)
    assert after["m1"]["story"] == before["m1"]["story"] != after["c1"]["story"]


async def test_join_makes_one_story_under_the_older_id_and_the_other_redirects(room, lines):
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*STREAM))
        before = await by_guid(newsroom)
        await newsroom.correct("join", (before["m2"]["story"], before["c2"]["story"]))
        after = await by_guid(newsroom)
        assert after["m2"]["story"] == after["c2"]["story"] == before["c2"]["story"]
        where = await newsroom.parts.store.locate(before["m2"]["story"])
        assert where is not None
        assert where.story == before["c2"]["story"]
        await newsroom.regroup()
        assert await by_guid(newsroom) == after
        with pytest.raises(UsageError, match="one story already"):
            await newsroom.correct("join", (after["m2"]["id"], after["c2"]["id"]))


async def test_a_withdrawn_entry_is_gone_everywhere_and_never_comes_back(room, lines):
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*STREAM))
        story = (await by_guid(newsroom))["c2"]["story"]
        await newsroom.correct("withdraw", (STREAM[2]["url"],))
        await newsroom.import_file(lines(STREAM[2], STREAM[2] | {"guid": "c2-again"}))
        assert set(await by_guid(newsroom)) == {"m1", "m2", "c1"}
        search = await newsroom.parts.store.search(SearchQuery(text="名人"))
        assert search.items == ()
        stories = await newsroom.parts.store.stories(StoryQuery())
        assert story not in {one.id for one in stories.items}


async def test_a_muted_story_leaves_the_outputs_and_stays_in_the_archive(room, lines, turned_clock):
    recent = [
        one | {"published": turned_clock.now().isoformat(timespec="seconds")} for one in STREAM[2:3]
    ]
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*recent))
        found = (await by_guid(newsroom))["c2"]
        document = newsroom.parts.shelf.get("feeds/all.json")
        assert document is not None
        assert found["story"].encode() in document.body
        await newsroom.correct("mute", (found["story"],))
        document = newsroom.parts.shelf.get("feeds/all.json")
        assert document is not None
        assert found["story"].encode() not in document.body
        assert (await newsroom.parts.store.entries(EntryQuery())).items


async def test_an_unknown_name_is_wrong_usage(room):
    async with room([]) as newsroom:
        for hand, arguments in (
            ("split", ("nothing",)),
            ("join", ("nothing", "nothing")),
            ("mute", ("nothing",)),
            ("withdraw", ("nothing",)),
            ("split", ()),
        ):
            with pytest.raises(UsageError):
                await newsroom.correct(hand, arguments)


async def test_retag_applies_new_topics_to_what_is_stored(room, lines):
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*STREAM))
        assert not (await by_guid(newsroom))["m2"]["topics"]
    async with room([], topics=TOPICS) as newsroom:
        would = await newsroom.simulate(3650)
        assert {topic: len(titles) for topic, titles in would[0].gained.items()} == {"ceasefire": 1}
        assert not (await by_guid(newsroom))["m2"]["topics"]
        await newsroom.retag()
        assert (await by_guid(newsroom))["m2"]["topics"]


async def test_published_documents_name_our_own_ids_only_once(room, lines, turned_clock):
    recent = [
        one | {"published": turned_clock.now().isoformat(timespec="seconds")} for one in STREAM
    ]
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*recent))
        document = newsroom.parts.shelf.get("feeds/all.rss")
    assert document is not None
    guids = re.findall(r"urn:uuid:[0-9a-f-]+", document.body.decode())
    assert len(guids) == len(set(guids)) == 3


async def test_an_imported_outlet_is_known_by_its_name_afterwards_too(room, lines, turned_clock):
    now = turned_clock.now().isoformat(timespec="seconds")
    async with room([]) as newsroom:
        await newsroom.import_file(lines(STREAM[0] | {"outlet": "みなと新聞", "published": now}))
    async with room([]) as newsroom:
        assert newsroom.parts.orders.source(SourceId("minato")).name == "みなと新聞"
        await newsroom.publish()
        document = newsroom.parts.shelf.get("feeds/all.json")
    assert document is not None
    assert "みなと新聞" in document.body.decode()


async def test_b02_outputs_that_a_crash_left_behind_catch_up_with_the_next_step(
    room, lines, turned_clock, monkeypatch
):
    recent = [
        one | {"published": turned_clock.now().isoformat(timespec="seconds")} for one in STREAM
    ]
    async with room([]) as newsroom:

        async def crash(_touched):
            raise KeyboardInterrupt

        monkeypatch.setattr(newsroom.publisher, "republish", crash)
        with pytest.raises(KeyboardInterrupt):
            await newsroom.import_file(lines(*recent))
    async with room([]) as newsroom:
        await newsroom.understand()
        document = newsroom.parts.shelf.get("feeds/all.rss")
    assert document is not None
    assert document.body.count(b"<item>") == 3


async def test_a_reason_names_outlets_by_the_names_that_people_know(room, lines):
    stream = [
        one | {"outlet": name}
        for one, name in zip(STREAM[:2], ("みなと新聞", "中央通信"), strict=True)
    ]
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*stream))
        found = await by_guid(newsroom)
        said = await reasons(newsroom.parts, found["c1"]["id"])
    assert said[1].startswith(f"{found['c1']['id']}  中央通信: ")
    assert f"みなと新聞「{ROOF}」" in said[2]


async def test_regroup_under_the_same_rules_moves_nothing(room, lines):
    stream = SHARED / "corpus" / "streams" / "wire-pool" / "2026-08-19a.jsonl"
    if not stream.exists():
        pytest.skip("shared/corpus is not here")
    taken = {}
    for line in stream.read_text().splitlines()[:1500]:  # three batches, whose ends cut no round
        one = json.loads(line)
        taken[one["url"]] = {"source": one["outlet"]} | {
            name: one[name] for name in ("url", "title", "summary", "published", "language")
        }
    async with room([]) as newsroom:
        await newsroom.import_file(lines(*taken.values()))
        assert (await newsroom.regroup()).moved == {}


def a_wire_stream(count):
    stream = SHARED / "corpus" / "streams" / "wire-pool" / "2026-08-19a.jsonl"
    if not stream.exists():
        pytest.skip("shared/corpus is not here")
    taken = {}
    for line in stream.read_text().splitlines():
        one = json.loads(line)
        taken[one["url"]] = {"source": one["outlet"]} | {
            name: one[name] for name in ("url", "title", "summary", "published", "language")
        }
    dated = sorted(filter(itemgetter("published"), taken.values()), key=itemgetter("published"))
    return dated[-count:]


def numbered_lines(count):
    """Return what two offices and a paper say, by the hour: series, and one address for several."""
    return [
        entry(
            ("minato", "chuo", "kita")[n % 3],
            f"n{n}",
            f"県の新型感染症の新規感染は{120 + n % 7}人" if n % 4 else f"{ROOF} 第{n}報",
            f"{n * 23 // 60 % 24:02d}:{n * 23 % 60:02d}",
            url=f"https://x.example/{n % 11}",
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("stream", [a_wire_stream, numbered_lines])
async def test_a_daemon_that_restarts_before_every_batch_decides_as_one_that_never_stops(
    room, lines, monkeypatch, turned_clock, stream
):
    monkeypatch.setattr("aggregator.pipeline.import_lines.BATCH", 40)
    said = stream(400)
    imported = lines(*said)
    last = max(datetime.fromisoformat(one["published"]) for one in said)
    turned_clock.turned = last + timedelta(hours=1) - turned_clock.now()
    decided = []
    for restarts in (False, True):
        async with room([], data=f"data-{restarts}") as newsroom:
            understanding = newsroom.understanding
            if restarts:
                forgotten = understanding.consume

                async def consume(*, as_logged=False, consume=forgotten, of=understanding):
                    of.forget_window()
                    return await consume(as_logged=as_logged)

                monkeypatch.setattr(understanding, "consume", consume)
            await newsroom.import_file(imported)
            since = turned_clock.now() - timedelta(days=3650)
            decided.append([one async for one in newsroom.parts.store.window_entries(since)])
    never, always = ([one.placement for one in some] for some in decided)
    assert len(never) > 50
    assert always == never


@pytest.mark.parametrize(
    "step",
    [
        "aggregator.cluster.window:Restoring.add",
        "aggregator.cluster.window:Window.assign_batch",
        "aggregator.pipeline.consume:build_story",
        "aggregator.pipeline.republish:update_output",
        "aggregator.pipeline.republish:render_output",
        "aggregator.pipeline.special_feeds:suppressed_drafts",
        "aggregator.pipeline.special_feeds:merged",
    ],
)
async def test_the_loop_turns_while_what_came_in_is_understood_and_published(
    room, lines, monkeypatch, step
):
    begun, turned = threading.Event(), threading.Event()
    compute = resolve_name(step)

    def wait_for_a_turn(*args, **kwargs):
        begun.set()
        assert turned.wait(5), f"{step} keeps the loop from turning"
        return compute(*args, **kwargs)

    async with room([]) as newsroom:
        await newsroom.import_file(lines(STREAM[0]))
        newsroom.understanding.forget_window()  # so that the next step fills it anew
        monkeypatch.setattr(step.replace(":", "."), wait_for_a_turn)
        importing = asyncio.create_task(newsroom.import_file(lines(*STREAM[1:])))
        while not (begun.is_set() or importing.done()):
            await asyncio.sleep(0.001)
        turned.set()
        assert (await importing).new == len(STREAM) - 1
    assert begun.is_set()


async def test_after_a_stop_the_log_waits_for_the_next_start(room):
    async with origin() as site:
        site.answer("/feed", body=rss([("a", ROOF, "鹿児島県に上陸した。")]))
        listed = [{"id": "minato", "name": "みなと新聞", "url": site.url("/feed")}]
        async with room(listed) as newsroom:
            await Round(newsroom.parts, Wanted()).run()
            newsroom.understanding.stop()
            assert await newsroom.understand() == frozenset()
        async with room(listed) as newsroom:
            assert len(await newsroom.understand()) == 1
