"""The inverted index over live entries: which are near a new one, and how near."""

from array import array
from collections.abc import Iterable, Mapping
from math import log, sqrt
from typing import Final

_STEP: Final = 16  # weights are kept in sixteenths, one byte each
_QUERY_TERMS: Final = 20
_POSTINGS: Final = 2000  # looked at per query: rare terms first, so the rest would add little
_LIST: Final = 300  # newest postings of one term
_LOGS: Final = [log(df + 0.5) for df in range(4096)]


class Query:
    """An entry's terms under the weights of this moment, to be compared with live entries."""

    __slots__ = ("length", "ordered", "weights")

    def __init__(
        self, weights: dict[int, float], ordered: list[tuple[float, int, str]], length: float
    ) -> None:
        self.weights = weights
        self.ordered = ordered
        self.length = length


class TermIndex:
    """Terms, their frequencies and postings; entries are known by serial, in order of arrival."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._names: list[str] = []
        self._free: list[int] = []
        self._df: list[int] = []
        self._postings: list[array[int]] = []
        self._terms: dict[int, tuple[int, ...]] = {}
        self._weights: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self._terms)

    def add(self, serial: int, terms: Mapping[str, float]) -> None:
        """Take an entry up; serials must rise."""
        ids = []
        for term in terms:
            number = self._ids.get(term)
            if number is None:
                number = self._new_term(term)
            self._df[number] += 1
            self._postings[number].append(serial)
            ids.append(number)
        self._terms[serial] = tuple(ids)
        self._weights[serial] = bytes([min(255, round(w * _STEP)) for w in terms.values()])

    def _new_term(self, term: str) -> int:
        if self._free:
            number = self._free.pop()
            self._names[number] = term
        else:
            number = len(self._names)
            self._names.append(term)
            self._df.append(0)
            self._postings.append(array("I"))
        self._ids[term] = number
        return number

    def drop_oldest(self, serial: int) -> None:
        """Let the oldest entry go: its postings are the first of each list."""
        for number in self._terms.pop(serial):
            self._df[number] -= 1
            if not self._df[number]:
                del self._ids[self._names[number]]
                self._names[number] = ""
                self._postings[number] = array("I")
                self._free.append(number)
            elif len(self._postings[number]) > 2 * self._df[number] + 8:
                del self._postings[number][: -self._df[number]]
        del self._weights[serial]

    def query(self, terms: Mapping[str, float]) -> Query:
        """Weigh an entry's terms by how rare each is among the live entries."""
        top = log(len(self._terms) + 1)
        weights: dict[int, float] = {}
        ordered: list[tuple[float, int, str]] = []
        square = 0.0
        for term, tf in terms.items():
            number = self._ids.get(term, -1)
            weight = tf * self._idf(self._df[number] if number >= 0 else 0, top)
            square += weight * weight
            if number >= 0:
                weights[number] = weight
                ordered.append((-weight, number, term))
        ordered.sort(key=lambda item: (item[0], item[2]))
        return Query(weights, ordered, sqrt(square))

    @staticmethod
    def _idf(df: int, top: float) -> float:
        return max(0.1, top - (_LOGS[df] if df < 4096 else log(df + 0.5)))

    def candidates(self, query: Query) -> dict[int, float]:
        """Return live entries that share heavy terms with the query, with what they share."""
        found: dict[int, float] = {}
        left = _POSTINGS
        for negative, number, _ in query.ordered[:_QUERY_TERMS]:
            df = self._df[number]
            postings = self._postings[number][-min(df, _LIST) :]
            square = negative * negative
            for serial in postings:
                found[serial] = found.get(serial, 0.0) + square
            left -= len(postings)
            if left <= 0:
                break
        return found

    def cosine(self, query: Query, serial: int) -> float:
        """Return how alike a live entry and the query are, 0 to 1."""
        top = log(len(self._terms) + 1)
        weights = query.weights
        dfs = self._df
        dot = square = 0.0
        for number, tf in zip(self._terms[serial], self._weights[serial], strict=True):
            df = dfs[number]
            weight = tf * max(0.1, top - (_LOGS[df] if df < 4096 else log(df + 0.5)))
            square += weight * weight
            if number in weights:
                dot += weight * weights[number]
        return dot / (sqrt(square) * query.length) if dot else 0.0

    def shared(self, query: Query, serial: int, most: int = 5) -> tuple[str, ...]:
        """Return the heaviest terms that a live entry shares with the query."""
        own = set(self._terms[serial])
        return tuple(term for _, number, term in query.ordered if number in own)[:most]

    def drop(self, serials: Iterable[int]) -> None:
        """Let the oldest entries go, in order."""
        for serial in serials:
            self.drop_oldest(serial)
