"""What is wrong with a feed, said once and in plain words."""

from datetime import timedelta

import pytest

from aggregator.model.feed import ArrivalHistory, FeedStanding
from aggregator.model.incident import IncidentKind
from aggregator.schedule.advice import troubles_of
from tests.schedule.conftest import NOW, make_feed

BUSY = ArrivalHistory(window=20, overlap=0.5, last_arrival_at=NOW - timedelta(hours=1))


def kinds(**values):
    return [trouble.kind for trouble in troubles_of(make_feed(**values), NOW)]


def test_make_feed_that_is_well_needs_no_advice():
    assert kinds(standing=FeedStanding.OK, arrivals=BUSY) == []
    assert not troubles_of(make_feed(standing=FeedStanding.OK, arrivals=BUSY), NOW)
    assert kinds(standing=FeedStanding.NEW, arrivals=ArrivalHistory()) == []


@pytest.mark.parametrize(
    ("standing", "kind"),
    [
        (FeedStanding.REFUSED, IncidentKind.REFUSED),
        (FeedStanding.MISSING, IncidentKind.MISSING),
        (FeedStanding.GONE, IncidentKind.GONE),
        (FeedStanding.QUARANTINED, IncidentKind.QUARANTINED),
    ],
)
def test_each_bad_standing_has_its_advice_in_both_languages(standing, kind):
    feed = make_feed(standing=standing, failures=1, failure="403: refused", failing_since=NOW)
    (trouble,) = troubles_of(feed, NOW)
    assert trouble.kind is kind
    assert (trouble.source, trouble.feed) == (feed.source, feed.url)
    japanese = troubles_of(feed, NOW, "ja")[0].advice
    assert japanese != trouble.advice
    assert "{" not in japanese + trouble.advice


def test_two_failures_pass_by_themselves_and_three_are_worth_a_word():
    failing = {"standing": FeedStanding.FAILING, "failure": "timeout", "arrivals": BUSY}
    assert kinds(**failing, failures=2) == []
    assert kinds(**failing, failures=3) == [IncidentKind.FAILING]
    advice = troubles_of(make_feed(**failing, failures=3, failing_since=NOW), NOW)[0].advice
    assert advice is not None
    assert advice.startswith("timeout (3 times in a row, since 20")


def test_what_is_missing_is_looked_for_on_its_own_site():
    missing = make_feed(
        url="https://news.example/rss/1.xml",
        standing=FeedStanding.MISSING,
        failure="404: no such page",
        failing_since=NOW,
    )
    (trouble,) = troubles_of(missing, NOW)
    assert trouble.advice.startswith(f"404: no such page (since {NOW:%Y-%m-%d}): ")
    assert "`aggregator sources discover https://news.example/`" in trouble.advice


def test_a_move_is_told_of_once_it_was_seen_three_times():
    moved = {"standing": FeedStanding.OK, "moved_to": "https://new.example/feed", "arrivals": BUSY}
    assert kinds(**moved, moved_seen=2) == []
    (trouble,) = troubles_of(make_feed(**moved, moved_seen=3), NOW)
    assert trouble.kind is IncidentKind.MOVED
    assert "url: https://new.example/feed" in trouble.advice


def test_two_weeks_without_news_are_silence_unless_it_fails_anyway():
    quiet = ArrivalHistory(window=20, overlap=1.0, last_arrival_at=NOW - timedelta(days=15))
    assert kinds(standing=FeedStanding.OK, arrivals=quiet) == [IncidentKind.SILENT]
    refused = {"standing": FeedStanding.REFUSED, "failure": "403"}
    assert kinds(**refused, arrivals=quiet) == [IncidentKind.REFUSED]


def test_a_document_that_knows_nothing_of_the_one_before_may_have_lost_entries():
    turned = ArrivalHistory(window=20, overlap=0.0, last_arrival_at=NOW)
    assert kinds(standing=FeedStanding.OK, arrivals=turned) == [IncidentKind.LOST]
    single = ArrivalHistory(window=1, overlap=0.0, last_arrival_at=NOW)
    assert kinds(standing=FeedStanding.OK, arrivals=single) == []
