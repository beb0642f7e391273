"""When an item may change: at milestones of its story, and at what it would be wrong to leave standing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aggregator.model.output import Audience, Output, Publication
from aggregator.model.query import StoryFile
from aggregator.publish.content import correction_of
from aggregator.publish.context import PublishContext
from aggregator.publish.summary import SNIPPET_LIMIT

_PER_DAY: Final = 6
_DAY: Final = timedelta(days=1)
_MAJOR_GROWTH: Final = 8  # independent sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What happened to a story since its item was last written."""

    growth: bool = False  # the 2nd, 4th, 8th ... independent source
    major_growth: bool = False  # the 8th, 16th ...
    full_report: bool = False  # 速報 to full report
    lead_changed: bool = False
    correction: bool = False  # a publisher's 訂正
    retraction: bool = False  # what the item still says was withdrawn, split off, or shows too much

    @property
    def urgent(self) -> bool:
        """Tell whether the item changes however often it has changed today."""
        return self.correction or self.retraction

    @property
    def any(self) -> bool:
        """Tell whether there is a milestone at all."""
        return self.urgent or self.growth or self.full_report or self.lead_changed

    @property
    def major(self) -> bool:
        """Tell whether readers should hear of the story again."""
        return self.correction or self.full_report or self.major_growth


def turn_of(previous: Publication, view: StoryFile, output: Output, ctx: PublishContext) -> Turn:
    """Return what happened to a story, seen as `view` with the lead that it has now."""
    lead = view.lead
    correction = correction_of(view, output, ctx)
    before, after = _doublings(previous.independent), _doublings(view.story.independent)
    return Turn(
        growth=after > before,
        major_growth=after > before and view.story.independent >= _MAJOR_GROWTH,
        full_report=_was_flash(previous, ctx) and not ctx.marks(lead).flash,
        lead_changed=lead.entry.id != previous.lead,
        correction=bool(correction) and correction not in previous.item.html,
        retraction=_retracts(previous, view, ctx),
    )


def recent(milestones: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    """Return the milestones of the last 24 hours."""
    return tuple(at for at in milestones if at > now - _DAY)


def has_room(previous: Publication, now: datetime) -> bool:
    """Tell whether the item may change once more today."""
    return len(recent(previous.milestones, now)) < _PER_DAY


def _doublings(independent: int) -> int:
    """Return how many milestones of growth a number of sources stands for: 0 for one, 1 from 2, 2 from 4."""
    return max(independent, 1).bit_length() - 1


def _was_flash(previous: Publication, ctx: PublishContext) -> bool:
    return ctx.read_marks(previous.item.title, None, ()).flash


def _retracts(previous: Publication, view: StoryFile, ctx: PublishContext) -> bool:
    """Tell whether an item says what may no longer be said: a report gone, a quote too long by now."""
    gone = set(previous.item.entries) - {filed.entry.id for filed in view.entries}
    public = ctx.audience is not Audience.PRIVATE
    return bool(gone) or (public and len(previous.item.summary) > SNIPPET_LIMIT)
