"""Which entries of a document are new, which changed, which are as they were. The date never decides."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from aggregator.identify.canonical_url import identifies
from aggregator.identify.keys import Keyed, KeyedEntry, is_import, keyed_apart
from aggregator.model.change import EntryChange
from aggregator.model.entry import Entry, KnownEntry, ParsedFeed
from aggregator.model.feed import Feed
from aggregator.model.identifiers import CanonicalUrl, EntryHash, EntryId
from aggregator.model.source import Source
from aggregator.text.script import language_of

# An entry may change this often at once (速報, second report, correction ...), then once a day: one
# that flips at every fetch would fill the revisions and be understood again for ever (A42).
_FREE_REVISIONS: Final = 6
_TWO_LETTERS: Final = re.compile(r"([a-z]{2})(?:[-_]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """What a document brought.

    `deferred` are hashes of entries that changed more often than once a day: their newest text waits.
    Left out of the feed's known hashes, it is read again with the next document and is kept when due.
    """

    changes: tuple[EntryChange, ...]
    touched: tuple[EntryId, ...]
    known: int  # entries of the document that are stored already, those that parse skipped included
    deferred: frozenset[EntryHash] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """All that is known when one entry is looked at."""

    document: ParsedFeed
    known: Mapping[EntryId, KnownEntry]
    by_url: Mapping[CanonicalUrl, tuple[KnownEntry, ...]]
    carriers: Mapping[CanonicalUrl | None, int]  # how many entries of the document have a URL
    claimed: frozenset[EntryId]  # known entries that the document names by their own ids
    repairs: bool

    def identity(self, entry: KeyedEntry, feed: Feed) -> tuple[KeyedEntry, KnownEntry | None]:
        """Return the entry under the id it is to have, and what is stored of it."""
        stored = self.known.get(entry.id)
        if stored is None:
            return entry, self._under_another_id(entry)
        if self._in_document(stored, entry) and stored.fingerprint != entry.fingerprint:
            # The stored one still stands beside it, unchanged: two entries with one id, no edit.
            apart = keyed_apart(entry, feed)
            same_url = self.by_url.get(entry.canonical_url, ()) if entry.canonical_url else ()
            return apart, next((one for one in same_url if one.id == apart.id), None)
        return entry, stored

    def _under_another_id(self, entry: KeyedEntry) -> KnownEntry | None:
        """Return the one stored entry with this URL that has left the document (A43: unstable ids)."""
        url = entry.canonical_url
        if not (self.repairs and url and identifies(url) and self.carriers[url] == 1):
            return None
        candidates = [
            one
            for one in self.by_url.get(url, ())
            if one.id not in self.claimed and not self._in_document(one, entry)
        ]
        if len(candidates) > 1:
            candidates = [one for one in candidates if one.fingerprint == entry.fingerprint]
        return candidates[0] if len(candidates) == 1 else None

    def _in_document(self, stored: KnownEntry, entry: KeyedEntry) -> bool:
        """Tell whether a stored entry stands in the document besides `entry`."""
        return stored.hash != entry.parsed.hash and stored.hash in self.document.hashes


def decide(
    keyed: Keyed,
    parsed: ParsedFeed,
    known: Mapping[EntryId, KnownEntry],
    by_url: Mapping[CanonicalUrl, tuple[KnownEntry, ...]],
    feed: Feed,
    source: Source,
    now: datetime,
    stored_at: datetime,
    first_poll: bool,
) -> Identified:
    """Tell new, changed and unchanged entries of one document apart.

    An entry whose id is unknown but whose canonical URL belongs to exactly one stored entry of this
    feed that has left the document is that entry under a new id, and keeps its old one. Imported
    lines with different guids are always different entries.

    Args:
        keyed: The document's entries with their keys.
        parsed: The document.
        known: What is stored of these ids.
        by_url: What is stored of this feed under these entries' canonical URLs.
        feed: The feed before this poll.
        source: Its source.
        now: When this document was seen: the `first_seen_at` of new entries.
        stored_at: The real clock; of a changed entry the store keeps the first one.
        first_poll: Whether this is the source's first document.
    """
    facts = _Facts(
        document=parsed,
        known=known,
        by_url=by_url,
        carriers=Counter(entry.canonical_url for entry in keyed.entries),
        claimed=frozenset(entry.id for entry in keyed.entries if entry.id in known),
        repairs=not is_import(feed.url),
    )
    changes: list[EntryChange] = []
    touched: list[EntryId] = []
    deferred: set[EntryHash] = set()
    seen: set[EntryId] = set()
    for candidate in keyed.entries:
        entry, stored = facts.identity(candidate, feed)
        identity = stored.id if stored else entry.id
        if identity in seen:
            continue
        seen.add(identity)
        if stored is None:
            changes.append(
                EntryChange(entry=_new(entry, parsed, feed, source, now, stored_at, first_poll))
            )
        elif stored.fingerprint == entry.fingerprint:
            touched.append(stored.id)
        elif _may_change(stored, now):
            fresh = _new(entry, parsed, feed, source, now, stored_at, first_poll)
            changes.append(EntryChange(entry=_again(fresh, stored), changed=True))
        else:
            touched.append(stored.id)
            deferred.add(entry.parsed.hash)
    skipped = len(parsed.hashes - {entry.hash for entry in parsed.entries})
    new = sum(not change.changed for change in changes)
    return Identified(
        changes=tuple(changes),
        touched=tuple(touched),
        known=skipped + len(seen) - new,
        deferred=frozenset(deferred),
    )


def _may_change(stored: KnownEntry, now: datetime) -> bool:
    """Tell whether another revision is due: the free ones, then one for each day of its life."""
    life = max(now - stored.first_seen_at, timedelta())
    return stored.revision < _FREE_REVISIONS + life.days


def _again(fresh: Entry, stored: KnownEntry) -> Entry:
    """Return an entry's newest text as a revision of the stored one."""
    return replace(
        fresh,
        id=stored.id,
        revision=stored.revision + 1,
        first_seen_at=stored.first_seen_at,
    )


