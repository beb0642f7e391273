"""The read-only JSON API: the same questions to the store as the pages ask."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from aggregator.model.feed import Feed
from aggregator.model.identifiers import SourceId, TopicId
from aggregator.model.query import EntryQuery, FiledEntry, Page, SearchQuery, StoryFile, StoryQuery
from aggregator.model.source import Source
from aggregator.model.story import Story
from aggregator.model.topic import Topic, TopicMatch
from aggregator.publish.plain_text import plain_line
from aggregator.publish.summary import summary_of
from aggregator.serve.conditional import matches
from aggregator.serve.front_desk import FrontDesk
from aggregator.serve.openapi import MAX_LIMIT, document
from aggregator.serve.visit import Visit

T = TypeVar("T")
DEFAULT_LIMIT: Final = 50

Handler = Callable[[Request, Visit], Awaitable[object]]


class BadRequest(Exception):
    """A parameter cannot be read; the message names it."""


class Api:
    """Handlers below `/api/v1`."""

    def __init__(self, front: FrontDesk) -> None:
        self._front = front
        self._store = front.desk.store

    def routes(self) -> list[BaseRoute]:
        """Return every address of the API."""
        return [
            Route("/stories", self._json(self.stories)),
            Route("/stories/{id}", self._json(self.story)),
            Route("/entries", self._json(self.entries)),
            Route("/topics", self._json(self.topics)),
            Route("/sources", self._json(self.sources)),
            Route("/search", self._json(self.search)),
            Route("/openapi.json", self._json(self.openapi)),
        ]

    async def stories(self, request: Request, visit: Visit) -> object:
        """Return stories, newest first."""
        page = await self._store.stories(
            StoryQuery(
                topics=_several(request, "topic", TopicId),
                sources=_several(request, "source", SourceId),
                languages=_several(request, "language", str),
                updated_since=_time(request, "since"),
                updated_before=_time(request, "before"),
                cursor=_cursor(request),
                limit=_limit(request),
            )
        )
        return _page(page, story_json)

    async def story(self, request: Request, visit: Visit) -> object:
        """Return one story with its entries; a joined one answers under its new id."""
        located = await self._store.locate(request.path_params["id"])
        files = await self._store.story_files((located.story,)) if located else ()
        if not files:
            return None
        return story_file_json(files[0], visit)

    async def entries(self, request: Request, visit: Visit) -> object:
        """Return entries, newest first."""
        page = await self._store.entries(
            EntryQuery(
                topics=_several(request, "topic", TopicId),
                sources=_several(request, "source", SourceId),
                languages=_several(request, "language", str),
                since=_time(request, "since"),
                before=_time(request, "before"),
                cursor=_cursor(request),
                limit=_limit(request),
            )
        )
        return _page(page, lambda filed: entry_json(filed, visit))

    async def search(self, request: Request, visit: Visit) -> object:
        """Return the entries that hold all the words."""
        text = request.query_params.get("q", "").strip()
        if not text or len(text) > 200:
            raise BadRequest("q: from 1 to 200 characters are needed")
        page = await self._store.search(
            SearchQuery(
                text=text,
                sources=_several(request, "source", SourceId),
                languages=_several(request, "language", str),
                since=_time(request, "since"),
                before=_time(request, "before"),
                cursor=_cursor(request),
                limit=_limit(request),
            )
        )
        return _page(page, lambda filed: entry_json(filed, visit))

    async def topics(self, request: Request, visit: Visit) -> object:
        """Return the topics as they are configured."""
        return {"items": [topic_json(topic) for topic in visit.configuration.topics]}

    async def sources(self, request: Request, visit: Visit) -> object:
        """Return the sources with their feeds' health, in the order of the configuration."""
        known, limit = visit.configuration.sources, _limit(request, MAX_LIMIT)
        start = _after(known, _cursor(request))
        shown = known[start : start + limit]
        feeds: dict[SourceId, list[Feed]] = {}
        for feed in await self._store.feeds([source.id for source in shown]):
            feeds.setdefault(feed.source, []).append(feed)
        more = start + limit < len(known)
        page = Page(items=shown, next_cursor=shown[-1].id if more else None)
        return _page(page, lambda source: source_json(source, feeds.get(source.id, [])))

    async def openapi(self, request: Request, visit: Visit) -> object:
        """Describe this API."""
        return document(self._front.desk.health.version, visit.configuration.settings.public_url)

    def _json(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            visit = await self._front.visit(request)
            if not visit.may_read:
                return problem(401, "a token is needed")
            try:
                answer = await handler(request, visit)
            except BadRequest as error:
                return problem(400, str(error))
            if answer is None:
                return problem(404, "there is no such thing")
            return _answer(request, answer)

        return endpoint


def problem(status: int, detail: str) -> Response:
    """Return an error as JSON (RFC 9457)."""
    body = json.dumps({"status": status, "detail": detail})
    headers = {"www-authenticate": "Bearer"} if status == 401 else None
    return Response(body, status, headers, media_type="application/problem+json")


def _answer(request: Request, answer: object) -> Response:
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"etag": etag, "cache-control": "private, no-cache", "vary": "Cookie, Authorization"}
    if matches(request.headers.get("if-none-match", ""), (etag,)):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _page(page: Page[T], to_json: Callable[[T], Mapping[str, Any]]) -> dict[str, Any]:
    return {"items": [to_json(item) for item in page.items], "next_cursor": page.next_cursor}


