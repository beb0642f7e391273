"""From the configuration to the parts: the one place where every option finds its stage."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from aggregator import __version__
from aggregator.cluster.lead import choose_lead
from aggregator.cluster.marks import read_marks
from aggregator.cluster.options import ClusterOptions
from aggregator.errors import ConfigurationError
from aggregator.fetch.client import Client, FetchOptions
from aggregator.fetch.politeness import host_key
from aggregator.model.identifiers import FeedUrl, SourceId
from aggregator.model.source import FeedSpec, Source
from aggregator.observe.clock import Clock
from aggregator.observe.metrics import Metrics
from aggregator.pipeline.first_looks import FirstLooks
from aggregator.pipeline.orders import Orders, PollOptions, WebSubOptions
from aggregator.pipeline.parts import Parts
from aggregator.pipeline.shelf import Shelf
from aggregator.pipeline.showcase import Showcase
from aggregator.publish.context import PublishContext
from aggregator.sandbox.pool import Sandbox, SandboxOptions
from aggregator.schedule.settle import CadenceOptions, first_polls
from aggregator.settings.configuration import Configuration
from aggregator.store.store import Store
from aggregator.tag.rules import compile_topics


def orders_from(configuration: Configuration) -> Orders:
    """Compile the operator's wishes for the stages."""
    settings = configuration.settings
    polling = settings.polling
    sources = {source.id: source for source in configuration.sources}
    topics = {topic.id: topic for topic in configuration.topics}
    return Orders(
        sources=sources,
        topics=topics,
        rules=compile_topics(configuration.topics),
        outputs=configuration.outputs,
        digests=configuration.digests,
        publish=PublishContext(
            sources=sources,
            topics=topics,
            mutes=tuple((mute.words, mute.until) for mute in configuration.mutes),
            public_url=settings.public_url,
            audience=settings.audience,
            timezone=settings.timezone,
            language=settings.language,
            hub=settings.websub.hub,
            read_marks=read_marks,
            choose_lead=choose_lead,
        ),
        cadence=CadenceOptions(
            min_interval=polling.min_interval,
            default_interval=polling.default_interval,
            max_interval=polling.max_interval,
        ),
        cluster=ClusterOptions(
            window=settings.stories.window, sensitivity=settings.stories.sensitivity
        ),
        poll=PollOptions(concurrency=polling.concurrency, host_spacing=polling.host_spacing),
        websub=WebSubOptions(
            subscribe=settings.websub.subscribe,
            public_url=settings.public_url,
            allow_sha1=settings.websub.allow_sha1,
        ),
        language=settings.language,
    )


def client_from(configuration: Configuration) -> Client:
    """Return the HTTP client that the settings describe."""
    polling, network, server = (
        configuration.settings.polling,
        configuration.settings.network,
        configuration.settings.server,
    )
    return Client(
        FetchOptions(
            timeout=polling.timeout,
            max_body=polling.max_body,
            concurrency=polling.concurrency,
            user_agent=f"Aggregator/{__version__}",
            contact=polling.contact,
            allow_private=network.allow_private,
            proxy=network.proxy,
            own_addresses=((server.host, server.port),),
        )
    )


def store_from(
    configuration: Configuration, data: Path, clock: Clock, *, alone: bool = False
) -> Store:
    """Return the store that `storage.url` names; `alone`: this process owns the data directory.

    Raises:
        ConfigurationError: there is no such kind of store.
    """
    url = configuration.settings.storage_url
    if url == "sqlite":
        from aggregator.store.sqlite.store import SqliteStore

        return SqliteStore(data / "aggregator.db", clock, alone=alone)
    raise ConfigurationError(
        [
            f"{configuration.directory / 'settings.yaml'}: storage.url: {url.partition(':')[0]}: only sqlite is built in"
        ]
    )


def parts_from(configuration: Configuration, data: Path, clock: Clock, *, alone: bool) -> Parts:
    """Return all parts, none of them opened yet."""
    store = store_from(configuration, data, clock, alone=alone)
    return Parts(
        store=store,
        showcase=Showcase(store),
        client=client_from(configuration),
        sandbox=Sandbox(SandboxOptions()),
        shelf=Shelf(data / "public"),
        clock=clock,
        metrics=Metrics(),
        first_looks=first_looks_of(data),
        orders=orders_from(configuration),
    )


def first_looks_of(data: Path) -> FirstLooks:
    """Return where documents wait that `sources add` has fetched."""
    return FirstLooks(data / "first-looks")


async def sync_feeds(store: Store, configuration: Configuration, *, running: bool) -> None:
    """Make the stored feeds those of the configuration; `running`: many new ones at once are spread."""
    now = await store.now()
    listed = [
        (source, feed)
        for source in configuration.sources
        if source.enabled
        for feed in source.feeds
    ]
    first_poll = await _first_polls(store, listed, now) if running else {}
    await store.sync_feeds(
        [
            (source, feed, host_key(feed.url), first_poll.get((source.id, feed.url), now))
            for source, feed in listed
        ],
        now,
    )


async def _first_polls(
    store: Store, listed: Sequence[tuple[Source, FeedSpec]], now: datetime
) -> dict[tuple[SourceId, FeedUrl], datetime]:
    """Return when feeds that a running daemon does not know yet are due first."""
    known = {(feed.source, feed.url) async for feed in store.each_feed()}
    new = [(source.id, feed.url) for source, feed in listed if (source.id, feed.url) not in known]
    dues = first_polls([(url, host_key(url)) for _, url in new], now, running=True)
    return dict(zip(new, dues, strict=True))
