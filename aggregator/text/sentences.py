"""Sentences as spans of the text given, so that each can be proved to be word for word in it.

One pass for every script: a sentence ends at its mark, never inside brackets or a quotation. Marks and
brackets are told by character; the language decides what may follow a full stop.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

_LONGEST_QUOTATION: Final = 400
"""Characters; a bracket that is not closed within so many was never meant to enclose anything."""
_PAIRS: Final = dict(zip("「『（(【《〈［[“‘〔", "」』）)】》〉］]”’〕", strict=True))
_QUOTES: Final = frozenset("「『“")
_CLOSERS: Final = frozenset("」』）)】》〉］]”’〕\"'")
_ENDS: Final = frozenset("。！？｡.!?…")
_FULL_WIDTH: Final = frozenset("。！？｡")
_CLAUSE_GOES_ON: Final = frozenset("とのをがはにへもで、，」』）)】")  # 「なぜ？」ではなく…
_BULLETS: Final = frozenset("■◆●▼◇□▽◎★")

# Never the end of a sentence: a name or a number follows.
_TITLES: Final = frozenset(
    "mr mrs ms dr prof gen lt col sgt capt cmdr sen rep gov pres sec st mt ft rev hon adm maj messrs "
    "vs no nos art fig vol pp approx eg ie cf viz dept".split()
)
_MONTHS: Final = frozenset("jan feb mar apr jun jul aug sep sept oct nov dec".split())
# The end of one only where the next word usually begins one.
_OFTEN_INSIDE: Final = frozenset("inc corp co ltd plc llc bros jr sr etc al am pm cos".split())
_STARTERS: Final = frozenset(
    "the a an it he she they we i you this that these those in on at but and or so for from by as if "
    "when while after before since with without his her its their our there here what who how why "
    "however meanwhile according some many most several both no not one two three all under over "
    "last next still yet also analysts investors shares officials police".split()
)
_WORD_BEFORE: Final = re.compile(r"([^\W\d_](?:\.?[^\W\d_])*)$")
_NEXT_WORD: Final = re.compile(r"[\s\"“‘'(\[]*([^\W_]+)?")
# "on Thursday.At first": some feeds lose the space; "J.Crew" and "amazon.com" never had one.
_RUN_TOGETHER: Final = re.compile(r"(?:[a-z]{2}|\d\d|%)[.!?][”\"’)]*[A-Z“\"][a-z ]$")
_INITIALS: Final = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")


@dataclass(frozen=True, slots=True)
class Span:
    """From where to where, in code points of the text that was given."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return what stands there."""
        return text[self.start : self.end]


def sentences(text: str, language: str | None = None) -> tuple[Span, ...]:
    """Return the sentences of a text in order, without the white space around them.

    A line break ends a sentence too; a quotation of several sentences stays in the one that it is in.
    What is between the spans is white space only.
    """
    return tuple(_spans(text, language))


def first_sentence(text: str, language: str | None = None) -> Span | None:
    """Return the first sentence of a text, without reading the rest."""
    return next(_spans(text, language), None)


def _spans(text: str, language: str | None) -> Iterator[Span]:
    spaced = language not in ("ja", "zh")
    for line in re.finditer(r"[^\n\r]+", text):
        start = line.start()
        for end in chain(_ends(text, line.start(), line.end(), spaced), (line.end(),)):
            if span := _trimmed(text, start, end):
                yield span
            start = end


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None


def _ends(text: str, start: int, stop: int, spaced: bool) -> Iterator[int]:
    """Yield where sentences end inside one line."""
    i = start
    begun = start
    while i < stop:
        char = text[i]
        if (close := _close_of(text, i, stop)) is not None:
            inner_end = text[close - 1] in _ENDS
            i = close + 1
            if inner_end and _starts_after_quotation(text, i, stop):
                yield i
                begun = i
        elif char in _BULLETS and text[begun:i].strip():
            yield i
            begun = i
            i += 1
        elif char in _ENDS:
            i = _behind_marks(text, i, stop)
            if _is_end(text, begun, i, stop, spaced):
                yield i
                begun = i
        else:
            i += 1


def _close_of(text: str, i: int, stop: int) -> int | None:
    """Return where the bracket or quotation that opens at `i` closes; None where none opens."""
    char = text[i]
    limit = min(stop, i + _LONGEST_QUOTATION)
    if char in "\"'‘":
        return _close_of_quote(text, i, limit)
    if (closer := _PAIRS.get(char)) is None:
        return None
    depth = 0
    if text.find(closer, i + 1, limit) < 0:
        limit = i  # nothing closes it: no need to look
    for at in range(i, limit):
        if text[at] == char:
            depth += 1
        elif text[at] == closer:
            depth -= 1
            if depth == 0:
                return at
    if char in _QUOTES and stop - i < _LONGEST_QUOTATION:
        return stop - 1  # cut off inside the quotation
    return None


def _close_of_quote(text: str, i: int, limit: int) -> int | None:
    """Return where a quotation mark closes that looks alike on both sides, or like an apostrophe."""
    char = text[i]
    opens = (i == 0 or not text[i - 1].isalnum()) and i + 1 < limit and not text[i + 1].isspace()
    if not opens:
        return None
    closer = "’" if char == "‘" else char
    for at in range(i + 1, limit):
        if text[at] == closer and (at + 1 >= len(text) or not text[at + 1].isalnum()):
            return at
    return None


def _behind_marks(text: str, i: int, stop: int) -> int:
    """Return the position behind a run of end marks and what closes with them."""
    while i < stop and text[i] in _ENDS:
        i += 1
    while i < stop and text[i] in _CLOSERS:
        i += 1
    return i


def _starts_after_quotation(text: str, i: int, stop: int) -> bool:
    """Tell whether a new sentence begins behind a quotation that ended with a full stop."""
    if i >= stop:
        return False  # the line ends here anyway
    if text[i] in "「『":
        return True
    rest = text[i:stop].lstrip()
    return text[i].isspace() and bool(rest) and not rest[0].islower() and rest[0] not in "、,と"


def _is_end(text: str, begun: int, i: int, stop: int, spaced: bool) -> bool:
    """Tell whether the marks before `i` end the sentence that began at `begun`."""
    if i >= stop:
        return False  # the line ends here anyway
    mark = text[i - 1]
    if mark in _FULL_WIDTH or (text[i - 1] in _CLOSERS and text[i - 2] in _FULL_WIDTH):
        return mark in "。｡" or text[i] not in _CLAUSE_GOES_ON
    if not text[i].isspace():
        return _RUN_TOGETHER.search(text, max(begun, i - 8), min(i + 2, stop)) is not None
    following = text[i:stop].lstrip()
    if (
        not following
        or following[0].islower()
        or (mark == "." and _is_abbreviation(text, begun, i, stop))
    ):
        return False
    return spaced or not (text[i - 2].isdigit() and following[0].isdigit())


def _is_abbreviation(text: str, begun: int, i: int, stop: int) -> bool:
    """Tell whether the full stop before `i` belongs to the word before it and ends nothing."""
    before = _WORD_BEFORE.search(text[max(begun, i - 24) : i - 1])
    if before is None:
        return False
    word = before.group(1).lower()
    plain = word.replace(".", "")
    found = _NEXT_WORD.match(text, i, stop)
    following = (found.group(1) or "") if found else ""
    if plain in _TITLES:
        return plain not in ("no", "nos", "art", "fig", "vol") or following[:1].isdigit()
    if plain in _MONTHS:
        return following[:1].isdigit()
    if plain in _OFTEN_INSIDE or _INITIALS.fullmatch(word):
        return following.lower() not in _STARTERS
    return False
