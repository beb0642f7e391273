"""Fit the weights of the likeness on labelled headlines: `python -m benchmarks.fitting [--left-out]`.

    AGGREGATOR_SHARED=... python -m benchmarks.fitting [--left-out]

Learns from `ja_stories` (alone, and with the days before in the window), `en_allsides_dated`, an eighth of
`en_allsides_undated` and every slice of `tests/cluster/labels`, and prints the weights for `aggregator/cluster/likeness.py`. For each
slice follow precision, recall and F1 of pairs at the three sensitivities, as the code stands and, with
`--left-out`, by weights that were fitted without it. Some slices are kept apart: they are scored only.
"""

import argparse
import os
import pickle
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from math import exp, sqrt
from operator import mul
from pathlib import Path
from typing import ClassVar, Final
from unittest.mock import patch

from typing_extensions import override

from aggregator.cluster import batch, window
from aggregator.cluster.batch import Batch
from aggregator.cluster.likeness import CJK, SPACED, Parts, Shared, Weights
from aggregator.cluster.options import ClusterOptions
from aggregator.cluster.traits import Flag
from aggregator.cluster.window import Window
from aggregator.model.source import Source
from benchmarks.labels import Headline, Slice, before, rounds, slices
from benchmarks.stories import Score, headlines, item_of, score

ROOT: Final = Path(__file__).parents[1]
_ENOUGH: Final = 1e-4  # a step below that ends the fit
_RIDGE: Final = 0.3  # keeps weights small that the pairs say little about
# One of two sets with summaries, and the one with times, stands for all that have them.
_COUNTS: Final = {"en_allsides_dated": 3.0}
# Read later by the same readers, and never learnt from: what a change does to days nobody looked at.
_KEPT_APART: Final = frozenset(
    (
        "en_allsides_undated apart", "en-briefs-2024-10", "en-briefs-2025-01", "en-briefs-2025-02",
        "en-frontpages-2024-11", "en-frontpages-2025-03-05", "en-links-2021-11-28", "en-links-2021-11-30",
        "en-links-2021-12-05", "en-wire-2026-08-18-night", "en-world-2026-07", "en-world-2026-07-21",
        "ja-2026-07-28", "ja-2026-07-30",
    )
)  # fmt: skip
_SENSITIVITIES: Final = ("strict", "normal", "loose")
# What a part means: a weight that says the opposite would be an accident of the labels.
_AGAINST: Final = frozenset(("days", "outlet", "conflict", "crowd"))
_EITHER: Final = frozenset(("bias", "length"))

Pairs = list[tuple[Parts, bool]]


@dataclass(frozen=True, slots=True)
class Sample:
    """The pairs of a slice in one kind of writing."""

    group: str
    cjk: bool
    pairs: Pairs


class Recorder(Batch):
    """Decides as ever, and notes the parts of every likeness."""

    found: ClassVar[dict[tuple[str, str], tuple[Parts, bool]]] = {}

    @override
    def _parts(self, serial: int, other: int, shared: Shared, days: float) -> Parts:
        found = super()._parts(serial, other, shared, days)
        one, two = sorted((self._live.id(serial), self._live.id(other)))
        self.found[one, two] = found, bool(self._live.flags(serial) & Flag.CJK)
        return found


# -- what is learnt from --------------------------------------------------------------------------


def labelled(shared: Path) -> list[Slice]:
    """Return the labelled slices, the two development sets among them."""
    streams, sets = shared / "corpus" / "streams", shared / "eval"
    ja = tuple(headlines(sets / "ja_stories" / "dev.jsonl"))
    en = tuple(headlines(sets / "en_allsides_dated" / "dev.jsonl"))
    return [
        Slice("ja_stories", ja, before(streams / "ja-frontpages", ja)),
        Slice("ja_stories, alone", ja, ()),
        Slice("en_allsides_dated", en, ()),
        *undated(sets / "en_allsides_undated" / "dev.jsonl"),
        *slices(streams),
    ]


