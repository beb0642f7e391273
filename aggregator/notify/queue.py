"""Which stories are told of, and when: once each, outside quiet hours, so many a day, retried."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aggregator.model.identifiers import StoryId
from aggregator.model.output import Notify

_FRESH: Final = timedelta(hours=3)  # news when notifying is set up; older items are no news by then
_FIRST_RETRY: Final = timedelta(minutes=1)
_LAST_RETRY: Final = timedelta(hours=1)
_STALE: Final = timedelta(hours=24)  # what could not be told for so long is no news any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A story that an output shows and nobody was told of."""

    story: StoryId
    published: datetime  # when it first appeared in the output
    independent: int  # sources that report it now


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A story that is to be told of."""

    story: StoryId
    since: datetime
    independent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyState:
    """What is remembered of one output's notifications, over restarts too."""

    since: datetime  # when notifying was set up
    waiting: tuple[Waiting, ...] = ()
    day: str = ""  # local day that `sent` counts
    sent: int = 0
    failures: int = 0  # in a row
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do now: tell of these in turn, and forget those for good."""

    state: NotifyState
    tell: tuple[StoryId, ...] = ()
    skip: tuple[StoryId, ...] = ()  # beyond the day's number, or grown stale while nobody answered


def decide(
    state: NotifyState,
    candidates: Sequence[Candidate],
    notify: Notify,
    zone: ZoneInfo,
    now: datetime,
) -> Decision:
    """Return what to tell of now; what waits for the end of quiet hours or for a retry stays in the state."""
    waiting = {one.story: one for one in state.waiting}
    for candidate in candidates:
        known = waiting.get(candidate.story)
        if known is not None:
            waiting[candidate.story] = replace(known, independent=candidate.independent)
        elif (
            candidate.independent >= notify.min_independent
            and candidate.published >= state.since - _FRESH
        ):
            waiting[candidate.story] = Waiting(
                story=candidate.story, since=now, independent=candidate.independent
            )
    day = f"{now.astimezone(zone):%Y-%m-%d}"
    state = replace(
        state,
        waiting=tuple(waiting.values()),
        day=day,
        sent=state.sent if state.day == day else 0,
    )
    if is_quiet(notify, zone, now) or (state.retry_at is not None and now < state.retry_at):
        return Decision(state=state)
    stale = [one.story for one in state.waiting if state.failures and now - one.since >= _STALE]
    # The most reported first: where the day's number does not suffice for all, these are told.
    ranked = sorted(state.waiting, key=lambda one: (-one.independent, one.since, one.story))
    due = [one.story for one in ranked if one.story not in stale]
    left = len(due) if notify.max_per_day is None else max(0, notify.max_per_day - state.sent)
    return Decision(state=state, tell=tuple(due[:left]), skip=(*due[left:], *stale))


def is_quiet(notify: Notify, zone: ZoneInfo, now: datetime) -> bool:
    """Tell whether the quiet hours last, also those that span midnight."""
    if notify.quiet is None:
        return False
    start, end = notify.quiet
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    return start <= minute < end if start <= end else minute >= start or minute < end


def told(state: NotifyState, story: StoryId) -> NotifyState:
    """Return the state after a story was told of."""
    return replace(skipped(state, story), sent=state.sent + 1, failures=0, retry_at=None)


def skipped(state: NotifyState, story: StoryId) -> NotifyState:
    """Return the state without a story."""
    return replace(state, waiting=tuple(one for one in state.waiting if one.story != story))


def failed(state: NotifyState, now: datetime, not_before: datetime | None) -> NotifyState:
    """Return the state after nobody took a message: tried again after 1, 2, 4 ... minutes, an hour at most."""
    wait = min(_FIRST_RETRY * 2 ** min(state.failures, 10), _LAST_RETRY)
    retry_at = max(now + wait, not_before or now)
    return replace(state, failures=state.failures + 1, retry_at=retry_at)
