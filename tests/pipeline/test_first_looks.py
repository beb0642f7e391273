"""A document that `sources add` has fetched is the first poll's (C16)."""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model.exchange import Fetched, Freshness
from aggregator.model.feed import Validators
from aggregator.model.identifiers import FeedUrl
from aggregator.pipeline.first_looks import FirstLooks

NOW = datetime(2026, 11, 23, 9, 7, tzinfo=UTC)
URL = FeedUrl("https://news.example/feed")
DOCUMENT = Fetched(
    url="https://news.example/other",
    body=b"line\nline \xff",
    content_type="application/rss+xml",
    charset="utf-8",
    validators=Validators(etag='W/"1"', url="https://news.example/other"),
    freshness=Freshness(not_before=NOW + timedelta(hours=2)),
    hub="https://hub.example/",
    received=9,
    seconds=0.5,
)


def test_it_comes_back_whole_and_once(tmp_path):
    looks = FirstLooks(tmp_path / "first-looks")
    looks.keep(URL, DOCUMENT, NOW)
    assert looks.take(FeedUrl("https://other.example/"), NOW) is None
    assert looks.take(URL, NOW + timedelta(minutes=59)) == DOCUMENT
    assert looks.take(URL, NOW) is None


@pytest.mark.parametrize("later", [timedelta(hours=2), timedelta(minutes=-5)])
def test_what_is_old_or_from_the_future_is_not_used(tmp_path, later):
    looks = FirstLooks(tmp_path)
    looks.keep(URL, DOCUMENT, NOW)
    assert looks.take(URL, NOW + later) is None
    assert looks.take(URL, NOW) is None


@pytest.mark.parametrize("rubbish", [b"", b"\xff\xff", b"{}\n", b"[1]\nx", b'{"at":"x"}\n'])
def test_a_damaged_file_is_as_none(tmp_path, rubbish):
    looks = FirstLooks(tmp_path)
    looks.keep(URL, DOCUMENT, NOW)
    (file,) = tmp_path.iterdir()
    file.write_bytes(rubbish)
    assert looks.take(URL, NOW) is None
