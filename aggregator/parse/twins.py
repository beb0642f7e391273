"""Entries of one document that share an id: they are read together, since the last of them wins (reliability A40)."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from aggregator.parse.scan import EntrySource

_RAW_ID: Final = re.compile(
    rb"""<(?:guid|id)\b[^>]*>\s*(?:<!\[CDATA\[)?([^<]*)|<(?:\w+:)?item\b[^>]*?\babout\s*=\s*["']([^"']*)["']"""
)
_SOURCE: Final = re.compile(
    rb"<source\b.*?</source>", re.DOTALL
)  # of an entry taken from elsewhere

_FEW: Final = 8


def with_twins(document: bytes, entries: Sequence[EntrySource], wanted: set[int]) -> set[int]:
    """Return the wanted entries, by `id()`, and those that seem to share an id with one of them."""
    new = [entry for entry in entries if id(entry) in wanted]
    ids = {raw for entry in new for raw in _ids(document, entry)}
    if len(new) <= _FEW and all(_stands_only_in(document, new, raw, entries) for raw in ids):
        return wanted
    others = (entry for entry in entries if id(entry) not in wanted)
    return wanted | {id(entry) for entry in others if not ids.isdisjoint(_ids(document, entry))}


def _stands_only_in(
    document: bytes, new: Sequence[EntrySource], raw: bytes, entries: Sequence[EntrySource]
) -> bool:
    """Tell whether an id, as bytes, stands in no other entry: told sooner than all their ids."""
    everywhere = document.count(raw, entries[0].start, entries[-1].end)
    return raw != b"" and everywhere == sum(document.count(raw, e.start, e.end) for e in new)


def _ids(document: bytes, entry: EntrySource) -> Iterable[bytes]:
    """Return every id that an entry has of its own; feedparser takes the last."""
    start, end = entry.start, entry.end
    if document.count(b"<id", start, end) + document.count(b"<guid", start, end) <= 1:
        match = _RAW_ID.search(document, start, end)
        return () if match is None else (_raw_id(match),)
    own = _SOURCE.sub(b"", document[start:end])
    return {_raw_id(match) for match in _RAW_ID.finditer(own)}


def _raw_id(match: re.Match[bytes]) -> bytes:
    return (match.group(1) or match.group(2) or b"").strip()
