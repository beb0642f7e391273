"""Topic rules: compiled once, matched in one pass, every tag with its evidence.

A topic is a number of lists. Each list is "any of"; all lists must hit, near each other, and what they
score (2 in the title, 1 in the summary, each list once, plus weights) must reach the threshold.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aggregator.model.identifiers import TopicId
from aggregator.model.topic import Evidence, Near, Term, Topic, TopicMatch
from aggregator.tag.nearness import Place, are_near
from aggregator.tag.terms import TermFinder, Text

_FIELD_POINTS: Final = {"title": 2.0, "summary": 1.0}

Hits = Mapping[int, Sequence[Place]]
"""Where each term that was found stands, title first."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A topic with its terms as numbers of the finder."""

    topic: Topic
    lists: tuple[frozenset[int], ...]
    anchor: frozenset[int]  # the terms of its most specific list: without one of them, no match
    never: frozenset[int]
    weights: tuple[tuple[int, float], ...]


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
        fields, hits = self._read(title, summary)
        places = sorted({place for term in hits for place in self._anchored.get(term, ())})
        found = []
        for place in places:
            verdict = self._examined(self._rules[place], fields, hits)
            if verdict.matched:
                found.append(
                    TopicMatch(topic=verdict.topic, score=verdict.score, evidence=verdict.hits)
                )
        return tuple(found)

    def examine(self, title: str, summary: str) -> tuple[Examination, ...]:
        """Return what every topic makes of a text of which at least one of its terms stands in it.

        Matches first, then near misses, those with the most lists hit before the others.
        """
        fields, hits = self._read(title, summary)
        verdicts = [self._examined(rule, fields, hits) for rule in self._rules]
        told = [verdict for verdict in verdicts if verdict.hits]
        return tuple(sorted(told, key=lambda one: (not one.matched, len(one.unmet), -one.score)))

    def near_misses(self, title: str, summary: str) -> tuple[Examination, ...]:
        """Return the topics that a text nearly has: some list hit, but not the topic."""
        return tuple(
            verdict
            for verdict in self.examine(title, summary)
            if not verdict.matched and any(hit.list is not None for hit in verdict.hits)
        )

    def _read(self, title: str, summary: str) -> tuple[Mapping[str, Text], Hits]:
        """Find all terms in both fields."""
        fields = {"title": Text(title), "summary": Text(summary)}
        hits: dict[int, list[Place]] = defaultdict(list)
        for name, text in fields.items():
            for term, spans in self._finder.find(text).items():
                hits[term].extend(Place(name, span) for span in spans)
        return fields, hits

    def _examined(self, rule: _Rule, fields: Mapping[str, Text], hits: Hits) -> Examination:
        """Return what one topic makes of the hits."""
        by_list = [_hits_of(terms, hits) for terms in rule.lists]
        unmet = tuple(number for number, places in enumerate(by_list) if not places)
        evidence = [
            self._evidence(number, places[0], _FIELD_POINTS[places[0][1].field], fields)
            for number, places in enumerate(by_list)
            if places
        ]
        evidence += [
            self._evidence(None, (term, hits[term][0]), points, fields)
            for term, points in rule.weights
            if term in hits
        ]
        vetoes = [
            self._evidence(None, (term, hits[term][0]), 0.0, fields)
            for term in sorted(rule.never & hits.keys())
        ]
        score = sum(one.points for one in evidence)
        near = not unmet and are_near(
            [[place for _, place in places] for places in by_list], rule.topic.near, fields
        )
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

    def _evidence(
        self, number: int | None, hit: tuple[int, Place], points: float, fields: Mapping[str, Text]
    ) -> Evidence:
        """Return a hit as evidence, its span in the entry's own text."""
        term, place = hit
        start, end = fields[place.field].span(place.span)
        return Evidence(
            list=number,
            term=self._finder.terms[term].text,
            field=place.field,
            start=start,
            end=end,
            points=points,
        )


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


def _hits_of(terms: frozenset[int], hits: Hits) -> list[tuple[int, Place]]:
    """Return where one list hits, the best hit first; of nested hits only the longest."""
    found = [(term, place) for term in terms & hits.keys() for place in hits[term]]
    outer = [
        (term, place)
        for term, place in found
        if not any(other.contains(place) for _, other in found)
    ]
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
        return f"{score:g} points of the {topic.threshold:g} that it takes"
    return ""
