"""Whether HTML is cheap to parse: told before it is parsed, in linear time."""

import re
from typing import Final

from aggregator.parse import elements

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_DEPTH_LIMIT: Final = 256  # open elements: nh3 needs 18 s for 50,000 (reliability A15)
_REPEAT_LIMIT: Final = (
    100_000  # open formatting times later blocks: HTML repeats it in each of them
)
_ATTRIBUTE_RUN: Final = re.compile(r"<[a-zA-Z](?=[^<>]{20000})")  # one tag of 20,000 characters


def is_costly(html: str) -> bool:
    """Tell whether parsing HTML would cost much more than its length."""
    if _ATTRIBUTE_RUN.search(html):
        return True
    depth = formatting = repeats = 0
    for closing, name in _TAG.findall(html):
        tag = name.lower()
        if tag in elements.VOID:
            continue
        step = -1 if closing else 1
        if tag in elements.FORMATTING:
            formatting = max(0, formatting + step)
        else:
            repeats += formatting
        if tag not in elements.SELF_CLOSING:
            depth = max(0, depth + step)
        if depth > _DEPTH_LIMIT or repeats > _REPEAT_LIMIT:
            return True
    return False
