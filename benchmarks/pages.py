"""How fast pages are with many feeds and entries stored, and whether each holds its bar.

    python -m benchmarks.pages [--feeds 5000] [--entries 100000] [--requests 40] [--keep FOLDER]

Makes a store of invented news through the store's own Protocol (a minute or two are spent on that; `--keep`
leaves it in a folder and takes it up again), serves it on loopback by the real server, and asks for
each page on one connection: all pages in turn, round by round, so that none finds its own rows warm.
Printed are milliseconds from request to last byte, the server's processor time for one answer (all its
threads), and the size. The bar is a 95th percentile under 100 ms; processor time is what stays the same
on a machine that others use too: 25 ms leave room for three of them. Exit status 1 where a bar is missed.
The server runs in a process of its own; nothing is polled meanwhile.
"""

import argparse
import asyncio
import http.client
import json
import math
import multiprocessing
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

from aggregator.model.change import (
    EntryChange,
    FeedChange,
    HostCommit,
    OutputChange,
    PollRecord,
    StoryChange,
)
from aggregator.model.entry import Entry
from aggregator.model.feed import ArrivalHistory, Feed, FeedStanding
from aggregator.model.identifiers import (
    CanonicalUrl,
    EntryHash,
    EntryKey,
    FeedUrl,
    Fingerprint,
    HostKey,
    OutputId,
    SourceId,
    StoryId,
    TopicId,
    digest63,
    entry_id,
    story_id,
)
from aggregator.model.output import Item, Output, Publication
from aggregator.model.source import FeedSpec, Source
from aggregator.model.story import Decision, Layer, Neighbour, Placement, Story
from aggregator.model.topic import Term, Topic, TopicMatch
from aggregator.observe.clock import SystemClock
from aggregator.observe.health import Health
from aggregator.pipeline.shelf import Shelf
from aggregator.serve.app import Desk, make_app
from aggregator.serve.server import serve
from aggregator.settings.configuration import Configuration
from aggregator.store.sqlite.store import SqliteStore

_WORDS: Final = (
    "停戦 協議 首相 地震 金利 選挙 半導体 輸出 円安 予算 大雨 原発 裁判 合意 会談 制裁 株価 関税 "
    "避難 観光 医療 教育 鉄道 台風 物価 電力 漁業 支援 捜査 発表"
).split()
_PLACES: Final = "東京 大阪 ジュネーブ 岩手 神戸 キーウ ワシントン 札幌 福岡 ロンドン".split()
_TOPICS: Final = ("ceasefire", "economy", "weather")
_BATCH: Final = 100  # feeds in one commit
_MINUTE: Final = timedelta(minutes=1)
_BAR: Final = 100.0  # ms, 95th percentile from request to last byte
_PROCESSOR_BAR: Final = 25.0  # ms of the server's processor time, median
_FULL_TEXT: Final = 3  # every third feed carries whole articles


def configuration(feeds: int) -> Configuration:
    """Return a configuration with so many sources, a feed each."""
    return Configuration(
        directory=Path("config"),
        sources=tuple(
            Source(
                id=SourceId(f"source-{n:05}"),
                name=f"媒体{n:05}",
                language="ja" if n % 3 else "en",
                feeds=(FeedSpec(url=FeedUrl(f"https://s{n}.example/rss")),),
            )
            for n in range(feeds)
        ),
        topics=tuple(
            Topic(id=TopicId(id), names=(("", id),), all=((Term(word),),))
            for id, word in zip(_TOPICS, _WORDS, strict=False)
        ),
        outputs=(Output(id=OutputId("all"), title="すべてのニュース"),),
    )


