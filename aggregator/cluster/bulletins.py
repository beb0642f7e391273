"""Bulletins: headlines that return nearly unchanged for another event, and what tells two of them apart."""

from collections.abc import Sequence
from typing import Final

from aggregator.cluster.index import TermIndex
from aggregator.cluster.live import LiveEntries
from aggregator.cluster.traits import Flag

_HOURS: Final = 3
_DIARY_HOURS: Final = 30  # columns by date appear through the following day
_DAY: Final = 24 * 3600
_BY_NUMBER: Final = 3  # earlier headlines that differ in numbers only: fewer may be a growing toll
_LOOKED_AT: Final = 6  # of an outlet's headlines near one: those with its frame are the nearest
_BY_SUBJECT: Final = 2  # others that differ in one stretch which has nothing in common with it

Terms = Sequence[int]


class Bulletins:
    """Recognises series among the live entries and tells their parts apart."""

    def __init__(self, index: TermIndex, live: LiveEntries) -> None:
        self._index = index
        self._live = live

    def recognise(self, serial: int, near: Sequence[int]) -> None:
        """Take an outlet's headlines of a day that differ in numbers or in their subject only for a series."""
        live = self._live
        beside = [
            other
            for other in near
            if live.source(other) == live.source(serial)
            and abs(live.at(other) - live.at(serial)) <= _DAY
        ]
        for series in (self._by_number(serial, beside), self._by_subject(serial, beside)):
            for member in series:
                live.mark_bulletin(member)

    def contradict(self, one: int, other: int) -> bool:
        """Tell whether two entries are bulletins of different events.

        A number, a place or, from one outlet, the subject of one is not that of the other, or they
        are hours apart.
        """
        live = self._live
        both = live.flags(one) & live.flags(other)
        if not both & Flag.BULLETIN:
            return False
        numbers, places = self._index.facts(one)
        other_numbers, other_places = self._index.facts(other)
        if not (numbers <= other_numbers or other_numbers <= numbers):
            return True
        if not (places <= other_places or other_places <= places):
            return True
        hours = abs(live.at(one) - live.at(other)) / 3600
        dated = both & Flag.DIARY and numbers & other_numbers
        if hours > (_DIARY_HOURS if dated else _HOURS):
            return True
        words = self._index.title_words
        return live.source(one) == live.source(other) and bool(_subjects(words(one), words(other)))

    def _by_number(self, serial: int, beside: Sequence[int]) -> list[int]:
        live = self._live
        alike = [other for other in beside if live.template(other) == live.template(serial)]
        several = len(alike) >= _BY_NUMBER and len({live.title(other) for other in alike}) > 1
        return [serial, *alike] if several else []

    def _by_subject(self, serial: int, beside: Sequence[int]) -> list[int]:
        """Return the headlines that have one frame with this one and each its own subject in it.

        Two are an outlet's new headline for its own report, more often than not; three never were.
        """
        if len(beside) < _BY_SUBJECT:
            return []
        series: list[int] = []
        taken: set[int] = set()
        mine = self._index.title_words(serial)
        for other in beside[:_LOOKED_AT]:
            subjects = _subjects(mine, self._index.title_words(other))
            if subjects and taken.isdisjoint(subjects[1]):
                series.append(other)
                taken.update(subjects[1])
        return [serial, *series] if len(series) >= _BY_SUBJECT else []


def _subjects(mine: Terms, theirs: Terms) -> tuple[Terms, Terms] | None:
    """Return what two headlines are about, if they are the same but for that stretch.

    The stretch is no longer than what they share, and has nothing in common. Numbers are counted by
    themselves.
    """
    shorter, longer = sorted((len(mine), len(theirs)))
    head = tail = 0
    while head < shorter and mine[head] == theirs[head]:
        head += 1
    while tail < shorter - head and mine[-1 - tail] == theirs[-1 - tail]:
        tail += 1
    if head + tail == shorter or longer > 2 * (head + tail):
        return None
    subjects = mine[head : len(mine) - tail], theirs[head : len(theirs) - tail]
    return subjects if set(subjects[0]).isdisjoint(subjects[1]) else None
