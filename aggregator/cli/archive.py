"""The archive in the terminal: search, stories, export, import, stats."""

import contextlib
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer

from aggregator.cli.session import Session, complain, print_json, say
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from aggregator.daemon.newsroom import Newsroom
    from aggregator.model.identifiers import SourceId
    from aggregator.model.query import FiledEntry, StoryFile
    from aggregator.settings.configuration import Configuration
    from aggregator.store.store import Store

stories_app = typer.Typer(help="Stories in the archive.", no_args_is_help=True)
export_app = typer.Typer(help="JSON Lines out.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("search")(search)
    app.command("import")(import_)
    app.command("stats")(stats)
    stories_app.command("list")(list_stories)
    stories_app.command("show")(show_story)
    export_app.command("entries")(export_entries)
    export_app.command("stories")(export_stories)
    app.add_typer(stories_app, name="stories")
    app.add_typer(export_app, name="export")


Since = Annotated[
    str | None, typer.Option("--since", help="A date, a time or a duration such as 7d.")
]
_PROBLEMS_SHOWN: Final = 20  # of lines that an import refuses
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def search(
    context: typer.Context,
    query: Annotated[list[str], typer.Argument(help="Words; all must occur.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many entries.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Find entries by words of their title and summary, newest first."""
    from aggregator.model.query import SearchQuery

    session: Session = context.obj

    async def work(
        store: "Store", configuration: "Configuration"
    ) -> "tuple[tuple[FiledEntry, ...], dict[SourceId, str]]":
        found = (await store.search(SearchQuery(text=" ".join(query), limit=limit))).items
        return found, await _outlets(store, configuration)

    found, outlets = session.with_store(work)
    if as_json:
        print_json([_entry_json(one, outlets) for one in found])
        return
    zone = _zone(session)
    for one in found:
        say(_entry_line(one, outlets, zone))
    if not found:
        complain("nothing found")


def list_stories(
    context: typer.Context,
    topic: Annotated[str | None, typer.Option(help="Only of this topic.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many stories.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the newest stories."""
    from aggregator.model.identifiers import TopicId
    from aggregator.model.query import StoryQuery
    from aggregator.pipeline.export_lines import story_object

    session: Session = context.obj

    async def work(store: "Store", configuration: "Configuration") -> "tuple[StoryFile, ...]":
        del configuration
        topics = (TopicId(topic),) if topic is not None else ()
        page = await store.stories(StoryQuery(topics=topics, muted=True, limit=limit))
        return await store.story_files([story.id for story in page.items])

    files = session.with_store(work)
    if as_json:
        print_json([story_object(file) for file in files])
        return
    zone = _zone(session)
    for file in files:
        story = file.story
        at = story.updated_at.astimezone(zone)
        sources = f"{len(story.sources)} source{'s' if len(story.sources) > 1 else ' '}"
        say(f"{story.id}  {at:%m-%d %H:%M}  {sources}  {story.title}")


def show_story(
    context: typer.Context,
    story: Annotated[str, typer.Argument(help="Id of a story, or of an entry in it.")],
    as_json: AsJson = False,
) -> None:
    """Show a story with every report, in order of arrival."""
    from aggregator.pipeline.export_lines import story_object

    session: Session = context.obj

    async def work(
        store: "Store", configuration: "Configuration"
    ) -> "tuple[StoryFile, dict[SourceId, str]]":
        where = await store.locate(story)
        files = await store.story_files([where.story]) if where is not None else ()
        if not files:
            raise UsageError(f"{story}: no such story")
        return files[0], await _outlets(store, configuration)

    file, outlets = session.with_store(work)
    if as_json:
        print_json(story_object(file))
        return
    zone = _zone(session)
    say(file.story.title)
    say(
        f"{file.story.id}  {len(file.entries)} reports, {len(file.story.sources)} sources, "
        f"{file.story.independent} independent"
    )
    for one in file.entries:
        mark = "*" if one.entry.id == file.story.lead else " "
        say(f"{mark} {_entry_line(one, outlets, zone)}")


def export_entries(context: typer.Context, since: Since = None) -> None:
    """Print every stored entry as a line of JSON, copies and hidden ones too."""
    from aggregator.pipeline.export_lines import export_entries as lines

    _export(context.obj, lines, since)


def export_stories(context: typer.Context, since: Since = None) -> None:
    """Print every story as a line of JSON."""
    from aggregator.pipeline.export_lines import export_stories as lines

    _export(context.obj, lines, since)


def _export(session: Session, lines: Any, since: str | None) -> None:
    from aggregator.cli.moment import moment

    async def work(store: "Store", configuration: "Configuration") -> None:
        zone = ZoneInfo(configuration.settings.timezone)
        start = moment(since, await store.now(), zone) if since is not None else None
        names = await _outlets(store, configuration)
        objects: AsyncIterator[dict[str, Any]] = lines(store, names, start)
        async for one in objects:
            print_json(one)
        sys.stdout.flush()

    session.with_store(work)


@contextlib.contextmanager
def _in_a_file(file: Path) -> Iterator[Path]:
    """Lend the lines as a file, also where they come from standard input."""
    if file == Path("-"):
        with tempfile.NamedTemporaryFile(suffix=".jsonl") as spooled:
            shutil.copyfileobj(sys.stdin.buffer, spooled)
            spooled.flush()
            yield Path(spooled.name)
    elif file.is_file():
        yield file
    else:
        raise UsageError(f"{file}: no such file")


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSON Lines; - for standard input.", exists=False)],
    as_json: AsJson = False,
) -> None:
    """Take a past stream in, in order of time, and understand it as it would have been live."""
    session: Session = context.obj
    with _in_a_file(file) as lines:

        async def work(newsroom: "Newsroom") -> Any:
            return await newsroom.import_file(lines)

        report = session.with_newsroom(work)
    problems = [f"{file}:{problem.line}: {problem.message}" for problem in report.problems]
    for problem in problems if session.verbose else problems[:_PROBLEMS_SHOWN]:
        complain(problem)
    if len(problems) > _PROBLEMS_SHOWN and not session.verbose:
        complain(f"and {len(problems) - _PROBLEMS_SHOWN} more; -v names them all")
    if as_json:
        print_json(
            {
                "lines": report.lines,
                "new_entries": report.new,
                "updated_entries": report.updated,
                "refused": len(report.problems),
            }
        )
    else:
        say(
            f"{report.lines} lines: {report.new} new entries, {report.updated} updated, "
            f"{len(report.problems)} refused"
        )
    raise typer.Exit(1 if report.problems else 0)


def stats(context: typer.Context, as_json: AsJson = False) -> None:
    """Count what is stored."""
    session: Session = context.obj

    async def work(store: "Store", configuration: "Configuration") -> Any:
        del configuration
        return await store.stats()

    found = session.with_store(work)
    counts = {
        "sources": found.sources,
        "feeds": found.feeds,
        "entries": found.entries,
        "copies": found.copies,
        "stories": found.stories,
        "store_bytes": found.store_bytes,
        "waiting": found.log,
        "withdrawn": found.withdrawn,
    }
    if as_json:
        print_json(counts | {"entries_by_source": dict(found.by_source)})
        return
    for name, count in counts.items():
        say(f"{name.replace('_', ' '):12} {count:>12,}")


def _zone(session: Session) -> ZoneInfo:
    return ZoneInfo(session.configuration().settings.timezone)


async def _outlets(store: "Store", configuration: "Configuration") -> "dict[SourceId, str]":
    """Return the names of all outlets, polled or imported, by source."""
    from aggregator.pipeline.outlets import imported_outlets

    polled = {source.id: source.name for source in configuration.sources}
    return await imported_outlets(store) | polled


def _entry_line(one: "FiledEntry", outlets: "Mapping[SourceId, str]", zone: ZoneInfo) -> str:
    entry = one.entry
    at: datetime = (entry.published or entry.first_seen_at).astimezone(zone)
    outlet = outlets.get(entry.source, entry.source)
    return f"{entry.id}  {at:%Y-%m-%d %H:%M}  {outlet}  {entry.title}  {entry.url or ''}".rstrip()


def _entry_json(one: "FiledEntry", outlets: "Mapping[SourceId, str]") -> dict[str, Any]:
    from aggregator.pipeline.export_lines import entry_object

    return entry_object(one, None, outlets.get(one.entry.source, one.entry.source))
