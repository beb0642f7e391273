"""Taking up a source: by its feed, by a page that offers one, or by the name of a known outlet."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from aggregator.daemon.assemble import client_from, first_looks_of
from aggregator.errors import DocumentError, NotAFeed, UsageError
from aggregator.fetch.client import Client
from aggregator.model.entry import ParsedFeed
from aggregator.model.exchange import Fetched
from aggregator.model.identifiers import FeedUrl
from aggregator.observe.clock import SystemClock
from aggregator.parse.document import ParseHints, parse
from aggregator.sandbox.pool import Sandbox, SandboxOptions
from aggregator.settings.configuration import Configuration
from aggregator.settings.edit import add_source, add_sources
from aggregator.sources.catalogue import OUTLETS, Outlet, find
from aggregator.sources.discover import FEED_TYPES, FeedLink, feed_links
from aggregator.sources.opml import parse_opml

_TRIED: Final = 6  # links of a page: the surest stand first
_HOST_LIKE: Final = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?(/\S*)?\Z")
_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Found:
    """A feed at its address, with the document that showed it."""

    url: str
    feed: ParsedFeed
    document: Fetched
    title: str
    beside: tuple[FeedLink, ...] = ()  # what else the page says it has


def subscribe(
    configuration: Configuration, data: Path, url_or_name: str, source_id: str | None
) -> list[str]:
    """Add a source to sources.yaml; return lines that say what was added.

    The document that was read for it is left in `data` for the first poll.

    Raises:
        UsageError: nothing of that name or at that address can be taken up.
    """
    file = configuration.directory / "sources.yaml"
    known = find(url_or_name)
    if known is not None and "://" not in url_or_name:
        return _add_known(configuration, file, known, source_id)
    address = _address(url_or_name)
    _refuse_known(configuration, [address])
    found = asyncio.run(_find_feed(configuration, address))
    _refuse_known(configuration, [found.url], found.beside)
    host = urlsplit(found.url).hostname or found.url
    source: dict[str, Any] = {
        "id": source_id or free_id(host, _ids(configuration)),
        "name": found.title or host,
        "url": found.url,
    }
    if found.feed.language:
        source["language"] = found.feed.language.split("-")[0].lower()
    first_looks_of(data).keep(FeedUrl(found.url), found.document, SystemClock().now())
    add_source(file, source)
    return [f"{source['id']}: {source['name']}: {found.url}", *_beside(found.beside)]


def _beside(links: Sequence[FeedLink]) -> list[str]:
    return [f"  also on this page: {link.url}  {link.title}".rstrip() for link in links]


def _address(text: str) -> str:
    """Return the address that a person means, who seldom types `https://`.

    Raises:
        UsageError: it is none.
    """
    if "://" in text:
        return text
    if _HOST_LIKE.match(text):
        return f"https://{text}"
    names = ", ".join(f"{outlet.ja} ({outlet.id})" for outlet in OUTLETS if outlet.feeds)
    raise UsageError(
        f"{text}: neither an address nor the name of an outlet that we know; these are: {names}"
    )


def discover(configuration: Configuration, url: str) -> Sequence[FeedLink]:
    """Return the feeds that a page offers, or the feed that the address itself is."""
    return asyncio.run(_discover(configuration, _address(url)))


def subscribe_opml(configuration: Configuration, opml: Path) -> list[str]:
    """Add every feed of an OPML file that is not there yet; return a line for each."""
    try:
        outline = parse_opml(opml.read_bytes())
    except DocumentError as error:
        raise UsageError(f"{opml}: {error}") from error
    there, ids = _urls(configuration), _ids(configuration)
    sources = []
    for feed in outline.feeds:
        if feed.url in there:
            continue
        source_id = free_id(urlsplit(feed.url).hostname or "source", ids)
        ids.add(source_id)
        source: dict[str, Any] = {"id": source_id, "name": feed.title or feed.url, "url": feed.url}
        if feed.homepage:
            source["homepage"] = feed.homepage
        sources.append(source)
    if sources:
        add_sources(configuration.directory / "sources.yaml", sources)
    lines = [f"{source['id']}: {source['name']}: {source['url']}" for source in sources]
    left = len(outline.feeds) - len(sources)
    return [*lines, f"added {len(sources)}, there already {left}"]


def free_id(host: str, taken: set[str]) -> str:
    """Return a slug from a host name that no source has yet."""
    labels = [label for label in host.lower().split(".") if label not in _NO_NAME]
    base = _NOT_SLUG.sub("-", "-".join(labels[:2] if len(labels) > 2 else labels[:1])).strip("-")
    base = base or "source"
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


_NO_NAME: Final = frozenset(
    {"www", "www3", "feeds", "feed", "rss", "news", "com", "co", "jp", "uk", "org", "net"}
)


def _add_known(
    configuration: Configuration, file: Path, known: Outlet, source_id: str | None
) -> list[str]:
    _refuse_known(configuration, [feed.url for feed in known.feeds[:1]])
    if not known.feeds:
        raise UsageError(f"{known.ja}: {'; '.join(known.warnings)}")
    first = known.feeds[0]
    source: dict[str, Any] = {
        "id": source_id or known.id,
        "name": known.ja if configuration.settings.language == "ja" else known.en,
        "homepage": known.homepage,
        "language": known.language,
        "timezone": known.timezone,
        "url": first.url,
    }
    if known.keep_query:
        source["keep_query"] = list(known.keep_query)
    if known.note:
        source["note"] = known.note
    add_source(file, source)
    seen = f"items last seen in public {first.seen}" if first.seen else "no items seen in public"
    return [
        f"{source['id']}: {source['name']}: {first.url}",
        f"  {known.terms}",
        f"  {seen}; lists read {known.evidence}",
        *(f"  {warning}" for warning in known.warnings),
    ]


def _refuse_known(
    configuration: Configuration, urls: Sequence[str], beside: Sequence[FeedLink] = ()
) -> None:
    for source in configuration.sources:
        for feed in source.feeds:
            if feed.url in urls:
                there = f"{feed.url}: there already, as a feed of {source.id}"
                raise UsageError("\n".join([there, *_beside(beside)]))


def _ids(configuration: Configuration) -> set[str]:
    return {source.id for source in configuration.sources}


def _urls(configuration: Configuration) -> set[str]:
    return {feed.url for source in configuration.sources for feed in source.feeds}


async def _discover(configuration: Configuration, url: str) -> Sequence[FeedLink]:
    client, sandbox = client_from(configuration), Sandbox(SandboxOptions(workers=1))
    try:
        page = await _get(client, url)
        try:
            feed = await _parse(sandbox, page)
        except NotAFeed:
            return await sandbox.run(feed_links, page.body, page.url)
        return (FeedLink(url=page.url, title=feed.title or "", type=feed.format),)
    finally:
        await client.close()
        await sandbox.close()


async def _find_feed(configuration: Configuration, url: str) -> _Found:
    """Return the feed at an address, or the first that its page offers."""
    client, sandbox = client_from(configuration), Sandbox(SandboxOptions(workers=1))
    spacing = configuration.settings.polling.host_spacing.total_seconds()
    try:
        page = await _get(client, url)
        try:
            return _found(url, page, await _parse(sandbox, page))
        except NotAFeed as error:
            links = await sandbox.run(feed_links, page.body, page.url)
            for link in links[:_TRIED]:
                await asyncio.sleep(spacing)  # as polls of one host keep their distance
                try:
                    document = await _get(client, link.url)
                    feed = await _parse(sandbox, document)
                except (UsageError, DocumentError):
                    continue
                return _found(link.url, document, feed, link.title, _said_to_be_there(links, link))
            raise UsageError(f"{url}: {error}, and no feed found on it") from error
    finally:
        await client.close()
        await sandbox.close()


def _found(
    url: str,
    document: Fetched,
    feed: ParsedFeed,
    title: str = "",
    beside: tuple[FeedLink, ...] = (),
) -> _Found:
    """Return a feed at the address that its publisher says is its own now, if it has moved for good.

    There is no history yet that a false move could harm, and a person looks on.
    """
    address = document.moved_to or url
    return _Found(address, feed, replace(document, moved_to=None), feed.title or title, beside)


def _said_to_be_there(links: Sequence[FeedLink], taken: FeedLink) -> tuple[FeedLink, ...]:
    """Return the other feeds that a page declares; guesses were not looked at."""
    return tuple(link for link in links if link.type in FEED_TYPES and link != taken)


async def _get(client: Client, url: str) -> Fetched:
    outcome = await client.fetch_page(url, SystemClock().now())
    if not isinstance(outcome, Fetched):
        raise UsageError(f"{url}: {outcome.message}")
    return outcome


async def _parse(sandbox: Sandbox, page: Fetched) -> ParsedFeed:
    hints = ParseHints(
        url=page.url,
        content_type=page.content_type,
        charset=page.charset,
        now=SystemClock().now(),
    )
    return await sandbox.run(parse, page.body, hints)
