"""The configuration as the rest of the house uses it: checked, complete, frozen values."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.model.digest import DigestPlan
from aggregator.model.output import Audience, Output
from aggregator.model.source import Source
from aggregator.model.topic import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Where pages and feeds are served, and to whom."""

    host: str = "127.0.0.1"
    port: int = 8080
    access: str = "open"  # open | token
    admin_token_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollingSettings:
    """How publishers are asked."""

    min_interval: timedelta = timedelta(minutes=15)
    default_interval: timedelta = timedelta(hours=1)
    max_interval: timedelta = timedelta(hours=24)
    concurrency: int = 64
    timeout: timedelta = timedelta(seconds=30)
    max_body: int = 10 * 1024 * 1024  # bytes, decoded
    host_spacing: timedelta = timedelta(seconds=2)
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """What lies inside the operator's own network, and the proxy."""

    allow_private: tuple[str, ...] = ()  # host:port, 10.0.0.5:*, 127.0.0.0/8:*
    proxy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoriesSettings:
    """How entries are grouped."""

    window: timedelta = timedelta(days=14)
    sensitivity: str = "normal"  # strict | normal | loose


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """How long things are kept."""

    entries: timedelta = timedelta(days=365)
    revisions: timedelta = timedelta(days=90)
    articles: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSubSettings:
    """Push instead of polling, in and out."""

    subscribe: bool = True
    allow_sha1: bool = False
    hub: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """settings.yaml."""

    timezone: str = "Asia/Tokyo"
    language: str = "ja"  # ja | en, of pages and digests
    public_url: str = "http://127.0.0.1:8080"
    audience: Audience = Audience.PRIVATE
    server: ServerSettings = field(default_factory=ServerSettings)
    storage_url: str = "sqlite"  # the only one that is built in
    polling: PollingSettings = field(default_factory=PollingSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    stories: StoriesSettings = field(default_factory=StoriesSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    websub: WebSubSettings = field(default_factory=WebSubSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Words that keep a story out of every output until a day."""

    words: tuple[str, ...]
    until: datetime | None  # the end of that day in settings.timezone; None: for good


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The four files together, as they were when they were last good."""

    directory: Path
    settings: Settings = field(default_factory=Settings)
    sources: tuple[Source, ...] = ()
    topics: tuple[Topic, ...] = ()
    outputs: tuple[Output, ...] = ()  # as listed, then one per topic where per_topic is true
    mutes: tuple[Mute, ...] = ()
    digests: tuple[DigestPlan, ...] = ()
