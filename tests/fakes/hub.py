"""A WebSub hub to talk to: a real server on loopback that verifies, grants leases and delivers."""

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from aggregator.serve.server import serve


@dataclass(slots=True)
class Hub:
    """The hub: what it was asked, and what it does about it.

    The callback's address names our public one; `reaches` is where that is found on this machine.
    """

    reaches: str = ""
    url: str = ""
    lease: int | None = 864000
    status: int = 202
    verifies: bool = True
    redirects: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    verified: list[tuple[int, str]] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def subscribe(self, request: Request) -> Response:
        """Take a subscription request, and verify it beside the answer."""
        if self.redirects and request.url.path == "/":
            return RedirectResponse("/elsewhere", 308)
        form = dict(parse_qsl((await request.body()).decode()))
        self.asked.append(form)
        if self.verifies and self.status < 300:
            task = asyncio.create_task(self._verify(form))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return PlainTextResponse("", self.status)

    async def settle(self) -> None:
        """Wait until every verification under way has ended."""
        await asyncio.gather(*self._tasks)

    async def _verify(self, form: dict[str, str]) -> None:
        more = {} if self.lease is None else {"hub.lease_seconds": str(self.lease)}
        self.verified.append(
            await self.ask(form["hub.callback"], form["hub.topic"], form["hub.mode"], **more)
        )

    async def ask(
        self, callback: str, topic: str, mode: str = "subscribe", **more: str
    ) -> tuple[int, str]:
        """Ask a callback a question; return the status and what it said."""
        question = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": "c" * 40} | more
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self._found(callback)}?{urlencode(question)}") as answer,
        ):
            return answer.status, await answer.text()

    async def deliver(
        self,
        body: bytes,
        *,
        to: dict[str, str] | None = None,
        method: str = "sha256",
        secret: str | None = None,
        signature: str | None = None,
    ) -> int:
        """Deliver to the last subscriber, or another; return the status."""
        form = to or self.asked[-1]
        key = (secret or form["hub.secret"]).encode()
        sign = signature
        if sign is None:
            sign = f"{method}={hmac.new(key, body, getattr(hashlib, method)).hexdigest()}"
        headers = {"Content-Type": "application/rss+xml", "X-Hub-Signature": sign}
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                self._found(form["hub.callback"]), data=BytesIO(body), headers=headers
            ) as answer,
        ):
            return answer.status

    def _found(self, callback: str) -> str:
        return self.reaches + urlsplit(callback).path


@contextlib.asynccontextmanager
async def hub() -> AsyncIterator[Hub]:
    """Serve a hub for the length of the block."""
    made, stop, listening = Hub(), asyncio.Event(), asyncio.Event()

    def told(address: str) -> None:
        made.url = f"{address}/"
        listening.set()

    routes = [
        Route("/", made.subscribe, methods=["POST"]),
        Route("/elsewhere", made.subscribe, methods=["POST"]),
    ]
    running = asyncio.create_task(serve(Starlette(routes=routes), "127.0.0.1", 0, stop, told))
    await listening.wait()
    try:
        yield made
    finally:
        stop.set()
        await running
