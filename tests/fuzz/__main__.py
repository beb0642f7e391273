"""Coverage-guided fuzzing of one target: `python -m tests.fuzz read -max_total_time=1800`.

Needs atheris (pip install atheris), which is no dependency. Arguments after the name are libFuzzer's. What it finds
is written to `crash-*`: mend it, and keep the file among the seeds as `found-WHAT`.
"""

import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]  # optional

with atheris.instrument_imports(include=["aggregator", "feedparser"]):
    from tests.fuzz.targets import TARGETS, seeds_of


def main() -> None:
    """Fuzz until the time is up or something breaks."""
    name, *options = sys.argv[1:]
    found = Path("fuzz-corpus") / name
    found.mkdir(parents=True, exist_ok=True)
    arguments = [sys.argv[0], *options, "-timeout=20", str(found), str(seeds_of(name))]
    atheris.Setup(arguments, TARGETS[name])
    atheris.Fuzz()


main()
