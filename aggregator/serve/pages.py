"""The reading pages: newest stories, topics, one story, search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from aggregator.model.identifiers import SourceId, TopicId
from aggregator.model.output import Output
from aggregator.model.query import Page, SearchQuery, StoryFile, StoryQuery
from aggregator.model.story import Story
from aggregator.model.topic import Topic
from aggregator.serve import charts
from aggregator.serve.explain import why
from aggregator.serve.front_desk import FrontDesk
from aggregator.serve.views import (
    Outlets,
    StoryCard,
    highlight,
    report_line,
    report_lines,
    snippet,
    story_card,
    time_of,
    topic_labels,
)
from aggregator.serve.visit import Visit
from aggregator.text.normalise import fold

T = TypeVar("T")
PAGE_SIZE: Final = 50
CHART_DAYS: Final = 28
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
        query = request.query_params
        outputs = [o for o in visit.configuration.outputs if not o.private or visit.reader_known]
        output = _chosen(outputs, query.get("output"))
        if query.get("output") and output is None:
            raise HTTPException(404)
        asked = StoryQuery(
            topics=_narrowed(query.get("topic"), output.topics if output else (), TopicId),
            sources=_narrowed(query.get("source"), output.sources if output else (), SourceId),
            languages=_narrowed(query.get("language"), output.languages if output else (), str),
            cursor=query.get("cursor"),
            limit=PAGE_SIZE,
        )
        page, cards = await self._cards(asked, visit, output)
        narrowed = any(query.get(key) for key in ("topic", "source", "language", "cursor"))
        return self._front.print(
            request,
            visit,
            "front.html",
            output=output,
            outputs=outputs,
            topics=visit.configuration.topics,
            sources=visit.configuration.sources,
            languages=sorted({s.language for s in visit.configuration.sources if s.language}),
            days=by_day(cards, visit),
            top=() if narrowed else widely_reported(cards, visit.now),
            next_cursor=page.next_cursor,
            empty=await self._emptiness(visit) if not cards else None,
            narrowed=narrowed,
        )

    async def topic(self, request: Request, visit: Visit) -> Response:
        """Show the stories of a topic, with how many there were each day."""
        topic = next(
            (t for t in visit.configuration.topics if t.id == request.path_params["id"]), None
        )
        if topic is None:
            raise HTTPException(404)
        asked = StoryQuery(
            topics=(topic.id,), cursor=request.query_params.get("cursor"), limit=PAGE_SIZE
        )
        page, cards = await self._cards(asked, visit, None)
        since = visit.now - timedelta(days=CHART_DAYS)
        recent = await self._store.stories(
            StoryQuery(topics=(topic.id,), updated_since=since, limit=1000)
        )
        return self._front.print(
            request,
            visit,
            "topic.html",
            topic=topic,
            name=topic.name(visit.language),
            days=by_day(cards, visit),
            chart=charts.per_day([s.first_seen_at for s in recent.items], visit, CHART_DAYS),
            editions=await self._store.editions(topic.id, 5),
            feed=f"/feeds/{topic.id}",
            has_feed=self._front.desk.shelf.get(f"feeds/{topic.id}.rss") is not None,
            next_cursor=page.next_cursor,
            empty=await self._emptiness(visit) if not cards else None,
        )

    async def story(self, request: Request, visit: Visit) -> Response:
        """Show every report of a story in order, and why each is there."""
        located = await self._store.locate(request.path_params["id"])
        if located is None:
            raise HTTPException(404)
        if located.story != request.path_params["id"]:
            return RedirectResponse(visit.link(f"/stories/{located.story}"), 301)
        files = await self._store.story_files((located.story,))
        if not files or not files[0].entries:
            return self._front.notice(request, visit, 410, "withdrawn")
        story = files[0]
        return self._front.print(
            request,
            visit,
            "story.html",
            images=story_has_image(story, visit),
            **await self._story_values(story, visit),
        )

    async def _story_values(self, story: StoryFile, visit: Visit) -> dict[str, Any]:
        outlets = Outlets(visit.configuration.sources)
        audience = visit.configuration.settings.audience
        lead = story.lead
        related_ids = [id for id in (story.story.saga, *story.story.related) if id is not None]
        related = await self._store.story_files(tuple(dict.fromkeys(related_ids)))
        first = min(time_of(filed) for filed in story.entries)
        edits = [
            (filed, await self._store.revisions(filed.entry.id))
            for filed in story.entries
            if filed.entry.revision
        ]
        return {
            "story": story.story,
            "lead": report_line(lead, outlets, first),
            "summary": snippet(lead.entry.summary, lead.entry.title, audience),
            "first": first,
            "lines": report_lines(story, outlets),
            "image": lead.entry.image if story_has_image(story, visit) else None,
            "why": {f.entry.id: why(f, story, outlets, visit) for f in story.entries},
            "edits": [
                (outlets.get(filed.entry.source).label, filed.entry, revision)
                for filed, revisions in edits
                for revision in revisions
                if fold(revision.title) != fold(filed.entry.title)
            ],
            "topics": topic_labels(
                (match.topic for match in story.story.topics), _topics(visit), visit.language
            ),
            "related": [r.story for r in related],
            "feed": f"/feeds/story-{story.story.id}",
            "has_feed": self._front.desk.shelf.get(f"feeds/story-{story.story.id}.rss") is not None,
        }

    async def search(self, request: Request, visit: Visit) -> Response:
        """Find entries by their words."""
        text = request.query_params.get("q", "").strip()[:200]
        rows: list[dict[str, object]] = []
        next_cursor: str | None = None
        if text:
            answer = await self._store.search(
                SearchQuery(text=text, cursor=request.query_params.get("cursor"), limit=PAGE_SIZE)
            )
            next_cursor = answer.next_cursor
            outlets = Outlets(visit.configuration.sources)
            words = text.split()
            rows = [
                {
                    "line": report_line(filed, outlets, time_of(filed)),
                    "title": highlight(filed.entry.title, words),
                    "summary": highlight(
                        snippet(
                            filed.entry.summary,
                            filed.entry.title,
                            visit.configuration.settings.audience,
                        ),
                        words,
                    ),
                    "story": filed.placement.story if filed.placement else None,
                }
                for filed in answer.items
            ]
        return self._front.print(
            request, visit, "search.html", text=text, rows=rows, next_cursor=next_cursor
        )

    async def _cards(
        self, query: StoryQuery, visit: Visit, output: Output | None
    ) -> tuple[Page[Story], list[StoryCard]]:
        page = await self._store.stories(query)
        files = await self._store.story_files([story.id for story in page.items])
        outlets, topics = Outlets(visit.configuration.sources), _topics(visit)
        audience = visit.configuration.settings.audience
        kept = [f for f in files if f.entries and (output is None or _belongs(f, output))]
        return page, [story_card(f, outlets, topics, visit.language, audience) for f in kept]

    async def _emptiness(self, visit: Visit) -> dict[str, object]:
        """Return what an empty page says: since when we look, when we last asked, how many feeds."""
        feeds = await self._store.feeds()
        return {
            "since": min((feed.first_seen_at for feed in feeds), default=None),
            "polled": max((f.last_poll_at for f in feeds if f.last_poll_at), default=None),
            "feeds": len(feeds),
        }


def _topics(visit: Visit) -> dict[str, Topic]:
    return {topic.id: topic for topic in visit.configuration.topics}


def _chosen(outputs: Sequence[Output], asked: str | None) -> Output | None:
    if asked:
        return next((output for output in outputs if output.id == asked), None)
    return outputs[0] if outputs else None


def _narrowed(asked: str | None, own: tuple[T, ...], kind: Callable[[str], T]) -> tuple[T, ...]:
    return (kind(asked),) if asked else own


def _belongs(story: StoryFile, output: Output) -> bool:
    titles = fold(" ".join(filed.entry.title for filed in story.entries))
    return story.story.independent >= output.min_sources and not any(
        fold(word) in titles for word in output.exclude
    )


def story_has_image(story: StoryFile, visit: Visit) -> bool:
    """Tell whether a story's lead has a thumbnail that its source lets us show."""
    entry = story.lead.entry
    source = Outlets(visit.configuration.sources).get(entry.source)
    return source.images and (entry.image or "").startswith("https:")


def by_day(cards: Sequence[StoryCard], visit: Visit) -> tuple[DayOfStories, ...]:
    """Return stories under the day they last moved on, in the reader's zone."""
    days = groupby(cards, key=lambda card: card.at.astimezone(visit.zone).date())
    return tuple(
        DayOfStories(day=group[0].at, cards=group) for group in (tuple(cards) for _, cards in days)
    )


def widely_reported(cards: Sequence[StoryCard], now: datetime) -> tuple[StoryCard, ...]:
    """Return the last day's three stories that most sources report of their own."""
    recent = [
        card
        for card in cards
        if card.independent >= WIDELY_REPORTED and now - card.at < timedelta(days=1)
    ]
    return tuple(sorted(recent, key=lambda card: (-card.independent, now - card.at))[:3])
