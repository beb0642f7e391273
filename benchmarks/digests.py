"""Key points against the first three sentences and TextRank, on stories labelled by reading.

Run: python -m benchmarks.digests [--shared DIR] [--half tuned|held] [--labels FILE] [--proof 10000]

The labels (tests/digest/labels/points.jsonl) name the reports of a story by address and the best points
and what must never be shown by offsets into their summaries. A point counts as found where it overlaps a
labelled one by at least half of the shorter; `never` is the share of points that show a labelled
never-passage (at least half of it). Precision is of points shown, recall of labelled points.
"""

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from aggregator.cluster.marks import read_marks
from aggregator.digest.context import DigestContext
from aggregator.digest.features import likeness, rarity, terms_of
from aggregator.digest.key_points import is_verbatim, key_points
from aggregator.digest.report_text import text_of
from aggregator.errors import NotAFeed, UnsafeDocument
from aggregator.model.entry import Entry
from aggregator.model.identifiers import (
    CanonicalUrl,
    EntryHash,
    EntryId,
    EntryKey,
    FeedId,
    Fingerprint,
    SourceId,
    digest63,
)
from aggregator.model.output import Audience
from aggregator.model.query import FiledEntry
from aggregator.parse.document import ParseHints, parse
from aggregator.publish.address import web_address
from aggregator.publish.plain_text import plain_line
from aggregator.text.sentences import Span, sentences

ROOT = Path(__file__).parents[1]
LABELS = ROOT / "tests" / "digest" / "labels" / "points.jsonl"
HELD_OUT = LABELS.with_name("held_out.jsonl")
"""Thirty stories labelled when the rules stood; nothing was chosen by them."""
STREAMS = ("wire-pool/*.jsonl", "ja-news-api-2023-09-25.jsonl")
Shown = tuple[int, int, int]  # which report, from where, to where
Method = Callable[[Sequence[FiledEntry], str], list[Shown]]


@dataclass(frozen=True)
class Labelled:
    """A story with what a reader chose of it."""

    name: str
    language: str
    reports: tuple[FiledEntry, ...]
    points: tuple[tuple[Shown, ...], ...]  # each with its alternatives
    never: tuple[Shown, ...]


def load_labelled(shared: Path, labels: Path = LABELS) -> list[Labelled]:
    """Read the labels, and their texts from the streams; what is not there any more is left out."""
    rows = _rows(shared)
    found = []
    for line in labels.read_text("utf-8").splitlines():
        label = json.loads(line)
        texts = [rows.get((r["url"], r["text_hash"])) for r in label["reports"]]
        if any(text is None for text in texts):
            print("text not found:", label["story"], file=sys.stderr)
            continue
        reports = tuple(filed_from(row) for row in texts if row is not None)
        points = tuple(tuple(tuple(a) for a in group) for group in label["points"])
        never = tuple(tuple(n) for n in label["never"])
        found.append(Labelled(label["story"], label["language"], reports, points, never))
    return found


def _rows(shared: Path) -> dict[tuple[str, int], dict[str, str]]:
    found = {}
    for pattern in STREAMS:
        for file in sorted((shared / "corpus" / "streams").glob(pattern)):
            for line in file.read_text("utf-8").splitlines():
                row = json.loads(line)
                text = " ".join((row.get("summary") or "").split())
                found[row["url"], digest63(text.encode())] = row | {"summary": text}
    return found


def filed_from(row: dict[str, str]) -> FiledEntry:
    """Return a line of a stream as a filed entry."""
    at = datetime.fromisoformat(row.get("published") or row["fetched_at"])
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    entry = Entry(
        id=EntryId(f"{digest63(row['url'].encode() + row['title'].encode()):x}"),
        feed=FeedId(0),
        source=SourceId(row["outlet"]),
        key=EntryKey(row["url"]),
        guid=None,
        url=row["url"],
        canonical_url=CanonicalUrl(row["url"]),
        title=row["title"],
        summary=row["summary"],
        content="",
        author=None,
        published=at,
        updated=None,
        language=row["language"],
        categories=(),
        image=None,
        enclosures=(),
        hash=EntryHash(0),
        fingerprint=Fingerprint(0),
        first_seen_at=at,
        stored_at=at,
    )
    return FiledEntry(entry=entry, feed_url="", feed_title=None, feed_kind="news", placement=None)


