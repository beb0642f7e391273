"""Text of strangers made fit for every format: legal in XML, in one line, never taken for markup."""

import re
from html import escape
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
# alike. U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
_SPOOFING: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")


def is_legal(text: str) -> bool:
    """Tell whether a text can stand in XML as it is."""
    return _ILLEGAL.search(text) is None


def legal(text: str) -> str:
    """Return a text without what XML forbids."""
    return _ILLEGAL.sub("", text)


def plain_line(text: str) -> str:
    """Return a text as one line that looks like what it is.

    What would open a tag loses that power (`<b` becomes `＜b`): many readers take an RSS title for
    HTML, whatever its writer meant. Headlines such as `<独自>` open no tag and stay as they are.
    """
    return _TAG.sub("＜", " ".join(_SPOOFING.sub("", legal(text)).split()))


def markup(text: str) -> str:
    """Return plain text as HTML."""
    return escape(text, quote=True)
