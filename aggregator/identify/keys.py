"""What makes an entry the same next time: its id, its link, its link and title, or its text.

Each feed has a policy, the best of these that its documents do not contradict. Ids that are blank or
shared by different entries degrade it; it is remembered with the feed and never upgraded, since keys
that change back would make every entry new once more. The idea is FreshRSS's.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

from aggregator.identify.canonical_url import canonical_url, identifies
from aggregator.identify.fingerprint import fingerprint
from aggregator.model.entry import ParsedEntry, ParsedFeed
from aggregator.model.feed import Feed, KeyPolicy
from aggregator.model.identifiers import (
    CanonicalUrl,
    EntryId,
    EntryKey,
    FeedUrl,
    Fingerprint,
    entry_id,
)
from aggregator.text.normalise import fold

_LADDER: Final = tuple(KeyPolicy)  # best first
_NOISE: Final = 0.05  # of a document's entries; more, and the policy degrades
_LONGEST_KEY: Final = 200  # characters; longer ids are hashed (reliability A45: ids of 1 MB)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedEntry:
    """An entry of a document with its identity."""

    id: EntryId
    key: EntryKey
    canonical_url: CanonicalUrl | None
    fingerprint: Fingerprint
    parsed: ParsedEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """A document's entries, each id once, and the policy that gave them their keys."""

    entries: tuple[KeyedEntry, ...]
    policy: KeyPolicy


@dataclass(frozen=True, slots=True)
class _Draft:
    """An entry before its key is chosen."""

    parsed: ParsedEntry
    url: CanonicalUrl | None
    fingerprint: Fingerprint
    title: str  # folded

    def value(self, policy: KeyPolicy) -> str | None:
        """Return what this policy would key the entry by; None where it has nothing to say."""
        match policy:
            case KeyPolicy.ID:
                return _same_id(self.parsed.guid) if self.parsed.guid else None
            case KeyPolicy.LINK:
                return self.url if identifies(self.url) else None
            case KeyPolicy.LINK_TITLE:
                return self._link_title() if self.title else None
            case _:
                return format(self.fingerprint, "x")

    def _link_title(self) -> str:
        """Return link and title; without a link the date tells equal titles apart (A39)."""
        dated = self.parsed.published
        return f"{self.url or (dated.isoformat() if dated else '')} {self.title}"


def is_import(feed: FeedUrl) -> bool:
    """Tell whether a feed stands for imported lines: there a guid is the operator's word."""
    return feed.startswith("import:")


def key_entries(
    parsed: ParsedFeed, feed: FeedUrl, policy: KeyPolicy, keep_query: tuple[str, ...] = ()
) -> Keyed:
    """Give each entry of a document its key and id; of two with one id the last is kept (A40).

    Args:
        parsed: the document.
        feed: where it is from.
        policy: of the feed so far.
        keep_query: query parameters that are identity, beyond the usual ones.
    """
    drafts = [
        _Draft(
            entry,
            canonical_url(entry.url or "", keep_query),
            fingerprint(entry),
            fold(entry.title),
        )
        for entry in parsed.entries
    ]
    if is_import(feed):
        keys = [_import_key(draft) for draft in drafts]
        return Keyed(entries=_unique(drafts, keys, feed), policy=policy)
    shared = _Shared(drafts)
    policy = _degraded(policy, drafts, shared, parsed.total)
    keys = [_key(draft, policy, shared) for draft in drafts]
    return Keyed(entries=_unique(drafts, keys, feed), policy=policy)


def keyed_apart(entry: KeyedEntry, feed: Feed) -> KeyedEntry:
    """Key an entry by link and title, since another entry of the document holds its key."""
    draft = _Draft(entry.parsed, entry.canonical_url, entry.fingerprint, fold(entry.parsed.title))
    key = _key(draft, KeyPolicy.LINK_TITLE, {policy: frozenset() for policy in _LADDER})
    return replace(entry, key=key, id=entry_id(feed.url, key))


