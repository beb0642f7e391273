"""Numbers as values, whatever their writing: 344万, 3.44 million and 3,440,000 are one number."""

import re
from typing import Final

_SMALL: Final = {"十": 10, "百": 100, "千": 1000}
_LARGE: Final = {"万": 10**4, "億": 10**8, "兆": 10**12}
_WORDS: Final = {"thousand": 10**3, "million": 10**6, "mln": 10**6, "mn": 10**6, "m": 10**6, "billion": 10**9,
                 "bln": 10**9, "bn": 10**9, "b": 10**9, "trillion": 10**12, "trn": 10**12, "tn": 10**12, "k": 10**3,
                 "млн": 10**6, "млрд": 10**9, "трлн": 10**12, "тыс": 10**3}  # fmt: skip

_AMOUNT: Final = r"\d[\d,]*(?:[.・]\d+)?"
NUMBER: Final = re.compile(
    rf"(?:{_AMOUNT}[十百千]?[万億兆]?)+"
    r"(?:[ -]?(?:thousand|million|mln|mn|billion|bln|bn|trillion|trn|tn|млн|млрд|трлн|тыс)\b|(?<=\d)[mbk]\b)?"
)
"""A number in folded text, with the words that scale it."""

_PART: Final = re.compile(rf"({_AMOUNT})([十百千]?)([万億兆]?)")
_SCALE: Final = re.compile(r"[^\W\d_]+$")


def value_of(number: str) -> float:
    """Return the value of what NUMBER matched: `1億2000万` is 120,000,000; `2・139` is 2.139."""
    total = 0.0
    for digits, small, large in _PART.findall(number):
        amount = float(digits.replace(",", "").replace("・", "."))
        total += amount * _SMALL.get(small, 1) * _LARGE.get(large, 1)
    scale = _SCALE.search(number)
    return total * _WORDS.get(scale[0], 1) if scale else total


def number_key(number: str) -> str:
    """Return a short text that is the same for numbers a reader takes for the same.

    Three figures count from 1,000 on, since one outlet rounds what another gives in full.
    """
    value = value_of(number)
    return f"{value:g}" if value < 1000 else f"{value:.3g}"
