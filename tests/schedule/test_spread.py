import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.identifiers import FeedUrl, HostKey
from aggregator.schedule.settle import first_polls, may_be_asked
from aggregator.schedule.spread import fraction
from tests.schedule.conftest import HOUR, NOW, URL, make_feed


def firsts(total: int, running: bool, hosts: int = 10_000) -> list[timedelta]:
    new = [(FeedUrl(f"{URL}/{n}"), HostKey(f"{n % hosts}.example")) for n in range(total)]
    return [due - NOW for due in first_polls(new, NOW, running)]


@pytest.mark.parametrize(("total", "running"), [(50, True), (50, False), (2000, False)])
def test_a_first_round_is_at_once(total, running):
    assert set(firsts(total, running)) == {timedelta(0)}


def test_many_feeds_imported_into_a_running_daemon_come_one_in_two_seconds_at_most():
    dues = sorted(firsts(500, running=True))
    gaps = [after - before for before, after in itertools.pairwise(dues)]
    assert min(gaps) >= timedelta(seconds=2)
    assert len(set(gaps)) > 400  # not to a beat


@pytest.mark.parametrize("hosts", [1, 7, 60])
def test_of_one_host_they_come_one_a_minute_at_most(hosts):
    dues = firsts(200, running=True, hosts=hosts)
    for host in range(hosts):
        gaps = [after - before for before, after in itertools.pairwise(dues[host::hosts])]
        assert min(gaps) >= timedelta(seconds=59)
    together = [after - before for before, after in itertools.pairwise(sorted(dues))]
    assert min(together) >= timedelta(seconds=2)


@given(st.text())
def test_a_feeds_share_of_the_jitter_is_always_the_same(url):
    assert 0 <= fraction(FeedUrl(url)) == fraction(FeedUrl(url)) < 1


def test_jitter_is_spread_evenly():
    shares = [fraction(FeedUrl(f"{URL}/{n}")) for n in range(1000)]
    assert 0.45 < sum(shares) / 1000 < 0.55
    assert sum(share < 0.1 for share in shares) in range(60, 140)


def test_a_feed_may_be_asked_early_unless_its_publisher_said_otherwise():
    assert may_be_asked(make_feed(next_poll_at=NOW + HOUR), NOW)
    assert may_be_asked(make_feed(not_before=NOW), NOW)
    assert not may_be_asked(make_feed(not_before=NOW + HOUR), NOW)
    assert not may_be_asked(make_feed(enabled=False), NOW)
