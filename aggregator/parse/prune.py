"""Documents with fewer entries than they came with."""

import re
from itertools import pairwise

from aggregator.parse.dates import parse_date
from aggregator.parse.scan import Declaration, EntrySource, Scan, raw_date


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


def prune(document: bytes, found: Scan, wanted: set[int]) -> tuple[bytes, list[EntrySource | None]]:
    """Return the document without unwanted entries and what need not stand beside, and what each entry in it is.

    An unwanted entry that declares namespaces leaves an empty one behind that declares the same:
    feedparser takes its idea of the format from them, and remembers prefixes to the end.
    """
    left_out = [(start, end, b"") for start, end in found.beside]
    expected: list[EntrySource | None] = []
    declared: set[Declaration] = set()
    for entry in found.entries:
        if id(entry) in wanted:
            expected.append(entry)
            continue
        new = [pair for pair in entry.declared if pair not in declared]
        if new:
            declared.update(new)
            expected.append(None)
        left_out.append(
            (entry.start, entry.end, _placeholder(document, entry, new) if new else b"")
        )
    pieces: list[bytes] = []
    position = 0
    for start, end, instead in sorted(left_out):
        pieces += (document[position:start], instead)
        position = end
    pieces.append(document[position:])
    return b"".join(pieces), expected


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
