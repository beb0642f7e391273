"""How much one document may say altogether: ten MiB of a body can become fifty in memory.

Python keeps a text with one emoji in four bytes a character, and beside any text that is not ASCII
the UTF-8 that the database asks of it.
"""

import sys
from dataclasses import replace

from aggregator.model.entry import ParsedEntry, ParsedFeed


def within_budget(feed: ParsedFeed, budget: int) -> ParsedFeed:
    """Return a document whose entries take no more than `budget` bytes of memory.

    Headlines, summaries and dates of all entries come first; the entries that do not fit even so
    are left for a later poll. What room is left goes to the rest of each, in the document's order.
    """
    if sum(_size(entry) for entry in feed.entries) <= budget:
        return feed
    bare = []
    for entry in map(_bare, feed.entries):
        if _size(entry) > budget:
            break
        budget -= _size(entry)
        bare.append(entry)
    left = feed.entries[len(bare) :]
    entries = []
    for entry, reduced in zip(feed.entries, bare, strict=False):
        more = _size(entry) - _size(reduced)
        entries.append(entry if more <= budget else reduced)
        budget -= more if more <= budget else 0
    return replace(
        feed,
        entries=tuple(entries),
        hashes=feed.hashes - {entry.hash for entry in left},
        dropped=feed.dropped + len(left),
    )


def _bare(entry: ParsedEntry) -> ParsedEntry:
    return replace(entry, content="", categories=(), image=None, enclosures=())


def _size(entry: ParsedEntry) -> int:
    texts = (
        entry.guid,
        entry.url,
        entry.title,
        entry.summary,
        entry.content,
        entry.author,
        entry.image,
    )
    files = (text for file in entry.enclosures for text in (file.url, file.type))
    return sum(_memory(text) for text in (*texts, *entry.categories, *files) if text)


def _memory(text: str) -> int:
    return sys.getsizeof(text) + (0 if text.isascii() else 3 * len(text))
