"""Digests: gather the stories of a span, compose, keep the edition, publish it as feeds.

An edition is kept once and never changed; where a report that it quotes was rewritten or withdrawn,
the next revision says so.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aggregator.cluster.marks import read_marks
from aggregator.digest.compose import Issue, compose, current_news
from aggregator.digest.context import DigestContext
from aggregator.digest.editions import EditionDue, due, edition_name, span_of
from aggregator.digest.relevance import tells
from aggregator.digest.report_text import text_of
from aggregator.digest.revise import quoted_entries, revise
from aggregator.digest.timeline import explaining
from aggregator.errors import UsageError
from aggregator.model.digest import Digest, DigestPlan, Edition, EditionKind
from aggregator.model.identifiers import EntryId, StoryId, TopicId
from aggregator.model.query import StoryFile, StoryQuery
from aggregator.model.story import Story
from aggregator.observe.log import get_log
from aggregator.pipeline.articles import texts_for
from aggregator.pipeline.documents import put_documents
from aggregator.pipeline.orders import Orders
from aggregator.pipeline.parts import Parts
from aggregator.publish.address import web_address
from aggregator.publish.digest_item import digest_items, digests_channel
from aggregator.publish.digest_labels import digest_labels
from aggregator.publish.moments import latest_free
from aggregator.publish.plain_text import plain_line
from aggregator.publish.render import render_feed

_log = get_log("digest")
_STORIES: Final = 2000  # of one span
_EARLIER: Final = 500  # stories that are looked through for how it came to this, each time
_WIDELY: Final = (1, 3)  # independent outlets at least
_LIKELY: Final = 24  # stories whose reports are read, to choose from
_FILES: Final = 200  # read at a time
_EDITIONS: Final = 50  # of a subject in its feed
_LOOK_BACK: Final = timedelta(days=90)
_CHECKED: Final = "digests:checked"  # when each digest's times were last looked at
_SECOND: Final = timedelta(seconds=1)
_LOOK_BACK_EVERY: Final = timedelta(minutes=10)
_REVISED_FOR: Final = timedelta(days=7)  # after which an edition is history


class DigestDesk:
    """Makes editions when they are due, and digests when somebody asks."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._looked_back_at = datetime.min.replace(tzinfo=UTC)

    async def make_due(self) -> int:
        """Make the editions whose time has come, revise what needs it; return how many were made."""
        store, now = self._parts.store, await self._parts.store.now()
        stored = json.loads(await store.state(_CHECKED) or "{}")
        plans = self._parts.orders.digests
        # Of digests that are not configured any more nothing is kept: configured again, they start anew.
        checked = {plan.subject: stored.get(plan.subject, now.isoformat()) for plan in plans}
        if checked != stored:
            await store.set_state(_CHECKED, json.dumps(checked))
        made = 0
        for plan in plans:
            last = datetime.fromisoformat(checked[plan.subject])
            missed = await self._due(plan, last, now)
            for later, wanted in zip(reversed(range(len(missed))), missed, strict=True):
                # Made together they still stand in their order.
                made += await self._make(plan, wanted, now - later * _SECOND)
                checked[plan.subject] = wanted.until.isoformat()
                await store.set_state(_CHECKED, json.dumps(checked))
        if made:
            await self.render_feeds()
        if now - self._looked_back_at >= _LOOK_BACK_EVERY:
            await self.revise_recent()
        return made

    async def revise_recent(self) -> int:
        """Add a revision to recent editions that quote what was rewritten or withdrawn since."""
        now = self._looked_back_at = await self._parts.store.now()
        revised = 0
        for plan in self._parts.orders.digests:
            for edition in await self._parts.store.editions(plan.subject, _EDITIONS):
                if now - edition.published_at < _REVISED_FOR:
                    revised += await self._revise(edition, now)
        if revised:
            await self.render_feeds()
        return revised

    async def digest_now(
        self, subject: str, kind: EditionKind = EditionKind.DAILY, day: date | None = None
    ) -> Digest:
        """Compose a digest of a topic (or of a configured digest) now; nothing is kept.

        Raises:
            UsageError: there is no such topic or digest.
        """
        now = await self._parts.store.now()
        plan = plan_of(subject, self._parts.orders)
        about, since, until = span_of(kind, day, self._zone, now)
        wanted = EditionDue(
            name=edition_name(about, kind), kind=kind, day=about, since=since, until=until
        )
        return await self._compose(plan, wanted, follows=False)

    async def render_feeds(self) -> None:
        """Put the feeds of all digests, and of each, on the shelf."""
        orders, shelf = self._parts.orders, self._parts.shelf
        everything: list[Edition] = []
        for plan in orders.digests:
            editions = await self._parts.store.editions(plan.subject, _EDITIONS)
            everything += editions if not is_private(plan, orders) else ()
            await self._render(f"digest-{plan.subject}", editions, plan)
        if orders.digests:
            newest = sorted(everything, key=lambda one: (one.published_at, one.subject))
            await self._render("digests", newest[: -_EDITIONS - 1 : -1], None)
        wanted = {f"digest-{plan.subject}" for plan in orders.digests}
        wanted |= {"digests"} if orders.digests else set()
        for name in shelf.names():
            if is_digest_feed(name) and _stem(name) not in wanted:
                shelf.drop(name)
        await shelf.write_files()

    # -- making an edition ----------------------------------------------------------------------

    async def _due(self, plan: DigestPlan, last: datetime, now: datetime) -> tuple[EditionDue, ...]:
        editions = await self._parts.store.editions(plan.subject, _EDITIONS)
        return due(plan, self._zone, {edition.name for edition in editions}, last, now)

    async def _make(self, plan: DigestPlan, wanted: EditionDue, now: datetime) -> int:
        follows = bool(await self._parts.store.editions(plan.subject, 1))
        digest = await self._compose(plan, wanted, follows=follows)
        if not digest.sections and not plan.note_when_empty:
            _log.info("nothing to tell", digest=plan.subject, edition=wanted.name)
            return 0
        added = await self._parts.store.add_edition(
            Edition(
                subject=plan.subject,
                name=wanted.name,
                revision=0,
                published_at=latest_free(now, now, await self._taken()),
                digest=digest,
            )
        )
        _log.info("edition", digest=plan.subject, edition=wanted.name, added=added)
        return int(added)

    async def _taken(self) -> set[datetime]:
        """Return the times that editions have already: in a feed each stands once."""
        taken: set[datetime] = set()
        for plan in self._parts.orders.digests:
            for edition in await self._parts.store.editions(plan.subject, _EDITIONS):
                taken |= {edition.published_at, edition.revised_at or edition.published_at}
        return taken

    async def _compose(self, plan: DigestPlan, wanted: EditionDue, *, follows: bool) -> Digest:
        issue = self._issue(plan, wanted, follows=follows)
        files = await self._files(await self._stories(issue))
        ctx = replace(
            digest_context(self._parts.orders, self._zone),
            articles=await texts_for(self._parts, files),
        )
        # In a thread: a large topic takes some hundred milliseconds, and pages are served meanwhile.
        news = await asyncio.to_thread(current_news, files, issue, ctx)
        told = [one.story for head in news for one in (head, *head.folded)]
        earlier = await self._earlier(issue, told)
        return await asyncio.to_thread(compose, news, earlier, issue, ctx)

    def _issue(self, plan: DigestPlan, wanted: EditionDue, *, follows: bool) -> Issue:
        orders = self._parts.orders
        topics = tuple(TopicId(topic) for topic in plan.topics)
        output = next((one for one in orders.outputs if one.id == plan.output), None)
        if output is not None:
            topics = output.topics
        names = _topic_names(topics, orders)
        return Issue(
            subject=plan.subject,
            name=_subject_name(plan, orders),
            topics=topics,
            topic_names=names,
            by_topic=output is not None and len(topics) > 1,
            sources=output.sources if output is not None else (),
            kind=wanted.kind,
            day=wanted.day,
            since=wanted.since,
            until=wanted.until,
            follows=follows,
        )

    async def _stories(self, issue: Issue) -> list[Story]:
        """Return the stories that something came in of since the span began."""
        found: list[Story] = []
        cursor: str | None = None
        while len(found) < _STORIES:
            page = await self._parts.store.stories(
                StoryQuery(topics=issue.topics, updated_since=issue.since, cursor=cursor, limit=500)
            )
            found += [story for story in page.items if story.first_seen_at < issue.until]
            cursor = page.next_cursor
            if cursor is None:
                break
        return found

    async def _earlier(self, issue: Issue, told: Sequence[Story]) -> list[StoryFile]:
        """Return the topic's earlier stories that explain those told now.

        The newest ones are looked through, and of the whole time what was widely reported: a large
        topic has hundreds of stories a week.
        """
        if not told or not issue.topics:
            return []
        found: dict[StoryId, Story] = {}
        for outlets in _WIDELY:
            page = await self._parts.store.stories(
                StoryQuery(
                    topics=issue.topics,
                    updated_since=issue.since - _LOOK_BACK,
                    updated_before=issue.since,
                    min_independent=outlets,
                    limit=_EARLIER,
                )
            )
            found |= {story.id: story for story in page.items}
        language = self._parts.orders.language
        likely = explaining(list(found.values()), told, language, _LIKELY)
        files = {file.story.id: file for file in await self._files(likely)}
        own = [
            story for story in likely if story.id in files and tells(files[story.id], issue.topics)
        ]
        return [files[story.id] for story in explaining(own, told, language)]

    async def _files(self, stories: Sequence[Story]) -> list[StoryFile]:
        files: list[StoryFile] = []
        for start in range(0, len(stories), _FILES):
            ids = [story.id for story in stories[start : start + _FILES]]
            files += [f for f in await self._parts.store.story_files(ids) if f.entries]
        return files

    # -- revising ---------------------------------------------------------------------------------

    async def _revise(self, edition: Edition, now: datetime) -> int:
        rewritten, withdrawn = await self._gone(edition.digest)
        digest = revise(edition.digest, rewritten=rewritten, withdrawn=withdrawn)
        if digest == edition.digest:
            return 0
        added = await self._parts.store.add_edition(
            replace(
                edition,
                revision=edition.revision + 1,
                revised_at=latest_free(now, now, await self._taken()),
                digest=digest,
            )
        )
        _log.info("edition revised", digest=edition.subject, edition=edition.name)
        return int(added)

    async def _gone(self, digest: Digest) -> tuple[set[EntryId], set[EntryId]]:
        """Return the entries whose quoted sentence is gone, and those that were withdrawn."""
        ids = quoted_entries(digest)
        known = {f.entry.id: f.entry for f in await self._parts.store.entries_by_id(ids)}
        withdrawn = {
            id
            for id in ids
            if id not in known
            and (entry := await self._parts.store.read_entry(id)) is not None  # else expired
            and entry.withdrawn
        }
        rewritten = {
            point.entry
            for section in digest.sections
            for point in section.points
            if point.entry in known
            and point.field != "article"  # a page is read once
            and point.text not in text_of(known[point.entry], point.field, {})
        }
        return rewritten, withdrawn

    # -- feeds ------------------------------------------------------------------------------------

    async def _render(
        self, name: str, editions: Sequence[Edition], plan: DigestPlan | None
    ) -> None:
        ctx = self._parts.orders.publish
        subjects = [plan.subject] if plan is not None else [e.subject for e in editions]
        names = {subject: self._name(subject) for subject in subjects}
        items = digest_items(editions, names, ctx)
        channel = digests_channel(
            name, names[plan.subject] if plan is not None else None, items, ctx
        )
        await put_documents(
            self._parts,
            lambda: render_feed(f"feeds/{name}", channel, items),
            channel.updated,
            private=plan is not None and is_private(plan, self._parts.orders),
        )

    def _name(self, subject: str) -> str:
        return _subject_name(plan_of(subject, self._parts.orders), self._parts.orders)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._parts.orders.publish.timezone)