async def fill(store: SqliteStore, shown: Configuration, entries: int) -> None:
    """Store invented news of all sources, grouped into stories of one to twelve reports."""
    chance, now = random.Random(7), await store.now()
    await store.sync_feeds(
        [(s, s.feeds[0], HostKey(f"{s.id}.example"), now) for s in shown.sources], now
    )
    feeds = await store.feeds()
    made: list[Entry] = []
    for start in range(0, len(feeds), _BATCH):
        made += await _poll(store, feeds[start : start + _BATCH], entries // len(feeds), chance)
    # What is grouped lies within a day or so: a story that went on for weeks would fill every list.
    made.sort(key=lambda entry: entry.first_seen_at + timedelta(hours=24 * chance.random()))
    groups = list(_groups(made, chance))
    for start in range(0, len(groups), 1000):
        await _understand(store, groups[start : start + 1000], chance)
    newest = sorted(groups, key=lambda group: group[-1].first_seen_at, reverse=True)
    await store.apply_publications(
        [
            OutputChange(
                output=OutputId("all"),
                publications=tuple(
                    _publication(group, left=place >= 100) for place, group in enumerate(newest)
                ),
            )
        ]
    )


async def _poll(
    store: SqliteStore, feeds: Sequence[Feed], each: int, chance: random.Random
) -> list[Entry]:
    now = await store.now()
    hosts = {feed.host for feed in feeds}
    leases = await store.claim_hosts(limit=len(hosts), lease=10 * _MINUTE, now=now)
    by_host = {feed.host: feed for feed in feeds}
    made: list[Entry] = []
    commits = []
    for lease in leases:
        feed = by_host[lease.host]
        entries = [_entry(feed, n, chance, now) for n in range(each)]
        made += entries
        commits.append(
            HostCommit(
                lease=lease,
                changes=(
                    FeedChange(
                        feed=_polled(feed, entries, chance, now),
                        entries=tuple(EntryChange(entry=entry) for entry in entries),
                        record=PollRecord(feed=feed.id, at=now, outcome="fetched", new=each),
                    ),
                ),
            )
        )
    if await store.commit_polls(commits):
        raise RuntimeError("a poll was refused")
    return made


def _polled(feed: Feed, entries: Sequence[Entry], chance: random.Random, now: datetime) -> Feed:
    return replace(
        feed,
        poll_seq=1,
        last_poll_at=now,
        next_poll_at=now + timedelta(minutes=chance.randrange(15, 600)),
        title=f"フィード{feed.id}",
        entry_hashes=frozenset(entry.hash for entry in entries),
        arrivals=ArrivalHistory(by_hour=tuple(chance.random() * 5 for _ in range(24))),
        standing=chance.choices(
            (FeedStanding.OK, FeedStanding.FAILING, FeedStanding.REFUSED), (94, 4, 2)
        )[0],
    )


def _entry(feed: Feed, number: int, chance: random.Random, now: datetime) -> Entry:
    key = EntryKey(f"{feed.id}-{number}")
    title = f"{chance.choice(_PLACES)}で{chance.choice(_WORDS)}、{chance.choice(_WORDS)}に{number}"
    url = f"https://s{feed.id}.example/articles/{number}"
    at = now - timedelta(minutes=chance.randrange(60 * 24 * 28))
    return Entry(
        id=entry_id(feed.url, key),
        feed=feed.id,
        source=feed.source,
        key=key,
        guid=url,
        url=url,
        canonical_url=CanonicalUrl(url),
        title=title,
        summary="".join(chance.choice(_WORDS) + "について。" for _ in range(12)),
        content=_article(title) if feed.id % _FULL_TEXT == 0 else "",
        author=None,
        published=at,
        updated=None,
        language="ja" if feed.id % 3 else "en",
        categories=(),
        image=None,
        enclosures=(),
        hash=EntryHash(digest63(key.encode())),
        fingerprint=Fingerprint(1),
        first_seen_at=at,
        stored_at=at,
    )


def _article(title: str) -> str:
    return "".join(f"<p>{title}。{word}をめぐる動きを伝える段落。</p>" for word in _WORDS)


def _groups(entries: list[Entry], chance: random.Random) -> Iterator[list[Entry]]:
    while entries:
        size = chance.choices((1, 2, 4, 12), (80, 12, 6, 2))[0]
        group, entries[-size:] = entries[-size:], []
        yield sorted(group, key=lambda entry: entry.first_seen_at)


async def _understand(
    store: SqliteStore, groups: Sequence[Sequence[Entry]], chance: random.Random
) -> None:
    placements: list[Placement] = []
    stories, topics = [], []
    for group in groups:
        id = story_id(group[0].id)
        about = tuple(
            TopicMatch(topic=TopicId(topic), score=2.0, evidence=())
            for topic in chance.sample(_TOPICS, chance.choice((0, 0, 0, 1, 2)))
        )
        stories.append(
            Story(
                id=id,
                lead=group[0].id,
                lead_since=group[0].first_seen_at,
                title=group[0].title,
                language=group[0].language,
                entries=tuple(entry.id for entry in group),
                sources=tuple(dict.fromkeys(entry.source for entry in group)),
                independent=len({entry.source for entry in group}),
                topics=about,
                first_seen_at=group[0].first_seen_at,
                updated_at=group[-1].first_seen_at,
            )
        )
        placements += _placements(id, group, chance)
        topics += [(entry.id, about) for entry in group]
    await store.apply_stories(
        StoryChange(
            placements=tuple(placements),
            topics=tuple(topics),
            stories=tuple(stories),
            at=await store.now(),
        )
    )


def _placements(id: StoryId, group: Sequence[Entry], chance: random.Random) -> Iterator[Placement]:
    """Yield why each entry is in the story, no two alike: by its likeness to those before."""
    yield Placement(entry=group[0].id, story=id, decision=Decision(layer=Layer.FIRST))
    for place, entry in enumerate(group[1:], 1):
        neighbours = tuple(
            Neighbour(entry=known.id, cosine=round(chance.random(), 4), shared=tuple(_WORDS[:4]))
            for known in group[max(0, place - 3) : place]
        )
        decision = Decision(
            layer=Layer.STORY, score=round(chance.random(), 4), threshold=0.5, neighbours=neighbours
        )
        yield Placement(entry=entry.id, story=id, decision=decision)


def _publication(group: Sequence[Entry], *, left: bool) -> Publication:
    lead = group[0]
    id = story_id(lead.id)
    item = Item(
        id=f"urn:uuid:{id}",
        story=id,
        url=lead.url,
        title=lead.title,
        html=f"<p>{lead.summary}</p>",
        summary=lead.summary,
        outlet=lead.source,
        source=lead.source,
        feed_title="",
        feed_url="",
        language=lead.language,
        published=group[-1].first_seen_at.replace(microsecond=0),
        updated=group[-1].first_seen_at.replace(microsecond=0),
        topics=(),
    )
    return Publication(
        output=OutputId("all"),
        item=item,
        lead=lead.id,
        lead_since=lead.first_seen_at,
        independent=len(group),
        left=left,
    )


def _serve(folder: Path, feeds: int, entries: int, ready: Connection) -> None:
    async def run() -> None:
        clock, shown = SystemClock(), configuration(feeds)
        made = (folder / "aggregator.db").exists()
        store = SqliteStore(folder / "aggregator.db", clock)
        await store.open()
        if not made:
            await fill(store, shown, entries)
        desk = Desk(
            store=store,
            shelf=Shelf(folder / "public"),
            configuration=lambda: shown,
            health=Health(started_at=clock.now(), version="0", outputs_ready=True),
            clock=clock,
        )
        await serve(make_app(desk), "127.0.0.1", 0, asyncio.Event(), ready.send)

    asyncio.run(run())


def addresses(connection: http.client.HTTPConnection) -> list[str]:
    """Return the pages to ask for: the story with the most reports among the newest."""
    connection.request("GET", "/api/v1/stories?limit=200")
    newest = json.loads(connection.getresponse().read())["items"]
    widest = max(newest, key=lambda story: len(story["entries"]))["id"]
    return [
        "/",
        "/?since=2020-01-01T00:00Z",
        f"/?since={datetime.now(UTC) - timedelta(hours=8):%Y-%m-%dT%H:%MZ}",
        "/?topic=ceasefire",
        "/?source=source-00042",
        "/?language=en",
        "/?language=fr",
        "/?topic=weather&language=en",
        "/topics/ceasefire",
        "/topics/weather",
        f"/stories/{widest}",
        f"/search?q={quote('停戦')}",
        f"/search?q={quote('停戦 東京')}",
        f"/search?q={quote('見当たらない')}",
        "/sources",
        "/sources?troubled=1",
        "/sources?page=50",
        "/sources/source-00042",
        "/feeds",
        "/digests",
        "/status",
        "/api/v1/sources",
        "/api/v1/stories",
        "/api/v1/entries",
    ]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="How fast pages are.")
    parser.add_argument("--feeds", type=int, default=5000)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        ours, theirs = multiprocessing.Pipe()
        server = multiprocessing.Process(
            target=_serve, args=(folder, asked.feeds, asked.entries, theirs), daemon=True
        )
        server.start()
        host = ours.recv().removeprefix("http://")
        try:
            connection = http.client.HTTPConnection(host)
            measures = [Measure(address, server.pid or 0) for address in addresses(connection)]
            for _ in range(asked.requests + 1):
                for measure in measures:
                    measure.ask(connection)
        finally:
            server.terminate()
            server.join()
    sys.exit(0 if _print_table(measures) else 1)


