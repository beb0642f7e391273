"""A progress bar on standard error, where a person looks on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aggregator.pipeline.progress import Progress, unseen


@contextmanager
def shown(*, quiet: bool) -> Iterator[Progress]:
    """Yield what a step reports to: a bar when standard error is a terminal, else nothing."""
    if quiet or not sys.stderr.isatty():
        yield unseen
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    with Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bars:
        tasks = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield report
