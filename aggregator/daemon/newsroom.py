"""The newsroom: the parts put together, and everything that can be asked of them.

The daemon and each command that works without one open a newsroom; so both take the same steps.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aggregator.daemon.assemble import client_from, orders_from, parts_from, sync_feeds
from aggregator.daemon.memory import keep_little_memory
from aggregator.errors import UsageError
from aggregator.fetch.client import Client
from aggregator.model.identifiers import OutputId, StoryId
from aggregator.observe.clock import Clock, SystemClock
from aggregator.pipeline.articles import ArticleDesk
from aggregator.pipeline.consume import Understanding
from aggregator.pipeline.correct import Corrector
from aggregator.pipeline.digest_edition import DigestDesk
from aggregator.pipeline.outlets import imported_outlets
from aggregator.pipeline.parts import Parts
from aggregator.pipeline.replay import Regrouped, Replay, Retagged
from aggregator.pipeline.republish import Publisher
from aggregator.pipeline.round import Round, RoundReport, Wanted
from aggregator.pipeline.tell import HubPinger, Teller
from aggregator.pipeline.websub import Subscriber
from aggregator.serve.access import load_keys
from aggregator.settings.configuration import Configuration

if TYPE_CHECKING:
    from aggregator.pipeline.import_lines import ImportReport

_THE_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ARTICLES_OF_A_POLL: Final = timedelta(seconds=10)  # the daemon asks for the rest
_OUTPUTS, _BEHIND, _EVEN = (
    "outputs",
    "behind",
    "even",
)  # whether outputs show all that is understood


@dataclass(slots=True, kw_only=True)
class PollReport:
    """What came of `poll`."""

    round: RoundReport
    new_stories: int
    seconds: float


@dataclass(slots=True)
class Newsroom:
    """The parts, and what they are asked to do; one at a time where it must be."""

    configuration: Configuration
    parts: Parts
    understanding: Understanding = field(init=False)
    publisher: Publisher = field(init=False)
    corrector: Corrector = field(init=False)
    digests: DigestDesk = field(init=False)
    articles: ArticleDesk = field(init=False)
    teller: Teller = field(init=False)
    hub: HubPinger = field(init=False)
    subscriber: Subscriber = field(init=False)
    _one_consumer: asyncio.Lock = field(default_factory=asyncio.Lock)
    _retired: list[Client] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.understanding = Understanding(self.parts)
        self.publisher = Publisher(self.parts)
        self.corrector = Corrector(self.parts, self.understanding)
        self.digests = DigestDesk(self.parts)
        self.articles = ArticleDesk(self.parts)
        self.teller = Teller(self.parts, self._one_consumer, self._webhook_secret)
        self.hub = HubPinger(self.parts)
        self.subscriber = Subscriber(self.parts)

    async def poll(self, wanted: Wanted, *, defer: bool = False) -> PollReport:
        """Poll what is due, then understand and publish it, unless that is deferred."""
        clock = self.parts.clock
        started = clock.monotonic()
        before = 0 if defer else (await self.parts.store.stats()).stories
        report = await Round(self.parts, wanted).run()
        new_stories = 0
        if not defer:
            await self.understand()
            new_stories = max((await self.parts.store.stats()).stories - before, 0)
            await self.look_around()
            await self.tell()
            await self.articles.run_for(_ARTICLES_OF_A_POLL)
        return PollReport(
            round=report, new_stories=new_stories, seconds=clock.monotonic() - started
        )

    async def understand(self) -> frozenset[StoryId]:
        """Understand all that waits in the log and let the outputs follow."""
        async with self._following() as touched:
            touched.update(await self.understanding.consume_all())
        return frozenset(touched)

    @asynccontextmanager
    async def _following(self) -> AsyncIterator[set[StoryId]]:
        """Be the one consumer; the stories put into the set reach the outputs, after a crash too."""
        store = self.parts.store
        async with self._one_consumer:
            behind = await store.state(_OUTPUTS) == _BEHIND
            await store.set_state(_OUTPUTS, _BEHIND)
            touched: set[StoryId] = set()
            try:
                yield touched
            except UsageError:  # nothing was changed
                await store.set_state(_OUTPUTS, _BEHIND if behind else _EVEN)
                raise
            if behind:  # the last one never got here: what it understood is unknown
                await self.publisher.republish_all()
            await self.publisher.republish(touched)
            await store.set_state(_OUTPUTS, _EVEN)

    async def publish(self) -> int:
        """Write all outputs anew; return how many items changed."""
        async with self._one_consumer:
            written = await self.publisher.republish_all()
            await self.digests.render_feeds()
        await self.look_around()
        return written

    async def look_around(self) -> None:
        """Let the status feed follow the sources, and let go of feeds that nobody asks for any more."""
        async with self._one_consumer:
            await self.publisher.special.look_at_feeds()
            self.publisher.special.forget_stale()

    async def tell(self) -> None:
        """Tell people of stories, and the hub of changed documents."""
        await self.teller.step()
        await self.hub.step()

    async def _webhook_secret(self, output: OutputId) -> str:
        return (await load_keys(self.parts.store)).webhook(output)

    async def make_digests(self) -> int:
        """Make the editions of digests that are due, and revise what turned out wrong."""
        async with self._one_consumer:
            return await self.digests.make_due()

    async def read_articles(self) -> None:
        """Ask for some of the article pages that digests may quote."""
        await self.articles.step()

    async def import_file(self, file: Path) -> "ImportReport":
        """Import a file of JSON Lines and publish once at the end."""
        async with self._following() as touched:
            from aggregator.pipeline.import_lines import import_lines

            report = await import_lines(self.parts, self.understanding, file)
            touched.update(report.touched)
        return report

    async def correct(self, hand: str, arguments: tuple[str, ...]) -> frozenset[StoryId]:
        """Carry out a person's decision and let the outputs follow."""
        async with self._following() as touched:
            match hand, arguments:
                case "split", (entry,):
                    touched.update(await self.corrector.split(entry))
                case "join", (one, other):
                    touched.update(await self.corrector.join(one, other))
                case "mute", (story,):
                    touched.update(await self.corrector.mute(story))
                case "withdraw", (name,):
                    touched.update(await self.corrector.withdraw(name))
                    await self.digests.revise_recent()
                case _:
                    raise UsageError(f"{hand} does not take {len(arguments)} arguments")
        return frozenset(touched)

    async def reconfigure(self, configuration: Configuration) -> None:
        """Take up a new configuration: feeds, rules, outputs; nothing under way is disturbed."""
        await sync_feeds(self.parts.store, configuration, running=True)
        async with self._one_consumer:
            if configuration.settings != self.configuration.settings:
                self._retired.append(self.parts.client)  # fetches under way still use it
                self.parts.client = client_from(configuration)
            self.parts.orders = orders_from(configuration).with_outlets(
                await imported_outlets(self.parts.store)
            )
            self.configuration = configuration
            self.understanding.forget_window()
            await self.publisher.republish_all()
            await self.digests.render_feeds()

    async def retag(self) -> Retagged:
        """Match today's topics on all that is stored, and let the outputs follow."""
        async with self._following() as touched:
            replay = Replay(self.parts, self.understanding, apply=True)
            report = await replay.retag(_THE_BEGINNING)
            touched.update(report.stories)
        return report

    async def regroup(self) -> Regrouped:
        """Group all that is stored anew, and let the outputs follow."""
        async with self._following() as touched:
            replay = Replay(self.parts, self.understanding, apply=True)
            report = await replay.regroup(_THE_BEGINNING)
            touched.update(report.stories)
        return report

    async def simulate(self, days: int) -> tuple[Retagged, Regrouped]:
        """Say what the configuration would do to the entries of the last days; change nothing."""
        since = await self.parts.store.now() - timedelta(days=days)
        replay = Replay(self.parts, self.understanding, apply=False)
        return await replay.retag(since), await replay.regroup(since)

    async def expire(self) -> int:
        """Delete what is older than the operator wants to keep; return how many entries."""
        retention = self.configuration.settings.retention
        now = await self.parts.store.now()
        async with self._one_consumer:
            expired = await self.parts.store.expire(
                stored_before=now - retention.entries,
                revised_before=now - retention.revisions,
                articles_before=now - retention.articles,
                sketches_before=now - self.parts.orders.cluster.window,
            )
            self.parts.showcase.forget()
        return expired

    async def close(self) -> None:
        """Let go of everything."""
        for client in (*self._retired, self.parts.client):
            await client.close()
        await self.parts.sandbox.close()
        await self.parts.store.close()


@asynccontextmanager
async def open_newsroom(
    configuration: Configuration,
    data: Path,
    *,
    owned: bool = True,
    running: bool = False,
    clock: Clock | None = None,
) -> AsyncIterator[Newsroom]:
    """Open the newsroom on a data directory, and close it again.

    `owned`: this process has the data lock; without it only what reads may be asked.
    """
    keep_little_memory()
    parts = parts_from(configuration, data, clock or SystemClock(), alone=owned)
    newsroom = Newsroom(configuration, parts)
    await parts.store.open()
    try:
        parts.orders = parts.orders.with_outlets(await imported_outlets(parts.store))
        if owned:
            await sync_feeds(parts.store, configuration, running=running)
        yield newsroom
    finally:
        await newsroom.close()
