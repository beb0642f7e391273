"""Topic rules: compiled once, matched in one pass, every tag with its evidence.

A topic is a number of lists. Each list is "any of"; all lists must hit, near each other, and what they
score (2 in the title, 1 in the summary, each list once, plus weights) must reach the threshold.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from aggregator.model.identifiers import TopicId
from aggregator.model.topic import Evidence, Near, Term, Topic, TopicMatch
from aggregator.tag.nearness import Hit, are_near
from aggregator.tag.terms import TermFinder, Text

_FIELD_POINTS: Final = {"title": 2.0, "summary": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What a topic's rule makes of a text, told whether it matched or not."""

    topic: TopicId
    matched: bool
    score: float
    threshold: float
    hits: tuple[Evidence, ...]
    unmet: tuple[int, ...]  # lists of `all` without a hit
    reason: str  # in plain words, English

    @property
    def has_list_hit(self) -> bool:
        """Tell whether a list hit; a weight alone says nothing of a topic."""
        return any(hit.list is not None for hit in self.hits)

    @property
    def is_near_miss(self) -> bool:
        """Tell whether a list hit but the topic is not there."""
        return not self.matched and self.has_list_hit


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A topic with its terms as numbers of the finder."""

    topic: Topic
    lists: tuple[frozenset[int], ...]
    never: frozenset[int]
    weights: tuple[tuple[int, float], ...]


class _Reading:
    """A text with all terms that were found in it.

    Of hundreds of topics many hit with the same words, so what the terms of a list hit and what that
    is as evidence are kept: neither is worked out twice.
    """

    def __init__(self, finder: TermFinder, title: str, summary: str) -> None:
        self._finder = finder
        self.fields = {"title": Text(title), "summary": Text(summary)}
        self.hits: dict[int, list[Hit]] = {}  # of each term, title first
        for name, text in self.fields.items():
            for term, start, end in finder.find(text):
                self.hits.setdefault(term, []).append(Hit(name, start, end, term))
        self._terms = frozenset(self.hits)
        self._of_terms: dict[frozenset[int], list[Hit]] = {}
        self._evidence: dict[tuple[int, Hit], Evidence] = {}

    def _by_list(self, rule: _Rule) -> list[list[Hit]]:
        """Return where each list hits, the best hit first; of nested hits only the longest."""
        return [self._hits_of(terms & self._terms) for terms in rule.lists]

    def _hits_of(self, terms: frozenset[int]) -> list[Hit]:
        hits = self._of_terms.get(terms)
        if hits is None:
            found = [hit for term in terms for hit in self.hits[term]]
            hits = self._of_terms[terms] = _outermost(found) if len(found) > 1 else found
        return hits

    def _told(self, number: int | None, hit: Hit, points: float) -> Evidence:
        """Return a hit as evidence, its span in the entry's own text."""
        start, end = self.fields[hit.field].span(hit.start, hit.end)
        return Evidence(
            list=number,
            term=self._finder.terms[hit.term].text,
            field=hit.field,
            start=start,
            end=end,
            points=points,
        )

    def _evidence_of(self, number: int, hit: Hit) -> Evidence:
        """Return the best hit of a list as evidence."""
        evidence = self._evidence.get((number, hit))
        if evidence is None:
            evidence = self._told(number, hit, _FIELD_POINTS[hit.field])
            self._evidence[number, hit] = evidence
        return evidence

    def _first(self, term: int, points: float) -> Evidence:
        """Return the best hit of a term that was found, as evidence of no list."""
        return self._told(None, self.hits[term][0], points)

    def _weighed(self, rule: _Rule) -> list[Evidence]:
        """Return the hits of a rule's weights."""
        return [self._first(term, points) for term, points in rule.weights if term in self.hits]

    def match(self, rule: _Rule) -> TopicMatch | None:
        """Return a topic of which all lists hit, with its evidence; None where it is not there."""
        by_list = self._by_list(rule)
        near = rule.topic.near
        if not rule.never.isdisjoint(self._terms) or not are_near(by_list, near, self.fields):
            return None
        evidence = [self._evidence_of(number, found[0]) for number, found in enumerate(by_list)]
        if rule.weights:
            evidence += self._weighed(rule)
        score = sum([one.points for one in evidence])
        if score < rule.topic.threshold:
            return None
        return TopicMatch(topic=rule.topic.id, score=score, evidence=tuple(evidence))

    def examined(self, rule: _Rule) -> Examination:
        """Return what one topic makes of the text, told in words."""
        by_list = self._by_list(rule)
        unmet = tuple(number for number, found in enumerate(by_list) if not found)
        evidence = [
            self._evidence_of(number, found[0]) for number, found in enumerate(by_list) if found
        ]
        evidence += self._weighed(rule)
        vetoes = [self._first(term, 0.0) for term in sorted(rule.never & self._terms)]
        score = sum(one.points for one in evidence)
        near = not unmet and are_near(by_list, rule.topic.near, self.fields)
        reason = _reason(rule.topic, unmet, near, vetoes, score)
        return Examination(
            topic=rule.topic.id,
            matched=not reason,
            score=score,
            threshold=rule.topic.threshold,
            hits=(*evidence, *vetoes),
            unmet=unmet,
            reason=reason or "all lists hit near each other",
        )


