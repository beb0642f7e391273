"""Configuration: a commented start, and every error with its place."""

from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.session import Session, say


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init")(init)
    app.command("check")(check)


def init(
    directory: Annotated[Path, typer.Argument(help="Where to write the files.")] = Path("config"),
) -> None:
    """Write a commented starter configuration; existing files stay as they are."""
    from aggregator.settings.starter import write_starter

    for file in write_starter(directory):
        say(str(file))


def check(context: typer.Context) -> None:
    """Check the configuration; report every error with file:line:column."""
    from aggregator.daemon.extras import missing_extras

    session: Session = context.obj
    found = session.configuration()
    feeds = sum(len(source.feeds) for source in found.sources if source.enabled)
    say(
        f"{session.config}: good: {len(found.sources)} sources, {feeds} feeds to poll, "
        f"{len(found.topics)} topics, {len(found.outputs)} outputs"
    )
    for line in missing_extras(found):
        say(line)