def _degraded(
    policy: KeyPolicy,
    drafts: Sequence[_Draft],
    shared: Mapping[KeyPolicy, frozenset[str]],
    total: int,
) -> KeyPolicy:
    """Return the first policy, from the remembered one down, that the document does not contradict."""
    for candidate in _LADDER[_LADDER.index(policy) : -1]:
        values = [draft.value(candidate) for draft in drafts]
        noisy = sum(value is None or value in shared[candidate] for value in values)
        # One odd entry is keyed by the next best thing; it takes two to speak against a policy.
        if noisy < 2 or noisy <= _NOISE * max(total, len(drafts)):
            return candidate
    return _LADDER[-1]


class _Shared(dict[KeyPolicy, frozenset[str]]):
    """The values of a policy that stand for more than one entry of the document, found when asked for."""

    def __init__(self, drafts: Sequence[_Draft]) -> None:
        super().__init__()
        self._drafts = drafts

    def __missing__(self, policy: KeyPolicy) -> frozenset[str]:
        holders: dict[str, list[_Draft]] = defaultdict(list)
        for draft in self._drafts:
            if (value := draft.value(policy)) is not None:
                holders[value].append(draft)
        self[policy] = shared = frozenset(
            value for value, group in holders.items() if len(group) > 1 and _differ(group, policy)
        )
        return shared


def _differ(group: Sequence[_Draft], policy: KeyPolicy) -> bool:
    """Tell whether entries with one value are different entries, not one that is listed again."""
    titles = {draft.title for draft in group}
    texts = {draft.fingerprint for draft in group}
    if policy is KeyPolicy.LINK_TITLE:
        return len(texts) > 1
    # Two texts under one id and one link are an edit (A40); three are a habit.
    links = {draft.url for draft in group}
    return len(texts) > 2 or (len(titles) > 1 and (policy is KeyPolicy.LINK or len(links) > 1))


def _key(draft: _Draft, policy: KeyPolicy, shared: Mapping[KeyPolicy, frozenset[str]]) -> EntryKey:
    """Return an entry's key: by the policy, or by the next best thing where that fails for it."""
    return next(
        _named(candidate.value, value)
        for candidate in _LADDER[_LADDER.index(policy) :]  # the last one always has a value
        if (value := draft.value(candidate)) is not None and value not in shared[candidate]
    )


def _import_key(draft: _Draft) -> EntryKey:
    """Return the key of an imported line: its guid as it stands, else its URL as it stands."""
    if draft.parsed.guid:
        return _named(KeyPolicy.ID.value, draft.parsed.guid)
    return _named(KeyPolicy.LINK.value, draft.parsed.url or format(draft.fingerprint, "x"))


def _unique(
    drafts: Sequence[_Draft], keys: Sequence[EntryKey], feed: FeedUrl
) -> tuple[KeyedEntry, ...]:
    """Return the entries, each key once: the last one that has it, at the first one's place."""
    by_key = {
        key: KeyedEntry(
            id=entry_id(feed, key),
            key=key,
            canonical_url=draft.url,
            fingerprint=draft.fingerprint,
            parsed=draft.parsed,
        )
        for draft, key in zip(drafts, keys, strict=True)
    }
    return tuple(by_key.values())


def _same_id(guid: str) -> str | None:
    """Return an id with spaces single and http as https: publishers change those by themselves."""
    spaced = " ".join(guid.split())
    scheme, separator, rest = spaced.partition("://")
    if separator and scheme.lower() in ("http", "https"):
        host, slash, path = rest.partition("/")
        return f"https://{host.lower()}{slash}{path}"
    return spaced or None


def _named(kind: str, value: str) -> EntryKey:
    """Return a key that says what it was made of, hashed where it is long."""
    if len(value) > _LONGEST_KEY:
        digest = blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return EntryKey(f"{kind}#{digest}")
    return EntryKey(f"{kind}:{value}")
