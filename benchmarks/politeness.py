"""Thirty days of a thousand feeds under a virtual clock: what polling them costs and brings.

    python -m benchmarks.politeness [--feeds 1000] [--days 30] [--seed 1]
    python -m benchmarks.politeness --score     the sheet C1-C26, point by point

Pollers that live through the same publications (benchmarks/publishers.py):

    aggregator    schedule.settle(), as the daemon uses it
    hourly        every feed once an hour, whatever happens
    hourly, polite   the same, but keeping ttl, max-age, skipHours, and daily without validators: what
                  the publishers' wishes alone cost in delay
    miniflux      the `entry_frequency` formula of Miniflux 2.3, written afresh: 7 days / entries of
                  the last week, within 5 minutes and 24 hours, at least ttl and max-age
    miniflux x    the same with its factor chosen so that it makes as many requests as ours

All of them send validators and take gzip; MiB is what goes over the wire, 304s included. Below them
stands the bound (benchmarks/bound.py): the least mean delay that the wishes and the sheet leave to a
poller that knows every feed's rates, for as many requests as ours and for 60 % of the hourly
poller's; and for these, what a poller of our manners could reach that knew them. The mean goes over entries: the few busy feeds that ask for a day weigh most in it. A last
table says where our delay and the bound's come from, by what the publishers ask for.

Last come the real poll sequences of the corpus, through the daemon's own parse, identify and
schedule (benchmarks/replay.py).
"""

import argparse
import re
import sys
import time
from collections.abc import Sequence

import pytest

from aggregator.schedule.settle import CadenceOptions
from benchmarks.bound import Bound, needed_interval
from benchmarks.pollers import (
    Tally,
    equal_factor,
    every,
    miniflux,
    polite_hour,
    poll_by_settle,
    run,
    together,
)
from benchmarks.publishers import Publisher, publishers
from benchmarks.replay import print_replays

BUDGET = 0.6  # of an hourly poller's requests


def report(name: str, tally: Tally, hourly: Tally) -> None:
    """Print one line."""
    print(
        f"{name:<16}{tally.requests:>9}{tally.requests / hourly.requests:>6.0%}{tally.bodies:>9}"
        f"{tally.received / 2**20:>8.0f}{tally.mean():>8.1f}{tally.percentile(0.95):>7.0f}"
        f"{len(tally.delays):>9}{tally.lost:>7}{tally.avoidable:>11}{len(tally.breaches):>8}"
    )


def report_bound(bound: Bound, requests: float, hourly: Tally, name: str = "bound") -> None:
    """Print what no poller can better with so many requests."""
    mean, taken = bound.at(requests)
    print(f"{name:<16}{taken:>9.0f}{taken / hourly.requests:>6.0%}{'':>17}{mean:>8.1f}")


def report_wishes(feeds: Sequence[Publisher], ours: Sequence[Tally], days: int) -> None:
    """Print where our delay and the bound's come from, by what the publishers ask for.

    `share` is the part of the mean over all entries, in minutes: these add up to the first table's.
    """
    total = together(ours)
    patience = Bound(feeds, days).patience(total.requests)
    print(
        f"\n{'asked for':<22}{'feeds':>6}{'requests':>10}{'mean':>8}{'share':>8}"
        f"{'bound: requests':>18}{'mean':>8}{'share':>8}"
    )
    for wish in sorted({publisher.asks() for publisher in feeds}):
        chosen = [number for number, publisher in enumerate(feeds) if publisher.asks() == wish]
        tally = together(ours[number] for number in chosen)
        mean, requests = Bound([feeds[number] for number in chosen], days).cost(patience)
        part = len(tally.delays) / max(1, len(total.delays))
        print(
            f"{wish:<22}{len(chosen):>6}{tally.requests:>10}{tally.mean():>8.1f}{tally.mean() * part:>8.1f}"
            f"{requests:>18.0f}{mean:>8.1f}{mean * part:>8.1f}"
        )


