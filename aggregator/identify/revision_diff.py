"""What changed between two texts of one entry, for people: kept, removed and added pieces."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

# Words of spaced scripts, numbers and katakana words whole; kanji and hiragana one by one, since
# a Japanese edit often touches a single character (容疑者 to 被告).
_TOKEN: Final = re.compile(
    r"\d+(?:[.,]\d+)*|[ァ-ヺー]+|[ぁ-ゖ々〇㐀-䶿一-鿿豈-﫿]|\s+|[^\W\d_ぁ-ゖァ-ヺー々〇㐀-䶿一-鿿豈-﫿]+|."
)
_SENTENCE: Final = re.compile(r"[^。.!?！？\n]*[。.!?！？\n]*\s*")
_TOO_MANY: Final = 3000  # tokens; comparing takes their product, so longer texts go by sentences
_TOO_SHORT: Final = 2  # characters: a piece so short between two changes only breaks them up


class SegmentKind(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text and what became of it."""

    kind: SegmentKind
    text: str


def changed_spans(before: str, after: str) -> tuple[Segment, ...]:
    """Return the pieces that turn `before` into `after`, in reading order, removed before added.

    The same and removed pieces make up `before`, the same and added ones `after`.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if max(len(old), len(new)) > _TOO_MANY:
        old, new = _SENTENCE.findall(before), _SENTENCE.findall(after)
    changes: list[tuple[str, str]] = []  # (removed, added), each followed by what stayed
    kept: list[str] = []
    for change, same in _steps(old, new):
        if any(change) and changes and any(changes[-1]) and len(kept[-1].strip()) < _TOO_SHORT:
            bridge, earlier = kept.pop(), changes.pop()
            changes.append((earlier[0] + bridge + change[0], earlier[1] + bridge + change[1]))
        else:
            changes.append(change)
        kept.append(same)
    return tuple(_segments(changes, kept))


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield what was removed and added at a place, and what then stayed."""
    i = j = 0
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        same = "".join(old[block.a : block.a + block.size])
        yield ("".join(old[i : block.a]), "".join(new[j : block.b])), same
        i, j = block.a + block.size, block.b + block.size


def _segments(changes: Sequence[tuple[str, str]], kept: Sequence[str]) -> Iterator[Segment]:
    """Yield the pieces that are not empty."""
    for (removed, added), same in zip(changes, kept, strict=True):
        for kind, text in (
            (SegmentKind.REMOVED, removed),
            (SegmentKind.ADDED, added),
            (SegmentKind.SAME, same),
        ):
            if text:
                yield Segment(kind, text)
