"""Article pages, for sources with `full_text: true`: one request each, robots.txt obeyed."""

import asyncio
import contextlib
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from aggregator.fetch.client import Client, Permit
from aggregator.fetch.robots import ALLOW_ALL, DISALLOW_ALL, Robots, parse_robots
from aggregator.model.exchange import Fetched, FetchFailed

AGENT: Final = "Aggregator"  # our product token, as in the User-Agent
_KEPT_FOR: Final = timedelta(hours=24)  # RFC 9309 2.4
_KEPT_AFTER_FAILURE: Final = timedelta(hours=1)
_SITES: Final = 2000  # whose rules are kept at once


class RobotsCache:
    """The robots.txt of the sites asked lately, by origin."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[datetime, Robots]] = OrderedDict()

    async def allows(
        self, client: Client, url: str, now: datetime, spacing: timedelta = timedelta()
    ) -> bool:
        """Tell whether we may ask for a page, fetching its site's robots.txt at most once a day.

        Where it was fetched, wait for `spacing`: the page is the next request to the same site.
        """
        parts = urlsplit(url)
        if parts.path == "/robots.txt":
            return True  # RFC 9309 2.2.2: always allowed
        site = urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", ""))
        until, rules = self._kept.get(site, (now, ALLOW_ALL))
        if until <= now:
            outcome = await client.fetch_page(site, now)
            rules = rules_from(outcome)
            failed = rules is DISALLOW_ALL
            self._kept[site] = (now + (_KEPT_AFTER_FAILURE if failed else _KEPT_FOR), rules)
            self._kept.move_to_end(site)
            if len(self._kept) > _SITES:
                self._kept.popitem(last=False)
            await asyncio.sleep(spacing.total_seconds())
        return rules.allows(url, AGENT)


def rules_from(outcome: Fetched | FetchFailed) -> Robots:
    """Return the rules that an attempt at a robots.txt gives.

    A site without one (4xx, or an empty file) allows all; one that cannot be reached, or is in
    trouble (5xx, 429), is left alone (RFC 9309 2.3.1).
    """
    match outcome:
        case Fetched():
            return parse_robots(outcome.body)
        case FetchFailed(kind="empty"):
            return ALLOW_ALL
        case FetchFailed(status=int(status)) if 400 <= status < 500 and status != 429:
            return ALLOW_ALL
        case _:
            return DISALLOW_ALL


async def fetch_article(
    client: Client,
    url: str,
    robots: RobotsCache,
    now: datetime,
    *,
    hold: Permit | None = None,
    spacing: timedelta = timedelta(),
) -> Fetched | FetchFailed:
    """Fetch one article's page; where robots.txt says no, a failure of the kind `robots`.

    Args:
        client: what asks.
        url: of the page.
        robots: the rules known so far.
        now: the time of day.
        hold: asked before anything is sent to where a hop leads; False ends the exchange.
        spacing: between a robots.txt and the page.
    """

    async def permit(address: str) -> bool:
        if hold is not None and not await hold(address):
            return False
        return await robots.allows(client, address, now, spacing)

    with contextlib.suppress(ValueError):  # an address that cannot be read: the exchange tells
        await permit(url)  # inside the exchange it would take of its time, and a place beside it
    return await client.fetch_page(url, now, permit=permit)
