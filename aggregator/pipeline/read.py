"""Reading a body: what is run in the sandbox, as one pure function from bytes to keyed entries."""

from aggregator.identify.keys import Keyed, key_entries
from aggregator.identify.signature import signature
from aggregator.model.entry import ParsedFeed
from aggregator.model.feed import Feed
from aggregator.model.source import Source
from aggregator.parse.document import ParseHints, parse


def read_body(
    body: bytes, hints: ParseHints, feed: Feed, source: Source
) -> tuple[ParsedFeed, Keyed, str]:
    """Parse a body, key its entries, and say in short who publishes there; known entries are left out.

    Raises:
        DocumentError: it is no feed, or not safe to read.
    """
    parsed = parse(body, hints, feed.entry_hashes)
    return parsed, key_entries(parsed, feed, source), signature(parsed, feed)
