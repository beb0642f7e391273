"""What republishing an output changes: new items, items at a milestone, items that leave."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.model.identifiers import SourceId
from aggregator.model.output import Output, Publication, Updates
from aggregator.model.query import StoryFile
from aggregator.publish.context import PublishContext
from aggregator.publish.item import item_id, make_item
from aggregator.publish.milestone import has_room, recent, turn_of
from aggregator.publish.moments import latest_free
from aggregator.publish.select import belongs, has_topic, joins_at
from aggregator.publish.view import views_of, with_lead


def update_output(
    output: Output,
    current: Sequence[Publication],
    earlier: Sequence[Publication],
    files: Sequence[StoryFile],
    ctx: PublishContext,
    now: datetime,
) -> tuple[Publication, ...]:
    """Return the publications to write after stories were touched.

    Args:
        output: The output.
        current: All that it shows now (those that left excluded).
        earlier: All its publications of the touched stories, those that left included; stories that
            were joined to others or lost all their entries are touched too.
        files: The touched stories that still exist.
        ctx: The configuration.
        now: No item is dated later.
    """
    known = {p.item.story for p in earlier}
    files = [file for file in files if file.story.id in known or has_topic(file, output)]
    if not (earlier or files or _may_leave(output, current, now)):
        return ()
    update = _Update(output, current, earlier, ctx, now)
    views = [
        view
        for file in sorted(files, key=lambda file: file.story.id)
        for view in views_of(file, output)
    ]
    update.drop_all_but(views)
    candidates = [c for view in views if (c := update.revisit(view)) is not None]
    update.add_newest(candidates)
    update.make_room()
    return update.written()


def _may_leave(output: Output, current: Sequence[Publication], now: datetime) -> bool:
    """Tell whether something may leave an output that no story has touched."""
    oldest = now - output.max_age
    return (
        len(current) > output.limit
        or output.per_source is not None  # it may be another number by now
        or any(p.item.published < oldest for p in current)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What decides whether an item has a place: its time, and whose lead it has."""

    item: str
    at: datetime
    source: SourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A story that the output has never shown, and since when it satisfies it."""

    view: StoryFile
    row: _Row


class _Update:
    """One output while it is brought up to date."""

    def __init__(
        self,
        output: Output,
        current: Sequence[Publication],
        earlier: Sequence[Publication],
        ctx: PublishContext,
        now: datetime,
    ) -> None:
        self._output, self._ctx, self._now = output, ctx, now
        self._before = {p.item.id: p for p in (*current, *earlier)}
        self._after = dict(self._before)
        self._touched = [p.item.id for p in earlier]
        shown = [p.item for p in self._before.values() if not p.left]
        self._published = {item.published for item in shown}
        self._updated = {item.updated for item in shown}

    def written(self) -> tuple[Publication, ...]:
        """Return what differs from before; an item that never had a place is no change."""
        return tuple(
            p
            for key, p in self._after.items()
            if p is not self._before.get(key) and not (p.left and key not in self._before)
        )

    def drop_all_but(self, views: Sequence[StoryFile]) -> None:
        """Take away items of touched stories that no longer exist, or not in this output."""
        kept = {key for view in views for key in self._items_of(view)}
        for key in self._touched:
            if key not in kept:
                self._hide(key)

    def revisit(self, view: StoryFile) -> _Candidate | None:
        """Bring the items of a touched story up to date; return a candidate where there is none yet."""
        keys = list(self._items_of(view))
        if not keys:
            return self._candidate(view)
        stays = belongs(view, self._output, self._ctx, self._now)
        for number, key in enumerate(keys):
            if not stays:
                self._hide(key)
            elif not self._before[key].left or self._before[key].hidden:
                self._keep(self._before[key], view, number, len(keys))
            elif self._before[key].archived:
                self._retract(self._before[key], view, number)
        return None

    def add_newest(self, candidates: Sequence[_Candidate]) -> None:
        """Make items of the candidates that have a place; ties move back in order of story id."""
        rows = [*self._rows(), *(candidate.row for candidate in candidates)]
        placed = _placed(rows, self._output, self._now)
        chosen = [c for c in candidates if c.row.item in placed]
        chosen.sort(key=lambda c: c.view.story.id)
        chosen.sort(key=lambda c: c.row.at.replace(microsecond=0), reverse=True)
        for candidate in chosen:
            self._put(candidate.view, candidate.row.at)

    def make_room(self) -> None:
        """Let go, for good, of what is too old, beyond the limit, or too much of one source."""
        placed = _placed(self._rows(), self._output, self._now)
        for key, p in self._after.items():
            if not p.left and key not in placed:
                self._after[key] = replace(p, left=True, hidden=False)

    def _candidate(self, view: StoryFile) -> _Candidate | None:
        at = joins_at(view, self._output, self._ctx)
        if at is None:
            return None
        led = with_lead(view, self._output, self._ctx, None, self._now)
        row = _Row(item=item_id(view, self._output), at=at, source=led.lead.entry.source)
        return _Candidate(view=led, row=row)

    def _keep(self, known: Publication, view: StoryFile, number: int, items: int) -> None:
        """Change an item if there is a milestone; add a 【続報】 where the output wants one.

        `number` tells a story's own item (0) from its 【続報】, which stand as they are unless they say
        what was withdrawn; `items` is how many there are in all.
        """
        if known.left:
            known = self._returned(known)
        led = with_lead(view, self._output, self._ctx, known, self._now)
        turn = turn_of(known, led, self._output, self._ctx)
        may_change = turn.urgent or (turn.any and has_room(known, self._now))
        due = turn.retraction if number else may_change
        self._after[known.item.id] = self._rewritten(known, led, number) if due else known
        if due and turn.major and not number and self._output.updates is Updates.AGAIN:
            self._put(led, self._now, items)

    def _retract(self, known: Publication, view: StoryFile, number: int) -> None:
        """Rewrite an item of an archive page where it says what was withdrawn since."""
        led = with_lead(view, self._output, self._ctx, known, self._now)
        if turn_of(known, led, self._output, self._ctx).retraction:
            self._after[known.item.id] = self._rewritten(known, led, number)

    def _returned(self, known: Publication) -> Publication:
        """Return an item that was hidden as it comes back: as it was, unless its times are taken by now."""
        item = known.item
        published = latest_free(item.published, self._now, self._published)
        if published != item.published or item.updated in self._updated:
            updated = latest_free(self._now, self._now, self._updated)
            item = replace(item, published=published, updated=updated)
        self._published.add(item.published)
        self._updated.add(item.updated)
        return replace(known, item=item, left=False, hidden=False)

    def _rewritten(self, known: Publication, view: StoryFile, follow_up: int) -> Publication:
        """Return a publication as it is at a milestone: same id, same place, new text."""
        lead = view.lead.entry.id
        updated = latest_free(self._now, self._now, self._updated)
        self._updated.add(updated)
        return replace(
            known,
            item=make_item(
                view,
                self._output,
                self._ctx,
                known.item.published,
                updated,
                follow_up=follow_up,
            ),
            lead=lead,
            lead_since=known.lead_since if lead == known.lead else self._now,
            independent=view.story.independent,
            milestones=(*recent(known.milestones, self._now), self._now),
        )

    def _put(self, view: StoryFile, at: datetime, follow_up: int = 0) -> None:
        """Add an item; who was told of the story is not told again of its 【続報】."""
        at = latest_free(at, self._now, self._published, self._updated)
        self._published.add(at)
        self._updated.add(at)
        item = make_item(view, self._output, self._ctx, at, at, follow_up=follow_up)
        self._after[item.id] = Publication(
            output=self._output.id,
            item=item,
            lead=view.lead.entry.id,
            lead_since=self._now,
            independent=view.story.independent,
            notified=follow_up > 0,
        )

    def _hide(self, key: str) -> None:
        known = self._after[key]
        if not known.left:
            self._after[key] = replace(known, left=True, hidden=True)
        elif known.archived and not known.hidden:  # it left long ago and never comes back: for good
            self._after[key] = replace(known, archived=False)

    def _items_of(self, view: StoryFile) -> Iterator[str]:
        """Yield the ids of the known items of a story: its own and its 【続報】."""
        key, number = item_id(view, self._output), 0
        while key in self._before:
            yield key
            number += 1
            key = item_id(view, self._output, follow_up=number)

    def _rows(self) -> list[_Row]:
        return [
            _Row(item=p.item.id, at=p.item.published, source=p.item.source)
            for p in self._after.values()
            if not p.left
        ]


def _placed(rows: Iterable[_Row], output: Output, now: datetime) -> frozenset[str]:
    """Return the items that have a place: young enough, newest first, so many in all and of one source."""
    placed: list[str] = []
    leads: Counter[SourceId] = Counter()
    for row in sorted(rows, key=lambda row: row.at, reverse=True):
        if row.at < now - output.max_age or len(placed) == output.limit:
            break
        if output.per_source is None or leads[row.source] < output.per_source:
            leads[row.source] += 1
            placed.append(row.item)
    return frozenset(placed)
