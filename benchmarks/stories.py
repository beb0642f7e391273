"""Measure grouping on labelled headlines, beside simpler methods: `make bench-stories`.

Usage: python -m benchmarks.stories [FOLDER ...]

Every folder with `dev.jsonl` files of cluster form (`id`, `title`, `cluster`; perhaps `outlet`, `summary`
and a time) below `../shared/eval`, or below the folders given, is streamed in six arrival orders: entries of
one time in random order, all of them where there is no time. `--curve` adds precision and recall at
the three sensitivities and along the threshold, `--size N` times a window of N live entries.

The rivals are written afresh for comparison, after what their projects publish; they are models, not ports.
"""

import argparse
import json
import random
import re
import statistics
import time
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b
from itertools import groupby, pairwise
from math import sqrt
from pathlib import Path
from typing import Any

from typing_extensions import override

from aggregator.cluster.features import bare_title
from aggregator.cluster.options import ClusterOptions
from aggregator.cluster.window import Window, WindowInput
from aggregator.model.entry import Entry
from aggregator.model.identifiers import EntryHash, EntryId, EntryKey, FeedId, Fingerprint, SourceId
from aggregator.model.source import Source
from aggregator.text.terms import search_terms
from benchmarks.labels import Headline, time_of

SHARED = Path(__file__).resolve().parents[1] / ".." / "shared" / "eval"
ORDERS = 6
WORDS = re.compile(r"[^\W_]+")


Method = Callable[[Sequence[Headline]], dict[str, Hashable]]


# -- data -----------------------------------------------------------------------------------------


def headlines(file: Path) -> list[Headline]:
    """Return the headlines of a set, by time; empty where the file has none of cluster form."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    if not rows or not {"id", "title", "cluster"} <= rows[0].keys():
        return []
    found = [
        Headline(
            id=str(row["id"]),
            title=row["title"],
            summary=row.get("summary") or "",
            outlet=row.get("outlet") or "?",
            at=time_of(row),
            cluster=row["cluster"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda headline: headline.at)


def shuffled(rows: Sequence[Headline], order: int) -> list[Headline]:
    """Return the stream in another order of arrival: what has one time is shuffled."""
    draw = random.Random(order)
    keyed = [(row.at, draw.random(), row) for row in rows]
    return [row for _, _, row in sorted(keyed, key=lambda item: item[:2])]


# -- ours -----------------------------------------------------------------------------------------


def item_of(row: Headline, sources: dict[str, Source]) -> WindowInput:
    """Return a headline as the pipeline would hand it over."""
    source = sources.setdefault(row.outlet, Source(id=SourceId(row.outlet), name=row.outlet))
    entry = Entry(
        id=EntryId(row.id), feed=FeedId(1), source=source.id, key=EntryKey(row.id), guid=row.id, url=None,
        canonical_url=None, title=row.title, summary=row.summary, content="", author=None, published=row.at,
        updated=None, language=None, categories=(), image=None, enclosures=(), hash=EntryHash(0),
        fingerprint=Fingerprint(0), first_seen_at=row.at, stored_at=row.at,
    )  # fmt: skip
    return WindowInput(entry=entry, source=source)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtThreshold(ClusterOptions):
    """Options with any threshold, for the curve between and beyond the three that an operator can set."""

    point: float

    @property
    @override
    def threshold(self) -> float:
        """Return the point of the curve."""
        return self.point


def aggregator(options: ClusterOptions, rows: Sequence[Headline]) -> dict[str, Hashable]:
    """Group as the daemon does: what has one time is a round of polls."""
    window = Window(options)
    sources: dict[str, Source] = {}
    found: dict[str, Hashable] = {}
    for at, together in groupby(rows, key=lambda row: row.at):
        places = window.assign_batch([item_of(row, sources) for row in together], at)
        found |= {place.entry: place.story for place in places}
    return found


def one_by_one(rows: Sequence[Headline]) -> dict[str, Hashable]:
    """Group as the daemon would if every entry came alone."""
    window = Window(ClusterOptions())
    sources: dict[str, Source] = {}
    return {row.id: window.assign(item_of(row, sources), row.at).story for row in rows}


# -- rivals ---------------------------------------------------------------------------------------


def exact_title(rows: Sequence[Headline]) -> dict[str, Hashable]:
    """Group equal headlines, after folding."""
    return {row.id: bare_title(row.title, row.outlet) for row in rows}


def grams(row: Headline) -> frozenset[str]:
    """Return a headline as a set: words, and bigrams where there are none."""
    return frozenset(search_terms(bare_title(row.title, row.outlet)))


def hashed(term: str, salt: int = 0) -> int:
    """Return 64 bits that are the same on every run."""
    key = salt.to_bytes(4, "big")
    return int.from_bytes(blake2b(term.encode(), digest_size=8, key=key).digest(), "big")


class Union:
    """Groups that grow by pairs."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, name: str) -> str:
        """Return the name that stands for a group."""
        parent = self._parent.setdefault(name, name)
        if parent != name:
            parent = self._parent[name] = self.root(parent)
        return parent

    def join(self, one: str, two: str) -> None:
        """Make two groups one."""
        self._parent[self.root(one)] = self.root(two)


