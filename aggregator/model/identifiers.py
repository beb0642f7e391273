"""Names for things, each with a type of its own, so that no raw string passes for another.

A URL on its way through the house: `str` (as a publisher wrote it) -> `CanonicalUrl`
(comparable, by `identify/canonical_url.py`). A `FeedUrl` is written by the operator.
"""

import hashlib
import uuid
from base64 import b32encode
from typing import Final, NewType

SourceId = NewType("SourceId", str)  # slug chosen by the operator, stable
FeedId = NewType("FeedId", int)  # row of a feed in the store
FeedUrl = NewType("FeedUrl", str)  # as the operator wrote it
HostKey = NewType("HostKey", str)  # whom we are polite to: one request at a time per key
CanonicalUrl = NewType("CanonicalUrl", str)  # without tracking, fragment, needless port: comparable
EntryKey = NewType("EntryKey", str)  # what makes an entry the same next time, inside its feed
EntryId = NewType("EntryId", str)  # one entry, everywhere: export, addresses, commands
StoryId = NewType("StoryId", str)  # a UUID in text form
TopicId = NewType("TopicId", str)
OutputId = NewType("OutputId", str)
SubscriptionId = NewType("SubscriptionId", str)  # of a hub's callback address: cannot be guessed
EntryHash = NewType("EntryHash", int)  # 63 bits over an entry's own bytes in its document
Fingerprint = NewType("Fingerprint", int)  # 63 bits over what a reader sees of an entry

_STORIES: Final = uuid.UUID("5f1f8d2c-6c0e-5d39-9a55-6d0d6f7a3b10")  # name space of story ids


def digest63(data: bytes) -> int:
    """Return 63 bits of BLAKE2b over `data`: small, fits a signed column, no collision in practice.

    At 10 million values the chance of any collision is about 5 in a million.
    """
    return end63(begin63(data))


def begin63(data: bytes) -> hashlib.blake2b:
    """Return the digest as it stands after `data`: to copy, and go on from, where much begins alike."""
    return hashlib.blake2b(data, digest_size=8)


def end63(digest: hashlib.blake2b) -> int:
    """Return the 63 bits of a digest that `begin63` began."""
    return int.from_bytes(digest.digest(), "big") >> 1


def entry_id(feed: FeedUrl, key: EntryKey) -> EntryId:
    """Return the id of an entry: 13 letters and digits, the same on every machine and run.

    Identity is the pair of feed and key, so that no feed can overwrite another's entry (RFC 4287 8.4).
    """
    raw = hashlib.blake2b(f"{feed}\n{key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return EntryId(b32encode(raw).decode().rstrip("=").lower())


def story_id(first: EntryId) -> StoryId:
    """Return the id of the story that `first` opened: the same stream gives the same ids."""
    # What uuid.uuid5 gives in a third of its time: grouping an entry asks for several.
    named = hashlib.sha1(_STORIES.bytes + first.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(named[16], 16) & 3]
    return StoryId(
        f"{named[:8]}-{named[8:12]}-5{named[13:16]}-{variant}{named[17:20]}-{named[20:32]}"
    )
