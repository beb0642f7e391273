"""An entry as terms with weights: what is compared to find entries that report the same event."""

import re
from dataclasses import dataclass
from math import log
from typing import Final

from aggregator.text.normalise import fold
from aggregator.text.words import STOP_WORDS, stem

_TAG: Final = re.compile(
    r"【[^】]{1,24}】|<[^>]{1,16}>|〈[^〉]{1,16}〉|\[[^\]]{1,16}\]|《[^》]{1,12}》"
)
_DROPPED_TAG: Final = re.compile(
    r"速報|独自|動画|中継|映像|写真|解説|全文|詳報|更新|ライブ|号外|まとめ|情報|特集|続報|スキャナー|会見|社説|主張|breaking|exclusive|watch|video|live|update"
)
_LEAD_IN: Final = re.compile(
    r"^(?:breaking(?: news)?|exclusive|watch|video|live|update \d|just in)\s*[:|-]\s*"
)
_ALIASES: Final = (
    ("内閣総理大臣", "首相"), ("総理大臣", "首相"), ("総理", "首相"), ("アメリカ", "米国"), ("中央銀行", "中銀"),
    ("日本銀行", "日銀"), ("訪日外国人", "訪日客"), ("防衛大臣", "防衛相"), ("外務大臣", "外相"), ("財務大臣", "財務相"),
)  # fmt: skip
_TOKEN: Final = re.compile(
    r"[\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
    r"|\d[\d.,]*|[^\W\d_]+(?:['’][^\W\d_]+)?"
)
_KATAKANA: Final = re.compile(r"[\u30a1-\u30fa\u30fc]{3,}")
_SUMMARY_LENGTH: Final = 300
_MOST_TERMS: Final = 64


@dataclass(frozen=True, slots=True)
class Features:
    """The terms of an entry with how much of the text each is, title terms first."""

    terms: dict[str, float]
    bare_title: str  # folded, without marks and outlet name: for the copy rules


def bare_title(title: str, outlet: str) -> str:
    """Return a folded headline without its marks and without a trailing outlet name."""
    text = _TAG.sub(lambda tag: " " if _DROPPED_TAG.search(tag[0]) else tag[0], fold(title))
    text = _LEAD_IN.sub("", text.strip())
    name = fold(outlet)
    for dash in (" - ", " | ", " – ", " — "):
        head, found, tail = text.rpartition(dash)
        if found and head and (tail == name or (len(tail) <= 24 and len(head) > 2 * len(tail))):
            return head.strip()
    return " ".join(text.split())


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    for token in _TOKEN.findall(text):
        first = token[0]
        if first.isdigit():
            found.append("#" + token.replace(",", "").rstrip("."))
        elif first >= "\u3005" and _is_cjk(first):
            found.extend(_bigrams(token))
        elif token not in STOP_WORDS:
            word = token.partition("'")[0].partition("’")[0]
            if len(word) > 1 or len(token) == 1:
                found.append(stem(word))
    return found


def _is_cjk(character: str) -> bool:
    return (
        "\u3005" <= character <= "\u9fff"
        or "\uf900" <= character <= "\ufaff"
        or character >= "\U00020000"
    )


def _bigrams(run: str) -> list[str]:
    found = [
        run[i : i + 2]
        for i in range(len(run) - 1)
        if not ("\u3041" <= run[i] <= "\u3096" and "\u3041" <= run[i + 1] <= "\u3096")
    ]
    found.extend(_KATAKANA.findall(run))
    if len(run) == 1 and not "\u3041" <= run <= "\u3096":
        found.append(run)
    return found


def features_of(title: str, summary: str, outlet: str) -> Features:
    """Return what of an entry's headline and the beginning of its summary is compared."""
    bare = bare_title(title, outlet)
    terms = _counted(bare, 1.0)
    if summary:
        folded = fold(summary[:_SUMMARY_LENGTH])
        for term, weight in _counted(folded, 0.5).items():
            terms[term] = terms.get(term, 0.0) + weight
    if len(terms) > _MOST_TERMS:
        terms = dict(list(terms.items())[:_MOST_TERMS])
    return Features(terms, bare)


def _counted(text: str, weight: float) -> dict[str, float]:
    for long, short in _ALIASES:
        if long in text:
            text = text.replace(long, short)
    counts: dict[str, int] = {}
    for token in _tokens(text):
        counts[token] = counts.get(token, 0) + 1
    return {t: weight if n == 1 else weight * (1 + log(n)) for t, n in counts.items()}
