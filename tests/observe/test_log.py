"""What a line of the log looks like whatever strangers put into it."""

import json
import subprocess
import sys

import pytest

SAY = """
import logging, sys
from aggregator.observe.log import configure_logging, get_log
configure_logging(sys.argv[1])
hostile = "a\\r\\n12:00:00 error poll: forged\\x1b[31m\\u2028\\x85" + "x" * 1_000_000
get_log("poll").info("polled", title=hostile)
logging.getLogger("aiohttp").warning("Can not load cookies: %s", hostile)
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_a74_strangers_text_makes_one_bounded_line_without_control_characters(form):
    done = subprocess.run(
        [sys.executable, "-c", SAY, form], capture_output=True, text=True, check=True
    )
    lines = done.stderr.removesuffix("\n").split("\n")
    assert len(lines) == 2
    for line in lines:
        assert len(line) < 2048 + 200
        assert line.isprintable()
        assert "\\x0d\\x0a12:00:00" in (
            json.loads(line)["title" if line is lines[0] else "event"] if form == "json" else line
        )
