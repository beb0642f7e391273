"""Fitting finds the weights that made-up labels were drawn with, and leaves out what would mislead."""

import random
from math import exp
from statistics import mean

import pytest

from aggregator.cluster.likeness import CJK, SPACED, Weights
from benchmarks.fitting import Sample, fit, scores
from benchmarks.labels import slices
from tests.cluster.newsroom import SHARED


def a_sample(told: Weights, count: int = 4000) -> Sample:
    """Draw labels by some weights of `cosine` and `days`; the other parts are nothing."""
    draw = random.Random(4)
    pairs = []
    for _ in range(count):
        cosine, days = draw.random(), 4 * draw.random()
        odds = told.bias + told.cosine * cosine + told.days * days
        parts = Weights(bias=1.0, cosine=cosine, days=days)
        pairs.append((tuple(parts), draw.random() < 1 / (1 + exp(-odds))))
    return Sample("made up", cjk=True, pairs=pairs)


def test_the_fit_finds_the_weights_that_the_labels_were_drawn_with():
    found = fit([a_sample(Weights(bias=-2.0, cosine=5.0, days=-1.0))])
    assert abs(found.bias + 2.0) < 0.4
    assert abs(found.cosine - 5.0) < 0.6
    assert abs(found.days + 1.0) < 0.2


def test_a_part_that_would_say_the_opposite_of_what_it_means_is_left_out():
    found = fit([a_sample(Weights(bias=-2.0, cosine=5.0, days=0.8))])
    assert found.days == 0.0
    assert found.cosine > 3.0


@pytest.mark.slow
@pytest.mark.skipif(
    not (SHARED / "corpus").is_dir(), reason="the labelled headlines are kept beside the project"
)
@pytest.mark.parametrize(("language", "precision", "f1"), [("ja", 0.82, 0.76), ("en", 0.74, 0.74)])
def test_days_labelled_by_hand_are_grouped_as_well_as_ever(language, precision, f1):
    weights = {True: CJK, False: SPACED}
    days = [
        scores(one, weights)[1]
        for one in slices(SHARED / "corpus" / "streams")
        if one.name.startswith(language)
    ]
    assert mean(day.precision for day in days) >= precision
    assert mean(day.f1 for day in days) >= f1
