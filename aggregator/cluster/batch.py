"""Entries that arrived together, while it is decided where they belong."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from aggregator.cluster.bulletins import Bulletins
from aggregator.cluster.crossing import crossing_likeness
from aggregator.cluster.index import Query, TermIndex
from aggregator.cluster.likeness import CJK, SPACED, Parts, Shared, likeness, parts
from aggregator.cluster.linkage import Group, link, merge
from aggregator.cluster.live import LiveEntries
from aggregator.cluster.traits import Flag
from aggregator.model.identifiers import EntryId, StoryId
from aggregator.model.story import Decision, Layer, Neighbour, Placement

_RECENT: Final = 10  # members that speak for a story
_CANDIDATES: Final = 30
_CROSSING: Final = 12  # candidates in the other kind of writing
_STORIES: Final = 8  # standing stories that are looked at for one entry
_SAME_TITLE: Final = 48 * 3600
_TITLES_PER_PAGE: Final = 4
_DAY: Final = 24 * 3600
_RELATED: Final = 0.5  # of the threshold: near, not folded
_LASTS: Final = 7 * _DAY  # a story that old takes no more
_MOST: Final = 200  # nor one of so many live entries
_EVIDENT: Final = 0.7  # likeness that an analysis or a part of a series needs to join reports
_FOLLOWS: Final = 0.7  # of the threshold: near enough to be its sequel
_SAGA: Final = (
    12 * 3600
)  # a near story whose last report is that much older is what this one follows
_NEIGHBOURS: Final = 3
_COPIES: Final = 12  # candidates that are looked at for the same headline
_NEAR_COPIES: Final = 2  # and for nearly the same
_FAR: Final = (
    0.1  # cosine below which one address is about two things: 35 of 40 such pairs read were
)
_NEAR_COPY: Final = 0.85  # cosine, all numbers being equal: the rest is an outlet's own touch

_COMMENT: Final = Flag.SILENT | Flag.ANALYSIS

# What kept an entry apart, in words that go into its decision.
BULLETINS: Final = "bulletin series"
LONG_RUNNING: Final = "long-running story"
NOT_FOLDED: Final = "source not folded"
BY_HAND: Final = "kept apart by hand"
FOLLOWS: Final = "follows an earlier story"
ASIDE: Final = "analysis, series or round-up"

Pair = tuple[float, float]
"""Likeness and cosine of two entries."""


class Batch:
    """Decides for some new entries, which the index has just taken up."""

    def __init__(
        self,
        index: TermIndex,
        live: LiveEntries,
        threshold: float,
        apart: dict[EntryId, set[str]],
    ) -> None:
        self._index = index
        self._live = live
        self._bulletins = Bulletins(index, live)
        self._threshold = threshold
        self._apart = apart
        self._new: dict[int, Group] = {}  # serial of a new entry -> its fragment
        self._queries: dict[int, Query] = {}
        self._pairs: dict[int, dict[int, Pair]] = {}  # new entry -> other -> pair
        self._copies: dict[int, tuple[int, Layer]] = {}  # new entry -> its original
        self._guards: dict[int, list[str]] = {}
        self._members: dict[Group, list[int]] = {}  # new entries in each group
        self._sums: dict[Group, dict[Group, float]] = {}
        self._sizes: dict[Group, int] = {}
        self._groups: dict[int, Group] = {}  # number of a standing story -> its group
        self._numbers: dict[Group, int] = {}

    def decide(self, serials: list[int]) -> list[Placement]:
        """Place the new entries; return their placements in the order given."""
        self._new = {serial: fragment for fragment, serial in enumerate(serials)}
        for serial, fragment in self._new.items():
            self._sizes[fragment] = 1
            self._sums[fragment] = {}
            self._members[fragment] = [serial]
        near = {serial: self._find(serial) for serial in serials}
        for serial in serials:  # first, so that the order of arrival decides nothing
            self._bulletins.recognise(serial, near[serial])
        for serial in serials:
            self._compare(serial, near[serial])
        group_of = self._join()
        self._settle()
        return [self._placement(serial, group_of) for serial in serials]

    # -- comparing --------------------------------------------------------------------------------

    def _find(self, serial: int) -> list[int]:
        query = self._index.query(serial, bool(self._live.flags(serial) & Flag.CJK))
        self._queries[serial] = query
        self._pairs[serial] = {}
        return self._living(self._index.candidates(query), _CANDIDATES)

    def _compare(self, serial: int, near: list[int]) -> None:
        live, index, query = self._live, self._index, self._queries[serial]
        self._find_original(serial, near)
        if 0 < live.cjk < len(live):
            near += self._living(index.crossing_candidates(query), _CROSSING)
        stories: dict[int, None] = {}
        for other in near:
            if other in self._new:
                self._compare_new(serial, other)
            else:
                stories[live.story(other)] = None
        for number in self._nearest(query, stories):
            self._compare_story(serial, number)

    def _nearest(self, query: Query, numbers: Iterable[int]) -> list[int]:
        """Return the first few stories with an entry in the query's kind of writing, then of the others."""
        live, writing = self._live, Flag.CJK if query.cjk else 0
        own: list[int] = []
        foreign: list[int] = []
        for number in numbers:
            newest = live.members(number)[-_RECENT:]
            for member in newest:
                if live.flags(member) & Flag.CJK == writing:
                    own.append(number)
                    break
            else:
                foreign.append(number)
        return own[:_STORIES] + foreign[:_STORIES]

    def _living(self, serials: list[int], most: int) -> list[int]:
        return list(islice(filter(self._live.is_live, serials), most))

    def _compare_new(self, serial: int, other: int) -> None:
        if serial in self._pairs.get(other, ()):
            self._pairs[serial][other] = self._pairs[other][serial]
            return
        # From the same side in any order of arrival: pieces are counted along one of the two.
        pair = self._pair(*sorted((serial, other), key=self._live.id))
        self._pairs[serial][other] = pair
        if pair[0] and self._heard(serial, other):
            one, two = self._new[serial], self._new[other]
            self._sums[one][two] = self._sums[two][one] = pair[0]
        elif pair[0] >= self._threshold:
            self._guard([one for one in (serial, other) if self._live.flags(one) & _COMMENT], ASIDE)

    def _heard(self, one: int, other: int) -> bool:
        """Tell whether two entries draw each other in: reports among themselves, analyses too."""
        flags, others = self._live.flags(one), self._live.flags(other)
        return not (flags | others) & Flag.SILENT and not (flags ^ others) & Flag.ANALYSIS

    def _compare_story(self, serial: int, number: int) -> None:
        live = self._live
        flags = live.flags(serial)
        newest = live.members(number)[-_RECENT:]
        speaking = [m for m in newest if not live.flags(m) & Flag.SILENT]
        own = [m for m in speaking if not (live.flags(m) ^ flags) & Flag.ANALYSIS]
        aside = flags & Flag.SILENT
        if not own and flags & Flag.ANALYSIS:
            own, aside = speaking, Flag.ANALYSIS
        if not own:
            return
        pairs = self._pairs[serial]
        for member in own:
            pairs[member] = self._pair(serial, member)
        mean = self._mean(serial, own)
        group = self._standing(number, len(speaking))
        if aside and mean < _EVIDENT:
            if mean >= self._threshold:
                self._guard([serial], ASIDE)
        elif mean:
            self._sums[self._new[serial]][group] = mean * self._sizes[group]

    def _mean(self, serial: int, members: list[int]) -> float:
        """Return how likely an entry belongs with members of a story.

        By those in its own writing, where there are any: they are compared in all their words. Else
        by the two likeliest of the others, since each shares only some of the names.
        """
        pairs = self._pairs[serial]
        if len(members) == 1:
            return pairs[members[0]][0]
        cjk = self._live.flags(serial) & Flag.CJK
        own = [pairs[m][0] for m in members if self._live.flags(m) & Flag.CJK == cjk]
        if not own:
            own = sorted((pairs[m][0] for m in members), reverse=True)[:2]
        return sum(own) / len(own)

    def _pair(self, serial: int, other: int) -> Pair:
        live = self._live
        query = self._queries[serial]
        days = abs(live.at(serial) - live.at(other)) / _DAY
        if query.cjk != bool(live.flags(other) & Flag.CJK):
            crossing = self._index.crossing(query, other)
            return (crossing_likeness(crossing, days), 0.0) if crossing else (0.0, 0.0)
        shared = self._index.shared(query, other)
        if shared is None:
            return 0.0, 0.0
        cosine = shared.dot / (shared.longer * shared.shorter)
        if self._bulletins.contradict(serial, other):
            self._guard([one for one in (serial, other) if one in self._new], BULLETINS)
            return 0.0, cosine
        if shared.names_only:
            return 0.0, cosine
        found = self._parts(serial, other, shared, days)
        return likeness(found, CJK if query.cjk else SPACED), cosine

    def _parts(self, serial: int, other: int, shared: Shared, days: float) -> Parts:
        query = self._queries[serial]
        same_outlet = self._live.source(serial) == self._live.source(other)
        crowd = (query.crowd + self._queries.get(other, query).crowd) / 2
        return parts(shared, days, same_outlet, crowd)

    # -- copies -----------------------------------------------------------------------------------

    def _find_original(self, serial: int, near: list[int]) -> None:
        found = self._same_page(serial) or self._same_text(serial, near)
        if found is not None:
            self._copies[serial] = self._live.original(found[0]), found[1]

    def _same_page(self, serial: int) -> tuple[int, Layer] | None:
        live = self._live
        other = live.same_page(serial)
        if other is None:
            return None
        titles = {
            live.title(member)
            for member in live.members(live.story(other))
            if live.url(member) == live.url(serial) and live.source(member) == live.source(serial)
        }
        if len(titles) >= _TITLES_PER_PAGE and live.title(serial) not in titles:
            return None  # an outlet that gives all its entries one address
        return None if self._far_apart(serial, other) else (other, Layer.URL)

    def _far_apart(self, serial: int, other: int) -> bool:
        """Tell whether two headlines of one address share next to nothing: it was used again."""
        query = self._queries[serial]
        if query.cjk != bool(self._live.flags(other) & Flag.CJK) or not query.length:
            return False
        shared = self._index.shared(query, other)
        return shared is None or shared.dot < _FAR * shared.longer * shared.shorter

    def _same_text(self, serial: int, near: list[int]) -> tuple[int, Layer] | None:
        live = self._live
        flags = live.flags(serial)
        if flags & Flag.BULLETIN:
            return None
        for place, other in enumerate(near[:_COPIES]):
            if other >= serial or abs(live.at(other) - live.at(serial)) > _SAME_TITLE:
                continue
            same_outlet = live.source(other) == live.source(serial)
            if live.title(other) == live.title(serial):
                if same_outlet:
                    return other, Layer.TITLE
                if flags & Flag.LONG:
                    return other, Layer.TEXT
            elif place < _NEAR_COPIES and not same_outlet and flags & live.flags(other) & Flag.LONG:
                shared = self._index.shared(self._queries[serial], other)
                alike = shared and shared.dot >= _NEAR_COPY * shared.longer * shared.shorter
                if alike and self._index.facts(serial)[0] == self._index.facts(other)[0]:
                    return other, Layer.TEXT
        return None

    # -- joining ----------------------------------------------------------------------------------

    def _join(self) -> dict[int, Group]:
        for serial in list(self._copies):
            original = self._copies[serial][0]
            kept = self._group_of(original)
            gone = self._group_of(serial)
            if gone == kept or not self._allowed(gone, kept):
                del self._copies[serial]
                continue
            merge(self._sums, self._sizes, gone, kept)
            self._merged(gone, kept)
        link(self._sums, self._sizes, self._threshold, self._fit, self._merged)
        return {serial: group for group, members in self._members.items() for serial in members}

    def _group_of(self, serial: int) -> Group:
        fragment = self._new.get(serial)
        if fragment is None:
            return self._standing(self._live.story(serial), 1)
        return next(group for group, members in self._members.items() if serial in members)

    def _standing(self, number: int, speaking: int) -> Group:
        group = self._groups.get(number)
        if group is None:
            group = self._groups[number] = -1 - len(self._groups)
            self._numbers[group] = number
            self._sizes[group] = speaking
            self._members[group] = []
        return group

    def _merged(self, gone: Group, kept: Group) -> None:
        self._members[kept] = sorted([*self._members[kept], *self._members.pop(gone)])

    def _fit(self, gone: Group, kept: Group) -> bool:
        """Tell whether groups may be one that are not copies: no bulletin contradicts another."""
        coming = self._members[gone]
        there = self._all_members(kept)[-_RECENT:]
        if any(self._bulletins.contradict(one, other) for one in coming for other in there):
            self._guard(coming, BULLETINS)
            return False
        return self._allowed(gone, kept)

    def _all_members(self, group: Group) -> list[int]:
        standing = self._live.members(self._numbers[group]) if group < 0 else ()
        return [*standing, *self._members[group]]

    def _allowed(self, gone: Group, kept: Group) -> bool:
        live = self._live
        coming, there = self._members[gone], self._all_members(kept)
        if kept < 0:
            standing = live.members(self._numbers[kept])
            if len(standing) >= _MOST or live.at(coming[0]) - live.at(standing[0]) > _LASTS:
                self._guard(coming, LONG_RUNNING)
                return False
        both = [*coming, *there]
        if not all(live.flags(serial) & Flag.FOLD for serial in both) and (
            len({live.source(serial) for serial in both}) > 1
        ):
            self._guard(coming, NOT_FOLDED)
            return False
        if self._apart and self._kept_apart(coming, there, kept):
            self._guard(coming, BY_HAND)
            return False
        return True

    def _kept_apart(self, coming: list[int], there: list[int], kept: Group) -> bool:
        live = self._live
        others: set[str] = {live.id(serial) for serial in there}
        if kept < 0:
            others.add(live.story_id(self._numbers[kept]))
        return any(self._apart.get(live.id(serial), set()) & others for serial in coming)

    def _guard(self, serials: list[int], words: str) -> None:
        for serial in serials:
            guards = self._guards.setdefault(serial, [])
            if words not in guards:
                guards.append(words)

    # -- placing ----------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Enter what was decided into the live entries."""
        for group, members in self._members.items():
            number = self._numbers.get(group)
            if number is None:
                number = self._numbers[group] = members[0]
            for serial in members:
                if serial != number:
                    self._live.enter(serial, number)
        for serial, (original, _) in self._copies.items():
            self._live.mark_copy(serial, original)

    def _placement(self, serial: int, group_of: dict[int, Group]) -> Placement:
        live = self._live
        group = group_of[serial]
        number = self._numbers[group]
        copy = self._copies.get(serial)
        means = self._means(serial, group, group_of)
        score = means.pop(group, 0.0)
        near = sorted(means.items(), key=lambda item: (-item[1], item[0]))
        related = [g for g, mean in near if mean >= _RELATED * self._threshold][:_NEIGHBOURS]
        opened = number == serial
        if opened and related and self._follows(serial, related[0], means[related[0]]):
            self._guard([serial], FOLLOWS)
        layer = copy[1] if copy else Layer.FIRST if opened else Layer.STORY
        return Placement(
            entry=live.id(serial),
            story=live.story_id(number),
            copy_of=live.id(copy[0]) if copy else None,
            independent=copy is None and self._is_independent(serial, number),
            credit=live.credit_name(serial),
            decision=Decision(
                layer=layer,
                score=1.0 if copy else 0.0 if opened else score,
                threshold=self._threshold,
                neighbours=() if opened else self._neighbours(serial, group, group_of),
                runner_up=self._story_id(near[0][0]) if near else None,
                runner_up_score=near[0][1] if near else 0.0,
                guards=tuple(self._guards.get(serial, ())),
                related=tuple(self._story_id(g) for g in related),
            ),
        )

    def _means(self, serial: int, group: Group, group_of: dict[int, Group]) -> dict[Group, float]:
        """Return the mean likeness to each group that the entry shares anything with."""
        sums: dict[Group, float] = {}
        for other, (value, _) in self._pairs[serial].items():
            if value:
                near = self._final_group(other, group_of)
                sums[near] = sums.get(near, 0.0) + value
        return {
            near: value / max(1, self._sizes[near] - (near == group))
            for near, value in sums.items()
        }

    def _final_group(self, other: int, group_of: dict[int, Group]) -> Group:
        group = group_of.get(other)
        return self._groups[self._live.story(other)] if group is None else group

    def _neighbours(
        self, serial: int, group: Group, group_of: dict[int, Group]
    ) -> tuple[Neighbour, ...]:
        pairs = [
            (value, cosine, other)
            for other, (value, cosine) in self._pairs[serial].items()
            if value and self._final_group(other, group_of) == group
        ]
        pairs.sort(key=lambda pair: (-pair[0], pair[2]))
        return tuple(
            Neighbour(
                entry=self._live.id(other),
                cosine=cosine,
                shared=self._index.shared_terms(self._queries[serial], other),
            )
            for _, cosine, other in pairs[:_NEIGHBOURS]
        )

    def _story_id(self, group: Group) -> StoryId:
        return self._live.story_id(self._numbers[group])

    def _follows(self, serial: int, group: Group, mean: float) -> bool:
        """Tell whether a near story had its last report long enough ago to be what came before."""
        if group >= 0 or mean < _FOLLOWS * self._threshold:
            return False
        live = self._live
        last = max(live.at(member) for member in live.members(self._numbers[group]))
        return live.at(serial) - last >= _SAGA

    def _is_independent(self, serial: int, number: int) -> bool:
        """Tell whether no earlier report of the story credits the same agency."""
        live = self._live
        credit = live.credit(serial)
        return not credit or all(
            live.credit(member) != credit for member in live.members(number) if member < serial
        )
