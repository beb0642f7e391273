"""Topic rules: compiled once, matched in one pass, every tag with its evidence.

A topic is a number of lists. Each list is "any of"; all lists must hit, near each other, and what they
score (2 in the title, 1 in the summary, each list once, plus weights) must reach the threshold.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from aggregator.model.identifiers import TopicId
from aggregator.model.topic import Evidence, Near, Term, Topic, TopicMatch
from aggregator.tag.nearness import Place, are_near
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
    anchor: frozenset[int]  # the terms of its most specific list: without one of them, no match
    never: frozenset[int]
    weights: tuple[tuple[int, float], ...]


_Hit = tuple[int, Place]  # which term, where


class _Reading:
    """A text with all terms that were found in it."""

    def __init__(self, finder: TermFinder, title: str, summary: str) -> None:
        self._finder = finder
        self.fields = {"title": Text(title), "summary": Text(summary)}
        self.hits: dict[int, list[Place]] = defaultdict(list)  # of each term, title first
        for name, text in self.fields.items():
            for term, spans in finder.find(text).items():
                self.hits[term].extend(Place(name, span) for span in spans)
        self._of_list: dict[frozenset[int], list[_Hit]] = {}

    def may_have(self, rule: _Rule) -> bool:
        """Tell whether every list of a rule hits somewhere."""
        return not any(terms.isdisjoint(self.hits) for terms in rule.lists)

    def hits_of(self, terms: frozenset[int]) -> list[_Hit]:
        """Return where one list hits, the best hit first; of nested hits only the longest."""
        if terms not in self._of_list:
            found = [(term, at) for term in terms & self.hits.keys() for at in self.hits[term]]
            self._of_list[terms] = _outermost(found) if len(found) > 1 else found
        return self._of_list[terms]

    def evidence(self, number: int | None, hit: _Hit, points: float) -> Evidence:
        """Return a hit as evidence, its span in the entry's own text."""
        term, at = hit
        start, end = self.fields[at.field].span(at.span)
        return Evidence(
            list=number,
            term=self._finder.terms[term].text,
            field=at.field,
            start=start,
            end=end,
            points=points,
        )

    def _is_near(self, rule: _Rule, by_list: Sequence[Sequence[_Hit]]) -> bool:
        """Tell whether the lists of a rule hit near each other."""
        places = [[at for _, at in found] for found in by_list]
        return are_near(places, rule.topic.near, self.fields)

    def first(self, term: int) -> _Hit:
        """Return the best hit of a term that was found."""
        return term, self.hits[term][0]

    def examined(self, rule: _Rule) -> Examination:
        """Return what one topic makes of the text."""
        by_list = [self.hits_of(terms) for terms in rule.lists]
        unmet = tuple(number for number, found in enumerate(by_list) if not found)
        evidence = [
            self.evidence(number, found[0], _FIELD_POINTS[found[0][1].field])
            for number, found in enumerate(by_list)
            if found
        ]
        evidence += [
            self.evidence(None, self.first(term), points)
            for term, points in rule.weights
            if term in self.hits
        ]
        vetoes = [
            self.evidence(None, self.first(term), 0.0)
            for term in sorted(rule.never & self.hits.keys())
        ]
        score = sum(one.points for one in evidence)
        near = not unmet and self._is_near(rule, by_list)
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
    """All topics, ready to be matched."""

    def __init__(self, finder: TermFinder, rules: Sequence[_Rule]) -> None:
        self._finder = finder
        self._rules = tuple(rules)
        anchored: dict[int, list[int]] = defaultdict(list)
        for place, rule in enumerate(rules):
            for term in rule.anchor:
                anchored[term].append(place)
        self._anchored = {term: tuple(places) for term, places in anchored.items()}

    def match(self, title: str, summary: str) -> tuple[TopicMatch, ...]:
        """Return the topics of a text in the order of the configuration, each with its evidence."""
        reading = _Reading(self._finder, title, summary)
        places = {place for term in reading.hits for place in self._anchored.get(term, ())}
        found = []
        for place in sorted(places):
            rule = self._rules[place]
            if reading.may_have(rule) and (verdict := reading.examined(rule)).matched:
                found.append(
                    TopicMatch(topic=verdict.topic, score=verdict.score, evidence=verdict.hits)
                )
        return tuple(found)

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
    users = Counter(term for topic in topics for term in set(_terms_of(topic)))
    rules = []
    for topic in topics:
        lists = [frozenset(number[term] for term in terms) for terms in topic.all]
        rules.append(
            _Rule(
                topic=topic,
                lists=tuple(lists),
                # Fewest topics share even its most shared term: it spares most examinations.
                anchor=min(lists, key=lambda one: max(users[finder.terms[term]] for term in one)),
                never=frozenset(number[term] for term in topic.never),
                weights=tuple((number[term], points) for term, points in topic.weights),
            )
        )
    return Rules(finder, rules)


def _terms_of(topic: Topic) -> Iterable[Term]:
    """Yield all terms of a topic."""
    for terms in topic.all:
        yield from terms
    yield from topic.never
    yield from (term for term, _ in topic.weights)


def _outermost(found: Sequence[_Hit]) -> list[_Hit]:
    """Return the hits of one list that lie in no longer one, those in the title first."""
    outer = [(term, at) for term, at in found if not any(other.contains(at) for _, other in found)]
    return sorted(outer, key=lambda hit: (hit[1].field != "title", hit[1].span.start, hit[0]))


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
