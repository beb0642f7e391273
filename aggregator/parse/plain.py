"""HTML, or what claims to be text, as plain text: paragraphs and headlines."""

import re
import unicodedata
from html import unescape
from html.entities import html5
from typing import Final

import nh3

from aggregator.parse import elements
from aggregator.parse.cost import is_costly

# Of what nh3 wrote only: attributes are quoted there, and `<` in text is escaped.
_TAG: Final = re.compile(r'<(/?)([a-z0-9]+)(?: [a-z]+="[^"]*")*>')
_READING: Final = re.compile(r"<(rt|rp)(?: [^>]*)?>.*?</\1>", re.DOTALL)
# Of anything: each of these finds its end or the end of the text, so that time stays linear.
_HIDDEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1[^<>]*>?|\Z)", re.DOTALL | re.IGNORECASE
)
_ANY_TAG: Final = re.compile(r"</?[a-zA-Z!?][^<>]*>?")

_CJK: Final = "\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff9f"
_IS_CJK: Final = re.compile(f"[{_CJK}]")
_STOPS: Final = frozenset("。！？!?」』）】…")
_BLANK: Final = "\t\f\v\x85\xa0\u2028\u2029"
_SPACES: Final = f" {_BLANK}"
# Sets of characters are looked for first: a search for one is ten times as fast as for what it begins.
_BLANKS: Final = re.compile(f"[{_BLANK}]")
_BREAKS: Final = re.compile("([\r\n\x1e]+)")
_UNEVEN: Final = re.compile(f"[{_SPACES}]{{2,}}|[{_BLANK}]")
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0e-\x1d\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060-\u2064\ufeff\ufffe\uffff\ud800-\udfff]"
)

# Direction, invisible and tag characters: they make a headline read other than it is (reliability A22).
_SPOOFING: Final = re.compile(
    "[\u061c\u115f\u1160\u180e\u200e\u200f\u202a-\u202e\u2065-\u206f\u3164\uffa0\U000e0000-\U000e007f]"
)
# Joiners mean something after emoji and in Arabic, Persian and Indic letters, and nothing elsewhere.
_LONE_JOINER: Final = re.compile(
    "(?<![\u0600-\u06ff\u0750-\u077f\u0900-\u0dff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]+"
)
_MARKS: Final = re.compile("[\u0300-\u036f\u3099\u309a]")
_COMBINING: Final = re.compile("[^\u0300-\u036f\u3099\u309a][\u0300-\u036f\u3099\u309a]+")
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_TITLE_TAG: Final = re.compile(
    rf"</?(?:{'|'.join(sorted(elements.IN_TITLES))})(?:\s[^<>]*|/)?>", re.IGNORECASE
)
_LEADING_TAG: Final = re.compile(
    rf"\s*<(?:{'|'.join(sorted(elements.IN_TITLES))})[\s/>]", re.IGNORECASE
)
_CLOSED: Final = re.compile(
    rf"</(?:{'|'.join(sorted(elements.IN_TITLES))})\s*>|<(?:br|img|wbr)\b", re.IGNORECASE
)

_text_cleaner: Final = nh3.Cleaner(
    tags={*elements.BLOCKS, "ruby", "rt", "rp"},
    clean_content_tags={*elements.NOT_TEXT, "object", "audio", "video"},
    attributes={},
    link_rel=None,
)


def plain_text(html: str) -> str:
    """Return the text of HTML as one paragraph: no markup, no scripts, entities as characters.

    Blocks are set apart by a space, or by nothing after a Japanese full stop; a line that the
    source broke inside Japanese text is joined.
    """
    if "<" not in html and "&" not in html:
        return tidy(html)
    if is_costly(html):
        return tidy(strip_tags(html))
    text = text_of_clean(_text_cleaner.clean(html))
    if _LEADING_TAG.match(text) and _CLOSED.search(text):  # escaped twice
        return text_of_clean(_text_cleaner.clean(text))
    return text


def text_of_clean(clean: str) -> str:
    """Return the text of what nh3 wrote: of the output of `clean_html`, above all."""
    if "<rt" in clean or "<rp" in clean:
        clean = _READING.sub("", clean)
    return tidy(unescape(_TAG.sub(_boundary, clean)))


def strip_tags(html: str) -> str:
    """Return roughly the text of any HTML, in linear time and without parsing it."""
    return unescape(_ANY_TAG.sub(" ", _HIDDEN.sub(" ", html)))


def tidy(text: str) -> str:
    """Return text as one paragraph: single spaces, none inside Japanese, no control characters."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    if _UNWANTED.search(text):
        text = _UNWANTED.sub("", text)
    if _MARKS.search(text):
        text = _compose(text)
    if _BREAKS.search(text):
        text = _joined(text)
    if "  " in text or _BLANKS.search(text):
        text = _UNEVEN.sub(" ", text)
    return text.strip(" \u3000")


def _joined(text: str) -> str:
    """Return text without its breaks, and the white space around them."""
    first, *rest = _BREAKS.split(text)
    last = first.rstrip(_SPACES)
    joined, apart = [last], False
    for breaks, piece in zip(rest[::2], rest[1::2], strict=True):
        apart = apart or "\x1e" in breaks
        if stripped := piece.strip(_SPACES):
            joined += (_space(last[-1:], stripped[0], apart=apart), stripped)
            last, apart = stripped, False
    return "".join(joined)


def _space(before: str, after: str, *, apart: bool) -> str:
    """Return what stands for a break between two characters: in Japanese nothing; blocks are set apart."""
    if apart:
        return "" if before in _STOPS and _IS_CJK.match(after) else " "
    return "" if _IS_CJK.match(before) and _IS_CJK.match(after) else " "


def plain_title(raw: str, *, markup: bool = True) -> str:
    """Return a headline: one line of text. HTML goes, however often it was escaped; 1 < 2, A&B and <独自> stay.

    With `markup` False (Atom says it is text) tags go only where one is closed, since many feeds
    that say so send HTML all the same.
    """
    title = raw
    for _ in range(3):
        before = title
        if "<" in title and (markup or _CLOSED.search(title)):
            title = _TITLE_TAG.sub("", _HIDDEN.sub("", title))
        if "&" in title:
            title = _ENTITY.sub(_character, title)
        if title == before:
            break
    title = _SPOOFING.sub("", tidy(title))
    if "\u200c" in title or "\u200d" in title:
        title = _LONE_JOINER.sub("", title)
    return title.strip(" \u3000")


def shorten(text: str, limit: int) -> str:
    """Return at most `limit` characters, cut behind a sentence, else behind a word, else with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    ends = [m.end() for m in re.finditer(r"[。！？!?][」』）\"”)]*|\.(?=\s)[\"”)]*", head)]
    if ends and ends[-1] * 3 > limit:
        return head[: ends[-1]].rstrip()
    space = head.rfind(" ")
    return head[: space if space * 3 > limit * 2 else limit - 1].rstrip() + "…"


def _boundary(tag: re.Match[str]) -> str:
    return "\x1e" if tag.group(2) in elements.BLOCKS else ""


def _character(match: re.Match[str]) -> str:
    entity = match.group()
    if entity[1] != "#" and entity[1:] not in html5:
        return entity
    return unescape(entity)


def _compose(text: str) -> str:
    """Compose letters with their marks, as NFC does, but leave single kanji as they were printed."""
    return _COMBINING.sub(lambda m: unicodedata.normalize("NFC", m.group()), text)