def simhash(rows: Sequence[Headline]) -> dict[str, Hashable]:
    """Group headlines whose 64-bit SimHashes differ in at most 18 bits."""
    seen: list[tuple[int, str]] = []
    groups: dict[str, Hashable] = {}
    for row in rows:
        votes = [0] * 64
        for term in grams(row):
            bits = hashed(term)
            for bit in range(64):
                votes[bit] += 1 if bits >> bit & 1 else -1
        own = sum(1 << bit for bit in range(64) if votes[bit] > 0)
        near = min(seen, key=lambda other: (other[0] ^ own).bit_count(), default=None)
        close = near is not None and (near[0] ^ own).bit_count() <= 18
        groups[row.id] = groups[near[1]] if near is not None and close else row.id
        seen.append((own, row.id))
    return groups


def minhash(rows: Sequence[Headline]) -> dict[str, Hashable]:
    """Group with the nearest by MinHash-LSH: 64 permutations in bands of two, Jaccard at least 0.2."""
    buckets: dict[tuple[int, int, int], list[str]] = defaultdict(list)
    terms: dict[str, frozenset[str]] = {}
    groups: dict[str, Hashable] = {}
    for row in rows:
        terms[row.id] = own = grams(row)
        bases = [hashed(term) for term in own] or [hashed(row.id)]
        signature = [
            min((base * (2 * n + 1) + n * n) & (2**64 - 1) for base in bases) for n in range(64)
        ]
        near: set[str] = set()
        for band in range(0, 64, 2):
            bucket = buckets[band, signature[band], signature[band + 1]]
            near.update(bucket)
            bucket.append(row.id)
        best = max(
            ((len(own & terms[o]) / len(own | terms[o]), o) for o in near if own), default=(0.0, "")
        )
        groups[row.id] = groups[best[1]] if best[0] >= 0.2 else row.id
    return groups


def newsblur(rows: Sequence[Headline]) -> dict[str, Hashable]:
    """Group as NewsBlur describes: equal titles, or words that overlap by 0.6 with three shared.

    Words are what spaces separate, so that a Japanese title is one of them; five at least, those in
    more than 50 titles and bare numbers left out; ten members at most, within 120 hours.
    """
    words = {
        row.id: {w for w in WORDS.findall(row.title.lower()) if not w.isdigit() and len(w) > 2}
        for row in rows
    }
    counts = Counter(word for own in words.values() for word in own)
    index: dict[str, list[Headline]] = defaultdict(list)
    titles: dict[str, str] = {}
    union, sizes = Union(), Counter[str]()
    for row in rows:
        own = {word for word in words[row.id] if counts[word] <= 50}
        title = " ".join(WORDS.findall(row.title.lower()))
        near = [titles[title]] if len(title) >= 10 and title in titles else []
        titles.setdefault(title, row.id)
        if len(own) >= 5:
            others = {
                o.id: o
                for word in own
                for o in index[word]
                if row.at - o.at <= timedelta(hours=120)
            }
            for other in others:
                theirs = {word for word in words[other] if counts[word] <= 50}
                shared = len(own & theirs)
                if len(theirs) >= 5 and shared >= 3 and shared >= 0.6 * min(len(own), len(theirs)):
                    near.append(other)
        for other in sorted(near):
            if sizes[union.root(other)] < 10 and union.root(other) != union.root(row.id):
                total = sizes[union.root(other)] + max(1, sizes[union.root(row.id)])
                union.join(row.id, other)
                sizes[union.root(row.id)] = total
        sizes[union.root(row.id)] = max(1, sizes[union.root(row.id)])
        for word in own:
            index[word].append(row)
    return {row.id: union.root(row.id) for row in rows}


