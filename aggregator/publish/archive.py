"""Archive pages (RFC 5005 4): whatever leaves an output can still be read behind it.

An item is on a page before it leaves: the page that the first leaving item makes necessary is filled up
with the oldest that are still shown. Which items are on a page never changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aggregator.model.output import Output, Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """What to write: the changed publications, and the new pages as ids of items, oldest page first."""

    publications: tuple[Publication, ...]
    pages: tuple[tuple[str, ...], ...] = ()


def archive_leaving(
    output: Output, current: Sequence[Publication], changed: Sequence[Publication]
) -> Archived:
    """Return the changed publications with those that leave, and some that stay, put on new pages.

    Args:
        output: The output.
        current: All that it showed before.
        changed: What `update_output` changes of it.
    """
    shown = {p.item.id for p in current}
    after = {p.item.id: p for p in (*current, *changed)}
    waiting = sorted(
        (p for p in after.values() if not p.archived), key=lambda p: (p.item.published, p.item.id)
    )
    leaving = [p for p in waiting if p.left and not p.hidden and p.item.id in shown]
    if not leaving:
        return Archived(publications=tuple(changed))
    size = max(1, output.limit // 2)
    staying = [p for p in waiting if not p.left][: -len(leaving) % size]
    chosen = sorted((*leaving, *staying), key=lambda p: (p.item.published, p.item.id))
    written = {p.item.id: p for p in changed}
    written |= {p.item.id: replace(p, archived=True) for p in chosen}
    ids = [p.item.id for p in chosen]
    return Archived(
        publications=tuple(written.values()),
        pages=tuple(tuple(ids[start : start + size]) for start in range(0, len(ids), size)),
    )
