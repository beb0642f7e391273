"""Published feeds over HTTP, from memory: validators first, then bytes that were prepared before.

The endpoint is plain ASGI: a 304 costs one look-up and one comparison.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from aggregator.model.identifiers import OutputId
from aggregator.model.output import Output
from aggregator.pipeline.shelf import Document
from aggregator.serve.access import Keys
from aggregator.serve.conditional import (
    accepts_gzip,
    http_date,
    matches,
    prefers_html,
    unchanged_since,
)
from aggregator.serve.desk import Desk
from aggregator.serve.visit import bearer

EXTENSIONS: Final = (".rss", ".atom", ".json")
_STORY: Final = "feeds/story-"
MAX_AGE: Final = 60  # seconds; a round of polls seldom changes an output more often

Explain = Callable[[Request, str], Awaitable[Response]]
"""Answers a browser that opens a feed's address: a page on how to subscribe to it."""


class FeedDoor:
    """Answers `/feeds/NAME` and the OPML lists from the shelf."""

    def __init__(self, desk: Desk, keys: Callable[[], Awaitable[Keys]], explain: Explain) -> None:
        self._desk = desk
        self._keys = keys
        self._explain = explain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name: str = scope["path"].lstrip("/")
        headers = _headers(scope)
        closed = self._is_private(name) or (
            self._desk.configuration().settings.server.access != "open"
        )
        if closed and not await self._opens(scope, headers, name):
            refusal = PlainTextResponse(
                "401: this feed needs its token\n", 401, {"www-authenticate": "Bearer"}
            )
            await refusal(scope, receive, send)
            return
        document = self._desk.shelf.get(name) or await self._made(name)
        if document is None:
            await (await self._elsewhere(scope, name))(scope, receive, send)
        elif self._is_for_a_browser(scope, headers):
            page = await self._explain(Request(scope, receive), name)
            await page(scope, receive, send)
        else:
            await _send_document(document, headers, scope["method"], closed, send)

    def output_of(self, name: str) -> Output | None:
        """Return the output that a document belongs to: its own feed, or that of its digest."""
        # Up to the first dot: `all.3.rss`, an archive page, is as private as `all`.
        name = name.removeprefix("feeds/").partition(".")[0]
        stem = OutputId(name.removeprefix("digest-"))
        outputs = self._desk.configuration().outputs
        return next((output for output in outputs if output.id == stem), None)

    async def _made(self, name: str) -> Document | None:
        """Return a document that is made only when it is asked for."""
        on_demand = self._desk.on_demand
        if on_demand is None or not name.endswith(EXTENSIONS) or not await on_demand(name):
            return None
        return self._desk.shelf.get(name)

    async def _elsewhere(self, scope: Scope, name: str) -> Response:
        """Return what is said of a feed that is not there: a joined story's leads on to the other's."""
        missing = PlainTextResponse("404: no such feed\n", 404)
        story, dot, extension = name.removeprefix(_STORY).partition(".")
        if not name.startswith(_STORY) or f".{extension}" not in EXTENSIONS:
            return missing
        located = await self._desk.store.locate(story)
        if located is None or located.redirected_from != story:
            return missing
        query = scope["query_string"].decode("latin-1")
        target = f"/{_STORY}{located.story}{dot}{extension}" + (f"?{query}" if query else "")
        return RedirectResponse(target, 301)

    @staticmethod
    def _is_for_a_browser(scope: Scope, headers: dict[bytes, bytes]) -> bool:
        accept = headers.get(b"accept", b"")
        return (
            b"html" in accept
            and b"raw=" not in scope["query_string"]
            and prefers_html(accept.decode("latin-1"))
        )

    def _is_private(self, name: str) -> bool:
        output = self.output_of(name)
        return output is not None and output.private

    async def _opens(self, scope: Scope, headers: dict[bytes, bytes], name: str) -> bool:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        given = query.get("token", [None])[0] or bearer(
            headers.get(b"authorization", b"").decode("latin-1")
        )
        keys = await self._keys()
        output = self.output_of(name)
        return keys.opens_pages(given) or (
            output is not None and keys.opens_output(given, output.id)
        )


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """Return the headers by name; repeated ones joined, as a list header may come in pieces."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        found[name] = found[name] + b", " + value if name in found else value
    return found


@lru_cache(maxsize=256)
def _date(at: datetime) -> bytes:
    return http_date(at).encode()


async def _send_document(
    document: Document, headers: dict[bytes, bytes], method: str, private: bool, send: Send
) -> None:
    etags = (document.etag, document.compressed_etag)
    gzip = accepts_gzip(headers.get(b"accept-encoding", b"").decode("latin-1"))
    etag = etags[gzip]
    status, held = 200, headers.get(b"if-none-match")
    if held is not None:
        # Either coding's tag will do: the client holds these very words, however they were packed.
        matching = matches(held.decode("latin-1"), etags)
        if matching is not None:
            status, etag = 304, etag if held.strip() == b"*" else matching
    elif b"if-modified-since" in headers and unchanged_since(
        headers[b"if-modified-since"].decode("latin-1"), document.modified_at
    ):
        status = 304
    answer = [
        (b"etag", etag.encode()),
        (b"last-modified", _date(document.modified_at)),
        (b"cache-control", b"%s, max-age=%d" % (b"private" if private else b"public", MAX_AGE)),
        (b"vary", b"Accept, Accept-Encoding"),
    ]
    body = b""
    if status == 200:
        body = document.compressed if gzip else document.body
        answer += [
            (b"content-type", document.media_type.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"x-content-type-options", b"nosniff"),
        ]
        if gzip:
            answer.append((b"content-encoding", b"gzip"))
    await send({"type": "http.response.start", "status": status, "headers": answer})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