def simulate(feeds: Sequence[Publisher], days: int) -> None:
    """Let all pollers live through the same days, and print what they got of which feeds."""
    options = CadenceOptions()
    ours = run(feeds, lambda publisher, tally: poll_by_settle(publisher, days, tally, options))
    factor = equal_factor(feeds, days, together(ours).requests)
    rows = [
        ("aggregator", ours),
        ("hourly", run(feeds, every(days, lambda *_: 1.0))),
        ("hourly, polite", run(feeds, every(days, polite_hour))),
        ("miniflux", run(feeds, every(days, miniflux(1.0)))),
        (f"miniflux x{factor:.2f}", run(feeds, every(days, miniflux(factor)))),
    ]
    for title, wanted in (
        ("all feeds", lambda _: True),
        (
            "feeds whose publishers ask for no more than an hour",
            lambda one: not one.is_demanding(),
        ),
        ("the others: ttl, max-age, quiet hours, or no validators", Publisher.is_demanding),
    ):
        chosen = [number for number, publisher in enumerate(feeds) if wanted(publisher)]
        print(
            f"\n{title} ({len(chosen)})\n"
            f"{'':<16}{'requests':>9}{'':>6}{'bodies':>9}{'MiB':>8}{'mean':>8}{'p95':>7}{'entries':>9}"
            f"{'lost':>7}{'avoidable':>11}{'breach':>8}"
        )
        sums = [(name, together(tallies[n] for n in chosen)) for name, tallies in rows]
        hourly = sums[1][1]
        for name, tally in sums:
            report(name, tally, hourly)
        bound = Bound([feeds[number] for number in chosen], days)
        report_bound(bound, sums[0][1].requests, hourly)
        report_bound(bound, BUDGET * hourly.requests, hourly)
        ours_at_best = Bound([feeds[number] for number in chosen], days, needed_interval)
        report_bound(ours_at_best, BUDGET * hourly.requests, hourly, "our manners")
    report_wishes(feeds, ours, days)
    for breach in sorted({breach for tally in ours for breach in tally.breaches}):
        print(f"  breach: {breach}: {sum(tally.breaches.count(breach) for tally in ours)}")


POINTS = {
    1: "If-None-Match is the last ETag, byte for byte",
    2: "If-Modified-Since is the last Last-Modified, byte for byte",
    3: "both are sent where both are known",
    4: "validators are replaced after every 200, even of the same body",
    5: "validators stay with their URL",
    6: "one unconditional request per feed in thirty days, restarts included",
    7: "an hour at least by default; a day without validators",
    8: "max-age less Age is kept to, after 200, 304 and 429",
    9: "odd cache headers neither stop nor hasten a feed",
    10: "Retry-After of 429 and 503 counts for the whole domain",
    11: "429 and 403 without it: four hours, doubling",
    12: "ttl and sy:update* lengthen, never shorten",
    13: "skipHours and skipDays are skipped",
    14: "after a silent month, daily at most",
    15: "a restart or reload asks nobody early",
    16: "the first fetch is the only first fetch",
    17: "stable jitter, nobody on the hour",
    18: "one connection at a time per registrable domain or platform, two seconds apart",
    19: "an import is spread: one in two seconds, one a minute per domain",
    20: "one user agent with name, version and contact",
    21: "feed types in Accept, gzip, no cookie, no referrer, no query of ours",
    22: "a permanent move is stored after proof, a temporary one never",
    23: "410 ends it, 404 becomes rare",
    24: "no icons; articles once, by robots.txt",
    25: "delta encoding (A-IM: feed)",
    26: "WebSub slows polling to daily; our outputs do the same for others",
}
LEFT_OUT = frozenset({25})
SHEETS = (
    "tests/schedule/test_politeness_sheet.py",
    "tests/pipeline/test_politeness_sheet.py",
    "tests/pipeline/test_websub.py",
    "tests/flows/test_sources.py",
)


class ScoreKeeper:
    """A pytest plugin: which points the tests named `test_cNN_...` prove."""

    def __init__(self) -> None:
        self.passed: dict[int, int] = {}
        self.failed: dict[int, int] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests that are about a point."""
        items[:] = [item for item in items if self._points(item.nodeid)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one test, by every point in its name."""
        counts = self.passed if report.passed else self.failed
        if report.when == "call" or not report.passed:
            for point in self._points(report.nodeid):
                counts[point] = counts.get(point, 0) + 1

    def holds(self, point: int) -> bool:
        """Tell whether a point is proven."""
        return self.passed.get(point, 0) > 0 and not self.failed.get(point)

    @staticmethod
    def _points(name: str) -> list[int]:
        return [int(digits) for digits in re.findall(r"_c(\d\d)(?=_)", name)]


def score() -> bool:
    """Run the sheet's tests and print it; tell whether every point but those left out holds."""
    keeper = ScoreKeeper()
    pytest.main(["-q", "--no-header", "-p", "no:randomly", *SHEETS], plugins=[keeper])
    print()
    for point, words in POINTS.items():
        state = "left out" if point in LEFT_OUT else "pass" if keeper.holds(point) else "FAIL"
        tests = keeper.passed.get(point, 0) + keeper.failed.get(point, 0)
        print(f"C{point:<4}{state:<10}{tests:>3} tests  {words}")
    reached = sum(keeper.holds(point) for point in POINTS.keys() - LEFT_OUT)
    print(f"\n{reached} of {len(POINTS) - len(LEFT_OUT)} points")
    return reached == len(POINTS) - len(LEFT_OUT)


def main() -> None:
    """Run and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--score", action="store_true", help="print the sheet C1-C26")
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.score:
        sys.exit(0 if score() else 1)
    begun = time.perf_counter()
    print(f"{chosen.feeds} feeds, {chosen.days} days, seed {chosen.seed}; delays in minutes")
    simulate(list(publishers(chosen.feeds, chosen.days, chosen.seed)), chosen.days)
    print_replays()
    print(f"\n{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
