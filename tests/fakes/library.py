"""A small library of canned stories behind the reading half of the store's Protocol, for pages and feeds."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from aggregator.errors import UsageError
from aggregator.model.change import PollRecord
from aggregator.model.digest import (
    Digest,
    Earlier,
    Edition,
    EditionKind,
    EditionPlace,
    KeyPoint,
    Reading,
    Section,
)
from aggregator.model.entry import Entry, Revision
from aggregator.model.feed import ArrivalHistory, Feed, FeedStanding
from aggregator.model.identifiers import (
    CanonicalUrl,
    EntryHash,
    EntryId,
    EntryKey,
    FeedId,
    FeedUrl,
    Fingerprint,
    HostKey,
    OutputId,
    SourceId,
    StoryId,
    TopicId,
    entry_id,
    story_id,
)
from aggregator.model.output import Item, Output, Publication
from aggregator.model.query import (
    EntryQuery,
    FeedSummary,
    FiledEntry,
    Located,
    Page,
    SearchQuery,
    Stats,
    StoryFile,
    StoryQuery,
)
from aggregator.model.source import Access, FeedSpec, Source
from aggregator.model.story import Decision, Layer, Neighbour, Placement, Story
from aggregator.model.topic import Evidence, Term, Topic, TopicMatch
from aggregator.settings.configuration import Configuration
from aggregator.text.normalise import fold

NOW = datetime(2026, 11, 24, 5, 45, tzinfo=UTC)  # 14:45 in Tokyo


def make_source(id: str, name: str, language: str = "ja", **values: Any) -> Source:
    """Return a source with one feed."""
    url = FeedUrl(f"https://{id}.example/feed.rss")
    return Source(
        id=SourceId(id), name=name, language=language, feeds=(FeedSpec(url=url),), **values
    )


SOURCES = (
    make_source("mainichi", "毎日新聞", short="毎日", access=Access.MIXED, timezone="Asia/Tokyo"),
    make_source("jiji", "時事ドットコム", short="時事"),
    make_source("tbs", "TBS NEWS DIG", short="TBS"),
    make_source("nhk", "NHK", homepage="https://www3.nhk.or.jp/news/"),
    make_source("nikkei", "日本経済新聞", short="日経", access=Access.PAID),
    make_source("kobe", "神戸新聞"),
    make_source("tass", "タス通信", note="国営メディア"),
    make_source("bbc", "BBC", "en", timezone="Europe/London"),
    make_source("dw", "Deutsche Welle", "en", short="DW"),
)

TOPICS = (
    Topic(
        id=TopicId("russia-ukraine"),
        names=(("ja", "ウクライナ・ロシア情勢"), ("en", "Ukraine and Russia")),
        all=((Term("ウクライナ"), Term("Ukraine")),),
    ),
    Topic(
        id=TopicId("us-russia"),
        names=(("ja", "米ロ関係"), ("en", "US-Russia relations")),
        all=((Term("米国"),), (Term("ロシア"),)),
    ),
    Topic(id=TopicId("quiet"), names=(("", "静かな話題"),), all=((Term("静か"),),)),
)

OUTPUTS = (
    Output(id=OutputId("all"), title="すべてのニュース"),
    Output(
        id=OutputId("combined"),
        title="米ロ・ウクライナ ニュース",
        topics=(TopicId("us-russia"), TopicId("russia-ukraine")),
    ),
    Output(id=OutputId("diary"), title="わたしだけの控え", private=True),
)


def make_entry(source: str, title: str, minutes_ago: int, **values: Any) -> Entry:
    """Return an entry of a source's one feed."""
    feed = FeedUrl(f"https://{source}.example/feed.rss")
    key = EntryKey(title)
    at = NOW - timedelta(minutes=minutes_ago)
    number = abs(hash(title)) % 10**8
    url = f"https://{source}.example/articles/{number}"
    standard: dict[str, Any] = {
        "id": entry_id(feed, key),
        "feed": FeedId([s.id for s in SOURCES].index(SourceId(source)) + 1),
        "source": SourceId(source),
        "key": key,
        "guid": f"tag:{source}.example,2026:{number}",
        "url": url,
        "canonical_url": CanonicalUrl(url),
        "title": title,
        "summary": "",
        "content": "",
        "author": None,
        "published": at,
        "updated": None,
        "language": next(s.language for s in SOURCES if s.id == source),
        "categories": (),
        "image": None,
        "enclosures": (),
        "hash": EntryHash(1),
        "fingerprint": Fingerprint(1),
        "first_seen_at": at + timedelta(minutes=2),
        "stored_at": at + timedelta(minutes=2),
    }
    return Entry(**{**standard, **values})


