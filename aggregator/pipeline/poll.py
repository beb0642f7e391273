"""One poll of one feed: `fetch -> parse -> identify -> settle`, and the change it makes.

Nothing is written here: the round (pipeline/round.py) commits what a poll returns.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from aggregator.errors import DocumentError, SandboxError, UnsafeDocument
from aggregator.identify.decide import Identified, decide
from aggregator.identify.signature import continuity
from aggregator.model.change import EntryChange, FeedChange, PollRecord
from aggregator.model.entry import Entry, ParsedFeed
from aggregator.model.exchange import (
    Fetched,
    FetchFailed,
    FetchRequest,
    NotModified,
    Outcome,
    Severity,
)
from aggregator.model.feed import Feed, KeyPolicy
from aggregator.model.identifiers import EntryId, digest63
from aggregator.model.source import Source
from aggregator.observe.log import get_log
from aggregator.parse.options import ParseHints
from aggregator.pipeline.parts import Parts
from aggregator.pipeline.read import read_body, reading_of
from aggregator.schedule.moves import poll_url
from aggregator.schedule.settle import HIJACKED, News, settle
from aggregator.schedule.websub import pushed

_log = get_log("poll")


@dataclass(frozen=True, slots=True)
class _Taken:
    """A body that could be read, and what of it is new."""

    parsed: ParsedFeed
    policy: KeyPolicy
    publisher: str  # in short
    identified: Identified


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll changes, and until when it says that the whole host is to be left alone."""

    change: FeedChange
    host_pause: datetime | None = None


async def poll_feed(parts: Parts, feed: Feed, deadline: float) -> Polled:
    """Ask one feed once and return all that this changes; `deadline` is in seconds from now.

    Whatever the publisher's server or body does ends in a change, never in an exception.
    """
    source = parts.orders.source(feed.source)
    now = parts.clock.now()
    looked_at = parts.first_looks.take(feed.url, now) if feed.last_poll_at is None else None
    outcome: Outcome = looked_at or await parts.client.fetch(
        FetchRequest(
            url=poll_url(feed, now),
            validators=feed.validators,
            headers=source.headers,
            deadline=deadline,
        ),
        now,
    )
    outcome = parts.network.judge(feed.host, outcome)
    if not isinstance(outcome, Fetched):
        return _settled(parts, feed, outcome, None, now)
    body_hash = digest63(outcome.body)
    if body_hash == feed.body_hash:
        return _settled(parts, feed, outcome, None, now)
    taken = await _take(parts, feed, source, outcome, now)
    if isinstance(taken, FetchFailed):
        return _settled(parts, feed, taken, None, now)
    return _settled(parts, feed, outcome, taken, now, body_hash)


async def _take(
    parts: Parts, feed: Feed, source: Source, outcome: Fetched, now: datetime
) -> _Taken | FetchFailed:
    """Parse a body in the sandbox and decide what is new in it, from facts of the store."""
    hints = ParseHints(
        url=outcome.url,
        content_type=outcome.content_type,
        charset=outcome.charset,
        timezone=source.timezone,
        language=source.language,
        now=now,
    )
    try:
        parsed, keyed, publisher = await parts.sandbox.run(
            read_body, outcome.body, hints, reading_of(feed, source)
        )
    except (DocumentError, SandboxError) as error:
        return _unreadable(outcome, error)
    known, by_url = await parts.store.known_document(
        feed.id, {entry.id: entry.canonical_url for entry in keyed.entries}
    )
    if not (known or parsed.hashes & feed.entry_hashes or continuity(feed.signature, publisher)):
        return FetchFailed(
            url=outcome.url,
            severity=Severity.HARD,
            kind=HIJACKED,
            message="another publisher's feed answers here: its links, language, authors and ids all changed at once",
            seconds=outcome.seconds,
        )
    first = feed.last_success_at is None
    identified = decide(keyed, parsed, known, by_url, feed, source, now, now, first)
    return _Taken(parsed, keyed.policy, publisher, identified)