def plan_of(subject: str, orders: Orders) -> DigestPlan:
    """Return the digest of a subject: as configured, else of the topic or output of that name.

    Raises:
        UsageError: there is none.
    """
    for plan in orders.digests:
        if plan.subject == subject:
            return plan
    topics = subject.split("+")
    if all(topic in orders.topics for topic in topics):
        return DigestPlan(subject=subject, topics=tuple(topics))
    if any(output.id == subject for output in orders.outputs):
        return DigestPlan(subject=subject, output=subject)
    raise UsageError(f"{subject}: no topic, output or digest of that name")


def digest_context(orders: Orders, zone: ZoneInfo) -> DigestContext:
    """Return what digests need of the configuration."""
    return DigestContext(
        language=orders.language,
        zone=zone,
        audience=orders.publish.audience,
        sources=orders.sources,
        read_marks=read_marks,
        web_address=web_address,
        plain_line=plain_line,
    )


def _topic_names(topics: Sequence[TopicId], orders: Orders) -> dict[TopicId, str]:
    return {id: orders.topics[id].name(orders.language) for id in topics if id in orders.topics}


def _subject_name(plan: DigestPlan, orders: Orders) -> str:
    """Return the title of a digest's output, or the names of its topics."""
    output = next((one for one in orders.outputs if one.id == plan.output), None)
    if output is not None:
        return output.title
    names = _topic_names(tuple(map(TopicId, plan.topics)), orders)
    return ("・" if orders.language == "ja" else ", ").join(names.values())


def digest_feeds(orders: Orders) -> dict[str, str]:
    """Return the titles of the digest feeds that anybody may subscribe to, by name: that of all first."""
    labels = digest_labels(orders.language)
    titles = {
        f"digest-{plan.subject}": labels.digest_of(_subject_name(plan, orders))
        for plan in orders.digests
        if not is_private(plan, orders)
    }
    return {"digests": labels.digest_of(None)} | titles if titles else {}


def is_private(plan: DigestPlan, orders: Orders) -> bool:
    """Tell whether a digest is that of a private output, and as private."""
    return any(output.id == plan.output and output.private for output in orders.outputs)


def is_digest_feed(name: str) -> bool:
    """Tell whether a document of the shelf is a feed of digests."""
    return name.startswith("feeds/") and (
        _stem(name) == "digests" or _stem(name).startswith("digest-")
    )


def _stem(name: str) -> str:
    return name.removeprefix("feeds/").rpartition(".")[0]