def make_story(
    entries: Sequence[Entry],
    *,
    topics: Sequence[str] = (),
    copies: Sequence[int] = (),
    kinds: dict[int, str] | None = None,
    **values: Any,
) -> StoryFile:
    """Return a story of these entries, the first its lead; `copies` are the places of wire copies of it."""
    id = story_id(entries[0].id)
    matches = tuple(
        TopicMatch(
            topic=TopicId(topic),
            score=2.0,
            evidence=(
                Evidence(list=0, term="ウクライナ", field="title", start=0, end=5, points=2.0),
            ),
        )
        for topic in topics
    )
    filed = tuple(
        FiledEntry(
            entry=entry,
            feed_url=f"https://{entry.source}.example/feed.rss",
            feed_title=str(entry.source),
            feed_kind=(kinds or {}).get(place, "news"),
            placement=_placement(entry, entries[0], id, place, place in copies),
            topics=matches,
        )
        for place, entry in enumerate(entries)
    )
    independent = {e.source for place, e in enumerate(entries) if place not in copies}
    standard: dict[str, Any] = {
        "id": id,
        "lead": entries[0].id,
        "lead_since": entries[0].first_seen_at,
        "title": entries[0].title,
        "language": entries[0].language,
        "entries": tuple(entry.id for entry in entries),
        "sources": tuple(dict.fromkeys(entry.source for entry in entries)),
        "independent": len(independent),
        "topics": matches,
        "first_seen_at": min(entry.first_seen_at for entry in entries),
        "updated_at": max(entry.first_seen_at for entry in entries),
    }
    return StoryFile(story=Story(**{**standard, **values}), entries=filed)


def _placement(entry: Entry, lead: Entry, story: StoryId, place: int, copy: bool) -> Placement:
    if place == 0:
        decision = Decision(layer=Layer.FIRST)
    else:
        decision = Decision(
            layer=Layer.TEXT if copy else Layer.STORY,
            score=0.61,
            threshold=0.42,
            neighbours=(Neighbour(entry=lead.id, cosine=0.61, shared=("停戦", "和平")),),
        )
    return Placement(
        entry=entry.id,
        story=story,
        copy_of=lead.id if copy else None,
        independent=not copy,
        credit="共同" if copy else None,
        decision=decision,
    )


TALKS = make_story(
    [
        make_entry(
            "mainichi",
            "ウクライナ停戦協議、ジュネーブで再開　米ロ高官が同席",
            95,
            summary="ウクライナでの停戦をめぐる協議が24日、スイスのジュネーブで再開した。"
            "米国とロシアの高官が初めて同じ会議に臨み、捕虜の交換と原発周辺の安全が主な議題になる。",
            revision=1,
        ),
        make_entry("jiji", "【速報】停戦協議が再開　ジュネーブ", 120),
        make_entry("kobe", "ウクライナ停戦協議、ジュネーブで再開　米ロ高官が同席", 80),
        make_entry("nhk", "ウクライナ停戦協議再開　ゼレンスキー大統領「捕虜交換が第一歩」", 70),
        make_entry(
            "bbc",
            "Ukraine ceasefire talks resume in Geneva as US and Russian officials meet",
            60,
            summary="Talks on a ceasefire in Ukraine have resumed in Geneva, with officials from "
            "Washington and Moscow in the same room for the first time.",
        ),
        make_entry("nikkei", "停戦協議、原発の安全が焦点　ジュネーブ", 41),
        make_entry("tass", "ジュネーブ協議「建設的な雰囲気」　ロシア代表団", 33),
        make_entry("tbs", "停戦協議が再開　現地から中継", 25),
    ],
    topics=["russia-ukraine", "us-russia"],
    copies=[2],
    kinds={7: "video"},
)
QUAKE = make_story(
    [
        make_entry(
            "nhk",
            "岩手県沖で地震　最大震度4　津波の心配なし",
            150,
            summary="24日正午すぎ、岩手県沖を震源とする地震があり、盛岡市などで震度4を観測しました。",
        ),
        make_entry("jiji", "岩手で震度4", 140),
        make_entry("tbs", "岩手県沖で地震、震度4　JR一部で運転見合わせ", 131),
    ]
)
TRADE = make_story(
    [
        make_entry(
            "dw",
            "EU and Japan agree on rules for sharing battery data",
            300,
            summary="Brussels and Tokyo will recognise each other's battery passports from 2028.",
        ),
        make_entry("nikkei", "日EU、電池データの相互承認で合意", 280),
    ]
)
LONELY = make_story([make_entry("mainichi", "駅前の古書店、最後の一日　常連客が列", 700)])
YESTERDAY = make_story(
    [
        make_entry("jiji", "東京株、3日続伸　半導体関連に買い", 1500),
        make_entry("nikkei", "日経平均3日続伸、終値は4万1200円台", 1490),
    ]
)
HOSTILE = make_story(
    [
        make_entry(
            "kobe",
            '<script>alert(1)</script> "見出し" & <b>記号</b>',
            1600,
            summary="<img src=x onerror=alert(1)> \u202eesrever",
        )
    ]
)
STORIES = (TALKS, QUAKE, TRADE, LONELY, YESTERDAY, HOSTILE)


