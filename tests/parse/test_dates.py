"""Dates as publishers write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.dates import parse_date
from tests.parse.feeds import read_one

EVENING = datetime(2025, 3, 18, 14, 45, tzinfo=UTC)  # 23:45 in Japan


@pytest.mark.parametrize(
    "raw",
    [
        "Tue, 18 Mar 2025 23:45:00 JST", "Tue, 18 Mar 2025 23:45:00 +0900", "Tue, 18 Mar 2025 23:45 +0900 (JST)",
        "18 Mar 25 23:45 JST", "Tue 18 March 2025 23:45:00 GMT+9", "Tue, 18 Mar 2025 14:45:00 GMT", "Tue, 18 Mar 2025 14:45:00 UT",
        "Tue, 18 Mar 2025 09:45:00 EST", "Tue, 18 Mar 2025 10:45:00 EDT", "Tue, 18 Mar 2025 14:45:00 XYZ", "tue, 18 mar 2025 14:45:00 z",
        "2025-03-18T23:45:00+09:00", "2025-03-18T23:45:00.000+0900", "2025-03-18T14:45Z", "2025-03-18 14:45:00 UTC",
        "2025-03-18 23:45:00 +0900 JST", "20250318T144500Z", "2025/03/18 23:45", "2025.3.18 23:45", "2025-03-18 23:45:00",
        "2025年3月18日 23時45分", "2025年3月18日(火) 23:45", "2025年 3月 18日（火曜日）23時45分00秒", "令和7年3月18日 午後11時45分",
        "２０２５年３月１８日　２３：４５", "R7年3月18日 23:45", "平成37年3月18日 23:45", "March 18, 2025 11:45 PM", "Mar 18, 2025, 11:45 p.m. JST",
        "Tuesday, March 18, 2025 at 11:45 PM", "Tue Mar 18 23:45:00 2025", "Tue Mar 18 23:45:00 JST 2025", "18.03.2025 23:45", "18/03/2025 23:45",
        "Di, 18 Mär 2025 15:45:00 +0100", "mar., 18 mars 2025 15:45:00 +0100", "18 de marzo de 2025 15:45 +0100", "1742309100", "1742309100000",
        "  Tue, 18 Mar 2025 23:45:00\n+0900 ",
    ],
)  # fmt: skip
def test_many_ways_to_write_one_moment(raw: str) -> None:
    assert parse_date(raw, "Asia/Tokyo") == EVENING


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2025-03-18", datetime(2025, 3, 17, 15, tzinfo=UTC)),
        ("2025-03", datetime(2025, 2, 28, 15, tzinfo=UTC)),
        ("令和元年5月1日", datetime(2019, 4, 30, 15, tzinfo=UTC)),
        ("昭和64年1月7日 午前6時半", datetime(1989, 1, 6, 21, 30, tzinfo=UTC)),
        ("2025年3月18日午後0時15分", datetime(2025, 3, 18, 3, 15, tzinfo=UTC)),
        ("Tue, 18 Mar 2025 24:00:00 +0900", datetime(2025, 3, 18, 15, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("Thu, 29 Feb 2024 00:00:00 GMT", datetime(2024, 2, 29, tzinfo=UTC)),
        ("Mon, 01 Jan 1970 00:00:00 GMT", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1 Jan 99 00:00 GMT", datetime(1999, 1, 1, tzinfo=UTC)),
        ("12:30 PM", None),
    ],
)
def test_odd_moments(raw: str, expected: datetime | None) -> None:
    assert parse_date(raw, "Asia/Tokyo") == expected


@pytest.mark.parametrize(
    "raw",
    ["", " ", "yesterday", "昨日", "2025-02-30", "2025-13-01", "Tue, 18 Foo 2025 00:00:00 GMT", "0000-01-01", "2025-03-18T25:00:00Z",
     "2025-03-18T10:60:00Z", "99999-01-01", "9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+10:00", "令和7年13月1日", "1" * 100_000, "-5"],
)  # fmt: skip
def test_what_is_no_date_is_none(raw: str) -> None:
    assert parse_date(raw, "Asia/Tokyo") is None


def test_a_time_without_a_zone_is_in_the_given_one_else_utc_else_in_japan_if_japanese() -> None:
    assert parse_date("2025-03-18 10:00", "America/New_York") == datetime(
        2025, 3, 18, 14, tzinfo=UTC
    )
    assert parse_date("2025-03-18 10:00") == datetime(2025, 3, 18, 10, tzinfo=UTC)
    assert parse_date("2025-03-18 10:00", "No/Where") == datetime(2025, 3, 18, 10, tzinfo=UTC)
    assert parse_date("2025-03-18 10:00", "../etc/passwd") == datetime(2025, 3, 18, 10, tzinfo=UTC)
    assert parse_date("2025年3月18日 10:00") == datetime(2025, 3, 18, 1, tzinfo=UTC)
    assert parse_date("2025年3月18日 10:00", "UTC") == datetime(2025, 3, 18, 10, tzinfo=UTC)


def test_feedparser_is_asked_for_the_rest() -> None:
    # Greek, as feedparser knows it.
    entry = read_one("<title>x</title><pubDate>Κυρ, 11 Ιούλ 2004 12:00:00 EST</pubDate>")
    assert entry.published == datetime(2004, 7, 11, 17, tzinfo=UTC)


@given(
    raw=st.text(max_size=60)
    | st.from_regex(r"[0-9年月日時分:/ .+-]{0,40}")
    | st.datetimes().map(str),
    zone=st.sampled_from([None, "Asia/Tokyo", "Europe/Kyiv", "x"]),
)
def test_any_text_is_a_moment_or_none(raw: str, zone: str | None) -> None:
    found = parse_date(raw, zone)
    assert found is None or found.tzinfo is UTC


@given(moment=st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001  # hypothesis wants them so
def test_what_we_write_we_read(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    for form in (
        "%Y-%m-%dT%H:%M:%SZ",
        "%a, %d %b %Y %H:%M:%S GMT",
        "%Y年%m月%d日 %H時%M分%S秒 UTC",
    ):
        assert parse_date(whole.strftime(form), "Asia/Tokyo") == whole
