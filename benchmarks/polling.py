"""What polling costs, beside other programs in the same run on the same origin.

    python -m benchmarks.polling [--feeds 300] [--programs aggregator reader ...] [--json]
    python -m benchmarks.polling --growth-feeds 100 1000 10000 --programs aggregator
    python -m benchmarks.polling --growth-entries 10000 100000 1000000
    python -m benchmarks.polling --daemon 1000000 --feeds 5000

Scenarios, in this order, on one and the same data of each program:

    cold     nothing is known
    304      nothing has changed, and the origin says so (the best of three rounds after a first one)
    same     the origin, without validators now, answers 200 with the bytes of before
    other    each document was built anew: other bytes, the same entries
    new      each feed has three new entries

Processor seconds are those of the whole tree of processes, less a start with an empty list of
feeds. A program that has not stored every entry ends the benchmark.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.growth import Shortfall, grow_entries, grow_feeds
from benchmarks.meter import Cost
from benchmarks.origin import Origin
from benchmarks.peers import PROGRAMS, Program
from benchmarks.resident import print_memory

SCENARIOS: Final = ("cold", "304", "same", "other", "new")
BARS: Final = {"cold": 62.0, "304": 0.9, "same": 1.5, "other": 3.0, "new": 12.0}  # aggregator's
_NEW: Final = 3
_RUNS: Final = {"304": 4}  # the first apart: in it newsboat writes everything again
_MB: Final = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One program in one scenario."""

    program: str
    scenario: str
    feeds: int
    cpu: float  # seconds per 1,000 feeds, start-up subtracted
    wall: float  # seconds, start-up included
    tree: float  # MB resident at most, all processes
    main: float  # of the first process
    worker: float  # of the largest other one
    stored: float  # MB on disk
    entries: int


def _checked(program: Program, cost: Cost, expected: int) -> Cost:
    if cost.status:
        raise Shortfall(f"{program.name}: status {cost.status}: {cost.complaints[-1500:]}")
    if (found := program.entries()) != expected:
        raise Shortfall(
            f"{program.name}: {found} entries stored of {expected}: {cost.complaints[-1500:]}"
        )
    return cost


def _startup(kind: type[Program], folder: Path) -> Cost:
    """Return the cheapest of three rounds without feeds, which some programs call an error."""
    program = kind(folder)
    program.configure([])
    return min((program.run() for _ in range(3)), key=lambda cost: cost.cpu)


def _result(program: Program, scenario: str, feeds: int, cost: Cost, startup: Cost) -> Result:
    return Result(
        program=program.name,
        scenario=scenario,
        feeds=feeds,
        cpu=(cost.cpu - startup.cpu) / feeds * 1000,
        wall=cost.wall,
        tree=cost.tree / _MB,
        main=cost.main / _MB,
        worker=cost.largest_other / _MB,
        stored=program.stored() / _MB,
        entries=program.entries(),
    )


def compare(
    kinds: Sequence[type[Program]], feeds: int, folder: Path, tell: Callable[[Result], None]
) -> list[Result]:
    """Run all scenarios; the programs take turns in each."""
    startups = {kind: _startup(kind, folder / "empty" / kind.name) for kind in kinds}
    programs = [kind(folder / kind.name) for kind in kinds]
    results = []
    with Origin(feeds) as origin:
        for program in programs:
            program.configure(origin.urls)
        for scenario in SCENARIOS:
            if scenario == "other":
                origin.stamp()
            elif scenario == "new":
                origin.add(_NEW)
            for program in programs:
                origin.forget(scenario == "same")
                costs = [
                    _checked(program, program.run(), origin.published())
                    for _ in range(_RUNS.get(scenario, 1))
                ]
                origin.forget(False)
                cost = min(costs[1:] or costs, key=lambda cost: cost.cpu)
                result = _result(program, scenario, feeds, cost, startups[type(program)])
                tell(result)
                results.append(result)
        text = origin.text() / _MB
        whole = origin.published() / (origin.published() - feeds * _NEW)
    _print_store(results, text * whole)
    return results


