"""Stories to publish: entries, story files and a context, each with only what a test cares about."""

import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from aggregator.model.entry import Enclosure, Entry
from aggregator.model.identifiers import (
    EntryHash,
    EntryId,
    EntryKey,
    FeedId,
    Fingerprint,
    OutputId,
    SourceId,
    StoryId,
    TopicId,
)
from aggregator.model.output import Audience, Output, Publication
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.model.source import Access, FeedKind, Source
from aggregator.model.story import Decision, Layer, Placement, Story
from aggregator.model.topic import Topic, TopicMatch
from aggregator.publish.context import HeadlineMarks, PublishContext

NOW = datetime(2025, 3, 18, 14, 45, 30, 250_000, tzinfo=UTC)  # 23:45 in Tokyo
HOUR = timedelta(hours=1)
_numbers = itertools.count(1)

MAINICHI = Source(id=SourceId("mainichi"), name="毎日新聞", language="ja")
JIJI = Source(id=SourceId("jiji"), name="時事ドットコム", language="ja")
KOBE = Source(id=SourceId("kobe"), name="神戸新聞", language="ja")
NIKKEI = Source(id=SourceId("nikkei"), name="日本経済新聞", language="ja", access=Access.PAID)
BBC = Source(id=SourceId("bbc"), name="BBC", language="en")
SOURCES = {source.id: source for source in (MAINICHI, JIJI, KOBE, NIKKEI, BBC)}
US_RUSSIA = Topic(
    id=TopicId("us-russia"), names=(("ja", "米ロ関係"), ("en", "US-Russia relations")), all=()
)
CEASEFIRE = Topic(id=TopicId("ceasefire"), names=(("ja", "停戦"), ("en", "Ceasefire")), all=())
TOPICS = {topic.id: topic for topic in (US_RUSSIA, CEASEFIRE)}
ALL = Output(id=OutputId("all"), title="すべてのニュース")


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks read in the plainest way."""

    title: str
    url: str | None = None

    @property
    def flash(self) -> bool:
        return "【速報】" in self.title

    @property
    def correction(self) -> bool:
        return "訂正" in self.title

    @property
    def paid(self) -> bool:
        return "有料" in self.title

    @property
    def video(self) -> bool:
        return "動画" in self.title


def read_marks(title: str, url: str | None, categories: Sequence[str]) -> HeadlineMarks:
    return Marks(title, url)


def choose_lead(
    members: Sequence[FiledEntry],
    sources: Mapping[SourceId, Source],
    previous: Story | None,
    now: datetime,
    language: str,
) -> FiledEntry:
    """Keep the lead for good, but for a 速報, which gives way within a day; begin with the first report."""
    reports = [m for m in members if not Marks(m.entry.title).flash] or list(members)
    held = [m for m in members if previous is not None and m.entry.id == previous.lead]
    if not held or previous is None:
        return reports[0]
    if Marks(held[0].entry.title).flash and now - previous.lead_since < timedelta(days=1):
        return reports[0]
    return held[0]


def context(**changes: object) -> PublishContext:
    ctx = PublishContext(
        sources=SOURCES,
        topics=TOPICS,
        public_url="http://127.0.0.1:8080",
        audience=Audience.PRIVATE,
        timezone="Asia/Tokyo",
        language="ja",
        read_marks=read_marks,
        choose_lead=choose_lead,
    )
    return replace(ctx, **changes)  # type: ignore[arg-type]  # whatever the test names


def filed(
    title: str = "停戦交渉が始まる",
    source: Source = MAINICHI,
    *,
    at: datetime = NOW - HOUR,
    published: datetime | None = None,
    first_poll: bool = False,
    summary: str = "",
    url: str | None = "",
    language: str | None = None,
    topics: Sequence[str] = (),
    copy_of: FiledEntry | None = None,
    layer: Layer = Layer.TEXT,
    credit: str | None = None,
    kind: str = FeedKind.NEWS.value,
    image: str | None = None,
    enclosures: tuple[Enclosure, ...] = (),
    id: str | None = None,
    feed_url: str | None = None,
) -> FiledEntry:
    """Return an entry as the store files it; without `published`, its feed gave no date."""
    number = next(_numbers)
    key = EntryId(id or f"entry{number:06}")
    entry = Entry(
        id=key,
        feed=FeedId(1),
        source=source.id,
        key=EntryKey(key),
        guid=key,
        url=f"https://{source.id}.example/{key}" if url == "" else url,
        canonical_url=None,
        title=title,
        summary=summary,
        content="<p>記事の全文</p>",
        author=None,
        published=published,
        updated=None,
        language=language or source.language,
        categories=(),
        image=image,
        enclosures=enclosures,
        hash=EntryHash(number),
        fingerprint=Fingerprint(number),
        first_seen_at=at,
        stored_at=at,
        first_poll=first_poll,
    )
    placement = Placement(
        entry=key,
        story=StoryId(""),
        copy_of=copy_of.entry.id if copy_of else None,
        independent=copy_of is None,
        credit=credit,
        decision=Decision(layer=layer),
    )
    return FiledEntry(
        entry=entry,
        feed_url=feed_url or f"https://{source.id}.example/feed",
        feed_title=f"{source.name}のフィード",
        feed_kind=kind,
        placement=placement,
        topics=tuple(match(topic) for topic in topics),
    )


def match(topic: str) -> TopicMatch:
    return TopicMatch(topic=TopicId(topic), score=2.0, evidence=())


def story(
    *entries: FiledEntry, id: int = 1, lead: FiledEntry | None = None, **changes: object
) -> StoryFile:
    """Return a story of these entries, led by the first; it has the topics of all of them."""
    sources = tuple(dict.fromkeys(f.entry.source for f in entries))
    independent = {f.entry.source for f in entries if f.placement and f.placement.independent}
    topics = dict.fromkeys(m.topic for f in entries for m in f.topics)
    head = lead or entries[0]
    result = Story(
        id=StoryId(str(uuid.UUID(int=id))),
        lead=head.entry.id,
        lead_since=entries[0].entry.first_seen_at,
        title=head.entry.title,
        language=head.entry.language,
        entries=tuple(f.entry.id for f in entries),
        sources=sources,
        independent=max(1, len(independent)),
        topics=tuple(match(topic) for topic in topics),
        first_seen_at=entries[0].entry.first_seen_at,
        updated_at=entries[-1].entry.first_seen_at,
    )
    return StoryFile(story=replace(result, **changes), entries=entries)  # type: ignore[arg-type]  # as in context


def outlet(number: int, language: str = "ja") -> Source:
    """Return one of any number of outlets; `context()` does not know them, so their ids are their names."""
    return Source(id=SourceId(f"outlet{number}"), name=f"第{number}新聞", language=language)


class Shelf:
    """The publications of one output as a store would keep them."""

    def __init__(self) -> None:
        self.kept: dict[str, Publication] = {}

    def write(self, publications: Sequence[Publication]) -> None:
        for publication in publications:
            self.kept[publication.item.id] = publication

    @property
    def shown(self) -> list[Publication]:
        return sorted(
            (p for p in self.kept.values() if not p.left),
            key=lambda p: p.item.published,
            reverse=True,
        )

    def of(self, *stories: StoryId) -> list[Publication]:
        return [p for p in self.kept.values() if p.item.story in stories]