def context(language: str) -> DigestContext:
    """Return a context for one reader."""
    return DigestContext(
        language=language,
        zone=ZoneInfo("Asia/Tokyo"),
        audience=Audience.PRIVATE,
        read_marks=read_marks,
        web_address=web_address,
        plain_line=plain_line,
    )


def ours(reports: Sequence[FiledEntry], language: str) -> list[Shown]:
    """Choose as the digests do."""
    places = {filed.entry.id: place for place, filed in enumerate(reports)}
    points = key_points(reports, reports[0], context(language))
    return [(places[p.entry], p.start, p.end) for p in points]


def first_three(reports: Sequence[FiledEntry], language: str) -> list[Shown]:
    """Choose the first three sentences of the story."""
    del language
    return [(place, s.start, s.end) for place, s, _ in _all_sentences(reports)][:3]


def text_rank(reports: Sequence[FiledEntry], language: str) -> list[Shown]:
    """Choose the three sentences that most others resemble (PageRank over likeness)."""
    del language
    listed = list(_all_sentences(reports))
    terms = [terms_of(text) for _, _, text in listed]
    weights = rarity(terms)
    links = [
        [0.0 if i == j else likeness(a, b, weights) for j, b in enumerate(terms)]
        for i, a in enumerate(terms)
    ]
    rank = [1.0] * len(listed)
    sums = [math.fsum(row) or 1.0 for row in links]
    for _ in range(30):
        rank = [
            0.15 + 0.85 * math.fsum(links[j][i] / sums[j] * rank[j] for j in range(len(listed)))
            for i in range(len(listed))
        ]
    best = sorted(range(len(listed)), key=lambda i: -rank[i])[:3]
    return [(listed[i][0], listed[i][1].start, listed[i][1].end) for i in best]


def _all_sentences(reports: Sequence[FiledEntry]) -> Iterator[tuple[int, Span, str]]:
    for place, filed in enumerate(reports):
        for span in sentences(filed.entry.summary, filed.entry.language):
            yield place, span, span.of(filed.entry.summary)


@dataclass
class Score:
    """What came of a method."""

    shown: int = 0
    found: int = 0
    wanted: int = 0
    never: int = 0
    first: int = 0
    stories: int = 0

    def add(self, story: Labelled, shown: list[Shown]) -> None:
        """Count one story."""
        self.stories += 1
        self.wanted += len(story.points)
        self.shown += len(shown)
        hit = [g for g in story.points if any(_overlap(s, a) for s in shown for a in g)]
        self.found += len(hit)
        self.never += sum(any(_covers(s, n) for n in story.never) for s in shown)
        good = [s for s in shown[:1] if any(_overlap(s, a) for a in (story.points or ((),))[0])]
        self.first += bool(good) if story.points else not shown

    def line(self, name: str) -> str:
        """Return a row of the table."""
        precision, recall = self.found / max(self.shown, 1), self.found / max(self.wanted, 1)
        return (
            f"{name:16} {self.shown:6} {precision:10.3f} {recall:8.3f} "
            f"{self.never / max(self.shown, 1):8.3f} {self.first / max(self.stories, 1):8.3f}"
        )


def _overlap(shown: Shown, wanted: Shown) -> bool:
    both = min(shown[2], wanted[2]) - max(shown[1], wanted[1])
    shorter = min(shown[2] - shown[1], wanted[2] - wanted[1])
    return shown[0] == wanted[0] and both * 2 >= shorter


def _covers(shown: Shown, never: Shown) -> bool:
    both = min(shown[2], never[2]) - max(shown[1], never[1])
    return shown[0] == never[0] and both * 2 >= never[2] - never[1]


@dataclass(frozen=True)
class Proof:
    """What came of the extraction proof."""

    stories: int  # of one report each, no two alike
    of_feeds: int  # of these, entries of real feeds: the streams hold fewer texts
    points: int
    wrong: int  # not verbatim in their report, or without a link to it
    seconds: float


