"""All terms of all topics found in one pass over a text.

An Aho-Corasick automaton runs over the folded text and reports every occurrence, overlapping ones too; each
is then checked at its edges. Regular expressions go to RE2, whose time is linear whatever they say.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import re2
from ahocorasick_rs import AhoCorasick, MatchKind

from aggregator.model.topic import Term, TermKind
from aggregator.tag.country_signs import COUNTRY_SIGNS, is_country, is_free_run
from aggregator.text.normalise import Folded, fold, fold_with_offsets
from aggregator.text.script import is_cjk

_BEYOND_SPACED: Final = "\u0e00"  # Latin, Greek, Cyrillic, Hebrew, Arabic, Indic scripts lie below


class TermError(ValueError):
    """A term that cannot be used: an empty one, or no regular expression."""


class Text:
    """A text of an entry: folded for matching, with the way back to the original."""

    __slots__ = ("_aligned", "_offsets", "_spaced", "folded", "original")

    def __init__(self, original: str) -> None:
        self.original = original
        self._offsets: Folded | None = None
        self._spaced: bool | None = None
        self.folded = _fold(original)
        if len(self.folded) != len(original) or " ".join(original.split()) != original:
            # Characters came apart or spaces fell together: only the slow way keeps the count.
            self.folded = _straight(self._with_offsets().text)
            self._aligned = False
        else:
            self._aligned = unicodedata.is_normalized("NFKC", original)

    def is_spaced(self) -> bool:
        """Tell whether words are set apart by spaces here."""
        if self._spaced is None:
            self._spaced = not is_cjk(self.original)
        return self._spaced

    def _with_offsets(self) -> Folded:
        if self._offsets is None:
            self._offsets = fold_with_offsets(self.original)
        return self._offsets

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return a span's place in the original, never less than whole characters of it."""
        if self._aligned:
            return start, end
        offsets = self._with_offsets().offsets
        while offsets[end] == offsets[end - 1]:
            end += 1
        return offsets[start], offsets[end]

    def slice(self, start: int, end: int) -> str:
        """Return what the original says at a span, in compatibility form with its case."""
        start, end = self.span(start, end)
        return _compatible(self.original[start:end])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Needle:
    """What the automaton looks for, and the terms it may be: most occurrences are decided by their edges."""

    opens: bool  # begins like a word of a spaced script, so that none may run on over its beginning
    closes: bool
    whole: tuple[int, ...]  # terms that are there where no word runs on over either edge
    stems: tuple[int, ...]  # those that ask for the first edge only
    closer: tuple[int, ...]  # those that are looked at more closely


