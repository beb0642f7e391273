"""Texts of strangers that were made to be slow: a digest of them takes no longer than of others."""

import time

import pytest

from aggregator.digest.key_points import key_points
from tests.digest.build import context, report

HOSTILE = [
    "「" * 20_000,
    "「『（" * 7_000 + "」",
    " " * 20_000 + "。",
    '"' * 20_000,
    "A " * 10_000,
    "By " + "Aa " * 6_000,
    "A. " * 7_000,
    "BERLIN, " * 2_500 + ": x",
    "【" * 20_000,
    "(" * 20_000 + "ロイター",
    "。" * 20_000,
    "1,2." * 5_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_text_is_slow_to_read(text, language):
    filed = report("題", text, language=language, content=f"<p>{text}</p>")
    started = time.perf_counter()
    key_points((filed,), filed, context(language))
    assert time.perf_counter() - started < 1.5
