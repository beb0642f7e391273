"""JSON Lines in: a past stream goes through identify, tag and group as it would have been live.

Lines are taken in order of `published`, then of line, each with its own time as `now`; outputs are
published once, at the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from aggregator.identify.decide import decide
from aggregator.identify.keys import key_entries
from aggregator.model.change import EntryChange
from aggregator.model.entry import ParsedEntry, ParsedFeed
from aggregator.model.feed import Feed, FeedHints
from aggregator.model.identifiers import SourceId, StoryId
from aggregator.parse.lines import ImportedLine, LineProblem, parse_lines
from aggregator.parse.options import ParseHints
from aggregator.pipeline.consume import BATCH, Understanding, rounds
from aggregator.pipeline.outlets import remember_outlets
from aggregator.pipeline.parts import Parts

_CHUNK: Final = 1 << 20  # bytes parsed at a time in a worker


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What came of an import."""

    lines: int = 0
    new: int = 0
    updated: int = 0
    problems: list[LineProblem] = field(default_factory=list)
    touched: set[StoryId] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Timed:
    line: ImportedLine
    at: datetime


async def import_lines(parts: Parts, understanding: Understanding, file: Path) -> ImportReport:
    """Import a file of JSON Lines; lines that cannot be used are reported and left out."""
    report = ImportReport()
    stored_at = await parts.store.now()
    report.touched |= await understanding.consume_all()  # what a deferred poll left comes first
    timed: list[_Timed] = []
    for first, chunk in _chunks(file):
        hints = ParseHints(url=f"import:{file.name}", now=stored_at)
        for line in await parts.sandbox.run(parse_lines, chunk, first, hints):
            report.lines += 1
            if isinstance(line, LineProblem):
                report.problems.append(line)
            else:
                timed.append(_Timed(line, min(line.entry.published or stored_at, stored_at)))
    outlets = {
        SourceId(one.line.source): one.line.outlet for one in timed if one.line.outlet is not None
    }
    await remember_outlets(parts.store, outlets)
    parts.orders = parts.orders.with_outlets(outlets)
    timed.sort(key=lambda one: (one.at, one.line.line))
    feeds: dict[SourceId, Feed] = {}
    done = 0
    for batch in _batches(timed):
        changes = await _identify(parts, batch, feeds, stored_at)
        await parts.store.commit_import(changes)
        report.updated += sum(change.changed for change in changes)
        report.new += sum(not change.changed for change in changes)
        report.touched |= await understanding.consume_all(as_logged=True)
        done += len(batch)
        parts.progress("import", done, len(timed))
    return report


def _chunks(file: Path) -> Iterator[tuple[int, bytes]]:
    """Yield pieces of whole lines with the number of their first line."""
    with file.open("rb") as stream:
        number = 1
        while lines := stream.readlines(_CHUNK):
            yield number, b"".join(lines)
            number += len(lines)


def _batches(timed: Sequence[_Timed]) -> Iterator[list[_Timed]]:
    """Yield lines in batches that no round is cut by, unless it is longer than a batch itself."""
    batch: list[_Timed] = []
    for together in rounds(timed, lambda one: one.at):
        if batch and len(batch) + len(together) > BATCH:
            yield batch
            batch = []
        batch += together
        while len(batch) > BATCH:
            yield batch[:BATCH]
            batch = batch[BATCH:]
    if batch:
        yield batch


async def _identify(
    parts: Parts, batch: Sequence[_Timed], feeds: dict[SourceId, Feed], stored_at: datetime
) -> list[EntryChange]:
    """Return what a batch changes, in its order."""
    by_source: dict[SourceId, list[_Timed]] = {}
    for one in batch:
        by_source.setdefault(SourceId(one.line.source), []).append(one)
    changes: list[tuple[int, EntryChange]] = []
    for source, lines in by_source.items():
        if source not in feeds:
            feeds[source] = await parts.store.feed_for_import(source, stored_at)
        changes += await _identify_source(parts, feeds[source], lines, stored_at)
    position = {one.line.line: number for number, one in enumerate(batch)}
    changes.sort(key=lambda pair: position[pair[0]])
    return [change for _, change in changes]


async def _identify_source(
    parts: Parts, feed: Feed, lines: Sequence[_Timed], stored_at: datetime
) -> list[tuple[int, EntryChange]]:
    """Return the changes of one source's lines, each with its line's number."""
    source = parts.orders.source(feed.source)
    parsed = _as_document([one.line.entry for one in lines])
    keyed = key_entries(parsed, feed.url, feed.key_policy, source.keep_query)
    known = await parts.store.known_entries([entry.id for entry in keyed.entries])
    identified = decide(keyed, parsed, known, {}, feed, source, stored_at, stored_at, False)
    line_of = {id(one.line.entry): one for one in lines}
    origin = {entry.id: line_of[id(entry.parsed)] for entry in keyed.entries}
    return [
        (
            origin[change.entry.id].line.line,
            change
            if change.changed
            else replace(
                change, entry=replace(change.entry, first_seen_at=origin[change.entry.id].at)
            ),
        )
        for change in identified.changes
    ]


def _as_document(entries: Sequence[ParsedEntry]) -> ParsedFeed:
    return ParsedFeed(
        format="lines",
        hints=FeedHints(),
        entries=tuple(entries),
        hashes=frozenset(entry.hash for entry in entries),
        total=len(entries),
    )
