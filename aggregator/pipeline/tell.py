"""Telling people of stories, and hubs of changed documents: after publishing, never in its way."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aggregator.model.exchange import FetchFailed
from aggregator.model.identifiers import OutputId, StoryId
from aggregator.model.output import Notify, Output, Publication
from aggregator.notify.messages import message_of
from aggregator.notify.queue import (
    Candidate,
    NotifyState,
    decide,
    failed,
    skipped,
    told,
)
from aggregator.observe.log import get_log
from aggregator.pipeline.digest_edition import is_digest_feed
from aggregator.pipeline.parts import Parts
from aggregator.publish.context import own_page
from aggregator.publish.view import views_of
from aggregator.store.codec import Codec

Secret = Callable[[OutputId], Awaitable[str]]
"""The secret with which an output's webhook is signed."""

_log = get_log("notify")
_STATE: Final = Codec(NotifyState)
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
_FIRST_PING_RETRY: Final = timedelta(minutes=1)
_LAST_PING_RETRY: Final = timedelta(hours=1)


class Teller:
    """Tells people of the stories of outputs that have `notify`."""

    def __init__(
        self, parts: Parts, publishing: AbstractAsyncContextManager[object], secret: Secret
    ) -> None:
        """Prepare; `publishing` is held while a publication is marked, so that none is written over."""
        self._parts = parts
        self._publishing = publishing
        self._secret = secret
        self._silent: set[OutputId] = set()
        self._one_round = asyncio.Lock()

    async def step(self) -> None:
        """Tell of what is due; whoever does not answer is asked again later."""
        async with self._one_round:
            for output in self._parts.orders.outputs:
                if output.notify is not None:
                    self._silent.discard(output.id)
                    await self._tell(output, output.notify)
                elif output.id not in self._silent:
                    # Set up again one day, it tells of what is new by then.
                    await self._parts.store.set_state(f"notify:{output.id}", "")
                    self._silent.add(output.id)

    async def _tell(self, output: Output, notify: Notify) -> None:
        now = await self._parts.store.now()
        before = await self._state(output, now)
        candidates = await self._candidates(output)
        zone = ZoneInfo(self._parts.orders.publish.timezone)
        decision = decide(before, candidates, notify, zone, now)
        state = decision.state
        if state != before:
            await self._keep(output, state)
        for story in decision.skip:
            await self._mark(output, story)
            state = skipped(state, story)
            self._parts.metrics.notifications.labels("skipped").inc()
        for story in decision.tell:
            state, go_on = await self._tell_of(story, output, notify, state)
            await self._keep(output, state)
            if not go_on:
                break
        if decision.skip:
            await self._keep(output, state)

    async def _tell_of(
        self, story: StoryId, output: Output, notify: Notify, state: NotifyState
    ) -> tuple[NotifyState, bool]:
        """Send one message; return the state after it, and whether the receiver answers at all."""
        publication = await self._publication(output, story)
        if publication is None or publication.hidden or publication.notified:
            return skipped(state, story), True
        now = await self._parts.store.now()
        waiting = next(one for one in state.waiting if one.story == story)
        message = message_of(
            publication.item,
            output,
            notify,
            waiting.independent,
            await self._secret(output.id),
            now,
        )
        outcome = await self._parts.client.post(notify.url, message.body, message.headers, now)
        if isinstance(outcome, FetchFailed):
            self._parts.metrics.notifications.labels("failed").inc()
            _log.warning("not taken; tried again", output=output.id, why=outcome.message)
            return failed(state, now, outcome.freshness.not_before), False
        await self._mark(output, story)
        self._parts.metrics.notifications.labels("told").inc()
        return told(state, story), True

    async def _candidates(self, output: Output) -> list[Candidate]:
        """Return the stories that the output shows and nobody was told of."""
        shown = await self._parts.store.publications(output.id, output.limit)
        told_of = {p.item.story for p in shown if p.notified}
        first = {
            p.item.story: p.item.published for p in shown if p.item.story not in told_of
        }  # newest first, so that the oldest item of a story counts
        files = await self._parts.store.story_files(list(first))
        return [
            Candidate(
                story=file.story.id,
                published=first[file.story.id],
                independent=max(
                    (view.story.independent for view in views_of(file, output)), default=0
                ),
            )
            for file in files
        ]

    async def _publication(self, output: Output, story: StoryId) -> Publication | None:
        """Return a story's first item; one that left in quiet hours is still told of."""
        found = await self._parts.store.publications_of(output.id, [story])
        return min(found, key=lambda p: p.item.published, default=None)

    async def _mark(self, output: Output, story: StoryId) -> None:
        async with self._publishing:
            found = await self._parts.store.publications_of(output.id, [story])
            marked = tuple(replace(p, notified=True) for p in found)
            await self._parts.showcase.apply(output.id, marked)

    async def _state(self, output: Output, now: datetime) -> NotifyState:
        state = await self._parts.store.state(f"notify:{output.id}")
        return _STATE.load(state) if state else NotifyState(since=now)

    async def _keep(self, output: Output, state: NotifyState) -> None:
        await self._parts.store.set_state(f"notify:{output.id}", _STATE.dump(state))


class HubPinger:
    """Tells the WebSub hub which of our documents changed, so that it comes for them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._one_round = asyncio.Lock()
        self._failures = 0
        self._retry_at: datetime | None = None

    async def step(self) -> None:
        """Ping for each document that changed since; what the hub does not take is kept for later."""
        async with self._one_round:
            now = self._parts.clock.now()
            hub = self._parts.orders.publish.hub
            changed, waits = self._changed(), self._retry_at is not None and now < self._retry_at
            if hub is None:
                self._parts.news.clear()
            elif not waits:
                for name in changed:
                    if not await self._ping(hub, name, now):
                        return

    def _changed(self) -> list[str]:
        """Return the changed documents that name the hub; the others are forgotten."""
        named = {output.id for output in self._parts.orders.outputs if not output.private}
        self._parts.news &= {
            name
            for name in self._parts.news
            if is_digest_feed(name) or name.removeprefix("feeds/").rpartition(".")[0] in named
        }
        return sorted(self._parts.news)

    async def _ping(self, hub: str, name: str, now: datetime) -> bool:
        form = {"hub.mode": "publish", "hub.url": own_page(self._parts.orders.publish, name)}
        self._parts.news.discard(name)  # first: it may change again while the hub is asked
        outcome = await self._parts.client.post(hub, urlencode(form).encode(), _FORM, now)
        if not isinstance(outcome, FetchFailed):
            self._parts.metrics.pings.labels("taken").inc()
            self._failures, self._retry_at = 0, None
            return True
        self._parts.metrics.pings.labels("failed").inc()
        self._parts.news.add(name)
        wait = min(_FIRST_PING_RETRY * 2 ** min(self._failures, 10), _LAST_PING_RETRY)
        self._failures, self._retry_at = self._failures + 1, now + wait
        _log.warning("hub did not take a ping; tried again", hub=hub, why=outcome.message)
        return False
