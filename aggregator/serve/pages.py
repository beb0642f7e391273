"""The lists of stories: newest, of a topic, found by words."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aggregator.model.identifiers import SourceId, TopicId
from aggregator.model.output import Output
from aggregator.model.query import FiledEntry, Page, SearchQuery, StoryFile, StoryQuery
from aggregator.model.story import Story
from aggregator.model.topic import Topic
from aggregator.publish.plain_text import plain_line
from aggregator.publish.select import is_muted
from aggregator.publish.summary import summary_of
from aggregator.publish.view import views_of
from aggregator.serve import charts
from aggregator.serve.front_desk import FrontDesk
from aggregator.serve.views import (
    Outlets,
    StoryCard,
    highlight,
    lead_for,
    report_line,
    story_card,
)
from aggregator.serve.visit import Visit

T = TypeVar("T")
PAGE_SIZE: Final = 50
CHART_DAYS: Final = 28
CHART_STORIES: Final = 1000
LEADERS_SHOWN: Final = 8
SOURCES_OFFERED: Final = 100  # in the form; where there are more, the way leads over their own page
WIDELY_REPORTED: Final = 3  # independent sources, to stand in the block on top


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfStories:
    """The stories of one day, newest first."""

    day: datetime
    cards: tuple[StoryCard, ...]


class Pages:
    """Handlers of the reading pages."""

    def __init__(self, front: FrontDesk) -> None:
        self._front = front
        self._store = front.desk.store

    async def front(self, request: Request, visit: Visit) -> Response:
        """Show the newest stories of an output, narrowed by topic, source or language."""
        asked = visit.query
        outputs = [o for o in visit.configuration.outputs if not o.private or visit.reader_known]
        output = _chosen(outputs, asked.get("output"))
        page, cards = await self._cards(_narrowed(visit, output), visit, output)
        since, few = _since(visit), len(visit.configuration.sources) <= SOURCES_OFFERED
        narrowed = any(asked.get(key) for key in ("topic", "source", "language", "cursor"))
        return self._front.print(
            request,
            visit,
            "front.html",
            output=output,
            outputs=outputs,
            topics=visit.configuration.topics,
            sources=visit.configuration.sources if few else (),
            languages=sorted({s.language for s in visit.configuration.sources if s.language}),
            days=by_day(cards, visit),
            top=() if narrowed else widely_reported(cards, visit.now),
            next_cursor=page.next_cursor,
            empty=await self._emptiness() if not cards else None,
            narrowed=narrowed,
            since=since,
            fresh=freshness(cards, since),
        )

    async def topic(self, request: Request, visit: Visit) -> Response:
        """Show the stories of a topic, with how many there were each day."""
        topic = topics_by_id(visit).get(request.path_params["id"])
        if topic is None:
            raise HTTPException(404)
        page, cards = await self._cards(
            StoryQuery(topics=(topic.id,), cursor=visit.query.get("cursor"), limit=PAGE_SIZE),
            visit,
            None,
        )
        since = visit.now - timedelta(days=CHART_DAYS)
        recent = await self._store.stories(
            StoryQuery(topics=(topic.id,), updated_since=since, limit=CHART_STORIES)
        )
        feed = f"/feeds/{topic.id}"
        return self._front.print(
            request,
            visit,
            "topic.html",
            topic=topic,
            name=topic.name(visit.language),
            days=by_day(cards, visit),
            chart=charts.per_day([s.first_seen_at for s in recent.items], visit, CHART_DAYS),
            leaders=who_led(recent.items, Outlets(visit.configuration.sources)),
            editions=await self._store.editions(topic.id, 5),
            feed=feed,
            has_feed=self._front.is_published(feed),
            next_cursor=page.next_cursor,
            empty=await self._emptiness() if not cards else None,
        )

    async def search(self, request: Request, visit: Visit) -> Response:
        """Find entries by their words."""
        text = visit.query.get("q", "").strip()[:200]
        answer: Page[FiledEntry] = Page(items=())
        if text:
            answer = await self._store.search(
                SearchQuery(text=text, cursor=visit.query.get("cursor"), limit=PAGE_SIZE)
            )
        outlets = Outlets(visit.configuration.sources)
        return self._front.print(
            request,
            visit,
            "search.html",
            text=text,
            rows=[_found(filed, text.split(), outlets, visit) for filed in answer.items],
            next_cursor=answer.next_cursor,
        )

    async def _cards(
        self, query: StoryQuery, visit: Visit, output: Output | None
    ) -> tuple[Page[Story], list[StoryCard]]:
        page = await self._store.stories(query)
        files = await self._store.story_files([story.id for story in page.items])
        outlets, topics = Outlets(visit.configuration.sources), topics_by_id(visit)
        audience = visit.configuration.settings.audience
        cards = []
        for file in files:
            if file.entries and _is_shown(file, output, visit):
                lead = lead_for(file, outlets.by_id, visit.language, visit.now)
                cards.append(story_card(file, lead, outlets, topics, visit.language, audience))
        return page, cards

    async def _emptiness(self) -> dict[str, object]:
        """Return what an empty page says: since when we look, when we last asked, how many feeds."""
        feeds = await self._store.feeds()
        return {
            "since": min((feed.first_seen_at for feed in feeds), default=None),
            "polled": max((f.last_poll_at for f in feeds if f.last_poll_at), default=None),
            "feeds": len(feeds),
        }


def topics_by_id(visit: Visit) -> dict[str, Topic]:
    """Return the configured topics."""
    return {topic.id: topic for topic in visit.configuration.topics}


def _chosen(outputs: Sequence[Output], asked: str | None) -> Output | None:
    if not asked:
        return outputs[0] if outputs else None
    found = next((output for output in outputs if output.id == asked), None)
    if found is None:
        raise HTTPException(404)
    return found


def _since(visit: Visit) -> datetime | None:
    """Return when the reader was here last, as the address says that they bookmarked."""
    try:
        at = datetime.fromisoformat(visit.query.get("since", ""))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=visit.zone)


def _narrowed(visit: Visit, output: Output | None) -> StoryQuery:
    """Return the question behind the front page: the output's own, narrowed by what the reader chose."""

    def choose(name: str, own: tuple[T, ...], kind: Callable[[str], T]) -> tuple[T, ...]:
        asked = visit.query.get(name)
        return (kind(asked),) if asked else own

    return StoryQuery(
        topics=choose("topic", output.topics if output else (), TopicId),
        sources=choose("source", output.sources if output else (), SourceId),
        languages=choose("language", output.languages if output else (), str),
        cursor=visit.query.get("cursor"),
        limit=PAGE_SIZE,
    )


