r"""Slices of the shared streams with story labels made by hand: `tests/cluster/labels/*.tsv`.

The first line of a file names the stream's files and says what of them was read; then one line an entry:
its id, a tab, and the name of its story (`.` for a single report, `?` where the reader could not decide).
Texts are read from the streams. Those have no ids, so an id is the BLAKE2s-48 of "outlet\ntitle".
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from pathlib import Path
from typing import Any, Final

LABELS: Final = Path(__file__).parents[1] / "tests" / "cluster" / "labels"
_HEAD: Final = "# stream: "
_BEFORE: Final = 3000  # headlines of the days before that are live when a slice arrives
_ROUND: Final = timedelta(minutes=15)
_TIMES: Final = ("fetched_at", "published")
_LONG_AGO: Final = datetime(2021, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Headline:
    """One headline, perhaps labelled."""

    id: str
    title: str
    summary: str
    outlet: str
    at: datetime
    cluster: str | None


@dataclass(frozen=True, slots=True)
class Slice:
    """Labelled headlines by time, and those of the days before in their stream."""

    name: str
    rows: tuple[Headline, ...]
    before: tuple[Headline, ...]


def slices(streams: Path, labels: Path = LABELS) -> list[Slice]:
    """Return every labelled slice whose stream is there."""
    found = (slice_of(file, streams) for file in sorted(labels.glob("*.tsv")))
    return [one for one in found if one is not None]


def slice_of(file: Path, streams: Path) -> Slice | None:
    """Return the slice that a file of labels is of; None where its stream is not there."""
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    names = head.removeprefix(_HEAD).partition(";")[0].split()
    files = [streams / name for name in names]
    if not all(one.is_file() for one in files):
        return None
    there = {row.id: row for row in _rows(files)}
    marks = dict(line.split("\t")[:2] for line in lines if line)
    rows = [replace(there[id_], cluster=_cluster(id_, mark)) for id_, mark in marks.items()]
    rows.sort(key=lambda row: row.at)
    return Slice(file.stem, tuple(rows), before(files[0].parent, rows))


def _cluster(id_: str, mark: str) -> str | None:
    return None if mark == "?" else f"alone-{id_}" if mark == "." else mark


def before(folder: Path, rows: Sequence[Headline]) -> tuple[Headline, ...]:
    """Return the last headlines of a stream that came before any of the rows, by time."""
    earlier = [row for row in _rows(sorted(folder.glob("*.jsonl"))) if row.at < rows[0].at]
    earlier.sort(key=lambda row: row.at)
    return tuple(earlier[-_BEFORE:])


def rounds(rows: Sequence[Headline]) -> Iterator[list[Headline]]:
    """Yield what the pipeline would decide together: headlines that came within a quarter of an hour."""
    together: list[Headline] = []
    for row in rows:
        if together and row.at - together[0].at > _ROUND:
            yield together
            together = []
        together.append(row)
    if together:
        yield together


def _rows(files: Sequence[Path]) -> Iterator[Headline]:
    """Yield every headline of some files of a stream once, where it came first."""
    seen: set[str] = set()
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            id_ = blake2s(f"{row['outlet']}\n{row['title']}".encode(), digest_size=6).hexdigest()
            if id_ not in seen and row["title"]:
                seen.add(id_)
                yield Headline(
                    id_, row["title"], row["summary"] or "", row["outlet"], time_of(row), None
                )


def time_of(row: dict[str, Any]) -> datetime:
    """Return when a row was seen, or published; one and the same for all where it does not say."""
    given = next((row[name] for name in ("seen_at", "ts", *_TIMES) if row.get(name)), None)
    if isinstance(given, int | float):
        return datetime.fromtimestamp(given / 1000, UTC)
    return datetime.fromisoformat(given).astimezone(UTC) if given else _LONG_AGO
