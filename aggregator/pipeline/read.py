"""Reading a body: what is run in the sandbox, as one pure function from bytes to keyed entries.

The daemon knows it by name alone: the parsers take 4 MB, and only workers run them.
"""

from dataclasses import dataclass
from typing import Final

from aggregator.identify.keys import Keyed, key_entries
from aggregator.identify.signature import signature
from aggregator.model.entry import ParsedFeed
from aggregator.model.feed import Feed, KeyPolicy
from aggregator.model.identifiers import EntryHash, FeedUrl
from aggregator.model.source import Source
from aggregator.parse.options import ParseHints

LOADED_LATER: Final = ("aggregator.parse.document",)  # by the nursery, once for all workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a worker that reads strangers' bytes needs to know of their feed, and no more.

    A whole feed with its source takes 0.25 ms to go there; and its headers may be secret.
    """

    url: FeedUrl
    known: frozenset[EntryHash]
    key_policy: KeyPolicy
    signature: str | None
    keep_query: tuple[str, ...]


def reading_of(feed: Feed, source: Source) -> Reading:
    """Return what to tell a worker of a feed."""
    return Reading(
        url=feed.url,
        known=feed.entry_hashes,
        key_policy=feed.key_policy,
        signature=feed.signature,
        keep_query=source.keep_query,
    )


def read_body(body: bytes, hints: ParseHints, feed: Reading) -> tuple[ParsedFeed, Keyed, str]:
    """Parse a body, key its entries, and say in short who publishes there; known entries are left out.

    Raises:
        DocumentError: it is no feed, or not safe to read.
    """
    from aggregator.parse.document import parse

    parsed = parse(body, hints, feed.known)
    keyed = key_entries(parsed, feed.url, feed.key_policy, feed.keep_query)
    return parsed, keyed, signature(parsed, feed.signature)
