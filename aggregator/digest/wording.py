"""Our own sentences in a digest, in Japanese and English: plain, neutral, no opinion.

Labels end in nouns, sentences are です・ます. What the renderers put around others' words is theirs.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol

from aggregator.model.digest import EditionKind

_DAYS: Final = "月火水木金土日"
# Not strftime: its names follow the process's locale.
_MONTHS: Final = (
    "January February March April May June July August September October November December".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What came in during a span."""

    new: int
    followed: int
    outlets: int
    reports: int


class Wording(Protocol):
    """What digests say in one language; times come in the reader's zone."""

    def title(self, name: str, headline: str, kind: EditionKind, day: date) -> str:
        """Say what the digest is about."""
        ...

    def changed(self, since: datetime, counts: Counts, *, again: bool, left_out: int) -> str:
        """Say what came in since the last edition (`again`), else since the span began."""
        ...

    def nothing(self, since: datetime, *, again: bool) -> str:
        """Say that nothing came in."""
        ...

    def report(self, outlet: str, headline: str, at: datetime) -> str:
        """Name a report."""
        ...

    def rewritten(self, outlet: str) -> str:
        """Say that a quoted report has been corrected since."""
        ...

    def taken_back(self, outlet: str) -> str:
        """Say that a quoted report is gone."""
        ...


class _Japanese:
    def title(self, name: str, headline: str, kind: EditionKind, day: date) -> str:
        when = f"{day.year}年{day.month}月{day.day}日({_DAYS[day.weekday()]})"
        edition = {"morning": " 朝版", "evening": " 夕版", "weekly": " 週間"}.get(kind.value, "")
        return (
            f"{name}：{headline}（{when}{edition}）" if headline else f"{name}（{when}{edition}）"
        )

    def changed(self, since: datetime, counts: Counts, *, again: bool, left_out: int) -> str:
        parts = [
            f"{label}{count}件"
            for label, count in (("新しい出来事", counts.new), ("続報", counts.followed))
            if count
        ]
        figures = f"（{counts.outlets}社{counts.reports}本）"
        more = f"。ほかに{left_out}件の出来事が報じられています。" if left_out else ""
        return f"{self._since(since, again)}：{'、'.join(parts)}{figures}{more}"

    def nothing(self, since: datetime, *, again: bool) -> str:
        return f"{self._since(since, again)}：新しい報道はありませんでした。"

    def report(self, outlet: str, headline: str, at: datetime) -> str:
        return f"{outlet}「{headline}」（{_stamp(at)}）"

    def rewritten(self, outlet: str) -> str:
        return f"この版で引用した{outlet}の記事は、その後書き改められました。該当する引用を取り下げました。"

    def taken_back(self, outlet: str) -> str:
        return f"この版で引用した{outlet}の記事は、その後取り下げられました。該当する引用を除きました。"

    @staticmethod
    def _since(since: datetime, again: bool) -> str:
        return f"前回（{_stamp(since)}）以降" if again else f"{_stamp(since)}以降"


class _English:
    def title(self, name: str, headline: str, kind: EditionKind, day: date) -> str:
        when = f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
        edition = {"morning": ", morning", "evening": ", evening", "weekly": ", weekly"}
        stamp = f"({when}{edition.get(kind.value, '')})"
        return f"{name}: {headline} {stamp}" if headline else f"{name} {stamp}"

    def changed(self, since: datetime, counts: Counts, *, again: bool, left_out: int) -> str:
        parts = [
            text
            for count, text in (
                (counts.new, _count(counts.new, "new story", "new stories")),
                (counts.followed, _count(counts.followed, "update", "updates")),
            )
            if count
        ]
        figures = (
            f"{_count(counts.reports, 'report', 'reports')} from "
            f"{_count(counts.outlets, 'outlet', 'outlets')}"
        )
        more = (
            f" {_count(left_out, 'more story', 'more stories')} not shown here." if left_out else ""
        )
        return f"{self._since(since, again)}: {', '.join(parts)} ({figures}).{more}"

    def nothing(self, since: datetime, *, again: bool) -> str:
        return f"{self._since(since, again)}: no new reports."

    def report(self, outlet: str, headline: str, at: datetime) -> str:
        return f"{outlet}: “{headline}” ({at.day} {_MONTHS[at.month - 1]}, {at:%H:%M})"

    def rewritten(self, outlet: str) -> str:
        return f"A report by {outlet} that this edition quoted has been rewritten since; the quotation was removed."

    def taken_back(self, outlet: str) -> str:
        return f"A report by {outlet} that this edition quoted has been withdrawn since; the quotation was removed."

    @staticmethod
    def _since(since: datetime, again: bool) -> str:
        at = f"{since.day} {_MONTHS[since.month - 1]}, {since:%H:%M}"
        return f"Since the last edition ({at})" if again else f"Since {at}"


def wording(language: str) -> Wording:
    """Return the words in a language: Japanese, else English."""
    return _JAPANESE if language == "ja" else _ENGLISH


def _stamp(at: datetime) -> str:
    return f"{at.month}月{at.day}日 {at:%H:%M}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


_JAPANESE: Final[Wording] = _Japanese()
_ENGLISH: Final[Wording] = _English()