def _feed(number: int, source: Source, **values: Any) -> Feed:
    standard: dict[str, Any] = {
        "id": FeedId(number),
        "source": source.id,
        "url": source.feeds[0].url,
        "host": HostKey(f"{source.id}.example"),
        "standing": FeedStanding.OK,
        "arrivals": ArrivalHistory(by_hour=tuple(float((h * 7 + number) % 9) for h in range(24))),
        "next_poll_at": NOW + timedelta(minutes=10 + number),
        "last_poll_at": NOW - timedelta(minutes=5 + number),
        "last_success_at": NOW - timedelta(minutes=5 + number),
        "last_change_at": NOW - timedelta(hours=number),
        "first_seen_at": NOW - timedelta(days=14),
    }
    return Feed(**{**standard, **values})


TROUBLE: dict[str, dict[str, Any]] = {
    "kobe": {
        "standing": FeedStanding.REFUSED,
        "failure": "403: refused by the site",
        "failures": 4,
        "failing_since": NOW - timedelta(hours=9),
    },
    "dw": {
        "standing": FeedStanding.FAILING,
        "failure": "no answer within 30 s",
        "failures": 1,
        "failing_since": NOW - timedelta(minutes=20),
        "not_before": NOW + timedelta(minutes=30),
        "moved_to": "https://dw.example/new.rss",
    },
    "tass": {"standing": FeedStanding.NEW, "last_poll_at": None, "last_change_at": None},
}

FEEDS = tuple(
    _feed(number, source, **TROUBLE.get(source.id, {})) for number, source in enumerate(SOURCES, 1)
)

LEAD = TALKS.entries[0].entry
DIGEST = Digest(
    subject="us-russia",
    title="米ロ関係 ダイジェスト 2026年11月24日 朝版",
    language="ja",
    kind=EditionKind.MORNING,
    day=date(2026, 11, 24),
    since=NOW - timedelta(days=1),
    until=NOW - timedelta(hours=7),
    changed="前回（11月23日 07:00）以降：新しい出来事1件、続報2件（7社8本）",
    sections=(
        Section(
            story=TALKS.story.id,
            headline=LEAD.title,
            published=NOW - timedelta(hours=2),
            updated=NOW - timedelta(minutes=30),
            points=(
                KeyPoint(
                    text="米国とロシアの高官が初めて同じ会議に臨み、捕虜の交換と原発周辺の安全が主な議題になる。",
                    entry=LEAD.id,
                    field="summary",
                    start=33,
                    end=77,
                    text_hash=1,
                    outlet="毎日新聞",
                    at=NOW - timedelta(hours=2),
                    also=("NHK",),
                ),
            ),
            readings=(
                Reading(outlet="毎日新聞", title=LEAD.title, url="https://mainichi.example/1"),
                Reading(
                    outlet="日本経済新聞",
                    title="停戦協議、原発の安全が焦点",
                    url="https://nikkei.example/1",
                    paid=True,
                ),
            ),
            sources=(SourceId("mainichi"), SourceId("nikkei")),
            correction="初版では開催地をウィーンとしていました。",
        ),
    ),
    background=(
        Earlier(
            story=TRADE.story.id,
            at=NOW - timedelta(days=5),
            headline="米ロ外相が電話会談",
            outlet="時事",
            url="https://jiji.example/2",
        ),
    ),
    top=((LEAD.title, 8, "https://mainichi.example/1"), ("岩手県沖で地震", 3, None)),
)
EDITION = Edition(
    subject="us-russia",
    name="2026-11-24-morning",
    revision=1,
    published_at=NOW - timedelta(hours=7),
    digest=DIGEST,
)


