"""How it came to this: the earlier stories of a topic that explain what happened now."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from aggregator.digest.context import DigestContext
from aggregator.digest.features import Weights, likeness, rarity, shared_share, terms_of
from aggregator.digest.headline import best_headline, headline_of
from aggregator.model.digest import Earlier
from aggregator.model.identifiers import StoryId
from aggregator.model.query import StoryFile
from aggregator.model.story import Story

LINES: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineOptions:
    """How earlier stories are weighed."""

    linked: float = 1.0  # the same saga, or related
    shared: float = 1.0  # rare terms in common with what happened now
    outlets: float = 0.15  # each doubling of its independent outlets
    readable: float = 0.2  # in the reader's language
    repeats: float = 0.8
    same_day: float = 0.15  # as one that was chosen: a timeline spreads
    least: float = 0.16  # share of rare terms below which a story explains nothing


def explaining(
    earlier: Sequence[Story],
    now: Sequence[Story],
    language: str,
    limit: int = LINES,
    options: TimelineOptions = TimelineOptions(),
) -> tuple[Story, ...]:
    """Return the earlier stories that explain best what happened now, oldest first, none alike."""
    titles = {story.id: terms_of(story.title) for story in (*earlier, *now)}
    weights = rarity(titles.values())
    linked = {id for story in now for id in (story.saga, *story.related) if id is not None}
    current = {story.id for story in now}
    worth = {
        story.id: _worth(story, now, titles, linked, weights, options, language)
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
    return tuple(sorted(chosen, key=lambda story: (story.first_seen_at, story.id)))


def _worth(
    story: Story,
    now: Sequence[Story],
    titles: dict[StoryId, frozenset[str]],
    linked: Collection[StoryId],
    weights: Weights,
    options: TimelineOptions,
    language: str,
) -> float:
    mine = titles[story.id]
    is_linked = story.id in linked or any(
        one.id in (story.saga, *story.related) or (story.saga and story.saga == one.saga)
        for one in now
    )
    alike = max((likeness(mine, titles[one.id], weights) for one in now[:8]), default=0.0)
    shared = max((shared_share(mine, titles[one.id], weights) for one in now[:8]), default=0.0)
    if not is_linked and shared < options.least:
        return 0.0
    return (
        options.linked * is_linked
        + options.shared * (alike + shared) / 2
        + options.outlets * math.log2(1 + story.independent)
        + options.readable * (story.language == language)
    )


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
