"""What a line of the log looks like whatever strangers put into it."""

import json
import subprocess
import sys

import pytest

SAY = """
import logging, sys
from aggregator.observe.log import configure_logging, get_log
configure_logging(sys.argv[1])
hostile = "a\\r\\n12:00:00 error poll: forged\\x1b[31m\\u2028\\u202e\\x85" + "停戦\\x1b" * 500_000
log, library = get_log("poll"), logging.getLogger("aiohttp")
log.info("polled", title=hostile)
log.info("polled", title=hostile, feed=hostile, why=hostile, count=7)
log.info("polled", problems=[hostile, hostile], error=ValueError(hostile))
library.warning("Can not load cookies: %s", hostile)
try:
    raise ValueError(hostile)
except ValueError:
    log.exception("a step failed")
"""
STORM = """
import logging
from aggregator.observe.log import configure_logging
configure_logging()
for number in range(1000):
    logging.getLogger("aiohttp").warning("Can not load cookie %d", number)
logging.getLogger("aiohttp").warning("something else")
"""


def said(program: str, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    return done.stderr.removesuffix("\n").split("\n")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a74_strangers_text_makes_one_bounded_line_without_control_characters(form):
    lines = said(SAY, form)
    assert len(lines) == 5
    for line in lines:
        assert 1000 < len(f"{line}\n".encode()) <= 2048
        assert line.isprintable()
        assert "停戦" in line
        if form == "json":
            assert json.loads(line)["event"]
    assert all("\\x0d\\x0a12:00:00" in line.replace("\\\\", "\\") for line in lines[:2])
    assert "count" in lines[1]  # what is short stays whole beside what is long
    assert "ValueError" in lines[4]


def test_a74_a_value_with_quotes_is_no_further_field():
    quoting = """
from aggregator.observe.log import configure_logging, get_log
configure_logging()
get_log("poll").info("polled", title='x" count="9')
"""
    (line,) = said(quoting)
    assert line.endswith('poll: polled title="x\\" count=\\"9"')


def test_a69_what_opens_a_feed_is_not_in_the_log():
    opening = """
import logging
from aggregator.observe.log import configure_logging, get_log
configure_logging()
url = "https://me:s3cret@news.example/rss?id=7&Access_Token=s3cret&key=s3cret#x"
get_log("poll").info("failed", feed=url, why=f"no answer from {url}, tried twice")
logging.getLogger("aiohttp").warning("Unclosed %s", url)
"""
    mine, library = said(opening)
    assert "s3cret" not in mine + library
    assert "feed=https://***@news.example/rss?id=7&Access_Token=***&key=***#x " in mine
    assert mine.endswith('#x, tried twice"')


def test_a74_a_storm_of_warnings_is_one_line():
    lines = said(STORM)
    assert [line.partition("aiohttp: ")[2] for line in lines] == [
        "Can not load cookie 0",
        "something else",
    ]
