"""Between rows and values: what each column holds of a model's field."""

from array import array
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from aggregator.model.digest import Edition
from aggregator.model.entry import Enclosure, Entry
from aggregator.model.feed import (
    ArrivalHistory,
    Feed,
    FeedHints,
    FeedStanding,
    KeyPolicy,
    Validators,
)
from aggregator.model.identifiers import (
    CanonicalUrl,
    EntryHash,
    EntryId,
    EntryKey,
    StoryId,
    digest63,
)
from aggregator.model.output import Publication
from aggregator.model.source import FeedKind
from aggregator.model.story import Decision, Placement
from aggregator.model.topic import TopicMatch
from aggregator.model.websub import Subscription
from aggregator.store.codec import Codec, microseconds, moment

DECISION: Final = Codec(Decision, remember=256)
TOPICS: Final = Codec(tuple[TopicMatch, ...])
TOPIC: Final = Codec(TopicMatch)
RELATED: Final = Codec(tuple[StoryId, ...])
PUBLICATION: Final = Codec(Publication)
EDITION: Final = Codec(Edition)
SUBSCRIPTION: Final = Codec(Subscription)
_ENTRY: Final = Codec(Entry)
_TEXTS: Final = Codec(tuple[str, ...], remember=2048)
_ENCLOSURES: Final = Codec(tuple[Enclosure, ...])
_HINTS: Final = Codec(FeedHints)
_ARRIVALS: Final = Codec(ArrivalHistory)
_MICROSECOND: Final = timedelta(microseconds=1)
_NO_HINTS: Final = FeedHints()
_NO_ARRIVALS: Final = ArrivalHistory()

Row = tuple[Any, ...]


def as_int(at: datetime | None) -> int | None:
    """Return a time as its column holds it."""
    return None if at is None else microseconds(at)


def as_time(count: int | None) -> datetime | None:
    """Return the time that a column holds."""
    return None if count is None else moment(count)


# -- texts that repeat each other: a guid is often the link, a key the guid ---------------------------

_WHOLE: Final = "\x1f"  # stands for the whole of the other text
_SLICE: Final = "\x1e"  # FROM:TO of the other text follows
_PLAIN: Final = "\x1d"  # what follows is meant literally
_SCHEME: Final = (
    "\x1c"  # FROM:TO:HEAD, the head and that slice: ids and keys have https where links had http
)


def shorten(text: str | None, other: str | None) -> str | None:
    """Return `text` with what it shares with `other` left to it; `restore` gives it back."""
    if text is None:
        return None
    if _WHOLE in text or text[:1] in (_SLICE, _PLAIN, _SCHEME):
        return _PLAIN + text
    if not other or len(text) < 8:
        return text
    if text.endswith(other):
        return text[: -len(other)] + _WHOLE
    if text.startswith(other):
        return _WHOLE + text[len(other) :]
    if (at := other.find(text)) >= 0:
        return f"{_SLICE}{at}:{at + len(text)}"
    head, mark, rest = text.partition("://")
    if mark and rest and (at := other.find(mark + rest)) >= 0:
        return f"{_SCHEME}{at}:{at + len(mark + rest)}:{head}"
    return text


def restore(short: str | None, other: str | None) -> str | None:
    """Return the text that was shortened against `other`."""
    if short is None or short == _WHOLE:
        return short and other
    if short[:1] == _PLAIN:
        return short[1:]
    if short[:1] == _SLICE:
        start, end = short[1:].split(":")
        return (other or "")[int(start) : int(end)]
    if short[:1] == _SCHEME:
        start, end, head = short[1:].split(":", 2)
        return head + (other or "")[int(start) : int(end)]
    return short.replace(_WHOLE, other or "") if _WHOLE in short else short


def url_hash(url: str | None) -> int | None:
    """Return what stands for a canonical URL in its index."""
    return None if url is None else digest63(url.encode("utf-8", "replace"))


# -- entries ------------------------------------------------------------------------------------------

INSERT_ENTRY: Final = """
INSERT INTO entries (
  revision, hash, fingerprint, url_hash, published, updated, language, title, url, guid,
  canonical_url, key, author, categories, image, enclosures, summary, content,
  serial, id, feed, first_poll, first_seen_at, stored_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

UPDATE_ENTRY: Final = """
UPDATE entries SET
  revision = ?, hash = ?, fingerprint = ?, url_hash = ?, published = ?, updated = ?, language = ?,
  title = ?, url = ?, guid = ?, canonical_url = ?, key = ?, author = ?, categories = ?, image = ?,
  enclosures = ?, summary = ?, content = ?
