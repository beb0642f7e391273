"""How likely two entries report the same event: a logistic model with few, readable parts.

Fitted on pairs of labelled headlines (docs/stories.md says which, and how it does on others). The
weights differ by writing, since bigrams of kanji and stemmed words carry different amounts of news.
"""

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

PARTS: Final = (
    "bias", "root", "cosine", "days", "numbers", "first", "second", "third", "shared", "outlet", "contained",
    "conflict", "length",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each part of the likeness counts, in log-odds."""

    bias: float
    root: float = 0.0  # square root of the cosine
    cosine: float = 0.0
    days: float = 0.0  # between the two, four at most
    numbers: float = 0.0  # shared ones of two figures or more, two at most
    first: float = 0.0  # how rare the rarest shared term is (0 to 1)
    second: float = 0.0
    third: float = 0.0
    shared: float = 0.0  # how many terms are shared (of 12)
    outlet: float = 0.0  # both from one outlet: it seldom reports one thing twice
    contained: float = 0.0  # share of the shorter one's weight in the longer one
    conflict: float = 0.0  # both name places, or organisations, and share none
    length: float = 0.0  # log of the shorter one's terms


CJK: Final = Weights(
    bias=-5.66, root=4.55, cosine=8.11, days=-1.32, numbers=1.92, first=0.73, second=1.07, third=2.02, shared=1.83,
    outlet=-1.2, contained=-1.51, conflict=-1.48, length=-0.49,
)  # fmt: skip
SPACED: Final = Weights(
    bias=-2.95, root=0.0, cosine=8.2, days=-1.05, numbers=0.1, first=2.2, second=1.1, third=0.85, shared=0.4,
    outlet=-1.2, contained=-0.9, conflict=-0.45, length=-0.45,
)  # fmt: skip


@dataclass(slots=True)
class Shared:
    """What two entries share, as the index counted it."""

    dot: float
    longer: float  # the longer vector's length
    shorter: float
    top: tuple[float, float, float]  # idf of the three rarest shared terms, 0 where fewer
    count: int
    numbers: int
    conflict: bool
    terms: int  # of the entry with fewer


def likeness(shared: Shared, days: float, same_outlet: bool, weights: Weights) -> float:
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
        + weights.shared * min(shared.count, 12) / 12
        + weights.outlet * same_outlet
        + weights.contained * shared.dot / (shared.shorter * shared.shorter)
        + weights.conflict * shared.conflict
        + weights.length * log(shared.terms)
    )
    return 1 / (1 + exp(-odds))
