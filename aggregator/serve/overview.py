"""The pages about the machine itself: sources and their health, what to subscribe to, the status."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aggregator.model.change import PollRecord
from aggregator.model.feed import Feed, FeedStanding
from aggregator.model.identifiers import SourceId
from aggregator.model.incident import IncidentKind
from aggregator.model.query import EntryQuery
from aggregator.model.source import Source
from aggregator.serve import charts
from aggregator.serve.digests import open_plans, subject_name
from aggregator.serve.feeds import EXTENSIONS
from aggregator.serve.front_desk import FrontDesk
from aggregator.serve.views import report_line
from aggregator.serve.visit import Visit
from aggregator.settings.advice import Advice, advice_on

SOURCES_PER_PAGE: Final = 50
CHART_DAYS: Final = 28
RECENT: Final = 20
POLLS_READ: Final = 100
POLLS_SHOWN: Final = 10
AT_RISK_OVERLAP: Final = 0.1  # share of a document that the poll before had already seen

# Worst first: what needs the operator's eye stands on top of a source.
_SEVERITY: Final = (
    FeedStanding.GONE,
    FeedStanding.QUARANTINED,
    FeedStanding.REFUSED,
    FeedStanding.MISSING,
    FeedStanding.FAILING,
    FeedStanding.NEW,
    FeedStanding.OK,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source at a glance."""

    source: Source
    feeds: tuple[Feed, ...]
    standing: FeedStanding
    rhythm: charts.BarChart | None  # when of the day it publishes
    advice: tuple[Advice, ...] = ()  # on each of its feeds, worst first

    @property
    def last(self) -> Feed | None:
        """Return the feed that was polled last."""
        polled = [feed for feed in self.feeds if feed.last_poll_at is not None]
        return max(polled, key=lambda feed: feed.last_poll_at or feed.first_seen_at, default=None)

    @property
    def next(self) -> Feed | None:
        """Return the feed that is due next."""
        return min(self.feeds, key=lambda feed: feed.next_poll_at, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A feed with what its polls tell."""

    feed: Feed
    latest: tuple[PollRecord, ...]
    polls: int
    unchanged: int  # answered by 304
    saved: int  # bytes that these would have been, going by the mean of the others
    at_risk: bool  # reports may have passed through the document between two polls
    advice: tuple[Advice, ...] = ()


def history(feed: Feed, records: Sequence[PollRecord], advice: Sequence[Advice] = ()) -> History:
    """Return what a feed's polls, newest first, tell."""
    bodies = [record.received for record in records if record.outcome == "fetched"]
    unchanged = sum(record.outcome == "not_modified" for record in records)
    arrivals = feed.arrivals
    return History(
        feed=feed,
        latest=tuple(records[:POLLS_SHOWN]),
        polls=len(records),
        unchanged=unchanged,
        saved=unchanged * sum(bodies) // len(bodies) if bodies else 0,
        at_risk=arrivals.window > 0
        and feed.poll_seq > 1
        and arrivals.overlap < AT_RISK_OVERLAP
        and all(one.trouble.kind is not IncidentKind.LOST for one in advice),  # which says so too
        advice=tuple(advice),
    )


class Overview:
    """Handlers of the pages about the machine."""

    def __init__(self, front: FrontDesk) -> None:
        self._front = front
        self._store = front.desk.store

    async def sources(self, request: Request, visit: Visit) -> Response:
        """Show every source with its health."""
        page = _page_number(request)
        summary = await self._store.feed_summary()
        troubled, only = set(summary.troubled), "troubled" in visit.query
        sources = [s for s in visit.configuration.sources if not only or s.id in troubled]
        shown = sources[(page - 1) * SOURCES_PER_PAGE : page * SOURCES_PER_PAGE]
        feeds = await self._store.feeds([source.id for source in shown])
        rows = source_rows(shown, feeds, visit, await _advice(feeds, visit))
        return self._front.print(
            request,
            visit,
            "sources.html",
            rows=rows,
            total=len(visit.configuration.sources),
            page=page,
            pages=-(-len(sources) // SOURCES_PER_PAGE),
            troubled=sum(s.id in troubled for s in visit.configuration.sources),
            only_troubled=only,
        )

    async def source(self, request: Request, visit: Visit) -> Response:
        """Show one source: its feeds, their last polls, its newest entries, entries per day."""
        id = SourceId(request.path_params["id"])
        outlets = self._front.outlets(visit)
        newest = await self._store.entries(EntryQuery(sources=(id,), limit=RECENT))
        if id not in outlets.by_id and not newest.items:
            raise HTTPException(404)
        feeds = await self._store.feeds([id])
        days = charts.day_starts(visit, CHART_DAYS)
        advice = await _advice(feeds, visit)
        return self._front.print(
            request,
            visit,
            "source.html",
            row=source_rows([outlets.get(id)], feeds, visit)[0],
            histories=[
                history(
                    feed,
                    await self._store.poll_records(feed.id, POLLS_READ),
                    [one for one in advice if one.trouble.feed == feed.url],
                )
                for feed in feeds
            ],
            chart=charts.per_day(await self._store.entry_counts(id, days), days, visit),
            newest=[(report_line(f, outlets), f.placement) for f in newest.items],
        )

    async def feeds(self, request: Request, visit: Visit) -> Response:
        """Show what to subscribe to, and how."""
        return self._subscribe(request, visit, None)

    async def explain_feed(self, request: Request, name: str) -> Response:
        """Answer a browser that opened a feed's own address."""
        return self._subscribe(request, await self._front.visit(request), name)

    def _subscribe(self, request: Request, visit: Visit, opened: str | None) -> Response:
        names = self._front.desk.shelf.names()
        outputs = [o for o in visit.configuration.outputs if not o.private or visit.reader_known]
        listed = {f"feeds/{output.id}.rss" for output in visit.configuration.outputs}
        published = [
            name.removeprefix("feeds/").removesuffix(".rss")
            for name in names
            if name.startswith("feeds/") and name.endswith(".rss") and name not in listed
        ]
        digests = _digest_feeds(published, visit)
        return self._front.print(
            request,
            visit,
            "feeds.html",
            opened=opened,
            opened_stem=opened.removeprefix("feeds/").rpartition(".")[0] if opened else None,
            outputs=outputs,
            digests=digests,
            others=[
                (name, visit.t(f"feeds.{name}") if visit.has(f"feeds.{name}") else name)
                for name in published
                if not name.startswith(("story-", "digest-"))
                and name != "digests"
                and "." not in name
            ],
            extensions=EXTENSIONS,
            reading_token=visit.keys.reading() if visit.reader_known else None,
            output_token=visit.keys.output,
        )

    async def status(self, request: Request, visit: Visit) -> Response:
        """Show the daemon's condition in plain words."""
        counts = dict((await self._store.feed_summary()).standings)
        standings = [(standing, counts.get(standing, 0)) for standing in _SEVERITY]
        return self._front.print(
            request,
            visit,
            "status.html",
            stats=await self._store.stats(),
            standings=[(standing, count) for standing, count in standings if count],
            next_due=await self._store.next_due_at(),
            uptime=visit.now - self._front.desk.health.started_at,
            storage="SQLite",
        )


def _digest_feeds(published: Collection[str], visit: Visit) -> list[tuple[str, str]]:
    """Return the published feeds of digests that this reader may see, with their titles."""
    named = [("digests", visit.t("feeds.digests_all"))] + [
        (f"digest-{plan.subject}", visit.t("digest.of", name=subject_name(plan.subject, visit)))
        for plan in open_plans(visit)
    ]
    return [(feed, title) for feed, title in named if feed in published]


async def _advice(feeds: Sequence[Feed], visit: Visit) -> list[Advice]:
    directory = visit.configuration.directory
    return await asyncio.to_thread(advice_on, feeds, directory, visit.now, visit.language)


def source_rows(
    sources: Sequence[Source], feeds: Sequence[Feed], visit: Visit, advice: Sequence[Advice] = ()
) -> tuple[SourceRow, ...]:
    """Return sources at a glance, in the order given."""
    ordered = sorted(feeds, key=lambda feed: feed.source)
    of_source = {id: tuple(group) for id, group in groupby(ordered, key=lambda feed: feed.source)}
    offset = visit.now.astimezone(visit.zone).utcoffset() or timedelta(0)
    hours = round(offset.total_seconds() / 3600)
    told: dict[SourceId, tuple[Advice, ...]] = {}
    for one in advice:
        told[one.trouble.source] = (*told.get(one.trouble.source, ()), one)
    return tuple(
        _source_row(source, of_source.get(source.id, ()), hours, told) for source in sources
    )


def _source_row(
    source: Source,
    feeds: tuple[Feed, ...],
    offset_hours: int,
    told: Mapping[SourceId, tuple[Advice, ...]],
) -> SourceRow:
    by_hour = [sum(feed.arrivals.by_hour[hour] for feed in feeds) for hour in range(24)]
    return SourceRow(
        source=source,
        feeds=feeds,
        standing=min(
            (feed.standing for feed in feeds), key=_SEVERITY.index, default=FeedStanding.NEW
        ),
        rhythm=charts.by_hour(by_hour, offset_hours) if any(by_hour) else None,
        advice=told.get(source.id, ()),
    )


def _page_number(request: Request) -> int:
    asked = request.query_params.get("page", "1")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
