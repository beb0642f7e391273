"""How likely two entries report the same event: a logistic model with few, readable parts.

Fitted on pairs of labelled headlines (docs/stories.md says which, and how it does on others). The
weights differ by writing, since bigrams of kanji and stemmed words carry different amounts of news.
"""

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
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


CJK: Final = Weights(
    bias=-4.74, root=8.89, cosine=4.91, days=-1.24, numbers=1.08, first=-1.74, second=1.55, third=0.53, pieces=2.73,
    outlet=-1.69, contained=0.8, conflict=-2.1, length=-0.37, crowd=-3.23,
)  # fmt: skip
SPACED: Final = Weights(
    bias=-5.45, root=4.83, cosine=3.74, days=-1.7, numbers=0.21, first=0.69, second=1.81, third=1.12, pieces=-0.52,
    outlet=-1.06, contained=2.17, conflict=-1.32, length=0.43, crowd=-11.78,
)  # fmt: skip


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


def likeness(
    shared: Shared, days: float, same_outlet: bool, crowd: float, weights: Weights
) -> float:
    """Return the probability that two entries report the same event."""
    cosine = shared.dot / (shared.longer * shared.shorter)
    odds = (
        weights.bias
        + weights.root * sqrt(cosine)
        + weights.cosine * cosine
        + weights.days * min(days, 4.0)
        + weights.numbers * min(shared.numbers, 2)
        + (
            weights.first * shared.top[0]
            + weights.second * shared.top[1]
            + weights.third * shared.top[2]
        )
        + weights.pieces * min(shared.pieces, 6) / 6
        + weights.outlet * same_outlet
        + weights.contained * shared.dot / (shared.shorter * shared.shorter)
        + weights.conflict * shared.conflict
        + weights.length * log(shared.terms)
        + weights.crowd * crowd
    )
    return 1 / (1 + exp(-odds))
