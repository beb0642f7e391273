"""An entry as weighted terms: what is compared to find entries that report the same event.

Kinds of terms: bigrams of kana and kanji, whole katakana words, word stems, `#` numbers by value,
`@` names and news words of the built-in table (the same in every language), `$` symbols of stocks.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from math import log
from typing import Final

from aggregator.cluster.marks import tickers
from aggregator.text.bylines import BYLINE
from aggregator.text.entities import Kind, entities_in, name_forms
from aggregator.text.normalise import fold
from aggregator.text.numbers import NUMBER, number_key
from aggregator.text.script import is_cjk
from aggregator.text.words import OFFICES, STOP_WORDS, stem

_TAG: Final = re.compile(
    r"【[^】]{1,24}】|<[^>]{1,16}>|〈[^〉]{1,16}〉|\[[^\]]{1,16}\]|《[^》]{1,12}》"
)
_EMPTY_TAG: Final = re.compile(
    r"速報|独自|動画|中継|映像|写真|解説|全文|詳報|更新|ライブ|号外|まとめ|特集|続報|スキャナー|社説|主張|breaking|exclusive|watch|video|live|update"
)
_LEAD_IN: Final = re.compile(
    r"^(?:(?:breaking(?: news)?|exclusive|watch|video|live|update \d|just in)\b|(?:breakingviews|explainer|analysis|insight|factbox)\s*[:|-]"
    r"|(?:訂正|再送|更新)[-:ー]|アングル:|焦点:|コラム:|情報box:)\s*[:|-]?\s*"
)
_TAIL: Final = re.compile(r"[(（](?:ロイター|共同|時事|bloomberg|reuters|ap|afp)[)）]$")
# One word for one office or country, so that bigrams of 総理 and 首相 meet.
_ALIASES: Final = (
    ("内閣総理大臣", "首相"), ("総理大臣", "首相"), ("総理", "首相"), ("アメリカ", "米国"), ("中央銀行", "中銀"),
    ("日本銀行", "日銀"), ("訪日外国人", "訪日客"), ("防衛大臣", "防衛相"), ("外務大臣", "外相"), ("財務大臣", "財務相"),
)  # fmt: skip
_TOKEN: Final = re.compile(
    NUMBER.pattern
    + r"|[\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
    r"|[^\W\d_\u3005-\u9fff\uf900-\ufaff]+(?:['’][^\W\d_]+)?"
)
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")  # cease-fire is written ceasefire too
_KATAKANA: Final = re.compile("[\u30a1-\u30fa\u30fc]{3,}")
_BRACKET: Final = re.compile(r"[\])）］】]")
_BYLINE_LENGTH: Final = 110
_SUMMARY_LENGTH: Final = 300
_MOST_TERMS: Final = 64


class TermKind(IntEnum):
    """What a term is, where the comparison makes a difference."""

    PLAIN = 0
    NUMBER = 1  # with two figures at least: 2 and 3 are everywhere
    PLACE = 2
    ORGANISATION = 3
    PERSON = 4
    EVENT = 5


_KIND_OF: Final = {
    Kind.PLACE: TermKind.PLACE,
    Kind.ORGANISATION: TermKind.ORGANISATION,
    Kind.PERSON: TermKind.PERSON,
    Kind.EVENT: TermKind.EVENT,
}


@dataclass(frozen=True, slots=True)
class Features:
    """What is compared of an entry."""

    terms: dict[str, float]  # title terms first
    kinds: dict[str, TermKind]  # of those that are not plain
    cjk: bool
    title: str  # folded, without marks and outlet name
    folded: str  # the headline with them


def bare_title(title: str, outlet: str) -> str:
    """Return a folded headline without empty marks (【速報】) and without a trailing outlet name."""
    return _bare(fold(title), fold(outlet))


def _bare(text: str, name: str) -> str:
    text = _TAG.sub(lambda tag: " " if _EMPTY_TAG.search(tag[0]) else tag[0], text)
    text = _LEAD_IN.sub("", text.strip())
    for dash in (" - ", " | ", " – ", " — "):
        head, found, tail = text.rpartition(dash)
        if found and head and (tail == name or (len(tail) <= 24 and len(head) > 2 * len(tail))):
            text = head
            break
    return " ".join(_TAIL.sub("", text.strip()).split())


def features_of(title: str, summary: str, outlet: str) -> Features:
    """Return what is compared of an entry: its headline and the beginning of its summary."""
    folded = fold(title)
    bare = _bare(folded, fold(outlet))
    kinds: dict[str, TermKind] = {}
    terms = _weighed(bare, 1.0, kinds)
    cjk = is_cjk(bare)
    for entity in entities_in(title, bare):
        term = "@" + entity.key
        kinds[term] = _KIND_OF[entity.kind]
        terms[term] = _entity_weight(entity.kind, cjk)
    if "(" in bare and not cjk:
        terms |= {"$" + symbol: 1.0 for symbol in tickers(bare)}
    told = _told(summary)
    if told and not told.startswith(bare):
        for term, weight in _weighed(told, 0.5, kinds).items():
            terms[term] = terms.get(term, 0.0) + weight
    if len(terms) > _MOST_TERMS:
        terms = dict(list(terms.items())[:_MOST_TERMS])
    return Features(terms, kinds, cjk, bare, folded)


def _told(summary: str) -> str:
    """Return the beginning of a summary without its dateline (ワシントン 19日 ロイター)."""
    told = fold(summary[:_SUMMARY_LENGTH])
    return BYLINE.sub("", told) if _BRACKET.search(told, 0, _BYLINE_LENGTH) else told


def _entity_weight(kind: Kind, cjk: bool) -> float:
    """Weigh a name less in spaced scripts, where its words are terms already, than a news word.

    That stands for words that differ: killed and dies, resigns and steps down.
    """
    if not cjk:
        return 0.75 if kind is Kind.EVENT else 0.25
    return 0.5 if kind is Kind.EVENT else 1.0


def _weighed(text: str, weight: float, kinds: dict[str, TermKind]) -> dict[str, float]:
    if not text.isascii():
        for long, short in _ALIASES:
            if long in text:
                text = text.replace(long, short)
    if "-" in text:
        text = _HYPHEN.sub("", text)
    counts: dict[str, int] = {}
    for token in _TOKEN.findall(text):
        for term in _terms(token, kinds):
            counts[term] = counts.get(term, 0) + 1
    return {term: weight if n == 1 else weight * (1 + log(n)) for term, n in counts.items()}


def _terms(token: str, kinds: dict[str, TermKind]) -> Iterable[str]:
    first = token[0]
    if first.isdigit():
        term = "#" + number_key(token)
        if len(term) > 2:
            kinds[term] = TermKind.NUMBER
        return (term,)
    if "\u3005" <= first <= "\u9fff" or "\uf900" <= first <= "\ufaff" or first >= "\U00020000":
        return _bigrams(token)
    if token in STOP_WORDS:
        return ()
    word = token.partition("'")[0].partition("’")[0]
    return (stem(word),) if len(word) > 1 else ()


def _bigrams(run: str) -> list[str]:
    """Cut a run into bigrams; those of hiragana alone (して, から) say nothing.

    A katakana word stands beside its bigrams, so that terms cut from one stretch of text are
    neighbours: what two entries share of it is one piece.
    """
    if len(run) == 1:
        return [] if "\u3041" <= run <= "\u3096" else [run]
    words = {found.end() - 2: found[0] for found in _KATAKANA.finditer(run)}
    found: list[str] = []
    for i in range(len(run) - 1):
        if not ("\u3041" <= run[i] <= "\u3096" and "\u3041" <= run[i + 1] <= "\u3096"):
            found.append(run[i : i + 2])
            if i in words:
                found.append(words[i])
    return found


_AFTER_NAMES: Final = (
    "氏がはのをにとでへもや県府都市"  # プーチン氏, ロシアが, 千葉県: still nothing of what was done
)


def _name_parts() -> Iterable[str]:
    for form in name_forms():
        for token in _TOKEN.findall(form):
            yield from _terms(token, {})
        if not form.isascii():
            yield from (form[-1] + after for after in _AFTER_NAMES)


NAME_PARTS: Final = frozenset((*_name_parts(), *map(stem, OFFICES)))
"""Terms that the names of the table are written with, and offices: by themselves they tell who, not what."""
