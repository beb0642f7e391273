"""Between a request and its page: who asks, may they, and what every page shows around its own matter."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from aggregator.serve.access import Keys, end_sessions, load_keys
from aggregator.serve.desk import Desk
from aggregator.serve.press import Press
from aggregator.serve.views import Outlets
from aggregator.serve.visit import Visit, visit_of

PageHandler = Callable[[Request, Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


class FrontDesk:
    """Receives every request for a page."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.press = Press()
        self._keys: Keys | None = None
        self._outlets = Outlets(())

    def outlets(self, visit: Visit) -> Outlets:
        """Return the configured sources by id: indexed once, not for each page."""
        sources = visit.configuration.sources
        if self._outlets.sources is not sources:
            self._outlets = Outlets(sources)
        return self._outlets

    async def keys(self) -> Keys:
        """Return the keys, read from the store once."""
        if self._keys is None:
            self._keys = await load_keys(self.desk.store)
        return self._keys

    async def end_sessions(self) -> None:
        """Sign out everybody, wherever the session was copied to."""
        self._keys = await end_sessions(self.desk.store, await self.keys())

    async def visit(self, request: Request) -> Visit:
        """Return who asks."""
        return visit_of(request, self.desk, await self.keys())

    def is_published(self, feed: str) -> bool:
        """Tell whether there is a feed at an address, given without its extension; a story's is made when asked for."""
        if self.desk.on_demand is not None and feed.startswith("/feeds/story-"):
            return True
        return self.desk.shelf.get(f"{feed.lstrip('/')}.rss") is not None

    def page(self, handler: PageHandler) -> Endpoint:
        """Return the endpoint of a page: closed to those who may not read."""

        async def endpoint(request: Request) -> Response:
            visit = await self.visit(request)
            if not visit.may_read:
                return self.notice(request, visit, 401, "closed")
            return await handler(request, visit)

        return endpoint

    def notice(
        self, request: Request, visit: Visit, status: int, what: str, **values: object
    ) -> Response:
        """Print a page that says one thing: `notice.WHAT` and `notice.WHAT_more` of the wording."""
        return self.print(
            request,
            visit,
            "notice.html",
            status=status,
            title=visit.t(f"notice.{what}", **values),
            more=visit.t(f"notice.{what}_more", **values),
        )

    def print(
        self,
        request: Request,
        visit: Visit,
        template: str,
        *,
        status: int = 200,
        images: bool = False,
        **values: object,
    ) -> Response:
        """Print a page with what is on every page: the daemon's condition, whether one can sign in."""
        health = self.desk.health
        return self.press.page(
            request,
            visit,
            template,
            status=status,
            images=images,
            health=health,
            can_change=self.desk.act is not None
            and visit.configuration.settings.server.admin_token_hash is not None,
            **values,
        )