def worldmonitor(rows: Sequence[Headline]) -> dict[str, Hashable]:
    """Group as worldmonitor describes: two hashed vectors a title, the smaller cosine at least 0.615.

    512 dimensions of words, word bigrams and character 4-grams (bigrams outside ASCII); the second
    view weighs capitalised words three times and numbers twice. Window 96 hours, nearest member.
    """
    vectors: dict[str, tuple[dict[int, float], dict[int, float]]] = {}
    index: dict[int, list[Headline]] = defaultdict(list)
    groups: dict[str, Hashable] = {}
    for row in rows:
        own = vectors[row.id] = (
            hashed_view(row.title, entities=False),
            hashed_view(row.title, entities=True),
        )
        heaviest = sorted(own[0], key=lambda slot: (-abs(own[0][slot]), slot))[:24]
        near = {
            o.id: o
            for slot in heaviest
            for o in index[slot][-200:]
            if row.at - o.at <= timedelta(hours=96)
        }
        best = max(
            ((min(dot(own[0], vectors[o][0]), dot(own[1], vectors[o][1])), o) for o in near),
            default=(0.0, ""),
        )
        groups[row.id] = groups[best[1]] if best[0] >= 0.615 else row.id
        for slot in own[0]:
            index[slot].append(row)
    return groups


def hashed_view(title: str, *, entities: bool) -> dict[int, float]:
    """Return a title as a unit vector of 512 hashed slots."""
    words = WORDS.findall(title)
    weighed = [
        (w.lower(), (3.0 if w[0].isupper() else 2.0 if w.isdigit() else 1.0) if entities else 1.0)
        for w in words
    ]
    weighed += [(f"{a.lower()} {b.lower()}", 1.0) for a, b in pairwise(words)]
    text = " ".join(words).lower()
    size = 4 if text.isascii() else 2
    weighed += [(text[i : i + size], 0.5) for i in range(len(text) - size + 1)]
    slots: dict[int, float] = defaultdict(float)
    for term, weight in weighed:
        bits = hashed(term)
        slots[bits % 512] += weight if bits >> 60 & 1 else -weight
    length = sqrt(sum(w * w for w in slots.values())) or 1.0
    return {slot: weight / length for slot, weight in slots.items()}


def dot(one: dict[int, float], two: dict[int, float]) -> float:
    """Return the scalar product of two sparse vectors."""
    return sum(weight * two.get(slot, 0.0) for slot, weight in one.items())


