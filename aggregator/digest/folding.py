"""Which stories are told in one section: much the same headlines, or near each other by grouping's own score."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Final

from aggregator.digest.features import Weighed, Weights, rarity, terms_of, weigh
from aggregator.digest.news import News
from aggregator.model.identifiers import StoryId
from aggregator.text.script import is_cjk

_FOLDED: Final = 6  # stories that one section takes in at most
_HEADS: Final = 40  # those that a story is compared with: no digest has more sections
_TITLES: Final = 2  # headlines of each that are compared
_ALIKE: Final = 0.38  # of two headlines, to be told together
_LINKED: Final = 0.26  # the same, where grouping named one as related to the other
_TOGETHER: Final = 0.34  # likeness of headlines and nearness in grouping, summed
_NEAR: Final = 0.12  # nearness without which the sum counts for nothing
_CROSSING: Final = (
    0.16  # nearness of a report in Japanese and one in English: headlines say nothing there
)
_CHAINED: Final = 0.5  # to a story that is folded already: only what is all but the same is chained

Titles = dict[StoryId, list[Weighed]]


def fold_related(news: Sequence[News]) -> list[News]:
    """Put related stories under the one of those before them (more important) that is closest."""
    terms = {one.story.id: _titles(one) for one in news}
    weights = rarity(title for titles in terms.values() for title in titles)
    titles = {id: [weigh(title, weights) for title in several] for id, several in terms.items()}
    heads: list[News] = []
    for one in news:
        close = [
            (_closeness_to_section(head, one, titles, weights), -place)
            for place, head in enumerate(heads[:_HEADS])
            if len(head.folded) < _FOLDED
        ]
        closest, place = max(close, default=(0.0, 0))
        if closest > 0.0:
            heads[-place] = replace(heads[-place], folded=(*heads[-place].folded, one))
        else:
            heads.append(one)
    return heads


def _titles(one: News) -> list[frozenset[str]]:
    """Return a few of a story's headlines, the lead's first."""
    ranked = [one.lead, *(f for f in one.reports if f is not one.lead)]
    return [terms_of(filed.entry.title) for filed in ranked[:_TITLES]]


def _closeness_to_section(head: News, one: News, titles: Titles, weights: Weights) -> float:
    own = _closeness(head, one, titles, weights)
    chained = (_closeness(other, one, titles, weights) for other in head.folded)
    return max([own, *(value for value in chained if value >= _CHAINED)])


def _closeness(a: News, b: News, titles: Titles, weights: Weights) -> float:
    """Return how close two stories are; 0 where they are to be told apart."""
    pairs = product(titles[a.story.id], titles[b.story.id])
    alike = max(x.likeness(y, weights) for x, y in pairs)
    near = nearness(a, b)
    crossing = is_cjk(a.lead.entry.title) != is_cjk(b.lead.entry.title)
    together = (
        alike >= (_LINKED if are_linked(a, b) else _ALIKE)
        or (near >= _NEAR and alike + near >= _TOGETHER)
        or (crossing and near >= _CROSSING)
    )
    return alike + near if together else 0.0


def nearness(a: News, b: News) -> float:
    """Return how near grouping found two stories, 0 to 1: the mean over the reports of one."""
    return max(_mean_score(a, b.story.id), _mean_score(b, a.story.id))


def _mean_score(one: News, other: StoryId) -> float:
    """Return what the reports of a story scored against another on arrival, those that did not, 0."""
    scores = []
    for filed in one.reports:
        decision = filed.placement.decision if filed.placement is not None else None
        if decision is None:
            scores.append(0.0)
        elif decision.runner_up == other:
            scores.append(decision.runner_up_score)
        else:  # it was third or fourth; grouping names none below half of its threshold
            scores.append(decision.threshold / 2 if other in decision.related else 0.0)
    return sum(scores) / len(scores)


def are_linked(a: News, b: News) -> bool:
    """Tell whether grouping named one of two stories as related to the other, or as its sequel."""
    one, other = a.story, b.story
    return (
        other.id in one.related
        or one.id in other.related
        or (one.saga or one.id) == (other.saga or other.id)
    )
