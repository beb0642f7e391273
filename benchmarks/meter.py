"""What a command costs: processor time, wall and memory of its whole tree of processes.

The command runs below a process of its own that adopts orphans (PR_SET_CHILD_SUBREAPER) and waits
for every one of them: a worker whose parent was killed would else take its seconds along unseen.
`python -m benchmarks.meter` proves it on a tree whose grandchild outlives its parent.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_PR_SET_CHILD_SUBREAPER: Final = 36
_SAMPLE: Final = 0.05  # seconds between two looks at memory
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run of a command took."""

    cpu: float  # seconds, user and system, of all its processes
    wall: float
    tree: int  # bytes resident, all processes together, at most (shared pages counted in each)
    main: int  # of the command's first process
    largest_other: int  # of its largest child or grandchild
    status: int
    output: str
    complaints: str


def measure(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command and return what it took."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "cost.json"
        subprocess.run(
            [sys.executable, "-m", "benchmarks.meter", str(report), *command],
            env={**os.environ, **(environment or {})},
            check=True,
        )
        return Cost(**json.loads(report.read_text()))


def _run(report: Path, command: Sequence[str]) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "cannot adopt orphans")
    out, err = report.with_name("out"), report.with_name("err")
    started = time.perf_counter()
    with out.open("wb") as output, err.open("wb") as complaints:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=complaints
        )
    watch = _Watch(process.pid)
    status, wall = 0, 0.0
    while True:
        try:
            pid, ended = os.wait()
        except ChildProcessError:
            break
        if pid == process.pid:
            status, wall = os.waitstatus_to_exitcode(ended), time.perf_counter() - started
            process.returncode = status
    watch.stop()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cost = Cost(
        cpu=used.ru_utime + used.ru_stime,
        wall=wall,
        tree=watch.tree,
        main=watch.main,
        largest_other=watch.largest_other,
        status=status,
        output=out.read_text(errors="replace"),
        complaints=err.read_text(errors="replace")[-4000:],
    )
    report.write_text(json.dumps(asdict(cost)))


class _Watch:
    """Looks at the memory of all our descendants until it is stopped."""

    def __init__(self, main: int) -> None:
        self._main = main
        self.tree = self.main = self.largest_other = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        ended = False
        while not ended:
            sizes = {pid: resident(pid) for pid in descendants(os.getpid())}
            self.tree = max(self.tree, sum(sizes.values()))
            self.main = max(self.main, sizes.pop(self._main, 0))
            self.largest_other = max(self.largest_other, *sizes.values(), 0)
            ended = self._ended.wait(_SAMPLE)


def resident(pid: int) -> int:
    """Return the bytes that a process has in memory; 0 once it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def descendants(root: int) -> list[int]:
    """Return the processes below one, whatever their parents became."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found = {root}
    grown = True
    while grown:
        children = {pid for pid, parent in parents.items() if parent in found} - found
        found |= children
        grown = bool(children)
    return sorted(found - {root})


_BURN: Final = """
import sys, time
while time.process_time() < float(sys.argv[1]): pass
"""
_CHILD: Final = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", *sys.argv[1:]])
time.sleep(60)
"""
_FAMILY: Final = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", *sys.argv[1:]])
time.sleep(0.5)
child.kill()
child.wait()
"""


def _prove() -> None:
    """Measure a tree whose grandchild outlives its killed parent: its seconds must be there."""
    seconds = 1.5
    cost = measure([sys.executable, "-c", _FAMILY, _CHILD, _BURN, str(seconds)])
    print(f"a killed child's orphan burnt {seconds} s; counted: {cost.cpu:.2f} s")
    if not seconds < cost.cpu < seconds + 0.5:
        sys.exit("the sum is wrong")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _run(Path(sys.argv[1]), sys.argv[2:])
    else:
        _prove()
