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
_COUNT: Final = r"\d[\d,.]{0,12}[km万千]?"  # bounded: texts may hold digits by the thousand
_REACTIONS: Final = ("コメント", "いいね", "シェア", "ブックマーク", "リツイート", "リポスト", "閲覧", "再生")  # fmt: skip
# Parts that change from fetch to fetch while the article stays as it is (reliability A42). Ages in
# days are not among them: they also stand in running text, and move once a day at most. For speed,
# each expression is tried only where one of its words stands, and none begins with a boundary or
# an optional part: the texts are long, and Python then leaps to the characters that may begin a match.
_VOLATILE: Final = tuple(
    (words, re.compile(expression))
    for words, expression in (
        (("前",), r"\d{1,4}\s*(?:秒|分|時間)前(?:に?更新)?"),
        (("たった今",), r"たった今(?:に?更新)?"),
        ((" ago",), r"\d{1,4}\s+(?:sec(?:ond)?|min(?:ute)?|hr|hour)s?\s+ago\b"),
        ((" ago",), r"(?:an?|one)\s+(?:second|minute|hour)\s+ago\b"),
        (("just now",), r"just now\b"),
        (
            _REACTIONS,
            rf"(?:{'|'.join(_REACTIONS)})!?(?:数|回数)?\s*[:(]?\s*{_COUNT}\s*\)?(?:件|回|人)?",
        ),
        (
            ("コメント", "いいね", "シェア", "ブックマーク"),
            rf"{_COUNT}\s*(?:件|個|人)?の?(?:コメント|いいね!?|シェア|ブックマーク)",
        ),
        (
            ("comment", "like", "share", "view", "tweet", "points", "score"),
            rf"(?:comments?|likes?|shares?|views?|retweets?|points|score)\s*[:(]\s*{_COUNT}\)?",
        ),
        (
            ("comment", "like", "share", "view", "tweet"),
            rf"{_COUNT}\s+(?:comments?|likes?|shares?|views|retweets?)\b",
        ),
        (("no comments",), r"no comments\b"),
        (("[pr]", "[ad]", "【pr】", "【ad】", "【広告】"), r"\[(?:pr|ad)\]|【(?:pr|ad|広告)】"),
        (("(adsbygoogle",), r"\(adsbygoogle\b[^;]*;?"),
        (("スポンサー",), r"スポンサー(?:ド)?リンク"),
        (("advertisement",), r"advertisement\b"),
    )
)


def fingerprint(entry: ParsedEntry) -> Fingerprint:
    """Return 63 bits over title, summary and content as text, without what is volatile.

    Markup, spacing, case, character widths, tracking in written-out links, numbers of comments and likes,
    ages in minutes and hours and marks of advertisements do not count.
    """
    seen = "\x1f".join(_stable(text) for text in (entry.title, entry.summary, plain(entry.content)))
    return Fingerprint(digest63(seen.encode("utf-8", "surrogatepass")))


def plain(content: str) -> str:
    """Return clean HTML as text."""
    return html.unescape(_TAG.sub(" ", content))


def _stable(text: str) -> str:
    """Return text in one form, without what changes by itself."""
    stable = unicodedata.normalize("NFKC", text)
    if "://" in stable:
        stable = _LINK.sub(lambda match: canonical_url(match[0]) or match[0], stable)
    stable = stable.lower()
    for words, expression in _VOLATILE:
        for word in words:  # `any` would take four times as long
            if word in stable:
                stable = expression.sub(" ", stable)
                break
    return " ".join(stable.split())