def prove_extraction(shared: Path, most: int) -> Proof:
    """Take the key points of so many reports, no two with the same text, and check every one."""
    texts = {row["summary"]: row for row in _rows(shared).values() if row["summary"]}
    reports = [filed_from(row) for row in texts.values()][:most]
    streamed = len(reports)
    reports += islice(_feed_reports(shared, set(texts)), most - streamed)
    started = time.perf_counter()
    points = wrong = 0
    for filed in reports:
        entry = filed.entry
        for point in key_points((filed,), filed, context(entry.language or "en")):
            points += 1
            text = text_of(entry, point.field, {})
            linked = point.entry == entry.id and web_address(entry.url) is not None
            wrong += not (linked and is_verbatim(point, text))
    seconds = time.perf_counter() - started
    return Proof(len(reports), len(reports) - streamed, points, wrong, seconds)


def _feed_reports(shared: Path, seen: set[str]) -> Iterator[FiledEntry]:
    """Yield the entries of real feeds that carry a text, each text once."""
    hints = ParseHints(url="https://feed.example/", now=datetime(2026, 8, 20, tzinfo=UTC))
    for file in sorted((shared / "corpus" / "feeds").rglob("*")):
        if not file.is_file() or file.suffix in (".csv", ".md"):
            continue
        try:
            parsed = parse(file.read_bytes(), hints)
        except (NotAFeed, UnsafeDocument):
            continue
        for number, entry in enumerate(parsed.entries):
            text = entry.content or entry.summary
            if not text or text in seen:
                continue
            seen.add(text)
            row = {
                "url": entry.url or f"https://feed.example/{file.stem}/{number}",
                "outlet": file.parent.name,
                "title": entry.title,
                "summary": entry.summary,
                "language": entry.language or parsed.language or "en",
                "published": hints.now.isoformat(),
            }
            filed = filed_from(row)
            yield replace(filed, entry=replace(filed.entry, content=entry.content))


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    standard = os.environ.get("AGGREGATOR_SHARED", str(ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=Path(standard))
    parser.add_argument("--half", choices=("tuned", "held", "all"), default="all")
    parser.add_argument("--labels", type=Path, default=LABELS, help="points.jsonl or others'")
    parser.add_argument("--show", action="store_true", help="print what is missed")
    parser.add_argument("--proof", type=int, default=0, help="stories for the extraction proof")
    options = parser.parse_args()
    labelled = load_labelled(options.shared, options.labels)
    if options.half != "all":
        labelled = labelled[(0 if options.half == "tuned" else 1) :: 2]
    methods: dict[str, Method] = {"ours": ours, "first three": first_three, "TextRank": text_rank}
    print(f"{len(labelled)} stories ({options.half})")
    print(f"{'':16} {'points':>6} {'precision':>10} {'recall':>8} {'never':>8} {'first':>8}")
    for language in ("ja", "en", None):
        for name, method in methods.items():
            score = Score()
            for story in labelled:
                if language in (None, story.language):
                    score.add(story, method(story.reports, story.language))
            print(score.line(f"{name} {language or 'both'}"))
    if options.show:
        _show(labelled)
    if options.proof:
        proof = prove_extraction(options.shared, options.proof)
        print(
            f"{proof.stories} different stories ({proof.of_feeds} of feeds): {proof.points} points, "
            f"{proof.wrong} not verbatim or without a link, {proof.seconds:.1f} s"
        )
    return 0


def _show(labelled: Sequence[Labelled]) -> None:
    for story in labelled:
        shown = ours(story.reports, story.language)
        text = [filed.entry.summary for filed in story.reports]
        lines = [
            f"  {'+' if any(_overlap(s, a) for g in story.points for a in g) else '?'}"
            f"{'!' if any(_covers(s, n) for n in story.never) else ' '} {text[s[0]][s[1] : s[2]]}"
            for s in shown
        ]
        missed = [
            f"  - {text[g[0][0]][g[0][1] : g[0][2]]}"
            for g in story.points
            if not any(_overlap(s, a) for s in shown for a in g)
        ]
        if missed or any(line[2] != "+" or line[3] == "!" for line in lines):
            print("##", story.language, story.name, *lines, *missed, sep="\n")


if __name__ == "__main__":
    sys.exit(main())