async def push_feed(
    parts: Parts, feed: Feed, body: bytes, content_type: str | None
) -> FeedChange | None:
    """Return what a document that a hub delivered changes; None where it cannot be read.

    It need not be the whole document (hubs send new entries alone), so that what is remembered of
    the last whole one stays: validators, body and entry hashes, window.
    """
    now = parts.clock.now()
    delivered = Fetched(
        url=feed.validators.url or feed.url,
        body=body,
        content_type=content_type,
        received=len(body),
    )
    taken = await _take(parts, feed, parts.orders.source(feed.source), delivered, now)
    if isinstance(taken, FetchFailed):
        _log.warning("delivery not taken up", feed=feed.url, why=taken.message)
        return None
    identified, news = taken.identified, _news(taken, feed)
    record = PollRecord(
        feed=feed.id,
        at=now,
        outcome="pushed",
        new=news.new,
        updated=news.updated,
        received=len(body),
        message="its hub delivered this",
    )
    parts.metrics.polls.labels(record.outcome).inc()
    parts.metrics.received.inc(record.received)
    return FeedChange(
        feed=replace(pushed(feed, news, now), key_policy=taken.policy),
        entries=identified.changes,
        touched=identified.touched,
        record=record,
    )


def _unreadable(outcome: Fetched, error: DocumentError | SandboxError) -> FetchFailed:
    if isinstance(error, SandboxError):
        kind, severity = f"parse_{error.kind}", Severity.SOFT
    else:
        kind = "unsafe_document" if isinstance(error, UnsafeDocument) else "not_a_feed"
        severity = Severity.SOFT  # a login page or an outage page passes; the next poll tells
    return FetchFailed(
        url=outcome.url,
        severity=severity,
        kind=kind,
        message=str(error),
        status=200,
        freshness=outcome.freshness,
        seconds=outcome.seconds,
    )


def _settled(
    parts: Parts,
    feed: Feed,
    outcome: Outcome,
    taken: _Taken | None,
    now: datetime,
    body_hash: int | None = None,
) -> Polled:
    """Return the change that a poll makes: the feed's next times, its entries, a line of history."""
    news = None if taken is None else _news(taken, feed)
    settled, plan = settle(feed, outcome, news, parts.orders.cadence, now)
    new = updated = 0
    changes: tuple[EntryChange, ...] = ()
    touched: tuple[EntryId, ...] = ()
    if taken is not None:
        changes, touched = taken.identified.changes, taken.identified.touched
        updated = sum(change.changed for change in changes)
        new = len(changes) - updated
        settled = replace(
            settled,
            body_hash=body_hash,
            entry_hashes=taken.parsed.hashes - taken.identified.deferred,
            key_policy=taken.policy,
        )
    record = PollRecord(
        feed=feed.id,
        at=now,
        outcome=_word(outcome),
        new=new,
        updated=updated,
        received=outcome.received if isinstance(outcome, Fetched) else 0,
        seconds=outcome.seconds,
        message=outcome.message if isinstance(outcome, FetchFailed) else plan.reason + _left(taken),
    )
    parts.metrics.polls.labels(
        "failed" if isinstance(outcome, FetchFailed) else record.outcome
    ).inc()
    parts.metrics.received.inc(record.received)
    return Polled(
        FeedChange(feed=settled, entries=changes, touched=touched, record=record),
        host_pause=plan.not_before if outcome.freshness.whole_host else None,
    )


def _left(taken: _Taken | None) -> str:
    """Return in words how many entries of a document were beyond what is taken at once (A16)."""
    left = taken.parsed.dropped if taken is not None else 0
    return f"; {left} more entries in its document were left out" if left else ""


def _word(outcome: Outcome) -> str:
    match outcome:
        case Fetched():
            return "fetched"
        case NotModified():
            return "not_modified"
        case FetchFailed():
            return outcome.kind


def _news(taken: _Taken, feed: Feed) -> News:
    """Return what a readable body says of the feed and its pace.

    Later than in a feed's first document, an entry with an old date has come into the feed just now;
    in the first one, old dates alone tell of a feed that has fallen silent.
    """
    parsed, identified = taken.parsed, taken.identified
    trusted = timedelta.max if feed.last_success_at is None else _TRUSTED
    fresh = [change.entry for change in identified.changes if not change.changed]
    return News(
        new=len(fresh),
        updated=len(identified.changes) - len(fresh),
        known=parsed.total - parsed.dropped - len(fresh),
        total=parsed.total,
        arrived=tuple(_arrived(entry, trusted) for entry in fresh),
        hints=parsed.hints,
        title=parsed.title,
        homepage=parsed.homepage,
        language=parsed.language,
        signature=taken.publisher,
    )


def _arrived(entry: Entry, trusted: timedelta) -> datetime:
    """Return when an entry came into its feed: by its own date where that is not too old to tell."""
    date, now = entry.published, entry.first_seen_at
    return date if date is not None and date <= now and now - date <= trusted else now


_TRUSTED: Final = timedelta(days=2)
