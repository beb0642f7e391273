"""The headline that stands for reports, without what an intermediary put behind it."""

import math
import re
from collections.abc import Sequence
from typing import Final

from aggregator.digest.context import DigestContext
from aggregator.digest.features import likeness, rarity, terms_of
from aggregator.digest.language import written_in
from aggregator.model.query import FiledEntry
from aggregator.text.normalise import fold
from aggregator.text.script import is_cjk

_SUFFIX: Final = re.compile(
    r"\s*[（(](?:ロイター|ブルームバーグ|Bloomberg|Reuters|共同通信|時事通信)[）)]\s*-\s*Yahoo!\S*$|\s+[-–—|]\s+(\S[^-–—|]{1,40})$"
)
_STAMP: Final = re.compile(r"(?:\d{1,2}月\d{1,2}日\s*)?(?<!\d)\d{1,2}:\d\d(?:有料)?(?:#\S{1,20})*$")
"""A time and a tag that a front page sets behind a headline."""
_ADDRESS: Final = re.compile(r"(?:[\w-]+\.)+[a-z]{2,6}", re.IGNORECASE)
_CARRIERS: Final = frozenset(
    fold(name)
    for name in (
        "Reuters ロイター Bloomberg ブルームバーグ Yahoo!ニュース Yahoo!ファイナンス Kyodo 共同通信 時事通信 AFP BBC CNN AP "
        "Nikkei 日本経済新聞 MSN"
    ).split()
)
_COMPARED: Final = 50  # headlines of one story


def headline_of(filed: FiledEntry, ctx: DigestContext) -> str:
    """Return a report's headline as one line, without the outlet's name or a time behind it."""
    title = ctx.plain_line(filed.entry.title)
    stamp = _STAMP.search(title)
    if stamp is not None and stamp.start() >= 8 and is_cjk(title):
        title = title[: stamp.start()].rstrip()
    found = _SUFFIX.search(title)
    if found is None or found.start() < 8:
        return title
    name = found.group(1)
    outlets = {fold(ctx.outlet(filed.entry.source)), fold(filed.entry.source)}
    known = (
        name is None
        or _ADDRESS.fullmatch(name)
        or fold(name) in _CARRIERS
        or any(outlet.startswith(fold(name)) for outlet in outlets)
    )
    return title[: found.start()] if known else title


def in_language(filed: FiledEntry, language: str) -> bool:
    """Tell whether a report's headline is in a language."""
    declared = filed.entry.language
    if declared is not None and declared not in ("ja", "en"):
        return declared == language
    title = filed.entry.title
    return is_cjk(title) if language == "ja" else written_in(title, language)


def best_headline(
    lead: FiledEntry, reports: Sequence[FiledEntry], ctx: DigestContext
) -> FiledEntry:
    """Return the report whose headline stands for all: the lead, else a typical one that is readable."""
    if in_language(lead, ctx.language):
        return lead
    native = [filed for filed in reports if in_language(filed, ctx.language)]
    return most_typical(native, ctx) if native else lead


def most_typical(reports: Sequence[FiledEntry], ctx: DigestContext) -> FiledEntry:
    """Return the report whose headline is most like the others', of two alike the newer.

    A stray report, a bulletin of several subjects or a look back is like none of them.
    """
    titles = [terms_of(headline_of(filed, ctx)) for filed in reports]
    distinct = list(dict.fromkeys(titles))[:_COMPARED]  # copies count once
    weights = rarity(distinct)
    typical = {
        mine: round(math.fsum(likeness(mine, other, weights) for other in distinct), 6)
        for mine in titles
    }
    _, chosen = max(
        zip(titles, reports, strict=True),
        key=lambda pair: (typical[pair[0]], ctx.reported_at(pair[1]), pair[1].entry.id),
    )
    return chosen
