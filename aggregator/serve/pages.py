"""The lists of stories: newest, of a topic, found by words."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aggregator.model.identifiers import EntryId, SourceId, StoryId, TopicId
from aggregator.model.output import Items, Output
from aggregator.model.query import FiledEntry, Page, SearchQuery, StoryFile, StoryQuery
from aggregator.model.story import Story
from aggregator.model.topic import Topic
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
PAGE_SIZE: Final = 30
CHART_DAYS: Final = 28
LEADERS_FROM: Final = 100  # stories of several sources
LEADERS_SHOWN: Final = 8
SOURCES_OFFERED: Final = 100  # in the form; where there are more, the way leads over their own page
WIDELY_REPORTED: Final = 3  # independent sources, to stand in the block on top
WIDELY_SHOWN: Final = 3
CAUGHT_UP: Final = 100  # stories that are counted since the last visit
CAUGHT_UP_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfStories:
    """The stories of one day, newest first."""

    day: datetime
    cards: tuple[StoryCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """What happened since the reader was here last."""

    since: datetime
    new: int
    moved: int
    more: bool  # than were counted
    cards: tuple[StoryCard, ...]  # the most widely reported of it


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
        query, since = _narrowed(visit, output), _since(visit)
        page, cards = await self._cards(query, visit, output)
        few = len(visit.configuration.sources) <= SOURCES_OFFERED
        further = bool(asked.get("cursor"))
        catch_up = await self._catch_up(query, since, visit, output) if since else None
        narrowed = any(asked.get(key) for key in ("topic", "source", "language", "cursor"))
        return self._front.print(
            request,
            visit,
            "front.html",
            output=output,
            outputs=outputs,
            topics=visit.configuration.topics,
            sources=visit.configuration.sources if few else (),
            languages=self._front.outlets(visit).languages,
            days=by_day(cards, visit),
            top=() if narrowed or since else await self._widely_reported(query, visit, output),
            catch_up=None if further else catch_up,
            read_so_far=_read_so_far(cards) if not further else None,
            next_cursor=page.next_cursor,
            empty=await self._emptiness() if not cards else None,
            narrowed=narrowed,
            since=since,
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
        days = charts.day_starts(visit, CHART_DAYS)
        shared = await self._store.stories(
            StoryQuery(
                topics=(topic.id,), updated_since=days[0], min_independent=2, limit=LEADERS_FROM
            )
        )
        counts = await self._store.story_counts(topic.id, days)
        feed, digest_feed = f"/feeds/{topic.id}", f"/feeds/digest-{topic.id}"
        return self._front.print(
            request,
            visit,
            "topic.html",
            topic=topic,
            name=topic.name(visit.language),
            days=by_day(cards, visit),
            chart=charts.per_day(counts, days, visit),
            leaders=who_led(shared.items, self._front.outlets(visit)),
            editions=await self._store.editions(topic.id, 5),
            feed=feed,
            has_feed=self._front.is_published(feed),
            digest_feed=digest_feed,
            has_digest_feed=self._front.is_published(digest_feed),
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
        outlets = self._front.outlets(visit)
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
        return page, await self._cards_of(page.items, visit, output)

    async def _cards_of(
        self, stories: Sequence[Story], visit: Visit, output: Output | None
    ) -> list[StoryCard]:
        """Return stories as cards, those left out that this page does not show."""
        ids = [story.id for story in stories]
        files = await self._store.story_files(ids, content=False)
        outlets, topics = self._front.outlets(visit), topics_by_id(visit)
        audience = visit.configuration.settings.audience
        leads = await self._published_leads(ids, visit, output)
        cards = []
        for file in files:
            view = _view(file, output, visit)
            if view is not None:
                lead = _entry(view, leads.get(file.story.id)) or lead_for(
                    view, outlets.by_id, visit.language, visit.now
                )
                cards.append(story_card(view, lead, outlets, topics, visit.language, audience))
        return cards

    async def _published_leads(
        self, ids: Sequence[StoryId], visit: Visit, output: Output | None
    ) -> dict[StoryId, EntryId]:
        """Return which report stands for each story in the output's feed, where its language is read."""
        if output is None or output.items is not Items.STORIES or output.language != visit.language:
            return {}
        published = await self._store.publications_of(output.id, ids)
        return {one.item.story: one.lead for one in published}

    async def _catch_up(
        self, query: StoryQuery, since: datetime, visit: Visit, output: Output | None
    ) -> CatchUp:
        """Return what the reader missed, the most widely reported of it first."""
        page = await self._store.stories(
            replace(query, updated_since=since, cursor=None, limit=CAUGHT_UP)
        )
        new = sum(story.first_seen_at >= since for story in page.items)
        ranked = by_importance(page.items)[:CAUGHT_UP_SHOWN]
        return CatchUp(
            since=since,
            new=new,
            moved=len(page.items) - new,
            more=page.next_cursor is not None,
            cards=tuple(await self._cards_of(ranked, visit, output)),
        )

    async def _widely_reported(
        self, query: StoryQuery, visit: Visit, output: Output | None
    ) -> tuple[StoryCard, ...]:
        """Return the last day's stories that most sources report of their own; one alone says nothing."""
        page = await self._store.stories(
            replace(
                query,
                updated_since=visit.now - timedelta(days=1),
                min_independent=WIDELY_REPORTED,
                widest=True,
                limit=WIDELY_SHOWN,
            )
        )
        cards = await self._cards_of(page.items, visit, output) if len(page.items) > 1 else ()
        return tuple(cards) if len(cards) > 1 else ()

    async def _emptiness(self) -> dict[str, object]:
        """Return what an empty page says: since when we look, when we last asked, how many feeds."""
        summary = await self._store.feed_summary()
        since, polled = await self._store.feed_span()
        return {"since": since, "polled": polled, "feeds": summary.feeds}


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
        output=output.id if output else None,
        cursor=visit.query.get("cursor"),
        limit=PAGE_SIZE,
    )


def _view(file: StoryFile, output: Output | None, visit: Visit) -> StoryFile | None:
    """Return a story as a page shows it: in the reports that the output takes; None where it is muted.

    Whether the output has it at all the store has told: the page shows what the feed has or had.
    """
    mutes = [(mute.words, mute.until) for mute in visit.configuration.mutes]
    if not file.entries or is_muted(file.entries, mutes, visit.now):
        return None
    if output is None or output.items is not Items.STORIES:
        return file
    return next(iter(views_of(file, output)), None)


def _entry(view: StoryFile, id: EntryId | None) -> FiledEntry | None:
    return next((filed for filed in view.entries if filed.entry.id == id), None)


def _read_so_far(cards: Sequence[StoryCard]) -> str | None:
    """Return the time after the newest story, to be bookmarked: the same until there is news."""
    newest = max((card.at for card in cards), default=None)
    return f"{newest + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}" if newest else None


def by_importance(stories: Sequence[Story]) -> tuple[Story, ...]:
    """Return stories by how many sources report them of their own, then the latest first."""
    latest = sorted(stories, key=lambda story: story.updated_at, reverse=True)
    return tuple(sorted(latest, key=lambda story: -story.independent))


def _found(
    filed: FiledEntry, words: Sequence[str], outlets: Outlets, visit: Visit
) -> dict[str, Any]:
    entry, audience = filed.entry, visit.configuration.settings.audience
    line = report_line(filed, outlets)
    return {
        "line": line,
        "title": highlight(line.title, words),
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
