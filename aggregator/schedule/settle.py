"""Settles a poll: what its outcome means for the feed's standing, and when to ask again."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from aggregator.model.exchange import (
    Fetched,
    FetchFailed,
    NotModified,
    Outcome,
    PollPlan,
)
from aggregator.model.feed import ArrivalHistory, Feed, FeedHints, FeedStanding
from aggregator.schedule.arrivals import News, observed
from aggregator.schedule.backoff import DAY, GONE, is_gone, retry_interval
from aggregator.schedule.cadence import CadenceOptions, interval_of, until_fresh
from aggregator.schedule.hints import lengthened, outside_quiet_hours
from aggregator.schedule.moves import with_move
from aggregator.schedule.spread import DRIFT, JITTER, first_polls, fraction, may_be_asked
from aggregator.schedule.websub import is_pushed

__all__ = ["CadenceOptions", "News", "first_polls", "may_be_asked", "settle"]

HIJACKED: Final = "hijacked"  # the kind the pipeline gives when another publisher's feed answers
NETWORK_DOWN: Final = "network_down"  # the kind the pipeline gives when nothing answers at all
_OUTAGE: Final = timedelta(minutes=5)  # until the next look during an outage ...
_OUTAGE_SPREAD: Final = timedelta(minutes=10)  # ... spread, so that its end is no stampede (B22)
_AFTER_FRESHNESS: Final = timedelta(seconds=60)  # at most; an Expires at :00 is everybody's
_APART: Final = 10  # polls after which ten per cent of jitter have become a whole interval
_REFUSALS: Final = frozenset({401, 402, 403, 451})
_MISSING: Final = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class _Wait:
    """How long to wait, and why; `firm` leaves no room for the document's hints or jitter."""

    interval: timedelta
    reason: str
    hints: FeedHints
    arrivals: ArrivalHistory
    firm: bool = False
    failed: bool = False
    asked: bool = False  # the wait itself is the publisher's wish (410, 429)


def settle(
    feed: Feed, outcome: Outcome, news: News | None, options: CadenceOptions, now: datetime
) -> tuple[Feed, PollPlan]:
    """Return the feed after a poll, with every schedule and standing field replaced, and the plan.

    `body_hash`, `entry_hashes` and `key_policy` are the pipeline's to set.

    Args:
        feed: as it was before the poll.
        outcome: of the exchange. A document that could not be read comes as
            `FetchFailed(kind="not_a_feed")`, an outage of the whole network as `network_down`.
        news: what the document brought; None for a 304, the same body again, or a failure.
        options: the operator's bounds.
        now: the time of day.
    """
    if isinstance(outcome, FetchFailed):
        if outcome.kind == NETWORK_DOWN:
            return _after_outage(feed, now)
        changes, wait = _after_failure(feed, outcome, options, now)
    else:
        changes, wait = _after_success(feed, outcome, news, options, now)
        feed = with_move(feed, outcome, now)
    plan = _plan(feed, outcome, wait, now)
    after = replace(
        feed,
        next_poll_at=plan.next_poll_at,
        not_before=plan.not_before,
        last_poll_at=now,
        poll_seq=feed.poll_seq + 1,
        **changes,
    )
    return after, plan


def _after_success(
    feed: Feed,
    outcome: Fetched | NotModified,
    news: News | None,
    options: CadenceOptions,
    now: datetime,
) -> tuple[dict[str, Any], _Wait]:
    """Return what a 200 or 304 changes of the feed, and the wait.

    Changes go by field, into one `replace` of all: each costs as much as the 38 fields it copies.
    """
    arrivals = observed(feed.arrivals, news, feed.last_success_at, now)
    hints = _hints(feed, outcome, news)
    changes = {
        "validators": outcome.validators,
        "hints": hints,
        "arrivals": arrivals,
        "standing": FeedStanding.OK,
        "failures": 0,
        "failure": None,
        "failing_since": None,
        "last_success_at": now,
        **_said(feed, news, now),
    }
    if feed.every is not None:
        interval, reason = feed.every, "every: as the operator wished"
    else:
        interval, reason = interval_of(
            arrivals, feed.last_success_at, options, now, costly=_is_costly(outcome, hints)
        )
    if interval < DAY and is_pushed(feed, news, now):
        interval, reason = DAY, "pushed: its hub tells us of news"
    return changes, _Wait(interval, reason, hints, arrivals, firm=feed.every is not None)


