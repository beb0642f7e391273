"""What many topics cost: 5 and 500 that seldom hit, and 5 and 500 that hit all the time.

Both kinds are made of the words of the streams themselves, with two lists of twelve terms and the
default nearness: *rare* ones of words that two to five headlines have, *dense* ones of the 400 most
frequent. The five of a kind are the first five of its 500. The peer is the naive way: each topic's
rule compiled and matched by itself, so that a text is folded and searched once for each.
"""

import itertools
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any, Final

from aggregator.model.identifiers import TopicId
from aggregator.model.topic import Term, Topic, TopicMatch
from aggregator.tag.rules import compile_topics
from aggregator.text.normalise import fold

_WORD: Final = re.compile(r"[一-鿿]{2,6}|[ァ-ヺー]{3,}|[a-z]{4,}")
_FREQUENT: Final = 400
_RARE: Final = range(2, 6)
_TERMS: Final = 12  # of a list
_TEXTS: Final = 1_000
_NAIVE_TEXTS: Final = 40
_REPEATS: Final = 5

Match = Callable[[str, str], Sequence[TopicMatch]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCost:
    """What tagging an entry cost with so many topics, in milliseconds of processor time."""

    kind: str
    topics: int
    matches: float  # topics that an entry has, mean
    tag: float
    naive: float


def topic_sets(titles: Sequence[str], count: int) -> Iterator[tuple[str, list[Topic]]]:
    """Yield topics of words that headlines seldom have, and of those that they have most often."""
    seen = Counter(word for title in titles for word in set(_WORD.findall(fold(title))))
    ranked = sorted(seen, key=lambda word: (-seen[word], word))
    yield "rare", _topics([word for word in ranked if seen[word] in _RARE], count)
    yield "dense", _topics(ranked[:_FREQUENT], count)


def _topics(words: Sequence[str], count: int) -> list[Topic]:
    chance = random.Random(17)
    return [
        Topic(
            id=TopicId(f"topic-{number}"),
            names=(("", f"Topic {number}"),),
            all=tuple(tuple(Term(word) for word in chance.sample(words, _TERMS)) for _ in range(2)),
        )
        for number in range(count)
    ]


def topic_costs(
    lines: Sequence[dict[str, Any]], counts: Sequence[int], shipped: Sequence[Topic]
) -> Iterator[TopicCost]:
    """Yield what tagging costs with the topics of `config/`, and with so many of both kinds."""
    texts = [(line["title"], line.get("summary") or "") for line in lines[:_TEXTS]]
    yield _topic_cost("config/", shipped, texts)
    for kind, topics in topic_sets([line["title"] for line in lines], max(counts)):
        for count in counts:
            yield _topic_cost(kind, topics[:count], texts)


def _topic_cost(kind: str, topics: Sequence[Topic], texts: Sequence[tuple[str, str]]) -> TopicCost:
    rules = compile_topics(topics)
    alone = [compile_topics([topic]).match for topic in topics]
    return TopicCost(
        kind=kind,
        topics=len(topics),
        matches=mean(len(rules.match(*text)) for text in texts),
        tag=_cost(rules.match, texts),
        naive=_cost(_one_after_the_other(alone), texts[:_NAIVE_TEXTS]),
    )


def _one_after_the_other(alone: Sequence[Match]) -> Match:
    def match(title: str, summary: str) -> list[TopicMatch]:
        return list(itertools.chain.from_iterable(one(title, summary) for one in alone))

    return match


def _cost(match: Match, texts: Sequence[tuple[str, str]]) -> float:
    """Return the median over repetitions of a text's mean cost."""
    costs = []
    for _ in range(_REPEATS):
        started = time.process_time()
        for text in texts:
            match(*text)
        costs.append((time.process_time() - started) / len(texts) * 1000)
    return median(costs)
