"""What a feed and a new entry cost as there are more of them: is it flat?

Each size has a process that stays (rounds.py) and takes its rounds in turn with those of the other sizes,
so that what the machine does meanwhile befalls all of them, and no start is in any figure. One feed is
polled before anything is measured: what a process does once in its life is done then. Figures are medians
over rounds. A round that did not reach every feed, or brought another number of new entries than there
are, ends the benchmark, and so does a store that does not hold every entry.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.archive import fill
from benchmarks.origin import Origin
from benchmarks.peers import Aggregator
from benchmarks.rounds import Round, Rounds

_NEW: Final = 3
_SMALL: Final = (
    1000  # feeds up to which a size is measured several times over, each on a store of its own
)
_REPEATS: Final = 3


class Shortfall(Exception):
    """Not every feed answered, or not every entry is stored."""


@dataclass(slots=True)
class _Size:
    """One of the sizes that are compared."""

    name: str
    feeds: int
    program: Aggregator
    expected: int = 0  # entries that its store must hold
    rounds: Rounds = field(init=False)
    costs: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def database(self) -> Path:
        return self.program.folder / "data" / "aggregator.db"

    def start(self) -> Rounds:
        """Start its process, and let it do once what it does once: one feed is polled."""
        folder = self.program.folder
        self.rounds = Rounds(folder / "config", folder / "data")
        self.expected += self.rounds.poll("outlet-0").new
        return self.rounds

    def poll(self, scenario: str, new: int) -> None:
        """Take one round, note what it cost, and see that nothing is missing."""
        done = self.rounds.poll()
        self.expected += new
        self._check(scenario, done, new)
        self.costs[scenario].append(done.cpu)

    def _check(self, scenario: str, done: Round, new: int) -> None:
        found = self.program.entries()
        if (done.answered, done.new, found) != (self.feeds, new, self.expected):
            raise Shortfall(
                f"{self.name}, {scenario}: {done.answered} of {self.feeds} feeds answered, "
                f"{done.new} of {new} entries were new, {found} of {self.expected} are stored"
            )


def grow_feeds(counts: Sequence[int], turns: int, folder: Path) -> None:
    """Print what every scenario costs at several numbers of feeds."""
    with ExitStack() as stack:
        origin = stack.enter_context(Origin(max(counts)))
        window = [document.window for document in origin.documents]
        sizes = []
        for repeat in range(_REPEATS):
            for count in counts:
                if repeat and count > _SMALL:
                    continue
                size = _size(f"{count} feeds", folder / f"{count}-{repeat}", origin.urls[:count])
                sizes.append(size)
                stack.enter_context(size.start())
                size.poll("cold", sum(window[1:count]))
                _tell(size, "cold")
        _scenarios(origin, sizes, turns)
        _print(sizes)


def grow_entries(counts: Sequence[int], feeds: int, turns: int, folder: Path) -> None:
    """Print what the daily scenarios cost on stores that hold more and more entries of long ago."""
    with ExitStack() as stack:
        origin = stack.enter_context(Origin(feeds))
        sizes = []
        for count in counts:
            size = _size(f"{count} entries", folder / f"entries-{count}", origin.urls)
            with size.start():
                size.poll("cold", origin.published() - origin.documents[0].window)
            fill(size.database, count)
            size.expected = max(count, size.expected)
            stack.enter_context(size.start())
            sizes.append(size)
        origin.stamp()  # nor is it measured how the parser is started
        for size in sizes:
            size.poll("other", 0)
            size.costs.clear()
        _scenarios(origin, sizes, turns)
        _print(sizes)


def _size(name: str, folder: Path, urls: Sequence[str]) -> _Size:
    program = Aggregator(folder)
    program.configure(urls)
    return _Size(name, len(urls), program)


def _scenarios(origin: Origin, sizes: Sequence[_Size], turns: int) -> None:
    """Let all sizes live through the same days, in turns."""
    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("304", lambda: None),
        ("other", origin.stamp),
        ("new", lambda: origin.add(_NEW)),
    )
    for turn in range(turns):
        first = turn % len(sizes)  # nobody has the same neighbours in every turn
        for scenario, step in steps:
            step()
            for size in (*sizes[first:], *sizes[:first]):
                size.poll(scenario, size.feeds * _NEW * (scenario == "new"))
                _tell(size, scenario)


def _tell(size: _Size, scenario: str) -> None:
    print(
        f"{size.name:16} {scenario:6} {size.costs[scenario][-1] * 1000 / size.feeds:8.3f} CPU s per 1,000 feeds",
        file=sys.stderr,
        flush=True,
    )


def _print(sizes: Sequence[_Size]) -> None:
    """Print medians, and how many times those of the first size they are."""
    costs: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for size in sizes:
        for scenario, seconds in size.costs.items():
            costs[size.name][scenario] += [one * 1000 / size.feeds for one in seconds]
    first = next(iter(costs.values()))
    print("CPU s per 1,000 feeds, medians (times the first row's), number of rounds")
    print("| | " + " | ".join(first) + " | rounds |")
    print("|---" * (len(first) + 2) + "|")
    for name, by in costs.items():
        cells = [
            f"{median(seconds):.2f} ({median(seconds) / median(first[scenario]):.2f})"
            for scenario, seconds in by.items()
        ]
        print(f"| {name} | {' | '.join(cells)} | {len(by['304'])} |", flush=True)
