"""Moments as people type them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aggregator.cli.moment import moment
from aggregator.errors import UsageError

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("7d", NOW - timedelta(days=7)),
        ("90s", NOW - timedelta(seconds=90)),
        ("2026-11-24", datetime(2026, 11, 23, 15, 0, tzinfo=UTC)),
        ("2026-11-24T10:00", datetime(2026, 11, 24, 1, 0, tzinfo=UTC)),
        ("2026-11-24T10:00:00Z", datetime(2026, 11, 24, 10, 0, tzinfo=UTC)),
    ],
)
def test_a_date_a_time_and_a_duration_are_moments(text, at):
    assert moment(text, NOW, TOKYO) == at


def test_anything_else_is_wrong_usage():
    with pytest.raises(UsageError, match="yesterday"):
        moment("yesterday", NOW, TOKYO)