def _several(request: Request, name: str, kind: Callable[[str], T]) -> tuple[T, ...]:
    return tuple(kind(value) for value in request.query_params.getlist(name) if value)


def _cursor(request: Request) -> str | None:
    return request.query_params.get("cursor") or None


def _after(sources: Sequence[Source], cursor: str | None) -> int:
    """Return the place after the source that a page ended with."""
    if cursor is None:
        return 0
    for place, source in enumerate(sources, 1):
        if source.id == cursor:
            return place
    raise BadRequest("cursor: there is no such source any more")


def _limit(request: Request, default: int = DEFAULT_LIMIT) -> int:
    text = request.query_params.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MAX_LIMIT):
        raise BadRequest(f"limit: a number from 1 to {MAX_LIMIT} is needed")
    return int(text)


def _time(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadRequest(f"{name}: a date or a time as RFC 3339 has it is needed") from None


def story_json(story: Story) -> dict[str, Any]:
    """Return a story as `export stories` prints it, and its count of independent sources."""
    return {
        "id": story.id,
        "title": story.title,
        "language": story.language,
        "lead": story.lead,
        "entries": list(story.entries),
        "sources": list(story.sources),
        "independent": story.independent,
        "first_seen": _rfc3339(story.first_seen_at),
        "updated": _rfc3339(story.updated_at),
        "topics": [match_json(match) for match in story.topics],
    }


def story_file_json(story: StoryFile, visit: Visit) -> dict[str, Any]:
    """Return a story with its entries whole in place of their ids."""
    reports = [entry_json(filed, visit) for filed in story.entries]
    return {**story_json(story.story), "reports": reports}


def entry_json(filed: FiledEntry, visit: Visit) -> dict[str, Any]:
    """Return an entry with the names that `export entries` uses; never an article's body."""
    entry, placement = filed.entry, filed.placement
    audience = visit.configuration.settings.audience
    return {
        "id": entry.id,
        "source": entry.source,
        "feed": filed.feed_url,
        "guid": entry.guid,
        "url": entry.url,
        "canonical_url": entry.canonical_url,
        "title": plain_line(entry.title),
        "summary": summary_of(entry.summary, entry.title, audience),
        "author": entry.author,
        "published": _rfc3339(entry.published),
        "updated": _rfc3339(entry.updated),
        "first_seen": _rfc3339(entry.first_seen_at),
        "language": entry.language,
        "categories": list(entry.categories),
        "story": placement.story if placement else None,
        "copy_of": placement.copy_of if placement else None,
        "topics": [match_json(match) for match in filed.topics],
    }


def match_json(match: TopicMatch) -> dict[str, Any]:
    """Return a topic match with its evidence."""
    evidence = [
        {"term": e.term, "field": e.field, "start": e.start, "end": e.end, "points": e.points}
        for e in match.evidence
    ]
    return {"id": match.topic, "score": match.score, "evidence": evidence, "by": match.by}


def topic_json(topic: Topic) -> dict[str, Any]:
    """Return a topic with its names by language."""
    return {"id": topic.id, "names": {language or "und": name for language, name in topic.names}}


def source_json(source: Source, feeds: list[Feed]) -> dict[str, Any]:
    """Return a source with its feeds' health; its headers stay with us, they may hold secrets."""
    return {
        "id": source.id,
        "name": source.name,
        "homepage": source.homepage,
        "language": source.language,
        "enabled": source.enabled,
        "feeds": [
            {
                "url": feed.url,
                "title": feed.title,
                "standing": feed.standing.value,
                "failure": feed.failure,
                "last_poll": _rfc3339(feed.last_poll_at),
                "last_success": _rfc3339(feed.last_success_at),
                "next_poll": _rfc3339(feed.next_poll_at),
            }
            for feed in feeds
        ],
    }


def _rfc3339(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