def configuration(**values: Any) -> Configuration:
    """Return the library's configuration, with other values where given."""
    standard: dict[str, Any] = {
        "directory": Path("config"),
        "sources": SOURCES,
        "topics": TOPICS,
        "outputs": OUTPUTS,
    }
    return Configuration(**{**standard, **values})


class Library:
    """The reading half of a store over canned stories; cursors are plain offsets."""

    def __init__(
        self, stories: Sequence[StoryFile] = STORIES, feeds: Sequence[Feed] = FEEDS
    ) -> None:
        self.files = {file.story.id: file for file in stories}
        self.polled = tuple(feeds)
        self.redirects: dict[str, StoryId] = {}
        self.states: dict[str, str] = {}
        self.held_back: set[StoryId] = set()  # in no output's feed
        self.published: dict[StoryId, EntryId] = {}  # the lead in every feed
        self.printed: tuple[Edition, ...] = (EDITION,)

    async def state(self, key: str) -> str | None:
        return self.states.get(key)

    async def set_state(self, key: str, value: str) -> None:
        self.states[key] = value

    async def stories(self, query: StoryQuery) -> Page[Story]:
        found = [
            file.story
            for file in self.files.values()
            if (not query.topics or any(file.story.has(topic) for topic in query.topics))
            and (not query.sources or set(query.sources) & set(file.story.sources))
            and (
                not query.languages or {f.entry.language for f in file.entries} & {*query.languages}
            )
            and (query.output is None or file.story.id not in self.held_back)
            and file.story.independent >= query.min_independent
            and (query.updated_since is None or file.story.updated_at >= query.updated_since)
            and (query.updated_before is None or file.story.updated_at < query.updated_before)
        ]
        found.sort(key=lambda story: story.updated_at, reverse=True)
        if query.widest:
            found.sort(key=lambda story: -story.independent)
        return _page(found, query.cursor, query.limit)

    async def story_counts(self, topic: TopicId, starts: Sequence[datetime]) -> tuple[int, ...]:
        of_topic = [
            file.story.first_seen_at for file in self.files.values() if file.story.has(topic)
        ]
        return _per_span(of_topic, starts)

    async def entry_counts(self, source: SourceId, starts: Sequence[datetime]) -> tuple[int, ...]:
        of_source = [f.entry.first_seen_at for f in self._filed() if f.entry.source == source]
        return _per_span(of_source, starts)

    async def story_files(
        self, ids: Collection[StoryId], *, content: bool = True
    ) -> tuple[StoryFile, ...]:
        return tuple(self.files[id] for id in ids if id in self.files)

    async def entries(self, query: EntryQuery) -> Page[FiledEntry]:
        found = [
            filed
            for filed in self._filed()
            if (not query.sources or filed.entry.source in query.sources)
            and (not query.languages or filed.entry.language in query.languages)
            and (not query.topics or {m.topic for m in filed.topics} & {*query.topics})
            and (query.since is None or filed.entry.first_seen_at >= query.since)
            and (query.before is None or filed.entry.first_seen_at < query.before)
        ]
        return _page(found, query.cursor, query.limit)

    async def search(self, query: SearchQuery) -> Page[FiledEntry]:
        words = fold(query.text).split()
        found = [
            filed
            for filed in self._filed()
            if all(word in fold(filed.entry.title + " " + filed.entry.summary) for word in words)
        ]
        return _page(found, query.cursor, query.limit)

    async def locate(self, id_or_prefix: str) -> Located | None:
        if id_or_prefix in self.redirects:
            return Located(
                story=self.redirects[id_or_prefix], redirected_from=StoryId(id_or_prefix)
            )
        if id_or_prefix in self.files:
            return Located(story=StoryId(id_or_prefix))
        for filed in self._filed():
            if filed.entry.id == id_or_prefix and filed.placement:
                return Located(story=filed.placement.story, entry=filed.entry.id)
        return None

    async def entries_by_id(self, ids: Collection[EntryId]) -> tuple[FiledEntry, ...]:
        known = {filed.entry.id: filed for filed in self._filed()}
        return tuple(known[id] for id in ids if id in known)

    async def revisions(self, entry: EntryId) -> tuple[Revision, ...]:
        if entry != LEAD.id:
            return ()
        old = Revision(
            entry=entry,
            number=0,
            replaced_at=NOW - timedelta(minutes=50),
            title="ウクライナ停戦協議、ウィーンで再開",
            summary="",
            content="",
        )
        return (old,)

    async def feeds(self, sources: Collection[SourceId] | None = None) -> tuple[Feed, ...]:
        return tuple(f for f in self.polled if sources is None or f.source in sources)

    async def poll_records(self, feed: FeedId, limit: int = 50) -> tuple[PollRecord, ...]:
        record = PollRecord(feed=feed, at=NOW, outcome="fetched", new=3, received=48_211)
        failed = replace(record, outcome="http_403", message="403: refused by the site", new=0)
        return (record, replace(record, outcome="not_modified", new=0, received=0), failed)[:limit]

    async def feed_summary(self) -> FeedSummary:
        counts = Counter(feed.standing for feed in self.polled)
        fine = (FeedStanding.NEW, FeedStanding.OK)
        return FeedSummary(
            standings=tuple(counts.items()),
            troubled=tuple(f.source for f in self.polled if f.standing not in fine),
        )

    async def feed_span(self) -> tuple[datetime | None, datetime | None]:
        polls = [feed.last_poll_at for feed in self.polled if feed.last_poll_at]
        return min((f.first_seen_at for f in self.polled), default=None), max(polls, default=None)

    async def publications_of(
        self, output: OutputId, stories: Collection[StoryId]
    ) -> tuple[Publication, ...]:
        return tuple(
            _publication(output, self.files[id], lead)
            for id, lead in self.published.items()
            if id in stories
        )

    async def editions(self, subject: str, limit: int = 50) -> tuple[Edition, ...]:
        return tuple(e for e in self.printed if e.subject == subject)[:limit]

    async def edition(self, subject: str, name: str) -> EditionPlace | None:
        names = [e.name for e in self.printed if e.subject == subject]
        if name not in names:
            return None
        at = names.index(name)
        return EditionPlace(
            edition=next(e for e in self.printed if (e.subject, e.name) == (subject, name)),
            earlier=names[at + 1] if at + 1 < len(names) else None,
            later=names[at - 1] if at else None,
        )

    async def next_due_at(self) -> datetime | None:
        return min((feed.next_poll_at for feed in self.polled), default=None)

    async def stats(self) -> Stats:
        return Stats(
            sources=len(SOURCES),
            feeds=len(self.polled),
            entries=12_345,
            copies=678,
            stories=9_012,
            store_bytes=41 * 1024 * 1024,
        )

    def _filed(self) -> list[FiledEntry]:
        found = [filed for file in self.files.values() for filed in file.entries]
        return sorted(found, key=lambda filed: filed.entry.first_seen_at, reverse=True)


def _publication(output: OutputId, file: StoryFile, lead: EntryId) -> Publication:
    item = Item(
        id=f"urn:uuid:{file.story.id}",
        story=file.story.id,
        url=None,
        title=file.story.title,
        html="",
        summary="",
        outlet="",
        source=file.story.sources[0],
        feed_title="",
        feed_url="",
        language=file.story.language,
        published=file.story.first_seen_at,
        updated=file.story.updated_at,
        topics=(),
    )
    return Publication(output=output, item=item, lead=lead, lead_since=NOW, independent=1)


def _per_span(times: Sequence[datetime], starts: Sequence[datetime]) -> tuple[int, ...]:
    return tuple(sum(start <= at < end for at in times) for start, end in pairwise(starts))


def _page(found: list[Any], cursor: str | None, limit: int) -> Page[Any]:
    if cursor and not cursor.isdecimal():
        raise UsageError(f"{cursor}: not a cursor that we gave")
    start = int(cursor or 0)
    rest = len(found) > start + limit
    return Page(
        items=tuple(found[start : start + limit]), next_cursor=str(start + limit) if rest else None
    )