def _hints(feed: Feed, outcome: Fetched | NotModified, news: News | None) -> FeedHints:
    """Return the hints of the document, the Link header's hub before the document's own."""
    hints = news.hints if news is not None and news.hints is not None else feed.hints
    if isinstance(outcome, Fetched) and outcome.hub is not None:
        return replace(hints, hub=outcome.hub, self_url=outcome.self_url or hints.self_url)
    return hints


def _said(feed: Feed, news: News | None, now: datetime) -> dict[str, Any]:
    """Return what the document says of the feed, by field."""
    if news is None:
        return {}
    return {
        "title": news.title or feed.title,
        "homepage": news.homepage or feed.homepage,
        "language": news.language or feed.language,
        "signature": news.signature or feed.signature,
        "last_change_at": now if news.new else feed.last_change_at,
    }


def _is_costly(outcome: Fetched | NotModified, hints: FeedHints) -> bool:
    """Tell whether each poll costs a whole document and nothing says that this is welcome (C7)."""
    allowed = hints.ttl is not None or outcome.freshness.not_before is not None
    return isinstance(outcome, Fetched) and not outcome.validators and not allowed


def _after_failure(
    feed: Feed, failure: FetchFailed, options: CadenceOptions, now: datetime
) -> tuple[dict[str, Any], _Wait]:
    """Return what a failure changes of the feed, by field, and the wait."""
    usual = feed.every or interval_of(feed.arrivals, None, options, now)[0]
    interval = retry_interval(feed, failure, usual, now)
    failures, standing = feed.failures + 1, _standing(feed, failure, now)
    changes = {
        "standing": standing,
        "failures": failures,
        "failure": failure.message,
        "failing_since": feed.failing_since or now,
    }
    gone = standing is FeedStanding.GONE
    wait = _Wait(
        interval,
        "gone: looked at once a month" if gone else f"failed {failures} times in a row",
        feed.hints,
        feed.arrivals,
        firm=feed.every is not None,
        failed=True,
        asked=failure.status in (GONE, 429),
    )
    return changes, wait


def _standing(feed: Feed, failure: FetchFailed, now: datetime) -> FeedStanding:
    if failure.status == GONE and is_gone(feed, now):
        return FeedStanding.GONE
    if failure.kind == HIJACKED or feed.standing is FeedStanding.QUARANTINED:
        return FeedStanding.QUARANTINED  # until the publisher that we know answers again
    if failure.status in _REFUSALS:
        return FeedStanding.REFUSED
    return FeedStanding.MISSING if failure.status in _MISSING else FeedStanding.FAILING


def _after_outage(feed: Feed, now: datetime) -> tuple[Feed, PollPlan]:
    """Return the feed after a poll that failed for want of any network: no fault of its own."""
    wait = _OUTAGE + _OUTAGE_SPREAD * fraction(feed.url, str(feed.poll_seq))
    plan = PollPlan(
        next_poll_at=now + wait,
        not_before=feed.not_before,
        interval=wait,
        reason="no network: nothing could be asked",
    )
    after = replace(
        feed, next_poll_at=plan.next_poll_at, last_poll_at=now, poll_seq=feed.poll_seq + 1
    )
    return after, plan


def _plan(feed: Feed, outcome: Outcome, wait: _Wait, now: datetime) -> PollPlan:
    """Return when to ask next: our own wait, the document's hints, the publisher's word."""
    interval, reason = wait.interval, wait.reason
    share = fraction(feed.url)
    due = now + interval
    if not wait.firm:
        longer = lengthened(interval, wait.hints)
        reason = reason if longer == interval else "ttl: as the publisher asks"
        due = now + longer + _jitter(feed, wait, longer, share, now)
        due = outside_quiet_hours(due, longer, wait.hints, share)
    not_before = outcome.freshness.not_before
    if not_before is None and wait.asked:
        not_before = due
    if not_before is not None and due < not_before:
        due, reason = not_before + share * _AFTER_FRESHNESS, "as the publisher's server asks"
        if not wait.firm:
            due = outside_quiet_hours(due, due - now, wait.hints, share)
    return PollPlan(next_poll_at=due, not_before=not_before, interval=due - now, reason=reason)


def _jitter(feed: Feed, wait: _Wait, interval: timedelta, share: float, now: datetime) -> timedelta:
    """Return how much later than its interval a feed is asked.

    The first ones set feeds apart that were first asked together, over the whole of their interval;
    later ones need only keep them so. A daily poll moves to its best time of day.
    """
    room = JITTER * interval
    if feed.poll_seq == 0 or wait.failed:
        return room * share
    if interval < DAY:
        return (room if feed.poll_seq < _APART else DRIFT * interval) * share
    return until_fresh(wait.arrivals, now + interval, room, share)
