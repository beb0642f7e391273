"""The real poll sequences of the corpus, polled again: BBC feeds of 2021 as a collector found them.

A publisher is played by its documents: until the next one was collected, each is what its server
answers, with an ETag, and 304 to who has it. Our daemon's own `pipeline.poll.poll_feed` polls it, under
a virtual clock: fetch, parse, identify and settle are the real ones, only the network and the store
are stood in for. Beside it an hourly poller and Miniflux's formula take the same documents.

An entry came when the first document that holds it was collected; the first document's are nobody's
news. Lost is what stood in a document that the poller never saw.
"""

import asyncio
import gzip
import os
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from aggregator.model.change import EntryChange
from aggregator.model.entry import KnownEntry
from aggregator.model.exchange import Fetched, FetchRequest, NotModified
from aggregator.model.feed import Feed, Validators
from aggregator.model.identifiers import CanonicalUrl, EntryId, FeedId, FeedUrl, HostKey, SourceId
from aggregator.model.source import Source
from aggregator.observe.metrics import Metrics
from aggregator.parse.document import ParseHints
from aggregator.pipeline.outage import NetworkWatch
from aggregator.pipeline.parts import Parts
from aggregator.pipeline.poll import poll_feed
from aggregator.pipeline.read import read_body, reading_of
from aggregator.schedule.settle import CadenceOptions
from benchmarks.pollers import HEADER_BYTES, Tally
from benchmarks.publishers import HOUR

SOURCE = Source(id=SourceId("bbc"), name="BBC", timezone="Europe/London")


@dataclass(frozen=True, slots=True)
class Document:
    """What a publisher's server answers from a time on."""

    since: datetime
    body: bytes
    size: int  # gzipped
    entries: frozenset[EntryId]
    published: tuple[datetime, ...]
    ttl: timedelta | None


@dataclass(frozen=True, slots=True)
class PollSequence:
    """The documents of one feed, in order."""

    name: str
    documents: tuple[Document, ...]

    def at(self, now: datetime) -> Document:
        """Return what the server answers now."""
        return self.documents[bisect_right(self.documents, now, key=lambda one: one.since) - 1]


def new_feed(name: str, now: datetime) -> Feed:
    """Return a feed that was never polled."""
    return Feed(
        id=FeedId(1),
        source=SOURCE.id,
        url=FeedUrl(f"https://feeds.bbci.example/{name}"),
        host=HostKey("bbci.example"),
        next_poll_at=now,
        first_seen_at=now,
    )


def load_sequences(folder: Path) -> list[PollSequence]:
    """Return the corpus's sequences."""
    return [
        PollSequence(folder.name, tuple(_document(file) for file in sorted(folder.iterdir())))
        for folder in sorted(folder.iterdir())
    ]


def _document(file: Path) -> Document:
    since = datetime.strptime(file.stem.partition("__")[2], "%Y-%m-%dT%H%M").replace(tzinfo=UTC)
    body, feed = file.read_bytes(), new_feed(file.parent.name, since)
    hints = ParseHints(url=feed.url, now=since)
    parsed, keyed, _ = read_body(body, hints, reading_of(feed, SOURCE))
    return Document(
        since,
        body,
        len(gzip.compress(body)),
        frozenset(entry.id for entry in keyed.entries),
        tuple(entry.published for entry in parsed.entries if entry.published),
        parsed.hints.ttl,
    )


@dataclass(slots=True)
class Reading:
    """Keeps count of what a poller gets of a sequence."""

    sequence: PollSequence
    tally: Tally = field(default_factory=Tally)
    seen: set[EntryId] = field(default_factory=set)
    last: bytes | None = None

    def look(self, now: datetime) -> Document:
        """Count one request and what it brings."""
        document = self.sequence.at(now)
        whole = document.body != self.last
        self.tally.requests += 1
        self.tally.bodies += whole
        self.tally.received += HEADER_BYTES + whole * document.size
        came = self._first_seen()
        fresh = document.entries - self.seen
        if self.seen:
            self.tally.delays.extend((now - came[entry]) / HOUR for entry in fresh)
        self.seen |= fresh
        self.last = document.body
        return document

    def close(self) -> Tally:
        """Count what was never seen, and return the count."""
        self.tally.lost = len(self._first_seen().keys() - self.seen)
        return self.tally

    def _first_seen(self) -> Mapping[EntryId, datetime]:
        documents = reversed(self.sequence.documents)
        return {entry: one.since for one in documents for entry in one.entries}


