"""The inverted index over live entries: which are near a new one, and what they share with it.

Entries are known by serial, in order of arrival; they leave in the same order, so every list loses its
head only. Weights are computed from the frequencies of the moment and never stored: an index filled
again from the same entries after a restart answers as one that never stopped.
"""

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from math import log, sqrt
from typing import Final

from aggregator.cluster.crossing import Crossing
from aggregator.cluster.features import NAME_PARTS, TermKind
from aggregator.cluster.likeness import Shared
from aggregator.cluster.traits import Flag, Traits

_QUERY_TERMS: Final = 24
_CROSSING_TERMS: Final = 12
_POSTINGS: Final = 2000  # looked at per query: rare terms come first, what is left adds little
_NEWEST: Final = 250  # of one term's postings
_POWER: Final = 1.2  # fitted: rare terms count a little more than tf-idf has it
_LEAST: Final = 0.01
_PLACES: Final = 1 << TermKind.PLACE
_ORGANISATIONS: Final = 1 << TermKind.ORGANISATION
_COMMON: Final = 8192  # a term in so many entries is as common as can be
_SLIGHT: Final = 0.04  # of the query's squared length: what shares less is not looked at
_CROSSING_SLIGHT: Final = (
    0.008  # and in the other writing: of 8,600 pairs below it none was 0.24 alike
)
_WHOLE: Final = 16  # frequency, in sixteenths, of a term that stands once in a headline
_TRIM: Final = 4096  # expired entries at the head before the arrays are cut
# The nearest may well be the entry's own story; those after them tell how crowded its subject is. Bigrams
# make neighbours of more entries than words do.
_CROWD_CJK: Final = (8, 30)
_CROWD_SPACED: Final = (4, 12)
_OPENING_CJK: Final = 12  # first bigrams: about the first half of a headline
_OPENING_SPACED: Final = 4  # and first words


@dataclass(slots=True)
class Query:
    """An entry's terms under the weights of this moment."""

    serial: int
    weights: dict[int, float]
    ordered: list[int]  # term numbers, heaviest first
    length: float
    cjk: bool
    kinds: int  # a bit for each kind of term that it has
    crossing: float  # squared length of the part that is the same in every language
    table: list[float]  # how rare a term is, by document frequency
    lead: int  # the first person, place or organisation that it names; -1 without one
    opening: frozenset[int]  # its first terms
    first: int  # how many terms are an opening in its writing
    crowd: float = 0.0  # mean share of its terms in entries near it, beyond the nearest few


