"""What stands around others' words in a digest, in Japanese and English: the same in every format."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

_DAYS: Final = ("月火水木金土日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
_MONTHS: Final = (
    "January February March April May June July August September October November December".split()
)


class DigestLabels(Protocol):
    """The labels of one language; times come in the reader's zone."""

    background: str
    top: str
    read_on: str
    one_outlet: str
    paid: str

    def published(self, at: datetime) -> str:
        """Say when something was published."""
        ...

    def updated(self, at: datetime) -> str:
        """Say when it was last updated."""
        ...

    def point(self, text: str, outlet: str, at: datetime, also: Sequence[str]) -> str:
        """Quote a sentence with its credit."""
        ...

    def reading(self, outlet: str, title: str) -> str:
        """Name a report to read on."""
        ...

    def correction(self, text: str) -> str:
        """Announce a correction."""
        ...

    def full(self, at: datetime) -> str:
        """Return day, year and time."""
        ...

    def outlets(self, count: int) -> str:
        """Count outlets."""
        ...

    def digest_of(self, name: str | None) -> str:
        """Name the digests of a subject, or all of them."""
        ...


class _Japanese:
    background = "これまでの経緯"
    top = "広く報じられた見出し"
    read_on = "さらに読む ⇒"
    one_outlet = "1社のみ"
    paid = "（有料）"

    def published(self, at: datetime) -> str:
        return f"公開日：{self.full(at)}"

    def updated(self, at: datetime) -> str:
        return f"更新日：{self.full(at)}"

    def point(self, text: str, outlet: str, at: datetime, also: Sequence[str]) -> str:
        credit = f"（{outlet} {at.month}月{at.day}日 {at:%H:%M}）"
        others = f" ほかに {'、'.join(also)}" if also else ""
        return f"「{text}」{credit}{others}"

    def reading(self, outlet: str, title: str) -> str:
        return f"{outlet}「{title}」"

    def correction(self, text: str) -> str:
        return f"訂正：{text}"

    def full(self, at: datetime) -> str:
        return f"{at.year}年{at.month}月{at.day}日({_DAYS[0][at.weekday()]}) {at:%H:%M}"

    def outlets(self, count: int) -> str:
        return f"{count}社"

    def digest_of(self, name: str | None) -> str:
        return f"{name} のダイジェスト" if name else "ダイジェスト"


class _English:
    background = "How it came to this"
    top = "Most widely reported"
    read_on = "Read on ⇒"
    one_outlet = "one outlet only"
    paid = " (paid)"

    def published(self, at: datetime) -> str:
        return f"Published: {self.full(at)}"

    def updated(self, at: datetime) -> str:
        return f"Updated: {self.full(at)}"

    def point(self, text: str, outlet: str, at: datetime, also: Sequence[str]) -> str:
        credit = f" ({outlet}, {at.day} {_MONTHS[at.month - 1]}, {at:%H:%M})"
        others = f" also {', '.join(also)}" if also else ""
        return f"“{text}”{credit}{others}"

    def reading(self, outlet: str, title: str) -> str:
        return f"{outlet}: “{title}”"

    def correction(self, text: str) -> str:
        return f"Correction: {text}"

    def full(self, at: datetime) -> str:
        day = f"{_DAYS[1][at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year}"
        return f"{day}, {at:%H:%M}"

    def outlets(self, count: int) -> str:
        return "1 outlet" if count == 1 else f"{count} outlets"

    def digest_of(self, name: str | None) -> str:
        return f"Digests: {name}" if name else "Digests"


_JAPANESE: Final[DigestLabels] = _Japanese()
_ENGLISH: Final[DigestLabels] = _English()


def digest_labels(language: str) -> DigestLabels:
    """Return the labels in a language: Japanese, else English."""
    return _JAPANESE if language == "ja" else _ENGLISH
