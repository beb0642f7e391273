"""A person's hand: split, join, mute, withdraw."""

from typing import Annotated

import typer

from aggregator.cli.session import Session, say


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("split")(split)
    app.command("join")(join)
    app.command("mute")(mute)
    app.command("withdraw")(withdraw)


def split(
    context: typer.Context,
    entry: Annotated[str, typer.Argument(help="Id of the entry to make a story of its own.")],
) -> None:
    """Take an entry, with its copies, out of its story, for ever."""
    _carry_out(context, "split", entry)


def join(
    context: typer.Context,
    story: Annotated[str, typer.Argument(help="Id of a story, or of an entry in it.")],
    other: Annotated[str, typer.Argument(help="Id of the other.")],
) -> None:
    """Make two stories one, for ever; the older id lives on and the other redirects."""
    _carry_out(context, "join", story, other)


def mute(
    context: typer.Context,
    story: Annotated[str, typer.Argument(help="Id of a story, or of an entry in it.")],
) -> None:
    """Hide a story from every output; the archive keeps it."""
    _carry_out(context, "mute", story)


def withdraw(
    context: typer.Context,
    url_or_entry: Annotated[str, typer.Argument(help="Id of an entry, or a URL.")],
) -> None:
    """Take an entry, or all with a URL, out of everything; it never comes back."""
    _carry_out(context, "withdraw", url_or_entry)


def _carry_out(context: typer.Context, command: str, *arguments: str) -> None:
    session: Session = context.obj
    reply = session.carry_out(command, *arguments)
    if reply.status == 0:
        for story in reply.output["stories"]:
            say(story)
    raise typer.Exit(reply.status)
