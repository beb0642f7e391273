"""Reports and stories for digests, each with only what a test cares about."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.cluster.marks import read_marks
from aggregator.digest.compose import Issue
from aggregator.digest.context import DigestContext
from aggregator.model.digest import EditionKind
from aggregator.model.entry import Entry
from aggregator.model.identifiers import (
    EntryHash,
    EntryId,
    EntryKey,
    FeedId,
    Fingerprint,
    SourceId,
    StoryId,
    TopicId,
)
from aggregator.model.output import Audience
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.model.story import Story
from aggregator.model.topic import Evidence, TopicMatch
from aggregator.publish.address import web_address
from aggregator.publish.plain_text import plain_line

NOW = datetime(2025, 3, 18, 22, 0, tzinfo=UTC)  # 07:00 of the 19th in Tokyo
HOUR = timedelta(hours=1)
TOPIC = TopicId("us-russia")
ZONE = ZoneInfo("Asia/Tokyo")
_numbers = itertools.count(1)


def context(language: str = "ja", **changes: Any) -> DigestContext:
    made = DigestContext(
        language=language,
        zone=ZONE,
        audience=Audience.PRIVATE,
        read_marks=read_marks,
        web_address=web_address,
        plain_line=plain_line,
    )
    return replace(made, **changes)


def report(
    title: str,
    summary: str = "",
    *,
    source: str = "mainichi",
    at: datetime = NOW - HOUR,
    language: str = "ja",
    content: str = "",
    topic: bool = True,
    evidence: str = "title",
    by: str = "entry",
    **changes: Any,
) -> FiledEntry:
    """Return a report; `topic`: it has the topic, with evidence in its title or far down its summary."""
    number = next(_numbers)
    hit = Evidence(
        list=0,
        term="x",
        field="title" if evidence == "title" else "summary",
        start=0 if evidence == "title" else 200,
        end=5,
        points=2,
    )
    entry = Entry(
        id=EntryId(f"e{number:012}"),
        feed=FeedId(1),
        source=SourceId(source),
        key=EntryKey(f"k{number}"),
        guid=None,
        url=f"https://{source}.example/{number}",
        canonical_url=None,
        title=title,
        summary=summary,
        content=content,
        author=None,
        published=at,
        updated=None,
        language=language,
        categories=(),
        image=None,
        enclosures=(),
        hash=EntryHash(number),
        fingerprint=Fingerprint(number),
        first_seen_at=at,
        stored_at=at,
    )
    return FiledEntry(
        entry=replace(entry, **changes),
        feed_url="https://feed.example/",
        feed_title=None,
        feed_kind="news",
        placement=None,
        topics=(TopicMatch(topic=TOPIC, score=2, evidence=(hit,), by=by),) if topic else (),
    )


def story(*reports: FiledEntry, **changes: Any) -> StoryFile:
    """Return a story led by its first report."""
    lead = reports[0].entry
    made = Story(
        id=StoryId(f"00000000-0000-5000-8000-{lead.id[1:]}"),
        lead=lead.id,
        lead_since=lead.first_seen_at,
        title=lead.title,
        language=lead.language,
        entries=tuple(filed.entry.id for filed in reports),
        sources=tuple(dict.fromkeys(filed.entry.source for filed in reports)),
        independent=len({filed.entry.source for filed in reports}),
        topics=(TopicMatch(topic=TOPIC, score=2, evidence=()),),
        first_seen_at=min(filed.entry.first_seen_at for filed in reports),
        updated_at=max(filed.entry.first_seen_at for filed in reports),
    )
    return StoryFile(story=replace(made, **changes), entries=reports)


def issue(**changes: Any) -> Issue:
    made = Issue(
        subject="us-russia",
        name="米ロ関係",
        topics=(TOPIC,),
        topic_names={TOPIC: "米ロ関係"},
        kind=EditionKind.DAILY,
        day=NOW.astimezone(ZONE).date(),
        since=NOW - 24 * HOUR,
        until=NOW,
        follows=True,
    )
    return replace(made, **changes)


def texts(points: Sequence[Any]) -> list[str]:
    return [point.text for point in points]
