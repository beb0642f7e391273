"""The loopback newsroom behaves like real outlets."""

import urllib.error
import urllib.request
from datetime import UTC, datetime

import feedparser
import pytest

from aggregator.demo.news import OUTLETS, RELEASES
from aggregator.demo.newsroom import Newsroom

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def script():
    """The seconds that have passed, in a list so that a test can turn them."""
    return [0.0]


@pytest.fixture
def newsroom(script):
    with Newsroom(OUTLETS, RELEASES, START, lambda: script[0]) as opened:
        yield opened


@pytest.mark.parametrize("outlet", [one.id for one in OUTLETS if one.format != "json"])
def test_every_feed_is_read_without_complaint(newsroom, script, outlet):
    script[0] = 1000
    with urllib.request.urlopen(newsroom.feed_url(outlet)) as answer:
        parsed = feedparser.parse(answer.read())
    assert not parsed.bozo
    assert len(parsed.entries) == len(newsroom.items(outlet)) > 0
    assert all(entry.link.startswith(newsroom.base(outlet)) for entry in parsed.entries)


def test_a_feed_grows_with_time_and_answers_304_while_it_does_not(newsroom, script):
    url = newsroom.feed_url("chuo")
    with urllib.request.urlopen(url) as answer:
        etag, before = answer.headers["ETag"], answer.read()
    again = urllib.request.Request(url, headers={"If-None-Match": etag})
    with pytest.raises(urllib.error.HTTPError, match="304"):
        urllib.request.urlopen(again)
    script[0] = 10
    with urllib.request.urlopen(again) as answer:
        assert len(answer.read()) > len(before)


def test_a_later_release_of_an_item_changes_it_under_the_same_address(newsroom, script):
    script[0] = 9
    flash = next(one for one in newsroom.items("chuo") if one.release.item == "talks")
    script[0] = 33
    report = next(one for one in newsroom.items("chuo") if one.release.item == "talks")
    assert flash.release.title != report.release.title
    assert flash.published == report.published
    assert report.updated > flash.updated


def test_an_article_s_page_is_there(newsroom):
    with urllib.request.urlopen(f"{newsroom.base('minato')}/articles/budget") as answer:
        assert "予算" in answer.read().decode()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{newsroom.base('minato')}/articles/none")
