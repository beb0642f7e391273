"""Sources: list, add, remove, show, discover, OPML in and out. Edits keep comments."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.session import Session, print_json, say
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from aggregator.model.change import PollRecord
    from aggregator.model.feed import Feed
    from aggregator.model.identifiers import SourceId
    from aggregator.settings.configuration import Configuration
    from aggregator.store.store import Store

sources_app = typer.Typer(help="The sources in sources.yaml.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    sources_app.command("list")(list_sources)
    sources_app.command("show")(show)
    sources_app.command("add")(add)
    sources_app.command("remove")(remove)
    sources_app.command("discover")(discover)
    sources_app.command("import")(import_opml)
    sources_app.command("export")(export_opml)
    app.add_typer(sources_app, name="sources")


def list_sources(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the sources and how their feeds are."""
    session: Session = context.obj
    feeds = _feeds(session)
    found = session.configuration()
    if as_json:
        print_json(
            [
                {
                    "id": source.id,
                    "name": source.name,
                    "enabled": source.enabled,
                    "feeds": [
                        {"url": feed.url, "standing": feeds[feed.url].standing.value}
                        if feed.url in feeds
                        else {"url": feed.url, "standing": "new"}
                        for feed in source.feeds
                    ],
                }
                for source in found.sources
            ]
        )
        return
    for source in found.sources:
        state = "" if source.enabled else "  (not enabled)"
        say(f"{source.id}  {source.name}{state}")
        for feed in source.feeds:
            stored = feeds.get(feed.url)
            standing = stored.standing.value if stored is not None else "new"
            say(f"    {standing:12} {feed.url}")


def show(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Id of a source.")],
) -> None:
    """Show a source: its feeds, their last and next polls, and what is wrong."""
    session: Session = context.obj
    found = next((one for one in session.configuration().sources if one.id == source), None)
    if found is None:
        raise UsageError(f"{source}: no such source in sources.yaml")
    say(f"{found.name} ({found.id})")
    feeds = _last_polls(session, found.id)
    for spec in found.feeds:
        say(f"  {spec.url}")
        if spec.url not in feeds:
            say("    not polled yet")
            continue
        feed, last = feeds[spec.url]
        say(f"    {feed.standing.value}" + (f": {feed.failure}" if feed.failure else ""))
        if feed.last_poll_at is not None:
            say(f"    last poll {feed.last_poll_at:%Y-%m-%d %H:%M} UTC")
        reason = f" ({last.message})" if last and last.message and not feed.failure else ""
        say(f"    next poll {feed.next_poll_at:%Y-%m-%d %H:%M} UTC{reason}")


def add(
    context: typer.Context,
    url_or_name: Annotated[str, typer.Argument(help="A feed, a page, or a name we know.")],
    source_id: Annotated[str | None, typer.Option("--id", help="Id of the new source.")] = None,
) -> None:
    """Add a source to sources.yaml: by its feed, by its page, or by the name of a known outlet."""
    from aggregator.daemon.subscribe import subscribe

    session: Session = context.obj
    for line in subscribe(session.configuration(), session.data, url_or_name, source_id):
        say(line)


def remove(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Id of a source.")],
) -> None:
    """Remove a source from sources.yaml; what it brought stays in the archive."""
    from aggregator.settings.edit import remove_source

    session: Session = context.obj
    if source not in {one.id for one in session.configuration().sources}:
        raise UsageError(f"{source}: no such source in sources.yaml")
    remove_source(session.config / "sources.yaml", source)
    say(f"{source}: removed")


def discover(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A page.")],
) -> None:
    """List the feeds that a page offers; nothing is changed."""
    from aggregator.daemon.subscribe import discover as look

    session: Session = context.obj
    found = look(session.configuration(), url)
    for link in found:
        guess = "(a guess: not looked at)" if link.type == "guess" else ""
        say(f"{link.url}  {link.title or guess}".rstrip())
    if not found:
        raise UsageError(f"{url}: no feed found")


def import_opml(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An OPML file.")],
) -> None:
    """Add every feed of an OPML file to sources.yaml; known ones are left out."""
    from aggregator.daemon.subscribe import subscribe_opml

    session: Session = context.obj
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    for line in subscribe_opml(session.configuration(), file):
        say(line)


def export_opml(context: typer.Context) -> None:
    """Print the sources as OPML."""
    from aggregator.pipeline.subscriptions import sources_opml

    session: Session = context.obj
    say(sources_opml(session.configuration().sources).decode().rstrip())


def _feeds(session: Session) -> "dict[str, Feed]":
    async def work(store: "Store", configuration: "Configuration") -> "dict[str, Feed]":
        del configuration
        return {feed.url: feed for feed in await store.feeds()}

    return session.with_store(work)


def _last_polls(
    session: Session, source: "SourceId"
) -> "dict[str, tuple[Feed, PollRecord | None]]":
    """Return a source's feeds by address, each with its last poll."""

    async def work(
        store: "Store", configuration: "Configuration"
    ) -> "dict[str, tuple[Feed, PollRecord | None]]":
        del configuration
        feeds = await store.feeds([source])
        records = [await store.poll_records(feed.id, 1) for feed in feeds]
        return {
            feed.url: (feed, record[0] if record else None)
            for feed, record in zip(feeds, records, strict=True)
        }

    return session.with_store(work)