class TermFinder:
    """Finds the terms that stand in a text; terms are known by their place in `terms`."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Make the automaton.

        Raises:
            TermError: A term cannot be used.
        """
        self.terms = tuple(dict.fromkeys(terms))
        by_needle: dict[str, list[int]] = defaultdict(list)
        regexes: list[int] = []
        for index, term in enumerate(self.terms):
            if term.kind is TermKind.REGEX:
                regexes.append(index)
            else:
                by_needle[_letters(term)].append(index)
        self._needles = tuple(self._needle(*item) for item in by_needle.items())
        self._automaton = AhoCorasick(list(by_needle), matchkind=MatchKind.Standard)
        self._patterns = tuple((index, _compile(self.terms[index].text)) for index in regexes)
        self._any_pattern = _set_of(self.terms[index].text for index in regexes)

    def _needle(self, letters: str, indexes: Sequence[int]) -> _Needle:
        """Sort the terms of the same letters by what decides an occurrence of them."""
        kinds = {index: self.terms[index].kind for index in indexes}
        # A run of signs such as 米ロ may end inside a word; of other letters the edges say it all.
        plain = None if COUNTRY_SIGNS.issuperset(letters) else TermKind.PLAIN
        return _Needle(
            opens=_joins(letters[0]),
            closes=_joins(letters[-1]),
            whole=tuple(index for index in indexes if kinds[index] is plain),
            stems=tuple(index for index in indexes if kinds[index] is TermKind.STEM),
            closer=tuple(index for index in indexes if kinds[index] not in (plain, TermKind.STEM)),
        )

    def find(self, text: Text) -> Iterator[tuple[int, int, int]]:
        """Yield each term that stands in the text with its start and end, a term's places in order."""
        folded = text.folded
        for which, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            needle = self._needles[which]
            for index in needle.closer:
                if _holds(self.terms[index], text, start, end):
                    yield index, start, end
            if needle.opens and start and _joins(folded[start - 1]):
                continue
            for index in needle.stems:
                yield index, start, end
            if needle.closes and end < len(folded) and _joins(folded[end]):
                continue
            for index in needle.whole:
                yield index, start, end
        yield from self._regex_spans(folded)

    def _regex_spans(self, folded: str) -> Iterator[tuple[int, int, int]]:
        """Yield the matches of the regular expressions; one pass tells which ones match at all.

        A group in an expression says what the hit is: RE2 cannot look around, so `(円安)` may have
        neighbours spelled out beside it.
        """
        if not self._patterns:
            return
        for which in self._any_pattern.Match(folded) or ():
            index, pattern = self._patterns[which]
            for match in pattern.finditer(folded):
                start, end = match.span(1 if pattern.groups else 0)
                if end > start >= 0:
                    yield index, start, end


def _holds(term: Term, text: Text, start: int, end: int) -> bool:
    """Tell whether an occurrence of a term's letters is the term, where edges alone do not say."""
    folded = text.folded
    if term.kind is TermKind.KANJI:
        return is_country(folded, start)
    if not (_opens(folded, start) and _closes(folded, end)):
        return False
    if term.kind is TermKind.CASE:
        return text.slice(start, end) == _compatible(term.text)
    return is_free_run(folded, start, end)


def _opens(folded: str, start: int) -> bool:
    """Tell whether no word of a spaced script runs on over the beginning of an occurrence."""
    return start == 0 or not (_joins(folded[start]) and _joins(folded[start - 1]))


def _closes(folded: str, end: int) -> bool:
    """Tell whether no word of a spaced script runs on over the end of an occurrence."""
    return end == len(folded) or not (_joins(folded[end - 1]) and _joins(folded[end]))


def _joins(character: str) -> bool:
    """Tell whether a character belongs to words that spaces set apart."""
    return character.isalnum() and (character < _BEYOND_SPACED or "\u1e00" <= character < "\u2000")


def _options() -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False  # the text is folded to lower case
    options.log_errors = False
    # With the usual 8 MiB the states of 70 expressions such as `japan.{0,60}election` do not fit, are thrown
    # away and built anew all the time: 45 µs a text; with 16 MiB they stay, and it is 3 µs.
    options.max_mem = 32 << 20
    return options


def _straight(text: str) -> str:
    """Return text with straight apostrophes: the press prints Japan’s, people write Japan's."""
    return text.replace("’", "'")


def _fold(text: str) -> str:
    return _straight(fold(text))


def _compatible(text: str) -> str:
    return _straight(unicodedata.normalize("NFKC", text))


def _letters(term: Term) -> str:
    """Return what the automaton looks for."""
    letters = _fold(term.text)
    if not letters:
        raise TermError("an empty term would match everywhere")
    return letters


def _compile(pattern: str) -> re2._Regexp:
    try:
        return re2.compile(_compatible(pattern), _options())
    except re2.error as error:
        raise TermError(f"not a regular expression: {pattern}") from error


def _set_of(patterns: Iterable[str]) -> re2.Set:
    """Return an automaton that tells in one pass which of the patterns match."""
    together = re2.Set.SearchSet(_options())
    for pattern in patterns:
        together.Add(_compatible(pattern))
    together.Compile()
    return together
