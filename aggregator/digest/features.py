"""Sentences as weighted terms: bigrams of kana and kanji runs, stems of words, figures whole."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aggregator.text.normalise import fold
from aggregator.text.script import CJK_RUN
from aggregator.text.words import STOP_WORDS, stem

_PIECE: Final = re.compile(r"\d[\d,.]*\d|\d|[^\W\d_]+")
_KANA_ONLY: Final = re.compile(r"[\u3041-\u3096\u30fc]+")
_KATAKANA: Final = re.compile(r"[\u30a1-\u30fa][\u30a1-\u30fa\u30fc]+")

Weights = Mapping[str, float]


@lru_cache(maxsize=20_000)
def terms_of(text: str) -> frozenset[str]:
    """Return the terms of a text that carry meaning."""
    found: set[str] = set()
    for piece in _PIECE.findall(fold(text)):
        if piece[0].isdigit():
            found.add(piece.replace(",", "").rstrip("."))
            continue
        position = 0
        for run in CJK_RUN.finditer(piece):
            _add_word(found, piece[position : run.start()])
            position = run.end()
            _add_run(found, run.group())
        _add_word(found, piece[position:])
    return frozenset(found)


def _add_word(found: set[str], word: str) -> None:
    if len(word) > 1 and word not in STOP_WORDS:
        found.add(stem(word))


def _add_run(found: set[str], run: str) -> None:
    """Add a run's bigrams; a word in katakana counts once, however long it is."""
    found.update(_KATAKANA.findall(run))
    run = _KATAKANA.sub(" ", run)
    pairs = (run[i : i + 2] for i in range(len(run) - 1))
    found.update(pair for pair in pairs if " " not in pair and not _KANA_ONLY.fullmatch(pair))


def numbers_in(terms: Iterable[str]) -> frozenset[str]:
    """Return the figures among terms."""
    return frozenset(term for term in terms if term[0].isdigit())


def rarity(texts: Iterable[frozenset[str]]) -> Weights:
    """Return how much each term tells, from how few of the texts have it."""
    counts: Counter[str] = Counter()
    total = 0
    for terms in texts:
        counts.update(terms)
        total += 1
    return {term: math.log(1 + total / (count + 0.5)) for term, count in counts.items()}


def shared_share(one: frozenset[str], other: frozenset[str], weights: Weights) -> float:
    """Return which share of the lighter of two texts the other has too: 0 to 1."""
    lighter = min(_weight(one, weights), _weight(other, weights))
    return _weight(one & other, weights) / lighter if lighter else 0.0


def likeness(one: frozenset[str], other: frozenset[str], weights: Weights) -> float:
    """Return the cosine of two texts, each term once: 0 to 1."""
    both = one & other
    if not both:
        return 0.0
    return _squares(both, weights) / math.sqrt(_squares(one, weights) * _squares(other, weights))


@dataclass(frozen=True, slots=True)
class Weighed:
    """A text's terms with their length as a vector: for comparing one with many."""

    terms: frozenset[str]
    length: float

    def likeness(self, other: "Weighed", weights: Weights) -> float:
        """Return the cosine of two texts, each term once: 0 to 1; one term alone is no likeness."""
        both = self.terms & other.terms
        if len(both) < 2:
            return 0.0
        return _squares(both, weights) / (self.length * other.length)


def weigh(terms: frozenset[str], weights: Weights) -> Weighed:
    """Return terms with their length under these weights."""
    return Weighed(terms, math.sqrt(_squares(terms, weights)))


def _weight(terms: frozenset[str], weights: Weights) -> float:
    return math.fsum(weights.get(term, 1.0) for term in terms)


def _squares(terms: frozenset[str], weights: Weights) -> float:
    return math.fsum(weights.get(term, 1.0) ** 2 for term in terms)
