"""How well grouping does on labelled headlines: bars that must not fall (docs/stories.md has the figures)."""

import json
from collections import Counter
from datetime import UTC, datetime
from hashlib import blake2s
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from aggregator.cluster.options import ClusterOptions
from aggregator.cluster.window import Window
from tests.cluster.newsroom import SHARED, an_input

LABELS = Path(__file__).with_name("crossing_pairs.tsv")
pytestmark = pytest.mark.skipif(
    not (SHARED / "eval").is_dir(), reason="the labelled headlines are kept beside the project"
)


def time_of(row: dict[str, Any]) -> datetime:
    text = row.get("seen_at") or row.get("ts") or row["published"] or row["fetched_at"]
    return datetime.fromisoformat(text).astimezone(UTC)


def stories_of(rows: list[dict[str, Any]]) -> dict[str, str]:
    window = Window(ClusterOptions())
    found: dict[str, str] = {}
    for at, together in groupby(sorted(rows, key=time_of), key=time_of):
        items = [
            an_input(r["id"], r["title"], outlet=r["outlet"], summary=r.get("summary") or "", at=at)
            for r in together
        ]
        found |= {place.entry: place.story for place in window.assign_batch(items, at)}
    return found


def pairs(counts: Counter[Any]) -> int:
    return sum(n * (n - 1) // 2 for n in counts.values())


def precision_and_recall(rows: list[dict[str, Any]]) -> tuple[float, float]:
    found = stories_of(rows)
    labelled = [row for row in rows if row["cluster"] is not None]
    right = pairs(Counter((row["cluster"], found[row["id"]]) for row in labelled))
    joined = pairs(Counter(found[row["id"]] for row in labelled))
    return right / joined, right / pairs(Counter(row["cluster"] for row in labelled))


@pytest.mark.parametrize(
    ("folder", "precision", "f1"), [("ja_stories", 0.80, 0.72), ("en_allsides_dated", 0.87, 0.81)]
)
def test_pairs_of_a_labelled_set(folder, precision, f1):
    lines = (SHARED / "eval" / folder / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    p, r = precision_and_recall([json.loads(line) for line in lines])
    assert p >= precision
    assert 2 * p * r / (p + r) >= f1


def key_of(row: dict[str, Any]) -> str:
    return blake2s(f"{row['outlet']}\n{row['title']}".encode(), digest_size=6).hexdigest()


@pytest.mark.slow
def test_pairs_across_languages():
    rows: dict[str, dict[str, Any]] = {}
    for file in sorted((SHARED / "corpus/streams/wire-pool").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            rows.setdefault(key_of(row), row | {"id": key_of(row)})
    found = stories_of(list(rows.values()))
    labels = [
        line.split("\t")
        for line in LABELS.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    joined = [same == "1" for one, two, same in labels if found[one] == found[two]]
    precision, recall = (
        sum(joined) / len(joined),
        sum(joined) / sum(label[2] == "1" for label in labels),
    )
    assert precision >= 0.90
    assert 2 * precision * recall / (precision + recall) >= 0.70
