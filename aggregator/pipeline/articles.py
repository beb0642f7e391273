"""Article pages of sources with `full_text: true`: which are wanted, asked for politely, read, kept.

Only what a digest may quote is asked for: recent reports in stories on its topics, each page once. A
page is fetched under its host's lease like a feed, and only while no feed of that host needs it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from aggregator.cluster.marks import read_marks
from aggregator.errors import DocumentError, SandboxError
from aggregator.fetch.article import RobotsCache, fetch_article
from aggregator.fetch.politeness import host_key
from aggregator.model.article import Article, PageRead, WantedArticle
from aggregator.model.change import HostCommit, HostLease
from aggregator.model.exchange import Fetched, FetchFailed, Outcome, Severity
from aggregator.model.identifiers import EntryId, HostKey, TopicId
from aggregator.model.query import StoryFile
from aggregator.observe.log import get_log
from aggregator.pipeline.full_text import MISSING, full_text_sources, is_installed
from aggregator.pipeline.orders import Orders
from aggregator.pipeline.parts import Parts
from aggregator.schedule.settle import NETWORK_DOWN

_log = get_log("articles")
_RECENT: Final = timedelta(days=2)  # older reports are in no edition to come
_LOOKED_AT: Final = 200  # wanted pages in one step
_HOSTS: Final = 8  # asked side by side in one step
_PER_HOST: Final = 3  # pages of one host in one step
_LEASE: Final = timedelta(seconds=30)
_WORTH_A_TRY: Final = timedelta(seconds=3)  # besides the pauses
_MARGIN: Final = timedelta(seconds=1)  # to give a host back before its next feed is due
_AGAIN: Final = (timedelta(minutes=10), timedelta(hours=1))  # after temporary failures
_BUSY: Final = "busy"  # a redirect led to a host that others are at
_TEXTS: Final = 2000  # texts read at a time


class ArticleDesk:
    """Asks for the pages that digests may quote; one for the process."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._robots = RobotsCache()
        self._one_step = asyncio.Lock()
        self._told = False  # that the extra is missing

    async def step(self) -> int:
        """Ask for some of the pages that are wanted; return how many were asked for.

        Broken off, it gives the hosts back; the pages are asked for another time.
        """
        async with self._one_step:
            wanted = await self._wanted()
            hosts: dict[HostKey, list[WantedArticle]] = {}
            for article in wanted:
                hosts.setdefault(host_key(article.url), []).append(article)
            some = list(hosts.values())[:_HOSTS]
            ended = await asyncio.gather(*map(self._ask_host, some), return_exceptions=True)
            for failure in ended:
                if isinstance(failure, BaseException):
                    raise failure
            return sum(count for count in ended if isinstance(count, int))

    async def run_for(self, span: timedelta) -> None:
        """Ask for what is wanted; begin with nothing new once the span is over, nor where all must wait."""
        end = self._parts.clock.monotonic() + span.total_seconds()
        idle = 0
        while idle < 2 and self._parts.clock.monotonic() < end and await self._wanted():
            idle = 0 if await self.step() else idle + 1
            await asyncio.sleep(self._spacing.total_seconds())

    async def _wanted(self) -> Sequence[WantedArticle]:
        orders, store = self._parts.orders, self._parts.store
        sources = full_text_sources(orders.sources)
        if not sources or not orders.digests:
            return ()
        if not is_installed():
            if not self._told:
                _log.warning(MISSING)
            self._told = True
            return ()
        now = await store.now()
        return await store.wanted_articles(
            sources=sources,
            topics=topics_of_digests(orders),
            since=now - _RECENT,
            now=now,
            limit=_LOOKED_AT,
        )

    @property
    def _spacing(self) -> timedelta:
        return self._parts.orders.poll.host_spacing

    # -- asking -----------------------------------------------------------------------------------

    async def _ask_host(self, wanted: Sequence[WantedArticle]) -> int:
        """Ask for some pages of a host, one after the other; return how many."""
        asked = 0
        for article in wanted[:_PER_HOST]:
            if asked:
                await asyncio.sleep(self._spacing.total_seconds())
            if not await self._ask(article):
                break
            asked += 1
        return asked

    async def _ask(self, wanted: WantedArticle) -> bool:
        """Ask for one page and keep what came of it; False where its host has no time now."""
        parts = self._parts
        if read_marks(wanted.title, wanted.url).paid:  # the outlet says so in the headline
            at = await parts.store.now()
            await parts.store.save_article(
                Article(entry=wanted.entry, fetched_at=at, outcome=PageRead.PAYWALL)
            )
            return True
        hosts = _Hosts(parts)
        outcome: Outcome | None = None
        try:
            if not await hosts.hold(wanted.url):
                return False
            outcome = parts.network.judge(host_key(wanted.url), await self._fetch(wanted, hosts))
        finally:
            await hosts.release(outcome)
        article = await self._article(wanted, outcome, busy=hosts.busy)
        await parts.store.save_article(article)
        _log.debug("article", url=wanted.url, outcome=article.outcome, tries=article.tries)
        return True

    async def _fetch(self, wanted: WantedArticle, hosts: "_Hosts") -> Fetched | FetchFailed:
        try:
            async with asyncio.timeout((await hosts.time_left()).total_seconds()):
                return await fetch_article(
                    self._parts.client,
                    wanted.url,
                    self._robots,
                    self._parts.clock.now(),
                    hold=hosts.hold,
                    spacing=self._spacing,
                )
        except TimeoutError:
            return FetchFailed(
                url=wanted.url,
                severity=Severity.TEMPORARY,
                kind="timeout",
                message="no whole page in the time that there was",
            )

    # -- what came of it --------------------------------------------------------------------------

    async def _article(self, wanted: WantedArticle, outcome: Outcome, *, busy: bool) -> Article:
        """Return what is to be remembered of an attempt."""
        now, tries = await self._parts.store.now(), wanted.tries + 1
        if isinstance(outcome, Fetched):
            kind, text = await self._read(wanted, outcome)
            return Article(entry=wanted.entry, fetched_at=now, outcome=kind, text=text, tries=tries)
        failure = outcome if isinstance(outcome, FetchFailed) else None
        kind = _BUSY if busy or failure is None else failure.kind
        if kind == NETWORK_DOWN:
            tries = wanted.tries  # nobody's fault
        return Article(
            entry=wanted.entry,
            fetched_at=now,
            outcome=kind,
            tries=tries,
            again_at=again_at(failure, busy=busy, tries=tries, now=now),
        )

    async def _read(self, wanted: WantedArticle, page: Fetched) -> tuple[str, str]:
        from aggregator.parse.article import PageHints, article_text  # with 3 MB of parsers

        hints = PageHints(
            content_type=page.content_type, charset=page.charset, language=wanted.language
        )
        try:
            read = await self._parts.sandbox.run(article_text, page.body, hints)
        except SandboxError as error:
            return f"parse_{error.kind}", ""
        except DocumentError:
            return "unsafe_document", ""
        return read.outcome, read.text


