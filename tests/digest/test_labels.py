"""Our points against the labels that people made by reading, and against two plain methods."""

import os
from pathlib import Path

import pytest

from benchmarks.digests import (
    HELD_OUT,
    ROOT,
    Score,
    first_three,
    load_labelled,
    ours,
    prove_extraction,
    text_rank,
)

SHARED = Path(os.environ.get("AGGREGATOR_SHARED", ROOT.parent / "shared"))
pytestmark = pytest.mark.skipif(
    not (SHARED / "corpus" / "streams").is_dir(), reason="the shared streams are not here"
)


def test_our_points_are_clearly_ahead_and_never_show_what_must_not_be_shown():
    labelled = load_labelled(SHARED)
    assert len(labelled) >= 60
    assert {story.language for story in labelled} == {"ja", "en"}
    scores = {method.__name__: Score() for method in (ours, first_three, text_rank)}
    for story in labelled:
        for method in (ours, first_three, text_rank):
            scores[method.__name__].add(story, method(story.reports, story.language))
    best = scores["ours"]
    assert best.found / best.shown > 0.85
    assert best.never == 0
    for other in ("first_three", "text_rank"):
        score = scores[other]
        assert best.found / best.shown > score.found / score.shown + 0.2
        assert best.found > score.found
        assert score.never / score.shown > 0.2


def test_on_stories_that_nothing_was_chosen_by_they_are_as_far_ahead():
    labelled = load_labelled(SHARED, HELD_OUT)
    assert len(labelled) == 30
    scores = {method.__name__: Score() for method in (ours, first_three, text_rank)}
    for story in labelled:
        for method in (ours, first_three, text_rank):
            scores[method.__name__].add(story, method(story.reports, story.language))
    best = scores["ours"]
    assert best.found / best.shown > 0.8
    assert best.never == 0
    for other in ("first_three", "text_rank"):
        assert best.found / best.shown > scores[other].found / scores[other].shown + 0.3


@pytest.mark.slow
def test_every_point_of_ten_thousand_stories_is_a_verbatim_span():
    proof = prove_extraction(SHARED, 10_000)
    assert proof.stories == 10_000
    assert proof.points > 3000
    assert proof.wrong == 0
