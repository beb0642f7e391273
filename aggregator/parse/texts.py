"""Which of an entry's texts is its summary, and which its content; how long its id may be."""

import hashlib
from dataclasses import dataclass
from typing import Final

from aggregator.parse.markup import clean_html, escape, first_image
from aggregator.parse.options import ParseLimits
from aggregator.parse.plain import plain_text, shorten, strip_tags, text_of_clean, tidy

_LONGEST_ID: Final = 2048  # characters, as of a link
_HUGE: Final = 4  # times the limit: markup is mostly shorter than that around so much text


@dataclass(frozen=True, slots=True)
class Fragment:
    """A text as a feed gives it."""

    value: str
    markup: bool  # False: plain text, whatever it looks like
    base: str | None = None  # what its links are relative to


@dataclass(frozen=True, slots=True)
class Texts:
    """An entry's texts, ready to keep."""

    summary: str  # plain text
    content: str  # clean HTML; empty where it would say no more than the summary
    image: str | None


def texts_from(summary: Fragment | None, content: Fragment | None, limits: ParseLimits) -> Texts:
    """Return summary and content: a long description is content, and content without one makes it."""
    if content and summary and content.value.strip() == summary.value.strip():
        summary = None  # feedparser copies content into an absent summary
    given = _text(summary, limits) if summary else ""
    if summary and not content and len(given) > limits.summary:
        content = summary
    image = _image(summary, limits)
    if content is None:
        return Texts(shorten(given, limits.summary), "", image)
    html = _html(content, limits)
    whole = text_of_clean(html)
    image = first_image(html) or image
    if len(given) > limits.summary or not given:
        given = shorten(given or whole, limits.excerpt)
    return Texts(given, html if len(whole) > len(given) else "", image)


def _text(fragment: Fragment, limits: ParseLimits) -> str:
    if len(fragment.value) > _HUGE * limits.content:
        return _rough_text(fragment, limits)
    return plain_text(fragment.value) if fragment.markup else tidy(fragment.value)


def _html(fragment: Fragment, limits: ParseLimits) -> str:
    """Return clean HTML of bounded length: what is too long becomes text, since markup is never cut."""
    if len(fragment.value) > _HUGE * limits.content:
        html = escape(_rough_text(fragment, limits))
    elif fragment.markup:
        html = clean_html(fragment.value, fragment.base)
    else:
        html = escape(fragment.value)
    text = text_of_clean(html) if len(html) > limits.content else ""
    while len(html) > limits.content:
        text = shorten(text, min(limits.content, len(text) * 3 // 4))
        html = escape(text)
    return html


def _rough_text(fragment: Fragment, limits: ParseLimits) -> str:
    """Return the text of the beginning of something huge, at a cost that its length does not tell."""
    beginning = fragment.value[: _HUGE * limits.content]
    return tidy(strip_tags(beginning) if fragment.markup else beginning)


def _image(fragment: Fragment | None, limits: ParseLimits) -> str | None:
    if fragment is None or not fragment.markup or "<img" not in fragment.value.lower():
        return None
    return first_image(_html(fragment, limits))


def bounded_id(text: str) -> str | None:
    """Return an id as given, or its digest where it is of a length that is an attack (A45); None if empty."""
    text = text.strip()
    if len(text) <= _LONGEST_ID:
        return text or None
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