class Stored:
    """What a store knows of the entries of one feed."""

    def __init__(self) -> None:
        self._known: dict[EntryId, tuple[KnownEntry, CanonicalUrl | None]] = {}

    async def known_document(
        self, _: FeedId, entries: Mapping[EntryId, CanonicalUrl | None]
    ) -> tuple[dict[EntryId, KnownEntry], dict[CanonicalUrl, tuple[KnownEntry, ...]]]:
        """Return those that are stored, and what is stored under the others' URLs."""
        known = {id_: self._known[id_][0] for id_ in entries if id_ in self._known}
        urls = {url for id_, url in entries.items() if url is not None and id_ not in known}
        return known, {
            url: tuple(entry for entry, of in self._known.values() if of == url) for url in urls
        }

    def apply(self, changes: Sequence[EntryChange]) -> None:
        """Store what a poll found."""
        for change in changes:
            entry = change.entry
            known = KnownEntry(
                id=entry.id,
                fingerprint=entry.fingerprint,
                hash=entry.hash,
                revision=entry.revision,
                first_seen_at=entry.first_seen_at,
            )
            self._known[entry.id] = (known, entry.canonical_url)


class Server:
    """Answers a poller as the publisher's server would; it is the poller's clock as well."""

    def __init__(self, reading: Reading, now: datetime) -> None:
        self._reading = reading
        self.time = now

    def now(self) -> datetime:
        """Return the virtual time."""
        return self.time

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched | NotModified:
        """Answer one request."""
        document = self._reading.look(now)
        validators = Validators(etag=f'"{document.since:%d%H%M}"', url=request.url)
        if request.validators.etag == validators.etag:
            return NotModified(url=request.url, validators=validators)
        return Fetched(
            url=request.url, body=document.body, validators=validators, received=document.size
        )


async def read_here(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run what the sandbox would run."""
    return function(*arguments)


async def poll_as_the_daemon(sequence: PollSequence) -> Tally:
    """Let the daemon's own poll live through a sequence."""
    reading, now = Reading(sequence), sequence.documents[0].since
    server, stored, feed = Server(reading, now), Stored(), new_feed(sequence.name, now)
    parts = cast(
        "Parts",
        SimpleNamespace(
            client=server,
            clock=server,
            store=stored,
            sandbox=SimpleNamespace(run=read_here),
            network=NetworkWatch(),
            metrics=Metrics(),
            first_looks=SimpleNamespace(take=lambda *_: None),
            orders=SimpleNamespace(source=lambda _: SOURCE, cadence=CadenceOptions()),
        ),
    )
    while server.time <= sequence.documents[-1].since:
        ttl, before = sequence.at(server.time).ttl, feed.last_poll_at
        if before and ttl and server.time - before < ttl:
            reading.tally.breaches.append("C12 earlier than ttl")
        change = (await poll_feed(parts, feed, 30)).change
        stored.apply(change.entries)
        feed = replace(change.feed, id=feed.id)
        server.time = feed.next_poll_at + timedelta(seconds=1)
    return reading.close()


def poll_by(
    sequence: PollSequence, interval: Callable[[Document, datetime], timedelta], phase: float
) -> Tally:
    """Let a simple poller live through a sequence; its second poll comes at some part of its interval."""
    reading, now = Reading(sequence), sequence.documents[0].since
    part = phase
    while now <= sequence.documents[-1].since:
        document = reading.look(now)
        now += part * interval(document, now)
        part = 1.0
    return reading.close()


def miniflux(document: Document, now: datetime) -> timedelta:
    """Return Miniflux's interval after a document."""
    weekly = sum(now - timedelta(days=7) <= time <= now for time in document.published)
    wait = timedelta(days=7) / weekly if weekly else timedelta(days=1)
    return min(max(wait, timedelta(minutes=5), document.ttl or timedelta(0)), timedelta(days=1))


def print_replays() -> None:
    """Print what the pollers get of every sequence of the corpus."""
    standard = str(Path(__file__).parents[2] / "shared")
    folder = Path(os.environ.get("AGGREGATOR_SHARED", standard)) / "corpus/feeds/sequences"
    if not folder.is_dir():
        print(f"\nno real poll sequences at {folder}: not replayed")
        return
    print(
        f"\nreal poll sequences{'':<22}{'requests':>9}{'bodies':>8}{'KiB':>7}{'mean':>8}{'p95':>7}"
        f"{'entries':>9}{'lost':>6}{'breach':>8}"
    )
    for sequence in load_sequences(folder):
        hourly = [poll_by(sequence, lambda *_: HOUR, (n + 0.5) / 8) for n in range(8)]
        middle = sorted(hourly, key=Tally.mean)[4]  # of eight places in the hour
        rows = {
            "aggregator": asyncio.run(poll_as_the_daemon(sequence)),
            "hourly": middle,
            "miniflux": poll_by(sequence, miniflux, 0.5),
        }
        hours = (sequence.documents[-1].since - sequence.documents[0].since) / HOUR
        for name, tally in rows.items():
            label = f"{sequence.name}, {hours:.0f} h" if name == "aggregator" else ""
            print(
                f"{label:<30}{name:<11}{tally.requests:>9}{tally.bodies:>8}{tally.received / 1024:>7.0f}"
                f"{tally.mean():>8.1f}{tally.percentile(0.95):>7.0f}{len(tally.delays):>9}"
                f"{tally.lost:>6}{len(tally.breaches):>8}"
            )