def undated(file: Path) -> list[Slice]:
    """Return two eighths of a set that has no times, each among three other eighths of its stories.

    Nor has it outlets: here no two reports are of the same one.
    """
    eighths: list[list[Headline]] = [[] for _ in range(8)]
    for row in headlines(file):
        assert row.cluster is not None
        number = int(row.cluster.rpartition("-")[2])
        eighths[number % 8].append(replace(row, outlet=row.id))
    others = tuple(chain(*eighths[4:7]))
    return [
        Slice("en_allsides_undated", tuple(eighths[0]), others),
        Slice("en_allsides_undated apart", tuple(eighths[1]), others),
    ]


def group_of(one: Slice) -> str:
    """Return what is left out together: two views of one set are not apart."""
    return one.name.partition(",")[0]


def stream(one: Slice, options: ClusterOptions) -> dict[str, str]:
    """Group a slice after the days before it; return the story of each entry."""
    live: Window = pickle.loads(filled(one))
    live._options = options
    sources: dict[str, Source] = {}
    found: dict[str, str] = {}
    for together in rounds(one.rows):
        places = live.assign_batch([item_of(row, sources) for row in together], together[-1].at)
        found |= {place.entry: place.story for place in places}
    return found


@cache
def filled(one: Slice) -> bytes:
    """Return a window with the days before a slice."""
    live, sources = Window(ClusterOptions()), dict[str, Source]()
    for together in rounds(one.before):
        live.assign_batch([item_of(row, sources) for row in together], together[-1].at)
    return pickle.dumps(live)


def samples_of(one: Slice) -> list[Sample]:
    """Return every pair of labelled headlines that grouping a slice compares."""
    filled(one)
    Recorder.found.clear()
    with patch.object(window, "Batch", Recorder):
        stream(one, ClusterOptions())
    cluster = {row.id: row.cluster for row in one.rows if row.cluster is not None}
    found: dict[bool, Pairs] = {True: [], False: []}
    for (first, second), (parts, cjk) in Recorder.found.items():
        if first in cluster and second in cluster:
            found[cjk].append((parts, cluster[first] == cluster[second]))
    # A handful of headlines in the other writing is no sample of it.
    return [Sample(group_of(one), cjk, some) for cjk, some in found.items() if len(some) > 100]


# -- fitting --------------------------------------------------------------------------------------


def fit(samples: Iterable[Sample]) -> Weights:
    """Return the weights under which the labels are likeliest; those of the wrong sign are left out."""
    some = list(samples)
    used = list(Weights._fields)
    while True:
        values = dict(zip(used, solved(some, used), strict=True))
        wrong = {name: abs(value) for name, value in values.items() if _is_wrong(name, value)}
        if not wrong:
            return Weights(**{name: round(value, 2) for name, value in values.items()})
        used.remove(max(wrong, key=lambda name: wrong[name]))


def _is_wrong(name: str, value: float) -> bool:
    return name not in _EITHER and (value > 0 if name in _AGAINST else value < 0)


def solved(samples: Sequence[Sample], used: Sequence[str]) -> list[float]:
    """Return the coefficients of a logistic regression, by Newton's method.

    A sample of n pairs counts as the square root of n, or a multiple of it: a great one more than a
    small one, not by as much as it is greater.
    """
    rows = [pair for sample in samples for pair in sample.pairs]
    places = [Weights._fields.index(name) for name in used]
    columns = [[float(parts[place]) for parts, _ in rows] for place in places]
    each = [_count(sample) for sample in samples for _ in sample.pairs]
    scale = len(each) / sum(each)
    counts = [weight * scale for weight in each]
    told = [float(same) for _, same in rows]
    values = [0.0] * len(used)
    while True:
        step = _step(columns, told, counts, values)
        values = [value + change for value, change in zip(values, step, strict=True)]
        if max(map(abs, step)) < _ENOUGH:
            return values


def _count(sample: Sample) -> float:
    return _COUNTS.get(sample.group, 1.0) / sqrt(len(sample.pairs))


