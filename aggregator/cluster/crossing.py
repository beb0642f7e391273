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
    kinds: int  # how many of the four are there
    covered: float  # share of the query's crossing weight that is shared, 0 to 1
    covers: float  # and of the other's
    conflict: bool


BIAS: Final = -7.0
WEIGHTS: Final = {"names": 2.0, "events": 1.5, "numbers": 1.8, "words": 1.8, "best": 0.0, "kinds": 0.5,
                  "covered": 2.0, "covers": 2.0, "conflict": -1.0, "days": -1.2}  # fmt: skip


def crossing_likeness(shared: Crossing, days: float) -> float:
    """Return the probability that two entries in different writings report the same event."""
    w = WEIGHTS
    odds = (
        BIAS
        + w["names"] * shared.names
        + w["events"] * shared.events
        + w["numbers"] * shared.numbers
        + w["words"] * shared.words
        + w["best"] * shared.best
        + w["kinds"] * shared.kinds
        + w["covered"] * shared.covered
        + w["covers"] * shared.covers
        + w["conflict"] * shared.conflict
        + w["days"] * min(days, 4.0)
    )
    return 1 / (1 + exp(-odds))
