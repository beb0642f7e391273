"""Running: the daemon, one round, the outputs as files, the demonstration."""

import asyncio
import logging
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.session import Session, complain, print_json, say

if TYPE_CHECKING:
    from aggregator.daemon.newsroom import Newsroom


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run")(run)
    app.command("poll")(poll)
    app.command("publish")(publish)
    app.command("demo")(demo)


def run(context: typer.Context) -> None:
    """Run the daemon: poll, understand, publish, serve, until it is stopped."""
    from aggregator.cli.summary import summary_of
    from aggregator.daemon.run import Daemon, DaemonOptions
    from aggregator.observe.sink import Sink

    session: Session = context.obj
    session.configure_logging(logging.INFO, waits=False)

    async def summary(newsroom: "Newsroom") -> None:
        if not session.quiet:
            Sink(sys.stdout.fileno()).write(await summary_of(newsroom))

    asyncio.run(
        Daemon(DaemonOptions(config=session.config, data=session.data, first_round=summary)).run()
    )


def poll(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Ids of sources; none: all.")] = None,
    all_feeds: Annotated[
        bool,
        typer.Option(
            "--all", help="Also what is not due by our own cadence; never what a publisher forbade."
        ),
    ] = False,
    defer: Annotated[
        bool, typer.Option("--defer", help="Leave new entries in the log for the next run.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Poll one round now, then understand and publish what came in."""
    session: Session = context.obj
    reply = session.carry_out("poll", *(sources or ()), all=all_feeds, defer=defer)
    if reply.output is not None:
        if as_json:
            print_json(reply.output)
        else:
            found = reply.output
            say(
                f"{found['feeds']} feeds: {found['fetched']} fetched, "
                f"{found['not_modified']} not modified, {found['failed']} failed, "
                f"{found['skipped']} not due; {found['new_entries']} new entries, "
                f"{found['updated_entries']} updated, {found['new_stories']} new stories "
                f"in {found['seconds']:.1f} s"
            )
            for error in found["errors"]:
                complain(f"{error['source']}: {error['feed']}: {error['message']}")
    raise typer.Exit(reply.status)


def publish(context: typer.Context) -> None:
    """Write all outputs as files under data/public/."""
    session: Session = context.obj
    reply = session.carry_out("publish")
    for name in (reply.output or {}).get("documents", ()):
        say(str(session.data / "public" / name))
    raise typer.Exit(reply.status)


def demo(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Where pages are served; 0: any free port.")] = 8080,
) -> None:
    """Show the whole product on sample news, without a network, in a temporary folder."""
    from aggregator.demo.show import show

    session: Session = context.obj
    session.configure_logging(logging.WARNING)
    asyncio.run(show(port, say))
