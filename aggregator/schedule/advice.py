"""What is wrong with a feed, in plain words, with what to do about it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urljoin

from aggregator.model.feed import Feed, FeedStanding
from aggregator.model.incident import IncidentKind, Trouble

_SILENT: Final = timedelta(days=14)
_FAILURES: Final = 3  # in a row; fewer pass by themselves too often to be worth a word
_MOVES: Final = 3  # polls in a row that were led elsewhere; one may be a slip of the site's
_WINDOW: Final = 2  # entries; a document of one entry is replaced whole each time by design

_STANDINGS: Final = {
    FeedStanding.FAILING: IncidentKind.FAILING,
    FeedStanding.REFUSED: IncidentKind.REFUSED,
    FeedStanding.MISSING: IncidentKind.MISSING,
    FeedStanding.GONE: IncidentKind.GONE,
    FeedStanding.QUARANTINED: IncidentKind.QUARANTINED,
}

_ENGLISH: Final = {
    IncidentKind.FAILING: "{failure} ({failures} times in a row, since {since}); it is tried again by itself",
    IncidentKind.REFUSED: "{failure} (since {since}): the site refuses automatic fetching; it is asked once a day. Ask the outlet, or take another feed of theirs",
    IncidentKind.MISSING: "{failure} (since {since}): look for the new address with `aggregator sources discover {site}`",
    IncidentKind.GONE: "the outlet says that this feed is gone for good: remove its line from sources.yaml",
    IncidentKind.QUARANTINED: "{failure}: nothing of it is published; check the address",
    IncidentKind.MOVED: "moved for good: write `url: {moved_to}` in sources.yaml; its history goes with it",
    IncidentKind.SILENT: "answers, but has had nothing new since {newest}: the outlet may have moved its feed",
    IncidentKind.LOST: "nothing of the last document was known from the one before: entries may have been missed in between. Ask it more often: `every: 15m` in sources.yaml",
}
_JAPANESE: Final = {
    IncidentKind.FAILING: "{failure}（{since}から続けて{failures}回）。間隔を空けながら自動で試し続けます",
    IncidentKind.REFUSED: "{failure}（{since}から）：媒体の側が自動取得を断っています。1日1回だけ確かめます。媒体に問い合わせるか、別のフィードをお使いください",
    IncidentKind.MISSING: "{failure}（{since}から）：新しいアドレスを `aggregator sources discover {site}` で探してください",
    IncidentKind.GONE: "媒体がこのフィードの終了を告げています。sources.yaml から行を外してください",
    IncidentKind.QUARANTINED: "{failure}：中身は載せていません。アドレスを確かめてください",
    IncidentKind.MOVED: "恒久的に移転しました。sources.yaml に `url: {moved_to}` と書いてください。履歴は引き継がれます",
    IncidentKind.SILENT: "応答はありますが、{newest}から新しい記事がありません。媒体がフィードを移したのかもしれません",
    IncidentKind.LOST: "前回の取得と重なる記事が一つもありませんでした。間に流れた記事を取り逃したかもしれません。sources.yaml に `every: 15m` などと書いて間隔を短くしてください",
}


def troubles_of(feed: Feed, now: datetime, language: str = "en") -> tuple[Trouble, ...]:
    """Return all that is wrong with a feed, worst first; `language` of the words: ja or en."""
    words = _JAPANESE if language == "ja" else _ENGLISH
    newest = feed.arrivals.last_arrival_at
    facts = {
        "failure": feed.failure or "",
        "failures": feed.failures,
        "since": f"{feed.failing_since or now:%Y-%m-%d}",
        "site": urljoin(feed.url, "/"),
        "moved_to": feed.moved_to,
        "newest": f"{newest:%Y-%m-%d}" if newest else "",
    }
    return tuple(
        Trouble(source=feed.source, feed=feed.url, kind=kind, advice=words[kind].format_map(facts))
        for kind in _kinds(feed, now)
    )


def _kinds(feed: Feed, now: datetime) -> Iterator[IncidentKind]:
    standing = _STANDINGS.get(feed.standing)
    if standing is not IncidentKind.FAILING:
        if standing is not None:
            yield standing
    elif feed.failures >= _FAILURES:
        yield standing
    if feed.moved_to is not None and feed.moved_seen >= _MOVES:
        yield IncidentKind.MOVED
    if standing is not None:
        return
    arrivals = feed.arrivals
    if arrivals.window >= _WINDOW and arrivals.overlap == 0.0:
        yield IncidentKind.LOST
    if arrivals.last_arrival_at is not None and now - arrivals.last_arrival_at > _SILENT:
        yield IncidentKind.SILENT
