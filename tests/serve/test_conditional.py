from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.serve.conditional import (
    accepts_gzip,
    http_date,
    matches,
    prefers_html,
    unchanged_since,
)

AT = datetime(2026, 11, 24, 5, 45, 18, tzinfo=UTC)
OURS = ('"abc"', '"abc-gz"')


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ('"abc"', '"abc"'),
        ('W/"abc"', '"abc"'),
        ('"old", W/"abc-gz" ,"x"', '"abc-gz"'),
        ("*", '"abc"'),
        ('"old"', None),
        ("abc", None),
        ("", None),
    ],
)
def test_tags_are_compared_weakly_and_in_lists(held: str, found: str | None) -> None:
    assert matches(held, OURS) == found


def test_dates_are_compared_to_the_second() -> None:
    assert unchanged_since(http_date(AT), AT)
    assert unchanged_since(http_date(AT), AT + timedelta(microseconds=900_000))
    assert unchanged_since("Tue, 24 Nov 2026 05:45:18 -0000", AT)
    assert not unchanged_since(http_date(AT - timedelta(seconds=1)), AT)
    assert not unchanged_since("yesterday", AT)


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip;q=none", False),
        ("br", False),
        ("", False),
    ],
)
def test_gzip_is_taken_only_by_those_who_say_so(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


@pytest.mark.parametrize(
    ("header", "page"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("application/xhtml+xml,text/html;q=0.9", True),
        ("application/rss+xml, application/xml, text/html;q=0.8", False),
        ("text/html;q=0.5, application/atom+xml", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_only_who_wants_a_page_first_gets_a_page(header: str, page: bool) -> None:
    assert prefers_html(header) is page


@given(st.text())
def test_no_header_is_too_odd(header: str) -> None:
    matches(header, OURS)
    unchanged_since(header, AT)
    accepts_gzip(header)
    prefers_html(header)
