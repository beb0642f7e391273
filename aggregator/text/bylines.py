"""Datelines and credits of news agencies: what stands before a report and says nothing of it."""

import re
from typing import Final

BYLINE: Final = re.compile(
    r"^(?P<before>.{0,80}?)[\[(（［【][^\])）］】]{0,24}(?:ロイター|共同|時事|reuters|bloomberg|ブルームバーグ|ap|afp)[\])）］】]"
    r"\s*[:：]?\s*[-–—]?\s*"
)
"""The beginning of a folded text up to the end of its dateline: "[ワシントン 19日 ロイター] - "."""

_STOPS: Final = " .。…"
_MARKS: Final = ":：-–—―−ー"  # what introduces a report


def is_byline(text: str) -> bool:
    """Tell whether a folded text is a dateline or a credit, and nothing else.

    "ワシントン(ap) -" is one by its dash; "協議が始まる(共同)" is a report, with its credit behind.
    """
    bare = text.rstrip(_STOPS + _MARKS)
    found = BYLINE.match(bare)
    if found is None or found.end() < len(bare):
        return False
    return not found["before"] or not set(_MARKS).isdisjoint(text[len(bare) :])