class Measure:
    """What answers to one address take; the first answer warms up and is left out."""

    def __init__(self, address: str, server: int) -> None:
        self.address = address
        self.size = 0
        self._server = server
        self._times: list[float] = []
        self._processor: list[float] = []

    def ask(self, connection: http.client.HTTPConnection) -> None:
        """Ask once."""
        used, started = _processor_time(self._server), time.perf_counter()
        connection.request("GET", self.address)
        answer = connection.getresponse()
        self.size = len(answer.read())
        self._times.append((time.perf_counter() - started) * 1000)
        self._processor.append((_processor_time(self._server) - used) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{self.address}: {answer.status}")

    @property
    def median(self) -> float:
        """Return the median time, in milliseconds."""
        return statistics.median(self._times[1:])

    @property
    def p95(self) -> float:
        """Return the time that one answer of twenty exceeds, in milliseconds."""
        return sorted(self._times[1:])[math.ceil(0.95 * (len(self._times) - 1)) - 1]

    @property
    def processor(self) -> float:
        """Return the median of the server's processor time, in milliseconds."""
        return statistics.median(self._processor[1:])

    @property
    def verdict(self) -> str:
        """Return which bar is missed, if one is."""
        if self.p95 >= _BAR:
            return "p95 missed"
        return "processor time missed" if self.processor > _PROCESSOR_BAR else "ok"


def _processor_time(process: int) -> float:
    """Return the seconds that all threads of a process have used, to the nanosecond."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def _print_table(measures: Sequence[Measure]) -> bool:
    """Print the table; return whether every page holds its bars."""
    print(f"{'page':40} {'p50 ms':>8} {'p95 ms':>8} {'CPU ms':>8} {'KB':>7}")
    for measure in measures:
        print(
            f"{measure.address[:40]:40} {measure.median:8.1f} {measure.p95:8.1f}"
            f" {measure.processor:8.1f} {measure.size / 1024:7.1f}  {measure.verdict}"
        )
    print(f"load average: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    return all(measure.verdict == "ok" for measure in measures)


if __name__ == "__main__":
    main()