def _step(
    columns: Sequence[Sequence[float]],
    told: Sequence[float],
    counts: Sequence[float],
    values: Sequence[float],
) -> list[float]:
    odds = [0.0] * len(told)
    for value, column in zip(values, columns, strict=True):
        odds = [o + value * x for o, x in zip(odds, column, strict=True)]
    likely = [1 / (1 + exp(-o)) for o in odds]
    missed = [n * (y - p) for n, y, p in zip(counts, told, likely, strict=True)]
    spread = [n * p * (1 - p) for n, p in zip(counts, likely, strict=True)]
    slope = [
        sum(map(mul, missed, column)) - _RIDGE * value
        for value, column in zip(values, columns, strict=True)
    ]
    weighed = [list(map(mul, spread, column)) for column in columns]
    bend = [
        [sum(map(mul, one, other)) + _RIDGE * (i == j) for j, other in enumerate(columns)]
        for i, one in enumerate(weighed)
    ]
    return _solve(bend, slope)


def _solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve a positive definite system of equations by elimination."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(size):
        for j in range(i + 1, size):
            part = rows[j][i] / rows[i][i]
            rows[j] = [a - part * b for a, b in zip(rows[j], rows[i], strict=True)]
    found = [0.0] * size
    for i in reversed(range(size)):
        known = sum(rows[i][j] * found[j] for j in range(i + 1, size))
        found[i] = (rows[i][size] - known) / rows[i][i]
    return found


# -- scoring --------------------------------------------------------------------------------------


def scores(one: Slice, weights: dict[bool, Weights]) -> list[Score]:
    """Return how a slice is grouped by some weights at each sensitivity."""
    filled(one)
    with patch.multiple(batch, CJK=weights[True], SPACED=weights[False]):
        return [
            score(one.rows, dict(stream(one, ClusterOptions(sensitivity=sensitivity))))
            for sensitivity in _SENSITIVITIES
        ]


def line(name: str, found: Sequence[Score]) -> str:
    """Return a line of the table."""
    cells = [f"{one.precision:.2f} / {one.recall:.2f} / {one.f1:.3f}" for one in found]
    return f"  {name:<28}" + "   ".join(cells)


def show(weights: Weights) -> str:
    """Return weights as `likeness.py` has them."""
    told = zip(Weights._fields, weights, strict=True)
    return ", ".join(f"{name}={value:g}" for name, value in told if value)


def main() -> None:
    """Print the weights, and how each slice does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--left-out", action="store_true")
    given = parser.parse_args()
    shared = Path(os.environ.get("AGGREGATOR_SHARED", ROOT.parent / "shared"))
    if not (shared / "eval").is_dir():
        sys.exit(f"no labelled headlines at {shared}")
    every = labelled(shared)
    learnt = [one for one in every if one.name not in _KEPT_APART]
    samples = [sample for one in learnt for sample in samples_of(one)]
    for name, cjk in (("CJK", True), ("SPACED", False)):
        some = [sample for sample in samples if sample.cjk is cjk]
        told = Counter(same for sample in some for _, same in sample.pairs)
        print(f"{name}: {told[True]} pairs of one story, {told[False]} others")
        print(f"  {show(fit(some))}", flush=True)
    print("\nprecision / recall / F1 at strict, normal and loose, by the weights of likeness.py")
    for one in every:
        print(line(one.name, scores(one, {True: CJK, False: SPACED})), flush=True)
    if given.left_out:
        print("\nby weights fitted on the other slices")
        for one in learnt:
            print(line(one.name, left_out(one, samples)), flush=True)


def left_out(one: Slice, samples: Sequence[Sample]) -> list[Score]:
    """Return the scores of a slice by weights that were fitted without it."""
    kept = [sample for sample in samples if sample.group != group_of(one)]
    weights = {cjk: fit(s for s in kept if s.cjk is cjk) for cjk in (True, False)}
    return scores(one, weights)


if __name__ == "__main__":
    main()