class Rules:
    """All topics, ready to be matched.

    A set of topics is a whole number, one bit for each: which ones may be there takes a few operations
    for each term that hits, however many topics there are.
    """

    def __init__(self, finder: TermFinder, rules: Sequence[_Rule]) -> None:
        self._finder = finder
        self._rules = tuple(rules)
        self._lists = tuple(
            _having(rules, number)
            for number in range(max((len(rule.lists) for rule in rules), default=0))
        )

    def match(self, title: str, summary: str) -> tuple[TopicMatch, ...]:
        """Return the topics of a text in the order of the configuration, each with its evidence."""
        reading = _Reading(self._finder, title, summary)
        found = (reading.match(rule) for rule in self._all_hit(reading.hits))
        return tuple(match for match in found if match is not None)

    def _all_hit(self, terms: Iterable[int]) -> Iterator[_Rule]:
        """Yield the topics all of whose lists hit, in the order of the configuration."""
        topics = (1 << len(self._rules)) - 1
        for shorter, having in self._lists:
            hit = shorter
            for term in terms:
                hit |= having.get(term, 0)
            topics &= hit
            if not topics:
                return
        while topics:
            lowest = topics & -topics
            yield self._rules[lowest.bit_length() - 1]
            topics ^= lowest

    def examine(self, title: str, summary: str) -> tuple[Examination, ...]:
        """Return what every topic makes of a text of which at least one of its terms stands in it.

        Matches first, then near misses, those with the most lists hit before the others.
        """
        reading = _Reading(self._finder, title, summary)
        verdicts = [reading.examined(rule) for rule in self._rules]
        told = [verdict for verdict in verdicts if verdict.hits]
        return tuple(sorted(told, key=lambda one: (not one.matched, len(one.unmet), -one.score)))


def compile_topics(topics: Sequence[Topic]) -> Rules:
    """Compile topics into rules that find all their terms in one pass.

    Raises:
        TermError: A term cannot be used.
    """
    finder = TermFinder(term for topic in topics for term in _terms_of(topic))
    number = {term: index for index, term in enumerate(finder.terms)}
    rules = [
        _Rule(
            topic=topic,
            lists=tuple(frozenset(number[term] for term in terms) for terms in topic.all),
            never=frozenset(number[term] for term in topic.never),
            weights=tuple((number[term], points) for term, points in topic.weights),
        )
        for topic in topics
    ]
    return Rules(finder, rules)


def _having(rules: Sequence[_Rule], number: int) -> tuple[int, dict[int, int]]:
    """Return the topics that have no list of that number, and those whose list of it has each term."""
    shorter, having = 0, defaultdict[int, int](int)
    for place, rule in enumerate(rules):
        if number >= len(rule.lists):
            shorter |= 1 << place
            continue
        for term in rule.lists[number]:
            having[term] |= 1 << place
    return shorter, dict(having)


def _terms_of(topic: Topic) -> Iterable[Term]:
    """Yield all terms of a topic."""
    for terms in topic.all:
        yield from terms
    yield from topic.never
    yield from (term for term, _ in topic.weights)


def _outermost(found: Sequence[Hit]) -> list[Hit]:
    """Return the hits of one list that lie in no longer one, those in the title first."""
    outer = [hit for hit in found if not any(other.contains(hit) for other in found)]
    return sorted(outer, key=lambda hit: (hit.field != "title", hit.start, hit.term))


def _reason(
    topic: Topic, unmet: Sequence[int], near: bool, vetoes: Sequence[Evidence], score: float
) -> str:
    """Say why a topic does not match; nothing where it does."""
    if unmet:
        return "no hit in list " + ", ".join(str(number + 1) for number in unmet)
    if vetoes:
        return f"vetoed by {vetoes[0].term}"
    if not near:
        wanted = topic.near if isinstance(topic.near, Near) else f"{topic.near} characters"
        return f"the lists hit too far apart (near: {wanted})"
    if score < topic.threshold:
        return f"{score:g} of the {topic.threshold:g} points that it takes"
    return ""
