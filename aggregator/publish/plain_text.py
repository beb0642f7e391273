"""Text of strangers made fit for every format: legal in XML, in one line, never taken for markup."""

import re
from html import escape, unescape
from typing import Final

# XML 1.0 (section 2.2) forbids C0 controls, surrogates, U+FFFE and U+FFFF: lxml raises on them and the
# whole feed would be lost. C1 controls and noncharacters are legal there, but nothing a reader sees.
_ILLEGAL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
    )
    + "]"
)
# Overrides and isolates reorder what stands around them; zero-width characters make two names look
# alike; U+FFFD is what is left of a character that could not be decoded. U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
_SPOOFING: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffd\U000e0000-\U000e007f]"
)
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_REFERENCE: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_LIKE_REFERENCE: Final = re.compile(r"&(?=#?\w+;)")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")  # RFC 5646, in short


def is_legal(text: str) -> bool:
    """Tell whether a text can stand in XML as it is."""
    return _ILLEGAL.search(text) is None


def legal(text: str) -> str:
    """Return a text without what XML forbids."""
    return _ILLEGAL.sub("", text)


def plain_line(text: str) -> str:
    """Return a text as one line that looks like what it is.

    Many readers take an RSS title for HTML, whatever its writer meant. So character references are
    replaced by what they stand for (twice: publishers escape twice), and what would still open a tag
    or be a reference loses that power (`<b` becomes `＜b`). Headlines such as `<独自>` stay as they are.
    """
    return text if _is_plain(text) else _made_plain(text)


def _made_plain(text: str) -> str:
    for _ in range(2):
        text = _REFERENCE.sub(lambda reference: unescape(reference.group()), text)
    text = " ".join(_SPOOFING.sub("", legal(text)).split())
    return _LIKE_REFERENCE.sub("＆", _TAG.sub("＜", text))


def _is_plain(text: str) -> bool:
    """Tell of most texts that nothing in them needs a change; control, format and other spaces are not printable."""
    return (
        text.isprintable()
        and "&" not in text
        and "<" not in text
        and "\ufffd" not in text
        and "  " not in text
        and text[:1] != " " != text[-1:]
    )


def language_tag(text: str | None) -> str | None:
    """Return a language as XML and JSON may carry it, or None."""
    return text if text is not None and _LANGUAGE.fullmatch(text) else None


def markup(text: str) -> str:
    """Return plain text as HTML."""
    return escape(text, quote=True)