# -- scores ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """How a grouping compares with the labels."""

    precision: float
    recall: float
    bcubed: float

    @property
    def f1(self) -> float:
        """Return the harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def score(rows: Sequence[Headline], found: dict[str, Hashable]) -> Score:
    """Return pair precision and recall and BCubed F1 over the entries that have a label."""
    labelled = [row for row in rows if row.cluster is not None]
    gold, made = Counter(r.cluster for r in labelled), Counter(found[r.id] for r in labelled)
    both = Counter((r.cluster, found[r.id]) for r in labelled)
    right, joined, meant = pairs(both), pairs(made), pairs(gold)
    p = sum(n * n / made[group] for (_, group), n in both.items()) / len(labelled)
    r = sum(n * n / gold[cluster] for (cluster, _), n in both.items()) / len(labelled)
    return Score(
        right / joined if joined else 1.0, right / meant if meant else 1.0, 2 * p * r / (p + r)
    )


def pairs(counts: Counter[Any]) -> int:
    """Return how many pairs groups of these sizes hold."""
    return sum(n * (n - 1) // 2 for n in counts.values())


METHODS: tuple[tuple[str, Method], ...] = (
    ("aggregator", partial(aggregator, ClusterOptions())),
    ("aggregator, one by one", one_by_one),
    ("exact title", exact_title),
    ("SimHash", simhash),
    ("MinHash-LSH", minhash),
    ("NewsBlur's rules", newsblur),
    ("worldmonitor's rules", worldmonitor),
)
CURVE: tuple[tuple[str, Method], ...] = tuple(
    (f"aggregator, {sensitivity}", partial(aggregator, ClusterOptions(sensitivity=sensitivity)))
    for sensitivity in ("strict", "normal", "loose")
) + tuple(
    (f"aggregator at {point:.2f}", partial(aggregator, AtThreshold(point=point)))
    for point in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
)


def measure(name: str, method: Method, rows: Sequence[Headline]) -> str:
    """Run a method in every order and return a line of the table."""
    scores, started = [], time.process_time()
    for order in range(ORDERS):
        stream = shuffled(rows, order)
        scores.append(score(stream, method(stream)))
    spent = (time.process_time() - started) / ORDERS / len(rows) * 1000
    tracemalloc.start()
    method(rows)
    peak = tracemalloc.get_traced_memory()[1] / len(rows) / 1024
    tracemalloc.stop()
    f1 = [s.f1 for s in scores]
    return (
        f"{name:24}{statistics.mean(s.precision for s in scores):8.3f}{statistics.mean(s.recall for s in scores):8.3f}"
        f"{statistics.mean(f1):8.3f}{min(f1):8.3f}{max(f1):8.3f}{statistics.mean(s.bcubed for s in scores):8.3f}"
        f"{spent:9.2f}{peak:9.1f}"
    )


def sets_below(folders: Sequence[Path]) -> Iterator[tuple[str, list[Headline]]]:
    """Yield the labelled sets below some folders."""
    for folder in folders:
        for file in sorted(folder.rglob("*.jsonl")):
            rows = headlines(file)
            if rows:
                yield str(file.relative_to(folder.parent)), rows


def time_a_window(folders: Sequence[Path], size: int) -> None:
    """Fill a window with real headlines and print what one more costs."""
    texts = [row for _, rows in sets_below(folders) for row in rows]
    window, sources, spent = Window(ClusterOptions()), dict[str, Source](), []
    start = datetime(2026, 1, 1, tzinfo=UTC)
    tracemalloc.start()
    for n in range(size):
        row = texts[n % len(texts)]
        turn = "" if n < len(texts) else f" {chr(0x4E00 + n // len(texts) * 97)}{n}"
        at = start + timedelta(days=13) * n / size
        item = item_of(
            Headline(f"{n:013d}", row.title + turn, row.summary, row.outlet, at, None), sources
        )
        if n == size - 5000:
            print(f"  {tracemalloc.get_traced_memory()[0] / n:.0f} bytes a live entry")
            tracemalloc.stop()
        before = time.process_time()
        window.assign(item, at)
        spent.append(time.process_time() - before)
    last = sorted(spent[-4900:])
    shares = ", ".join(
        f"p{p:g} {last[int(len(last) * p / 100)] * 1000:.2f}" for p in (50, 95, 99, 99.9)
    )
    print(f"  at {size} live entries: mean {statistics.mean(last) * 1000:.2f} ms of CPU, {shares}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="*", type=Path)
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--size", type=int)
    options = parser.parse_args()
    folders = [folder.resolve() for folder in options.folder or [SHARED]]
    for name, rows in sets_below(folders):
        print(f"\n{name}: {len(rows)} entries, mean of {ORDERS} orders of arrival")
        print(
            f"{'method':24}{'pair P':>8}{'R':>8}{'F1':>8}{'min':>8}{'max':>8}{'BCubed':>8}{'ms':>9}{'KiB':>9}"
        )
        for label, method in METHODS + (CURVE if options.curve else ()):
            print(measure(label, method, rows), flush=True)
    if options.size:
        time_a_window(folders, options.size)


if __name__ == "__main__":
    main()