class TermIndex:
    """Terms, their frequencies and postings, and the terms of each live entry.

    Postings of names and numbers are kept apart for the two kinds of writing (kana and kanji; all
    others), so that a Japanese report finds the few English ones among thousands of its own kind.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []
        self._kinds = bytearray()
        self._tells = bytearray()  # whether a term is more than a name or a part of one
        self._free: list[int] = []
        self._df: list[int] = []
        self._postings: list[int | array[int]] = []  # a lone serial needs no array
        self._spaced: dict[int, array[int]] = {}
        self._first = 0  # serial of the oldest live entry
        self._cut = 0  # serial that the arrays begin with
        self._starts = array("I", [0])  # where each entry's terms begin; one more for the end
        self._terms = array("I")
        self._tfs = array("B")
        self._rarities: list[float] = []  # by document frequency
        self._weighed_for = 0

    def __len__(self) -> int:
        return self._cut + len(self._starts) - 1 - self._first

    # -- entries ----------------------------------------------------------------------------------

    def add(self, traits: Traits) -> int:
        """Take an entry up and return its serial."""
        serial = self._cut + len(self._starts) - 1
        numbers, kind_of, df, postings = self._numbers, self._kinds, self._df, self._postings
        cjk = traits.flags & Flag.CJK
        own: list[int] = []
        for term in traits.terms:
            number = numbers.get(term)
            if number is None:
                number = self._number(term, traits.kinds.get(term, TermKind.PLAIN))
            own.append(number)
            df[number] += 1
            if not cjk and kind_of[number]:
                self._spaced.setdefault(number, array("I")).append(serial)
                continue
            old = postings[number]
            if isinstance(old, int):
                postings[number] = serial if old < self._first else array("I", (old, serial))
            else:
                old.append(serial)
        self._terms.extend(own)
        self._tfs.frombytes(traits.tfs)
        self._starts.append(len(self._terms))
        return serial

    def terms(self, serial: int) -> tuple[list[str], bytes, dict[str, int]]:
        """Return the terms of an entry, their frequencies and kinds, as they were given."""
        begin, end = self._span(serial)
        numbers = self._terms[begin:end]
        names = [self._names[number] for number in numbers]
        kinds = {self._names[n]: self._kinds[n] for n in numbers if self._kinds[n]}
        return names, self._tfs[begin:end].tobytes(), kinds

    def _number(self, term: str, kind: int) -> int:
        tells = term not in NAME_PARTS and not 1 < kind < TermKind.EVENT
        if self._free:
            number = self._free.pop()
            self._names[number] = term
            self._kinds[number] = kind
            self._tells[number] = tells
        else:
            number = len(self._names)
            self._names.append(term)
            self._kinds.append(kind)
            self._tells.append(tells)
            self._df.append(0)
            self._postings.append(-1)
        self._numbers[term] = number
        return number

    def drop_oldest(self) -> None:
        """Let the oldest entry go."""
        begin, end = self._span(self._first)
        self._first += 1
        for number in self._terms[begin:end]:
            self._df[number] -= 1
            if not self._df[number]:
                self._forget(number)
            else:
                self._shorten(number)
        if self._first - self._cut >= _TRIM:
            self._trim()

    def _forget(self, number: int) -> None:
        del self._numbers[self._names[number]]
        self._names[number] = ""
        self._postings[number] = -1
        self._spaced.pop(number, None)
        self._free.append(number)

    def _shorten(self, number: int) -> None:
        """Cut the expired head of a list once it is longer than what lives."""
        for postings in (self._postings[number], self._spaced.get(number)):
            if isinstance(postings, array) and len(postings) > 2 * self._df[number] + 16:
                del postings[: bisect_left(postings, self._first)]

    def _trim(self) -> None:
        begin, _ = self._span(self._first)
        del self._terms[:begin], self._tfs[:begin]
        kept = self._starts[self._first - self._cut :]
        self._starts = array("I", [start - begin for start in kept])
        self._cut = self._first

    def _span(self, serial: int) -> tuple[int, int]:
        at = serial - self._cut
        return self._starts[at], self._starts[at + 1]

    # -- weights ----------------------------------------------------------------------------------

    def query(self, serial: int, cjk: bool) -> Query:
        """Weigh the terms of an entry by how rare each is among the live ones."""
        begin, end = self._span(serial)
        numbers = self._terms[begin:end]
        table = self._table()
        dfs = self._df
        weights = {
            number: tf * table[dfs[number]]
            for number, tf in zip(numbers, self._tfs[begin:end], strict=True)
        }
        by_name = sorted(weights, key=self._names.__getitem__)
        kinds = bytes(map(self._kinds.__getitem__, numbers))
        first = _OPENING_CJK if cjk else _OPENING_SPACED
        return Query(
            serial=serial,
            weights=weights,
            ordered=sorted(by_name, key=weights.__getitem__, reverse=True),
            length=sqrt(sum([w * w for w in weights.values()])),
            cjk=cjk,
            kinds=sum([1 << kind for kind in set(kinds)]),
            crossing=sum([w * w for w, kind in zip(weights.values(), kinds, strict=True) if kind]),
            table=table,
            lead=self._lead(numbers),
            opening=frozenset(numbers[:first]),
            first=first,
        )

    def _lead(self, terms: "array[int]") -> int:
        kinds = self._kinds
        return next((number for number in terms if 1 < kinds[number] < TermKind.EVENT), -1)

    def _table(self) -> list[float]:
        """Return idf by document frequency, as a share of the greatest possible.

        So it is the same for windows of any size. It depends on the number of live entries to
        within a thirty-second, so that it is seldom computed again. It goes as far as any frequency.
        """
        step = max(0, len(self).bit_length() - 5)
        size = (len(self) >> step) << step
        if size != self._weighed_for:
            top = log(size + 2)
            self._weighed_for = size
            rarities = [max(_LEAST, 1 - log(df + 0.5) / top) ** _POWER for df in range(_COMMON)]
            self._rarities = rarities + rarities[-1:] * (size + (1 << step) - _COMMON)
        return self._rarities

    # -- finding ----------------------------------------------------------------------------------

    def candidates(self, query: Query) -> list[int]:
        """Return the entries that share the heaviest terms with the query, best first.

        Notes in the query how crowded its neighbourhood is.
        """
        found = self._walk(query, query.ordered[:_QUERY_TERMS], query.cjk)
        least = _SLIGHT * query.length**2
        near = [other for other, weight in found.items() if weight > least]
        near.sort(key=found.__getitem__, reverse=True)
        own, last = _CROWD_CJK if query.cjk else _CROWD_SPACED
        if len(near) > own:
            crowd = sum([found[other] for other in near[own:last]])
            query.crowd = crowd / ((last - own) * query.length**2)
        return near

    def crossing_candidates(self, query: Query) -> list[int]:
        """Return entries in the other kind of writing that share names and numbers, best first."""
        terms = [number for number in query.ordered if self._kinds[number]][:_CROSSING_TERMS]
        found = self._walk(query, terms, not query.cjk)
        least = _CROSSING_SLIGHT * query.length**2
        near = [other for other, weight in found.items() if weight > least]
        return sorted(near, key=found.__getitem__, reverse=True)

    def _walk(self, query: Query, terms: list[int], cjk: bool) -> dict[int, float]:
        """Return what live entries share of some terms; those that share too little may be missing."""
        weights = [query.weights[number] ** 2 for number in terms]
        to_come, left = sum(weights), _POSTINGS
        # By a hair less than what is too little, since rounding adds up.
        least = 0.999 * (_SLIGHT if cjk == query.cjk else _CROSSING_SLIGHT) * query.length**2
        found: dict[int, float] = {}
        for number, weight in zip(terms, weights, strict=True):
            postings = self._newest(number, cjk)
            if to_come > least:
                for other in postings:
                    if other in found:
                        found[other] += weight
                    else:
                        found[other] = weight
            else:  # an entry that has not been found by now shares too little
                for other in found.keys() & postings:
                    found[other] += weight
            to_come -= weight
            left -= len(postings)
            if left <= 0:
                break
        found.pop(query.serial, None)
        return found

    def _newest(self, number: int, cjk: bool) -> "array[int] | tuple[int, ...]":
        postings = (
            self._spaced.get(number, -1)
            if self._kinds[number] and not cjk
            else self._postings[number]
        )
        if isinstance(postings, int):
            return (postings,) if postings >= self._first else ()
        newest = postings[-_NEWEST:]
        if newest and newest[0] < self._first:
            del newest[: bisect_left(newest, self._first)]
        return newest

    # -- comparing --------------------------------------------------------------------------------

    def shared(self, query: Query, serial: int) -> Shared | None:
        """Return what a live entry shares with the query; None where nothing."""
        begin, end = self._span(serial)
        own, kinds, dfs, table = query.weights, self._kinds, self._df, query.table
        opening, opened = query.opening, 0
        tells, telling = self._tells, 0
        dot = square = 0.0
        rarities: list[float] = []  # of each piece's rarest term
        piece = False  # whether a shared piece goes on
        numbers = 0
        kinds_here = kinds_shared = 0  # a bit for each kind of name
        lead = False
        terms = self._terms[begin:end]
        for number, tf in zip(terms, self._tfs[begin:end], strict=True):
            rarity = table[dfs[number]]
            weight = tf * rarity
            square += weight * weight
            kind = kinds[number]
            if number not in own:
                piece = False
                if kind > 1:
                    kinds_here |= 1 << kind
                continue
            dot += weight * own[number]
            telling += tells[number]
            if number in opening:
                opened += 1
            if kind > 1:
                piece = False
                kinds_shared |= 1 << kind
                lead = lead or number == query.lead
                continue
            numbers += kind
            if piece:
                rarities[-1] = max(rarities[-1], rarity)
            else:
                piece = True
                rarities.append(rarity)
        if not dot:
            return None
        rarities.sort(reverse=True)
        pieces = len(rarities)
        rarities += (0.0, 0.0, 0.0)
        length = sqrt(square)
        return Shared(
            dot=dot,
            longer=max(length, query.length),
            shorter=min(length, query.length),
            top=(rarities[0], rarities[1], rarities[2]),
            pieces=pieces,
            numbers=numbers,
            conflict=bool(query.kinds & kinds_here & ~kinds_shared & (_PLACES | _ORGANISATIONS)),
            terms=min(end - begin, len(own)),
            names_only=not telling,
            lead=lead and query.lead == self._lead(terms),
            opening=min(opened / len(opening), self._begins(query, terms[: query.first])),
        )

    @staticmethod
    def _begins(query: Query, first: "array[int]") -> float:
        """Return how much of an entry's first terms stands anywhere in the query."""
        return sum(map(query.weights.__contains__, first)) / len(first)

    def crossing(self, query: Query, serial: int) -> Crossing | None:
        """Return what an entry in another writing shares with the query; None where nothing."""
        begin, end = self._span(serial)
        own, kinds, dfs, table = query.weights, self._kinds, self._df, query.table
        sums = [0.0] * 6  # by kind: words, numbers, places, organisations, persons, events
        dot = square = 0.0
        kinds_here = 0
        rarities: list[float] = []
        for number, tf in zip(self._terms[begin:end], self._tfs[begin:end], strict=True):
            kind = kinds[number]
            if kind:
                rarity = table[dfs[number]]
                square += (tf * rarity) ** 2
                kinds_here |= 1 << kind
                if number in own:
                    sums[kind] += rarity
                    rarities.append(rarity)
                    dot += own[number] * own[number]
            elif number in own:
                rarity = table[dfs[number]]
                sums[kind] += rarity
                rarities.append(rarity)
        if not rarities:
            return None
        names = sums[TermKind.PLACE] + sums[TermKind.ORGANISATION] + sums[TermKind.PERSON]
        return Crossing(
            names=names,
            events=sums[TermKind.EVENT],
            numbers=sums[TermKind.NUMBER],
            words=sums[TermKind.PLAIN],
            best=max(rarities),
            covered=dot / query.crossing if query.crossing else 0.0,
            covers=min(1.0, dot / square) if square else 0.0,
            conflict=bool(query.kinds & kinds_here & _PLACES) and not sums[TermKind.PLACE],
        )

    def facts(self, serial: int) -> tuple[frozenset[str], frozenset[str]]:
        """Return the numbers and the places that an entry names.

        A railway line (…線) and the symbol of a stock stand for places too.
        """
        begin, end = self._span(serial)
        terms = self._terms[begin:end]
        names = [self._names[number] for number in terms]
        return (
            frozenset(name for name in names if name[0] == "#"),
            frozenset(
                name
                for number, name in zip(terms, names, strict=True)
                if self._kinds[number] == TermKind.PLACE or name[-1] == "線" or name[0] == "$"
            ),
        )

    def title_words(self, serial: int) -> list[int]:
        """Return the terms of an entry's headline in its order, without numbers and single characters."""
        begin, end = self._span(serial)
        words: list[int] = []
        for number, tf in zip(self._terms[begin:end], self._tfs[begin:end], strict=True):
            if self._kinds[number] > TermKind.NUMBER or tf < _WHOLE:
                break  # names come after the headline, and what the summary adds weighs less
            name = self._names[number]
            if len(name) > 1 and name[0] != "#":
                words.append(number)
        return words

    def shared_terms(self, query: Query, serial: int, most: int = 5) -> tuple[str, ...]:
        """Return the heaviest terms that a live entry shares with the query."""
        begin, end = self._span(serial)
        own = set(self._terms[begin:end])
        return tuple(self._names[number] for number in query.ordered if number in own)[:most]
