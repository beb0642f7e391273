"""The words of ours in items, in Japanese and English."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol


class Labels(Protocol):
    """What items say in one language."""

    @property
    def untitled(self) -> str:
        """Name an entry that has no headline."""
        ...

    @property
    def paid(self) -> str:
        """Mark an article for subscribers."""
        ...

    @property
    def video(self) -> str:
        """Mark a video."""
        ...

    @property
    def audio(self) -> str:
        """Mark a recording."""
        ...

    @property
    def story_page(self) -> str:
        """Name the link to the story's page."""
        ...

    def other_reports(self, outlets: int, origins: int) -> str:
        """Head the list of other reports."""
        ...

    def copies(self, credit: str | None, outlets: Sequence[str]) -> str:
        """Name the outlets that carry one text."""
        ...

    def more(self, count: int) -> str:
        """Say how many reports are not listed."""
        ...

    def topics(self, names: Sequence[str]) -> str:
        """List the topics."""
        ...

    def correction(self, report: str) -> str:
        """Announce a correction; `report` is HTML."""
        ...

    def in_brackets(self, text: str) -> str:
        """Put a note behind something."""
        ...

    def quoted(self, text: str) -> str:
        """Quote a headline."""
        ...

    def follow_up(self, title: str) -> str:
        """Title a second item about a story."""
        ...

    def moment(self, at: datetime) -> str:
        """Return a time as people write it, in the zone that `at` is in."""
        ...

    def channel(self, title: str) -> str:
        """Describe an output."""
        ...


@dataclass(frozen=True, slots=True)
class _Japanese:
    untitled: str = "（見出しなし）"
    paid: str = "（有料）"
    video: str = "（動画）"
    audio: str = "（音声）"
    story_page: str = "この話題のページ"

    def other_reports(self, outlets: int, origins: int) -> str:
        return f"ほかの報道（{outlets}社、配信元別{origins}）"

    def copies(self, credit: str | None, outlets: Sequence[str]) -> str:
        head = f"{credit.removesuffix('通信')}配信" if credit else "同じ記事"
        others = f"ほか{len(outlets) - 1}紙" if len(outlets) > 1 else ""
        return f"{head}：{outlets[0]}{others}"

    def more(self, count: int) -> str:
        return f"ほか{count}件"

    def topics(self, names: Sequence[str]) -> str:
        return f"トピック：{'、'.join(names)}"

    def correction(self, report: str) -> str:
        return f"訂正：{report}"

    def in_brackets(self, text: str) -> str:
        return f"（{text}）"

    def quoted(self, text: str) -> str:
        return f"「{text}」"

    def follow_up(self, title: str) -> str:
        return f"【続報】{title}"

    def moment(self, at: datetime) -> str:
        return f"{at.month}月{at.day}日 {at.hour:02}:{at.minute:02}"

    def channel(self, title: str) -> str:
        return f"{title}：同じ出来事の報道を1件にまとめてお届けします。"


@dataclass(frozen=True, slots=True)
class _English:
    untitled: str = "(no headline)"
    paid: str = " (subscribers)"
    video: str = " (video)"
    audio: str = " (audio)"
    story_page: str = "All about this story"

    def other_reports(self, outlets: int, origins: int) -> str:
        return f"Other reports ({_count(outlets, 'outlet')}, {_count(origins, 'separate source')})"

    def copies(self, credit: str | None, outlets: Sequence[str]) -> str:
        head = f"{_AGENCIES.get(credit, credit)} copy" if credit else "Same text"
        others = f" and {_count(len(outlets) - 1, 'other')}" if len(outlets) > 1 else ""
        return f"{head}: {outlets[0]}{others}"

    def more(self, count: int) -> str:
        return f"and {count} more"

    def topics(self, names: Sequence[str]) -> str:
        return f"Topics: {', '.join(names)}"

    def correction(self, report: str) -> str:
        return f"Correction: {report}"

    def in_brackets(self, text: str) -> str:
        return f" ({text})"

    def quoted(self, text: str) -> str:
        return f" “{text}”"

    def follow_up(self, title: str) -> str:
        return f"[Update] {title}"

    def moment(self, at: datetime) -> str:
        return f"{at.day} {_MONTHS[at.month - 1]} {at.hour:02}:{at.minute:02}"

    def channel(self, title: str) -> str:
        return f"{title}: one item per story, however many outlets report it."


# The agencies as grouping names them (in Japanese), for English readers.
_AGENCIES: Final = {
    "共同通信": "Kyodo",
    "時事通信": "Jiji",
    "ロイター": "Reuters",
    "ブルームバーグ": "Bloomberg",
}
# Not strftime: its names follow the process's locale, which feedgen switches.
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_JAPANESE: Final = _Japanese()
_ENGLISH: Final = _English()


def labels(language: str) -> Labels:
    """Return the words in a language: Japanese, else English."""
    return _JAPANESE if language == "ja" else _ENGLISH


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
