"""Editions on a real store: made when due, kept, published as feeds, revised when wrong."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest

from aggregator.cli.app import run
from aggregator.daemon.newsroom import Newsroom, open_newsroom
from aggregator.digest.key_points import is_verbatim
from aggregator.errors import UsageError
from aggregator.model.digest import DigestPlan, Edition, EditionKind, EditionTime
from aggregator.model.identifiers import OutputId, SourceId, TopicId
from aggregator.model.output import Output
from aggregator.model.source import Source
from aggregator.model.topic import Term, Topic
from aggregator.observe.health import Health
from aggregator.publish.digest_text import digest_markdown
from aggregator.serve.app import Desk, make_app
from aggregator.settings.configuration import Configuration

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # 21:00 in Tokyo
HOUR = timedelta(hours=1)
PLAN = DigestPlan(
    subject="us-russia",
    topics=("us-russia",),
    editions=(EditionTime(kind=EditionKind.DAILY, hour=7, minute=0),),
)
ZONE = ZoneInfo("Asia/Tokyo")
CALL = "トランプ米大統領とプーチン露大統領は23日、電話会談を行った。30日間の停戦で合意した。"


class MovedClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


def configuration(**changes: object) -> Configuration:
    topic = Topic(
        id=TopicId("us-russia"),
        names=(("ja", "米ロ関係"), ("en", "US-Russia relations")),
        all=((Term("トランプ"), Term("米ロ")), (Term("プーチン"), Term("米ロ"))),
    )
    made = Configuration(
        directory=Path("config"),
        sources=tuple(
            Source(id=SourceId(s), name=n)
            for s, n in (("mainichi", "毎日新聞"), ("jiji", "時事通信"))
        ),
        topics=(topic,),
        outputs=(Output(id=OutputId("all"), title="すべて"),),
        digests=(PLAN,),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # whatever the test names


def line(source: str, guid: str, title: str, summary: str, at: datetime) -> dict[str, str]:
    return {
        "source": source,
        "guid": guid,
        "url": f"https://{source}.example/{guid}",
        "title": title,
        "summary": summary,
        "published": at.isoformat(),
        "language": "ja",
    }


@dataclass
class Room:
    """A newsroom, its clock and its folder."""

    newsroom: Newsroom
    clock: MovedClock
    folder: Path

    async def take(self, *lines: dict[str, str]) -> None:
        """Import lines."""
        file = self.folder / "lines.jsonl"
        file.write_text("".join(json.dumps(one) + "\n" for one in lines))
        report = await self.newsroom.import_file(file)
        assert not report.problems

    async def editions(self) -> tuple[Edition, ...]:
        return await self.newsroom.parts.store.editions("us-russia")

    def feed(self, name: str = "digest-us-russia") -> list[dict[str, Any]]:
        document = self.newsroom.parts.shelf.get(f"feeds/{name}.json")
        assert document is not None
        items: list[dict[str, Any]] = json.loads(document.body)["items"]
        return items


@pytest.fixture
async def room(tmp_path):
    clock = MovedClock()
    async with open_newsroom(configuration(), tmp_path, clock=clock) as newsroom:
        yield Room(newsroom, clock, tmp_path)


NEWS = line("mainichi", "1", "米ロ首脳が電話会談", CALL, START + HOUR)
WEEK_BEFORE = line("jiji", "0", "米ロ首脳が電話会談へ", "", START - 100 * HOUR)
FOREIGN = line(
    "jiji", "9", "日銀が金利を据え置き", "日本銀行は23日、金利を据え置いた。", START + HOUR
)


async def test_an_edition_is_made_when_its_time_has_come_and_only_once(room):
    assert await room.newsroom.make_digests() == 0  # from now on somebody looks
    room.clock.at = START + 11 * HOUR  # 08:00
    await room.take(WEEK_BEFORE, NEWS, FOREIGN)
    assert await room.newsroom.make_digests() == 1
    assert await room.newsroom.make_digests() == 0
    (edition,) = await room.editions()
    assert (edition.name, edition.revision) == ("2026-11-24-daily", 0)
    digest = edition.digest
    assert digest.until == START + 10 * HOUR  # 07:00, though made late
    (section,) = digest.sections
    assert [r.outlet for r in section.readings] == ["毎日新聞"]
    assert [e.outlet for e in digest.background] == ["時事通信"]
    for point in section.points:
        entry = await room.newsroom.parts.store.read_entry(point.entry)
        assert entry is not None
        assert is_verbatim(point, entry.summary)
    assert section.points


async def test_feeds_of_digests_are_on_the_shelf_and_stay_when_outputs_are_published(room):
    await room.newsroom.make_digests()
    room.clock.at = START + 11 * HOUR
    await room.take(NEWS)
    await room.newsroom.make_digests()
    (item,) = room.feed()
    assert item["title"] == "米ロ関係：米ロ首脳が電話会談（2026年11月24日(火)）"
    assert room.feed("digests")[0]["id"] == item["id"]
    opml = room.newsroom.parts.shelf.get("feeds.opml").body.decode()
    assert opml.index("feeds/all.rss") < opml.index("feeds/digests.rss")
    assert 'text="米ロ関係 のダイジェスト"' in opml
    before = room.newsroom.parts.shelf.get("feeds/digest-us-russia.rss")
    await room.newsroom.publish()
    assert room.newsroom.parts.shelf.get("feeds/digest-us-russia.rss") == before
    await room.newsroom.reconfigure(configuration(digests=()))
    assert not [name for name in room.newsroom.parts.shelf.names() if "digest" in name]


async def test_the_digest_of_a_private_output_is_in_no_open_list_and_no_file(tmp_path):
    clock = MovedClock()
    diary = Output(id=OutputId("diary"), title="控え", private=True)
    plan = replace(PLAN, subject="diary", topics=(), output="diary")
    private = configuration(outputs=(diary,), digests=(plan,))
    async with open_newsroom(private, tmp_path, clock=clock) as newsroom:
        room = Room(newsroom, clock, tmp_path)
        await newsroom.make_digests()
        clock.at = START + 11 * HOUR
        await room.take(NEWS)
        assert await newsroom.make_digests() == 1
        assert len(room.feed("digest-diary")) == 1
        assert room.feed("digests") == []
        opml = newsroom.parts.shelf.get("feeds.opml")
        assert opml is not None
        assert "digest" not in opml.body.decode()
    assert not list(tmp_path.rglob("digest-diary.*"))


async def test_missed_editions_are_made_late_and_empty_ones_are_skipped(room):
    await room.newsroom.make_digests()
    room.clock.at = START + 90 * HOUR  # three days later
    await room.take(
        NEWS,
        line("jiji", "2", "米ロ次官級が協議", "米ロの次官級が26日、協議した。", START + 60 * HOUR),
    )
    assert await room.newsroom.make_digests() == 2
    assert [e.name for e in await room.editions()] == ["2026-11-27-daily", "2026-11-24-daily"]
    assert len({item["date_published"] for item in room.feed()}) == 2
    room.clock.at += HOUR
    assert await room.newsroom.make_digests() == 0


async def test_where_the_operator_wants_it_an_empty_day_is_noted(tmp_path):
    clock = MovedClock()
    noted = configuration(digests=(replace(PLAN, note_when_empty=True),))
    async with open_newsroom(noted, tmp_path, clock=clock) as newsroom:
        await newsroom.make_digests()
        clock.at = START + 11 * HOUR
        assert await newsroom.make_digests() == 1
        (edition,) = await newsroom.parts.store.editions("us-russia")
        assert edition.digest.changed == "11月23日 07:00以降：新しい報道はありませんでした。"


async def test_a_restart_makes_no_edition_again_and_misses_none(tmp_path):
    clock = MovedClock()
    for hours in (0, 11, 12, 40):
        clock.at = START + hours * HOUR
        async with open_newsroom(configuration(), tmp_path, clock=clock) as newsroom:
            room = Room(newsroom, clock, tmp_path)
            if hours == 11:
                await room.take(NEWS)
            if hours == 40:
                await room.take(
                    line(
                        "jiji",
                        "3",
                        "米ロ外相が会談",
                        "米ロの外相が24日、会談した。",
                        START + 20 * HOUR,
                    )
                )
            await newsroom.make_digests()
            if hours == 40:
                names = [edition.name for edition in await room.editions()]
                assert names == ["2026-11-25-daily", "2026-11-24-daily"]


async def test_a_rewritten_report_makes_a_revision_that_moves_updated_only(room):
    await room.newsroom.make_digests()
    room.clock.at = START + 11 * HOUR
    await room.take(NEWS)
    await room.newsroom.make_digests()
    (before,) = room.feed()
    assert await room.newsroom.digests.revise_recent() == 0
    room.clock.at += HOUR
    await room.take(
        line(
            "mainichi",
            "1",
            "米ロ首脳が電話会談",
            "両首脳は停戦では合意しなかった。訂正します。",
            START + HOUR,
        )
    )
    assert await room.newsroom.digests.revise_recent() == 1
    assert await room.newsroom.digests.revise_recent() == 0
    (edition,) = await room.editions()
    assert edition.revision == 1
    assert edition.digest.sections[0].points == ()
    assert "書き改められました" in str(edition.digest.sections[0].correction)
    (after,) = room.feed()
    assert after["id"] == before["id"]
    assert after["date_published"] == before["date_published"]
    assert after["date_modified"] > before["date_modified"]


async def test_what_is_withdrawn_leaves_the_digest_at_once(room):
    await room.newsroom.make_digests()
    room.clock.at = START + 11 * HOUR
    await room.take(
        NEWS,
        line(
            "jiji",
            "2",
            "米ロ首脳が電話会談、停戦協議",
            "両首脳は停戦を協議した。",
            START + 2 * HOUR,
        ),
    )
    await room.newsroom.make_digests()
    room.clock.at += HOUR
    await room.newsroom.correct("withdraw", ("https://mainichi.example/1",))
    (edition,) = await room.editions()
    assert "mainichi.example/1" not in digest_markdown(edition.digest, ZONE)
    assert "30日間の停戦で合意した" not in digest_markdown(edition.digest, ZONE)


async def test_a_digest_now_is_kept_nowhere_and_needs_no_plan(room):
    room.clock.at = START + 11 * HOUR
    await room.take(NEWS, FOREIGN)
    digests = room.newsroom.digests
    now = await digests.digest_now("us-russia", EditionKind.DAILY)
    assert [s.headline for s in now.sections] == ["米ロ首脳が電話会談"]
    on_the_day = await digests.digest_now("us-russia", EditionKind.DAILY, date(2026, 11, 23))
    assert [s.headline for s in on_the_day.sections] == ["米ロ首脳が電話会談"]
    assert (
        await digests.digest_now("us-russia", EditionKind.DAILY, date(2026, 11, 22))
    ).sections == ()
    everything = await digests.digest_now("all", EditionKind.WEEKLY)
    assert len(everything.sections) == 2
    assert await room.editions() == ()
    with pytest.raises(UsageError, match="nothing: no topic"):
        await digests.digest_now("nothing")


async def test_the_page_of_an_edition_shows_what_was_composed(room):
    await room.newsroom.make_digests()
    room.clock.at = START + 11 * HOUR
    await room.take(WEEK_BEFORE, NEWS)
    await room.newsroom.make_digests()
    desk = Desk(
        store=room.newsroom.parts.store,
        shelf=room.newsroom.parts.shelf,
        configuration=lambda: room.newsroom.configuration,
        health=Health(started_at=START, version="1"),
        clock=room.clock,
    )
    transport = httpx2.ASGITransport(app=make_app(desk))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        page = (await client.get("/digests/us-russia/2026-11-24-daily")).text
    (edition,) = await room.editions()
    for part in (edition.digest.changed, "✅", "さらに読む ⇒", "これまでの経緯", "💡", "1社のみ"):
        assert part in page


def test_the_command_prints_a_digest_in_three_forms(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "config"
    config.mkdir()
    (config / "topics.yaml").write_text("topics: [{id: us-russia, name: 米ロ関係, all: [[米ロ]]}]")
    (config / "sources.yaml").write_text(
        "sources: [{id: mainichi, name: 毎日新聞, url: 'https://m.example/'}]"
    )
    (tmp_path / "in.jsonl").write_text(json.dumps(NEWS | {"published": "2025-03-18T03:00:00Z"}))
    assert run(["import", "in.jsonl"]) == 0
    capsys.readouterr()
    for form, part in (("text", "■ 米ロ首脳"), ("md", "### 米ロ首脳"), ("html", "<h3>米ロ首脳")):
        assert run(["digest", "us-russia", "--date", "2025-03-18", "--format", form]) == 0
        assert part in capsys.readouterr().out
    assert run(["digest", "nothing"]) == 2
    assert run(["digest", "us-russia", "--format", "pdf"]) == 2
    assert run(["digest", "us-russia", "--edition", "hourly"]) == 2
    assert run(["digest", "us-russia", "--date", "soon"]) == 2
