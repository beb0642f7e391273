"""Documents with fewer entries than they came with."""

import re
from itertools import pairwise

from aggregator.parse.dates import parse_date
from aggregator.parse.scan import Declaration, EntrySource, raw_date


def newest(
    document: bytes, entries: list[EntrySource], limit: int, zone: str | None
) -> list[EntrySource]:
    """Return the newest entries in their order; without dates the first ones."""
    if len(entries) <= limit:
        return entries
    dates = {id(entry): parse_date(raw_date(document, entry), zone) for entry in entries}

    def age(entry: EntrySource) -> float:
        date = dates[id(entry)]
        return -date.timestamp() if date else 0.0

    chosen = {id(entry) for entry in sorted(entries, key=age)[:limit]}
    return [entry for entry in entries if id(entry) in chosen]


def prune(
    document: bytes, entries: list[EntrySource], wanted: set[int]
) -> tuple[list[bytes], list[EntrySource | None]]:
    """Return the document in pieces without unwanted entries, and what each entry left in it is.

    An unwanted entry that declares namespaces leaves an empty one behind that declares the same:
    feedparser takes its idea of the format from them, and remembers prefixes to the end.
    """
    pieces: list[bytes] = []
    expected: list[EntrySource | None] = []
    declared: set[Declaration] = set()
    position = 0
    for entry in entries:
        if id(entry) in wanted:
            expected.append(entry)
            continue
        pieces.append(document[position : entry.start])
        position = entry.end
        new = [pair for pair in entry.declared if pair not in declared]
        if new:
            declared.update(new)
            pieces.append(_placeholder(document, entry, new))
            expected.append(None)
    pieces.append(document[position:])
    return pieces, expected


def without_entries(document: bytes, entries: list[EntrySource]) -> bytes:
    """Return what a document says besides its entries."""
    pieces = [document[a.end : b.start] for a, b in pairwise(entries)]
    between = b"".join(piece for piece in pieces if not piece.isspace())
    return document[: entries[0].start] + between + document[entries[-1].end :]


def _placeholder(document: bytes, entry: EntrySource, declared: list[Declaration]) -> bytes:
    """Return an entry that says nothing but declares the same namespaces."""
    match = re.compile(rb"<([^\s/>]+)").match(document, entry.start)
    tag = match.group(1) if match else b"item"
    own = b"".join(map(_written, entry.declared_on_itself))
    inner = b"".join(
        b"<%bx%b/>" % (f"{pair[0]}:".encode() if pair[0] else b"", _written(pair))
        for pair in declared
        if pair not in entry.declared_on_itself
    )
    return b"<%b%b>%b</%b>" % (tag, own, inner, tag)


def _written(declaration: Declaration) -> bytes:
    prefix, uri = declaration
    value = uri.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return f' xmlns{":" + prefix if prefix else ""}="{value}"'.encode()