class _Hosts:
    """The hosts that one page takes: its own, and those that redirects lead to."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._leases: dict[HostKey, HostLease] = {}
        self.busy = False  # one of them was not to be had

    async def hold(self, url: str) -> bool:
        """Take the host of an address, unless it is held already; tell whether it is ours."""
        host = host_key(url)
        if host not in self._leases:
            lease = await self._parts.store.claim_idle_host(
                host,
                at_least=_WORTH_A_TRY + _MARGIN + 2 * self._parts.orders.poll.host_spacing,
                lease=_LEASE,
                now=await self._parts.store.now(),
            )
            if lease is None:
                self.busy = True
                return False
            self._leases[host] = lease
        return True

    async def time_left(self) -> timedelta:
        """Return how long the page may take, so that the pause behind it ends before the next feed."""
        until = min(lease.until for lease in self._leases.values())
        pause = self._parts.orders.poll.host_spacing + _MARGIN
        return until - await self._parts.store.now() - pause

    async def release(self, outcome: Outcome | None) -> None:
        """Give the hosts back; each is left alone for a while, or for as long as it asked."""
        now = await self._parts.store.now()
        pauses: dict[HostKey, datetime] = {}
        if isinstance(outcome, FetchFailed) and outcome.freshness.whole_host:
            until = outcome.freshness.not_before
            pauses = {host_key(outcome.url): until} if until is not None else {}
        after = now + self._parts.orders.poll.host_spacing
        commits = [
            HostCommit(lease=lease, changes=(), next_allowed_at=max(pauses.get(host, now), after))
            for host, lease in self._leases.items()
        ]
        if commits:
            await self._parts.store.commit_polls(commits)


def again_at(
    failure: FetchFailed | None, *, busy: bool, tries: int, now: datetime
) -> datetime | None:
    """Return when a page is asked for again: after what passes by itself, twice at most.

    What robots.txt forbids is looked up again too: it costs the page no request, and a robots.txt
    that could not be had forbids everything for an hour only.
    """
    passing = busy or (
        failure is not None
        and (
            failure.severity is Severity.TEMPORARY
            or failure.status == 429
            or failure.kind == "robots"
        )
    )
    if not passing or tries > len(_AGAIN):
        return None
    wished = failure.freshness.not_before if failure is not None else None
    return max(now + _AGAIN[max(tries, 1) - 1], wished or now)


async def texts_for(parts: Parts, files: Sequence[StoryFile]) -> Mapping[EntryId, str]:
    """Return the texts of article pages that a digest of these stories may quote."""
    sources = full_text_sources(parts.orders.sources)
    ids = [
        filed.entry.id for file in files for filed in file.entries if filed.entry.source in sources
    ]
    texts: dict[EntryId, str] = {}
    for start in range(0, len(ids), _TEXTS):
        texts |= await parts.store.article_texts(ids[start : start + _TEXTS])
    return texts


def topics_of_digests(orders: Orders) -> frozenset[TopicId] | None:
    """Return the topics that digests are about; None: everything is."""
    topics: set[TopicId] = set()
    for plan in orders.digests:
        topics.update(TopicId(topic) for topic in plan.topics)
        output = next((one for one in orders.outputs if one.id == plan.output), None)
        if output is not None and not output.topics:
            return None
        topics.update(output.topics if output is not None else ())
    return frozenset(topics)
