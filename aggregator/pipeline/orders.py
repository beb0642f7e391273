"""What the operator wants, compiled for the stages; swapped as a whole when the configuration changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Self

from aggregator.cluster.options import ClusterOptions
from aggregator.model.digest import DigestPlan
from aggregator.model.identifiers import SourceId, TopicId
from aggregator.model.output import Output
from aggregator.model.source import Source
from aggregator.model.topic import Topic
from aggregator.publish.context import PublishContext
from aggregator.schedule.settle import CadenceOptions
from aggregator.tag.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOptions:
    """How a round is run."""

    concurrency: int = 64  # hosts at once
    host_spacing: timedelta = timedelta(seconds=2)  # between two requests to one host
    feeds_per_lease: int = 25
    lease: timedelta = timedelta(minutes=5)
    # No request starts later than this before the lease ends: 30 s for it, 60 s for the worker.
    margin: timedelta = timedelta(seconds=100)
    flush_after: timedelta = timedelta(seconds=1)
    flush_rows: int = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSubOptions:
    """Whether hubs are asked to tell us of news, and where they reach us."""

    subscribe: bool = False
    public_url: str = ""
    allow_sha1: bool = False  # signatures by SHA-1, which some old hubs still give
    waiting_bytes: int = 64 * 1024 * 1024  # of deliveries that are not taken up yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The operator's wishes as the pipeline needs them."""

    sources: Mapping[SourceId, Source]
    topics: Mapping[TopicId, Topic]
    rules: Rules
    outputs: tuple[Output, ...]
    digests: tuple[DigestPlan, ...] = ()
    publish: PublishContext
    cadence: CadenceOptions = field(default_factory=CadenceOptions)
    cluster: ClusterOptions = field(default_factory=ClusterOptions)
    poll: PollOptions = field(default_factory=PollOptions)
    websub: WebSubOptions = field(default_factory=WebSubOptions)
    language: str = "ja"

    def with_outlets(self, outlets: Mapping[SourceId, str]) -> Self:
        """Return the same orders, with sources that are not polled known by their outlets' names."""
        named = {source: Source(id=source, name=name) for source, name in outlets.items()}
        sources = named | dict(self.sources)
        return replace(self, sources=sources, publish=replace(self.publish, sources=sources))

    def source(self, source: SourceId) -> Source:
        """Return a source; one that is no longer configured, or only ever imported, under its id."""
        return self.sources.get(source) or Source(id=source, name=source)