WHERE serial = ?
"""


def storable(entry: Entry) -> Entry:
    """Return the entry with lone surrogates replaced: JSON can spell them, UTF-8 cannot."""
    texts = (
        entry.key,
        entry.guid,
        entry.url,
        entry.title,
        entry.summary,
        entry.content,
        entry.author,
    )
    try:
        "".join([text for text in (*texts, *entry.categories) if text]).encode()
    except UnicodeEncodeError:
        whole = _ENTRY.dump(entry).encode("utf-8", "replace").decode()
        return _ENTRY.load(whole)
    return entry


def entry_text(entry: Entry) -> Row:
    """Return the columns of an entry that may change, in the order of `UPDATE_ENTRY`."""
    return (
        entry.revision,
        entry.hash,
        entry.fingerprint,
        url_hash(entry.canonical_url),
        as_int(entry.published),
        as_int(entry.updated),
        entry.language,
        entry.title,
        entry.url,
        shorten(entry.guid, entry.url),
        shorten(entry.canonical_url, entry.url),
        shorten(entry.key, entry.guid or entry.canonical_url),
        entry.author,
        _TEXTS.dump(entry.categories) if entry.categories else None,
        entry.image,
        _ENCLOSURES.dump(entry.enclosures) if entry.enclosures else None,
        entry.summary or None,
        entry.content or None,
    )


def entry_identity(serial: int, entry: Entry) -> Row:
    """Return the columns of an entry that never change, which `INSERT_ENTRY` wants last."""
    return (
        serial,
        entry.id,
        entry.feed,
        entry.first_poll,
        microseconds(entry.first_seen_at),
        microseconds(entry.stored_at),
    )


def entry_from_row(row: Sequence[Any]) -> Entry:
    """Return the entry of a row of the view `filed`, its columns from `id` to `content`."""
    (
        id_, feed, source, withdrawn, first_poll, revision, hash_, fingerprint, first_seen_at,
        stored_at, published, updated, language, title, url, guid, canonical_url, key, author,
        categories, image, enclosures, summary, content,
    ) = row  # fmt: skip
    guid = restore(guid, url)
    canonical_url = restore(canonical_url, url)
    return Entry(
        id=id_,
        feed=feed,
        source=source,
        key=EntryKey(restore(key, guid or canonical_url) or ""),
        guid=guid,
        url=url,
        canonical_url=CanonicalUrl(canonical_url) if canonical_url is not None else None,
        title=title,
        summary=summary or "",
        content=content or "",
        author=author,
        published=as_time(published),
        updated=as_time(updated),
        language=language,
        categories=_TEXTS.load(categories) if categories else (),
        image=image,
        enclosures=_ENCLOSURES.load(enclosures) if enclosures else (),
        hash=hash_,
        fingerprint=fingerprint,
        first_seen_at=moment(first_seen_at),
        stored_at=moment(stored_at),
        first_poll=bool(first_poll),
        revision=revision,
        withdrawn=bool(withdrawn),
    )


def placement_from_row(entry: EntryId, row: Sequence[Any]) -> Placement | None:
    """Return the placement of a row of the view `filed`, its columns from `story` to `decision`."""
    story, copy_of, independent, credit, decision = row
    if story is None:
        return None
    return Placement(
        entry=entry,
        story=story,
        copy_of=copy_of,
        independent=bool(independent),
        credit=credit,
        decision=DECISION.load(decision),
    )


# -- feeds --------------------------------------------------------------------------------------------

INSERT_FEED: Final = """
INSERT INTO feeds (
  title, homepage, language, etag, last_modified, validated_url, body_hash, entry_hashes,
  key_policy, hints, arrivals, standing, failures, failure, failing_since, next_poll_at, not_before,
  last_poll_at, last_success_at, last_change_at, poll_seq, moved_to, moved_seen, moved_since,
  signature, first_seen_at, source, url, host, kind, every, enabled
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

UPDATE_FEED: Final = """
UPDATE feeds SET
  title = ?, homepage = ?, language = ?, etag = ?, last_modified = ?, validated_url = ?,
  body_hash = ?, entry_hashes = ?, key_policy = ?, hints = ?, arrivals = ?, standing = ?,
  failures = ?, failure = ?, failing_since = ?, next_poll_at = ?, not_before = ?, last_poll_at = ?,
  last_success_at = ?, last_change_at = ?, poll_seq = ?, moved_to = ?, moved_seen = ?,
  moved_since = ?, signature = ?, first_seen_at = ?
WHERE id = ?
"""

UPDATE_FEED_ORDERS: Final = """
UPDATE feeds SET source = ?, url = ?, host = ?, kind = ?, every = ?, enabled = ? WHERE id = ?
"""


def feed_memory(feed: Feed) -> Row:
    """Return the columns that polls write, in the order of `UPDATE_FEED`."""
    return (
        feed.title,
        feed.homepage,
        feed.language,
        _as_bytes(feed.validators.etag),
        _as_bytes(feed.validators.last_modified),
        feed.validators.url,
        feed.body_hash,
        array("q", sorted(feed.entry_hashes)).tobytes() if feed.entry_hashes else None,
        feed.key_policy.value,
        None if feed.hints == _NO_HINTS else _HINTS.dump(feed.hints),
        None if feed.arrivals == _NO_ARRIVALS else _ARRIVALS.dump(feed.arrivals),
        feed.standing.value,
        feed.failures,
        feed.failure,
        as_int(feed.failing_since),
        microseconds(feed.next_poll_at),
        as_int(feed.not_before),
        as_int(feed.last_poll_at),
        as_int(feed.last_success_at),
        as_int(feed.last_change_at),
        feed.poll_seq,
        feed.moved_to,
        feed.moved_seen,
        as_int(feed.moved_since),
        feed.signature,
        microseconds(feed.first_seen_at),
    )


def feed_orders(feed: Feed) -> Row:
    """Return the columns that the configuration decides, in the order of `UPDATE_FEED_ORDERS`."""
    every = None if feed.every is None else feed.every // _MICROSECOND
    return (feed.source, feed.url, feed.host, feed.kind.value, every, feed.enabled)


def feed_from_row(row: Sequence[Any]) -> Feed:
    """Return the feed of a row of the table `feeds`."""
    (
        id_, source, url, host, kind, every, enabled, title, homepage, language, etag, last_modified,
        validated_url, body_hash, entry_hashes, key_policy, hints, arrivals, standing, failures,
        failure, failing_since, next_poll_at, not_before, last_poll_at, last_success_at,
        last_change_at, poll_seq, moved_to, moved_seen, moved_since, signature, first_seen_at,
        pushed_since, pushed_until, *_,
    ) = row  # fmt: skip
    return Feed(
        id=id_,
        source=source,
        url=url,
        host=host,
        kind=FeedKind(kind),
        every=None if every is None else timedelta(microseconds=every),
        enabled=bool(enabled),
        title=title,
        homepage=homepage,
        language=language,
        validators=Validators(
            etag=_as_text(etag), last_modified=_as_text(last_modified), url=validated_url
        ),
        body_hash=body_hash,
        entry_hashes=_hashes(entry_hashes),
        key_policy=KeyPolicy(key_policy),
        hints=_HINTS.load(hints) if hints else _NO_HINTS,
        arrivals=_ARRIVALS.load(arrivals) if arrivals else _NO_ARRIVALS,
        standing=FeedStanding(standing),
        failures=failures,
        failure=failure,
        failing_since=as_time(failing_since),
        next_poll_at=moment(next_poll_at),
        not_before=as_time(not_before),
        last_poll_at=as_time(last_poll_at),
        last_success_at=as_time(last_success_at),
        last_change_at=as_time(last_change_at),
        poll_seq=poll_seq,
        moved_to=moved_to,
        moved_seen=moved_seen,
        moved_since=as_time(moved_since),
        signature=signature,
        first_seen_at=moment(first_seen_at),
        pushed_since=as_time(pushed_since),
        pushed_until=as_time(pushed_until),
    )


def _hashes(packed: bytes | None) -> frozenset[EntryHash]:
    numbers: Iterable[Any] = array("q", packed or b"")
    return frozenset(numbers)


def _as_bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogatepass")


def _as_text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("utf-8", "surrogatepass")
