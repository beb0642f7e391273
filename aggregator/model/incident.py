"""An incident: what is wrong with a source, from when it was noticed until it is over."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.model.identifiers import SourceId


class IncidentKind(StrEnum):
    """What can be wrong with a feed that an operator should hear of."""

    FAILING = "failing"
    REFUSED = "refused"
    MISSING = "missing"
    GONE = "gone"
    QUARANTINED = "quarantined"
    MOVED = "moved"
    SILENT = "silent"
    LOST = "lost"  # entries may have passed through its document between two polls


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong with one feed now, in plain words with what to do about it."""

    source: SourceId
    feed: str  # its URL
    kind: IncidentKind
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One kind of trouble of one source, while it lasts."""

    source: SourceId
    kind: IncidentKind
    since: datetime  # when it was noticed
    feeds: tuple[str, ...]  # every feed that has been in it
