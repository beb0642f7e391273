"""Taking up a source: by its feed, by a page that offers one, or by the name of a known outlet."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from aggregator.daemon.assemble import client_from
from aggregator.errors import DocumentError, NotAFeed, UsageError
from aggregator.fetch.client import Client
from aggregator.model.entry import ParsedFeed
from aggregator.model.exchange import Fetched
from aggregator.observe.clock import SystemClock
from aggregator.parse.document import ParseHints, parse
from aggregator.sandbox.pool import Sandbox, SandboxOptions
from aggregator.settings.configuration import Configuration
from aggregator.settings.edit import add_source
from aggregator.sources.catalogue import Outlet, find
from aggregator.sources.discover import FeedLink, feed_links
from aggregator.sources.opml import parse_opml

_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")


def subscribe(
    configuration: Configuration, file: Path, url_or_name: str, source_id: str | None
) -> list[str]:
    """Add a source to sources.yaml; return lines that say what was added.

    Raises:
        UsageError: nothing of that name or at that address can be taken up.
    """
    known = find(url_or_name)
    if known is not None and "://" not in url_or_name:
        return _add_known(configuration, file, known, source_id)
    if "://" not in url_or_name:
        raise UsageError(f"{url_or_name}: neither an address nor the name of a known outlet")
    link, title, language = asyncio.run(_find_feed(configuration, url_or_name))
    _refuse_known(configuration, [link])
    name = title or urlsplit(link).hostname or link
    source: dict[str, Any] = {
        "id": source_id or free_id(urlsplit(link).hostname or "source", _ids(configuration)),
        "name": name,
        "url": link,
    }
    if language:
        source["language"] = language.split("-")[0].lower()
    add_source(file, source)
    return [f"{source['id']}: {name}: {link}"]


def discover(configuration: Configuration, url: str) -> Sequence[FeedLink]:
    """Return the feeds that a page offers, or the feed that the address itself is."""
    return asyncio.run(_discover(configuration, url))


def subscribe_opml(configuration: Configuration, file: Path, opml: Path) -> list[str]:
    """Add every feed of an OPML file that is not there yet; return a line for each."""
    try:
        outline = parse_opml(opml.read_bytes())
    except DocumentError as error:
        raise UsageError(f"{opml}: {error}") from error
    there = _urls(configuration)
    ids = _ids(configuration)
    lines = []
    for feed in outline.feeds:
        if feed.url in there:
            continue
        there.add(feed.url)
        source_id = free_id(urlsplit(feed.url).hostname or "source", ids)
        ids.add(source_id)
        source: dict[str, Any] = {"id": source_id, "name": feed.title or feed.url, "url": feed.url}
        if feed.homepage:
            source["homepage"] = feed.homepage
        add_source(file, source)
        lines.append(f"{source_id}: {source['name']}: {feed.url}")
    return lines


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


def _refuse_known(configuration: Configuration, urls: Sequence[str]) -> None:
    for source in configuration.sources:
        for feed in source.feeds:
            if feed.url in urls:
                raise UsageError(f"{feed.url}: there already, as a feed of {source.id}")


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


async def _find_feed(configuration: Configuration, url: str) -> tuple[str, str | None, str | None]:
    """Return the address, title and language of the feed at an address, or of the first its page offers."""
    client, sandbox = client_from(configuration), Sandbox(SandboxOptions(workers=1))
    try:
        page = await _get(client, url)
        try:
            feed = await _parse(sandbox, page)
        except NotAFeed as error:
            for link in await sandbox.run(feed_links, page.body, page.url):
                try:
                    feed = await _parse(sandbox, await _get(client, link.url))
                except (UsageError, DocumentError):
                    continue
                return link.url, feed.title or link.title, feed.language
            raise UsageError(f"{url}: {error}, and no feed found on it") from error
        return url, feed.title, feed.language
    finally:
        await client.close()
        await sandbox.close()


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
