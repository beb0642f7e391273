"""Files that come with an entry, with only what is sound of their description."""

import re
from typing import Final

from aggregator.model.entry import Enclosure
from aggregator.parse.urls import safe_url

_TYPE: Final = re.compile(r"[a-z0-9][\w.+-]{0,60}/[\w.+-]{1,60}", re.ASCII)


def enclosure(url: object, kind: object, length: object, base: str) -> Enclosure | None:
    """Return an enclosure, or None without a sound URL; nonsense as type or length is left out (reliability A36)."""
    safe = safe_url(str(url), base) if url else None
    if safe is None:
        return None
    token = str(kind or "").strip().lower()
    digits = str(length if length is not None else "").strip()
    size = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else 0
    return Enclosure(url=safe, type=token if _TYPE.fullmatch(token) else None, length=size)
