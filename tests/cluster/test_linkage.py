from hypothesis import given
from hypothesis import strategies as st

from aggregator.cluster.linkage import link


def groups(sums, sizes, threshold=0.5, allowed=lambda gone, kept: True):
    """Run the linkage and return which group each fragment ended in."""
    into: dict[int, int] = {}
    link(sums, sizes, threshold, allowed, into.__setitem__)
    out = {}
    for fragment in list(into):
        group = fragment
        while group in into:
            group = into[group]
        out[fragment] = group
    return out


def test_the_likeliest_pair_is_joined_first_and_the_mean_decides_the_rest():
    sums = {0: {1: 0.9, 2: 0.6}, 1: {0: 0.9, 2: 0.1}, 2: {0: 0.6, 1: 0.1}}
    assert groups(sums, {0: 1, 1: 1, 2: 1}) == {1: 0}  # (0.6 + 0.1) / 2 is too little for the third


def test_a_standing_story_takes_fragments_and_meets_no_other_story():
    sums = {0: {-1: 1.6, -2: 0.6}, 1: {-1: 1.2, 0: 0.4}}
    sums[0][1] = 0.4
    assert groups(sums, {0: 1, 1: 1, -1: 2, -2: 1}) == {0: -1, 1: -1}


def test_what_is_not_allowed_stays_apart():
    sums = {0: {1: 0.9}, 1: {0: 0.9}}
    assert groups(sums, {0: 1, 1: 1}, allowed=lambda gone, kept: False) == {}


PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 7), st.integers(-3, 7)).filter(lambda p: p[0] > p[1]),
    st.floats(0.01, 1),
    max_size=25,
)


@given(PAIRS)
def test_every_entry_ends_in_one_group_and_no_two_groups_are_left_that_should_be_one(pairs):
    sums: dict[int, dict[int, float]] = {i: {} for i in range(8)}
    sizes = dict.fromkeys(range(-3, 8), 1)
    for (one, two), value in pairs.items():
        sums[one][two] = value
        if two >= 0:
            sums[two][one] = value
    groups(sums, sizes)
    assert sum(sizes.values()) == 11
    for fragment, others in sums.items():
        for other, value in others.items():
            assert value / (sizes[fragment] * sizes[other]) < 0.5
