"""What a reader sees of an entry, as one number: another number means that the entry changed."""

import html
import re
import unicodedata
from typing import Final

from aggregator.identify.canonical_url import canonical_url
from aggregator.model.entry import ParsedEntry
from aggregator.model.identifiers import Fingerprint, digest63

_TAG: Final = re.compile(r"<[^>]*>")  # the content is clean, serialised HTML: no stray brackets
_LINK: Final = re.compile(r"https?://[^\s<>\"'、。」）)]+")
_COUNT: Final = r"\d[\d,.]*[km万千]?"
# Parts that change from fetch to fetch while the article stays as it is (reliability A42). Ages in
# days are not among them: they also stand in running text, and move once a day at most.
_VOLATILE: Final = re.compile(
    "|".join(
        (
            r"(?:約?\d+\s*(?:秒|分|時間)前|たった今)(?:に?更新)?",
            r"\b(?:\d+|an?|one)\s+(?:sec(?:ond)?|min(?:ute)?|hr|hour)s?\s+ago\b|\bjust now\b",
            rf"(?:コメント|いいね!?|シェア|ブックマーク|リツイート|リポスト|閲覧|再生)(?:数|回数)?\s*[:(]?\s*{_COUNT}\s*\)?(?:件|回|人)?",
            rf"{_COUNT}\s*(?:件|個|人)?の?(?:コメント|いいね!?|シェア|ブックマーク)",
            rf"\b(?:comments?|likes?|shares?|views?|retweets?|points|score)\s*[:(]\s*{_COUNT}\)?",
            rf"\b{_COUNT}\s+(?:comments?|likes?|shares?|views|retweets?)\b|\bno comments\b",
            r"\[(?:pr|ad)\]|【(?:pr|ad|広告)】|\(adsbygoogle\b[^;]*;?|スポンサー(?:ド)?リンク|\badvertisement\b",
        )
    ),
    re.IGNORECASE,
)


def fingerprint(entry: ParsedEntry) -> Fingerprint:
    """Return 63 bits over title, summary and content as text, without what is volatile.

    Markup, spacing, character widths, tracking in written-out links, numbers of comments and likes,
    ages in minutes and hours and marks of advertisements do not count.
    """
    seen = "\x1f".join(_stable(text) for text in (entry.title, entry.summary, plain(entry.content)))
    return Fingerprint(digest63(seen.encode("utf-8", "surrogatepass")))


def plain(content: str) -> str:
    """Return clean HTML as text."""
    return html.unescape(_TAG.sub(" ", content))


def _stable(text: str) -> str:
    """Return text in one form, without what changes by itself."""
    normal = unicodedata.normalize("NFKC", text)
    linked = _LINK.sub(lambda match: canonical_url(match[0]) or match[0], normal)
    return " ".join(_VOLATILE.sub(" ", linked).split())