def _tell(result: Result) -> None:
    print(
        f"{result.program:11} {result.scenario:6} {result.cpu:8.2f} CPU s/1,000 feeds  "
        f"{result.feeds / result.wall:7.0f} feeds/s  tree {result.tree:5.0f} MB  main {result.main:5.0f}  "
        f"worker {result.worker:4.0f}  store {result.stored:6.1f} MB  {result.entries} entries",
        file=sys.stderr,
        flush=True,
    )


def _print_store(results: list[Result], text: float) -> None:
    print(f"text published: {text:.1f} MB")
    for result in results:
        if result.scenario == "new":
            print(
                f"  {result.program:11} keeps {result.stored:6.1f} MB = {result.stored / text:.2f} times the text"
            )


def _print_table(results: list[Result]) -> None:
    """Print processor seconds per 1,000 feeds, program by scenario, and how many times ours that is."""
    by = {(one.program, one.scenario): one for one in results}
    print("\nCPU s per 1,000 feeds, start-up subtracted (times ours)")
    print("| program | " + " | ".join(SCENARIOS) + " | peak MB | store MB |")
    print("|---" * (len(SCENARIOS) + 3) + "|")
    for program in dict.fromkeys(one.program for one in results):
        cells = []
        for scenario in SCENARIOS:
            one, ours = by[program, scenario], by.get(("aggregator", scenario))
            times = f" ({one.cpu / ours.cpu:.1f})" if ours and program != "aggregator" else ""
            cells.append(f"{one.cpu:.2f}{times}")
        peak = max(one.tree for one in results if one.program == program)
        print(f"| {program} | {' | '.join(cells)} | {peak:.0f} | {by[program, 'new'].stored:.1f} |")
    if ("aggregator", "cold") in by:
        print("| bar | " + " | ".join(f"{BARS[name]:.1f}" for name in SCENARIOS) + " | | |")
    if {("aggregator", "cold"), ("reader", "cold")} <= by.keys():
        share = by["aggregator", "cold"].wall / by["reader", "cold"].wall
        print(f"\ncold wall: {share:.2f} of reader's")


def _compare_and_print(
    kinds: Sequence[type[Program]], feeds: int, folder: Path, as_json: bool
) -> None:
    results = compare(kinds, feeds, folder, _tell)
    if as_json:
        print(json.dumps([asdict(result) for result in results], indent=1))
    else:
        _print_table(results)


def _main() -> None:
    names = [kind.name for kind in PROGRAMS]
    parser = argparse.ArgumentParser(
        description="Measure what polling costs, beside other programs."
    )
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--programs", nargs="+", choices=names, default=names)
    parser.add_argument("--growth-feeds", nargs="+", type=int, metavar="COUNT")
    parser.add_argument("--growth-entries", nargs="+", type=int, metavar="COUNT")
    parser.add_argument(
        "--daemon", type=int, metavar="STORED", help="the memory of `aggregator run`"
    )
    parser.add_argument("--turns", type=int, default=3, help="rounds of each size that grows")
    parser.add_argument("--folder", type=Path, help="keep what the programs write here")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    kinds = []
    for kind in PROGRAMS:
        if kind.name in options.programs:
            if (why := kind.missing()) is not None:
                print(f"{kind.name}: skipped: {why}", file=sys.stderr)
            else:
                kinds.append(kind)
    with TemporaryDirectory(prefix="polling-") as temporary:
        folder = options.folder or Path(temporary)
        try:
            if options.growth_feeds:
                grow_feeds(options.growth_feeds, options.turns, folder)
            elif options.growth_entries:
                grow_entries(options.growth_entries, options.feeds, options.turns, folder)
            elif options.daemon:
                print_memory(options.feeds, options.daemon, folder)
            else:
                _compare_and_print(kinds, options.feeds, folder, options.json)
        except Shortfall as shortfall:
            sys.exit(str(shortfall))


if __name__ == "__main__":
    _main()
