"""Terms that a topic may lack: what its texts say more often than others do. It only proposes."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
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
_WORTH: Final = 2.0  # of log-odds, seven times as often: below it stand the words of all news


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A term to think about."""

    term: str  # folded
    log_odds: float  # how much more often the topic's texts have it; in natural logarithms
    inside: int  # texts of the topic that have it
    outside: int  # other texts that have it: what the term would add
    examples: tuple[str, ...]  # texts of the topic that have it
    others: tuple[str, ...]  # other texts that have it


def suggest(
    tagged: Iterable[str], rest: Iterable[str], known: Callable[[str], bool]
) -> tuple[Suggestion, ...]:
    """Propose terms by log-odds of their document frequency, at most 20, the strongest first.

    Args:
        tagged: Texts of the topic, one of each story: what one event repeats is no term of a topic.
        rest: Other texts.
        known: Whether the topic's rule finds a term already.
    """
    inside = {text: _candidates(text) for text in tagged}
    outside = {text: _candidates(text) for text in rest}
    here = Counter(term for terms in inside.values() for term in terms)
    there = Counter(term for terms in outside.values() for term in terms)
    odds = {
        term: _log_odds(count, len(inside), there[term], len(outside))
        for term, count in here.items()
        if count >= _SUPPORT
    }
    ranked = sorted(
        (term for term in odds if odds[term] >= _WORTH), key=lambda one: (-odds[one], one)
    )
    new = itertools.islice((term for term in ranked if not known(term)), _SHOWN)
    return tuple(
        Suggestion(
            term=term,
            log_odds=odds[term],
            inside=here[term],
            outside=there[term],
            examples=_having(term, inside),
            others=_having(term, outside),
        )
        for term in new
    )


def _candidates(text: str) -> frozenset[str]:
    return frozenset(_CANDIDATE.findall(fold(text)))


def _having(term: str, texts: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return some texts that have a term."""
    return tuple(itertools.islice((text for text in texts if term in texts[text]), _EXAMPLES))


def _log_odds(here: int, texts_here: int, there: int, texts_there: int) -> float:
    """Return the smoothed log-odds ratio of a term between two sets of texts."""
    inside = (here + _PRIOR) / (texts_here - here + _PRIOR)
    outside = (there + _PRIOR) / (texts_there - there + _PRIOR)
    return math.log(inside / outside)
