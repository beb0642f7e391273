from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.freshness import LONGEST_MAX_AGE, LONGEST_RETRY, SHORTEST_RETRY, freshness_of
from tests.fetch.conftest import NOW


def http_date(delta: timedelta) -> str:
    return format_datetime(NOW + delta, usegmt=True)


def wait(status: int, **headers: str) -> timedelta | None:
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    not_before = freshness_of(status, named, NOW.replace(microsecond=0)).not_before
    return None if not_before is None else not_before - NOW


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"cache_control": "max-age=3600"}, HOUR),
        ({"cache_control": 'public, MAX-AGE="3600"'}, HOUR),
        ({"cache_control": "max-age=3600", "age": "600"}, timedelta(seconds=3000)),
        ({"cache_control": "max-age=3600", "age": "nonsense"}, HOUR),
        ({"cache_control": "max-age=3600", "age": "7200"}, None),
        ({"cache_control": "max-age=3600, no-cache"}, None),
        ({"cache_control": "no-store, max-age=3600"}, None),
        ({"cache_control": "max-age=315360000, no-cache"}, None),
        ({"cache_control": "max-age=315360000"}, LONGEST_MAX_AGE),
        ({"cache_control": "max-age=" + "9" * 400}, LONGEST_MAX_AGE),
        ({"cache_control": "max-age=0"}, None),
        ({"cache_control": "max-age=-5"}, None),
        ({"cache_control": "max-age=soon"}, None),
        ({"cache_control": "max-age=60, max-age=7200"}, timedelta(seconds=60)),
        ({"cache_control": "max-age=60", "expires": http_date(HOUR)}, timedelta(seconds=60)),
        ({"expires": http_date(HOUR)}, HOUR),
        ({"expires": http_date(HOUR), "date": http_date(-HOUR)}, 2 * HOUR),
        ({"expires": http_date(-HOUR)}, None),
        ({"expires": "0"}, None),
        ({"expires": "-1"}, None),
        ({"expires": http_date(HOUR), "cache_control": "no-cache"}, None),
        ({"expires": http_date(timedelta(days=3000))}, LONGEST_MAX_AGE),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 -2359"}, None),
        ({"age": "3600"}, None),
        ({}, None),
    ],
)
def test_a63_the_freshness_of_a_document(headers, expected):
    assert wait(200, **headers) == wait(304, **headers) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3600", HOUR),
        (" 3600 ", HOUR),
        ("0", SHORTEST_RETRY),
        ("1000000000000", LONGEST_RETRY),
        ("1e12", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        (http_date(HOUR), HOUR),
        (http_date(-HOUR), SHORTEST_RETRY),
        (http_date(timedelta(days=900)), LONGEST_RETRY),
    ],
)
def test_a62_retry_after_in_both_forms_is_clamped(value, expected):
    for status in (429, 503, 301, 302, 304, 307):
        assert wait(status, retry_after=value) == expected


def test_retry_after_counts_only_where_it_means_something():
    assert wait(200, retry_after="3600") is None
    assert wait(404, retry_after="3600") is None
    assert wait(500, retry_after="3600") is None


def test_a_429_with_max_age_waits_for_the_later_of_both():
    assert wait(429, retry_after="60", cache_control="max-age=3600") == HOUR
    assert wait(429, retry_after="7200", cache_control="max-age=3600") == 2 * HOUR


def test_only_429_and_503_speak_for_the_whole_host():
    assert [
        s for s in (200, 301, 304, 404, 429, 500, 503) if freshness_of(s, {}, NOW).whole_host
    ] == [
        429,
        503,
    ]


def test_a_servers_wrong_clock_does_no_harm():
    years = timedelta(days=3000)
    assert wait(200, expires=http_date(HOUR - years), date=http_date(-years)) == HOUR
    assert wait(503, retry_after=http_date(HOUR + years), date=http_date(years)) == HOUR


@given(
    st.sampled_from([200, 304, 429, 503, 301]),
    st.dictionaries(
        st.sampled_from(["Cache-Control", "Age", "Expires", "Date", "Retry-After"]),
        st.text(max_size=40)
        | st.integers().map(str)
        | st.integers().map("max-age={}".format)
        | st.timedeltas(timedelta(-9999), timedelta(9999)).map(http_date),
    ),
)
def test_whatever_the_headers_say_the_wait_is_bounded(status, headers):
    not_before = freshness_of(status, headers, NOW).not_before
    assert not_before is None or NOW < not_before <= NOW + LONGEST_RETRY
