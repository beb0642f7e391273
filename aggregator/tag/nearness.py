"""Whether hits of several lists stand near each other: words far apart are about different things."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from aggregator.model.topic import Near
from aggregator.tag.terms import Text

# In spaced scripts nearness is counted in words: 40 characters of Japanese say what 12 words of English do.
_WORDS_PER_CHARACTER: Final = 12 / 40


class Hit(NamedTuple):
    """Where a term stands in the folded text."""

    field: str  # title | summary
    start: int
    end: int
    term: int  # its number

    def contains(self, other: "Hit") -> bool:
        """Tell whether another hit lies inside this longer one."""
        return (
            self.field == other.field
            and self.start <= other.start
            and other.end <= self.end
            and self.end - self.start > other.end - other.start
        )


def are_near(lists: Sequence[Sequence[Hit]], near: int | Near, fields: Mapping[str, Text]) -> bool:
    """Tell whether one hit of each list stands near the others, inside one field.

    Args:
        lists: The hits of each list, the best first; none is empty.
        near: The number of characters that may lie between the outermost two (in spaced scripts as
            many words as are said in them), or all in the title, or anywhere at all.
        fields: The texts by name of field.
    """
    if _stand_together([hits[0] for hits in lists], near, fields):
        return True
    if isinstance(near, Near) or all(len(hits) == 1 for hits in lists):
        return False
    return any(
        _inside_window(
            [[hit for hit in hits if hit.field == name] for hits in lists],
            text,
            near,
        )
        for name, text in fields.items()
    )


def _stand_together(hits: Sequence[Hit], near: int | Near, fields: Mapping[str, Text]) -> bool:
    """Tell whether hits stand near each other: most often the best ones do, or there are no others."""
    first, last = min(hits), max(hits)
    if isinstance(near, Near):
        return near is Near.ANYWHERE or first.field == last.field == "title"
    return first.field == last.field and _distance(first, last, fields[first.field]) <= near


def _inside_window(lists: Sequence[Sequence[Hit]], text: Text, near: int) -> bool:
    """Tell whether some window holds a hit of every list, by moving it over the hits in order."""
    ordered = sorted((hit, number) for number, hits in enumerate(lists) for hit in hits)
    inside: Counter[int] = Counter()
    first = 0
    for hit, number in ordered:
        inside[number] += 1
        while len(inside) == len(lists):
            if _distance(ordered[first][0], hit, text) <= near:
                return True
            leaving = ordered[first][1]
            inside[leaving] -= 1
            if not inside[leaving]:
                del inside[leaving]
            first += 1
    return False


def _distance(first: Hit, last: Hit, text: Text) -> float:
    """Return what lies between two hits in characters, words counted as the characters they stand for."""
    if text.is_spaced():
        return len(text.folded[first.end : last.start].split()) / _WORDS_PER_CHARACTER
    return max(0, last.start - first.end)
