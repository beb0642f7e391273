"""Whether hits of several lists stand near each other: words far apart are about different things."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aggregator.model.topic import Near
from aggregator.tag.terms import Span, Text

# In spaced scripts nearness is counted in words: 40 characters of Japanese say what 12 words of English do.
_WORDS_PER_CHARACTER: Final = 12 / 40


@dataclass(frozen=True, slots=True)
class Place:
    """Where a hit stands."""

    field: str  # title | summary
    span: Span

    def contains(self, other: "Place") -> bool:
        """Tell whether another hit lies inside this longer one."""
        return (
            self.field == other.field
            and self.span != other.span
            and self.span.start <= other.span.start
            and other.span.end <= self.span.end
        )


def are_near(
    lists: Sequence[Sequence[Place]], near: int | Near, fields: Mapping[str, Text]
) -> bool:
    """Tell whether one hit of each list stands near the others, inside one field.

    Args:
        lists: The hits of each list; none is empty.
        near: The number of characters that may lie between the outermost two (in spaced scripts as
            many words as are said in them), or all in the title, or anywhere at all.
        fields: The texts by name of field.
    """
    if near is Near.TITLE:
        return all(any(place.field == "title" for place in places) for places in lists)
    if near is Near.ANYWHERE or len(lists) == 1:
        return True
    return any(
        _inside_window(
            [[place.span for place in places if place.field == name] for places in lists],
            text,
            near,
        )
        for name, text in fields.items()
    )


def _inside_window(lists: Sequence[Sequence[Span]], text: Text, near: int) -> bool:
    """Tell whether some window holds a hit of every list, by moving it over the hits in order."""
    hits = sorted(
        ((span, number) for number, spans in enumerate(lists) for span in spans),
        key=lambda hit: (hit[0].start, hit[0].end),
    )
    inside: Counter[int] = Counter()
    first = 0
    for span, number in hits:
        inside[number] += 1
        while len(inside) == len(lists):
            if _distance(hits[first][0], span, text) <= near:
                return True
            leaving = hits[first][1]
            inside[leaving] -= 1
            if not inside[leaving]:
                del inside[leaving]
            first += 1
    return False


def _distance(first: Span, last: Span, text: Text) -> float:
    """Return what lies between two hits in characters, words counted as the characters they stand for."""
    between = text.folded[first.end : max(first.end, last.start)]
    if text.is_spaced():
        return len(between.split()) / _WORDS_PER_CHARACTER
    return len(between)