def _new(
    entry: KeyedEntry,
    document: ParsedFeed,
    feed: Feed,
    source: Source,
    now: datetime,
    stored_at: datetime,
    first_poll: bool,
) -> Entry:
    """Return an entry as we keep it, seen for the first time."""
    parsed = entry.parsed
    return Entry(
        id=entry.id,
        feed=feed.id,
        source=source.id,
        key=entry.key,
        guid=parsed.guid,
        url=parsed.url,
        canonical_url=entry.canonical_url,
        title=parsed.title,
        summary=parsed.summary,
        content=parsed.content,
        author=parsed.author,
        published=parsed.published,
        updated=parsed.updated,
        language=_language(entry, document, source),
        categories=parsed.categories,
        image=parsed.image,
        enclosures=parsed.enclosures,
        hash=parsed.hash,
        fingerprint=entry.fingerprint,
        first_seen_at=now,
        stored_at=stored_at,
        first_poll=first_poll,
    )


def _language(entry: KeyedEntry, document: ParsedFeed, source: Source) -> str | None:
    """Return the entry's language: its own word, the operator's, the document's, else its script's.

    A document's "en" is not believed against another script: blog software writes it by default.
    """
    for declared in (entry.parsed.language, source.language):
        if language := _two_letters(declared):
            return language
    of_document = _two_letters(document.language)
    if of_document is not None and of_document != "en":
        return of_document
    return language_of(f"{entry.parsed.title} {entry.parsed.summary}") or of_document


def _two_letters(tag: str | None) -> str | None:
    """Return the language of a tag such as ja-JP; None where it names none in two letters."""
    match = _TWO_LETTERS.match(tag or "")
    return match[1].lower() if match else None
