"""How it came to this: the earlier stories of a topic that explain what happened now."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aggregator.digest.context import DigestContext
from aggregator.digest.features import Weights, likeness, rarity, terms_of
from aggregator.digest.headline import best_headline, headline_of
from aggregator.digest.language import written_in
from aggregator.model.digest import Earlier
from aggregator.model.identifiers import StoryId
from aggregator.model.query import StoryFile
from aggregator.model.story import Story
from aggregator.text.script import is_cjk

LINES: Final = 6
_NOW: Final = 12  # sections: what stands further down needs no background
_ASKING: Final = re.compile(
    r"[?？]|^\W*(?:how|why|what|who|where|when|inside|meet|analysis|opinion|watch)\b|とは$|なぜ|まとめ|写真特集",
    re.IGNORECASE,
)
"""A headline that explains or shows; how it came to this is told by what happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineOptions:
    """How earlier stories are weighed."""

    linked: float = 0.4  # the same saga, or related
    alike: float = 3.0  # rare terms in common with what happened now
    outlets: float = 0.2  # each doubling of its independent outlets
    readable: float = 0.3  # in the reader's language
    asking: float = -0.6
    place: float = 0.1  # what a section loses by each one above it
    repeats: float = 0.8
    said: float = 0.6  # from which on it is what another line says
    same_day: float = 0.15  # as one that was chosen: a timeline spreads
    least: float = 0.14  # likeness of headlines below which a story explains nothing
    fewest: int = 2  # shared terms, likewise


def explaining(
    earlier: Sequence[Story],
    now: Sequence[Story],
    language: str,
    limit: int = LINES,
    options: TimelineOptions = TimelineOptions(),
) -> tuple[Story, ...]:
    """Return the earlier stories that explain best what happened now, oldest first, none alike.

    `now` comes in the order of the digest: what stands on top is what most needs its background.
    """
    titles = {story.id: terms_of(story.title) for story in (*earlier, *now)}
    weights = rarity(titles.values())
    current = {story.id for story in now}
    worth = {
        story.id: _worth(story, now[:_NOW], titles, weights, options, language)
        for story in earlier
        if story.id not in current and not story.muted
    }
    left = [story for story in earlier if worth.get(story.id, 0.0) > 0.0]
    chosen: list[Story] = []
    while left and len(chosen) < limit:
        days = {story.first_seen_at.date() for story in chosen}
        gains = [
            worth[s.id]
            - options.repeats * _told(s, chosen, titles, weights)
            - options.same_day * (s.first_seen_at.date() in days)
            for s in left
        ]
        best = max(range(len(left)), key=lambda i: (gains[i], left[i].first_seen_at, left[i].id))
        if gains[best] <= 0.0:
            break
        chosen.append(left.pop(best))
        left = [s for s in left if _told(s, chosen[-1:], titles, weights) < options.said]
    return tuple(sorted(chosen, key=lambda story: (story.first_seen_at, story.id)))


def _worth(
    story: Story,
    now: Sequence[Story],
    titles: dict[StoryId, frozenset[str]],
    weights: Weights,
    options: TimelineOptions,
    language: str,
) -> float:
    explains = max(
        (
            _explains(story, one, titles, weights, options) / (1 + options.place * place)
            for place, one in enumerate(now)
        ),
        default=0.0,
    )
    if explains <= 0.0:
        return 0.0
    return (
        explains
        + options.outlets * math.log2(1 + story.independent)
        + options.readable * written_in(story.title, language)
        + options.asking * (_ASKING.search(story.title) is not None)
    )


def _explains(
    story: Story,
    one: Story,
    titles: dict[StoryId, frozenset[str]],
    weights: Weights,
    options: TimelineOptions,
) -> float:
    """Return how well an earlier story explains one that is told now; 0 for not at all."""
    mine, theirs = titles[story.id], titles[one.id]
    alike = likeness(mine, theirs, weights)
    follows = story.id == one.saga or (story.saga is not None and story.saga == one.saga)
    related = story.id in one.related or one.id in story.related
    if not (
        follows
        or (related and (alike >= options.least / 2 or is_cjk(story.title) != is_cjk(one.title)))
        or (alike >= options.least and len(mine & theirs) >= options.fewest)
    ):
        return 0.0
    linked = options.linked * (follows or related)
    return linked + options.alike * alike


def _told(
    story: Story,
    chosen: Sequence[Story],
    titles: dict[StoryId, frozenset[str]],
    weights: Weights,
) -> float:
    return max((likeness(titles[story.id], titles[o.id], weights) for o in chosen), default=0.0)


def background(earlier: Sequence[StoryFile], ctx: DigestContext) -> tuple[Earlier, ...]:
    """Return a line for each earlier story, oldest first."""
    lines = []
    for file in earlier:
        shown = best_headline(file.lead, file.entries, ctx)
        lines.append(
            Earlier(
                story=file.story.id,
                at=min(ctx.reported_at(filed) for filed in file.entries),
                headline=headline_of(shown, ctx),
                outlet=ctx.outlet(shown.entry.source),
                url=ctx.web_address(shown.entry.url),
                entry=shown.entry.id,
            )
        )
    return tuple(sorted(lines, key=lambda line: (line.at, line.story)))
