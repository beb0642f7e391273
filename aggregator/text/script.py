"""Scripts, and the language that a short text is most likely in."""

import re
from typing import Final

_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc\uff66-\uff9f]")
_HAN: Final = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005\u3007\U00020000-\U0003ffff]"
)
_HANGUL: Final = re.compile("[\uac00-\ud7af\u1100-\u11ff]")
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_UKRAINIAN: Final = re.compile("[іїєґІЇЄҐ]")
_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]")
CJK_RUN: Final = re.compile(
    "[\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)
"""A run of kana and kanji, after folding: what is cut into bigrams."""


def is_cjk(text: str) -> bool:
    """Tell whether a text is written without spaces: at least a fifth of its letters are kana or kanji."""
    cjk = len(_KANA.findall(text)) + len(_HAN.findall(text))
    if not cjk:
        return False
    return cjk * 5 >= cjk + len(_LATIN.findall(text)) + len(_CYRILLIC.findall(text))


def language_of(text: str) -> str | None:
    """Return the language that the script speaks for: ja zh ko ru uk, en for Latin; None without letters.

    Latin script is called English: a feed in another Latin language says so itself.
    """
    if text.isascii():
        return "en" if _LATIN.search(text) else None
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    hangul, cyrillic = len(_HANGUL.findall(text)), len(_CYRILLIC.findall(text))
    latin = len(_LATIN.findall(text))
    best = max(kana + han, hangul, cyrillic, latin // 3)
    if best == 0:
        return "en" if latin else None
    if best == hangul:
        return "ko"
    if best == kana + han:
        return "ja" if kana or han < 10 else "zh"
    if best == cyrillic:
        return "uk" if _UKRAINIAN.search(text) else "ru"
    return "en"
