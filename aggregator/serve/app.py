"""The web application as a visible list of routes."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from aggregator.errors import StoreError, UsageError
from aggregator.serve.actions import Actions
from aggregator.serve.api import Api, problem
from aggregator.serve.desk import Act, Desk, Documents
from aggregator.serve.digests import Digests
from aggregator.serve.feeds import FeedDoor
from aggregator.serve.front_desk import FrontDesk
from aggregator.serve.limits import Limits, SafeHeaders
from aggregator.serve.overview import Overview
from aggregator.serve.pages import Pages
from aggregator.serve.probes import Probes
from aggregator.serve.story_page import StoryPage
from aggregator.serve.websub import Callback

__all__ = ["Act", "Desk", "Documents", "make_app"]


def make_app(desk: Desk) -> Starlette:
    """Return the application: pages, feeds, API and probes on what the daemon hands in."""
    front = FrontDesk(desk)
    return Starlette(
        routes=routes(desk, front),
        middleware=[Middleware(SafeHeaders), Middleware(Limits)],
        exception_handlers={
            HTTPException: _errors(front),
            StoreError: _store_failed,
            UsageError: _not_understood,
        },
        max_body_size=64 * 1024,
    )


def routes(desk: Desk, front: FrontDesk) -> list[BaseRoute]:
    """Return every address we answer, the busiest first."""
    pages, overview, digests = Pages(front), Overview(front), Digests(front)
    probes, api, actions = Probes(desk, front.keys), Api(front), Actions(front)
    callback = Callback(desk)
    feeds, page = FeedDoor(desk, front.keys, overview.explain_feed), front.page
    return [
        Route("/feeds/{name}", feeds, methods=["GET"]),
        Route("/feeds.opml", feeds, methods=["GET"]),
        Route("/sources.opml", feeds, methods=["GET"]),
        Route("/", page(pages.front)),
        Route("/topics/{id}", page(pages.topic)),
        Route("/stories/{id}", page(StoryPage(front).show)),
        Route("/search", page(pages.search)),
        Route("/digests", page(digests.shelf)),
        Route("/digests/{topic}", page(digests.editions)),
        Route("/digests/{topic}/{edition}", page(digests.edition)),
        Route("/sources", page(overview.sources)),
        Route("/sources/{id}", page(overview.source)),
        Route("/feeds", page(overview.feeds)),
        Route("/status", page(overview.status)),
        Route("/sign-in", actions.sign_in_page, methods=["GET"]),
        Route("/sign-in", actions.sign_in, methods=["POST"]),
        Route("/sign-out", actions.sign_out, methods=["POST"]),
        Route("/actions/{name}", actions.act, methods=["POST"]),
        Mount("/api/v1", routes=api.routes()),
        Route("/websub/{id}", callback.verify, methods=["GET"]),
        Route(
            "/websub/{id}",
            callback.deliver,
            methods=["POST"],
            max_body_size=desk.configuration().settings.polling.max_body,
        ),
        Route("/healthz", probes.healthz),
        Route("/readyz", probes.readyz),
        Route("/metrics", probes.metrics),
        Route("/robots.txt", _robots),
        Mount("/static", StaticFiles(packages=[("aggregator.serve", "static")])),
    ]


async def _robots(request: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")


async def _not_understood(request: Request, error: Exception) -> Response:
    """Answer a cursor or a name that was never ours."""
    if request.url.path.startswith("/api/"):
        return problem(400, str(error))
    return PlainTextResponse(f"400: {error}\n", 400)


async def _store_failed(request: Request, error: Exception) -> Response:
    """Answer when nothing can be read from the store: feeds go on from memory, pages have to wait."""
    if request.url.path.startswith("/api/"):
        return problem(503, "the storage cannot be read just now")
    return PlainTextResponse("503: the storage cannot be read just now\n", 503)


def _errors(front: FrontDesk) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return what answers 404, 405 and the like: JSON to programs, a line to readers, a page to people."""

    async def answer(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        path = request.url.path
        if path.startswith("/api/"):
            return problem(error.status_code, error.detail)
        if request.method not in ("GET", "HEAD") or path.startswith(("/feeds/", "/static/")):
            text = f"{error.status_code}: {error.detail}\n"
            return PlainTextResponse(text, error.status_code, error.headers)
        what = "missing" if error.status_code == 404 else "not_possible"
        visit = await front.visit(request)
        return front.notice(request, visit, error.status_code, what)

    return answer
