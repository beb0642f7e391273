"""Finds the names and news words of the built-in table in a text, whatever its script."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from aggregator.text.names import COUNTRIES, EVENTS, ORGANISATIONS, PEOPLE, PLACES
from aggregator.text.normalise import fold

_WRITTEN: Final = re.compile("[\u3005\u3007\u3041-\u30fa\u30fc\u3400-\u9fff\uf900-\ufaff]")
_KATAKANA: Final = frozenset(chr(c) for c in (*range(0x30A1, 0x30FB), 0x30FC))
_WORD: Final = re.compile(
    r"[^\W_\u3005-\u9fff\uf900-\ufaff]+(?:[.&'’-][^\W_\u3005-\u9fff\uf900-\ufaff]+)*"
)
_LONGEST: Final = 4  # words in a form

# A country's single kanji at the head of a phrase: 米、 米イラン 英首相; not 米価, 英語, 仏像, 独自.
_SIGNS: Final = {"米": "united states", "英": "united kingdom", "仏": "france", "独": "germany", "露": "russia",
                 "豪": "australia", "韓": "south korea", "伊": "italy", "印": "india"}  # fmt: skip
_SIGN: Final = re.compile(
    r"(?:^|[\s、。「『(【】〉》>\])・<〈\[=])"
    r"(?!米[価農粉沢子原飯作蔵寿穀菓店屋袋俵国]|英[語会文検才雄知気]|仏[教像壇滅前式具閣]"
    r"|独[自立占身居学創特断走り善裁得協]|露[天出呈骨店光]|豪[雨雪華快州邸]|韓[国流]"
    r"|伊[勢藤丹豆達賀那予東吹]|印[刷象鑑税紙影度])"
    r"([米英仏独露豪韓伊印])(?=[、・\sa-z\u30a1-\u30fa\u3400-\u9fff])"
)
# Before case is folded away: US is a country, us is not.
_US: Final = re.compile(r"\bUS\b|\bU\.S\.?(?![a-z])")
_UK: Final = re.compile(r"\bU\.K\.?(?![a-z])")


class Kind(Enum):
    """What an entity is."""

    PLACE = "place"  # countries too
    ORGANISATION = "organisation"
    PERSON = "person"
    EVENT = "event"  # a news word: 地震, ceasefire


@dataclass(frozen=True, slots=True)
class Entity:
    """A line of the table."""

    key: str
    kind: Kind


class _Forms:
    """The table, arranged for looking up."""

    def __init__(self) -> None:
        self.phrases: dict[str, Entity] = {}
        self.heads: set[str] = set()  # first words of longer phrases
        self.stems: dict[str, Entity] = {}
        self.keys: dict[str, Entity] = {}
        written: dict[str, list[tuple[str, Entity]]] = defaultdict(list)
        for table, kind in ((COUNTRIES, Kind.PLACE), (PLACES, Kind.PLACE), (ORGANISATIONS, Kind.ORGANISATION),
                            (PEOPLE, Kind.PERSON), (EVENTS, Kind.EVENT)):  # fmt: skip
            for line in table.splitlines():
                forms = [fold(form) for form in line.removeprefix("%").split("/")]
                entity = Entity(forms[0].rstrip("*"), kind)
                self.keys[entity.key] = entity
                for form in forms:
                    self._add(form, entity, written)
        self.written = {
            head: tuple(sorted(found, key=lambda pair: (-len(pair[0]), pair[0])))
            for head, found in written.items()
        }

    def _add(self, form: str, entity: Entity, written: dict[str, list[tuple[str, Entity]]]) -> None:
        if _WRITTEN.search(form):
            if len(form) > 1:  # one kanji is in too many words
                written[form[:2]].append((form, entity))
        elif form.endswith("*") and " " not in form:
            self.stems.setdefault(form[:-1], entity)
        else:
            form = form.replace("*", "")
            self.phrases.setdefault(form, entity)
            if " " in form:
                self.heads.add(form.partition(" ")[0])


_FORMS: Final = _Forms()


def name_forms() -> Iterator[str]:
    """Yield every written form of the table's people, places and organisations, folded."""
    for table in (COUNTRIES, PLACES, ORGANISATIONS, PEOPLE):
        for line in table.splitlines():
            yield from (fold(form.replace("*", "")) for form in line.removeprefix("%").split("/"))


def entities_in(text: str, folded: str | None = None) -> list[Entity]:
    """Return the names and news words in a text, each as often as it occurs.

    `folded` is what of the text is to be looked at, as `fold` returns it; all of it by default.
    """
    folded = fold(text) if folded is None else folded
    found = _in_words(folded)
    if _WRITTEN.search(folded):
        found += _in_writing(folded)
    for sign, key in ((_US, "united states"), (_UK, "united kingdom")):
        if "U" in text and sign.search(text):
            found.append(_FORMS.keys[key])
    return found


def _in_words(text: str) -> list[Entity]:
    words = _WORD.findall(text)
    found: list[Entity] = []
    i = 0
    while i < len(words):
        entity, taken = _phrase(words, i)
        if entity is not None:
            found.append(entity)
        i += taken
    return found


def _phrase(words: list[str], i: int) -> tuple[Entity | None, int]:
    if words[i] in _FORMS.heads:
        for n in range(min(_LONGEST, len(words) - i), 1, -1):
            entity = _FORMS.phrases.get(" ".join(words[i : i + n]))
            if entity:
                return entity, n
    return _word(words[i]), 1


@lru_cache(maxsize=16384)
def _word(word: str) -> Entity | None:
    for form in (word, word.removesuffix("'s").removesuffix("’s"), word.partition("-")[0]):
        entity = _FORMS.phrases.get(form)
        if entity:
            return entity
    for n in range(len(word), 1, -1):
        entity = _FORMS.stems.get(word[:n])
        if entity:
            return entity
    return None


def _in_writing(text: str) -> list[Entity]:
    found = [_FORMS.keys[_SIGNS[match[1]]] for match in _SIGN.finditer(text)]
    written = _FORMS.written
    i, last = 0, len(text) - 1
    while i < last:
        for form, entity in written.get(text[i : i + 2], ()):
            end = i + len(form)
            if text.startswith(form, i) and _stands_alone(text, i, end):
                found.append(entity)
                i = end - 1
                break
        i += 1
    return found


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether katakana at either end is not the middle of a longer word: デル is not in モデル."""
    if start and text[start] in _KATAKANA and text[start - 1] in _KATAKANA:
        return False
    return not (end < len(text) and text[end - 1] in _KATAKANA and text[end] in _KATAKANA)
