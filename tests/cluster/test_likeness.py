"""The likeness says what its parts mean: more of what two reports share never makes them less alike."""

import pytest

from aggregator.cluster.likeness import CJK, SPACED, Shared, likeness, parts

BOTH = pytest.mark.parametrize("weights", [CJK, SPACED], ids=["kana and kanji", "spaced"])
FOR = (
    "root", "cosine", "numbers", "first", "second", "third", "pieces", "contained", "lead", "opening",
)  # fmt: skip
AGAINST = ("days", "outlet", "conflict", "crowd")


def some(**others: object) -> Shared:
    given = {
        "dot": 8.0, "longer": 5.0, "shorter": 4.0, "top": (0.7, 0.5, 0.0), "pieces": 2, "numbers": 1,
        "conflict": False, "terms": 20, "names_only": False, "lead": False, "opening": 0.25,
    }  # fmt: skip
    return Shared(**(given | others))  # type: ignore[arg-type]  # a table of their defaults


@BOTH
def test_no_part_counts_the_other_way_round(weights):
    assert all(getattr(weights, name) >= 0 for name in FOR)
    assert all(getattr(weights, name) <= 0 for name in AGAINST)


@BOTH
def test_every_part_has_its_weight(weights):
    assert len(parts(some(), 0.5, False, 0.1)) == len(weights)


@BOTH
def test_the_same_first_name_and_opening_speak_for_one_event(weights):
    plain = likeness(parts(some(), 0.5, False, 0.1), weights)
    assert likeness(parts(some(lead=True), 0.5, False, 0.1), weights) > plain
    assert likeness(parts(some(opening=1.0), 0.5, False, 0.1), weights) > plain


@BOTH
def test_time_one_outlet_and_a_crowd_speak_against_it(weights):
    plain = likeness(parts(some(), 0.5, False, 0.1), weights)
    assert likeness(parts(some(), 2.0, False, 0.1), weights) < plain
    assert likeness(parts(some(), 0.5, True, 0.1), weights) < plain
    assert likeness(parts(some(), 0.5, False, 0.3), weights) < plain


@BOTH
def test_the_reports_of_one_great_story_are_no_denser_crowd_than_a_dense_one(weights):
    dense = likeness(parts(some(), 0.5, False, 0.3), weights)
    assert likeness(parts(some(), 0.5, False, 0.8), weights) == dense
