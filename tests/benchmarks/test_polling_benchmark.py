"""The parts that the benchmark's figures rest on: the meter, the origin, the count of entries."""

import sys
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from benchmarks.documents import State
from benchmarks.meter import measure
from benchmarks.origin import Origin
from benchmarks.peers import Aggregator

_ORPHAN = """
import subprocess, sys
child = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', sys.argv[1]]); print(); time.sleep(60)"
burn = "import time\\nwhile time.process_time() < 0.6: pass"
process = subprocess.Popen([sys.executable, "-u", "-c", child, burn], stdout=subprocess.PIPE)
process.stdout.readline()
process.kill(); process.wait(); print("done")
"""


def test_the_seconds_of_an_orphan_are_counted() -> None:
    cost = measure([sys.executable, "-c", _ORPHAN])
    assert cost.output == "done\n"
    assert 0.6 < cost.cpu < 2.0
    assert cost.tree >= cost.main > 0


def test_the_origin_answers_conditionally_and_its_dates_move() -> None:
    with Origin(3) as origin:
        url = origin.urls[2]
        with urlopen(url) as answer:
            first, headers = answer.read(), answer.headers
        again = Request(url, headers={"If-None-Match": headers["ETag"]})
        with pytest.raises(HTTPError, match="304") as refused:
            urlopen(again)
        refused.value.close()
        origin.stamp()
        with urlopen(again) as answer:
            assert answer.read() != first
            moved = parsedate_to_datetime(answer.headers["Last-Modified"])
        assert moved > parsedate_to_datetime(headers["Last-Modified"])
        origin.forget(True)
        with urlopen(again) as answer:
            assert answer.headers["ETag"] is None


def test_new_entries_push_old_ones_out() -> None:
    with Origin(1) as origin:
        (document,) = origin.documents
        before, after = document.articles(State()), document.articles(State(added=3))
        assert after[3:] == before[:-3]
        published = origin.published()
        origin.add(3)
        assert origin.published() == published + 3
        with urlopen(origin.urls[0]) as answer:
            assert answer.read().count(b"<item>") == document.window


def test_a_round_of_ours_stores_every_entry(tmp_path: Path) -> None:
    with Origin(4) as origin:
        program = Aggregator(tmp_path / "aggregator")
        program.configure(origin.urls)
        cost = program.run()
        assert cost.status == 0, cost.complaints
        assert program.entries() == origin.published()
