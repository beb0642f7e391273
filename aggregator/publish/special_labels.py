"""The words of the program's own feeds, in Japanese and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aggregator.model.incident import IncidentKind
from aggregator.publish.select import Absence


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialLabels:
    """What these feeds say in one language; `{}` are places for values."""

    channels: Mapping[str, tuple[str, str]]  # title and description
    incidents: Mapping[IncidentKind, str]
    opened: str
    closed: str
    closed_more: str
    feeds: str
    edited: str
    before: str
    after: str
    folded: str
    hidden: str
    muted_by_hand: str
    absences: Mapping[Absence, str]
    outputs: str
    story: str
    story_more: str
    follows: str


_JAPANESE: Final = SpecialLabels(
    channels={
        "status": ("情報源の状態", "情報源に起きたことと、その解消をお知らせします。"),
        "edits": ("見出しの変更", "各社があとから書き換えた見出しを、前後を並べてお届けします。"),
        "suppressed": (
            "まとめた記事・載せなかった記事",
            "どの記事をなぜまとめたか、なぜ載せなかったかを示します。設定の調整にお使いください。",
        ),
    },
    incidents={
        IncidentKind.FAILING: "取得の失敗が続いています",
        IncidentKind.REFUSED: "取得を断られています",
        IncidentKind.MISSING: "フィードが見つかりません",
        IncidentKind.GONE: "フィードが廃止されました",
        IncidentKind.QUARANTINED: "別の発行者の内容に変わったようです",
        IncidentKind.MOVED: "フィードが移転しました",
        IncidentKind.SILENT: "新しい記事が途絶えています",
        IncidentKind.LOST: "取り逃した記事があるかもしれません",
    },
    opened="{outlet}：{what}",
    closed="{outlet}：解消（{what}）",
    closed_more="{at}に始まったこの件は解消しました。",
    feeds="フィード：{feeds}",
    edited="{outlet}が見出しを変更",
    before="変更前：{title}",
    after="変更後：{title}",
    folded="{title}（まとめ済み）",
    hidden="{title}（掲載なし）",
    muted_by_hand="手で隠した話題です。どの出力にも載せません。",
    absences={
        Absence.MUTED: "mute の語「{word}」に当たりました。",
        Absence.EXCLUDED: "exclude の語「{word}」に当たりました。",
        Absence.LANGUAGE: "languages に挙げた言語の報道がありません。",
        Absence.FEW_SOURCES: "報じた媒体の数が min_sources に届いていません。",
        Absence.BACKLOG: "情報源の最初の取得にあった、backfill より古い記事です。",
    },
    outputs="出力：{outputs}",
    story="話題を追う：{title}",
    story_more="この話題の新しい報道と、その続きをお届けします。",
    follows="続く話題：{title}",
)
_ENGLISH: Final = SpecialLabels(
    channels={
        "status": ("Sources: incidents", "What happened to the sources, and when it was over."),
        "edits": ("Changed headlines", "Headlines that outlets rewrote, before and after."),
        "suppressed": (
            "Folded and left out",
            "Which reports were folded or left out, and why: to tune the configuration by.",
        ),
    },
    incidents={
        IncidentKind.FAILING: "fails again and again",
        IncidentKind.REFUSED: "refuses to be fetched",
        IncidentKind.MISSING: "feed not found",
        IncidentKind.GONE: "feed gone for good",
        IncidentKind.QUARANTINED: "another publisher seems to answer",
        IncidentKind.MOVED: "feed has moved",
        IncidentKind.SILENT: "nothing new for a long time",
        IncidentKind.LOST: "entries may have been missed",
    },
    opened="{outlet}: {what}",
    closed="{outlet}: over ({what})",
    closed_more="What began on {at} is over.",
    feeds="Feeds: {feeds}",
    edited="{outlet} changed its headline",
    before="Before: {title}",
    after="After: {title}",
    folded="{title} (folded)",
    hidden="{title} (left out)",
    muted_by_hand="A story hidden by hand: no output shows it.",
    absences={
        Absence.MUTED: "The word “{word}” is muted.",
        Absence.EXCLUDED: "The word “{word}” is excluded.",
        Absence.LANGUAGE: "No report is in one of the languages listed.",
        Absence.FEW_SOURCES: "Fewer independent sources report it than min_sources.",
        Absence.BACKLOG: "It came with a source's first poll and was older than backfill.",
    },
    outputs="Outputs: {outputs}",
    story="Following: {title}",
    story_more="Every new report of this story, then what follows it.",
    follows="What followed: {title}",
)


def special_labels(language: str) -> SpecialLabels:
    """Return the words in a language: Japanese, else English."""
    return _JAPANESE if language == "ja" else _ENGLISH
