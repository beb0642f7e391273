"""Which stories are told in one section: much the same headlines, or near each other by grouping's own score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from aggregator.digest.features import Weighed, Weights, rarity, terms_of, weigh
from aggregator.digest.news import News
from aggregator.model.identifiers import StoryId
from aggregator.model.query import FiledEntry
from aggregator.model.story import Story
from aggregator.text.script import is_cjk

_FOLDED: Final = 6  # stories that one section takes in at most
_HEADS: Final = 40  # those that a story is compared with: no digest has more sections
_TITLES: Final = 2  # headlines of each that are compared
_ALIKE: Final = 0.38  # of two headlines, to be told together
_LINKED: Final = 0.26  # the same, where grouping named one as related to the other
_TOGETHER: Final = 0.25  # likeness of headlines and nearness in grouping, summed
_NEAR: Final = 0.05  # nearness without which the sum counts for nothing ...
_AGREEING: Final = 0.1  # ... and likeness of headlines: two events of one war are near as well
_CROSSING: Final = (
    0.16  # nearness of a report in Japanese and one in English: headlines say nothing there
)
_CHAINED: Final = 0.5  # to a story that is folded already: only what is all but the same is chained


@dataclass(frozen=True, slots=True)
class _Compared:
    """A story with what it is compared by."""

    news: News
    titles: tuple[Weighed, ...]
    scores: Mapping[StoryId, float]  # of its reports against other stories, on arrival
    cjk: bool


def fold_related(news: Sequence[News]) -> list[News]:
    """Put related stories under the one of those before them (more important) that is closest."""
    terms = [_titles(one) for one in news]
    weights = rarity(title for several in terms for title in several)
    compared = [
        _Compared(
            one,
            tuple(weigh(title, weights) for title in several),
            _mean_scores(one.reports),
            is_cjk(one.lead.entry.title),
        )
        for one, several in zip(news, terms, strict=True)
    ]
    sections: list[list[_Compared]] = []
    for one in compared:
        close = (
            (_closeness_to_section(section, one, weights), -place)
            for place, section in enumerate(sections[:_HEADS])
            if len(section) <= _FOLDED
        )
        closest, place = max(close, default=(0.0, 0))
        if closest > 0.0:
            sections[-place].append(one)
        else:
            sections.append([one])
    return [
        replace(head.news, folded=tuple(other.news for other in folded))
        for head, *folded in sections
    ]


def _titles(one: News) -> list[frozenset[str]]:
    """Return a few of a story's headlines, the lead's first."""
    ranked = [one.lead, *(f for f in one.reports if f is not one.lead)]
    return [terms_of(filed.entry.title) for filed in ranked[:_TITLES]]


def _mean_scores(reports: Sequence[FiledEntry]) -> dict[StoryId, float]:
    """Return how near a story's reports were found to others: the mean over all, 0 for who was not."""
    sums: dict[StoryId, float] = {}
    for filed in reports:
        if filed.placement is None:
            continue
        decision = filed.placement.decision
        for other in decision.related:  # third or fourth: none is named below half of the threshold
            if other != decision.runner_up:
                sums[other] = sums.get(other, 0.0) + decision.threshold / 2
        if decision.runner_up is not None:
            sums[decision.runner_up] = sums.get(decision.runner_up, 0.0) + decision.runner_up_score
    return {other: total / len(reports) for other, total in sums.items()}


def _closeness_to_section(section: Sequence[_Compared], one: _Compared, weights: Weights) -> float:
    head, *folded = section
    chained = (_closeness(other, one, weights) for other in folded)
    return max([_closeness(head, one, weights), *(value for value in chained if value >= _CHAINED)])


def _closeness(a: _Compared, b: _Compared, weights: Weights) -> float:
    """Return how close two stories are; 0 where they are to be told apart."""
    alike = max(x.likeness(y, weights) for x, y in product(a.titles, b.titles))
    near = max(a.scores.get(b.news.story.id, 0.0), b.scores.get(a.news.story.id, 0.0))
    together = (
        alike >= _ALIKE
        or (alike >= _LINKED and _are_linked(a.news.story, b.news.story))
        or (near >= _NEAR and alike >= _AGREEING and alike + near >= _TOGETHER)
        or (near >= _CROSSING and a.cjk != b.cjk)
    )
    return alike + near if together else 0.0


def _are_linked(a: Story, b: Story) -> bool:
    """Tell whether grouping named one of two stories as related to the other, or as its sequel."""
    return b.id in a.related or a.id in b.related or (a.saga or a.id) == (b.saga or b.id)
