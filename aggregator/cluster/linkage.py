"""Average linkage of a few new entries among themselves and with the stories that stand already."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush

Group = int
"""A fragment of new entries (0 and up), or a standing story (below 0)."""


def link(
    sums: dict[Group, dict[Group, float]],
    sizes: dict[Group, int],
    threshold: float,
    allowed: Callable[[Group, Group], bool],
    merged: Callable[[Group, Group], None],
) -> None:
    """Merge the likeliest groups first, while the mean likeness of their pairs reaches the threshold.

    Standing stories take fragments in and never merge with each other.

    Args:
        sums: for each fragment, the summed likeness to every group that it shares anything with;
            symmetrical between fragments. Changed in place.
        sizes: entries in each group. Changed in place.
        threshold: mean likeness from which two groups are one.
        allowed: whether two groups may be one at all.
        merged: told of every merge: the fragment that went, the group that took it.
    """

    def mean(fragment: Group, other: Group) -> float:
        return sums[fragment][other] / (sizes[fragment] * sizes[other])

    heap = [
        (-mean(fragment, other), fragment, other)
        for fragment, others in sums.items()
        for other in others
        if fragment > other and mean(fragment, other) >= threshold
    ]
    heapify(heap)
    while heap:
        negative, gone, kept = heappop(heap)
        if gone not in sums or kept not in sums[gone] or -negative != mean(gone, kept):
            continue  # one of them has changed since
        if not allowed(gone, kept):
            continue
        merge(sums, sizes, gone, kept)
        merged(gone, kept)
        touched = sums[kept] if kept >= 0 else [f for f, others in sums.items() if kept in others]
        for other in touched:
            fragment, group = max(kept, other), min(kept, other)
            value = mean(fragment, group)
            if value >= threshold:
                heappush(heap, (-value, fragment, group))


def merge(
    sums: dict[Group, dict[Group, float]], sizes: dict[Group, int], gone: Group, kept: Group
) -> None:
    """Let `kept` take `gone` in: what others share with the one they share with the other."""
    for other, value in sums.pop(gone).items():
        if other >= 0:
            del sums[other][gone]
        if other == kept:
            continue
        if kept >= 0:
            sums[kept][other] = sums[kept].get(other, 0.0) + value
        if other >= 0:
            sums[other][kept] = sums[other].get(kept, 0.0) + value
    sizes[kept] += sizes.pop(gone)
