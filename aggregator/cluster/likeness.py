"""How likely two entries report the same event: a logistic model with few, readable parts.

Fitted on pairs of labelled headlines (`python -m benchmarks.fitting`; docs/stories.md says which, and
how it does on others). The weights differ by writing, since bigrams of kanji and stemmed words carry
different amounts of news. A part whose fitted weight would say the opposite of what it means is left out.
"""

from dataclasses import dataclass
from math import exp, log, sqrt
from operator import mul
from typing import Final, NamedTuple


class Weights(NamedTuple):
    """What each part of the likeness counts, in log-odds."""

    bias: float
    root: float = 0.0  # square root of the cosine
    cosine: float = 0.0
    days: float = 0.0  # between the two, four at most
    numbers: float = 0.0  # shared ones of two figures or more, two at most
    first: float = 0.0  # how rare the rarest shared piece of text is (0 to 1)
    second: float = 0.0
    third: float = 0.0
    pieces: float = 0.0  # how many pieces are shared (of 6)
    outlet: float = 0.0  # both from one outlet: it seldom reports one thing twice
    contained: float = 0.0  # share of the shorter one's weight in the longer one
    conflict: float = 0.0  # both name places, or organisations, and share none
    length: float = 0.0  # log of the shorter one's terms
    crowd: float = (
        0.0  # how near other entries are too: where many are, each is less likely the one
    )
    lead: float = 0.0  # both name the same one first: who acts
    opening: float = 0.0  # share of the first terms that is the same: what it is about


CJK: Final = Weights(
    bias=-4.66, root=10.9, days=-1.81, numbers=0.93, first=0.05, second=1.22, third=0.85, pieces=2.34, outlet=-1.78,
    conflict=-1.95, length=-0.79, crowd=-5.2, lead=0.79, opening=2.23,
)  # fmt: skip
SPACED: Final = Weights(
    bias=-5.74, root=7.57, cosine=0.76, days=-1.7, numbers=0.39, first=1.49, second=1.18, third=1.14, outlet=-1.29,
    contained=1.66, conflict=-1.17, length=0.07, crowd=-10.4, lead=0.66, opening=2.26,
)  # fmt: skip

# More says nothing more: where even the twelfth neighbour is that near, they are one great story's reports.
_CROWDED: Final = 0.3

Parts = tuple[float, ...]
"""The parts of a likeness, in the order of their weights."""


@dataclass(slots=True)
class Shared:
    """What two entries share, as the index counted it."""

    dot: float
    longer: float  # the longer vector's length
    shorter: float
    top: tuple[float, float, float]  # rarity of the three rarest shared pieces, 0 where fewer
    pieces: int  # neighbouring terms that are shared: a name's bigrams are one
    numbers: int
    conflict: bool
    terms: int  # of the entry with fewer
    names_only: bool  # whether only names of the table are shared: who, but nothing of what
    lead: bool  # whether both name the same one first
    opening: float  # share of their first terms


def parts(shared: Shared, days: float, same_outlet: bool, crowd: float) -> Parts:
    """Return what tells whether two entries report the same event, in the order of `Weights`."""
    cosine = shared.dot / (shared.longer * shared.shorter)
    return (
        1.0,
        sqrt(cosine),
        cosine,
        min(days, 4.0),
        min(shared.numbers, 2),
        *shared.top,
        min(shared.pieces, 6) / 6,
        same_outlet,
        shared.dot / (shared.shorter * shared.shorter),
        shared.conflict,
        log(shared.terms),
        min(crowd, _CROWDED),
        shared.lead,
        shared.opening,
    )


def likeness(found: Parts, weights: Weights) -> float:
    """Return the probability that two entries with these parts report the same event."""
    return 1 / (1 + exp(-sum(map(mul, weights, found))))
