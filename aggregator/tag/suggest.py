"""Terms that a topic may lack: what its texts say more often than others do. It only proposes."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aggregator.text.normalise import fold

# Runs of kanji, of katakana, of letters: what a person would write into a rule. No segmenter is needed
# for a proposal that a person reads.
_CANDIDATE: Final = re.compile(
    r"[々㐀-䶿一-鿿]{2,8}|[ァ-ヺー]{2,}|[a-zа-яёіїєґ][a-zа-яёіїєґ'.-]{2,}"
)
_SUPPORT: Final = 3  # texts; rarer words tell more of one event than of a topic
_SHOWN: Final = 20
_EXAMPLES: Final = 3
_PRIOR: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A term to think about."""

    term: str  # folded
    log_odds: float  # how much more often the topic's texts have it; in natural logarithms
    examples: tuple[str, ...]  # texts of the topic that have it


def suggest(tagged: Iterable[str], rest: Iterable[str]) -> tuple[Suggestion, ...]:
    """Propose terms by log-odds of their document frequency, at most 20, the strongest first."""
    inside = {text: frozenset(_CANDIDATE.findall(fold(text))) for text in tagged}
    outside = [frozenset(_CANDIDATE.findall(fold(text))) for text in rest]
    here = Counter(term for terms in inside.values() for term in terms)
    there = Counter(term for terms in outside for term in terms)
    ranked = sorted(
        (
            (_log_odds(count, len(inside), there[term], len(outside)), term)
            for term, count in here.items()
            if count >= _SUPPORT
        ),
        key=lambda pair: (-pair[0], pair[1]),
    )
    return tuple(
        Suggestion(
            term=term,
            log_odds=odds,
            examples=tuple(text for text, terms in inside.items() if term in terms)[:_EXAMPLES],
        )
        for odds, term in ranked[:_SHOWN]
        if odds > 0
    )


def _log_odds(here: int, texts_here: int, there: int, texts_there: int) -> float:
    """Return the smoothed log-odds ratio of a term between two sets of texts."""
    inside = (here + _PRIOR) / (texts_here - here + _PRIOR)
    outside = (there + _PRIOR) / (texts_there - there + _PRIOR)
    return math.log(inside / outside)
