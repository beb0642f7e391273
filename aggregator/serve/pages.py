"""The reading pages: newest stories, topics, one story, search."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from aggregator.cluster.explain import explain
from aggregator.model.identifiers import EntryId, SourceId, TopicId
from aggregator.model.output import Output
from aggregator.model.query import FiledEntry, Page, SearchQuery, StoryFile, StoryQuery
from aggregator.model.story import Story
from aggregator.model.topic import Topic
from aggregator.publish.plain_text import plain_line
from aggregator.publish.reports import reported_at
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
    reports_of,
    story_card,
    topic_labels,
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
        topic = _topics(visit).get(request.path_params["id"])
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
            has_feed=self._is_published(feed),
            next_cursor=page.next_cursor,
            empty=await self._emptiness() if not cards else None,
        )

    async def story(self, request: Request, visit: Visit) -> Response:
        """Show every report of a story in order, and why each is there."""
        asked = request.path_params["id"]
        located = await self._store.locate(asked)
        if located is None:
            raise HTTPException(404)
        if located.story != asked:
            return RedirectResponse(visit.link(f"/stories/{located.story}", **_said(visit)), 301)
        files = await self._store.story_files((located.story,))
        if not files or not files[0].entries:
            return self._front.notice(request, visit, 410, "withdrawn")
        image = _image(files[0], visit)
        values = await self._story_values(files[0], visit)
        return self._front.print(
            request, visit, "story.html", images=image is not None, image=image, **values
        )

    async def _story_values(self, story: StoryFile, visit: Visit) -> dict[str, Any]:
        outlets = Outlets(visit.configuration.sources)
        lead = lead_for(story, outlets.by_id, visit.language, visit.now)
        nearby = dict.fromkeys(filter(None, (story.story.saga, *story.story.related)))
        audience = visit.configuration.settings.audience
        feed = f"/feeds/story-{story.story.id}"
        return {
            "story": story.story,
            "lead": report_line(lead, outlets),
            "summary": summary_of(lead.entry.summary, lead.entry.title, audience),
            "first": min(reported_at(filed) for filed in story.entries),
            "reports": reports_of(story, outlets),
            "why": await self._reasons(story, visit),
            "edits": await self._edits(story, outlets),
            "topics": topic_labels(
                (match.topic for match in story.story.topics), _topics(visit), visit.language
            ),
            "related": [file.story for file in await self._store.story_files(tuple(nearby))],
            "feed": feed,
            "has_feed": self._is_published(feed),
        }

    async def _reasons(self, story: StoryFile, visit: Visit) -> dict[EntryId, str]:
        """Return why each entry is in the story, in the reader's language."""
        placements = [filed.placement for filed in story.entries if filed.placement]
        known = {filed.entry.id: filed.entry for filed in story.entries}
        named = {n.entry for p in placements for n in p.decision.neighbours} - known.keys()
        known |= {f.entry.id: f.entry for f in await self._store.entries_by_id(sorted(named))}
        runners_up = {p.decision.runner_up for p in placements if p.decision.runner_up}
        titles = {
            file.story.id: plain_line(file.story.title)
            for file in await self._store.story_files(sorted(runners_up))
        }
        return {
            p.entry: explain(
                p,
                known,
                visit.language,
                titles.get(p.decision.runner_up) if p.decision.runner_up else None,
            )
            for p in placements
        }

    async def _edits(self, story: StoryFile, outlets: Outlets) -> list[dict[str, Any]]:
        """Return the headlines that outlets changed: what stood before, what came after, and when."""
        found = []
        for filed in story.entries:
            if not filed.entry.revision:
                continue
            revisions = await self._store.revisions(filed.entry.id)
            titles = [*(revision.title for revision in revisions), filed.entry.title]
            found += [
                {
                    "line": report_line(filed, outlets),
                    "at": revision.replaced_at,
                    "before": plain_line(before),
                    "after": plain_line(after),
                }
                for revision, before, after in zip(revisions, titles, titles[1:], strict=False)
                if before != after
            ]
        return found

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
        outlets, topics = Outlets(visit.configuration.sources), _topics(visit)
        audience = visit.configuration.settings.audience
        cards = []
        for file in files:
            if file.entries and _is_shown(file, output, visit):
                lead = lead_for(file, outlets.by_id, visit.language, visit.now)
                cards.append(story_card(file, lead, outlets, topics, visit.language, audience))
        return page, cards

    def _is_published(self, feed: str) -> bool:
        return self._front.desk.shelf.get(f"{feed.lstrip('/')}.rss") is not None

    async def _emptiness(self) -> dict[str, object]:
        """Return what an empty page says: since when we look, when we last asked, how many feeds."""
        feeds = await self._store.feeds()
        return {
            "since": min((feed.first_seen_at for feed in feeds), default=None),
            "polled": max((f.last_poll_at for f in feeds if f.last_poll_at), default=None),
            "feeds": len(feeds),
        }


def _topics(visit: Visit) -> dict[str, Topic]:
    return {topic.id: topic for topic in visit.configuration.topics}


def _said(visit: Visit) -> dict[str, str]:
    return {"done": visit.query["done"]} if "done" in visit.query else {}


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


def _image(story: StoryFile, visit: Visit) -> str | None:
    """Return the lead's thumbnail, where its source lets us show it."""
    entry = story.lead.entry
    allowed = Outlets(visit.configuration.sources).get(entry.source).images
    return entry.image if allowed and (entry.image or "").startswith("https:") else None


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
