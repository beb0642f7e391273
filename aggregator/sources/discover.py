"""Feeds that a web page offers: declared, linked, or guessed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

_MAX_BYTES: Final = 2 * 1024 * 1024  # a page's head and navigation lie well within
_MAX_LINKS: Final = 50
_MAX_TITLE: Final = 200
FEED_TYPES: Final = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/xml",
    "text/xml",
)
_LOOKS_LIKE_FEED: Final = re.compile(
    r"\.(?:rss|rdf|atom)$|(?:^|/)(?:rss|feeds?|atom)(?:/|$)|(?:rss|feed|atom|index|rdf)[^/]*\.(?:xml|json)$",
    re.IGNORECASE,
)
_COMMENTS: Final = re.compile(r"comments|コメント", re.IGNORECASE)
_COMMON_PATHS: Final = (
    "/feed",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/index.rdf",
    "/feed.json",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed that a page seems to have; `type` is the declared media type, `guess`, or `link`."""

    url: str
    title: str
    type: str


def feed_links(page: bytes, base: str) -> tuple[FeedLink, ...]:
    """Return the feeds of a page, the surest first: declared ones, then links, then usual places.

    Feeds of comments come after the page's own. Guesses are to be tried, not trusted.
    """
    if len(page) > _MAX_BYTES:
        page = page[:_MAX_BYTES].rpartition(b">")[0]
    root = _parsed(page)
    found: dict[str, FeedLink] = {}
    if root is not None:
        own_base = next(root.iter("base"), None)
        base = (_join(base, own_base.get("href", "")) if own_base is not None else None) or base
        declared = list(_declared(root, base))
        own = [link for link in declared if not _COMMENTS.search(link.title)]
        for link in [*own, *_linked(root, base), *declared]:
            found.setdefault(link.url, link)
    shown = list(found.values())[:_MAX_LINKS]
    guesses = (urljoin(base, path) for path in _COMMON_PATHS)
    shown += [FeedLink(url=url, title="", type="guess") for url in guesses if url not in found]
    return tuple(shown)


def _parsed(page: bytes) -> etree._Element | None:
    """Parse a page; UTF-8 where the bytes are, else as the page declares."""
    try:
        page.decode("utf-8")
    except UnicodeDecodeError:
        parser = html.HTMLParser(no_network=True)
    else:
        parser = html.HTMLParser(no_network=True, encoding="utf-8")
    try:
        return html.document_fromstring(page, parser=parser)
    except (etree.ParserError, ValueError):
        return None


def _declared(root: etree._Element, base: str) -> Iterator[FeedLink]:
    """Yield what `<link rel="alternate" type="...">` and `rel="feed"` declare."""
    for link in root.iter("link"):
        relations = link.get("rel", "").lower().split()
        media_type = link.get("type", "").partition(";")[0].strip().lower()
        url = _join(base, link.get("href", ""))
        is_feed = "feed" in relations or ("alternate" in relations and media_type in FEED_TYPES)
        if url and is_feed and "stylesheet" not in relations:
            yield FeedLink(url=url, title=_line(link.get("title", "")), type=media_type or "link")


def _linked(root: etree._Element, base: str) -> Iterator[FeedLink]:
    """Yield links whose address looks like a feed's."""
    for anchor in root.iter("a"):
        url = _join(base, anchor.get("href", ""))
        if url and _LOOKS_LIKE_FEED.search(urlsplit(url).path):
            title = _line(anchor.get("title") or "".join(map(str, anchor.itertext())))
            yield FeedLink(url=url, title=title, type="link")


def _join(base: str, href: str) -> str | None:
    """Return an absolute http address without its fragment."""
    try:
        url = urljoin(base, href.strip()).partition("#")[0]
        parts = urlsplit(url)
    except ValueError:
        return None
    usable = parts.scheme in ("http", "https") and parts.hostname and not re.search(r"\s", url)
    return url if usable and href.strip() else None


def _line(text: str) -> str:
    return " ".join(text.split())[:_MAX_TITLE]
