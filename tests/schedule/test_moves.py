from dataclasses import replace

from aggregator.schedule.moves import poll_url
from aggregator.schedule.settle import News, settle
from tests.schedule.conftest import (
    DAY,
    NOW,
    OPTIONS,
    URL,
    failed,
    fetched,
    make_feed,
    unchanged,
)

NEW = "https://new.example/feed"
NEWS = News(known=20, total=20)


def after_moves(count: int, apart=DAY, start=NOW):
    """Return the feed, and the time, after so many polls that were redirected for good."""
    feed, now = make_feed(), start
    for _ in range(count):
        feed, _plan = settle(feed, fetched(moved_to=NEW, url=NEW), NEWS, OPTIONS, now)
        now += apart
    return feed, now


def test_a55_one_redirect_is_followed_and_not_believed():
    feed, now = after_moves(1)
    assert (feed.moved_to, feed.moved_seen, feed.moved_since) == (NEW, 1, NOW)
    assert poll_url(feed, now) == URL
    feed, _ = settle(feed, fetched(), NEWS, OPTIONS, now)
    assert (feed.moved_to, feed.moved_seen, feed.moved_since) == (None, 0, None)


def test_a55_ten_polls_over_seven_days_are_proof():
    assert poll_url(*after_moves(10)) == NEW
    assert poll_url(*after_moves(9)) == URL
    assert poll_url(*after_moves(20, DAY / 10)) == URL


def test_a_304_at_the_end_of_the_chain_counts_as_well():
    feed, now = after_moves(9)
    feed, _ = settle(feed, unchanged(moved_to=NEW, url=NEW), None, OPTIONS, now)
    assert feed.moved_seen == 10


def test_another_target_starts_the_count_anew():
    feed, now = after_moves(5)
    feed, _ = settle(feed, fetched(moved_to="https://third.example/"), NEWS, OPTIONS, now)
    assert (feed.moved_seen, feed.moved_since) == (1, now)


def test_a_failure_proves_nothing_either_way():
    feed, now = after_moves(5)
    feed, _ = settle(feed, failed(), None, OPTIONS, now)
    assert feed.moved_seen == 5


def test_c22_a_proven_move_stays_while_its_new_address_answers():
    feed, now = after_moves(10)
    feed, _ = settle(feed, fetched(url=NEW), NEWS, OPTIONS, now)
    assert poll_url(feed, now) == NEW


def test_a_new_address_that_fails_three_times_sends_us_back_to_the_old_one():
    feed, now = after_moves(10)
    for _ in range(3):
        assert poll_url(feed, now) == NEW
        feed, _plan = settle(feed, failed(404), None, OPTIONS, now)
    assert poll_url(feed, now) == URL
    feed, _ = settle(feed, fetched(url=URL), NEWS, OPTIONS, now)
    assert feed.moved_to is None


def test_a_feed_without_any_move_is_asked_at_its_own_address():
    assert poll_url(make_feed(), NOW) == URL
    assert poll_url(replace(make_feed(), moved_to=NEW), NOW) == URL
