"""A pipe that nobody reads holds nobody up, and what was lost is counted (B33)."""

import json
import os
import subprocess
import sys

import pytest

from aggregator.observe.sink import Sink

FULL = """
import sys
from aggregator.observe.log import configure_logging, get_log
configure_logging(sys.argv[1], waits=False)
for number in range(3000):
    get_log("poll").info("polled", number=number, padding="x" * 500)
print("done", flush=True)
sys.stdin.readline()
get_log("poll").info("read again")
"""


@pytest.fixture
def pipe():
    """Make a pipe; yields (the end to read, the end to write)."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def fill(descriptor: int) -> int:
    """Fill a pipe to the brim; return how many bytes are in it."""
    os.set_blocking(descriptor, False)
    written = 0
    try:
        while True:
            written += os.write(descriptor, b"." * 512)
    except BlockingIOError:
        os.set_blocking(descriptor, True)
    return written


def test_lines_come_out_in_order_and_whole(pipe):
    reading, writing = pipe
    sink = Sink(writing)
    for number in range(100):
        sink.write(f"行{number}\n")
    sink.drain(10)
    lines = os.read(reading, 65536).decode().splitlines()
    assert lines == [f"行{number}" for number in range(100)]


def test_b33_who_writes_to_a_full_pipe_goes_on_at_once_and_what_is_lost_is_counted(pipe):
    reading, writing = pipe
    filled = fill(writing)
    sink = Sink(writing, lambda lines: f"{lines} lost\n")
    for _ in range(3000):
        sink.write("line\n")
    sink.drain(0.01)  # waits no longer than told
    came = b""
    while not came.endswith(b" lost\n"):
        came += os.read(reading, 65536)
    *lines, lost = came[filled:].decode().splitlines()
    assert lines == ["line"] * len(lines)
    assert lost == f"{3000 - len(lines)} lost"
    assert len(lines) < 1010


def test_b33_a_reader_that_has_gone_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    sink = Sink(writing)
    sink.write("x\n")
    sink.drain(10)
    sink.write("y\n")
    sink.drain(10)
    os.close(writing)


def test_a_terminal_that_asks_to_wait_is_waited_for(pipe):
    reading, writing = pipe
    filled = fill(writing)
    os.set_blocking(writing, False)
    sink = Sink(writing)
    sink.write("late\n")
    assert len(os.read(reading, filled)) == filled
    sink.drain(10)
    assert os.read(reading, 100) == b"late\n"


@pytest.mark.parametrize("form", ["text", "json"])
def test_b33_a_daemons_log_that_nobody_reads_is_no_hindrance(form):
    logging = subprocess.Popen(
        [sys.executable, "-c", FULL, form],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert logging.stdout is not None
    assert logging.stdout.readline() == "done\n"  # with its log full to the brim
    _, said = logging.communicate("\n", timeout=60)
    assert logging.returncode == 0
    lines = said.splitlines()
    assert 1000 < len(lines) < 1500
    (missing,) = [line for line in lines if "lines_dropped" in line]
    if form == "json":
        assert json.loads(missing)["lines_dropped"] >= 1500
    else:
        assert "warning log: nobody read the log lines_dropped=" in missing


def test_a_process_ends_though_its_log_is_blocked():
    blocked = FULL.replace('get_log("poll").info("read again")', "")
    logging = subprocess.Popen(
        [sys.executable, "-c", blocked, "text"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert logging.stdin is not None
    logging.stdin.write(b"\n")
    logging.stdin.close()
    assert logging.wait(60) == 0
    for stream in (logging.stdout, logging.stderr):
        assert stream is not None
        stream.close()
