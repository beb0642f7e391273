"""How likely two entries in different writings report the same event: by names, news words and numbers."""

from dataclasses import dataclass
from math import exp
from typing import Final


@dataclass(slots=True)
class Crossing:
    """What two entries share that is the same in every language; rarities are 0 to 1 each."""

    names: float  # summed rarity of shared people, places, organisations
    events: float
    numbers: float
    words: float  # Latin words that stand in both
    best: float  # rarity of the rarest
    covered: float  # share of the query's crossing weight that is shared, 0 to 1
    covers: float  # and of the other's
    conflict: bool


# Fitted on hand-labelled Japanese and English reports (docs/stories.md).
BIAS: Final = -7.1
NAMES: Final = 2.5
EVENTS: Final = 2.8
NUMBERS: Final = 3.4
WORDS: Final = 1.6
BEST: Final = 2.5
COVERED: Final = 1.0
COVERS: Final = 0.8
CONFLICT: Final = -0.3
DAYS: Final = -0.7


def crossing_likeness(shared: Crossing, days: float) -> float:
    """Return the probability that two entries in different writings report the same event."""
    odds = (
        BIAS
        + NAMES * shared.names
        + EVENTS * shared.events
        + NUMBERS * shared.numbers
        + WORDS * shared.words
        + BEST * shared.best
        + COVERED * shared.covered
        + COVERS * shared.covers
        + CONFLICT * shared.conflict
        + DAYS * min(days, 4.0)
    )
    return 1 / (1 + exp(-odds))
