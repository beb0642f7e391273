"""A report's summary, short enough to quote: whole sentences where they fit, never the title again."""

import re
from typing import Final

from aggregator.model.output import Audience
from aggregator.publish.plain_text import plain_line
from aggregator.text.bylines import is_byline
from aggregator.text.normalise import fold
from aggregator.text.script import is_cjk

_CJK_LIMIT: Final = 200
_SPACED_LIMIT: Final = 400
SNIPPET_LIMIT: Final = 100  # for an audience beyond the operator's own
_SENTENCE_END: Final = re.compile(r"[。！？!?][」』）”\"')]*|\.[”\"')]*(?=\s|$)")
_LONGEST_BYLINE: Final = 120
_HEADLINE_LIMIT: Final = 60  # of one made from the text, where there is none
_JOINT: Final = " 　\t-–—―:：|｜/・、,。.…"


def summary_of(summary: str, title: str, audience: Audience) -> str:
    """Return the part of a summary that an item shows; empty where it says no more than title and agency."""
    line, text = plain_line(title), plain_line(summary)
    text = _without_title(text, line) if line else text.removeprefix(headline_of("", summary))
    text = _told(text.lstrip(_JOINT))
    limit = _CJK_LIMIT if is_cjk(text) else _SPACED_LIMIT
    return shorten(text, limit if audience is Audience.PRIVATE else SNIPPET_LIMIT)


def headline_of(title: str, summary: str) -> str:
    """Return a headline in one line; without one the first words of the summary, if it has any."""
    return plain_line(title) or shorten(_told(plain_line(summary)), _HEADLINE_LIMIT)


def shorten(text: str, limit: int) -> str:
    """Return at most `limit` characters of a text, cut behind a sentence, else behind a word."""
    if len(text) <= limit:
        return text
    ends = [end.end() for end in _SENTENCE_END.finditer(text, 0, limit) if end.end() <= limit]
    if ends and ends[-1] * 3 >= limit:
        return text[: ends[-1]].rstrip()
    room = limit - 1
    word = text.rfind(" ", 0, room + 1)
    cut = text[:room] if word * 2 < limit else text[:word]
    return cut.rstrip(_JOINT) + "…"


def _told(text: str) -> str:
    """Return a text, or nothing where it only names a place and an agency."""
    return "" if len(text) <= _LONGEST_BYLINE and is_byline(fold(text)) else text


def _without_title(text: str, title: str) -> str:
    # Only where it stands alone: a sentence that begins with the title's words is no repetition.
    while title and text.startswith(title) and text[len(title) : len(title) + 1] in ("", *_JOINT):
        text = text[len(title) :].lstrip(_JOINT)
    return "" if fold(text).strip(_JOINT) == fold(title).strip(_JOINT) else text
