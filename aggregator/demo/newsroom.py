"""The loopback newsroom: invented outlets, each a real HTTP server with a feed that grows."""

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

from typing_extensions import override

from aggregator.demo.news import Outlet, Release

_MEDIA_TYPES: Final = {
    "rss": "application/rss+xml",
    "rdf": "application/rdf+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


@dataclass(frozen=True, slots=True)
class _Item:
    """An item as it stands at a moment."""

    release: Release
    published: datetime
    updated: datetime


class Newsroom:
    """All outlets, on loopback, from the moment they are opened.

    `elapsed` tells how many seconds of the script have passed: a test may turn it by hand.
    """

    def __init__(
        self,
        outlets: Sequence[Outlet],
        releases: Sequence[Release],
        started_at: datetime,
        elapsed: Callable[[], float],
    ) -> None:
        self._outlets = {outlet.id: outlet for outlet in outlets}
        self._releases = sorted(releases, key=lambda release: release.at)
        self.started_at = started_at
        self._elapsed = elapsed
        self._servers: dict[str, _Server] = {}

    def __enter__(self) -> Self:
        """Open every outlet's server."""
        for outlet in self._outlets.values():
            server = _Server(self, outlet)
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            self._servers[outlet.id] = server
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close them."""
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def base(self, outlet: str) -> str:
        """Return an outlet's address."""
        return f"http://127.0.0.1:{self._servers[outlet].server_address[1]}"

    def feed_url(self, outlet: str) -> str:
        """Return the address of an outlet's feed."""
        return f"{self.base(outlet)}/feed.{self._outlets[outlet].format}"

    def items(self, outlet: str) -> list[_Item]:
        """Return what an outlet has published so far, newest first."""
        now = self._elapsed()
        found: dict[str, _Item] = {}
        for release in self._releases:
            if release.outlet == outlet and release.at <= now:
                at = self.started_at + timedelta(seconds=release.at)
                first = found.get(release.item)
                found[release.item] = _Item(release, first.published if first else at, at)
        return sorted(found.values(), key=lambda item: item.published, reverse=True)

    def document(self, outlet: str) -> bytes:
        """Return an outlet's feed as it is now."""
        return _RENDER[self._outlets[outlet].format](
            self._outlets[outlet], self.base(outlet), self.items(outlet)
        )


class _Server(ThreadingHTTPServer):
    """One outlet's server."""

    daemon_threads = True

    def __init__(self, newsroom: Newsroom, outlet: Outlet) -> None:
        self.newsroom = newsroom
        self.outlet = outlet
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Answer with the feed, an article's page, or that there is none."""
        outlet = self.server.outlet
        if self.path == f"/feed.{outlet.format}":
            self._feed(self.server.newsroom.document(outlet.id))
        elif self.path.startswith("/articles/"):
            self._page(self.path.removeprefix("/articles/"))
        else:
            self.send_error(404)

    def _feed(self, body: bytes) -> None:
        etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        if self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.send_header("ETag", etag)
            self.end_headers()
            return
        self._send(body, _MEDIA_TYPES[self.server.outlet.format], etag)

    def _page(self, name: str) -> None:
        outlet = self.server.outlet
        for item in self.server.newsroom.items(outlet.id):
            if item.release.item == name:
                title = escape(item.release.title)
                body = (
                    f"<!doctype html><html lang={outlet.language}><meta charset=utf-8>"
                    f"<title>{title}</title><h1>{title}</h1><p>{escape(item.release.summary)}</p>"
                    f"<p>{escape(outlet.name)}: a sample.</p>"
                )
                self._send(body.encode(), "text/html", None)
                return
        self.send_error(404)

    def _send(self, body: bytes, media_type: str, etag: str | None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if etag is not None:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: the demonstration speaks for itself."""


def _link(base: str, item: _Item) -> str:
    return f"{base}/articles/{item.release.item}"


def _rss(outlet: Outlet, base: str, items: Sequence[_Item]) -> bytes:
    body = "".join(
        f"<item><title>{escape(one.release.title)}</title><link>{_link(base, one)}</link>"
        f"<guid>{_link(base, one)}</guid><category>{escape(one.release.section)}</category>"
        f"<pubDate>{format_datetime(one.published)}</pubDate>"
        f"<description>{escape(one.release.summary)}</description></item>"
        for one in items
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{escape(outlet.name)}</title>'
        f"<link>{base}/</link><description>{escape(outlet.name)}</description>"
        f"<language>{outlet.language}</language>{body}</channel></rss>"
    ).encode()


def _rdf(outlet: Outlet, base: str, items: Sequence[_Item]) -> bytes:
    order = "".join(f'<rdf:li rdf:resource="{_link(base, one)}"/>' for one in items)
    body = "".join(
        f'<item rdf:about="{_link(base, one)}"><title>{escape(one.release.title)}</title>'
        f"<link>{_link(base, one)}</link><dc:subject>{escape(one.release.section)}</dc:subject>"
        f"<dc:date>{one.published.isoformat()}</dc:date>"
        f"<description>{escape(one.release.summary)}</description></item>"
        for one in items
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rdf:RDF xmlns="http://purl.org/rss/1.0/" '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="{base}/feed.rdf"><title>{escape(outlet.name)}</title><link>{base}/</link>'
        f"<description>{escape(outlet.name)}</description><dc:language>{outlet.language}</dc:language>"
        f"<items><rdf:Seq>{order}</rdf:Seq></items></channel>{body}</rdf:RDF>"
    ).encode()


def _atom(outlet: Outlet, base: str, items: Sequence[_Item]) -> bytes:
    newest = max((one.updated for one in items), default=None)
    body = "".join(
        f"<entry><id>{_link(base, one)}</id><title>{escape(one.release.title)}</title>"
        f'<link href="{_link(base, one)}"/><category term="{escape(one.release.section)}"/>'
        f"<published>{one.published.isoformat()}</published><updated>{one.updated.isoformat()}</updated>"
        f"<summary>{escape(one.release.summary)}</summary></entry>"
        for one in items
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">'
        f"<id>{base}/</id><title>{escape(outlet.name)}</title><link href='{base}/'/>"
        f"<author><name>{escape(outlet.name)}</name></author>"
        f"<updated>{newest.isoformat() if newest else ''}</updated>{body}</feed>"
    ).encode()


def _json(outlet: Outlet, base: str, items: Sequence[_Item]) -> bytes:
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": outlet.name,
            "home_page_url": f"{base}/",
            "language": outlet.language,
            "items": [
                {
                    "id": _link(base, one),
                    "url": _link(base, one),
                    "title": one.release.title,
                    "content_text": one.release.summary,
                    "date_published": one.published.isoformat(),
                    "date_modified": one.updated.isoformat(),
                    "tags": [one.release.section],
                }
                for one in items
            ],
        },
        ensure_ascii=False,
    ).encode()


_RENDER: Final[dict[str, Callable[[Outlet, str, Sequence[_Item]], bytes]]] = {
    "rss": _rss,
    "rdf": _rdf,
    "atom": _atom,
    "json": _json,
}
