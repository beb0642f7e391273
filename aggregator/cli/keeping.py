"""Keeping the data: backup, restore, doctor."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.session import Session, say
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from aggregator.settings.configuration import Configuration
    from aggregator.store.store import Store


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("doctor")(doctor)


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write the copy.")],
) -> None:
    """Write a sound copy of the database, also while the daemon works."""
    session: Session = context.obj
    reply = session.carry_out("backup", str(file.resolve()))
    if reply.status == 0:
        say(f"{reply.output['file']}: {reply.output['bytes']:,} bytes")
    raise typer.Exit(reply.status)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A copy that `backup` wrote.")],
) -> None:
    """Put a copy back; what was there is kept beside it."""
    from aggregator.daemon.lock import DataLock
    from aggregator.daemon.restore import restore as put_back

    session: Session = context.obj
    session.configure_logging()
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    configuration = session.configuration()
    with DataLock(session.data):
        kept = put_back(configuration, session.data, file)
    say(f"restored from {file}" + (f"; what was there is {kept}" if kept is not None else ""))


def doctor(context: typer.Context) -> None:
    """Say in plain words what is wrong and what to do."""
    from aggregator.daemon.doctor import findings

    session: Session = context.obj

    async def work(store: "Store", configuration: "Configuration") -> list[str]:
        return await findings(store, configuration, session.data)

    found = session.with_store(work)
    for line in found:
        say(line)
    if not found:
        say("nothing is wrong")
    raise typer.Exit(1 if found else 0)