def _is_shown(file: StoryFile, output: Output | None, visit: Visit) -> bool:
    """Tell whether a page shows a story: muted words hide it, and an output's own conditions.

    Older than an output's `backfill` it may be: a page is an archive, only the feed is news.
    """
    mutes = [(mute.words, mute.until) for mute in visit.configuration.mutes]
    if output is None:
        return not is_muted(file.entries, mutes, visit.now)
    views = views_of(file, output)
    return bool(views) and (
        max(view.story.independent for view in views) >= output.min_sources
        and not is_muted(file.entries, [*mutes, (output.exclude, None)], visit.now)
    )


def _found(
    filed: FiledEntry, words: Sequence[str], outlets: Outlets, visit: Visit
) -> dict[str, Any]:
    entry, audience = filed.entry, visit.configuration.settings.audience
    return {
        "line": report_line(filed, outlets),
        "title": highlight(plain_line(entry.title), words),
        "summary": highlight(summary_of(entry.summary, entry.title, audience), words),
        "story": filed.placement.story if filed.placement else None,
    }


def by_day(cards: Sequence[StoryCard], visit: Visit) -> tuple[DayOfStories, ...]:
    """Return stories under the day they last moved on, in the reader's zone."""
    days = groupby(cards, key=lambda card: card.at.astimezone(visit.zone).date())
    return tuple(
        DayOfStories(day=group[0].at, cards=group) for group in (tuple(cards) for _, cards in days)
    )


def who_led(stories: Sequence[Story], outlets: Outlets) -> tuple[tuple[str, int, int], ...]:
    """Return outlets with how many shared stories each had first, and in how many it followed."""
    shared = [story for story in stories if len(story.sources) > 1]
    led = Counter(story.sources[0] for story in shared)
    followed = Counter(source for story in shared for source in story.sources[1:])
    ranked = sorted(led.keys() | followed.keys(), key=lambda id: (-led[id], -followed[id], id))
    return tuple((outlets.get(id).label, led[id], followed[id]) for id in ranked[:LEADERS_SHOWN])


def freshness(cards: Sequence[StoryCard], since: datetime | None) -> dict[str, int]:
    """Return how many of the stories are new since then, and how many went on."""
    if since is None:
        return {"new": 0, "moved": 0}
    new = sum(card.first_seen >= since for card in cards)
    return {"new": new, "moved": sum(card.at >= since for card in cards) - new}


def widely_reported(cards: Sequence[StoryCard], now: datetime) -> tuple[StoryCard, ...]:
    """Return the last day's three stories that most sources report of their own."""
    recent = [
        card
        for card in cards
        if card.independent >= WIDELY_REPORTED and now - card.at < timedelta(days=1)
    ]
    return tuple(sorted(recent, key=lambda card: (-card.independent, now - card.at))[:3])
