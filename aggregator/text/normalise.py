"""One form for matching: compatibility forms, case, old kanji and spelling variants folded away.

The original text is always kept for people; what is folded is only compared.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

# Old and variant kanji on the left of each pair, the common form on the right: names of people and
# places are printed in both (岸惠子 and 岸恵子), and a reader takes them for the same.
_VARIANT_PAIRS: Final = (
    "惠恵澤沢齋斎齊斉邊辺邉辺廣広國国髙高﨑崎嵜崎濱浜濵浜櫻桜嶋島嶌島學学會会壽寿龍竜瀧滝澁渋渕淵"
    "實実眞真與与萬万榮栄圓円應応鐵鉄德徳黑黒關関顯顕禮礼豐豊藏蔵縣県單単團団圖図專専對対戰戦"
    "收収發発變変榎榎鷗鴎曾曽彌弥彥彦祐祐靜静龜亀嶽岳槇槙遙遥堯尭瑤瑶冨富當当體体灣湾臺台獨独佛仏"
)
_VARIANTS: Final = {
    ord(_VARIANT_PAIRS[i]): _VARIANT_PAIRS[i + 1]
    for i in range(0, len(_VARIANT_PAIRS), 2)
    if _VARIANT_PAIRS[i] != _VARIANT_PAIRS[i + 1]
}
_VARIANT: Final = re.compile(f"[{''.join(map(chr, _VARIANTS))}]")
_HALFWIDTH_MARKS: Final = (
    "\uff9e\uff9f"  # they compose with the kana before them, though not "combining"
)


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text, and where each of its characters came from."""

    text: str
    offsets: tuple[int, ...]  # of each folded character in the original; one more for the end

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that a span of the folded text stands for."""
        return self.offsets[start], self.offsets[end]


def fold(text: str) -> str:
    """Return `text` in the form that is compared: NFKC, lower case, variants folded, spaces single."""
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", text).lower()
    if _VARIANT.search(folded):  # most texts have none, and translating takes ten times as long
        folded = folded.translate(_VARIANTS)
    return " ".join(folded.split())


def fold_with_offsets(text: str) -> Folded:
    """Return `text` as `fold` does, but with every space kept as one, and the way back to the original."""
    if text.isascii():
        return Folded(
            "".join(" " if c.isspace() else c for c in text.lower()), tuple(range(len(text) + 1))
        )
    out: list[str] = []
    offsets: list[int] = []
    i, n = 0, len(text)
    while i < n:
        j = i + 1
        while j < n and (unicodedata.combining(text[j]) or text[j] in _HALFWIDTH_MARKS):
            j += 1
        piece = unicodedata.normalize("NFKC", text[i:j]).lower().translate(_VARIANTS)
        out.append("".join(" " if c.isspace() else c for c in piece))
        offsets.extend([i] * len(piece))
        i = j
    offsets.append(n)
    return Folded("".join(out), tuple(offsets))
